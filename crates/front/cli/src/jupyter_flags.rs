//! The flags of `drupe jupyter`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use drupe_jupyter::Remote;

use crate::jupyter_choices::Choice;

/// What `drupe jupyter` takes.
#[derive(Debug, Args)]
pub(crate) struct JupyterFlags {
    /// What to do
    pub(crate) action: Action,
    /// For run: the connection file; for remove: the name of the kernelspec
    #[arg(value_name = "FILE | NAME")]
    pub(crate) target: Option<PathBuf>,
    /// For install and remove: in your own folder of kernelspecs (the default of install)
    #[arg(long, conflicts_with_all = ["prefix", "sys_prefix"])]
    pub(crate) user: bool,
    /// For install and remove: below this folder, in share/jupyter/kernels
    #[arg(long, value_name = "FOLDER", conflicts_with = "sys_prefix")]
    pub(crate) prefix: Option<PathBuf>,
    /// For install and remove: in the Python environment that is active
    #[arg(long)]
    pub(crate) sys_prefix: bool,
    /// For install: the name by which front ends know the kernelspec (default: drupe)
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// For install: the name that people see (default: drupe (TypeScript))
    #[arg(long, value_name = "TEXT")]
    pub(crate) display_name: Option<String>,
    /// For install: kernels run on other hosts; this starts them there
    #[arg(long, value_name = "WHAT")]
    pub(crate) remote: Option<Elsewhere>,
    /// For run: a limit or the permissions that a person has chosen when the kernel was started; kernelspecs have it
    #[arg(long, value_name = "NAME=VALUE", value_parser = Choice::read)]
    pub(crate) choose: Vec<Choice>,
}

/// What starts kernels on other hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Elsewhere {
    /// The distributed provisioner of the Python package `gateway_provisioners`
    Provisioner,
    /// Jupyter Enterprise Gateway
    Gateway,
}

impl From<Elsewhere> for Remote {
    fn from(elsewhere: Elsewhere) -> Self {
        match elsewhere {
            Elsewhere::Provisioner => Self::Provisioner,
            Elsewhere::Gateway => Self::Gateway,
        }
    }
}

/// What `drupe jupyter` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Action {
    /// Install a kernelspec; the other flags of drupe are those of its kernels
    Install,
    /// Be the kernel of a connection file: front ends call this
    Run,
    /// List the kernelspecs of drupe
    List,
    /// Remove a kernelspec of drupe
    Remove,
}
