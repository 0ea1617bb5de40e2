//! A server that means ill, in the process that watches: what it does is not charged to the parent that is measured.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

use crate::case::LARGEST;

/// Starts it; its address. It ends with this process.
pub(crate) fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let own = address.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let own = own.clone();
            // A client that has enough goes away: that is an end like any other.
            thread::spawn(move || drop(serve(stream, &own)));
        }
    });
    address
}

fn serve(mut stream: TcpStream, own: &str) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    loop {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read(&mut byte)? == 0 {
                return Ok(());
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
        let whole = path.split('?').next().unwrap_or("/");
        let words = whole.split('/').skip(1).collect::<Vec<_>>();
        if !answer(&mut stream, &words, own)? {
            return Ok(());
        }
    }
}

/// Answers a request for a path; whether the connection can go on.
fn answer(stream: &mut TcpStream, words: &[&str], own: &str) -> io::Result<bool> {
    match words {
        ["coded", coding, what] => page(stream, &format!("content-encoding: {coding}\r\n"), &body(what)),
        ["plain", what] => page(stream, "", &body(what)),
        ["type", kind, what] => page(stream, &format!("content-type: {}\r\n", kind.replace('+', "/")), &body(what)),
        // Modules that import each 24 more, to any depth.
        ["tree", ..] => {
            let below = (0..24).map(|index| format!("import '/{}/{index}';\n", words.join("/"))).collect::<String>();
            page(stream, SCRIPT, below.as_bytes())
        }
        ["chain", index] => {
            let next = index.parse::<u64>().unwrap_or(0) + 1;
            page(stream, SCRIPT, format!("export * from '/chain/{next}';").as_bytes())
        }
        ["bombs"] => {
            let imports = (0..24).map(|index| format!("import '/bomb/{index}.js';\n")).collect::<String>();
            page(stream, SCRIPT, imports.as_bytes())
        }
        ["bomb", _] => page(stream, &format!("{SCRIPT}content-encoding: gzip\r\n"), &body("spaces")),
        ["redirects"] => {
            stream.write_all(
                format!("HTTP/1.1 302 F\r\nlocation: http://{own}/redirects\r\ncontent-length: 0\r\n\r\n").as_bytes(),
            )?;
            Ok(true)
        }
        ["redirect-far"] => {
            let path = "x".repeat(60_000);
            stream.write_all(format!("HTTP/1.1 302 F\r\nlocation: /{path}\r\ncontent-length: 0\r\n\r\n").as_bytes())?;
            Ok(true)
        }
        _ => odd(stream, words).map(|()| false),
    }
}

const SCRIPT: &str = "content-type: text/javascript\r\n";

fn page(stream: &mut TcpStream, headers: &str, body: &[u8]) -> io::Result<bool> {
    stream.write_all(format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len()).as_bytes())?;
    stream.write_all(body).map(|()| true)
}

/// Answers that break off or are no good HTTP.
fn odd(stream: &mut TcpStream, words: &[&str]) -> io::Result<()> {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    match words {
        ["many-headers"] => {
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(170_000)).as_bytes())?;
        }
        ["long-header"] => stream.write_all(format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "b".repeat(1 << 20)).as_bytes())?,
        ["long-status"] => stream.write_all(format!("HTTP/1.1 200 {}\r\n\r\n", "b".repeat(1 << 20)).as_bytes())?,
        ["folded"] => stream.write_all(format!("HTTP/1.1 200 OK\r\na: b{}\r\n\r\n", "\r\n c".repeat(15_000)).as_bytes())?,
        ["cookies"] => {
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{}\r\n", "set-cookie: a=b\r\n".repeat(250)).as_bytes())?;
        }
        ["garbage"] => stream.write_all(&[0xff; 1 << 20])?,
        ["informs"] => {
            stream.write_all("HTTP/1.1 100 Continue\r\n\r\n".repeat(40_000).as_bytes())?;
        }
        ["early-hints"] => {
            stream.write_all("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(20_000).as_bytes())?;
        }
        ["tiny-chunks"] => {
            stream.write_all(chunked.as_bytes())?;
            stream.write_all("1\r\nx\r\n".repeat(170_000).as_bytes())?;
            stream.write_all(b"0\r\n\r\n")?;
        }
        ["chunk-extensions"] => {
            stream.write_all(chunked.as_bytes())?;
            stream.write_all(format!("1;{}\r\nx\r\n0\r\n\r\n", "a=b;".repeat(200_000)).as_bytes())?;
        }
        ["chunk-zeros"] => {
            stream.write_all(chunked.as_bytes())?;
            stream.write_all("0".repeat(1 << 20).as_bytes())?;
        }
        ["trailers"] => {
            stream.write_all(chunked.as_bytes())?;
            stream.write_all(format!("1\r\nx\r\n0\r\n{}\r\n", "a: b\r\n".repeat(170_000)).as_bytes())?;
        }
        ["huge-chunk"] => {
            stream.write_all(chunked.as_bytes())?;
            stream.write_all(b"fffffffffffffffff\r\nx")?;
        }
        ["long-length"] => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775807\r\n\r\nx")?,
        ["many-lengths"] => {
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{}\r\n", "content-length: 1\r\n".repeat(200)).as_bytes())?;
        }
        ["short"] => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nx")?,
        ["drip"] => {
            stream.write_all(chunked.as_bytes())?;
            loop {
                stream.write_all(b"1\r\nx\r\n")?;
                thread::sleep(Duration::from_millis(1));
            }
        }
        ["silent"] => {
            stream.read_exact(&mut [0])?;
        }
        _ => stream.write_all(b"HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n")?,
    }
    Ok(())
}

