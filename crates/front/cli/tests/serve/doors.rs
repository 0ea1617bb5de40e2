//! WebSockets and TLS.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    sync::Arc,
};

use serde_json::{Value, json};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::common::{PATIENCE, drupe};

/// A server on TCP.
struct Listening {
    child: Child,
    address: String,
    token: String,
}

impl Listening {
    fn start(flags: &[&str]) -> Self {
        let mut command = drupe(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.args(flags).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = errors.next().unwrap().strip_prefix("listening on ").unwrap().to_owned();
        let token = errors.next().unwrap().strip_prefix("token: ").unwrap().to_owned();
        Self { child, address, token }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn hello(&self) -> String {
        json!(["hello", {"versions": [1], "token": self.token}]).to_string()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Asks for a WebSocket; the head of the answer.
fn upgrade(stream: &mut TcpStream, headers: &str) -> String {
    let request = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}

/// Sends one frame of a client, masked by zeros.
fn send(stream: &mut TcpStream, opcode: u8, payload: &[u8]) {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [0x80 | opcode, 0x80 | 126, length[0], length[1], 0, 0, 0, 0];
    stream.write_all(&[&head, payload].concat()).unwrap();
}

/// The opcode and payload of the server's next frame.
fn receive(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    let length = match head[1] {
        126 => {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            usize::from(u16::from_be_bytes(length))
        }
        127 => {
            let mut length = [0; 8];
            stream.read_exact(&mut length).unwrap();
            usize::try_from(u64::from_be_bytes(length)).unwrap()
        }
        length => usize::from(length),
    };
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).unwrap();
    (head[0] & 0x0f, payload)
}

/// Sends an HTTP request; the whole answer, behind which the connection ends.
fn asked(server: &Listening, request: &str) -> String {
    let mut stream = server.connect();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_request_that_is_no_websocket_s_is_told_why() {
    let server = Listening::start(&[]);
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    let version = "Sec-WebSocket-Version: 13\r\n";
    let long = format!("{upgrade}{version}X: {}\r\n", "x".repeat(20 << 10));
    let cases = [
        (String::new(), "426", "Connection: upgrade"),
        ("Upgrade: h2c\r\nConnection: Upgrade\r\n".to_owned(), "426", "Upgrade: websocket"),
        (format!("{upgrade}Sec-WebSocket-Version: 8\r\n"), "426", "Sec-WebSocket-Version"),
        (format!("{upgrade}{version}"), "400", "Sec-WebSocket-Key"),
        ("no header\r\n".to_owned(), "400", "HTTP/1.1"),
        (long, "431", "16384"),
        (format!("{upgrade}{version}Sec-WebSocket-Key: x\r\nOrigin: https://evil.example\r\n"), "403", "--allow-origin"),
    ];
    for (headers, status, said) in cases {
        let answer = asked(&server, &format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n"));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")) && body.contains(said), "{headers}: {answer}");
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{answer}");
        assert_eq!(head.contains("Sec-WebSocket-Version: 13"), status == "426", "{answer}");
    }
    assert!(asked(&server, "GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

#[test]
fn a_web_page_connects_by_a_websocket_if_its_origin_is_allowed() {
    let server = Listening::start(&["--allow-origin", "https://example.com"]);
    let mut stream = server.connect();
    let head = upgrade(&mut stream, "Origin: https://example.com\r\nSec-WebSocket-Protocol: other, drupe.1\r\n");
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(
        head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") && head.to_lowercase().contains("sec-websocket-protocol: drupe.1"),
        "{head}"
    );
    send(&mut stream, 1, server.hello().as_bytes());
    let (opcode, welcome) = receive(&mut stream);
    assert_eq!((opcode, &serde_json::from_slice::<Value>(&welcome).unwrap()[0]), (1, &json!("welcome")));
    send(&mut stream, 1, br#"["ping",{"id":1}]"#);
    assert_eq!(receive(&mut stream), (1, br#"["reply",{"id":1}]"#.to_vec()));
    send(&mut stream, 8, &1000_u16.to_be_bytes());
    assert_eq!(receive(&mut stream).0, 8, "the server takes leave, too");

    // Another origin, and none.
    for (origin, status) in [("Origin: https://evil.example\r\n", "403"), ("Origin: null\r\n", "403"), ("", "101")] {
        let mut stream = server.connect();
        let head = upgrade(&mut stream, origin);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}: {head}");
    }
    // Messages in msgpack.
    let mut stream = server.connect();
    upgrade(&mut stream, "");
    let hello = serde_json::from_str::<Value>(&server.hello()).unwrap();
    send(&mut stream, 2, &rmp_serde::to_vec_named(&hello).unwrap());
    let (opcode, welcome) = receive(&mut stream);
    assert_eq!((opcode, &rmp_serde::from_slice::<Value>(&welcome).unwrap()[0]), (2, &json!("welcome")));
    // Without the token nothing is served.
    let mut stream = server.connect();
    upgrade(&mut stream, "");
    send(&mut stream, 1, br#"["hello",{"versions":[1]}]"#);
    let refused = serde_json::from_slice::<Value>(&receive(&mut stream).1).unwrap();
    assert_eq!((&refused[0], &refused[1]["code"]), (&json!("refused"), &json!("token")));
}

#[test]
fn tls_is_served_with_the_certificate_that_was_given() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls");
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let server = Listening::start(&["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()]);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&cert).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), "127.0.0.1".try_into().unwrap()).unwrap();
    let mut stream = BufReader::new(StreamOwned::new(connection, server.connect()));
    stream.get_mut().write_all(format!("{}\n", server.hello()).as_bytes()).unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()[0], "welcome");
    let wrong = crate::common::run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        key.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ]);
    assert_eq!(wrong.status, Some(2));
    assert!(wrong.err.contains("cannot use the certificate"), "{}", wrong.err);
}
