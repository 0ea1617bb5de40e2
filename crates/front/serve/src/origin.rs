//! Origins of web pages, as a server is told which may connect.

/// Whether a text is an origin as browsers say it: a scheme, a host and perhaps a port, and nothing behind them; or
/// `null`.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    if text == "null" {
        return true;
    }
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let is_scheme = scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
    let (host, port) = match rest.rsplit_once(':') {
        // The colons of an address are within brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let is_address = |host: &str| host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).is_some_and(is_ipv6);
    let is_name = |host: &str| !host.is_empty() && host.chars().all(|char| char.is_ascii_alphanumeric() || "-._".contains(char));
    is_scheme && (is_name(host) || is_address(host)) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<std::net::Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        for good in
            ["https://app.example", "http://localhost:5173", "http://[::1]:80", "http://[::1]", "vscode-webview://1a2b", "null"]
        {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "*",
            "app.example",
            "https://",
            "https://a/",
            "https://a:443/",
            "https://a:port",
            "https://a b",
            "http://::1",
            "://a",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
