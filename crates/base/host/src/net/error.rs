//! Errors of requests and of responses that break off, with the words and codes of Node.

use std::{fmt, io, net::SocketAddr};

use drupe_protocol::HostError;
use tokio_rustls::rustls::{self, CertificateError};

/// Why a request failed.
#[derive(Debug)]
pub enum NetError {
    /// It is not permitted.
    Denied(HostError),
    /// The URL is none, or has no host.
    BadUrl(String),
    /// The URL is not one of the web's.
    Scheme(String),
    /// The port belongs to a service that is no web server.
    BadPort,
    /// What was asked for is no request.
    BadRequest(String),
    /// The name has no address.
    Dns {
        /// The name.
        host: String,
        /// What the resolver said.
        cause: Option<io::Error>,
    },
    /// No connection came about.
    Connect {
        /// The last address that was tried.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// Finding the address and connecting took too long.
    ConnectTimeout,
    /// The other side is not who it should be, or speaks no TLS.
    Tls(io::Error),
    /// The response did not begin in time.
    HeadTimeout,
    /// The body paused for too long.
    BodyTimeout,
    /// Other responses have taken up the memory that there is for decompression, and kept it.
    NoWindow,
    /// The connection broke.
    Closed,
    /// What came is no HTTP.
    Parse(String),
    /// The response's head is too large.
    HeadTooLarge,
    /// The response's body is too large.
    TooLarge(u64),
    /// The response's body decompresses to far more than it is.
    Bomb(u64),
    /// The response's body is not compressed as it says.
    Encoding(&'static str, String),
    /// Too many redirects.
    Redirects,
    /// A redirect that was not to be followed.
    UnexpectedRedirect,
    /// A redirect that cannot be followed.
    BadRedirect(String),
    /// The body of the request failed in the midst of it.
    Upload,
}

// It must not be a `std::error::Error`: the general conversion to `HostError` would apply to it, and lose its class and
// code.
impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Denied(error) => write!(f, "{error}"),
            Self::BadUrl(url) => write!(f, "Failed to parse URL from {url}"),
            Self::Scheme(scheme) => write!(f, "URL scheme must be a HTTP(S) scheme, not '{scheme}:'"),
            Self::BadPort => f.write_str("bad port"),
            Self::BadRequest(text) | Self::BadRedirect(text) => f.write_str(text),
            Self::Dns { host, .. } => write!(f, "getaddrinfo ENOTFOUND {host}"),
            Self::Connect { address, error } => write!(f, "connect {} {address}", code(error)),
            Self::ConnectTimeout => f.write_str("Connect Timeout Error"),
            Self::Tls(error) => write!(f, "{error}"),
            Self::HeadTimeout => f.write_str("Headers Timeout Error"),
            Self::BodyTimeout => f.write_str("Body Timeout Error"),
            Self::NoWindow => f.write_str(
                "there is no memory left to decompress the body: other compressed responses are open, to be read or cancelled first",
            ),
            Self::Closed => f.write_str("other side closed"),
            Self::Parse(why) => write!(f, "Response does not match the HTTP/1.1 protocol ({why})"),
            Self::HeadTooLarge => f.write_str("Headers Overflow Error"),
            Self::TooLarge(limit) => write!(f, "Response content exceeded {limit} bytes"),
            Self::Bomb(times) => write!(f, "Response content decompresses to more than {times} times its size"),
            Self::Encoding(name, why) => write!(f, "the body is no {name} data: {why}"),
            Self::Redirects => f.write_str("redirect count exceeded"),
            Self::UnexpectedRedirect => f.write_str("unexpected redirect"),
            Self::Upload => f.write_str("the body of the request failed"),
        }
    }
}

