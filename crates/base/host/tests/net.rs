//! The client against a server that misbehaves, and names that change their addresses.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use drupe_host::{
    HostError, ModuleCache, Modules, Pending, Permissions, Policy,
    net::{Client, Fetched, Guard, Limits, Resolve, RootCertStore},
    permissions::Kind,
};
use drupe_protocol::{Value, hex};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::http::Server;
use crate::modules_common::graph;
use crate::net_common::{BROTLI_BOMB, limits, permissions, raw_server};

/// Every name is this machine, or what is next in a list.
#[derive(Default)]
struct Names {
    next: Mutex<Vec<&'static str>>,
    asked: Mutex<usize>,
}

impl Resolve for Names {
    fn resolve(&self, _: &str, port: u16) -> Pending<io::Result<Vec<SocketAddr>>> {
        *self.asked.lock().unwrap() += 1;
        let address = self.next.lock().unwrap().pop().unwrap_or("127.0.0.1");
        Box::pin(std::future::ready(Ok(vec![SocketAddr::new(address.parse::<IpAddr>().unwrap(), port)])))
    }
}

fn client() -> Client {
    client_with(limits())
}

fn client_with(limits: Limits) -> Client {
    Client::new(limits).with_resolver(Arc::new(Names::default()))
}

fn guard(rules: &[&str]) -> Guard {
    Guard::new(&permissions(rules), Kind::Net, "fetch", None)
}

async fn get(client: &Client, guard: &Guard, url: &str) -> Result<Fetched, HostError> {
    client.get(guard, url, "*/*", usize::MAX).await
}

async fn code(client: &Client, url: &str) -> String {
    let error = get(client, &guard(&["127.0.0.1"]), url).await.unwrap_err();
    error.code.unwrap_or(error.message)
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = Server::start().await;
    let (client, guard) = (client(), guard(&["127.0.0.1"]));
    for _ in 0..5 {
        let fetched = get(&client, &guard, &server.url("/hello")).await.unwrap();
        assert_eq!((fetched.status, &*fetched.body), (200, &b"hello"[..]));
        // The connection's own task has to hear of the end, too.
        tokio::task::yield_now().await;
    }
    assert!(server.connections() < 5, "{}", server.connections());
    assert_eq!(server.seen()[0].header("accept-encoding"), Some("gzip, deflate, br"));
    assert_eq!(server.seen()[0].header("host"), Some(&*server.address.to_string()));
}

// threat G7
#[tokio::test]
async fn a_name_that_moves_is_checked_where_it_leads_each_time() {
    let server = Server::start().await;
    let names = Arc::new(Names::default());
    let client = Client::new(limits()).with_resolver(names.clone());
    let url = format!("http://moving.test:{}/hello", server.port());
    // The name alone does not lead into this machine.
    let error = get(&client, &guard(&["moving.test"]), &url).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("EACCES"));
    assert!(error.message.contains(&format!("'127.0.0.1:{}': needs net access", server.port())), "{}", error.message);
    assert_eq!(server.connections(), 0);
    // With the address it does: resolved once a connection, so that there is no second answer to connect to.
    let both = guard(&["moving.test", "127.0.0.1"]);
    *names.asked.lock().unwrap() = 0;
    *names.next.lock().unwrap() = vec!["10.0.0.1", "127.0.0.1"];
    assert_eq!(get(&client, &both, &url).await.unwrap().body, b"hello");
    assert_eq!(*names.asked.lock().unwrap(), 1);
    // A connection that is still there is not used by who may not reach its address.
    assert_eq!(get(&client, &guard(&["moving.test"]), &url).await.unwrap_err().code.as_deref(), Some("EACCES"));
    assert_eq!(server.seen().len(), 1);
}

