//! What tests of modules share: trees of files, and calls of the service.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its share")]

use std::{
    fs,
    future::poll_fn,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use drupe_host::{Answer, Call, HostError, ModuleCache, Modules, Permissions, Policy, Service, permissions::Kind};
use drupe_protocol::Value;
use tempfile::TempDir;

/// A folder of files, and modules that may see some of it.
pub(crate) struct Tree {
    _folder: TempDir,
    pub(crate) root: PathBuf,
    pub(crate) permissions: Permissions,
    pub(crate) modules: Modules,
}

impl Tree {
    /// Files by their paths; `granted` are paths in the tree that may be read.
    pub(crate) fn new(files: &[(&str, &str)], granted: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (path, text) in files {
            write(&root.join(path), text);
        }
        let mut policy = Policy::none();
        for path in granted {
            policy.allow(Kind::Read, root.join(path).to_str().unwrap()).unwrap();
        }
        let permissions = Permissions::new(policy);
        let modules = Modules::new(&permissions).root(&root).cache(&ModuleCache::with_limit(64 << 20));
        Self { _folder: folder, root, permissions, modules }
    }

    /// Files, all of which may be read.
    pub(crate) fn open(files: &[(&str, &str)]) -> Self {
        Self::new(files, &[""])
    }

    pub(crate) fn url(&self, path: &str) -> String {
        url::Url::from_file_path(self.root.join(path)).unwrap().to_string()
    }

    pub(crate) async fn graph(&self, specifier: &str) -> Result<Vec<Value>, HostError> {
        graph(&self.modules, vec![specifier.into()]).await
    }

    /// A URL, without that of the tree.
    pub(crate) fn short(&self, url: &str) -> String {
        url.replace(&format!("file://{}/", self.root.display()), "")
    }

    pub(crate) async fn resolve(&self, specifier: &str, from: Option<&str>, kind: &str) -> Result<String, HostError> {
        let referrer = from.map(|from| self.url(from));
        let url = value(&self.modules, "resolve", vec![specifier.into(), referrer.into(), kind.into()]).await?;
        Ok(self.short(url.as_str().unwrap()))
    }

    pub(crate) async fn import(&self, specifier: &str, from: &str) -> Result<String, HostError> {
        self.resolve(specifier, Some(from), "import").await
    }

    pub(crate) async fn require(&self, specifier: &str, from: &str) -> Result<Value, HostError> {
        value(&self.modules, "require", vec![specifier.into(), self.url(from).into()]).await
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        write(&self.root.join(path), text);
    }

    /// Lets a file have been written long ago.
    pub(crate) fn date_back(&self, path: &str) {
        let file = fs::File::options().write(true).open(self.root.join(path)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(500_000_000)).unwrap();
    }

    pub(crate) fn link(&self, target: impl AsRef<Path>, path: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) async fn value(modules: &Modules, op: &str, args: Vec<Value>) -> Result<Value, HostError> {
    match modules.call(Call::new(op, args)).await? {
        Answer::Value(value) => Ok(value),
        Answer::Stream(_) => panic!("a stream"),
    }
}

pub(crate) async fn graph(modules: &Modules, args: Vec<Value>) -> Result<Vec<Value>, HostError> {
    let mut call = Call::new("graph", args);
    call.run = Some(7);
    let answer = modules.call(call).await?;
    let Answer::Stream(mut items) = answer else { panic!("no stream") };
    let mut found = Vec::new();
    while let Some(item) = poll_fn(|context| items.as_mut().poll_next(context)).await {
        found.extend(item?.as_array().unwrap().to_vec());
    }
    Ok(found)
}

pub(crate) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn strings(item: &Value, name: &str) -> Vec<String> {
    let list = item.get(name).and_then(Value::as_array).unwrap_or_default();
    list.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

pub(crate) fn code(error: &HostError) -> &str {
    error.code.as_deref().unwrap_or_default()
}
