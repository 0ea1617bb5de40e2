//! A request, and its changes by redirects.

use bytes::Bytes;
use drupe_protocol::Value;
use hyper::{
    HeaderMap, Method, StatusCode, Uri,
    header::{self, HeaderName, HeaderValue},
};
use url::{Position, Url};

use super::{NetError, upload::Outgoing};

/// Headers that are the connection's business, or would make another request of what was checked. They are left out.
const NOT_YOURS: [&str; 15] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-http-method-override",
];

/// How many headers a request may have, and what they may take together, in bytes. Each redirect sends them again.
const MAX_HEADERS: usize = 4_096;
const MAX_HEADER_BYTES: usize = 1 << 20;

/// What describes a body, and goes with it.
const OF_BODIES: [HeaderName; 4] =
    [header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_LOCATION, header::CONTENT_TYPE];

/// What is to be done about redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    Follow,
    Error,
    /// The redirect is the response.
    Manual,
}

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) redirect: Redirect,
}

#[derive(Debug)]
pub(super) enum Body {
    None,
    Whole(Bytes),
    /// Can be sent once: what was sent is not there any more.
    Pieces(Option<Outgoing>),
}

impl Request {
    /// A request for `url`, without more.
    pub(super) fn get(url: &str) -> Result<Self, NetError> {
        Ok(Self {
            method: Method::GET,
            url: parse(url)?,
            headers: HeaderMap::new(),
            body: Body::None,
            redirect: Redirect::Follow,
        })
    }

    /// What a kernel asks for: `headers` are names and values in turn.
    pub(super) fn new(method: &str, url: &str, headers: &Value, body: Body, redirect: &Value) -> Result<Self, NetError> {
        let bad = |what: &str| NetError::BadRequest(format!("{what} is no part of a request"));
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| bad("the method"))?;
        if matches!(method, Method::CONNECT | Method::TRACE) || method.as_str().eq_ignore_ascii_case("track") {
            return Err(bad("the method"));
        }
        let redirect = match redirect {
            Value::Undefined => Redirect::Follow,
            Value::String(mode) if mode == "follow" => Redirect::Follow,
            Value::String(mode) if mode == "error" => Redirect::Error,
            Value::String(mode) if mode == "manual" => Redirect::Manual,
            _ => return Err(bad("the redirect mode")),
        };
        let mut bytes_of_headers = 0;
        let Value::Array(items) = headers else { return Err(bad("the list of headers")) };
        let (mut headers, (pairs, [])) = (HeaderMap::new(), items.as_chunks::<2>()) else {
            return Err(bad("the list of headers"));
        };
        for pair in pairs {
            let [Value::String(name), Value::String(value)] = pair else { return Err(bad("a header")) };
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("a header's name"))?;
            // JavaScript's byte strings: a character is a byte.
            let bytes = value.chars().map(|c| u8::try_from(u32::from(c))).collect::<Result<Vec<_>, _>>();
            let value =
                bytes.ok().and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()).ok_or_else(|| bad("a header's value"))?;
            bytes_of_headers += name.as_str().len() + value.len();
            if pairs.len() > MAX_HEADERS || bytes_of_headers > MAX_HEADER_BYTES {
                return Err(bad("a list of so many or such long headers"));
            }
            if !NOT_YOURS.contains(&name.as_str()) {
                headers.append(name, value);
            }
        }
        Ok(Self { method, url: parse(url)?, headers, body, redirect })
    }

    /// The request as it goes over the wire.
    pub(super) fn wire(&mut self) -> Result<hyper::Request<Outgoing>, NetError> {
        let body = match &mut self.body {
            Body::None => Outgoing::Whole(None),
            Body::Whole(bytes) => Outgoing::Whole(Some(bytes.clone())),
            Body::Pieces(pieces) => pieces.take().ok_or(NetError::Upload)?,
        };
        let path = self.url[Position::BeforePath..Position::AfterQuery].parse::<Uri>();
        let host = HeaderValue::from_str(&self.url[Position::BeforeHost..Position::AfterPort]);
        let (Ok(path), Ok(host)) = (path, host) else { return Err(NetError::BadUrl(self.url.to_string())) };
        let mut wire = hyper::Request::new(body);
        *wire.method_mut() = self.method.clone();
        *wire.uri_mut() = path;
        let headers = wire.headers_mut();
        headers.insert(header::HOST, host);
        headers.extend(self.headers.clone());
        // A part of something compressed cannot be decompressed.
        let codings = if headers.contains_key(header::RANGE) { "identity" } else { "gzip, deflate, br" };
        for (name, value) in [(header::ACCEPT, "*/*"), (header::ACCEPT_ENCODING, codings), (header::USER_AGENT, "drupe")] {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        let expects_body = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        if expects_body && matches!(self.body, Body::None) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(wire)
    }

    /// Whether it may be sent twice: when a connection that was used before turns out to be closed.
    pub(super) fn is_repeatable(&self) -> bool {
        self.method.is_safe() && !matches!(self.body, Body::Pieces(_))
    }

    /// Turns it into the request that a redirect asks for.
    pub(super) fn follow(&mut self, status: StatusCode, location: &[u8]) -> Result<(), NetError> {
        let bad = |what: &str| NetError::BadRedirect(what.to_owned());
        let location = std::str::from_utf8(location).map_err(|_| bad("the redirect's Location is no URL"))?;
        let mut url = self.url.join(location).map_err(|_| bad("the redirect's Location is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("URL scheme must be a HTTP(S) scheme"));
        }
        forget_credentials(&mut url);
        if url.fragment().is_none() {
            url.set_fragment(self.url.fragment());
        }
        let see_other = status == StatusCode::SEE_OTHER;
        if !see_other && matches!(self.body, Body::Pieces(_)) {
            return Err(bad("a body that is a stream cannot be sent twice"));
        }
        let to_get = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && self.method == Method::POST
            || see_other && !matches!(self.method, Method::GET | Method::HEAD);
        if to_get {
            self.method = Method::GET;
            self.body = Body::None;
            for name in OF_BODIES {
                self.headers.remove(name);
            }
        }
        // What was meant for one origin is not told to another.
        if url.origin() != self.url.origin() {
            for name in [header::AUTHORIZATION, header::COOKIE, HeaderName::from_static("cookie2")] {
                self.headers.remove(name);
            }
        }
        self.url = url;
        Ok(())
    }
}

/// The status codes that lead elsewhere.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn parse(url: &str) -> Result<Url, NetError> {
    let mut url = Url::parse(url).map_err(|_| NetError::BadUrl(url.to_owned()))?;
    forget_credentials(&mut url);
    Ok(url)
}

/// A name and a password in a URL are not sent: JavaScript refuses such URLs, as browsers do.
fn forget_credentials(url: &mut Url) {
    // URLs that cannot have any have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}
