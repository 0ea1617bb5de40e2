//! The heartbeat: a REP socket that returns what it gets, on a thread of its own. So it answers whatever else the
//! process does.

use std::{io, thread};

use super::{
    ZmtpError,
    frame::{Piece, Room, Wire},
    handshake::{Kind, write},
    listen::{Address, Listener, Peer},
};
use crate::log::Log;

/// Binds, and serves on a thread. Returns where it is bound.
pub(crate) fn serve(address: Address, log: Log) -> io::Result<Address> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(Listener::bind(address))?;
    let bound = listener.address().clone();
    let serve = move || runtime.block_on(listener.serve(Kind::Rep, Room::default(), log, echo));
    thread::Builder::new().name("heartbeat".to_owned()).spawn(serve)?;
    Ok(bound)
}

/// Returns each message to its sender.
async fn echo(peer: Peer) -> Result<(), ZmtpError> {
    let (mut reader, mut writer, _place) = peer.into_parts();
    while let Some(piece) = reader.next().await? {
        let wire = match piece {
            Piece::Message(received) => Wire::message(&received.frames),
            Piece::Command { name, body } if &*name == b"PING" => {
                Wire::command("PONG", body.get(2..).map_or(&[], |context| &context[..context.len().min(16)]))
            }
            Piece::Command { .. } => continue,
        };
        write(&mut writer, &wire).await?;
    }
    Ok(())
}
