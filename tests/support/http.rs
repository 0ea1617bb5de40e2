//! A small HTTP server that tells what it saw, and answers as its paths say.
#![allow(dead_code, reason = "each package uses what it needs")]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::{Notify, Semaphore},
};

/// A request that arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its end.
    pub(crate) whole: bool,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    connections: usize,
    seen: Vec<Seen>,
    /// Paths whose clients went away before the answer was complete.
    gone: Vec<String>,
    /// By path: status line, headers and body.
    pages: Vec<(String, [String; 3])>,
}

/// The server; it ends with its runtime.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Notify,
    /// Pieces that `/pieces` may send.
    permits: Semaphore,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Notify::new(), permits: Semaphore::new(0) });
        let server = Self { address, shared };
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                own.clone().accepted(stream);
            }
        });
        server
    }

    /// Serves a connection that was accepted elsewhere.
    pub(crate) fn accepted(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        self.change(|state| state.connections += 1);
        tokio::spawn(async move { self.serve(BufReader::new(stream)).await });
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.state.lock().unwrap().connections
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.state.lock().unwrap().seen.clone()
    }

    /// The last request for `path`.
    pub(crate) fn last(&self, path: &str) -> Seen {
        self.seen().into_iter().rfind(|seen| seen.path == path).unwrap_or_default()
    }

    /// Answers requests for `path` from now on; `headers` are whole lines.
    pub(crate) fn page(&self, path: &str, status: &str, headers: &str, body: &str) {
        let page = [status, headers, body].map(str::to_owned);
        self.change(|state| {
            state.pages.retain(|(own, _)| own != path);
            state.pages.push((path.to_owned(), page));
        });
    }

    /// Lets `/pieces` send so many more.
    pub(crate) fn release(&self, pieces: usize) {
        self.shared.permits.add_permits(pieces);
    }

    /// Waits until a request for `path` has arrived.
    pub(crate) async fn arrived(&self, path: &str) {
        self.until(|state| state.seen.iter().any(|seen| seen.path == path)).await;
    }

    /// Waits until a client of `path` has gone away.
    pub(crate) async fn gone(&self, path: &str) {
        self.until(|state| state.gone.iter().any(|gone| gone == path)).await;
    }

    async fn until(&self, is: impl Fn(&State) -> bool) {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if is(&self.shared.state.lock().unwrap()) {
                return;
            }
            changed.await;
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.shared.state.lock().unwrap());
        self.shared.changed.notify_waiters();
    }

    async fn serve(self, mut stream: BufReader<impl AsyncRead + AsyncWrite + Unpin>) {
        while let Some(seen) = read_request(&mut stream).await {
            let path = seen.path.clone();
            let whole = seen.whole;
            self.change(|state| state.seen.push(seen.clone()));
            if !whole || self.answer(&seen, &mut stream).await.is_err() {
                self.change(|state| state.gone.push(path));
                return;
            }
        }
    }

    async fn answer(&self, seen: &Seen, stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>) -> std::io::Result<()> {
        let page =
            self.shared.state.lock().unwrap().pages.iter().find(|(path, _)| *path == seen.path).map(|(_, page)| page.clone());
        if let Some([status, headers, body]) = page {
            return reply(stream, &status, &headers, body.as_bytes()).await;
        }
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        let words = path.split('/').skip(1).collect::<Vec<_>>();
        let gone = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let head = match words[..] {
            ["hello"] => return reply(stream, "200 OK", "content-type: text/plain\r\n", b"hello").await,
            ["echo"] => {
                let kind = seen.header("content-type").unwrap_or("text/none");
                return reply(stream, "200 Fine", &format!("content-type: {kind}\r\n"), &seen.body).await;
            }
            ["status", code] => return reply(stream, &format!("{code} Said"), "", b"").await,
            ["cookies"] => {
                let headers = "set-cookie: a=1\r\nset-cookie: b=2\r\nx-many: 1\r\nx-many: 2\r\nx-latin: caf\u{e9}\r\n";
                let bytes = headers.chars().map(|c| c as u8).collect::<Vec<_>>();
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n").await?;
                stream.write_all(&bytes).await?;
                return stream.write_all(b"\r\n").await;
            }
            // The query is where to.
            ["redirect", code] => return reply(stream, &format!("{code} Moved"), &format!("location: {query}\r\n"), b"").await,
            ["loop"] => return reply(stream, "302 Found", "location: /loop\r\n", b"").await,
            // The query is the coding and the body in hexadecimal.
            ["coded", coding] => {
                let body = from_hex(query);
                return reply(stream, "200 OK", &format!("content-encoding: {coding}\r\n"), &body).await;
            }
            ["pieces"] | ["drip"] => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(),
            ["short"] => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nnot so much").await?;
                return Err(gone());
            }
            ["garbage"] => "SMTP ready when you are\r\n\r\n".to_owned(),
            ["close"] => return Err(gone()),
            ["wide"] => format!("HTTP/1.1 200 OK\r\nx-wide: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(1 << 20)),
            ["many"] => format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(5000)),
            ["endless"] => "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_owned(),
            ["hang"] => String::new(),
            _ => return reply(stream, "404 Not Found", "", b"no such path").await,
        };
        stream.write_all(head.as_bytes()).await?;
        stream.flush().await?;
        match words[0] {
            "endless" => {
                let zeros = vec![0; 64 << 10];
                loop {
                    stream.write_all(&zeros).await?;
                }
            }
            "pieces" => {
                let mut count = 0;
                loop {
                    let mut byte = [0];
                    tokio::select! {
                        permit = self.shared.permits.acquire() => permit.unwrap().forget(),
                        // Nothing is to come: an answer is one of the client's end.
                        _ = stream.read(&mut byte) => return Err(gone()),
                    }
                    count += 1;
                    let piece = format!("piece {count}\n");
                    stream.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()).await?;
                    stream.flush().await?;
                }
            }
            "drip" => {
                stream.write_all(b"1\r\n.\r\n").await?;
                stream.flush().await?;
                stream.read_u8().await.and(Err(gone()))
            }
            "hang" => stream.read_u8().await.and(Err(gone())),
            _ => Err(gone()),
        }
    }
}

async fn reply(stream: &mut (impl AsyncWrite + Unpin), status: &str, headers: &str, body: &[u8]) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    stream.flush().await
}

/// The next request, if one comes. A body that ends too soon is not `whole`.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = head.iter().copied().map(char::from).collect::<String>();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ').map(str::to_owned);
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let mut seen = Seen { method: words.next()?, path: words.next()?, headers, body: Vec::new(), whole: true };
    if let Some(length) = seen.header("content-length").and_then(|length| length.parse().ok()) {
        seen.body = vec![0; length];
        seen.whole = stream.read_exact(&mut seen.body).await.is_ok();
    } else if seen.header("transfer-encoding").is_some() {
        seen.whole = read_chunks(stream, &mut seen.body).await.is_ok();
    }
    Some(seen)
}

async fn read_chunks(stream: &mut (impl AsyncRead + Unpin), body: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(stream.read_u8().await?);
        }
        let length = usize::from_str_radix(std::str::from_utf8(&line).unwrap().trim(), 16).unwrap();
        let mut piece = vec![0; length + 2];
        stream.read_exact(&mut piece).await?;
        if length == 0 {
            return Ok(());
        }
        body.extend_from_slice(&piece[..length]);
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
