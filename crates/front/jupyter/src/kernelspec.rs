//! Kernelspecs: the folders by which front ends find kernels.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::remote::Remote;

/// The files of a kernelspec that are pictures.
const LOGOS: [(&str, &[u8]); 3] = [
    ("logo-32x32.png", include_bytes!("../logos/logo-32x32.png")),
    ("logo-64x64.png", include_bytes!("../logos/logo-64x64.png")),
    ("logo-svg.svg", include_bytes!("../logos/logo-svg.svg")),
];

/// Where a kernelspec is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Location {
    /// In the user's own folder.
    #[default]
    User,
    /// Below a prefix, such as that of a Python environment.
    Prefix(PathBuf),
    /// Below the prefix of the Python environment that is active.
    SysPrefix,
}

/// A kernelspec cannot be installed or removed.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The name is not one that front ends can use.
    #[error("{0:?} is no name for a kernelspec: it is made of ASCII letters, digits, `-`, `.` and `_`")]
    Name(String),
    /// There is no folder for it.
    #[error("{0}")]
    NoFolder(&'static str),
    /// A file cannot be written, read or removed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// There is none of this name.
    #[error("there is no kernelspec {0:?} of drupe; `drupe jupyter list` shows those that there are")]
    None(String),
    /// The folder has the kernelspec of another kernel.
    #[error("{} is the kernelspec of another kernel; choose another --name", .0.display())]
    Other(PathBuf),
    /// The folder belongs to a Python package.
    #[error("{} came with the Python package {package}, and goes with it: pip uninstall {package}; or choose another --name", folder.display())]
    Package {
        /// The folder.
        folder: PathBuf,
        /// The name of the package.
        package: String,
    },
}

/// What is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The name by which front ends know it.
    pub name: String,
    /// The name that people see.
    pub display_name: String,
    /// The command that starts a kernel, up to the connection file.
    pub command: Vec<String>,
    /// What a person may choose when a kernel is started.
    pub parameters: Vec<&'static Parameter>,
    /// What starts kernels on other hosts, if anything does.
    pub remote: Option<Remote>,
}

/// A value that a front end asks a person for before it starts a kernel, as JEP 87 has it: it stands for
/// `{drupe_NAME}` in the command.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The values that it can have. The first is the default. **There are no others**, so front ends need not trust
    /// what is typed.
    pub values: &'static [&'static str],
}

impl Parameter {
    /// What stands in the command for the value.
    #[must_use]
    pub fn placeholder(&self) -> String {
        format!("{{drupe_{}}}", self.name)
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "title": self.title, "default": self.values.first(), "enum": self.values })
    }
}

/// A kernelspec that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The name that people see.
    pub display_name: String,
    /// The command that starts a kernel.
    pub command: Vec<String>,
}

impl Spec {
    /// Writes the kernelspec, in the place of one of drupe that has its name. Returns its folder.
    ///
    /// # Errors
    /// When the name cannot be used, or the folder cannot be written.
    pub fn install(&self, location: &Location) -> Result<PathBuf, SpecError> {
        let is_part = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
        if self.name.is_empty() || !self.name.chars().all(is_part) || self.name.chars().all(|char| char == '.') {
            return Err(SpecError::Name(self.name.clone()));
        }
        let folder = location.folder()?.join(&self.name);
        if folder.join("kernel.json").exists() {
            Found::refuse_others(&folder)?;
        }
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| SpecError::Io { path, source }
        };
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        for (name, bytes) in LOGOS {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(failed(&path))?;
        }
        if self.remote.is_some() {
            let path = folder.join(Remote::LAUNCHER.0);
            fs::write(&path, Remote::LAUNCHER.1).map_err(failed(&path))?;
        }
        // It comes last: without it, the folder is no kernelspec.
        let path = folder.join("kernel.json");
        fs::write(&path, format!("{:#}\n", self.json(&folder))).map_err(failed(&path))?;
        Ok(folder)
    }

    fn json(&self, folder: &Path) -> Value {
        let argv: Vec<_> = match self.remote {
            Some(_) => Remote::command(&folder.join(Remote::LAUNCHER.0), &self.command),
            None => self.command.iter().cloned().chain(["{connection_file}".to_owned()]).collect(),
        };
        let mut metadata = json!({ "debugger": false, "drupe": { "version": env!("CARGO_PKG_VERSION") } });
        if !self.parameters.is_empty() {
            let of = |parameter: &&Parameter| (format!("drupe_{}", parameter.name), parameter.schema());
            let properties: serde_json::Map<_, _> = self.parameters.iter().map(of).collect();
            metadata["parameters"] = json!({ "type": "object", "properties": properties });
        }
        if let Some(remote) = self.remote {
            let (name, value) = remote.metadata();
            metadata[name] = value;
        }
        json!({
            "argv": argv,
            "display_name": self.display_name,
            "language": "typescript",
            "interrupt_mode": "message",
            "kernel_protocol_version": crate::message::VERSION,
            "metadata": metadata,
        })
    }
}

