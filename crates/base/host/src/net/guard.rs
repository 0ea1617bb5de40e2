//! Decides which hosts and addresses a request may connect to, before anything else is done for it.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use drupe_protocol::RunId;
use tokio::time::timeout;
use url::{Host, Url};

use super::{NetError, address::is_public, resolve::Resolve};
use crate::{
    Permissions,
    permissions::{Grant, Kind, NetRule},
};

/// Ports of services that are no web servers and could be made to take a request for one of theirs (the Fetch
/// standard's list).
const BAD_PORTS: [u16; 82] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113,
    115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556,
    563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

/// How many addresses of one name are checked and tried.
const MAX_ADDRESSES: usize = 32;

/// In whose name a request is made: it decides on each host and each address.
#[derive(Clone, Debug)]
pub struct Guard {
    permissions: Permissions,
    kind: Kind,
    api: &'static str,
    run: Option<RunId>,
}

/// Where a URL leads, granted by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Target {
    pub(super) secure: bool,
    /// Lower case, ASCII, without brackets and without a dot at its end.
    pub(super) host: String,
    pub(super) port: u16,
    /// The address, where the URL has one in the place of a name.
    literal: Option<IpAddr>,
}

impl Guard {
    /// Requests of the kind [`Kind::Net`] or [`Kind::Import`], for the operation `api` of the run `run`.
    #[must_use]
    pub fn new(permissions: &Permissions, kind: Kind, api: &'static str, run: Option<RunId>) -> Self {
        Self { permissions: permissions.clone(), kind, api, run }
    }

    /// Requires the permission for what `url` leads to. **Nothing is resolved for what is not granted.**
    pub(super) async fn target(&self, url: &Url) -> Result<Target, NetError> {
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(NetError::Scheme(other.to_owned())),
        };
        let (host, literal) = match url.host() {
            Some(Host::Domain(name)) => (name.strip_suffix('.').unwrap_or(name).to_owned(), None),
            Some(Host::Ipv4(address)) => (address.to_string(), Some(IpAddr::V4(address))),
            Some(Host::Ipv6(address)) => (address.to_string(), Some(IpAddr::V6(address))),
            None => return Err(NetError::BadUrl(url.to_string())),
        };
        let port = url.port_or_known_default().unwrap_or(if secure { 443 } else { 80 });
        if BAD_PORTS.binary_search(&port).is_ok() {
            return Err(NetError::BadPort);
        }
        self.require(&host, port).await?;
        Ok(Target { secure, host, port, literal })
    }

    async fn require(&self, host: &str, port: u16) -> Result<(), NetError> {
        self.permissions.require_net(self.kind, host, port, self.api, self.run).await.map_err(NetError::Denied)
    }

    /// The addresses of `target`, each of them permitted.
    pub(super) async fn addresses(
        &self,
        target: &Target,
        resolver: &dyn Resolve,
        patience: Duration,
    ) -> Result<Vec<SocketAddr>, NetError> {
        if let Some(address) = target.literal {
            // It was granted as what it is.
            return Ok(vec![SocketAddr::new(address, target.port)]);
        }
        let not_found = |cause| NetError::Dns { host: target.host.clone(), cause };
        // A person who is asked about an address may take longer than the name server.
        let resolving = timeout(patience, resolver.resolve(&target.host, target.port));
        let mut addresses = resolving.await.map_err(|_| NetError::ConnectTimeout)?.map_err(|cause| not_found(Some(cause)))?;
        addresses.dedup();
        addresses.truncate(MAX_ADDRESSES);
        for address in &addresses {
            self.address(target, address.ip()).await?;
        }
        if addresses.is_empty() { Err(not_found(None)) } else { Ok(addresses) }
    }

    /// Requires the permission to reach `target` at `address`. A name that was granted leads to the public internet;
    /// what is not part of that must be granted by its address, but for `localhost`, which says where it leads.
    pub(super) async fn address(&self, target: &Target, address: IpAddr) -> Result<(), NetError> {
        if self.permissions.denies_net(self.kind, &address.to_canonical().to_string(), target.port) {
            return self.require(&address.to_canonical().to_string(), target.port).await;
        }
        let says_so = target.literal == Some(address) || target.host == "localhost" && address.to_canonical().is_loopback();
        if says_so || is_public(address) {
            return Ok(());
        }
        self.require(&address.to_canonical().to_string(), target.port).await
    }

    /// What is granted now. When it changes, what is under way has to be asked for again.
    pub(super) fn grant(&self) -> (Grant<NetRule>, Grant<NetRule>) {
        let policy = self.permissions.policy();
        (policy.granted.hosts(self.kind).clone(), policy.denied.hosts(self.kind).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ports_are_sorted() {
        assert!(BAD_PORTS.is_sorted());
    }
}
