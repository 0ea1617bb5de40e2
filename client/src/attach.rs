//! Kernels that the embedder connects to: on a thread, or on another machine.

use std::{fmt, io, pin::Pin, sync::Arc};

use drupe_protocol::{
    REVISION,
    hello::{Channel, Hello},
};
use drupe_transport::parent::{FrameReader, FrameWriter};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{
    LaunchError,
    config::Config,
    launch::{Ends, receive_hello, welcome},
    link::Link,
    standstill::within,
};

/// Settings requested of an attached kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// The number of its first session.
    pub generation: u64,
    /// Its heap limit in bytes.
    pub memory_limit: Option<u64>,
}

/// The parent's ends of the two channels of a kernel.
#[derive(Debug)]
pub struct Connection {
    data: Ends,
    control: Ends,
    /// The `hello` that the kernel sent; `None` before the handshake.
    hello: Option<Hello>,
}

impl Connection {
    /// The channels of a kernel over two byte streams, such as TCP connections, the streams of a WebSocket, or the
    /// standard streams of an SSH command. The kernel sends its `hello` on both, as `protocol/WIRE.md` says; the client
    /// answers. The end of the data stream is the kernel's end.
    ///
    /// **Whoever can write to these streams controls the kernel, and its bytes are trusted as a kernel's are**: the
    /// embedder authenticates and encrypts them where others can reach them.
    pub fn over<D, C>(data: D, control: C) -> Self
    where
        D: AsyncRead + AsyncWrite + Send + 'static,
        C: AsyncRead + AsyncWrite + Send + 'static,
    {
        Self { data: ends(data), control: ends(control), hello: None }
    }

    /// The channels of a kernel after the handshake, and the `hello` that it sent.
    ///
    /// Hidden, because its arguments are types of the wire, which this crate does not export: use
    /// [`over`](Self::over). The tests of this repository attach kernels over channels in memory with it.
    #[doc(hidden)]
    #[must_use]
    pub fn greeted(data: (FrameReader, FrameWriter), control: (FrameReader, FrameWriter), hello: Hello) -> Self {
        Self { data, control, hello: Some(hello) }
    }

    /// Makes a link of it, after the handshake.
    async fn link(self) -> Result<Link, LaunchError> {
        let Self { data, control, hello } = self;
        if let Some(hello) = hello {
            return match hello.revision {
                REVISION => Ok(Link::new(None, data, control, hello)),
                theirs => Err(LaunchError::Revision { theirs }),
            };
        }
        let hellos = (receive_hello(data, Channel::Data, None), receive_hello(control, Channel::Control, None));
        let ((reader, mut writer, hello), (control_in, control_out, _)) = tokio::try_join!(hellos.0, hellos.1)?;
        welcome(&mut writer);
        Ok(Link::new(None, (reader, writer), (control_in, control_out), hello))
    }
}

fn ends(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Ends {
    let (read, write) = tokio::io::split(Box::pin(stream));
    (FrameReader::over(read), FrameWriter::over(write))
}

type Connecting = Pin<Box<dyn Future<Output = io::Result<Connection>> + Send>>;

/// Connects to kernels.
#[derive(Clone)]
pub(crate) struct Attach(Arc<dyn Fn(Wanted) -> Connecting + Send + Sync>);

impl Attach {
    pub(crate) fn new<F, C>(connect: F) -> Self
    where
        F: Fn(Wanted) -> C + Send + Sync + 'static,
        C: Future<Output = io::Result<Connection>> + Send + 'static,
    {
        Self(Arc::new(move |wanted| Box::pin(connect(wanted))))
    }

    pub(crate) async fn link(&self, config: &Config, generation: u64) -> Result<Link, LaunchError> {
        let wanted = Wanted { generation, memory_limit: config.memory_limit };
        let linked = within(config.launch_timeout, async {
            let connection = (self.0)(wanted).await.map_err(LaunchError::Attach)?;
            connection.link().await
        });
        linked.await.unwrap_or(Err(LaunchError::Silent(config.launch_timeout)))
    }
}

impl fmt::Debug for Attach {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Attach").finish_non_exhaustive()
    }
}
