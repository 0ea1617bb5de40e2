//! The blocking end on systems where sockets cannot be polled: a thread reads for the receiver.

use std::{
    io::{self, Read as _},
    sync::Arc,
    thread,
};

use interprocess::local_socket::Stream;

use crate::{
    End,
    queue::queue,
    receiver::{Receiver, Source, Wake, Waker},
    sender::{Sender, Sink},
};

/// Reads that may wait for the receiver.
const CAPACITY: usize = 64;

pub(crate) fn end(stream: Stream) -> io::Result<End> {
    let stream = Arc::new(stream);
    let reader = stream.clone();
    let (feed, packets) = queue(CAPACITY);
    let waker = Waker(Wake::Queue(feed.clone()));
    thread::Builder::new().name("drupe-reader".into()).spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        loop {
            match (&*reader).read(&mut buffer) {
                Ok(0) => break,
                Ok(count) if feed.send(buffer[..count].to_vec()).is_ok() => {}
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => break,
                Err(error) => {
                    feed.fail(error);
                    break;
                }
            }
        }
        feed.end();
    })?;
    Ok(End { sender: Sender(Sink::Stream(stream)), receiver: Receiver::new(Source::Queue(packets)), waker })
}
