//! The start-up handshake of protocol 5.6: a kernel that was given a registration file chooses its ports, and tells
//! them.

use std::{io, time::Duration};

use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{
    connection::Registration,
    message::Session,
    zmtp::{
        ZmtpError,
        frame::{FrameReader, Piece, Room, Wire},
        handshake::{Kind, shake, write},
    },
};

/// How long the service may take to acknowledge.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells the ports, and waits for the acknowledgement.
pub(crate) async fn register(to: &Registration, session: &Session, mut ports: Value) -> Result<(), ZmtpError> {
    ports["kernel_id"] = json!(to.kernel_id);
    let told = async {
        let (read, mut writer) = TcpStream::connect((to.ip, to.port)).await?.into_split();
        let mut reader = FrameReader::new(read, Room::default());
        shake(&mut reader, &mut writer, Kind::Dealer, b"").await?;
        write(&mut writer, &Wire::message(&session.write_bare(&ports))).await?;
        while let Some(piece) = reader.next().await? {
            if matches!(piece, Piece::Message(_)) {
                return Ok(());
            }
        }
        Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
    };
    tokio::time::timeout(PATIENCE, told).await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
}
