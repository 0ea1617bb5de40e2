//! A client gets no more than the server allows.

use std::io::{BufRead, BufReader, Write};

use serde_json::json;

use super::client::Server;

#[test]
fn nothing_is_permitted_that_no_flag_allows_and_nobody_asks_for() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    for (options, field) in [
        (json!({"permissions": {"read": true}}), "permissions.read"),
        (json!({"permissions": {"write": ["/tmp"]}}), "permissions.write"),
        (json!({"permissions": {"net": ["example.com"]}}), "permissions.net"),
        (json!({"permissions": {"env": ["HOME"]}}), "permissions.env"),
        (json!({"permissions": {"run": ["ls"]}}), "permissions.run"),
        (json!({"permissions": {"import": true}}), "permissions.import"),
        (json!({"sandbox": "off"}), "sandbox"),
    ] {
        let refused = client.refused("open", options);
        assert_eq!((refused["code"].as_str(), refused["field"].as_str()), (Some("forbidden"), Some(field)), "{refused}");
    }
    assert_eq!(client.ask("list", json!({}))["kernels"], json!([]));
    let server = Server::on_socket(&["--allow-read=/etc"]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let end = client.run(&kernel, "require('fs').readFileSync('/etc/passwd', 'utf8').length");
    assert_eq!(end["outcome"], "threw", "the client has not asked for it");
    let kernel = client.open(json!({"permissions": {"read": ["/etc/passwd"]}}));
    assert_eq!(client.run(&kernel, "require('fs').readFileSync('/etc/passwd', 'utf8').length > 0")["value"], true);
    assert_eq!(client.run(&kernel, "require('fs').readFileSync('/etc/hosts')")["outcome"], "threw");
    let denied = client.refused("open", json!({"permissions": {"read": ["/"]}}));
    assert_eq!(denied["code"], "forbidden");
}

#[test]
fn relative_rules_start_in_the_folder_of_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    std::fs::create_dir(root.join("data")).unwrap();
    std::fs::write(root.join("data/file"), "text").unwrap();
    std::fs::write(root.join("secret"), "text").unwrap();
    let server = Server::on_socket(&[&format!("--allow-read={}", root.display())]);
    let mut client = server.client();
    let kernel = client.open(json!({"folder": root, "permissions": {"read": ["data"]}}));
    assert_eq!(client.run(&kernel, "require('fs').readFileSync('data/file', 'utf8')")["value"], "text");
    assert_eq!(client.run(&kernel, "require('fs').readFileSync('secret', 'utf8')")["outcome"], "threw");
    let above = client.refused("open", json!({"folder": root, "permissions": {"read": [".."]}}));
    assert_eq!((&above["code"], &above["field"]), (&json!("forbidden"), &json!("permissions.read")));
    for elsewhere in ["/etc", "/no/such/folder", "/etc/passwd"] {
        let refused = client.refused("open", json!({"folder": elsewhere}));
        assert_eq!((&refused["code"], &refused["field"]), (&json!("forbidden"), &json!("folder")));
    }
}

