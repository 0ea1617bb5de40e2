//! The other side of a blocking end, down to the bytes.

use std::io::{self, Read as _, Write as _};

use drupe_protocol::{FrameDecoder, Value, decode, encode};
use drupe_transport::{End, Incoming, connect, memory, unguessable_name};
use interprocess::local_socket::{GenericNamespaced, ListenerOptions, Stream, ToNsName as _, traits::Listener as _};

/// Dropping it closes the connection.
pub(crate) trait Peer: Send + 'static {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// The next message; `None` at the end.
    fn receive(&mut self) -> Option<Value>;
}

impl Peer for End {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sender.send(bytes)
    }

    fn receive(&mut self) -> Option<Value> {
        match self.receiver.wait(None).unwrap() {
            Incoming::Message(message) => Some(message),
            Incoming::Closed => None,
            other => panic!("{other:?}"),
        }
    }
}

/// The other side of a socket.
pub(crate) struct Socket(Stream, FrameDecoder);

impl Peer for Socket {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn receive(&mut self) -> Option<Value> {
        loop {
            if let Some(payload) = self.1.next_frame().unwrap() {
                return Some(decode(&payload).unwrap());
            }
            match self.0.read(self.1.spare()).unwrap() {
                0 => return None,
                count => self.1.advance(count),
            }
        }
    }
}

pub(crate) fn memory_pair() -> (End, End) {
    memory::pair()
}

pub(crate) fn socket_pair() -> (End, Socket) {
    let name = unguessable_name().unwrap();
    let listener = ListenerOptions::new().name(name.as_str().to_ns_name::<GenericNamespaced>().unwrap()).create_sync().unwrap();
    // The backlog takes the connection, so one thread can do both.
    let end = connect(&name).unwrap();
    (end, Socket(listener.accept().unwrap(), FrameDecoder::new()))
}

pub(crate) fn frame(message: &Value) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(message, &mut frame).unwrap();
    frame
}
