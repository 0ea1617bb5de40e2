//! HTTP requests, with a [`Guard`] that decides on each hop.

use std::{fmt, sync::Arc};

use drupe_protocol::HostError;
use hyper::{
    HeaderMap, Method, Response, StatusCode,
    body::{Body as _, Incoming},
    ext::ReasonPhrase,
    header,
};
use tokio::{sync::Semaphore, time::timeout};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::{
    Guard, Limits, NetError, Resolve, SystemResolver,
    body::{Back, Body, Decoding},
    connect::{connect, tls, web_tls},
    decode::Coding,
    guard::Target,
    pool::{Connected, Pool},
    request::{Redirect, Request, is_redirect},
    upload::Outgoing,
    windows::Windows,
};

/// Makes requests. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    limits: Arc<Limits>,
    resolver: Arc<dyn Resolve>,
    tls: Arc<ClientConfig>,
    pool: Arc<Pool>,
    in_flight: Arc<Semaphore>,
    windows: Windows,
}

/// The head of a response.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) reason: String,
    pub(super) headers: HeaderMap,
    pub(super) url: Url,
    pub(super) redirected: bool,
}

/// What [`Client::get`] got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it was in the end.
    pub url: String,
    /// The status of the response, such as 200.
    pub status: u16,
    /// Names in lower case and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, without compression.
    pub body: Vec<u8>,
}

