//! Clients over streamable HTTP. Each request carries a token, and the origin of a web page must be an allowed one.

use std::{convert::Infallible, fmt, io, sync::Arc, time::Duration};

use drupe_serve::listen::Tls;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::Semaphore,
};
use tower_service::Service as _;

use crate::{cors, handler::Handler, server::Server};

/// The path of the endpoint.
const PATH: &str = "/mcp";

/// The longest message of a client, in bytes.
const MAX_BODY: usize = 32 << 20;

/// How many connections there may be. Others wait until one ends.
const MAX_CONNECTIONS: usize = 256;

/// How long a client may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);

/// How clients are accepted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Access {
    /// The tokens. Each is a caller of its own.
    pub tokens: Arc<[String]>,
    /// The origins of web pages that may call, such as `https://example.com:443`; `*` as a port is any. A client that
    /// is no browser has no origin.
    pub origins: Vec<String>,
    /// The names that the server has, as they stand in `Host`: by default those of this machine for itself.
    pub hosts: Vec<String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Access").field("origins", &self.origins).field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Access {
    /// Access for those who know one of `tokens`.
    #[must_use]
    pub fn new(tokens: impl Into<Arc<[String]>>) -> Self {
        let hosts = ["localhost", "127.0.0.1", "::1"].map(ToOwned::to_owned).into();
        Self { tokens: tokens.into(), origins: Vec::new(), hosts }
    }

    /// The number of the token that a request has. Every token is compared, and to its end: the time tells nothing.
    fn token(&self, headers: &HeaderMap) -> Option<KnownToken> {
        let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, given) = given.split_once(' ')?;
        let given = given.trim_start_matches(' ');
        let is = |token: &String| {
            let differs = token.bytes().zip(given.bytes()).fold(0, |differs, (one, other)| differs | (one ^ other));
            differs == 0 && token.len() == given.len()
        };
        let known = self.tokens.iter().enumerate().filter(|(_, token)| is(token)).map(|(number, _)| number);
        let known = known.fold(None, |_, number| Some(number));
        known.filter(|_| scheme.eq_ignore_ascii_case("bearer")).map(KnownToken)
    }
}

/// The number of the token that a request has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownToken(pub(crate) usize);

type Endpoint = StreamableHttpService<Handler, LocalSessionManager>;
type Answer = Response<BoxBody<Bytes, Infallible>>;

/// Serves the clients that come to a listener, at the path `/mcp`, over TLS if there is one.
pub async fn serve(listener: &TcpListener, tls: Option<&Tls>, server: &Server, access: &Access) {
    let endpoint = endpoint(server, access);
    let access = Arc::new(access.clone());
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // It is never closed.
        let Ok(room) = room.clone().acquire_owned().await else { return };
        let stream = accept(listener).await;
        let (endpoint, access, tls) = (endpoint.clone(), access.clone(), tls.cloned());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, endpoint, access).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(stream, endpoint, access).await;
                    }
                }
            }
            drop(room);
        });
    }
}

/// Serves one connection.
async fn connection(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, endpoint: Endpoint, access: Arc<Access>) {
    let service = service_fn(move |request| answer(endpoint.clone(), access.clone(), request));
    let mut connection = http1::Builder::new();
    connection.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
    // A client that breaks off is gone; its calls are cancelled.
    drop(connection.serve_connection(TokioIo::new(stream), service).await);
}

fn endpoint(server: &Server, access: &Access) -> Endpoint {
    let mut sessions = LocalSessionManager::default();
    sessions.session_config.keep_alive = Some(server.settings().idle);
    let config = StreamableHttpServerConfig::default()
        .with_max_request_body_bytes(MAX_BODY)
        .with_allowed_hosts(access.hosts.iter().cloned())
        .with_allowed_origins(access.origins.iter().cloned())
        .enforce_origin_validation();
    let server = server.clone();
    StreamableHttpService::new(move || Handler::new(&server), Arc::new(sessions), config)
}

/// The next connection. A want of descriptors or memory does not end the server: it tries again after a pause.
async fn accept(listener: &TcpListener) -> tokio::net::TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // A connection without this is served all the same.
                drop(stream.set_nodelay(true));
                return stream;
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(endpoint: Endpoint, access: Arc<Access>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let origin = cors::origin(request.headers(), &access.origins);
    let mut answer = if cors::is_preflight(request.method(), request.headers()) && request.uri().path() == PATH {
        preflight(origin.is_some())
    } else {
        admitted(endpoint, &access, request).await?
    };
    cors::mark(answer.headers_mut(), origin);
    Ok(answer)
}

/// The answer to a browser that asks whether a page may call. **It tells nothing that a token guards.**
fn preflight(is_allowed: bool) -> Answer {
    if !is_allowed {
        return refusal(StatusCode::FORBIDDEN, "pages of this origin may not call; --allow-origin lets them\n");
    }
    let mut answer = refusal(StatusCode::NO_CONTENT, "");
    cors::permit(answer.headers_mut());
    answer
}

/// The answer to a request that has a token.
async fn admitted(mut endpoint: Endpoint, access: &Access, mut request: Request<Incoming>) -> Result<Answer, Infallible> {
    if request.uri().path() != PATH {
        return Ok(refusal(StatusCode::NOT_FOUND, "there is nothing here; the endpoint is /mcp\n"));
    }
    let Some(token) = access.token(request.headers()) else {
        let mut refused = refusal(StatusCode::UNAUTHORIZED, "this server demands a token: Authorization: Bearer TOKEN\n");
        refused.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        return Ok(refused);
    };
    request.extensions_mut().insert(token);
    endpoint.call(request).await
}

fn refusal(status: StatusCode, why: &'static str) -> Answer {
    let mut refused = Response::new(Full::new(Bytes::from_static(why.as_bytes())).boxed());
    *refused.status_mut() = status;
    refused
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn tokens_are_told_apart_and_compared_whole() {
        let access = Access::new(["0123456789abcdef".to_owned(), "fedcba9876543210".to_owned()]);
        let token = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            access.token(&headers).map(|token| token.0)
        };
        assert_eq!(token("Bearer 0123456789abcdef"), Some(0));
        assert_eq!(token("bearer  fedcba9876543210"), Some(1));
        for wrong in
            ["Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "Basic 0123456789abcdef", "0123456789abcdef", "Bearer "]
        {
            assert_eq!(token(wrong), None, "{wrong}");
        }
        assert_eq!(access.token(&HeaderMap::new()).map(|token| token.0), None);
        assert!(!format!("{access:?}").contains("0123"));
    }
}
