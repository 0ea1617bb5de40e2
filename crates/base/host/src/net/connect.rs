//! Connects to one of the addresses that were checked, and to no other.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    task::JoinSet,
    time::sleep,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

use super::{Limits, NetError, guard::Target, pool::Connected};

/// When an address has not answered for so long, the next is tried beside it.
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// What trusts the web's certificates.
pub(super) fn web_tls() -> Arc<ClientConfig> {
    static TLS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    TLS.get_or_init(|| tls(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })).clone()
}

/// What trusts `roots`.
pub(super) fn tls(roots: RootCertStore) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    // The versions that the provider was built with.
    let builder = builder.with_safe_default_protocol_versions().unwrap_or_else(|_| ClientConfig::builder());
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Connects to the first of `addresses` that answers.
pub(super) async fn connect(
    target: &Target,
    addresses: &[SocketAddr],
    tls: &Arc<ClientConfig>,
    limits: &Limits,
) -> Result<Connected, NetError> {
    let (tcp, address) = first(addresses).await?;
    // Heads and small bodies are written at once; waiting for more would only delay them.
    drop(tcp.set_nodelay(true));
    let stream = if target.secure {
        let name = ServerName::try_from(target.host.clone()).map_err(|_| NetError::BadUrl(target.host.clone()))?;
        let stream = TlsConnector::from(tls.clone()).connect(name, tcp).await.map_err(NetError::Tls)?;
        Stream::Tls(Box::new(stream))
    } else {
        Stream::Plain(tcp)
    };
    let mut builder = http1::Builder::new();
    builder.max_buf_size(limits.head_bytes.max(8192)).max_headers(limits.headers);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| NetError::from_hyper(&error))?;
    // It ends when the sender and the response's body are dropped: nobody needs to know how.
    tokio::spawn(async move { drop(connection.await) });
    Ok(Connected { sender, address })
}

/// Tries one after the other, the next one when the one before failed or takes long. The first that answers it is.
async fn first(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), NetError> {
    let mut attempts = JoinSet::new();
    let mut rest = addresses.iter().copied();
    let mut failed = NetError::ConnectTimeout;
    let mut next = rest.next();
    loop {
        if let Some(address) = next.take() {
            attempts.spawn(async move { (address, TcpStream::connect(address).await) });
        } else if attempts.is_empty() {
            return Err(failed);
        }
        tokio::select! {
            Some(Ok((address, done))) = attempts.join_next() => match done {
                Ok(tcp) => return Ok((tcp, address)),
                Err(error) => failed = NetError::Connect { address, error },
            },
            () = sleep(NEXT_ADDRESS), if rest.len() > 0 => {}
            else => {}
        }
        next = rest.next();
    }
}

/// TCP, or TLS over it.
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
