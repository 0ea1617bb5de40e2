//! Files of code that commands and flags name. Reading may block for ever, so each is read on a thread of its own.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    thread,
};

use tokio::sync::oneshot;

/// Larger files are no code.
pub(crate) const MAX_SOURCE: u64 = 64 << 20;

/// Reads the source text of a file: without a byte order mark, and with replacement characters for what is no UTF-8.
/// Cancel safe.
///
/// # Errors
/// When it cannot be read, or is too large.
pub(crate) async fn read(path: PathBuf) -> io::Result<String> {
    on_a_thread(move || text(File::open(path)?)).await
}

/// As [`read`], but what is no plain file is an error.
pub(crate) async fn read_plain(path: PathBuf) -> io::Result<String> {
    on_a_thread(move || {
        // **Asked before it is opened**: opening a pipe waits for its writer.
        if !path.metadata()?.is_file() {
            return Err(io::Error::other("it is no plain file"));
        }
        text(File::open(path)?)
    })
    .await
}

/// Writes `text` into a plain file, which may be new.
pub(crate) async fn write_plain(path: PathBuf, text: String) -> io::Result<()> {
    on_a_thread(move || {
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::other("it is no plain file"));
        }
        std::fs::write(path, text)
    })
    .await
}

fn text(file: File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(MAX_SOURCE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SOURCE {
        return Err(io::Error::other(format!("it has more than {} MiB", MAX_SOURCE >> 20)));
    }
    Ok(without_mark(&String::from_utf8_lossy(&bytes)).to_owned())
}

/// Source text without a byte order mark.
pub(crate) fn without_mark(source: &str) -> &str {
    source.strip_prefix('\u{feff}').unwrap_or(source)
}

/// Does something that may block. **The thread is left alone when nobody waits any more**: unlike those of the runtime
/// it does not keep this process from ending.
pub(crate) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    let (tell, told) = oneshot::channel();
    // Nobody may wait any more when it is done.
    let work = move || drop(tell.send(work()));
    thread::Builder::new().name("drupe-file".to_owned()).spawn(work)?;
    told.await.unwrap_or_else(|_| Err(io::Error::other("the thread that was to do it has failed")))
}