#[test]
fn flags_that_would_do_nothing_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("p.toml");
    std::fs::write(&policy, "vm_timeout_ms = 50\n[permissions]\nread = ['/etc']\n").unwrap();
    let policy = policy.to_str().unwrap();
    for flags in [
        &["--policy", policy, "--deny-read=/etc"][..],
        &["--policy", policy, "--vm-timeout", "1s"],
        &["--policy", policy, "--sandbox", "strict"],
        &["--preload", "x.js"],
        &["--auto-reload"],
        &["--events", "json"],
        &["--env-file-if-exists", "x"],
        &["--no-prompt"],
    ] {
        let said = crate::common::run(&[&["serve", "--stdio"], flags].concat());
        assert_eq!(said.status, Some(2), "{flags:?}");
        assert!(said.err.contains("drupe serve takes no "), "{flags:?}: {}", said.err);
    }
    let little = folder.path().join("little.toml");
    std::fs::write(&little, "memory_limit = 1\n").unwrap();
    for (flags, why) in [
        (&["--policy", little.to_str().unwrap()][..], "memory_limit: a heap has at least 8388608 bytes"),
        (&["--memory-limit", "7"], "--memory-limit is at least 8 MiB where kernels are served"),
        (&["--max-kernels", "0"], "0 is not in 1.."),
        (&["--max-clients", "0"], "0 is not in 1.."),
        (&["--allow-origin", "https://example.com/"], "\"https://example.com/\" is no origin"),
    ] {
        let door = if flags[0] == "--allow-origin" { &["serve", "--listen", "127.0.0.1:0"][..] } else { &["serve", "--stdio"] };
        let said = crate::common::run(&[door, flags].concat());
        assert_eq!(said.status, Some(2), "{flags:?}");
        assert!(said.err.contains(why), "{flags:?}: {}", said.err);
    }
    let server = Server::on_socket(&["--policy", policy]);
    let mut client = server.client();
    let kernel = client.open(json!({"permissions": {"read": ["/etc"]}}));
    let end = client.run(&kernel, "require('fs').readdirSync('/etc').length > 0; for (;;);");
    assert_eq!((&end["outcome"], &end["limit_ms"]), (&json!("timed_out"), &json!(50)));
}

#[test]
fn limits_of_the_server_are_the_most_and_hold_for_those_who_ask_for_none() {
    let server = Server::on_socket(&["--vm-timeout", "100", "--memory-limit", "64"]);
    let mut client = server.client();
    let refused = client.refused("open", json!({"vm_timeout_ms": 200}));
    assert_eq!((&refused["code"], &refused["field"]), (&json!("forbidden"), &json!("vm_timeout_ms")));
    let refused = client.refused("open", json!({"memory_limit": 1_u64 << 30}));
    assert_eq!((&refused["code"], &refused["field"]), (&json!("forbidden"), &json!("memory_limit")));
    let kernel = client.open(json!({}));
    let end = client.run(&kernel, "for (;;);");
    assert_eq!((&end["outcome"], &end["limit_ms"]), (&json!("timed_out"), &json!(100)));
    let refused = client.refused("run", json!({"kernel": kernel, "code": "1", "vm_timeout_ms": 101}));
    assert_eq!(refused["field"], "vm_timeout_ms");
    let end = client.run_with(json!({"kernel": kernel, "code": "for (;;);", "vm_timeout_ms": 50}));
    assert_eq!(end["limit_ms"], 50);
    for (field, value) in [
        ("journal_limit", json!(1_u64 << 40)),
        ("journal_limit", json!(0)),
        ("memory_limit", json!(0)),
        ("memory_limit", json!(1)),
        ("functions", json!(["a".repeat(2000)])),
        ("linger_ms", json!(1_u64 << 40)),
    ] {
        let refused = client.refused("open", json!({field: value}));
        assert_eq!((refused["code"].as_str(), refused["field"].as_str()), (Some("limit"), Some(field)));
    }
}

#[test]
fn a_time_limit_may_be_longer_than_any_clock() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let other = client.open(json!({}));
    for long in [1e22, 1.8e22, 4.7e21] {
        for (of_kernel, of_run) in [("vm_timeout_ms", "wall_timeout_ms"), ("wall_timeout_ms", "vm_timeout_ms")] {
            let kernel = client.open(json!({of_kernel: long}));
            let mut asked = json!({"kernel": kernel, "code": "1 + 1", of_run: long});
            assert_eq!(client.run_with(asked.clone())["value"], 2, "{long} {of_kernel}");
            asked["code"] = json!(format!("3 /* {} */", "x".repeat(64 << 10)));
            assert_eq!(client.run_with(asked)["value"], 3, "{long} {of_kernel}");
        }
    }
    assert_eq!(client.run(&other, "4")["value"], 4);
    for (field, wrong) in [("vm_timeout_ms", 1e23), ("wall_timeout_ms", 1e300)] {
        let refused = client.refused("open", json!({field: wrong}));
        assert_eq!((&refused["code"], &refused["field"]), (&json!("bad_message"), &json!(field)), "{refused}");
    }
}

