//! One rule of each kind: its syntax, and the resources that it covers.

use std::{
    fmt,
    net::IpAddr,
    path::{Component, Path, PathBuf},
};

use super::{BadRule, Kind};

/// A file, or a folder with all that is in it, or without. **Absolute, normalised, and free of links when the rule was
/// made.**
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRule {
    path: PathBuf,
    /// Whether it covers this path and nothing below.
    alone: bool,
}

impl PathRule {
    /// The rule for `path`: relative to the current folder, links followed as far as it exists.
    ///
    /// # Errors
    /// When the path is empty, has a NUL, or there is no current folder to resolve it in.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, BadRule> {
        Self::parse(&path.as_ref().to_string_lossy(), Kind::Read)
    }

    pub(super) fn parse(rule: &str, kind: Kind) -> Result<Self, BadRule> {
        let bad = |why: String| BadRule { kind, rule: rule.to_owned(), why };
        if rule.is_empty() || rule.contains('\0') {
            return Err(bad("it must be the path of a file or folder".to_owned()));
        }
        let absolute = std::path::absolute(rule).map_err(|error| bad(format!("it cannot be made absolute: {error}")))?;
        Ok(Self::below(resolve_existing(&absolute)))
    }

    /// The rule for `path`, which is absolute and free of links, with all below it.
    pub(super) fn below(path: PathBuf) -> Self {
        Self { path, alone: false }
    }

    /// The rule for `path`, which is absolute and free of links, and nothing below it.
    pub(super) fn alone(path: PathBuf) -> Self {
        Self { path, alone: true }
    }

    /// The path that it names.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it covers its path and nothing below.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.alone
    }

    /// Whether `path`, absolute and normalised, is it or lies in it: by components, so that `/data2` is not in `/data`.
    #[must_use]
    pub fn covers(&self, path: &Path) -> bool {
        let covers = if self.alone { path == self.path } else { path.starts_with(&self.path) };
        covers && !path.components().any(|component| component == Component::ParentDir)
    }
}

impl PathRule {
    /// Whether it covers all that `other` covers.
    pub(super) fn includes(&self, other: &Self) -> bool {
        self.covers(&other.path) && (!self.alone || other.alone)
    }
}

/// `path` with all links followed, as far as it exists, and `..` taken back in the rest.
pub(super) fn resolve_existing(path: &Path) -> PathBuf {
    let mut rest = Vec::new();
    let mut head = path;
    loop {
        if let Ok(real) = head.canonicalize() {
            return rest.iter().rev().fold(real, |real, part: &PathBuf| real.join(part));
        }
        match (head.parent(), head.components().next_back()) {
            (Some(parent), Some(Component::Normal(name))) => {
                rest.push(PathBuf::from(name));
                head = parent;
            }
            (Some(parent), _) => head = parent,
            (None, _) => return path.to_owned(),
        }
    }
}

/// A machine by name, with all below it (`*.example.com`) or not, or by address; at one port or at any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetRule {
    host: Host,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    Name(String),
    Below(String),
}

