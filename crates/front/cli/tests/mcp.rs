//! `drupe mcp`, by its messages on standard streams: what the official clients cannot show, or not in time.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    common::{Folder, Running, run, until_gone},
    documents::blocks,
};

/// A client that says what it wants, and no more.
pub(crate) struct Client {
    pub(crate) server: Running,
    last: u64,
    /// What came beside an answer.
    beside: Vec<Value>,
}

impl Client {
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::start_as(flags, &json!({}))
    }

    /// A client with these capabilities.
    pub(crate) fn start_as(flags: &[&str], capabilities: &Value) -> Self {
        let mut client = Self { server: Running::start(&[&["mcp"], flags].concat()), last: 0, beside: Vec::new() };
        let info = json!({ "name": "test", "version": "1" });
        client.ask("initialize", json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": info }));
        client.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    pub(crate) fn say(&mut self, message: &Value) {
        self.server.type_in(&format!("{message}\n"));
    }

    pub(crate) fn send(&mut self, method: &str, params: Value) -> u64 {
        self.last += 1;
        let id = self.last;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The next message. **Each line is one.**
    pub(crate) fn message(&mut self) -> Value {
        let line = self.server.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        loop {
            let message = self.message();
            if message["id"] == id {
                return message["result"].clone();
            }
            self.beside.push(message);
        }
    }

    /// A request of the server with this method: one that came beside an answer, or the next message.
    pub(crate) fn request(&mut self, method: &str) -> Value {
        if let Some(at) = self.beside.iter().position(|message| message["method"] == method) {
            return self.beside.remove(at);
        }
        let message = self.message();
        assert_eq!(message["method"], method, "{message}");
        message
    }

    /// A tool's answer.
    pub(crate) fn tool(&mut self, name: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({ "name": name, "arguments": arguments }))
    }

    /// The data of a tool's answer.
    pub(crate) fn call(&mut self, name: &str, arguments: Value) -> Value {
        self.tool(name, arguments)["structuredContent"].clone()
    }

    fn sessions(&mut self) -> usize {
        self.call("js_sessions", json!({ "action": "list" }))["sessions"].as_array().unwrap().len()
    }
}

#[test]
fn a_killed_kernel_is_told_with_all_that_is_lost() {
    let mut client = Client::start(&[]);
    let first = client.call("js_run", json!({ "code": "let x = 1" }));
    let session = first["session"].clone();
    let going = client.call("js_run", json!({ "session": session, "code": "for (;;);", "yield_ms": 100 }));
    assert_eq!((&going["status"], &going["state"]), (&json!("running"), &json!("in_use")));
    client.server.kill_kernel();
    let end = client.call("js_wait", json!({ "run": going["run"] }));
    assert_eq!((&end["outcome"], &end["state"], &end["error"]["name"]), (&json!("failed"), &json!("lost"), &json!("signal")));
    assert!(end["lost"][0].as_str().unwrap().starts_with("all variables: the kernel was ended by signal 9"), "{end}");
    let next = client.call("js_run", json!({ "session": session, "code": "typeof x" }));
    assert_eq!((&next["value"], &next["state"], &next["generation"]), (&json!("undefined"), &json!("new"), &json!(2)));
    assert!(next["lost"][0].as_str().unwrap().starts_with("all variables of earlier runs: "), "{next}");
    assert!(!next["message"].as_str().unwrap().contains("state kept"), "{next}");
    assert!(next["new_session"].as_str().unwrap().contains("SIGKILL"), "{next}");
    let again = client.call("js_wait", json!({ "run": going["run"] }));
    assert_eq!(again["outcome"], "failed");
}

#[test]
fn nothing_is_said_to_be_kept_where_the_kernel_is_gone() {
    let mut client = Client::start(&[]);
    let session = client.call("js_run", json!({ "code": "let x = 1" }))["session"].clone();
    let idle = client.call("js_interrupt", json!({ "session": session }));
    assert_eq!((&idle["interrupted"], &idle["state"]), (&json!(false), &json!("kept")));
    let kernel = client.server.kernel();
    client.server.kill_kernel();
    until_gone(kernel, "it was killed");
    // Whether the server has seen the end, or has replaced the kernel: the variables are gone.
    let names = client.call("js_inspect", json!({ "what": "names", "session": session }));
    assert!(names["names"].as_array().is_none_or(Vec::is_empty), "{names}");
    let gone = client.call("js_interrupt", json!({ "session": session }));
    assert_eq!((&gone["interrupted"], &gone["state"]), (&json!(false), &json!("lost")));
    assert_eq!(gone["lost"].as_array().unwrap().len(), 1, "{gone}");
}

#[test]
fn a_cancelled_call_leaves_no_session_that_nobody_knows() {
    let mut client = Client::start(&[]);
    let progress = json!({ "progressToken": 7 });
    let code = json!({ "code": "console.log('going'); for (;;);" });
    let id = client.send("tools/call", json!({ "name": "js_run", "arguments": code, "_meta": progress }));
    let told = client.message();
    assert_eq!((&told["method"], &told["params"]["message"]), (&json!("notifications/progress"), &json!("going")));
    assert_eq!(client.sessions(), 1);
    let kernel = client.server.kernel();
    client.say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }));
    until_gone(kernel, "nobody has its handle");
    assert_eq!(client.sessions(), 0);
}

