//! A real kernel whose parent sends nonsense: it ends by itself, says why in a line, and neither panics nor stays.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            net::{SocketAddr, UnixListener, UnixStream},
            process::ExitStatusExt,
        },
    },
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use drupe_protocol::{
    FrameDecoder, REVISION, Request, decode, encode,
    hello::{Greeting, Launch, Welcome, Welcoming},
    request::Run,
    sandbox::SandboxLevel,
};

/// The kernel's status when its parent broke the protocol.
const PROTOCOL: i32 = 3;

/// A kernel that its parent left ends with this status or, if its control thread finds it out first, itself by this
/// signal: at once, whatever JavaScript does.
const ENDED: i32 = 0;
const ENDED_ITSELF: i32 = 9;

/// A socket that waits for this long has a kernel at its other end that does not do what is expected.
const LONG: Duration = Duration::from_secs(60);

fn frame(message: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(message, &mut bytes).unwrap();
    bytes
}

fn raw(payload: &[u8]) -> Vec<u8> {
    [&u32::try_from(payload.len()).unwrap().to_le_bytes(), payload].concat()
}

/// A kernel, and this end of its two channels.
struct Strange {
    child: Child,
    data: UnixStream,
    control: UnixStream,
}

impl Strange {
    /// Launches one that has greeted on both channels.
    fn greeted() -> Self {
        let names = [(); 2].map(|()| drupe_transport::unguessable_name().unwrap());
        let listeners =
            names.each_ref().map(|name| UnixListener::bind_addr(&SocketAddr::from_abstract_name(name).unwrap()).unwrap());
        let launch = Launch {
            revision: REVISION,
            data: names[0].clone(),
            control: names[1].clone(),
            token: vec![7; 32],
            generation: 1,
            memory_limit: None,
            machine_memory: None,
            sandbox: Some(SandboxLevel::Off),
            time_zone: None,
            locale: None,
            builtin_names: false,
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_test-kernel"))
            .env_clear()
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&frame(&launch)).unwrap();
        let [data, control] = listeners.map(|listener| {
            let stream = listener.accept().unwrap().0;
            stream.set_read_timeout(Some(LONG)).unwrap();
            stream
        });
        let mut strange = Self { child, data, control };
        for channel in [&mut strange.data, &mut strange.control] {
            assert!(matches!(receive(channel), Greeting::Hello(_)));
        }
        strange
    }

    /// One that is welcome, too.
    fn welcome() -> Self {
        let mut strange = Self::greeted();
        strange.data.write_all(&frame(&Welcoming::Welcome(Welcome { revision: REVISION }))).unwrap();
        strange
    }

    /// Closes both channels.
    fn leave(&self) {
        for channel in [&self.data, &self.control] {
            // A kernel that is gone has closed it.
            let _ = channel.shutdown(Shutdown::Both);
        }
    }

    /// Waits for the kernel's end: its status, and what it said.
    fn end(mut self) -> (ExitStatus, String) {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap(), said)
    }
}

/// The first message.
fn receive(channel: &mut UnixStream) -> Greeting {
    let mut decoder = FrameDecoder::new();
    loop {
        if let Some(payload) = decoder.next_frame().unwrap() {
            return decode(&payload).unwrap();
        }
        let count = channel.read(decoder.spare()).unwrap();
        assert!(count > 0, "it hung up");
        decoder.advance(count);
    }
}

/// That it ends by itself, and says why.
fn breaks_off(strange: Strange, what: &str) {
    let (ended, said) = strange.end();
    assert_eq!(ended.code(), Some(PROTOCOL), "{what}: {ended}, {said:?}");
    assert!(said.starts_with("drupe kernel: ") && said.lines().count() == 1, "{what}: {said}");
}

/// That it has ended, in whichever way a kernel does whose parent is gone or talks nonsense.
fn assert_ended(strange: Strange) {
    let (ended, said) = strange.end();
    let expected = matches!(ended.code(), Some(ENDED | PROTOCOL | 2)) || ended.signal() == Some(ENDED_ITSELF);
    assert!(expected && !said.contains("panicked"), "{ended}, {said:?}");
}

// threat E12
#[test]
fn a_real_kernel_ends_by_itself_when_its_parent_talks_nonsense() {
    let nonsense = [
        ("a length beyond the limit", vec![0xff; 64]),
        ("no msgpack", raw(&[0xc1; 32])),
        ("no message", raw(&[0x93, 1, 2, 3])),
        ("a body of another shape", [raw(b"\x92\xa3run\x05"), raw(b"\x92\xa9interrupt\x05")].concat()),
        ("bytes behind a message", raw(&[0x92, 0xa5, b'r', b'e', b's', b'e', b't', 0x80, 0, 0])),
        ("depth without end", raw(&[0x91; 4096])),
        ("nothing", raw(&[])),
    ];
    for (what, bytes) in &nonsense {
        for on_control in [false, true] {
            let mut strange = Strange::welcome();
            let channel = if on_control { &mut strange.control } else { &mut strange.data };
            channel.write_all(bytes).unwrap();
            // Nothing is closed at this end.
            breaks_off(strange, what);
        }
    }
}

// threat E12
#[test]
fn a_real_kernel_is_not_confused_by_half_a_message_or_a_parent_that_leaves() {
    let run = frame(&Request::Run(Box::new(Run { run: 1, code: "1".into(), name: "chunk:1".into(), ..Run::default() })));
    let mut strange = Strange::welcome();
    strange.data.write_all(&run[..run.len() - 1]).unwrap();
    strange.data.shutdown(Shutdown::Write).unwrap();
    breaks_off(strange, "half a message");
    for strange in [Strange::welcome(), Strange::greeted()] {
        strange.leave();
        assert_ended(strange);
    }
}

// threats E12, F4
#[test]
fn nonsense_and_goodbyes_are_heard_while_javascript_loops() {
    for nonsense in [&[0xff; 64][..], &[]] {
        let mut strange = Strange::welcome();
        let code = "console.log('looping'); for (;;);".to_owned();
        let run = Request::Run(Box::new(Run { run: 1, code, name: "chunk:1".into(), ..Run::default() }));
        strange.data.write_all(&frame(&run)).unwrap();
        // It says that it loops, and then nothing: from now on only its control thread listens.
        let mut heard = Vec::new();
        while !heard.windows(7).any(|word| word == b"looping") {
            let mut bytes = [0; 4096];
            let count = strange.data.read(&mut bytes).unwrap();
            heard.extend_from_slice(&bytes[..count]);
        }
        strange.control.write_all(nonsense).unwrap();
        strange.control.shutdown(Shutdown::Write).unwrap();
        assert_ended(strange);
    }
}
