//! Where clients come from: standard input and output, a Unix domain socket, or TCP.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::OwnedSemaphorePermit,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::{
    Server,
    connection::{
        self, Client,
        progress::Progress,
        stream::{Outgoing, Source},
    },
};

/// How clients are accepted.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Access {
    /// The token that each client must know.
    pub token: Option<Arc<str>>,
    /// Whether all connections are JSON lines.
    pub json: bool,
    /// Whether clients may be WebSockets, and the origins of web pages that may be. `*`: any. A client that is no
    /// browser has no origin.
    pub origins: Option<Arc<[String]>>,
}

impl Access {
    fn client(
        &self,
        source: impl AsyncRead + Send + Unpin + 'static,
        out: impl AsyncWrite + Send + Unpin + 'static,
        room: Option<OwnedSemaphorePermit>,
    ) -> Client {
        let (progress, hangup) = (Progress::default(), Hangup::default());
        let outgoing = Outgoing::Bytes(Box::new(progress.counting(out)));
        Client { source: Source(Box::new(source)), outgoing, access: self.clone(), progress, hangup, room }
    }
}

/// Serves one client over standard input and output, until it leaves. Its kernels end with it.
///
/// # Errors
/// When the streams cannot be used.
pub async fn stdio(server: &Server, access: &Access) -> io::Result<()> {
    let (source, outgoing) = standard_streams()?;
    let client = Client { hangup: Hangup::of_stdin(), ..access.client(source, outgoing, None) };
    // A task of its own: when this is dropped, the client is still told that its kernels end.
    let served = tokio::spawn(connection::serve(server.clone(), client));
    served.await.map_err(io::Error::other)?;
    server.close().await;
    Ok(())
}

/// The size of the pipe that a client reads from, in bytes: large values cross in few steps.
#[cfg(target_os = "linux")]
const PIPE_SIZE: usize = 1 << 20;

/// Tells that a client has closed its side of a connection, also while what it said before is not read.
#[derive(Clone, Debug, Default)]
pub struct Hangup {
    #[cfg(unix)]
    input: Option<Arc<std::os::fd::OwnedFd>>,
}

/// How often a hangup is looked for.
const HANGUP_PACE: Duration = Duration::from_millis(500);

impl Hangup {
    /// Of the client that writes to standard input.
    #[must_use]
    pub fn of_stdin() -> Self {
        #[cfg(unix)]
        return Self { input: rustix::io::dup(rustix::stdio::stdin()).ok().map(Arc::new) };
        #[cfg(not(unix))]
        Self::default()
    }

    /// Waits for it, for ever where it cannot be known.
    pub async fn come(&self) {
        while !self.has_come() {
            tokio::time::sleep(HANGUP_PACE).await;
        }
    }

    #[cfg(unix)]
    fn has_come(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};

        let Some(input) = &self.input else { return false };
        #[cfg(target_os = "linux")]
        let asked = PollFlags::RDHUP;
        #[cfg(not(target_os = "linux"))]
        let asked = PollFlags::empty();
        let mut polled = [PollFd::new(input, asked)];
        let ready = poll(&mut polled, Some(&Timespec::default()));
        ready.is_ok() && polled[0].revents().intersects(asked | PollFlags::HUP | PollFlags::ERR)
    }

    #[cfg(not(unix))]
    fn has_come(&self) -> bool {
        false
    }
}

/// What a client is read from.
type Input = Box<dyn AsyncRead + Send + Unpin>;

/// What a client is written to.
type Output = Box<dyn AsyncWrite + Send + Unpin>;

/// Standard input and output, without threads of their own where they are pipes or sockets.
///
/// # Errors
/// When they cannot be used.
#[cfg(unix)]
pub fn standard_streams() -> io::Result<(Input, Output)> {
    use rustix::fs::{FileType, Mode, OFlags, fstat};
    use std::os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::UnixStream,
    };

    use drupe_client::{ReadHalf, WriteHalf};
    use tokio::net::unix::pipe;

    let (input, output) = (rustix::io::dup(rustix::stdio::stdin())?, rustix::io::dup(rustix::stdio::stdout())?);
    let kind = |stat: rustix::fs::Stat| FileType::from_raw_mode(stat.st_mode);
    let (from, to) = (kind(fstat(&input)?), kind(fstat(&output)?));
    let input: Input = if from == FileType::Fifo {
        Box::new(pipe::Receiver::from_owned_fd(own(input, OFlags::RDONLY))?)
    } else if from == FileType::Socket {
        Box::new(ReadHalf::new(socket(input))?)
    } else {
        Box::new(tokio::io::stdin())
    };
    let output: Output = if to == FileType::Fifo {
        // A pipe that cannot grow is slower, and no worse.
        #[cfg(target_os = "linux")]
        rustix::pipe::fcntl_setpipe_size(&output, PIPE_SIZE).ok();
        Box::new(pipe::Sender::from_owned_fd(own(output, OFlags::WRONLY))?)
    } else if to == FileType::Socket {
        Box::new(WriteHalf::new(socket(output))?)
    } else {
        Box::new(tokio::io::stdout())
    };
    return Ok((input, output));

    fn socket(descriptor: OwnedFd) -> Arc<UnixStream> {
        Arc::new(UnixStream::from(descriptor))
    }

    /// The same pipe, opened again where that is possible: **other processes may share what was given, and must
    /// not find it without waiting**.
    fn own(given: OwnedFd, access: OFlags) -> OwnedFd {
        let place = format!("/proc/self/fd/{}", given.as_raw_fd());
        let again = cfg!(target_os = "linux")
            .then(|| rustix::fs::open(place, access | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()));
        again.and_then(Result::ok).unwrap_or(given)
    }
}