impl Client {
    /// A client that asks the system for addresses and trusts the web's certificates.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let in_flight = Arc::new(Semaphore::new(limits.in_flight));
        Self {
            limits: Arc::new(limits),
            resolver: Arc::new(SystemResolver),
            tls: web_tls(),
            pool: Arc::default(),
            in_flight,
            windows: Windows::default(),
        }
    }

    /// Asks `resolver` for addresses.
    #[must_use]
    pub fn with_resolver(self, resolver: Arc<dyn Resolve>) -> Self {
        Self { resolver, ..self }
    }

    /// Trusts the certificates that `roots` vouch for, and no others.
    #[must_use]
    pub fn with_roots(self, roots: RootCertStore) -> Self {
        Self { tls: tls(roots), ..self }
    }

    /// Gets `url`, redirects followed, at most `limit` bytes of it. `accept` is the header of that name.
    ///
    /// # Errors
    /// The error that JavaScript sees when the guard denies a hop, or there is no response. Every status is a response.
    pub async fn get(&self, guard: &Guard, url: &str, accept: &str, limit: usize) -> Result<Fetched, HostError> {
        self.get_as(guard, url, accept, limit, Redirect::Follow, |_| true).await
    }

    /// The same without following redirects: they are answers.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn get_once(&self, guard: &Guard, url: &str, accept: &str, limit: usize) -> Result<Fetched, HostError> {
        self.get_within(guard, url, accept, limit, |_| true).await
    }

    /// The same, as long as `take` takes each piece of the body before it is kept.
    pub(crate) async fn get_within(
        &self,
        guard: &Guard,
        url: &str,
        accept: &str,
        limit: usize,
        take: impl Fn(usize) -> bool,
    ) -> Result<Fetched, HostError> {
        self.get_as(guard, url, accept, limit, Redirect::Manual, take).await
    }

    async fn get_as(
        &self,
        guard: &Guard,
        url: &str,
        accept: &str,
        limit: usize,
        redirect: Redirect,
        take: impl Fn(usize) -> bool,
    ) -> Result<Fetched, HostError> {
        let mut request = Request { redirect, ..Request::get(url)? };
        if let Ok(accept) = accept.parse() {
            request.headers.insert(header::ACCEPT, accept);
        }
        let (head, mut pieces) = self.send(guard, request).await?;
        let mut body = Vec::new();
        while let Some(piece) = pieces.next().await? {
            if body.len() + piece.len() > limit || !take(piece.len()) {
                return Err(NetError::TooLarge(limit as u64).into());
            }
            body.extend_from_slice(&piece);
        }
        Ok(Fetched { url: head.url.into(), status: head.status.as_u16(), headers: pairs(&head.headers), body })
    }

    /// Sends a request, and what its redirects make of it.
    pub(super) async fn send(&self, guard: &Guard, mut request: Request) -> Result<(Head, Body), NetError> {
        let Ok(permit) = self.in_flight.clone().acquire_owned().await else { return Err(NetError::Closed) };
        let mut hops = 0;
        loop {
            let grant = guard.grant();
            let target = guard.target(&request.url).await?;
            let (response, connection) = self.exchange(guard, &target, &mut request).await?;
            let location = response.headers().get(header::LOCATION).filter(|_| is_redirect(response.status()));
            if let Some(location) = location.filter(|_| request.redirect != Redirect::Manual) {
                if request.redirect == Redirect::Error {
                    return Err(NetError::UnexpectedRedirect);
                }
                hops += 1;
                if hops > self.limits.redirects {
                    return Err(NetError::Redirects);
                }
                request.follow(response.status(), location.as_bytes())?;
                if response.body().is_end_stream() {
                    self.pool.keep(&target, connection);
                }
                continue;
            }
            let reason = response.extensions().get::<ReasonPhrase>();
            let reason = reason.map_or_else(
                || response.status().canonical_reason().unwrap_or("").to_owned(),
                |reason| latin1(reason.as_bytes()),
            );
            let decoding = decoding(&request.method, &response)?;
            let (parts, incoming) = response.into_parts();
            let head =
                Head { status: parts.status, reason, headers: parts.headers, url: request.url.clone(), redirected: hops > 0 };
            let body = Body {
                incoming,
                decoding,
                windows: self.windows.clone(),
                limits: self.limits.clone(),
                guard: guard.clone(),
                grant,
                url: request.url,
                back: Some(Back { pool: self.pool.clone(), target, connection }),
                came: 0,
                gave: 0,
                over: false,
                failed: None,
                _permit: permit,
            };
            return Ok((head, body));
        }
    }

    /// One request and its response: on a connection that is there, or a new one.
    async fn exchange(
        &self,
        guard: &Guard,
        target: &Target,
        request: &mut Request,
    ) -> Result<(Response<Incoming>, Connected), NetError> {
        let mut wire = request.wire()?;
        if let Some(connection) = self.pool.take(target) {
            guard.address(target, connection.address.ip()).await?;
            match self.ask(wire, connection).await {
                Ok(done) => return Ok(done),
                Err((_, Some(unsent))) => wire = unsent,
                // The server may have closed it just when the request was on its way.
                Err((NetError::Closed, None)) if request.is_repeatable() => wire = request.wire()?,
                Err((error, None)) => return Err(error),
            }
        }
        let addresses = guard.addresses(target, &*self.resolver, self.limits.connect).await?;
        let connecting = connect(target, &addresses, &self.tls, &self.limits);
        let connection = timeout(self.limits.connect, connecting).await.map_err(|_| NetError::ConnectTimeout)??;
        self.ask(wire, connection).await.map_err(|(error, _)| error)
    }

    /// Sends a request on a connection. The request comes back if nothing of it was sent.
    async fn ask(
        &self,
        wire: hyper::Request<Outgoing>,
        mut connection: Connected,
    ) -> Result<(Response<Incoming>, Connected), (NetError, Option<hyper::Request<Outgoing>>)> {
        let answer = timeout(self.limits.head, connection.sender.try_send_request(wire)).await;
        match answer {
            Err(_) => Err((NetError::HeadTimeout, None)),
            Ok(Ok(response)) => Ok((response, connection)),
            Ok(Err(mut failed)) => {
                let unsent = failed.take_message();
                Err((NetError::from_hyper(failed.error()), unsent))
            }
        }
    }
}

/// How the body of a response is to be decompressed.
fn decoding(method: &Method, response: &Response<Incoming>) -> Result<Decoding, NetError> {
    let mut codings = Vec::new();
    for header in response.headers().get_all(header::CONTENT_ENCODING) {
        codings.push(latin1(header.as_bytes()));
    }
    let codings = Coding::parse(&codings.join(","))?;
    let is_bare = codings.is_empty() || *method == Method::HEAD;
    Ok(if is_bare { Decoding::Not } else { Decoding::Later(codings) })
}

/// Headers as JavaScript sees them: a byte is a character.
pub(super) fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), latin1(value.as_bytes()))).collect()
}

pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

impl Default for Client {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Client").field("limits", &self.limits).finish_non_exhaustive()
    }
}
