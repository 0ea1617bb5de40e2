//! Resolves names to addresses.

use std::{io, net::SocketAddr};

use crate::Pending;

/// Finds the addresses of names. Names arrive normalised, and only when they may be asked for.
pub trait Resolve: Send + Sync {
    /// The addresses of `host` at `port`; none is an error of its own.
    fn resolve(&self, host: &str, port: u16) -> Pending<io::Result<Vec<SocketAddr>>>;
}

/// Asks the system, which knows `/etc/hosts` and the local network's resolvers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> Pending<io::Result<Vec<SocketAddr>>> {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}