impl NetRule {
    pub(super) fn parse(rule: &str, kind: Kind) -> Result<Self, BadRule> {
        let bad = |why: &str| BadRule { kind, rule: rule.to_owned(), why: why.to_owned() };
        let shape =
            "it must be a host, as in example.com, *.example.com, 10.0.0.1, [::1], or a host and a port, as in example.com:443";
        if let Ok(address) = rule.parse::<IpAddr>() {
            return Ok(Self { host: Host::Address(address), port: None });
        }
        let (host, port) = match rule.rsplit_once(':') {
            Some(_) if rule.ends_with(']') => (rule, None),
            Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| bad(shape))?)),
            None => (rule, None),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Self { host: Host::Address(address), port });
        }
        let (below, plain) = bare.strip_prefix("*.").map_or((false, bare), |plain| (true, plain));
        // As URLs are read, so that the name of a rule is the name that is asked for, in whatever letters either is
        // written.
        let plain = match url::Host::parse(plain) {
            Ok(url::Host::Domain(name)) => normal_name(&name),
            Ok(url::Host::Ipv4(address)) if !below => return Ok(Self { host: Host::Address(address.into()), port }),
            _ => return Err(bad(shape)),
        };
        let is_name = plain
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        if !is_name {
            return Err(bad(shape));
        }
        let host = if below { Host::Below(plain) } else { Host::Name(plain) };
        Ok(Self { host, port })
    }

    /// Whether it covers `host`, a name or an address without brackets, at `port`.
    #[must_use]
    pub fn covers(&self, host: &str, port: u16) -> bool {
        let fits = match (&self.host, host.parse::<IpAddr>()) {
            (Host::Address(address), Ok(host)) => address.to_canonical() == host.to_canonical(),
            (Host::Name(name), Err(_)) => *name == normal_name(host),
            (Host::Below(name), Err(_)) => normal_name(host).strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.')),
            _ => false,
        };
        fits && self.port.is_none_or(|own| own == port)
    }

    /// Whether it covers `host` as a rule that denies: also by another spelling of this machine.
    pub(super) fn denies(&self, host: &str, port: u16) -> bool {
        if self.covers(host, port) {
            return true;
        }
        let Ok(address) = host.parse::<IpAddr>() else { return false };
        let address = address.to_canonical();
        // Who connects to no address reaches this machine.
        let is_own = address.is_loopback() || address.is_unspecified();
        let denies_own = match &self.host {
            // A server that listens everywhere hears each address of the machine.
            Host::Address(own) => own.to_canonical().is_loopback() || own.to_canonical().is_unspecified(),
            Host::Name(name) => name == "localhost",
            Host::Below(_) => false,
        };
        is_own && denies_own && self.port.is_none_or(|own| own == port)
    }
}

impl NetRule {
    /// Whether it covers all that `other` covers.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let is_below = |name: &str, group: &str| name.strip_suffix(group).is_some_and(|rest| rest.ends_with('.'));
        let includes = match (&self.host, &other.host) {
            (Host::Address(own), Host::Address(other)) => own.to_canonical() == other.to_canonical(),
            (Host::Name(own), Host::Name(other)) => own == other,
            (Host::Below(own), Host::Name(other)) => is_below(other, own),
            (Host::Below(own), Host::Below(other)) => own == other || is_below(other, own),
            _ => false,
        };
        includes && (self.port.is_none() || self.port == other.port)
    }
}

/// Host names are compared in lower case, without the dot that marks the root.
fn normal_name(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_lowercase()
}

impl fmt::Display for NetRule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.host {
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
            Host::Address(address) => write!(f, "{address}")?,
            Host::Name(name) => f.write_str(name)?,
            Host::Below(name) => write!(f, "*.{name}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Display for PathRule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.path.display().fmt(f)?;
        f.write_str(if self.alone { " (alone)" } else { "" })
    }
}

/// An environment variable, or all whose names begin with what stands before a `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvRule(String);

impl EnvRule {
    pub(super) fn parse(rule: &str) -> Result<Self, BadRule> {
        let name = rule.strip_suffix('*').unwrap_or(rule);
        if rule.is_empty() || name.contains(['=', '\0', '*']) {
            let why = "it must be the name of a variable, or the beginning of names and a *".to_owned();
            return Err(BadRule { kind: Kind::Env, rule: rule.to_owned(), why });
        }
        Ok(Self(rule.to_owned()))
    }

    /// Whether it is the name of this variable, and of no other.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "programs are there on Linux only"))]
    pub(crate) fn is_exactly(&self, name: &str) -> bool {
        !self.0.ends_with('*') && self.0 == name
    }

    /// Whether it covers all that `other` covers.
    pub(super) fn includes(&self, other: &Self) -> bool {
        match (self.0.strip_suffix('*'), other.0.strip_suffix('*')) {
            (Some(own), Some(other)) => other.starts_with(own),
            (_, None) => self.covers(&other.0),
            (None, Some(_)) => false,
        }
    }

