//! The blocking end on systems where sockets can be polled: Unix.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream},
};

use interprocess::local_socket::Stream;

use crate::{
    End,
    receiver::{self, Receiver, Wake, Waker},
    sender::{Sender, Sink},
    socket::{self, Source},
};

pub(crate) fn end(stream: Stream) -> io::Result<End> {
    let Stream::UdSocket(stream) = stream;
    let stream = UnixStream::from(OwnedFd::from(stream));
    socket::widen(&stream);
    let sender = Sender(Sink::Stream(stream.try_clone()?));
    let (source, waker) = Source::new(stream)?;
    Ok(End { sender, receiver: Receiver::new(receiver::Source::Socket(source)), waker: Waker(Wake::Socket(waker)) })
}
