//! The handshake of ZMTP 3.0 with the mechanism NULL: greetings, then `READY` with the types of the sockets.

use std::{io, time::Duration};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::{
    ZmtpError,
    frame::{FrameReader, Piece, Wire},
};

/// How long a peer may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The greeting of either side.
const GREETING: [u8; 64] = {
    let mut greeting = [0; 64];
    greeting[0] = 0xff;
    greeting[9] = 0x7f;
    // Version 3.0. Subscriptions are then messages, in libzmq, too.
    greeting[10] = 3;
    let mechanism = *b"NULL";
    let mut at = 0;
    while at < mechanism.len() {
        greeting[12 + at] = mechanism[at];
        at += 1;
    }
    greeting
};

/// The type of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Router,
    XPub,
    Rep,
    /// The side of a client: in the registration of a kernel, and in tests.
    Dealer,
    #[cfg(test)]
    Sub,
    #[cfg(test)]
    Req,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Router => "ROUTER",
            Self::XPub => "XPUB",
            Self::Rep => "REP",
            Self::Dealer => "DEALER",
            #[cfg(test)]
            Self::Sub => "SUB",
            #[cfg(test)]
            Self::Req => "REQ",
        }
    }

    /// The types that it talks with.
    fn peers(self) -> &'static [&'static str] {
        match self {
            Self::Router => &["DEALER", "REQ", "ROUTER"],
            Self::XPub => &["SUB", "XSUB"],
            Self::Rep => &["REQ", "DEALER"],
            Self::Dealer => &["ROUTER", "REP", "DEALER"],
            #[cfg(test)]
            Self::Sub => &["PUB", "XPUB"],
            #[cfg(test)]
            Self::Req => &["REP", "ROUTER"],
        }
    }
}

/// Greets a peer. Returns its identity, which may be empty.
pub(crate) async fn shake<R, W>(
    reader: &mut FrameReader<R>,
    writer: &mut W,
    own: Kind,
    identity: &[u8],
) -> Result<Bytes, ZmtpError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let greeted = tokio::time::timeout(PATIENCE, greet(reader, writer, own, identity)).await;
    greeted.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
}

async fn greet<R, W>(reader: &mut FrameReader<R>, writer: &mut W, own: Kind, identity: &[u8]) -> Result<Bytes, ZmtpError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    writer.write_all(&GREETING).await?;
    writer.flush().await?;
    // An old peer sends no more than the signature before it has ours.
    let signature = reader.exactly::<10>().await?;
    if signature[0] != 0xff || signature[9] & 1 == 0 {
        return Err(ZmtpError::Broken("this is no ZMTP"));
    }
    let [major, _, mechanism @ ..] = reader.exactly::<54>().await?;
    if major < 3 {
        return Err(ZmtpError::Version(major));
    }
    if mechanism[..20] != GREETING[12..32] {
        return Err(ZmtpError::Mechanism);
    }
    write(writer, &Wire::command("READY", &properties(own, identity))).await?;
    let Some(Piece::Command { name, body }) = reader.next().await? else {
        return Err(ZmtpError::Broken("a message came before READY"));
    };
    if &*name != b"READY" {
        return Err(ZmtpError::Broken("another command came before READY"));
    }
    let (mut kind, mut identity) = (Bytes::new(), Bytes::new());
    for (name, value) in read_properties(body)? {
        match name.to_ascii_lowercase().as_slice() {
            b"socket-type" => kind = value,
            b"identity" => identity = value,
            _ => {}
        }
    }
    if !own.peers().iter().any(|known| known.as_bytes() == &*kind) {
        let reason = format!("{} does not talk with this type of socket", own.name());
        write(writer, &Wire::command("ERROR", &[&[u8::try_from(reason.len()).unwrap_or(0)], reason.as_bytes()].concat())).await?;
        return Err(ZmtpError::Type(String::from_utf8_lossy(&kind).chars().take(20).collect()));
    }
    if identity.len() > 255 || identity.first() == Some(&0) {
        return Err(ZmtpError::Broken("an identity is too long, or begins with zero"));
    }
    Ok(identity)
}