// threat G8
#[tokio::test]
async fn every_hop_of_a_redirect_is_checked() {
    let (server, other) = (Server::start().await, Server::start().await);
    let client = client();
    let both = guard(&["127.0.0.1"]);
    let fetched = get(&client, &both, &server.url(&format!("/redirect/302?{}", other.url("/hello")))).await.unwrap();
    assert_eq!((&*fetched.url, &*fetched.body), (&*other.url("/hello"), &b"hello"[..]));
    let one = guard(&[&format!("127.0.0.1:{}", server.port())]);
    let before = other.connections();
    for code in [301, 302, 303, 307, 308] {
        let error = get(&client, &one, &server.url(&format!("/redirect/{code}?{}", other.url("/hello")))).await.unwrap_err();
        assert_eq!(error.code.as_deref(), Some("EACCES"));
        assert!(error.message.contains(&format!("127.0.0.1:{}", other.port())), "{}", error.message);
    }
    assert_eq!(other.connections(), before);
    for nowhere in ["file:///etc/passwd", "data:,x", "javascript:1", "ftp://127.0.0.1/", "http://127.0.0.1:22/", "http://["] {
        assert!(get(&client, &both, &server.url(&format!("/redirect/302?{nowhere}"))).await.is_err(), "{nowhere}");
    }
    assert_eq!(code(&client, &server.url("/loop")).await, "redirect count exceeded");
    assert_eq!(server.seen().iter().filter(|seen| seen.path == "/loop").count(), 21);
}

// threat G9
#[tokio::test]
async fn what_comes_is_bounded() {
    let server = Server::start().await;
    let client = client();
    assert_eq!(code(&client, &server.url("/endless")).await, "UND_ERR_RES_EXCEEDED_MAX_SIZE");
    assert_eq!(code(&client, &server.url("/wide")).await, "UND_ERR_HEADERS_OVERFLOW");
    assert_eq!(code(&client, &server.url("/many")).await, "UND_ERR_HEADERS_OVERFLOW");
    let short = Duration::from_millis(200);
    assert_eq!(code(&client_with(Limits { pause: short, ..limits() }), &server.url("/drip")).await, "UND_ERR_BODY_TIMEOUT");
    assert_eq!(code(&client_with(Limits { head: short, ..limits() }), &server.url("/hang")).await, "UND_ERR_HEADERS_TIMEOUT");
    assert_eq!(code(&client, &server.url("/short")).await, "UND_ERR_SOCKET");
    assert_eq!(code(&client, &server.url("/close")).await, "UND_ERR_SOCKET");
    assert_eq!(code(&client, &server.url("/garbage")).await, "HPE_INVALID");
    for path in ["/endless", "/drip", "/hang"] {
        server.gone(path).await;
    }
    let refused = format!("http://127.0.0.1:{}/", unused_port().await);
    assert_eq!(code(&client, &refused).await, "ECONNREFUSED");
}

async fn unused_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

// threat G9
#[tokio::test]
async fn compressed_bodies_are_decompressed_and_bombs_are_not() {
    let server = Server::start().await;
    let client = client();
    let coded = |coding: &str, hex: &str| server.url(&format!("/coded/{coding}?{hex}"));
    let text = async |coding: &str, hex: &str| {
        let fetched = get(&client, &guard(&["127.0.0.1"]), &coded(coding, hex)).await;
        fetched.map_or_else(|error| error.code.unwrap_or_default(), |fetched| String::from_utf8(fetched.body).unwrap())
    };
    assert_eq!(text("gzip", &hex(&gzipped(b"hello"))).await, "hello");
    let twice = [gzipped(b"one, "), gzipped(b"two")].concat();
    assert_eq!(text("x-gzip", &hex(&twice)).await, "one, two");
    assert_eq!(text("deflate", "789ccb48cdc9c9d75148494dcb492c49050026ad0536").await, "hello, deflate");
    assert_eq!(text("deflate", "cb48cdc9c9d751284a2c0700").await, "hello, raw");
    assert_eq!(text("br", "0b068068656c6c6f2c2062726f746c6903").await, "hello, brotli");
    assert_eq!(text("GZIP,identity", &hex(&gzipped(b"x"))).await, "x");
    assert_eq!(text("gzip,gzip", &hex(&gzipped(&gzipped(b"nested")))).await, "nested");
    assert_eq!(text("unknown", "6869").await, "hi");
    assert_eq!(text("gzip", "").await, "");
    for broken in ["00", "1f8b0800", &hex(&gzipped(b"hello")[..12])] {
        assert_eq!(text("gzip", broken).await, "Z_DATA_ERROR", "{broken}");
    }
    assert_eq!(text("br", "ffffffff").await, "Z_DATA_ERROR");
    assert_eq!(text("gzip,gzip,gzip,gzip", "00").await, "Z_DATA_ERROR");
    let zeros = gzipped(&vec![0; 3 << 20]);
    let bomb = "UND_ERR_RES_EXCEEDED_MAX_SIZE";
    assert_eq!(text("gzip", &hex(&zeros)).await, bomb);
    assert_eq!(text("gzip,gzip", &hex(&gzipped(&gzipped(&vec![0; 64 << 20])))).await, bomb);
    assert_eq!(text("br", BROTLI_BOMB.trim()).await, bomb);
}

