//! The flags of `drupe serve`.

use std::path::PathBuf;

use clap::{Args, builder::RangedU64ValueParser};

/// What `drupe serve` takes.
#[derive(Debug, Args)]
pub(crate) struct ServeFlags {
    #[command(flatten)]
    pub(crate) door: Door,
    /// Make all connections JSON lines; otherwise the first bytes of a client say what they are
    #[arg(long)]
    pub(crate) json: bool,
    /// Read the token of --listen from a file, rather than print a new one
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub(crate) token_file: Option<PathBuf>,
    /// Serve --listen over TLS, with this certificate: a PEM file, the server's own certificate first, then those that
    /// signed it
    #[arg(long, value_name = "FILE", requires = "listen", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the certificate of --tls-cert: a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Origins of web pages that may connect with --listen, such as `https://example.com`; `*`: all
    #[arg(long, value_name = "ORIGIN", requires = "listen", value_delimiter = ',')]
    pub(crate) allow_origin: Vec<String>,
    /// Read the most that clients can get from a TOML file, rather than from flags
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// How many kernels there may be (default: 64)
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) max_kernels: Option<usize>,
    /// How many clients there may be (default: 256)
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) max_clients: Option<usize>,
}

/// Where the clients of `drupe serve` come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Door {
    /// One client: standard input and output
    #[arg(long)]
    pub(crate) stdio: bool,
    /// A Unix domain socket: a path with a slash, or a name below $XDG_RUNTIME_DIR/drupe
    #[arg(long, value_name = "NAME")]
    pub(crate) socket: Option<String>,
    /// TCP, for clients that know the token
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
}