#[test]
fn code_computes_and_does_nothing_else_until_a_flag_says_more() {
    let folder = Folder::new("mcp-policy");
    let (file, quoted) = (folder.write("data.txt", "data"), folder.quoted("data.txt"));
    let code = format!("require('fs').readFileSync({quoted}, 'utf8')");
    let mut client = Client::start(&[]);
    let denied = client.call("js_run", json!({ "code": code }));
    assert_eq!((&denied["outcome"], &denied["permissions"][0]["granted"]), (&json!("threw"), &json!(false)));
    let mut client = Client::start(&[&format!("--allow-read={}", file.display()), "--vm-timeout", "2s"]);
    let read = client.call("js_run", json!({ "code": code }));
    assert_eq!((&read["value"], &read["permissions"][0]["granted"]), (&json!("data"), &json!(true)));
    let session = client.call("js_sessions", json!({ "action": "open", "profile": "compute" }))["session"]["session"].clone();
    let denied = client.call("js_run", json!({ "session": session, "code": code }));
    assert_eq!(denied["outcome"], "threw");
    let beyond = client.call("js_run", json!({ "code": "1", "vm_timeout_ms": 2001 }));
    assert_eq!((&beyond["refusal"]["code"], &beyond["refusal"]["argument"]), (&json!("forbidden"), &json!("vm_timeout_ms")));
    let policy = folder.write("policy.toml", &format!("max_kernels = 1\n[permissions]\nread = [{quoted}]\n"));
    let mut client = Client::start(&["--policy", policy.to_str().unwrap()]);
    assert_eq!(client.call("js_run", json!({ "code": code }))["value"], "data");
    let full = client.call("js_run", json!({ "code": "1" }));
    assert_eq!((&full["refusal"]["code"], client.sessions()), (&json!("limit"), 1));
}

#[test]
fn nothing_is_left_of_a_server_that_is_told_to_end() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut client = Client::start(&[]);
        client.call("js_run", json!({ "code": "for (;;);", "yield_ms": 100 }));
        let kernel = client.server.kernel();
        client.server.signal(signal);
        client.server.until_ended();
        until_gone(kernel, "its server has ended");
    }
    let mut client = Client::start(&[]);
    client.call("js_run", json!({ "code": "1" }));
    let kernel = client.server.kernel();
    let said = client.server.finish();
    assert_eq!((said.status, &*said.err), (Some(0), ""));
    until_gone(kernel, "its client has left");
}

#[test]
fn flags_that_would_do_nothing_are_refused() {
    let folder = Folder::new("mcp-flags");
    let policy = folder.write("p.toml", "vm_timeout_ms = 50\n");
    let (policy, short) = (policy.to_str().unwrap(), folder.write("short", "0123456789abcdef\nshort\n"));
    for flags in [
        &["--policy", policy, "--allow-read"][..],
        &["--policy", policy, "--vm-timeout", "1s"],
        &["--policy", policy, "--ask"],
        &["--preload", "x.js"],
        &["--auto-reload"],
        &["--no-prompt"],
        &["--events", "json"],
    ] {
        let said = run(&[&["mcp"], flags].concat());
        assert_eq!(said.status, Some(2), "{flags:?}");
        assert!(said.err.contains("drupe mcp takes no "), "{flags:?}: {}", said.err);
    }
    let remarks = folder.write("remarks", "# the token of the team\n0123456789abcdef\n");
    let little = folder.write("little.toml", "memory_limit = 1\n");
    let little = little.to_str().unwrap();
    for (flags, why) in [
        (&["--policy", little][..], "memory_limit: a heap has at least 8388608 bytes"),
        (&["--memory-limit", "7"], "--memory-limit is at least 8 MiB where kernels are served"),
        (&["--max-sessions", "0"], "0 is not in 1.."),
        (&["--http", "0.0.0.0:0"], "which needs TLS"),
        (&["--http", "127.0.0.1:0", "--token-file", short.to_str().unwrap()], "token 2 in "),
        (&["--http", "127.0.0.1:0", "--token-file", remarks.to_str().unwrap()], "token 1 in "),
        (&["--http", "127.0.0.1:0", "--allow-origin", "app.example"], "\"app.example\" is no origin"),
        (&["--http", "127.0.0.1:0", "--allow-host", "https://app.example"], "is no name of a server"),
        (&["--http", "127.0.0.1:0", "--token-file", "/no/such/file"], "cannot read the tokens in /no/such/file"),
        (&["--policy", "/no/such/file"], "cannot read the policy /no/such/file"),
        (&["--ask=everything"], "invalid value 'everything' for '--ask[=<KIND>...]'"),
        (&["--allow-host", "example.com"], "--http <HOST:PORT>"),
    ] {
        let said = run(&[&["mcp"], flags].concat());
        assert_eq!(said.status, Some(2), "{flags:?}");
        assert!(said.err.contains(why), "{flags:?}: {}", said.err);
    }
}

/// What the documents have people write into a client's file starts a server.
#[test]
fn configurations_in_the_documents_start_servers() {
    let mut tried = 0;
    for block in blocks().into_iter().filter(|block| block.info == "json") {
        let settings: Value = serde_json::from_str(&block.text).unwrap();
        for server in settings["mcpServers"].as_object().unwrap().values() {
            assert_eq!(server["command"], "drupe");
            let words: Vec<_> = server["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
            assert_eq!(words[0], "mcp");
            let mut client = Client::start(&words[1..]);
            assert_eq!(client.sessions(), 0, "{words:?}");
            tried += 1;
        }
    }
    assert_eq!(tried, 3);
}
