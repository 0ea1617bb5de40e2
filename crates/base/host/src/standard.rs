//! The standard services, which every kernel gets.

use std::sync::Arc;

#[cfg(target_os = "linux")]
use crate::modules::{LockFile, Modules};
use crate::{Host, Permissions, Surroundings, net};

impl Host {
    /// A host with all services of this crate, under `permissions`. Without any granted, each call is answered by a
    /// denial.
    #[must_use]
    pub fn standard(permissions: &Permissions) -> Self {
        Self::standard_in(permissions, &Surroundings::default())
    }

    /// The same host, whose programs are told of their `surroundings`.
    #[must_use]
    pub fn standard_in(permissions: &Permissions, surroundings: &Surroundings) -> Self {
        let client = net::Client::default();
        let host = Self::with_network(permissions, &client);
        // Elsewhere they are not there yet, and every call says so.
        #[cfg(target_os = "linux")]
        let host = {
            let modules = Modules::new(permissions).fetch(Arc::new(client));
            host.with_machine(permissions, surroundings, modules)
        };
        #[cfg(not(target_os = "linux"))]
        let _ = surroundings;
        host
    }

    /// The same host, with modules from the network checked against a lock file.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn standard_with_lock_file(permissions: &Permissions, surroundings: &Surroundings, lock: &LockFile) -> Self {
        let client = net::Client::default();
        let modules = Modules::new(permissions).fetch(Arc::new(client.clone())).lock_file(lock);
        Self::with_network(permissions, &client).with_machine(permissions, surroundings, modules)
    }

    fn with_network(permissions: &Permissions, client: &net::Client) -> Self {
        Self::new().with_permissions(permissions.clone()).service("net", Arc::new(net::Net::new(permissions, client.clone())))
    }

    /// Files, modules, programs and the environment.
    #[cfg(target_os = "linux")]
    fn with_machine(self, permissions: &Permissions, surroundings: &Surroundings, modules: Modules) -> Self {
        let modules = modules.source_maps(surroundings.source_maps).shared_folders(surroundings);
        let modules = match &surroundings.watch {
            Some(watch) => modules.watch(watch),
            None => modules,
        };
        let modules = match &surroundings.given {
            Some((name, text)) => modules.given(name, text),
            None => modules,
        };
        let host = match &surroundings.folder {
            Some(folder) => self.starting_in(folder.clone()),
            None => self,
        };
        host.service("env", crate::env::Environment::new(permissions, &surroundings.variables))
            .service("fs", crate::fs::Files::new(permissions))
            .service("module", Arc::new(modules))
            .service("process", crate::process::Processes::new(permissions, surroundings))
    }
}