fn repeat(out: &mut dyn Write, what: &[u8], bytes: usize) {
    let piece = what.repeat((64 << 10) / what.len());
    for _ in 0..bytes / piece.len() {
        out.write_all(&piece).unwrap();
    }
}

fn gzip(fill: impl FnOnce(&mut dyn Write)) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    fill(&mut encoder);
    encoder.finish().unwrap()
}

/// 40 MiB of zeroes as Brotli with a window of so many bits, as Node's zlib writes it (`BROTLI_PARAM_LARGE_WINDOW`), by
/// hexadecimal digit pairs.
fn brotli(bits: u8) -> Vec<u8> {
    let text = format!("11{bits:02x}ffffff01900088c70221f7fe9fffffff004800c46101a07bff9fffff7f002400e2b000d0bdff03");
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Bodies, each within 1 MiB, and each made once.
fn body(what: &str) -> Arc<Vec<u8>> {
    static MADE: Mutex<BTreeMap<String, Arc<Vec<u8>>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    let body = made.entry(what.to_owned()).or_insert_with(|| Arc::new(new_body(what)));
    assert!(body.len() <= LARGEST, "{what}: {} bytes", body.len());
    body.clone()
}

fn new_body(what: &str) -> Vec<u8> {
    match what {
        "gzip-bomb" => gzip(|out| repeat(out, &[0], 64 << 20)).repeat(15),
        // Not as much smaller as that.
        "gzip-dense" => {
            let line = (0..240_u8).collect::<Vec<_>>();
            gzip(|out| repeat(out, &line, 16 << 20)).repeat(8)
        }
        "gzip-30" => gzip(|out| repeat(out, &[0], 30 << 20)),
        "spaces" => gzip(|out| repeat(out, b" ", 31 << 20)),
        "gzip-members" => gzip(|_| {}).repeat(40_000),
        "gzip-name" => {
            let mut bytes = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
            bytes.resize(1 << 20, b'a');
            bytes
        }
        "gzip-cut" => {
            let mut bytes = gzip(|out| repeat(out, b"abc", 1 << 20));
            bytes.truncate(bytes.len() / 2);
            bytes
        }
        "gzip-gzip" => {
            let inner = gzip(|out| repeat(out, &[0], 64 << 20)).repeat(16);
            gzip(|out| out.write_all(&inner).unwrap())
        }
        "gzip-gzip-gzip" => {
            let inner = gzip(|out| repeat(out, &[0], 64 << 20)).repeat(16);
            let inner = gzip(|out| out.write_all(&inner).unwrap());
            gzip(|out| out.write_all(&inner).unwrap())
        }
        "zlib" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
            repeat(&mut encoder, &[0], 64 << 20);
            encoder.finish().unwrap()
        }
        "bare" => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            repeat(&mut encoder, &[0], 64 << 20);
            encoder.finish().unwrap()
        }
        // Blocks of no length: stored, not compressed, not the last.
        "empty-blocks" => [0, 0, 0, 0xff, 0xff].repeat(200_000),
        "brotli-25" => brotli(25),
        "brotli-28" => brotli(28),
        "brotli-30" => brotli(30),
        // Metadata without end: a window of 16 bits, then empty meta-blocks that carry nothing.
        "brotli-metadata" => {
            let mut bytes = vec![0x0c];
            bytes.resize(1 << 20, 0x06);
            bytes
        }
        "zeros" => vec![0; 1 << 20],
        "ones" => vec![0xff; 1 << 20],
        "open" => b"[".repeat(1 << 20),
        "nest-json" => [b"[".repeat(500_000), b"]".repeat(500_000)].concat(),
        "wide-json" => [b"[".to_vec(), b"0,".repeat(500_000), b"0]".to_vec()].concat(),
        "parens" => b"(".repeat(1 << 20),
        "generics" => "a<(b=".repeat(40).into_bytes(),
        "imports" => (0..40_000).map(|index| format!("import './i{index}';\n")).collect::<String>().into_bytes(),
        "wasm-imports" => crate::wasm::imports(90_000),
        _ => b"hello".to_vec(),
    }
}
