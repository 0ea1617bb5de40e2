//! The services that every kernel gets.

use std::sync::Arc;

use crate::{Host, Permissions, net};

impl Host {
    /// A host with all services of this crate, under `permissions`. Without any granted, each call is answered by a denial.
    #[must_use]
    pub fn standard(permissions: &Permissions) -> Self {
        Self::new()
            .with_permissions(permissions.clone())
            .service("net", Arc::new(net::Net::new(permissions, net::Client::default())))
    }
}
