//! `drupe jupyter`, as a client that speaks ZMTP and Jupyter's protocol by hand. `tests/jupyter` has the rest, with
//! Jupyter's own client.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use serde_json::{Value, json};

use crate::common::{Folder, PATIENCE, Running, child_of, eventually, run, until_gone};

const DELIMITER: &[u8] = b"<IDS|MSG>";

/// A socket of a client.
struct Socket(TcpStream);

impl Socket {
    fn connect(port: u16, kind: &str) -> Self {
        let mut stream = eventually("the kernel", || TcpStream::connect(("127.0.0.1", port)).ok());
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut greeting = [0; 64];
        (greeting[0], greeting[9], greeting[10]) = (0xff, 0x7f, 3);
        greeting[12..16].copy_from_slice(b"NULL");
        stream.write_all(&greeting).unwrap();
        stream.read_exact(&mut greeting).unwrap();
        let length = u8::try_from(kind.len()).unwrap();
        let ready = [&b"\x05READY\x0bSocket-Type\0\0\0"[..], &[length], kind.as_bytes()].concat();
        let mut socket = Self(stream);
        socket.frame(4, &ready);
        let (flags, body) = socket.read_frame();
        assert!(flags == 4 && body.starts_with(b"\x05READY"));
        socket
    }

    fn frame(&mut self, flags: u8, body: &[u8]) {
        let head = match u8::try_from(body.len()) {
            Ok(length) => vec![flags, length],
            Err(_) => [&[flags | 2][..], &(body.len() as u64).to_be_bytes()].concat(),
        };
        self.0.write_all(&[&head, body].concat()).unwrap();
    }

    fn read_frame(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        let length = if head[0] & 2 == 0 {
            usize::from(head[1])
        } else {
            let mut rest = [0; 7];
            self.0.read_exact(&mut rest).unwrap();
            rest.iter().fold(usize::from(head[1]), |length, &byte| length << 8 | usize::from(byte))
        };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (head[0], body)
    }

    /// Sends a request; its header.
    fn request(&mut self, id: &str, kind: &str, content: &Value) {
        let header = json!({ "msg_id": id, "msg_type": kind, "session": "s", "username": "u", "version": "5.0", "later": true });
        let [empty, header, content] = [json!({}), header, content.clone()].map(|part| part.to_string().into_bytes());
        let frames = [DELIMITER, b"", &header, &empty, &empty, &content];
        for (index, frame) in frames.iter().enumerate() {
            self.frame(u8::from(index + 1 < frames.len()), frame);
        }
    }

    /// The next message: its type, the header of its cause, and its content.
    fn message(&mut self) -> (String, Value, Value) {
        let mut frames = Vec::new();
        loop {
            let (flags, body) = self.read_frame();
            frames.push(body);
            if flags & 1 == 0 {
                break;
            }
        }
        let at = frames.iter().position(|frame| frame == DELIMITER).unwrap();
        let json = |index: usize| serde_json::from_slice::<Value>(&frames[at + index]).unwrap();
        (json(2)["msg_type"].as_str().unwrap().to_owned(), json(3), json(5))
    }
}

/// A kernel, and the connection file that names its ports.
struct Kernel {
    process: Running,
    ports: Vec<u16>,
    _folder: Folder,
}

impl Kernel {
    fn start(name: &str, flags: &[&str]) -> Self {
        let folder = Folder::new(name);
        // Free now, and hardly taken before the kernel has them.
        let held: Vec<_> = (0..5).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<_> = held.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
        drop(held);
        let names = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"];
        let mut file = json!({ "ip": "127.0.0.1", "transport": "tcp", "key": "", "signature_scheme": "hmac-sha256" });
        names.iter().zip(&ports).for_each(|(name, port)| file[*name] = json!(port));
        let path = folder.write("kernel.json", &file.to_string());
        let process = Running::start(&[&["jupyter", "run"], flags, &[path.to_str().unwrap()]].concat());
        Self { process, ports, _folder: folder }
    }
}