/// Standard input and output.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn standard_streams() -> io::Result<(Input, Output)> {
    Ok((Box::new(tokio::io::stdin()), Box::new(tokio::io::stdout())))
}

/// The path of a socket's name: itself if it has a slash, otherwise a file in the user's folder for such files. The
/// folder is made.
#[must_use]
pub fn socket_path(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(name.into());
    }
    let folder = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty())?;
    let folder = Path::new(&folder).join("drupe");
    // Where it cannot be made, nobody can listen, and that is told.
    std::fs::create_dir_all(&folder).ok();
    Some(folder.join(format!("{name}.sock")))
}

/// A Unix domain socket that listens.
#[cfg(unix)]
#[derive(Debug)]
pub struct Socket {
    listener: tokio::net::UnixListener,
    path: PathBuf,
}

#[cfg(unix)]
impl Socket {
    /// Listens at `path`. The file is only the user's own. One that is left of a server that has ended is replaced.
    ///
    /// # Errors
    /// When it cannot be listened at, for instance because another server does.
    pub fn bind(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt;

        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "another server listens there"));
        }
        match std::fs::symlink_metadata(path) {
            Ok(found) if std::os::unix::fs::FileTypeExt::is_socket(&found.file_type()) => std::fs::remove_file(path)?,
            Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file, and it is no socket")),
            Err(_) => {}
        }
        let listener = tokio::net::UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path: path.to_owned() })
    }

    /// Serves the clients that come, those of the same user and of root.
    pub async fn serve(&self, server: &Server, access: &Access) {
        let own = rustix::process::geteuid().as_raw();
        loop {
            let room = server.room_to_greet().await;
            let stream = accept(|| self.listener.accept()).await.0;
            if stream.peer_cred().map_or(true, |peer| peer.uid() != own && peer.uid() != 0) {
                continue;
            }
            // One that cannot be read or written is gone.
            if let Ok((source, outgoing)) = stream.into_std().and_then(drupe_client::halves) {
                tokio::spawn(connection::serve(server.clone(), access.client(source, outgoing, room)));
            }
        }
    }
}

#[cfg(unix)]
impl Drop for Socket {
    fn drop(&mut self) {
        // A file that is gone already is no socket any more.
        drop(std::fs::remove_file(&self.path));
    }
}

/// Serves the clients that come to a TCP listener, over TLS if there is one.
pub async fn tcp(listener: &TcpListener, tls: Option<&Tls>, server: &Server, access: &Access) {
    loop {
        let room = server.room_to_greet().await;
        let stream = accept(|| listener.accept()).await.0;
        keep_alive(&stream);
        let (server, access) = (server.clone(), access.clone());
        match tls.cloned() {
            Some(tls) => drop(tokio::spawn(async move {
                let Ok(stream) = tls.accept(stream).await else { return };
                let (source, outgoing) = tokio::io::split(stream);
                connection::serve(server, access.client(source, outgoing, room)).await;
            })),
            None => {
                let (source, outgoing) = stream.into_split();
                tokio::spawn(connection::serve(server, access.client(source, outgoing, room)));
            }
        }
    }
}

/// The time in which a client must greet in TLS.
const TLS_PATIENCE: Duration = Duration::from_secs(10);

/// A certificate and its key.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Tls(..)")
    }
}

impl Tls {
    /// Reads the certificates, the server's own first, and the private key: PEM files.
    ///
    /// # Errors
    /// When a file cannot be read, holds nothing of the kind, or they do not belong together.
    pub fn read(certificates: &Path, key: &Path) -> io::Result<Self> {
        let bad = |path: &Path, error: &dyn fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
        let chain = CertificateDer::pem_file_iter(certificates).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let chain = chain.map_err(|error| bad(certificates, &error))?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, &error))?;
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private);
        Ok(Self(TlsAcceptor::from(Arc::new(config.map_err(|error| bad(certificates, &error))?))))
    }

    /// Greets a client in TLS.
    ///
    /// # Errors
    /// When it does not speak TLS, or not within ten seconds.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<>> {
        tokio::time::timeout(TLS_PATIENCE, self.0.accept(stream)).await?
    }
}

/// Accepts the next connection. An error of one connection, or a want of descriptors or memory, does not end the
/// server: it tries again after a pause.
async fn accept<T, F: Future<Output = io::Result<T>>>(next: impl Fn() -> F) -> T {
    loop {
        match next().await {
            Ok(accepted) => return accepted,
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Has the system find out that a client on another machine is gone, also while nothing is said.
fn keep_alive(stream: &TcpStream) {
    // Messages are written whole. A connection without one of these is served all the same.
    drop(stream.set_nodelay(true));
    #[cfg(unix)]
    {
        use rustix::net::sockopt;

        sockopt::set_socket_keepalive(stream, true).ok();
        sockopt::set_tcp_keepidle(stream, Duration::from_secs(30)).ok();
        sockopt::set_tcp_keepintvl(stream, Duration::from_secs(10)).ok();
        sockopt::set_tcp_keepcnt(stream, 4).ok();
        #[cfg(target_os = "linux")]
        sockopt::set_tcp_user_timeout(stream, 60_000).ok();
    }
}
