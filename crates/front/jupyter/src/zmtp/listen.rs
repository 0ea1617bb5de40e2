//! Accepts peers: at a TCP port, or at a Unix domain socket.

use std::{
    fmt, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

use super::{
    ZmtpError,
    frame::{FrameReader, Room},
    handshake::{Kind, shake},
};
use crate::log::Log;

/// How many peers a socket has at most.
const MAX_PEERS: usize = 256;

/// How long to wait when no peer can be accepted, because the process has too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Where a socket is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(IpAddr, u16),
    /// The path of a Unix domain socket.
    Ipc(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Tcp(ip @ IpAddr::V6(_), port) => write!(f, "tcp://[{ip}]:{port}"),
            Self::Tcp(ip, port) => write!(f, "tcp://{ip}:{port}"),
            Self::Ipc(path) => write!(f, "ipc://{}", path.display()),
        }
    }
}

pub(crate) type Reader = FrameReader<Box<dyn AsyncRead + Send + Unpin>>;
pub(crate) type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// A peer that was greeted.
pub(crate) struct Peer {
    pub(crate) identity: Bytes,
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    place: Place,
}

/// One of the places for peers.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(taken.clone());
        (taken.fetch_add(1, Ordering::Relaxed) < MAX_PEERS).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Peer {
    /// Its parts; it counts as a peer until the last of them is dropped.
    pub(crate) fn into_parts(self) -> (Reader, Writer, impl Send) {
        (self.reader, self.writer, self.place)
    }
}

/// A bound socket.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: Socket,
    address: Address,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Ipc(tokio::net::UnixListener),
}

impl Listener {
    /// Binds. A TCP port of 0 is one that is free.
    pub(crate) async fn bind(address: Address) -> io::Result<Self> {
        match address {
            Address::Tcp(ip, port) => {
                let socket = TcpListener::bind((ip, port)).await?;
                let port = socket.local_addr()?.port();
                Ok(Self { socket: Socket::Tcp(socket), address: Address::Tcp(ip, port) })
            }
            #[cfg(unix)]
            Address::Ipc(path) => {
                let socket = Socket::Ipc(bind_path(&path).await?);
                Ok(Self { socket, address: Address::Ipc(path) })
            }
            #[cfg(not(unix))]
            Address::Ipc(_) => Err(io::Error::from(io::ErrorKind::Unsupported)),
        }
    }

    /// Where it is bound.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    async fn accept(&self) -> io::Result<(Box<dyn AsyncRead + Send + Unpin>, Writer)> {
        match &self.socket {
            Socket::Tcp(socket) => {
                let (stream, _) = socket.accept().await?;
                stream.set_nodelay(true)?;
                let (read, write) = stream.into_split();
                Ok((Box::new(read), Box::new(write)))
            }
            #[cfg(unix)]
            Socket::Ipc(socket) => {
                let (read, write) = socket.accept().await?.0.into_split();
                Ok((Box::new(read), Box::new(write)))
            }
        }
    }

    /// Accepts peers for ever, and hands each to `serve`, in a task of its own.
    pub(crate) async fn serve<S, F>(self, kind: Kind, room: Room, log: Log, serve: S)
    where
        S: Fn(Peer) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), ZmtpError>> + Send + 'static,
    {
        let taken = Arc::new(AtomicUsize::new(0));
        loop {
            let (read, mut writer) = match self.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    log.warn(format_args!("cannot accept a client at {}: {error}", self.address));
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let Some(place) = Place::take(&taken) else {
                log.warn(format_args!("{} has {MAX_PEERS} clients; another is refused", self.address));
                continue;
            };
            let (room, log, serve, address) = (room.clone(), log.clone(), serve.clone(), self.address.clone());
            tokio::spawn(async move {
                let mut reader = FrameReader::new(read, room);
                let served = match shake(&mut reader, &mut writer, kind, b"").await {
                    Ok(identity) => serve(Peer { identity, reader, writer, place }).await,
                    Err(error) => Err(error),
                };
                match served {
                    // A client that goes, in whatever way, is none that did wrong.
                    Ok(()) | Err(ZmtpError::Io(_)) => {}
                    Err(error) => log.warn(format_args!("let a client of {address} go: {error}")),
                }
            });
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Address::Ipc(path) = &self.address {
            // One that is gone is removed.
            drop(std::fs::remove_file(path));
        }
    }
}

/// Binds at a path. Only this user may connect. It replaces a socket without a listener.
#[cfg(unix)]
async fn bind_path(path: &Path) -> io::Result<tokio::net::UnixListener> {
    use std::os::unix::fs::PermissionsExt as _;

    use tokio::net::{UnixListener, UnixStream};

    let socket = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let refused =
                UnixStream::connect(path).await.err().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
            if !refused {
                return Err(error);
            }
            std::fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        bound => bound,
    }?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(socket)
}