    /// Whether it covers the variable `name`.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        self.0.strip_suffix('*').map_or(self.0 == name, |start| name.starts_with(start))
    }
}

impl fmt::Display for EnvRule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    // threat G5
    #[test]
    fn folders_cover_what_is_in_them_by_components() {
        let rule = PathRule::parse("/no/such/data/", Kind::Read).unwrap();
        for inside in ["/no/such/data", "/no/such/data/x", "/no/such/data/a/b"] {
            assert!(rule.covers(Path::new(inside)), "{inside}");
        }
        for outside in ["/no/such", "/no/such/data2", "/no/such/data/../x", "/no/such/dat", "/x/no/such/data"] {
            assert!(!rule.covers(Path::new(outside)), "{outside}");
        }
        assert!(PathRule::parse("", Kind::Read).is_err());
        assert!(PathRule::parse("a\0b", Kind::Read).is_err());
    }

    // threat G6
    #[test]
    fn hosts_are_normalised() {
        let covers = |rule: &str, host: &str, port| NetRule::parse(rule, Kind::Net).unwrap().covers(host, port);
        assert!(covers("Example.com", "eXample.COM.", 80));
        assert!(covers("example.com:443", "example.com", 443));
        assert!(!covers("example.com:443", "example.com", 80));
        assert!(!covers("example.com", "evil-example.com", 80));
        assert!(!covers("example.com", "example.com.evil.org", 80));
        assert!(covers("*.example.com", "a.b.example.com", 80));
        assert!(!covers("*.example.com", "example.com", 80));
        assert!(!covers("*.example.com", "badexample.com", 80));
        assert!(covers("127.0.0.1", "::ffff:127.0.0.1", 80));
        assert!(covers("[::1]:80", "::1", 80));
        assert!(covers("::1", "::1", 8080));
        assert!(covers("[::1]", "::1", 8080));
        assert!(!covers("127.0.0.1", "localhost", 80));
        for bad in ["", ":80", "a b", "example.com:99999", "http://example.com", "a..b", "*.", "*", "example.com/x"] {
            assert!(NetRule::parse(bad, Kind::Net).is_err(), "{bad}");
        }
    }

    #[test]
    fn variables() {
        let env = |rule: &str, name: &str| EnvRule::parse(rule).unwrap().covers(name);
        assert!(env("HOME", "HOME") && env("npm_*", "npm_config") && !env("HOME", "HOMEPATH") && !env("npm_*", "npm"));
        assert!(EnvRule::parse("A=B").is_err());
    }

    // threat G21
    #[test]
    fn a_rule_that_denies_knows_the_machine_by_its_other_names() {
        let denies = |rule: &str, host: &str| NetRule::parse(rule, Kind::Net).unwrap().denies(host, 80);
        assert!(denies("localhost", "127.0.0.1") && denies("localhost", "::1") && denies("localhost:80", "0.0.0.0"));
        assert!(denies("127.0.0.1", "0.0.0.0") && denies("127.0.0.1", "::ffff:127.0.0.1") && denies("::1", "::"));
        // A server that listens everywhere is reached by each address of this machine.
        for rule in ["127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "[::1]:80", "::ffff:127.0.0.1"] {
            for address in ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "::", "0.0.0.0", "::ffff:127.9.9.9"] {
                assert!(denies(rule, address), "{rule} {address}");
            }
            assert!(!denies(rule, "10.0.0.1") && !denies(rule, "::2"), "{rule}");
        }
        assert!(!denies("127.0.0.1:81", "127.0.0.2"));
        assert!(!denies("localhost:81", "127.0.0.1") && !denies("localhost", "10.0.0.1") && !denies("10.0.0.1", "0.0.0.0"));
    }

    #[test]
    fn a_path_may_be_meant_alone() {
        let rule = PathRule::alone("/home/me".into());
        assert!(rule.covers(Path::new("/home/me")) && !rule.covers(Path::new("/home/me/x")) && !rule.covers(Path::new("/home")));
        assert_eq!(rule.to_string(), "/home/me (alone)");
    }
}
