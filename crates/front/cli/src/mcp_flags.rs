//! The flags of `drupe mcp`.

use std::{path::PathBuf, time::Duration};

use clap::{
    Args,
    builder::{PossibleValuesParser, RangedU64ValueParser},
};
use drupe_repl::parse_duration;

/// What `drupe mcp` takes.
#[derive(Debug, Args)]
pub(crate) struct McpFlags {
    /// Serve clients that know the token over streamable HTTP, at the path /mcp, rather than one over standard streams
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) http: Option<String>,
    /// Read tokens of --http from a file, one a line, each for a caller of its own, rather than print a new one
    #[arg(long, value_name = "FILE", requires = "http")]
    pub(crate) token_file: Option<PathBuf>,
    /// Serve --http over TLS, with this certificate: a PEM file, the server's own certificate first, then those that
    /// signed it
    #[arg(long, value_name = "FILE", requires = "http", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the certificate of --tls-cert: a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Origins of web pages that may call with --http, such as `https://example.com:443`; port `*`: any
    #[arg(long, value_name = "ORIGIN", requires = "http", value_delimiter = ',')]
    pub(crate) allow_origin: Vec<String>,
    /// Names of this server that clients may call it by with --http, besides those of this machine for itself
    #[arg(long, value_name = "NAME", requires = "http", value_delimiter = ',')]
    pub(crate) allow_host: Vec<String>,
    /// Read the policy from a TOML file, rather than from flags
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// What a person may be asked to permit, where the client can ask; without kinds: anything
    #[arg(
        long,
        value_name = "KIND",
        num_args = 0..,
        require_equals = true,
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(["read", "write", "net", "env", "run", "import"])
    )]
    pub(crate) ask: Option<Vec<String>>,
    /// How many sessions there may be (default: 64)
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) max_sessions: Option<usize>,
    /// With --http, close a session that no call of its client has used for this long, and end a connection that was
    /// silent for this long (90s, 5m, 1h; default: 30m)
    #[arg(long, value_name = "TIME", requires = "http", value_parser = parse_duration)]
    pub(crate) idle_timeout: Option<Duration>,
}