#[test]
fn a_cell_is_run_and_its_late_output_belongs_to_it() {
    let mut kernel = Kernel::start("jupyter", &[]);
    let mut iopub = Socket::connect(kernel.ports[1], "SUB");
    iopub.frame(0, b"\x01");
    let (kind, parent, content) = iopub.message();
    assert_eq!((&*kind, parent, content), ("iopub_welcome", json!({}), json!({ "subscription": "" })));
    let mut shell = Socket::connect(kernel.ports[0], "DEALER");
    shell.request("one", "execute_request", &json!({ "code": "setTimeout(() => console.log('late'), 20); 6 * 7" }));
    let (kind, parent, reply) = shell.message();
    assert_eq!((&*kind, &reply["status"], &reply["execution_count"]), ("execute_reply", &json!("ok"), &json!(1)));
    // The header of the request comes back whole.
    assert_eq!((&parent["msg_id"], &parent["later"]), (&json!("one"), &json!(true)));
    let mut seen = Vec::new();
    while seen.last().is_none_or(|(kind, _): &(String, Value)| kind != "stream") {
        let (kind, parent, content) = iopub.message();
        if parent["msg_id"] == "one" {
            seen.push((kind, content));
        }
    }
    let kinds: Vec<_> = seen.iter().map(|(kind, _)| &**kind).collect();
    assert_eq!(kinds, ["status", "execute_input", "execute_result", "status", "stream"]);
    let result = json!({ "execution_count": 1, "data": { "text/plain": "42" }, "metadata": {}, "transient": {} });
    assert_eq!((&seen[2].1, &seen[4].1), (&result, &json!({ "name": "stdout", "text": "late\n" })));
    let child = child_of(kernel.process.id()).unwrap();
    let mut control = Socket::connect(kernel.ports[3], "DEALER");
    control.request("end", "shutdown_request", &json!({ "restart": false }));
    assert_eq!(control.message().2, json!({ "status": "ok", "restart": false }));
    kernel.process.until_ended();
    until_gone(child, "its parent has ended");
}

#[test]
fn the_heartbeat_and_the_control_channel_answer_while_a_cell_runs() {
    let kernel = Kernel::start("jupyter-busy", &[]);
    let mut shell = Socket::connect(kernel.ports[0], "DEALER");
    shell.request("loop", "execute_request", &json!({ "code": "for (;;);" }));
    let mut heart = Socket::connect(kernel.ports[4], "REQ");
    heart.frame(1, b"");
    heart.frame(0, b"beat");
    assert_eq!((heart.read_frame(), heart.read_frame()), ((1, Vec::new()), (0, b"beat".to_vec())));
    let mut control = Socket::connect(kernel.ports[3], "DEALER");
    control.request("info", "kernel_info_request", &json!({}));
    assert_eq!(control.message().2["language_info"]["name"], "typescript");
    // Until it runs there is nothing to stop.
    eventually("the interrupt", || {
        control.request("stop", "interrupt_request", &json!({}));
        (control.message().2["found"] == true).then_some(())
    });
    let (_, _, reply) = shell.message();
    assert_eq!((&reply["status"], &reply["ename"]), (&json!("error"), &json!("Interrupted")));
}

#[test]
fn flags_that_do_nothing_are_refused() {
    for (args, said) in [
        (&["jupyter", "run"][..], "takes a connection file"),
        (&["jupyter", "run", "/nowhere.json"], "cannot read the connection file"),
        (&["jupyter", "list", "--events", "json"], "takes no --events"),
        (&["jupyter", "install", "--name", "a b", "--prefix", "/nowhere"], "no name for a kernelspec"),
        (&["jupyter", "remove", "there-is-none"], "there is no kernelspec"),
        (&["jupyter", "run", "--choose=permissions=all", "/nowhere.json"], "permissions are one of"),
        (&["jupyter", "run", "--deny-net", "--choose=permissions=ask", "/nowhere.json"], "a flag of the kernelspec says it"),
        (&["jupyter", "run", "--choose=permissions={drupe_permissions}", "/nowhere.json"], "cannot read the connection file"),
        (
            &["jupyter", "install", "--remote", "gateway", "--allow-run=git status", "--prefix", "/nowhere"],
            "the shell of the other host",
        ),
    ] {
        let told = run(args);
        assert!(told.status == Some(2) && told.err.contains(said), "{args:?}: {told:?}");
    }
}

#[test]
fn a_kernelspec_starts_this_program_with_the_flags_it_was_installed_with() {
    let folder = Folder::new("jupyter-spec");
    let prefix = folder.0.to_str().unwrap();
    let told = run(&["jupyter", "install", "--prefix", prefix, "--name", "mine", "--deny-net", "--memory-limit", "64"]);
    assert_eq!((told.status, told.err.as_str()), (Some(0), ""));
    let spec = fs::read(folder.0.join("share/jupyter/kernels/mine/kernel.json")).unwrap();
    let argv = serde_json::from_slice::<Value>(&spec).unwrap()["argv"].clone();
    let words: Vec<_> = argv.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert!(fs::metadata(words[0]).unwrap().is_file());
    let time = "--choose=timeout={drupe_timeout}";
    assert_eq!(words[1..], ["jupyter", "run", "--deny-net", "--memory-limit", "64", time, "{connection_file}"]);
    assert_eq!(run(&["jupyter", "remove", "mine", "--prefix", prefix]).status, Some(0));
}
