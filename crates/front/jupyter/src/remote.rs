//! Kernels on other hosts: what starts them there, and how it is told where they listen.
//!
//! The launcher is a script. It uses the listener of the Python package `gateway_provisioners`, which encrypts the
//! connection file for the server, and takes the server's signals. Nothing of that is done here.

use std::path::Path;

use serde_json::{Value, json};

/// What starts kernels on other hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// The `distributed-provisioner` of `gateway_provisioners`, in any server of Jupyter.
    Provisioner,
    /// The distributed process proxy of Jupyter Enterprise Gateway.
    Gateway,
}

impl Remote {
    /// The launcher: its name in the folder of the kernelspec, and its text.
    pub(crate) const LAUNCHER: (&str, &str) = ("launch_drupe.py", include_str!("launch_drupe.py"));

    /// The command of the launcher, for a kernel with this command. Servers know what stands in braces.
    pub(crate) fn command(launcher: &Path, kernel: &[String]) -> Vec<String> {
        let flags = ["kernel-id", "port-range", "response-address", "public-key"];
        let flags = flags.into_iter().flat_map(|flag| [format!("--{flag}"), format!("{{{}}}", flag.replace('-', "_"))]);
        let launcher = ["python3".to_owned(), launcher.to_string_lossy().into_owned()];
        launcher.into_iter().chain(flags).chain(["--".to_owned()]).chain(kernel.iter().cloned()).collect()
    }

    /// The field of a kernelspec's metadata that chooses what starts the kernel.
    pub(crate) fn metadata(self) -> (&'static str, Value) {
        match self {
            Self::Provisioner => ("kernel_provisioner", json!({ "provisioner_name": "distributed-provisioner", "config": {} })),
            Self::Gateway => {
                let class = "enterprise_gateway.services.processproxies.distributed.DistributedProcessProxy";
                ("process_proxy", json!({ "class_name": class, "config": {} }))
            }
        }
    }
}