#[test]
fn what_waits_for_a_kernel_is_bounded() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let names = (0..2000).map(|number| format!("f{number}")).collect::<Vec<_>>();
    let refused = client.refused("register", json!({"kernel": kernel, "functions": names}));
    assert_eq!((&refused["code"], &refused["field"]), (&json!("limit"), &json!("functions")));
    client.ask("register", json!({"kernel": kernel, "functions": names[..1000]}));
    client.ask("register", json!({"kernel": kernel, "functions": ["adm"], "reserved": true}));
    assert_eq!(client.refused("register", json!({"kernel": kernel, "functions": ["adm"]}))["code"], "bad_name");
    assert_eq!(client.refused("run", json!({"kernel": kernel, "code": "1", "tag": "x".repeat(2000)}))["field"], "tag");
    assert_eq!(client.refused("attach", json!({"kernel": kernel, "after": 1_000_000}))["field"], "after");
    client.ask("run", json!({"kernel": kernel, "code": "for (;;);"}));
    let large = "x".repeat(60 << 20);
    let mut codes = Vec::new();
    for _ in 0..5 {
        let id = client.request("run", json!({"kernel": kernel, "code": large}));
        let (_, body) = client.answer(id);
        codes.push(body["code"].clone());
    }
    assert_eq!(codes.last().unwrap(), "limit", "{codes:?}");
    client.ask("close", json!({"kernel": kernel}));
}

#[test]
fn a_server_has_so_many_kernels_and_clients() {
    let server = Server::on_socket(&["--max-kernels", "2", "--max-clients", "2"]);
    let mut one = server.client();
    let kernel = one.open(json!({}));
    one.open(json!({}));
    assert_eq!(one.refused("open", json!({}))["code"], "limit");
    one.ask("close", json!({"kernel": kernel}));
    one.open(json!({}));
    let other = server.client();
    let mut third = server.connect();
    third.say(&json!(["hello", {"versions": [1]}]));
    let refused = third.hear();
    assert_eq!((&refused[0], &refused[1]["code"]), (&json!("refused"), &json!("limit")));
    drop(other);
    super::client::until("the client that left makes room", || {
        let mut fourth = server.connect();
        fourth.say(&json!(["hello", {"versions": [1]}]));
        fourth.hear()[0] == "welcome"
    });
}

#[test]
fn tcp_needs_the_token() {
    let mut child =
        crate::common::drupe(&["serve", "--listen", "127.0.0.1:0"]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = errors.next().unwrap().strip_prefix("listening on ").unwrap().to_owned();
    let token = errors.next().unwrap().strip_prefix("token: ").unwrap().to_owned();
    let greet = |hello: serde_json::Value| {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.write_all(format!("{hello}\n").as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        serde_json::from_str::<serde_json::Value>(&line).unwrap()
    };
    for token in [json!(null), json!(""), json!("0".repeat(64)), json!(token[..63])] {
        let refused = greet(json!(["hello", {"versions": [1], "token": token}]));
        assert_eq!((&refused[0], &refused[1]["code"]), (&json!("refused"), &json!("token")), "{token}");
    }
    assert_eq!(greet(json!(["hello", {"versions": [1], "token": token}]))[0], "welcome");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn what_cannot_be_served_is_said_by_the_command() {
    let said = |args: &[&str]| crate::common::run(args);
    let both = said(&["serve", "--stdio", "--socket", "x"]);
    assert_eq!(both.status, Some(2));
    assert_eq!(said(&["serve"]).status, Some(2));
    let open = said(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(open.status, Some(2));
    assert!(open.err.contains("TLS"), "{}", open.err);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let taken = said(&["serve", "--socket", file.to_str().unwrap()]);
    assert_eq!(taken.status, Some(2));
    assert!(taken.err.contains("no socket"), "{}", taken.err);
    let server = Server::on_socket(&[]);
    let twice = said(&["serve", "--socket", server.path().to_str().unwrap()]);
    assert!(twice.err.contains("another server listens there"), "{}", twice.err);
}

#[test]
fn a_socket_is_the_users_own() {
    use std::os::unix::fs::PermissionsExt;

    let server = Server::on_socket(&[]);
    let mode = std::fs::metadata(server.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
