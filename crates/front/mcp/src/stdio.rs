//! One client over standard input and output. **Standard output is the protocol's alone**: what programs print goes
//! into answers.

use std::io;

use rmcp::{
    RoleServer,
    service::{ServerInitializeError, serve_server},
    transport::{async_rw::AsyncRwTransport, stdio_pipes},
};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{handler::Handler, server::Server};

/// The longest message of a client, in bytes.
const MAX_MESSAGE: usize = 32 << 20;

/// Serves one client over standard input and output, until it closes them. Its sessions end with it.
///
/// # Errors
/// When the client does not speak the protocol.
pub async fn serve(server: &Server) -> io::Result<()> {
    let (input, output) = stdio_pipes();
    serve_over(server, input, output).await
}

/// Serves one client over any two streams of bytes, as [`serve`] does.
///
/// # Errors
/// As for [`serve`].
pub async fn serve_over(
    server: &Server,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
) -> io::Result<()> {
    let transport = AsyncRwTransport::<RoleServer, _, _>::new_server(input, output).with_max_line_length(MAX_MESSAGE);
    match serve_server(Handler::new(server)?, transport).await {
        // However it ended: the client is gone.
        Ok(service) => service.waiting().await.map(drop).map_err(io::Error::other),
        // It came and went.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}
