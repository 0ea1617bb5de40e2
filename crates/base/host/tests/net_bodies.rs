//! Bodies of responses: what comes in crumbs, breaks off, does not end, or takes much memory.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{sync::Arc, time::Duration};

use drupe_host::net::{Client, Limits, Net};
use drupe_protocol::Value;
use tokio::net::TcpListener;

use crate::http::Server;
use crate::net_common::{BROTLI_BOMB, limits, permissions, raw_server};

// threat K5
#[tokio::test]
async fn bytes_that_come_one_by_one_are_read_together() {
    const BYTES: usize = 50_000;
    let crumbs = "1\r\nx\r\n".repeat(BYTES);
    let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{crumbs}0\r\n\r\n");
    let address = raw_server(answer.into_bytes()).await;
    let host = drupe_host::Host::standard(&permissions(&["127.0.0.1"]));
    let args = vec!["GET".into(), format!("http://{address}/").into(), Vec::<String>::new().into()];
    let call = drupe_host::Call::new("net.fetch", args);
    let Ok(drupe_host::Answer::Stream(mut items)) = host.call(call).await else { panic!() };
    let (mut pieces, mut bytes) = (0, 0);
    while let Some(item) = std::future::poll_fn(|context| items.as_mut().poll_next(context)).await {
        if let Value::TypedArray(_, piece) = item.unwrap() {
            pieces += 1;
            bytes += piece.len();
        }
    }
    assert!(bytes == BYTES && pieces <= BYTES / 50, "{pieces} pieces of {bytes} bytes");
}

/// The pieces of a body as a kernel pulls them, and the code of the error at their end.
async fn pieces(url: &str) -> (Vec<u8>, Option<String>) {
    let host = drupe_host::Host::standard(&permissions(&["127.0.0.1"]));
    let args = vec!["GET".into(), url.into(), Vec::<String>::new().into()];
    let call = drupe_host::Call::new("net.fetch", args);
    let Ok(drupe_host::Answer::Stream(mut items)) = host.call(call).await else { panic!() };
    let mut bytes = Vec::new();
    while let Some(item) = std::future::poll_fn(|context| items.as_mut().poll_next(context)).await {
        match item {
            Ok(Value::TypedArray(_, piece)) => bytes.extend_from_slice(&piece),
            Ok(_) => {}
            Err(error) => return (bytes, error.code),
        }
    }
    (bytes, None)
}

#[tokio::test]
async fn what_came_before_an_error_is_passed_on() {
    // One frame has all of it, and so the error is there as soon as the bytes are.
    for body in ["7\r\npartial\r\nno chunk\r\n", "3\r\npar\r\n4\r\ntial\r\nno chunk\r\n"] {
        let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}");
        let address = raw_server(answer.into_bytes()).await;
        let (bytes, error) = pieces(&format!("http://{address}/")).await;
        assert_eq!((&*bytes, error.is_some()), (&b"partial"[..], true), "{error:?}");
    }
}

// threat G9
#[tokio::test]
async fn what_follows_a_compressed_body_is_not_read_without_end() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        drop(stream.read(&mut [0; 1024]).await);
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, b"all of it").unwrap();
        let body = encoder.finish().unwrap();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len());
        stream.write_all(&[head.into_bytes(), body, b"\r\n".to_vec()].concat()).await.unwrap();
        // Until the other side has gone.
        while stream.write_all(format!("400\r\n{}\r\n", " ".repeat(1024)).as_bytes()).await.is_ok() {}
    });
    let read = tokio::time::timeout(Duration::from_secs(20), pieces(&format!("http://{address}/"))).await;
    assert_eq!(read.unwrap(), (b"all of it".to_vec(), None));
    server.await.unwrap();
}

// threat K5
#[tokio::test]
async fn an_error_says_when_there_is_no_memory_left_for_decompression() {
    // As many windows of 4 MiB as there may be.
    const MOST: usize = 40;
    let server = Server::start().await;
    let client = Client::new(Limits { pause: Duration::from_millis(200), ..limits() });
    let host = drupe_host::Host::new().service("net", Arc::new(Net::new(&permissions(&["127.0.0.1"]), client)));
    let url = server.url(&format!("/coded/br?{}", BROTLI_BOMB.trim()));
    let open = async || {
        let args = vec!["GET".into(), (&*url).into(), Vec::<String>::new().into()];
        let call = drupe_host::Call::new("net.fetch", args);
        let Ok(drupe_host::Answer::Stream(mut items)) = host.call(call).await else { panic!() };
        let mut first = None;
        // The head, and a piece of the body.
        for _ in 0..2 {
            first = std::future::poll_fn(|context| items.as_mut().poll_next(context)).await;
        }
        (items, first.unwrap().err().and_then(|error| error.code))
    };
    let mut bodies = Vec::new();
    for _ in 0..MOST {
        let (body, error) = open().await;
        assert_eq!(error, None);
        bodies.push(body);
    }
    assert_eq!(open().await.1.as_deref(), Some("Z_MEM_ERROR"));
    bodies.pop();
    assert_eq!(open().await.1, None);
}