/// Writes all, and flushes.
pub(crate) async fn write(writer: &mut (impl AsyncWrite + Unpin), wire: &Wire) -> io::Result<()> {
    for piece in wire.pieces() {
        writer.write_all(piece).await?;
    }
    writer.flush().await
}

fn properties(own: Kind, identity: &[u8]) -> Vec<u8> {
    let mut properties = Vec::new();
    for (name, value) in [("Socket-Type", own.name().as_bytes()), ("Identity", identity)] {
        properties.push(u8::try_from(name.len()).unwrap_or(0));
        properties.extend_from_slice(name.as_bytes());
        properties.extend_from_slice(&u32::try_from(value.len()).unwrap_or(0).to_be_bytes());
        properties.extend_from_slice(value);
    }
    properties
}

fn read_properties(mut body: Bytes) -> Result<Vec<(Bytes, Bytes)>, ZmtpError> {
    let mut take = |length: usize| {
        let is_there = body.len() >= length;
        is_there.then(|| body.split_to(length)).ok_or(ZmtpError::Broken("READY is cut off"))
    };
    let mut properties = Vec::new();
    // The end may stand only where a property begins.
    while let Ok(length) = take(1) {
        let name = take(length[0].into())?;
        let length = take(4)?.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
        properties.push((name, take(length)?));
    }
    Ok(properties)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use tokio::io::{DuplexStream, ReadHalf, WriteHalf, duplex, split};

    use super::super::frame::Room;
    use super::*;

    type Side = (FrameReader<ReadHalf<DuplexStream>>, WriteHalf<DuplexStream>);

    fn pair() -> (Side, Side) {
        let (one, other) = duplex(1 << 16);
        let side = |stream| {
            let (read, write) = split(stream);
            (FrameReader::new(read, Room::default()), write)
        };
        (side(one), side(other))
    }

    async fn meet(own: Kind, other: Kind, identity: &[u8]) -> Result<Bytes, ZmtpError> {
        let (mut here, mut there) = pair();
        let (met, _) =
            tokio::join!(shake(&mut here.0, &mut here.1, own, b""), shake(&mut there.0, &mut there.1, other, identity));
        met
    }

    #[tokio::test]
    async fn sockets_that_fit_meet() {
        assert_eq!(&*meet(Kind::Router, Kind::Dealer, b"me").await.unwrap(), b"me");
        assert_eq!(&*meet(Kind::XPub, Kind::Sub, b"").await.unwrap(), b"");
        assert_eq!(&*meet(Kind::Rep, Kind::Req, b"").await.unwrap(), b"");
        assert!(matches!(meet(Kind::XPub, Kind::Dealer, b"").await, Err(ZmtpError::Type(kind)) if kind == "DEALER"));
        assert!(matches!(meet(Kind::Router, Kind::Dealer, b"\0me").await, Err(ZmtpError::Broken(_))));
    }

    #[tokio::test]
    async fn what_is_no_peer_is_told_from_one() {
        let mut old = GREETING;
        old[10] = 2;
        let mut curve = GREETING;
        curve[12..17].copy_from_slice(b"CURVE");
        let cut = [&GREETING[..], &[4, 8], b"\x05READY", &[11, b'S']].concat();
        let early = [&GREETING[..], &[0, 1, 65]].concat();
        for (bytes, wrong) in [
            (b"GET / HTTP/1.1\r\n".to_vec(), "this is no ZMTP"),
            (old.to_vec(), "version 2"),
            (curve.to_vec(), "CURVE"),
            (cut, "READY is cut off"),
            (early, "before READY"),
        ] {
            let (mut here, mut there) = pair();
            there.1.write_all(&bytes).await.unwrap();
            let met = shake(&mut here.0, &mut here.1, Kind::Router, b"").await;
            let told = met.unwrap_err().to_string();
            assert!(told.contains(wrong), "{told}");
        }
    }
}
