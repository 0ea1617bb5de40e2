//! Clients over streamable HTTP. Each request carries a token, and the origin of a web page must be an allowed one.

use std::{convert::Infallible, fmt, io, net::Ipv6Addr, sync::Arc, time::Duration};

use drupe_serve::{is_origin, listen::Tls};
use http::{HeaderMap, Method, Request, StatusCode, header, request::Parts, uri::Authority};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::{
    model::{ClientJsonRpcMessage, GetMeta as _, ProtocolVersion},
    transport::streamable_http_server::{
        SessionManager as _, StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{Semaphore, watch},
};
use tower_service::Service as _;

use crate::{
    body::{Answer, Bodies, is_json, refusal, same_id},
    cors,
    handler::Handler,
    incoming::MAX_MESSAGE,
    open_requests::{OpenRequest, OpenRequests},
    server::Server,
    tools::limits::MAX_YIELD,
};

/// The path of the endpoint.
const PATH: &str = "/mcp";

/// The header that names a connection of the protocol.
pub(crate) const SESSION: &str = "mcp-session-id";

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

    /// Whether each origin and host is one that a request can have.
    ///
    /// # Errors
    /// Names the first that is none, in words.
    pub fn check(&self) -> Result<(), String> {
        if let Some(wrong) = self.origins.iter().find(|origin| !is_origin(origin.strip_suffix(":*").unwrap_or(origin))) {
            return Err(format!("{wrong:?} is no origin: it has a scheme, a host and a port, such as https://app.example:443"));
        }
        let is_host = |host: &&String| host.parse::<Ipv6Addr>().is_ok() || Authority::try_from(host.as_str()).is_ok();
        match self.hosts.iter().find(|host| !is_host(host)) {
            Some(wrong) => Err(format!("{wrong:?} is no name of a server: it has a host, and perhaps a port, and nothing else")),
            None => Ok(()),
        }
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

/// What serves the requests of one token. **Each token has its own: nobody uses or ends what belongs to another.**
#[derive(Clone)]
struct Endpoint {
    service: StreamableHttpService<Handler, LocalSessionManager>,
    /// The connections of the protocol, which its clients call sessions.
    connections: Arc<LocalSessionManager>,
    open: Arc<OpenRequests>,
}

/// How clients are served.
struct Serving {
    access: Access,
    /// By the numbers of their tokens.
    endpoints: Vec<Endpoint>,
    bodies: Bodies,
}

/// Serves the clients that come to a listener, at the path `/mcp`, over TLS if there is one.
pub async fn serve(listener: &TcpListener, tls: Option<&Tls>, server: &Server, access: &Access) {
    let endpoints = access.tokens.iter().map(|_| endpoint(server, access)).collect();
    let serving = Arc::new(Serving { access: access.clone(), endpoints, bodies: Bodies::default() });
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // It is never closed.
        let Ok(room) = room.clone().acquire_owned().await else { return };
        let stream = accept(listener).await;
        let (serving, tls) = (serving.clone(), tls.cloned());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, serving).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(stream, serving).await;
                    }
                }
            }
            drop(room);
        });
    }
}

/// Serves one connection.
async fn connection(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, serving: Arc<Serving>) {
    let service = service_fn(move |request| answer(serving.clone(), request));
    let mut connection = http1::Builder::new();
    connection.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
    // A client that breaks off is gone; its calls are cancelled.
    drop(connection.serve_connection(TokioIo::new(stream), service).await);
}

