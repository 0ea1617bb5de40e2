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
/// When the streams cannot be used.
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
    match serve_server(Handler::new(server)?, Lines::new(input, output, hangup)).await {
        // However it ended: the client is gone.
        Ok(service) => service.waiting().await.map(drop).map_err(io::Error::other),
        // It came and went.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}
