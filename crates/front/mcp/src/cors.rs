//! What a browser must be told before a web page may call: which origin, which methods, which headers (CORS).

use http::{HeaderMap, HeaderValue, Method, Uri, header};

/// What a page may send. A browser does not count `*` for `Authorization`, so each header is named.
const METHODS: &str = "GET, POST, DELETE";
const HEADERS: &str =
    "Authorization, Content-Type, Accept, Mcp-Session-Id, MCP-Protocol-Version, Last-Event-ID, Mcp-Method, Mcp-Name";

/// What a page may read of an answer, besides its body.
const EXPOSED: &str = "Mcp-Session-Id, WWW-Authenticate";

/// The origin of the page that sent a request, if it is one of `allowed`.
pub(crate) fn origin(headers: &HeaderMap, allowed: &[String]) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let given = origin.to_str().ok()?;
    allowed.iter().any(|allowed| is_same(allowed, given)).then(|| origin.clone())
}

/// Whether a browser asks if a page may send another request. It sends no token with this.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Lets the page of an origin send its requests.
pub(crate) fn permit(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
}

/// Lets the page of an allowed origin read an answer; without one nobody's page may. Either way the answer depends on
/// the origin.
pub(crate) fn mark(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

/// Whether an origin is the allowed one. As where the request itself is checked: a port that is not said is the usual
/// one of the scheme in an origin, and any in what is allowed, as `*` is.
fn is_same(allowed: &str, given: &str) -> bool {
    let (allowed, given) = (allowed.trim(), given.trim());
    if allowed.eq_ignore_ascii_case("null") || given.eq_ignore_ascii_case("null") {
        return allowed.eq_ignore_ascii_case(given);
    }
    let (allowed, any) = allowed.strip_suffix(":*").map_or((allowed, false), |allowed| (allowed, true));
    let (Some(allowed), Some(given)) = (parts(allowed), parts(given)) else { return false };
    let usual = match &*given.0 {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let port_fits = any || allowed.2.is_none_or(|port| given.2.or(usual) == Some(port));
    (allowed.0, allowed.1) == (given.0, given.1) && port_fits
}

/// The scheme, the host and the port of an origin.
fn parts(origin: &str) -> Option<(String, String, Option<u16>)> {
    let uri = Uri::try_from(origin).ok()?;
    let authority = uri.authority()?;
    Some((uri.scheme_str()?.to_ascii_lowercase(), authority.host().to_ascii_lowercase(), authority.port_u16()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        let allowed = ["https://app.example:443".to_owned(), "http://localhost:*".to_owned(), "https://other.example".to_owned()];
        let is_allowed = |given: &str| {
            let headers = HeaderMap::from_iter([(header::ORIGIN, given.parse().unwrap())]);
            origin(&headers, &allowed).is_some()
        };
        for good in [
            "https://app.example",
            "https://APP.example:443",
            "http://localhost:5173",
            "http://localhost",
            "https://other.example:8443",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in [
            "http://app.example",
            "https://app.example:8443",
            "https://app.example.evil.example",
            "https://evil.example",
            "null",
            "app.example",
            "",
        ] {
            assert!(!is_allowed(bad), "{bad}");
        }
        assert!(origin(&HeaderMap::new(), &allowed).is_none());
    }

    #[test]
    fn a_preflight_names_what_the_page_wants_to_send() {
        let mut headers = HeaderMap::from_iter([(header::ORIGIN, "https://app.example".parse().unwrap())]);
        assert!(!is_preflight(&Method::OPTIONS, &headers));
        headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, "POST".parse().unwrap());
        assert!(is_preflight(&Method::OPTIONS, &headers));
        assert!(!is_preflight(&Method::POST, &headers));
    }
}
