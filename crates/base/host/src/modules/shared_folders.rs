//! The folders that `require` looks in where no `node_modules` has a package: those of `NODE_PATH`, of the home folder,
//! and of the program's installation. `import` does not look there.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use drupe_protocol::Value;

use crate::{Call, Permissions, Session, Surroundings, env, fs::normal, permissions::Kind};

/// How many folders there are at most: a package that is missing is looked for in all of them.
const MAX_FOLDERS: usize = 64;

/// What names the folders, in Node's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Named {
    node_path: Option<String>,
    home: Option<String>,
}

/// What JavaScript has set in place of the environment's names: `Module._initPaths` after a change of `process.env`.
#[derive(Debug, Default)]
struct Set(Mutex<Option<Named>>);

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
    fn named(&self, permissions: &Permissions) -> Named {
        if !self.is_command {
            return Named::default();
        }
        let variable = |name: &str| env::variable(permissions, &self.variables, name);
        Named { node_path: variable("NODE_PATH"), home: variable("HOME") }
    }

    /// The folders as they are named. Relative ones start from the working folder.
    fn list(&self, permissions: &Permissions, session: &Session) -> Vec<String> {
        let set = session.state::<Set>().0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Named { node_path, home } = set.unwrap_or_else(|| self.named(permissions));
        let mut folders: Vec<String> =
            node_path.iter().flat_map(|path| path.split(':')).filter(|path| !path.is_empty()).map(str::to_owned).collect();
        if let Some(home) = home.filter(|home| !home.is_empty()) {
            let home = Path::new(&home);
            folders.extend([".node_modules", ".node_libraries"].map(|name| home.join(name).to_string_lossy().into_owned()));
        }
        folders.extend(self.installation(permissions));
        folders.truncate(MAX_FOLDERS);
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
            let name = |at: usize| names.get(at).and_then(Value::as_str).map(str::to_owned);
            let named = Named { node_path: name(0), home: name(1) };
            *call.session.state::<Set>().0.lock().unwrap_or_else(PoisonError::into_inner) = Some(named);
        }
        self.list(permissions, &call.session).into()
    }
}