/// The name that C gives an error of the system.
fn code(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "ECONNREFUSED",
        io::ErrorKind::ConnectionReset => "ECONNRESET",
        io::ErrorKind::ConnectionAborted => "ECONNABORTED",
        io::ErrorKind::HostUnreachable => "EHOSTUNREACH",
        io::ErrorKind::NetworkUnreachable => "ENETUNREACH",
        io::ErrorKind::NetworkDown => "ENETDOWN",
        io::ErrorKind::AddrNotAvailable => "EADDRNOTAVAIL",
        io::ErrorKind::TimedOut => "ETIMEDOUT",
        io::ErrorKind::PermissionDenied => "EACCES",
        io::ErrorKind::BrokenPipe => "EPIPE",
        io::ErrorKind::InvalidInput => "EINVAL",
        _ => "EIO",
    }
}

/// Node's code for what is wrong with a certificate.
fn tls_code(error: &io::Error) -> &'static str {
    let rustls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match rustls {
        Some(rustls::Error::InvalidCertificate(why)) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "CERT_HAS_EXPIRED",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "CERT_NOT_YET_VALID",
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "ERR_TLS_CERT_ALTNAME_INVALID",
            CertificateError::UnknownIssuer => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            CertificateError::Revoked => "CERT_REVOKED",
            _ => "CERT_REJECTED",
        },
        Some(_) => "ERR_SSL_PROTOCOL_ERROR",
        None if error.kind() == io::ErrorKind::UnexpectedEof => "ECONNRESET",
        None => code(error),
    }
}

impl NetError {
    /// What hyper says, in our words.
    pub(super) fn from_hyper(error: &hyper::Error) -> Self {
        if error.is_parse() && error.to_string() == "message head is too large" {
            Self::HeadTooLarge
        } else if error.is_parse() {
            Self::Parse(error.to_string())
        } else if error.is_user() {
            Self::Upload
        } else {
            Self::Closed
        }
    }

    /// The class and code of the error in JavaScript.
    fn class(&self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Denied(_) => ("PermissionDenied", Some("EACCES")),
            Self::BadUrl(_) => ("TypeError", Some("ERR_INVALID_URL")),
            Self::Scheme(_) => ("TypeError", Some("ERR_INVALID_URL_SCHEME")),
            Self::BadRequest(_) => ("TypeError", Some("ERR_INVALID_ARG_VALUE")),
            Self::BadPort | Self::Redirects | Self::UnexpectedRedirect | Self::BadRedirect(_) => ("Error", None),
            Self::Dns { .. } => ("Error", Some("ENOTFOUND")),
            Self::Connect { error, .. } => ("Error", Some(code(error))),
            Self::ConnectTimeout => ("ConnectTimeoutError", Some("UND_ERR_CONNECT_TIMEOUT")),
            Self::Tls(error) => ("Error", Some(tls_code(error))),
            Self::HeadTimeout => ("HeadersTimeoutError", Some("UND_ERR_HEADERS_TIMEOUT")),
            Self::BodyTimeout => ("BodyTimeoutError", Some("UND_ERR_BODY_TIMEOUT")),
            Self::NoWindow => ("Error", Some("Z_MEM_ERROR")),
            Self::Closed => ("SocketError", Some("UND_ERR_SOCKET")),
            Self::Parse(_) => ("HTTPParserError", Some("HPE_INVALID")),
            Self::HeadTooLarge => ("HeadersOverflowError", Some("UND_ERR_HEADERS_OVERFLOW")),
            Self::TooLarge(_) | Self::Bomb(_) => ("ResponseExceededMaxSizeError", Some("UND_ERR_RES_EXCEEDED_MAX_SIZE")),
            Self::Encoding(..) => ("Error", Some("Z_DATA_ERROR")),
            Self::Upload => ("Error", Some("UND_ERR_ABORTED")),
        }
    }
}

impl From<NetError> for HostError {
    fn from(error: NetError) -> Self {
        let (class, code) = error.class();
        let message = error.to_string();
        let mut made = Self::new(class, message);
        made.code = code.map(str::to_owned);
        match error {
            NetError::Denied(denied) => denied,
            NetError::Dns { host, .. } => made.with("syscall", "getaddrinfo").with("hostname", host),
            NetError::Connect { address, .. } => {
                made.with("syscall", "connect").with("address", address.ip().to_string()).with("port", address.port())
            }
            _ => made,
        }
    }
}
