//! The services that every kernel gets.

use std::sync::Arc;

use crate::{Host, Permissions, net};

impl Host {
    /// Holds modules from the network against a lock file. It makes the service `module` anew, as [`standard`](Self::standard) does, under
    /// `permissions`, which are those of the host.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn lock_file(self, permissions: &Permissions, lock: &crate::modules::LockFile) -> Self {
        let modules = crate::Modules::new(permissions).fetch(Arc::new(net::Client::default())).lock_file(lock);
        self.service("module", Arc::new(modules))
    }

    /// A host with all services of this crate, under `permissions`. Without any granted, each call is answered by a denial.
    #[must_use]
    pub fn standard(permissions: &Permissions) -> Self {
        let client = net::Client::default();
        let host = Self::new()
            .with_permissions(permissions.clone())
            .service("net", Arc::new(net::Net::new(permissions, client.clone())));
        // Elsewhere they are not there yet, and every call says so.
        #[cfg(target_os = "linux")]
        let host = host
            .service("env", crate::env::Environment::new(permissions))
            .service("fs", crate::fs::Files::new(permissions))
            .service("module", Arc::new(crate::Modules::new(permissions).fetch(Arc::new(client))))
            .service("process", crate::process::Processes::new(permissions));
        host
    }
}
