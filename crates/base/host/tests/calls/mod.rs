//! What tests of the host's services share: a folder, permissions and calls.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its share")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use drupe_host::{Answer, Answering, Call, Host, HostError, Permissions, Policy, Session, permissions::Kind};
use drupe_protocol::Value;
use tempfile::TempDir;

/// A host, and a folder of its own.
pub(crate) struct Place {
    _folder: TempDir,
    pub(crate) root: PathBuf,
    pub(crate) permissions: Permissions,
    pub(crate) host: Host,
    session: Session,
}

impl Place {
    /// With these permissions, by folders below its own.
    pub(crate) fn granting(grants: &[(Kind, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let mut policy = Policy::none();
        for (kind, path) in grants {
            fs::create_dir_all(root.join(path)).unwrap();
            policy.allow(*kind, root.join(path).to_str().unwrap()).unwrap();
        }
        let permissions = Permissions::new(policy);
        let host = Host::standard(&permissions);
        Self { _folder: folder, root, permissions, host, session: Session::default() }
    }

    /// Reading and writing is granted below the folder `in`.
    pub(crate) fn open() -> Self {
        Self::granting(&[(Kind::Read, "in"), (Kind::Write, "in")])
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.root.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn folder(&self, name: &str) {
        fs::create_dir_all(self.root.join(name)).unwrap();
    }

    pub(crate) fn link(&self, text: impl AsRef<Path>, name: &str) {
        std::os::unix::fs::symlink(text, self.root.join(name)).unwrap();
    }

    pub(crate) fn call(&self, op: &str, args: Vec<Value>) -> Answering {
        let mut call = Call::new(op, args);
        call.session = self.session.clone();
        self.host.call(call)
    }

    pub(crate) async fn value(&self, op: &str, args: Vec<Value>) -> Result<Value, HostError> {
        match self.call(op, args).await? {
            Answer::Value(value) => Ok(value),
            Answer::Stream(_) => panic!("a stream"),
        }
    }

    /// Calls an operation of `fs` with paths below the folder: its error's code, or nothing.
    pub(crate) async fn fs(&self, op: &str, paths: &[&str]) -> String {
        let args = paths.iter().map(|path| Value::from(self.path(path))).collect();
        self.code(&format!("fs.{op}"), args).await
    }

    pub(crate) async fn code(&self, op: &str, args: Vec<Value>) -> String {
        self.value(op, args).await.map_or_else(|error| error.code.unwrap_or(error.message), |_| String::new())
    }

    /// `symlink(text, name)`.
    pub(crate) async fn symlink(&self, text: &str, name: &str) -> String {
        self.code("fs.symlink", vec![text.into(), self.path(name).into()]).await
    }
}
