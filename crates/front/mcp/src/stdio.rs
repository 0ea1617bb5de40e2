//! One client over standard input and output. **Standard output is the protocol's alone**: what programs print goes
//! into answers.

use std::io;

use drupe_serve::listen::{Hangup, standard_streams};
use rmcp::service::{ServerInitializeError, serve_server};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{handler::Handler, lines::Lines, server::Server};

/// Serves one client over standard input and output, until it closes them. Its sessions end with it.
///
/// # Errors
/// When the streams cannot be used, or what came was no message of the protocol, and nothing else came.
pub async fn serve(server: &Server) -> io::Result<()> {
    let (input, output) = standard_streams()?;
    over(server, input, output, Hangup::of_stdin()).await
}

/// Serves one client over any two streams of bytes, as [`serve`] does.
///
/// # Errors
/// When there are too many connections.
pub async fn serve_over(
    server: &Server,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
) -> io::Result<()> {
    over(server, input, output, Hangup::default()).await
}

async fn over(
    server: &Server,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
    hangup: Hangup,
) -> io::Result<()> {
    let lines = Lines::new(input, output, hangup);
    let complaint = lines.complaint();
    match serve_server(Handler::new(server, lines.over())?, lines).await {
        // However it ended: the client is gone.
        Ok(service) => service.waiting().await.map(drop).map_err(io::Error::other),
        // It came and went.
        Err(ServerInitializeError::ConnectionClosed(_)) => match complaint.get() {
            None => Ok(()),
            Some(why) => Err(io::Error::new(io::ErrorKind::InvalidData, format!("no client has spoken: {why}"))),
        },
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}
