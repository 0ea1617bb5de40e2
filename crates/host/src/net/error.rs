//! Why there is no response, or no more of it, in the words and codes that JavaScript knows from Node.

use std::{io, net::SocketAddr};

use drupe_protocol::HostError;
use tokio_rustls::rustls::{self, CertificateError};

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// It is not permitted.
    #[error(transparent)]
    Denied(HostError),
    /// The URL is none, or has no host.
    #[error("Failed to parse URL from {0}")]
    BadUrl(String),
    /// The URL is not one of the web's.
    #[error("URL scheme must be a HTTP(S) scheme, not '{0}:'")]
    Scheme(String),
    /// The port belongs to a service that is no web server.
    #[error("bad port")]
    BadPort,
    /// What was asked for is no request.
    #[error("{0}")]
    BadRequest(String),
    /// The name has no address.
    #[error("getaddrinfo ENOTFOUND {host}")]
    Dns {
        /// The name.
        host: String,
        /// What the resolver said.
        cause: Option<io::Error>,
    },
    /// No connection came about.
    #[error("connect {} {address}", code(error))]
    Connect {
        /// The last address that was tried.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// Finding the address and connecting took too long.
    #[error("Connect Timeout Error")]
    ConnectTimeout,
    /// The other side is not who it should be, or speaks no TLS.
    #[error("{0}")]
    Tls(io::Error),
    /// The response did not begin in time.
    #[error("Headers Timeout Error")]
    HeadTimeout,
    /// The body paused for too long.
    #[error("Body Timeout Error")]
    BodyTimeout,
    /// Other responses have taken up the memory that there is for decompression, and kept it.
    #[error("there is no memory left to decompress the body: other compressed responses are open, to be read or cancelled first")]
    NoWindow,
    /// The connection broke.
    #[error("other side closed")]
    Closed,
    /// What came is no HTTP.
    #[error("Response does not match the HTTP/1.1 protocol ({0})")]
    Parse(String),
    /// The response's head is too large.
    #[error("Headers Overflow Error")]
    HeadTooLarge,
    /// The response's body is too large.
    #[error("Response content exceeded {0} bytes")]
    TooLarge(u64),
    /// The response's body decompresses to far more than it is.
    #[error("Response content decompresses to more than {0} times its size")]
    Bomb(u64),
    /// The response's body is not compressed as it says.
    #[error("the body is no {0} data: {1}")]
    Encoding(&'static str, String),
    /// Too many redirects.
    #[error("redirect count exceeded")]
    Redirects,
    /// A redirect that was not to be followed.
    #[error("unexpected redirect")]
    UnexpectedRedirect,
    /// A redirect that cannot be followed.
    #[error("{0}")]
    BadRedirect(String),
    /// The body of the request failed in the midst of it.
    #[error("the body of the request failed")]
    Upload,
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
        let made = Self::new(class, message);
        let made = Self { code: code.map(str::to_owned), ..made };
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
