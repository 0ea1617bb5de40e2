//! What tests of the client share: permissions, limits, and a server that says what it is told to.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its share")]

use std::net::SocketAddr;

use drupe_host::{Permissions, Policy, net::Limits, permissions::Kind};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// 64 MiB of zeros.
pub(crate) const BROTLI_BOMB: &str = include_str!("../net/zeros.br.hex");

/// Small, but for time.
pub(crate) fn limits() -> Limits {
    Limits { body_bytes: 4 << 20, free_bytes: 1 << 20, ..Limits::default() }
}

pub(crate) fn permissions(rules: &[&str]) -> Permissions {
    let mut policy = Policy::none();
    for rule in rules {
        policy.allow(Kind::Net, rule).unwrap();
    }
    Permissions::new(policy)
}

/// Answers each request with these bytes.
pub(crate) async fn raw_server(answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            drop(stream.read(&mut head).await);
            drop(stream.write_all(&answer).await);
            // Who reads it says when it is over.
            while matches!(stream.read(&mut head).await, Ok(1..)) {}
        }
    });
    address
}
