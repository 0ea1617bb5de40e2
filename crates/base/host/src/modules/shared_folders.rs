//! The folders that `require` looks in where no `node_modules` has a package: those of `NODE_PATH`, of the home folder,
//! and of the program's installation. `import` does not look there.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use drupe_protocol::Value;

use crate::{Call, Permissions, Session, Surroundings, env, follow::MAX_PATH, fs::normal, permissions::Kind};

/// How many folders `NODE_PATH` names at most: a package that is missing is looked for in all of them.
const MAX_FOLDERS: usize = 64;

/// The folders that these values of `NODE_PATH` and `HOME` name, in Node's order.
fn named_by(node_path: Option<&str>, home: Option<&str>) -> Vec<String> {
    let node_path = node_path.unwrap_or_default().split(':').take(MAX_FOLDERS).map(str::to_owned);
    let home = home.filter(|home| !home.is_empty()).map(Path::new);
    let of_home =
        home.map(|home| [".node_modules", ".node_libraries"].map(|name| home.join(name).to_string_lossy().into_owned()));
    let folders = node_path.chain(of_home.into_iter().flatten());
    folders.filter(|folder| !folder.is_empty() && folder.len() <= MAX_PATH).collect()
}

/// The folders that JavaScript has named in place of the environment: `Module._initPaths` after a change of
/// `process.env`.
#[derive(Debug, Default)]
struct Set(Mutex<Option<Vec<String>>>);

/// The folders of one call, whose relative ones start from `from`.
#[derive(Debug)]
pub(super) struct FoldersOfCall {
    pub(super) folders: Arc<SharedFolders>,
    pub(super) permissions: Permissions,
    pub(super) session: Session,
    pub(super) from: PathBuf,
}

impl FoldersOfCall {
    /// Absolute paths.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let named = self.folders.list(&self.permissions, &self.session);
        named.iter().map(|folder| normal(&self.from.join(folder))).collect()
    }
}

/// Where the folders of a kernel's sessions are named.
#[derive(Debug)]
pub(super) struct SharedFolders {
    variables: Arc<[(String, String)]>,
    executable: Option<PathBuf>,
    is_command: bool,
}

impl SharedFolders {
    pub(super) fn of(surroundings: &Surroundings) -> Self {
        Self {
            variables: surroundings.variables.as_slice().into(),
            executable: surroundings.executable.clone(),
            is_command: surroundings.is_command,
        }
    }

    /// What the environment names, as far as JavaScript may see that.
    fn named(&self, permissions: &Permissions) -> Vec<String> {
        if !self.is_command {
            return Vec::new();
        }
        let variable = |name: &str| env::variable(permissions, &self.variables, name);
        named_by(variable("NODE_PATH").as_deref(), variable("HOME").as_deref())
    }

    /// The folders as they are named. Relative ones start from the working folder.
    fn list(&self, permissions: &Permissions, session: &Session) -> Vec<String> {
        let set = session.state::<Set>().0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut folders = set.unwrap_or_else(|| self.named(permissions));
        folders.extend(self.installation(permissions));
        folders
    }

    /// `lib/node` beside the folder of the program, for those who may know where that is.
    fn installation(&self, permissions: &Permissions) -> Option<String> {
        let executable = self.executable.as_ref().filter(|_| self.is_command)?;
        let folder = executable.parent()?.parent()?.join("lib/node");
        permissions.policy().covers_path(Kind::Read, executable).then(|| folder.to_string_lossy().into_owned())
    }

    /// `folders(names)`: the folders as they are named. With `names`, an array of what `NODE_PATH` and `HOME` say now
    /// (strings, or undefined), they are looked for by those from now on.
    pub(super) fn answer(&self, permissions: &Permissions, call: &Call) -> Value {
        if let Value::Array(names) = call.arg(0) {
            let name = |at: usize| names.get(at).and_then(Value::as_str);
            let named = named_by(name(0), name(1));
            *call.session.state::<Set>().0.lock().unwrap_or_else(PoisonError::into_inner) = Some(named);
        }
        self.list(permissions, &call.session).into()
    }
}
