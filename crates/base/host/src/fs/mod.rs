//! Files and folders: the service `fs`, with Node's operations and errors.
//!
//! A path is resolved first ([`place`]), then required of the permissions, and then opened **without following any
//! link, beneath the granted path**: a change in between leads to an error, and never out of the grant. The checked
//! file is the used file: everything after the opening uses the descriptor. Where permissions are lists of paths, only
//! files and folders are opened, no devices, pipes or sockets, and nothing of `/proc`.
//!
//! Open files belong to their session ([`files`]), and every operation requires the permission anew.

mod arg;
mod change;
mod confine;
mod error;
mod files;
mod folder;
mod links;
mod listing;
mod pipes;
mod place;
mod stat;
mod whole;

use std::sync::Arc;

use drupe_protocol::HostError;

use crate::{Answer, Answering, Call, Permissions, Service};

pub use arg::working_folder;
pub(crate) use arg::{Asked, Cwd, normal};
pub(crate) use error::{Failing, describe, errno};
pub(crate) use place::{Last, locate, open_fixed, reopen};
pub(crate) use stat::stat_of;

/// The service.
pub(crate) struct Files {
    permissions: Permissions,
}

impl Files {
    pub(crate) fn new(permissions: &Permissions) -> Arc<Self> {
        Arc::new(Self { permissions: permissions.clone() })
    }
}

impl Service for Files {
    fn call(&self, call: Call) -> Answering {
        let permissions = self.permissions.clone();
        Box::pin(async move { answer(&permissions, &call).await })
    }
}

async fn answer(permissions: &Permissions, call: &Call) -> Result<Answer, HostError> {
    let value = match &*call.op {
        "readFile" => whole::read(permissions, call).await?,
        "writeFile" => whole::write(permissions, call).await?,
        "copyFile" => whole::copy(permissions, call).await?,
        "open" => files::open(permissions, call).await?,
        "close" => files::close(call)?,
        "read" => files::read(permissions, call).await?,
        "write" => files::write(permissions, call).await?,
        "fstat" => files::stat(permissions, call).await?,
        "ftruncate" => files::truncate(permissions, call).await?,
        "fsync" => files::sync(permissions, call).await?,
        "fchmod" => files::chmod(permissions, call).await?,
        "futimes" => files::utimes(permissions, call).await?,
        "stat" => stat::stat(permissions, call, Last::Follow).await?,
        "lstat" => stat::stat(permissions, call, Last::Keep).await?,
        "statfs" => stat::statfs(permissions, call).await?,
        "access" => stat::access(permissions, call).await?,
        "readdir" => listing::list(permissions, call).await?,
        "mkdir" => folder::make(permissions, call).await?,
        "mkdtemp" => folder::make_temporary(permissions, call).await?,
        "rmdir" => folder::remove(permissions, call, folder::What::Folder).await?,
        "unlink" => folder::remove(permissions, call, folder::What::File).await?,
        "rm" => folder::remove(permissions, call, folder::What::Anything).await?,
        "rename" => change::rename(permissions, call).await?,
        "truncate" => change::truncate(permissions, call).await?,
        "chmod" => change::chmod(permissions, call).await?,
        "utimes" => change::utimes(permissions, call, Last::Follow).await?,
        "lutimes" => change::utimes(permissions, call, Last::Keep).await?,
        "symlink" => links::symlink(permissions, call).await?,
        "link" => links::link(permissions, call).await?,
        "readlink" => links::read(permissions, call).await?,
        "realpath" => links::real(permissions, call).await?,
        other => {
            return Err(HostError::new("Error", format!("this host's files know no {other:?}")).with_code("ERR_NOT_SUPPORTED"));
        }
    };
    Ok(Answer::Value(value))
}

/// Does work that blocks where it holds nobody up.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HostError> {
    let lost = |_| HostError::new("Error", "the host failed; its log says why").with_code("ERR_HOST_PANICKED");
    tokio::task::spawn_blocking(work).await.map_err(lost)
}