// threat K5
#[tokio::test]
async fn windows_and_what_is_made_between_codings_are_bounded() {
    let server = Server::start().await;
    let client = client();
    let coded = |coding: &str, hex: &str| server.url(&format!("/coded/{coding}?{hex}"));
    // Brotli's extension: a window of a gigabyte, for a few bytes.
    for large in ["111e0000", "91de0000ffff", "1100"] {
        assert_eq!(code(&client, &coded("br", large)).await, "Z_DATA_ERROR", "{large}");
        assert_eq!(code(&client, &coded("br,gzip", &hex(&gzipped(&[0x11, 0x1e, 0, 0])))).await, "Z_DATA_ERROR");
    }
    // A million times nothing: none of it comes out in the end.
    let nothing = gzipped(&gzipped(b"").repeat(1_000_000));
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip,gzip\r\ncontent-length: {}\r\n\r\n", nothing.len());
    let address = raw_server([head.into_bytes(), nothing].concat()).await;
    assert_eq!(code(&client, &format!("http://{address}/")).await, "UND_ERR_RES_EXCEEDED_MAX_SIZE");
    // A little of it is no bomb.
    let little = hex(&gzipped(&[gzipped(b"").repeat(20_000), gzipped(b"end")].concat()));
    assert_eq!(get(&client, &guard(&["127.0.0.1"]), &coded("gzip,gzip", &little)).await.unwrap().body, b"end");
}

// threat K5
#[tokio::test]
async fn names_have_few_addresses_and_requests_few_headers() {
    struct Many;
    impl Resolve for Many {
        fn resolve(&self, _: &str, port: u16) -> Pending<io::Result<Vec<SocketAddr>>> {
            let addresses = (0..u16::MAX).map(|low| SocketAddr::new(IpAddr::from([127, 0, (low >> 8) as u8, low as u8]), port));
            Box::pin(std::future::ready(Ok(addresses.collect())))
        }
    }
    let mut policy = Policy::none();
    policy.allow_all(Kind::Net);
    let permissions = Permissions::new(policy);
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    permissions.audit(Arc::new(move |_| *count.lock().unwrap() += 1));
    let client = Client::new(limits()).with_resolver(Arc::new(Many));
    let guard = Guard::new(&permissions, Kind::Net, "fetch", None);
    let url = format!("http://many.test:{}/", unused_port().await);
    assert_eq!(get(&client, &guard, &url).await.unwrap_err().code.as_deref(), Some("ECONNREFUSED"));
    assert!(*asked.lock().unwrap() <= 40, "{asked:?}");
    let host = drupe_host::Host::standard(&self::permissions(&["127.0.0.1"]));
    let fetch = async |headers: Vec<String>| {
        let args = vec!["GET".into(), "http://127.0.0.1:9/".into(), headers.into()];
        host.call(drupe_host::Call::new("net.fetch", args)).await.unwrap_err().code
    };
    for headers in [vec!["a".to_owned(); 100_000], vec!["b".to_owned(), "c".repeat(2 << 20)]] {
        assert_eq!(fetch(headers).await.as_deref(), Some("ERR_INVALID_ARG_VALUE"));
    }
}

