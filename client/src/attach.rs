//! Kernels that the embedder provides, already connected.

use std::{fmt, io, sync::Arc};

use drupe_protocol::{REVISION, hello::Hello};
use drupe_transport::parent::{FrameReader, FrameWriter};

use crate::{LaunchError, link::Link};

/// Settings requested of an attached kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The number of its first session.
    pub generation: u64,
    /// Its heap limit in bytes.
    pub memory_limit: Option<u64>,
}

/// The parent's ends of a kernel that is connected already, after the handshake.
#[derive(Debug)]
pub struct Connection {
    /// Runs and events.
    pub data: (FrameReader, FrameWriter),
    /// Interrupts and questions.
    pub control: (FrameReader, FrameWriter),
    /// The `hello` that the kernel sent.
    pub hello: Hello,
}

/// Provides kernels.
#[derive(Clone)]
pub(crate) struct Attach(Arc<dyn Fn(Wanted) -> io::Result<Connection> + Send + Sync>);

impl Attach {
    pub(crate) fn new(connect: impl Fn(Wanted) -> io::Result<Connection> + Send + Sync + 'static) -> Self {
        Self(Arc::new(connect))
    }

    pub(crate) fn link(&self, generation: u64, memory_limit: Option<u64>) -> Result<Link, LaunchError> {
        let Connection { data, control, hello } = (self.0)(Wanted { generation, memory_limit }).map_err(LaunchError::Attach)?;
        if hello.revision != REVISION {
            return Err(LaunchError::Revision { theirs: hello.revision });
        }
        Ok(Link::new(None, data, control, hello))
    }
}

impl fmt::Debug for Attach {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Attach").finish_non_exhaustive()
    }
}