impl Location {
    fn folder(&self) -> Result<PathBuf, SpecError> {
        let below = |prefix: PathBuf| prefix.join("share").join("jupyter").join("kernels");
        match self {
            Self::User => user_folder().ok_or(SpecError::NoFolder("there is no HOME; give --prefix")),
            Self::Prefix(prefix) => Ok(below(prefix.clone())),
            Self::SysPrefix => {
                let none = "no Python environment is active (VIRTUAL_ENV, CONDA_PREFIX); give --prefix";
                environment().map(below).ok_or(SpecError::NoFolder(none))
            }
        }
    }
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn environment() -> Option<PathBuf> {
    variable("VIRTUAL_ENV").or_else(|| variable("CONDA_PREFIX"))
}

fn user_folder() -> Option<PathBuf> {
    let data = variable("JUPYTER_DATA_DIR").or_else(|| {
        if cfg!(windows) {
            variable("APPDATA").map(|data| data.join("jupyter"))
        } else if cfg!(target_os = "macos") {
            variable("HOME").map(|home| home.join("Library").join("Jupyter"))
        } else {
            let data = variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local").join("share")));
            data.map(|data| data.join("jupyter"))
        }
    });
    data.map(|data| data.join("kernels"))
}

/// The folders in which front ends look, the first first.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("JUPYTER_PATH").unwrap_or_default();
    let listed = env::split_paths(&path).filter(|folder| !folder.as_os_str().is_empty()).map(|folder| folder.join("kernels"));
    let below = |prefix: PathBuf| prefix.join("share/jupyter/kernels");
    let mut folders: Vec<_> = listed.chain(user_folder()).chain(environment().map(below)).collect();
    folders.extend(["/usr/local", "/usr"].map(|prefix| below(prefix.into())));
    let mut seen = Vec::new();
    folders.retain(|folder| {
        !seen.contains(folder) && {
            seen.push(folder.clone());
            true
        }
    });
    folders
}

/// Who made a kernelspec.
enum Owner {
    /// `drupe jupyter install` has made it.
    Installed,
    /// It is drupe's, and came with a Python package.
    Package(String),
    Another,
}

impl Found {
    /// Reads a folder.
    fn read(folder: &Path) -> Option<(Self, Owner)> {
        let json: Value = serde_json::from_slice(&fs::read(folder.join("kernel.json")).ok()?).ok()?;
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let found = Self {
            name: folder.file_name()?.to_string_lossy().into_owned(),
            folder: folder.to_owned(),
            display_name: json.get("display_name").and_then(text).unwrap_or_default(),
            command: json.get("argv").and_then(Value::as_array).into_iter().flatten().filter_map(text).collect(),
        };
        let owner = match json.pointer("/metadata/drupe") {
            Some(own) => own.get("package").and_then(text).map_or(Owner::Installed, Owner::Package),
            None => Owner::Another,
        };
        Some((found, owner))
    }

    /// Refuses to change a folder whose kernelspec `drupe jupyter install` has not made.
    fn refuse_others(folder: &Path) -> Result<(), SpecError> {
        match Self::read(folder) {
            Some((_, Owner::Installed)) => Ok(()),
            Some((_, Owner::Package(package))) => Err(SpecError::Package { folder: folder.to_owned(), package }),
            Some((_, Owner::Another)) | None => Err(SpecError::Other(folder.to_owned())),
        }
    }
}

