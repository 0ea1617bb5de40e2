//! What program is to be run, how, and whether that is granted.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use drupe_protocol::{HostError, Value};
use rustix::{io::Errno, process::Signal};
use tokio::process::Command;

use crate::{
    Call,
    fs::{Asked, Cwd, Failing, Last, blocking, locate},
    permissions::{Grant, Kind, Permissions, Wish},
    room::MOST,
};

/// Where programs are looked for when the parent has no `PATH`.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// How much arguments and variables may take together, as the system has it.
const MAX_ARGUMENTS: usize = 1 << 20;
/// No more of each stream is kept, whatever is asked for.
const MAX_OUTPUT: usize = MOST / 2;

/// A program to be run, granted and found.
pub(super) struct Spec {
    pub(super) command: Command,
    pub(super) timeout: Option<Duration>,
    pub(super) kill_signal: Signal,
    /// How much of each stream is kept, where it is.
    pub(super) max_buffer: usize,
    pub(super) input: Vec<u8>,
    pub(super) syscall: String,
    pub(super) file: String,
    pub(super) arguments: Vec<String>,
}

/// Resolves when a program has had its time; never where it has no limit. The clock is the subject: it is the caller who set it.
pub(super) async fn used_up(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

impl Spec {
    /// Reads `{ file, args, cwd, env, argv0, timeout, killSignal, maxBuffer, input, stdin }`, and requires what it takes.
    pub(super) async fn granted(permissions: &Permissions, call: &Call, api: &'static str) -> Result<Self, HostError> {
        let options = call.arg(0);
        let text = |key: &str| options.get(key).and_then(Value::as_str);
        let number = |key: &str| options.get(key).and_then(Value::as_f64).filter(|number| *number > 0.0);
        let file = text("file").unwrap_or_default().to_owned();
        let arguments = strings(options.get("args"));
        let failing = Failing::new("spawn", call.run);
        if file.is_empty() || file.contains('\0') {
            return Err(failing.plain(Errno::INVAL));
        }
        let variables = match options.get("env") {
            Some(Value::Object(entries)) => {
                entries.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
            }
            _ => Vec::new(),
        };
        let size = arguments.iter().map(String::len).sum::<usize>()
            + variables.iter().map(|(name, value): &(String, String)| name.len() + value.len()).sum::<usize>();
        let syscall = format!("{api} {file}");
        if size > MAX_ARGUMENTS {
            return Err(spawn_error(Errno::TOOBIG, api, &file, &arguments));
        }
        let cwd = match options.get("cwd") {
            None | Some(Value::Undefined | Value::Null) => Cwd::of(&call.session),
            Some(Value::String(folder)) => {
                let asked = Asked::new(folder.into(), &call.session, &failing)?;
                locate(permissions, &failing, &asked, &[Kind::Read], Last::Follow).await?.real
            }
            Some(_) => return Err(failing.plain(Errno::INVAL)),
        };
        let (name, folder) = (file.clone(), cwd.clone());
        let found = blocking(move || find(&name, &folder)).await?;
        let resolved = found.clone().unwrap_or_else(|| PathBuf::from(&file));
        permissions.require_run(&file, &resolved, api, call.run).await.map_err(|error| {
            error.with("errno", -13).with("syscall", &*syscall).with("path", &*file).with("spawnargs", arguments.clone())
        })?;
        require_loader(permissions, call, &variables, api)?;
        if found.is_none() {
            return Err(spawn_error(Errno::NOENT, api, &file, &arguments));
        }
        let mut command = Command::new(&resolved);
        command.arg0(text("argv0").unwrap_or(&file)).args(&arguments).current_dir(cwd).env_clear();
        command.env("PATH", search_path()).envs(variables);
        command.process_group(0).kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ignored = options.get("stdin").and_then(Value::as_str) == Some("ignore");
        command.stdin(if ignored { Stdio::null() } else { Stdio::piped() });
        let input = match options.get("input") {
            Some(Value::TypedArray(_, bytes) | Value::ArrayBuffer(bytes)) => bytes.clone(),
            Some(Value::String(text)) => text.as_bytes().to_vec(),
            _ => Vec::new(),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let max_buffer = number("maxBuffer").map_or(1 << 20, |bytes| (bytes as usize).min(MAX_OUTPUT));
        Ok(Self {
            command,
            timeout: number("timeout").map(|ms| Duration::from_secs_f64((ms / 1000.0).min(1e9))),
            kill_signal: options.get("killSignal").and_then(Value::as_f64).and_then(signal).unwrap_or(Signal::TERM),
            max_buffer,
            input,
            syscall: api.to_owned(),
            file,
            arguments,
        })
    }

    /// The error when the system would not start it.
    pub(super) fn failed(&self, error: &std::io::Error) -> HostError {
        spawn_error(crate::fs::errno(error), &self.syscall, &self.file, &self.arguments)
    }
}

/// As Node words it: the program belongs to `syscall`.
fn spawn_error(errno: Errno, api: &str, file: &str, arguments: &[String]) -> HostError {
    let (code, _) = crate::fs::describe(errno);
    HostError::new("Error", format!("{api} {file} {code}"))
        .with_code(&*code)
        .with("errno", -f64::from(errno.raw_os_error()))
        .with("code", &*code)
        .with("syscall", format!("{api} {file}"))
        .with("path", file)
        .with("spawnargs", arguments.to_vec())
}

/// Variables that make a program load code are as good as any program, unless they are the parent's own, which its programs get anyway.
fn require_loader(permissions: &Permissions, call: &Call, variables: &[(String, String)], api: &str) -> Result<(), HostError> {
    if permissions.policy().run == Grant::All {
        return Ok(());
    }
    let is_loading = |name: &str| name.starts_with("LD_") || name.starts_with("DYLD_");
    let loading = variables.iter().find(|(name, value)| is_loading(name) && !is_inherited(std::env::var_os(name), value));
    let Some((name, _)) = loading else { return Ok(()) };
    let wish = Wish { kind: Kind::Run, resource: format!("with {name}"), api: api.to_owned(), run: call.run };
    permissions.note(&wish, false);
    let message = format!(
        "EACCES: permission denied, {api} with the variable {name}, which makes a program load any code: needs run access to everything, which --allow-run would grant"
    );
    Err(HostError::new("PermissionDenied", message)
        .with_code("EACCES")
        .with("permission", Kind::Run.name())
        .with("resource", wish.resource)
        .with("flag", "--allow-run"))
}

/// Whether a variable of a program is as the parent has it, and leads to the same files from every folder.
fn is_inherited(parents: Option<std::ffi::OsString>, value: &str) -> bool {
    parents.is_some_and(|parents| parents == value) && value.split([':', ' ']).all(|part| part.starts_with('/'))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn search_path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_else(|| USUAL_PATH.into())
}

/// The file of the program `name`: by the parent's own search path, **whatever JavaScript says of `PATH`**.
fn find(name: &str, cwd: &Path) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(cwd.join(name)).filter(|file| is_program(file));
    }
    std::env::split_paths(&search_path())
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The signal with this number.
#[expect(clippy::cast_possible_truncation, reason = "a signal's number is small, and another names none")]
pub(super) fn signal(number: f64) -> Option<Signal> {
    Signal::from_named_raw(number as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_the_parents_path_and_by_their_files() {
        assert!(find("sh", Path::new("/")).is_some());
        assert_eq!(find("bin/sh", Path::new("/")), Some("/bin/sh".into()));
        assert_eq!(find("no-such-program", Path::new("/")), None);
        assert_eq!(find("tmp", Path::new("/")), None);
    }

    #[test]
    fn what_loads_code_is_the_parents_own_or_nobodys() {
        let parents = |value: &str| Some(value.into());
        assert!(is_inherited(parents("/lib:/usr/lib"), "/lib:/usr/lib"));
        // Another value, no value, and folders that depend on where the program starts.
        assert!(!is_inherited(parents("/lib"), "/lib:/tmp"));
        assert!(!is_inherited(None, "/lib"));
        assert!(!is_inherited(parents("/lib:"), "/lib:"));
        assert!(!is_inherited(parents("lib"), "lib"));
    }
}