// threat G14
#[tokio::test]
async fn a_grant_that_is_taken_back_ends_what_is_under_way() {
    let server = Server::start().await;
    server.release(1);
    let permissions = permissions(&["127.0.0.1"]);
    let service = drupe_host::Host::standard(&permissions);
    let args = vec!["GET".into(), server.url("/pieces").into(), Vec::<String>::new().into()];
    let call = drupe_host::Call::new("net.fetch", args);
    let Ok(drupe_host::Answer::Stream(mut items)) = service.call(call).await else { panic!() };
    let mut next = async || std::future::poll_fn(|context| items.as_mut().poll_next(context)).await;
    assert!(next().await.unwrap().is_ok());
    assert!(next().await.unwrap().is_ok());
    permissions.change(|policy| policy.deny_all(Kind::Net));
    server.release(1);
    assert_eq!(next().await.unwrap().unwrap_err().code.as_deref(), Some("EACCES"));
    assert!(next().await.is_none());
    server.gone("/pieces").await;
}

/// Who speaks TLS as `secure.test`.
async fn secure_server() -> (Server, u16) {
    let server = Server::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let certificate = include_bytes!("net/secure.der").to_vec().into();
    let key = PrivateKeyDer::Pkcs8(include_bytes!("net/secure.key.der").to_vec().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let behind = server.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                behind.clone().accepted(stream);
            }
        }
    });
    (server, port)
}

#[tokio::test]
async fn tls_is_for_whom_the_certificate_names() {
    let (_server, port) = secure_server().await;
    let mut roots = RootCertStore::empty();
    roots.add(include_bytes!("net/roots.der").to_vec().into()).unwrap();
    let trusting = client().with_roots(roots);
    let guard = guard(&["secure.test", "other.test", "127.0.0.1"]);
    let url = |host: &str| format!("https://{host}:{port}/hello");
    assert_eq!(get(&trusting, &guard, &url("secure.test")).await.unwrap().body, b"hello");
    assert_eq!(get(&trusting, &guard, &url("SECURE.test.")).await.unwrap().body, b"hello");
    let code = async |client: &Client, url: String| get(client, &guard, &url).await.unwrap_err().code.unwrap();
    assert_eq!(code(&trusting, url("other.test")).await, "ERR_TLS_CERT_ALTNAME_INVALID");
    assert_eq!(code(&client(), url("secure.test")).await, "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
}

// threat H5
#[tokio::test]
async fn modules_come_only_from_whom_a_certificate_names() {
    let (server, port) = secure_server().await;
    server.page("/m.js", "200 OK", "content-type: text/javascript\r\n", "export default 1");
    let folder = tempfile::tempdir().unwrap();
    let mut policy = Policy::none();
    // An address that is not the public internet's is granted as such.
    for rule in ["secure.test", "127.0.0.1"] {
        policy.allow(Kind::Import, rule).unwrap();
    }
    let modules = Modules::new(&Permissions::new(policy)).cache(&ModuleCache::with_limit(1 << 20)).remote_folder(folder.path());
    let url = format!("https://secure.test:{port}/m.js");
    // Nobody whom the client trusts has signed this certificate.
    let error = graph(&modules.clone().fetch(Arc::new(client())), vec![url.as_str().into()]).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("UNABLE_TO_VERIFY_LEAF_SIGNATURE"));
    assert_eq!(server.seen(), []);
    let mut roots = RootCertStore::empty();
    roots.add(include_bytes!("net/roots.der").to_vec().into()).unwrap();
    let trusting = modules.fetch(Arc::new(client().with_roots(roots)));
    let items = graph(&trusting, vec![url.as_str().into()]).await.unwrap();
    assert_eq!(items[0].get("source").and_then(Value::as_str), Some("export default 1"));
}