fn endpoint(server: &Server, access: &Access) -> Endpoint {
    let mut sessions = LocalSessionManager::default();
    // A call may say nothing for as long as it waits for a run.
    sessions.session_config.keep_alive = Some(server.settings().idle.saturating_add(MAX_YIELD));
    let config = StreamableHttpServerConfig::default()
        .with_max_request_body_bytes(MAX_MESSAGE)
        .with_allowed_hosts(access.hosts.iter().cloned())
        .with_allowed_origins(access.origins.iter().cloned())
        .enforce_origin_validation();
    let (server, connections) = (server.clone(), Arc::new(sessions));
    let service = StreamableHttpService::new(
        move || Handler::new(&server, watch::Sender::new(false).subscribe()),
        connections.clone(),
        config,
    );
    Endpoint { service, connections, open: Arc::default() }
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

async fn answer(serving: Arc<Serving>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let origin = cors::origin(request.headers(), &serving.access.origins);
    let mut answer = if cors::is_preflight(request.method(), request.headers()) && request.uri().path() == PATH {
        preflight(origin.is_some())
    } else {
        admitted(&serving, request).await?
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
async fn admitted(serving: &Serving, mut request: Request<Incoming>) -> Result<Answer, Infallible> {
    if request.uri().path() != PATH {
        return Ok(refusal(StatusCode::NOT_FOUND, "there is nothing here; the endpoint is /mcp\n"));
    }
    let known = serving.access.token(request.headers());
    let Some((token, endpoint)) = known.and_then(|token| Some((token, serving.endpoints.get(token.0)?))) else {
        let mut refused = refusal(StatusCode::UNAUTHORIZED, "this server demands a token: Authorization: Bearer TOKEN\n");
        refused.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        return Ok(refused);
    };
    request.extensions_mut().insert(token);
    endpoint.answer(&serving.bodies, request).await
}

impl Endpoint {
    async fn answer(&self, bodies: &Bodies, request: Request<Incoming>) -> Result<Answer, Infallible> {
        let mut service = self.service.clone();
        if *request.method() == Method::DELETE {
            return self.delete(request).await;
        }
        if *request.method() != Method::POST || !is_json(request.headers()) {
            return service.call(request).await;
        }
        let (parts, body) = request.into_parts();
        let (bytes, message) = match bodies.read(body).await {
            Ok(read) => read,
            Err(unread) => return Ok(*unread),
        };
        let parts = of_session(parts, &message);
        let open = match self.begin(&parts, &message) {
            Ok(open) => open,
            Err(refused) => return Ok(*refused),
        };
        let answer = service.call(Request::from_parts(parts, Full::new(bytes))).await?;
        Ok(if let Some(open) = open { open.end_with(answer) } else { answer })
    }

    /// Ends a connection of the protocol. **Clients take 200 and 204 for its end**, and what rmcp answers (202) for a
    /// failure.
    async fn delete(&self, request: Request<Incoming>) -> Result<Answer, Infallible> {
        if !is_there(&self.connections, request.headers()).await {
            return Ok(refusal(StatusCode::NOT_FOUND, "there is no such session\n"));
        }
        let answer = self.service.clone().call(request).await?;
        Ok(if answer.status() == StatusCode::ACCEPTED { refusal(StatusCode::NO_CONTENT, "") } else { answer })
    }

    /// Notes a request of a connection, until it has its answer.
    fn begin(&self, parts: &Parts, message: &ClientJsonRpcMessage) -> Result<Option<OpenRequest>, Box<Answer>> {
        let named = parts.headers.get(SESSION).and_then(|named| named.to_str().ok());
        let (Some(named), ClientJsonRpcMessage::Request(request)) = (named, message) else { return Ok(None) };
        // Who is about to change them does so before long; then none is forgotten this time.
        let connections = self.connections.sessions.try_read().ok();
        let is_there = |named: &str| connections.as_ref().is_none_or(|connections| connections.contains_key(named));
        let begun = self.open.begin(named, &request.id, is_there);
        begun.map(Some).ok_or_else(|| same_id(&request.id).into())
    }
}

/// Whether the connection that a request names is one of its token's. One that names none is refused by the endpoint.
async fn is_there(connections: &LocalSessionManager, headers: &HeaderMap) -> bool {
    let Some(named) = headers.get(SESSION) else { return true };
    let Ok(named) = named.to_str() else { return false };
    connections.has_session(&named.into()).await.unwrap_or(false)
}

/// The head of a request. **One that stands alone is of no session**, whatever it says.
fn of_session(mut parts: Parts, message: &ClientJsonRpcMessage) -> Parts {
    let version = match message {
        ClientJsonRpcMessage::Request(request) => request.request.get_meta().protocol_version(),
        ClientJsonRpcMessage::Notification(_) | ClientJsonRpcMessage::Response(_) | ClientJsonRpcMessage::Error(_) => None,
    };
    let named = parts.headers.get("mcp-protocol-version").and_then(|version| version.to_str().ok());
    let version = version.as_ref().map(ProtocolVersion::as_str).or(named);
    if version.is_some_and(|version| version >= ProtocolVersion::V_2026_07_28.as_str()) {
        parts.headers.remove(SESSION);
    }
    parts
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

    #[test]
    fn what_no_request_can_have_is_refused() {
        let mut access = Access::new([]);
        access.hosts.extend(["example.com", "example.com:8443", "10.0.0.1"].map(ToOwned::to_owned));
        access.origins = ["https://app.example:443", "http://localhost:*", "null"].map(ToOwned::to_owned).into();
        assert_eq!(access.check(), Ok(()));
        for wrong in ["app.example", "*", "https://app.example/path", "", "https://app.example:443/"] {
            let access = Access { origins: vec![wrong.to_owned()], ..access.clone() };
            assert!(access.check().is_err_and(|why| why.contains("is no origin")), "{wrong}");
        }
        for wrong in ["https://example.com", "example.com/mcp", ""] {
            let access = Access { hosts: vec![wrong.to_owned()], ..access.clone() };
            assert!(access.check().is_err_and(|why| why.contains("is no name of a server")), "{wrong}");
        }
    }
}