/// The kernelspecs of drupe that front ends find.
#[must_use]
pub fn list() -> Vec<Found> {
    let inside = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let read = folders().into_iter().flat_map(inside).filter_map(|folder| Found::read(&folder));
    let mut found: Vec<_> = read.filter(|(_, owner)| !matches!(owner, Owner::Another)).map(|(found, _)| found).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// Removes a kernelspec of drupe: that in `location`, or the first that front ends find. Returns its folder.
///
/// # Errors
/// When there is none, when it is another kernel's, or when it cannot be removed.
pub fn remove(name: &str, location: Option<&Location>) -> Result<PathBuf, SpecError> {
    let folders = match location {
        Some(location) => vec![location.folder()?],
        None => folders(),
    };
    let is_path = name.is_empty() || name.contains(['/', '\\']) || name.chars().all(|char| char == '.');
    let mut candidates = folders.into_iter().filter(|_| !is_path).map(|folder| folder.join(name));
    let folder = candidates.find(|folder| Found::read(folder).is_some()).ok_or_else(|| SpecError::None(name.to_owned()))?;
    Found::refuse_others(&folder)?;
    fs::remove_dir_all(&folder).map_err(|source| SpecError::Io { path: folder.clone(), source })?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn spec(name: &str) -> Spec {
        let command = ["/usr/bin/drupe", "jupyter", "run", "--deny-net"].map(ToOwned::to_owned).into();
        let (parameters, remote) = (Vec::new(), None);
        Spec { name: name.to_owned(), display_name: "drupe, no network".to_owned(), command, parameters, remote }
    }

    fn json_of(folder: &Path) -> Value {
        serde_json::from_slice(&fs::read(folder.join("kernel.json")).unwrap()).unwrap()
    }

    #[test]
    fn a_kernelspec_is_installed_and_removed() {
        let prefix = tempfile::tempdir().unwrap();
        let location = Location::Prefix(prefix.path().to_owned());
        let folder = spec("drupe-offline").install(&location).unwrap();
        assert_eq!(folder, prefix.path().join("share/jupyter/kernels/drupe-offline"));
        let json = json_of(&folder);
        assert_eq!(json["argv"], json!(["/usr/bin/drupe", "jupyter", "run", "--deny-net", "{connection_file}"]));
        assert_eq!((&json["interrupt_mode"], &json["language"]), (&json!("message"), &json!("typescript")));
        for (name, _) in LOGOS {
            assert!(fs::metadata(folder.join(name)).unwrap().len() > 100, "{name}");
        }
        // Once more: it replaces the first.
        spec("drupe-offline").install(&location).unwrap();
        assert_eq!(remove("drupe-offline", Some(&location)).unwrap(), folder);
        assert!(!folder.exists());
        assert!(matches!(remove("drupe-offline", Some(&location)), Err(SpecError::None(_))));
    }

    #[test]
    fn kernelspecs_of_others_are_left_alone() {
        let prefix = tempfile::tempdir().unwrap();
        let location = Location::Prefix(prefix.path().to_owned());
        let folder = location.folder().unwrap().join("python3");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("kernel.json"), r#"{"argv": ["python3"]}"#).unwrap();
        assert!(matches!(spec("python3").install(&location), Err(SpecError::Other(_))));
        assert!(matches!(remove("python3", Some(&location)), Err(SpecError::Other(_))));
        // A package would miss its files, or bring them back.
        let of_package = r#"{"argv": ["python"], "metadata": {"drupe": {"package": "drupe-runtime"}}}"#;
        fs::write(folder.join("kernel.json"), of_package).unwrap();
        for refused in [spec("python3").install(&location), remove("python3", Some(&location))] {
            let told = refused.unwrap_err().to_string();
            assert!(told.contains("pip uninstall drupe-runtime"), "{told}");
        }
        fs::write(folder.join("kernel.json"), "damaged").unwrap();
        assert!(matches!(spec("python3").install(&location), Err(SpecError::Other(_))));
        for name in ["", "a/b", "..", "ä", "a b"] {
            assert!(matches!(spec(name).install(&location), Err(SpecError::Name(_))), "{name}");
            assert!(matches!(remove(name, Some(&location)), Err(SpecError::None(_))), "{name}");
        }
        assert!(folder.exists());
    }

    #[test]
    fn parameters_are_a_schema_of_the_values_that_there_are() {
        static SIZE: Parameter = Parameter { name: "size", title: "Size", values: &["small", "large"] };
        let prefix = tempfile::tempdir().unwrap();
        let folder = Spec { parameters: vec![&SIZE], ..spec("sized") }.install(&Location::Prefix(prefix.path().to_owned()));
        assert_eq!(SIZE.placeholder(), "{drupe_size}");
        let wanted = json!({ "type": "string", "title": "Size", "default": "small", "enum": ["small", "large"] });
        let wanted = json!({ "type": "object", "properties": { "drupe_size": wanted } });
        assert_eq!(json_of(&folder.unwrap())["metadata"]["parameters"], wanted);
    }

    #[test]
    fn kernels_elsewhere_are_started_by_a_launcher_beside_the_kernelspec() {
        let prefix = tempfile::tempdir().unwrap();
        let location = Location::Prefix(prefix.path().to_owned());
        for (remote, key) in [(Remote::Provisioner, "kernel_provisioner"), (Remote::Gateway, "process_proxy")] {
            let folder = Spec { remote: Some(remote), ..spec("far") }.install(&location).unwrap();
            let json = json_of(&folder);
            let launcher = folder.join("launch_drupe.py");
            assert!(json["metadata"][key].is_object(), "{json}");
            assert_eq!((&json["argv"][0], &json["argv"][1]), (&json!("python3"), &json!(launcher)));
            let argv = json["argv"].to_string();
            assert!(argv.ends_with(r#""--","/usr/bin/drupe","jupyter","run","--deny-net"]"#), "{argv}");
            let lines = fs::read_to_string(launcher).unwrap().lines().count();
            assert!(lines <= 80, "{lines}");
        }
    }
}
