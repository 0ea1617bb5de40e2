//! ZMTP 3.0, the protocol of ZeroMQ's sockets, as far as a Jupyter kernel needs it: sockets that are bound, of the
//! types ROUTER, XPUB and REP, over TCP and Unix domain sockets, without encryption.
//!
//! It is written here because a kernel must bound what peers cost it: whoever reaches a port may send bytes, and only a
//! whole message can be authenticated. No length is trusted ([`frame`]), a peer has a bounded time to greet
//! ([`handshake`]), what waits for a peer is bounded ([`outbox`]), and a subscriber that does not read first slows the
//! publisher down, and then loses messages, which are counted ([`publisher`]). [`listen`] accepts peers, [`router`] and
//! [`heartbeat`] are the other sockets.
//!
//! Why not the crate `zeromq` (read in 0.7.0, of October 2026)? Its decoder makes room for whatever length a peer
//! names, without a bound for a message or a time for a greeting. Its XPUB awaits one subscriber after the other, so
//! one that does not read stops the output for all. Until May 2026 a short `READY` of a peer was a panic (its issue
//! 286). It has no CURVE, either. And it would add seven crates to the build, for 1,200 lines here.

use std::io;

pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod heartbeat;
pub(crate) mod listen;
pub(crate) mod outbox;
pub(crate) mod publisher;
pub(crate) mod router;

/// Why a peer is let go.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ZmtpError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it broke the protocol: {0}")]
    Broken(&'static str),
    #[error("it speaks ZMTP version {0}; version 3 is needed")]
    Version(u8),
    #[error("it wants another mechanism than NULL: CURVE and PLAIN are not supported")]
    Mechanism,
    #[error("its socket is of the type {0:?}, which has no business here")]
    Type(String),
    #[error("its message is larger than 256 MiB, or has more than 4096 frames")]
    TooLarge,
    #[error("messages that are not read yet take 512 MiB")]
    NoRoom,
}
