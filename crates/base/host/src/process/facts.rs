//! The working folder, and the facts about the machine that JavaScript may know.

use std::path::Path;

use drupe_protocol::{HostError, Value};
use rustix::io::Errno;

use crate::{
    Call, KernelProcess, Surroundings,
    fs::{Asked, Cwd, Failing, Last, blocking, locate},
    permissions::{Kind, Permissions},
};

/// What Node calls a change of the working folder in errors.
const CHDIR: &str = "chdir";

/// `cwd()`: the working folder, if the policy lets it be read; nobody is asked. Relative paths start there in any case.
pub(super) fn cwd(permissions: &Permissions, call: &Call) -> Value {
    let cwd = Cwd::of(&call.session);
    if permissions.policy().covers_path(Kind::Read, &cwd) { cwd.to_string_lossy().into_owned().into() } else { Value::Null }
}

/// `command()`: `{ execPath, execArgv, words, hasScript }`, of which the first is null for those who may not read the
/// program.
pub(super) fn command(permissions: &Permissions, surroundings: &Surroundings) -> Value {
    let executable = surroundings.executable.as_ref().filter(|path| permissions.policy().covers_path(Kind::Read, path));
    let executable = executable.map_or(Value::Null, |path| path.to_string_lossy().into_owned().into());
    Value::Object(vec![
        ("execPath".to_owned(), executable),
        ("execArgv".to_owned(), surroundings.flags.clone().into()),
        ("words".to_owned(), surroundings.words.clone().into()),
        ("hasScript".to_owned(), surroundings.has_script.into()),
    ])
}

/// `self()`: this process, where the program is what it runs; else 0.
pub(super) fn own(surroundings: &Surroundings) -> f64 {
    if surroundings.is_command { f64::from(std::process::id()) } else { 0.0 }
}

/// `parent()`: the process that has started this one, where the program is what this one runs; else 0.
pub(super) fn parent(surroundings: &Surroundings) -> f64 {
    let parent = rustix::process::getppid().filter(|_| surroundings.is_command);
    parent.map_or(0.0, |pid| f64::from(pid.as_raw_nonzero().get()))
}

/// `ids()`: `{ uid, euid, gid, egid, groups }` of this process, where the program is what it runs; else null.
pub(super) fn ids(surroundings: &Surroundings) -> Value {
    if !surroundings.is_command {
        return Value::Null;
    }
    let groups = rustix::process::getgroups().unwrap_or_default();
    let groups = groups.into_iter().map(|group| f64::from(group.as_raw()).into()).collect::<Vec<Value>>();
    let id = |name: &str, id: u32| (name.to_owned(), f64::from(id).into());
    Value::Object(vec![
        id("uid", rustix::process::getuid().as_raw()),
        id("euid", rustix::process::geteuid().as_raw()),
        id("gid", rustix::process::getgid().as_raw()),
        id("egid", rustix::process::getegid().as_raw()),
        ("groups".to_owned(), Value::Array(groups)),
    ])
}

/// `umask()`: the mask of new files, where the program is what this process runs; else null.
pub(super) async fn umask(surroundings: &Surroundings) -> Result<Value, HostError> {
    if !surroundings.is_command {
        return Ok(Value::Null);
    }
    // Asking the system would change it for a moment.
    let text = blocking(|| std::fs::read_to_string("/proc/self/status")).await?.unwrap_or_default();
    let mask = text.lines().find_map(|line| u32::from_str_radix(line.strip_prefix("Umask:")?.trim(), 8).ok());
    Ok(mask.map_or(Value::Null, |mask| f64::from(mask).into()))
}

/// `memory()`: how many bytes of memory the kernel's process takes up; null where it has no process of its own.
pub(super) async fn memory(call: &Call) -> Result<Value, HostError> {
    let Some(pid) = call.session.state::<KernelProcess>().pid() else { return Ok(Value::Null) };
    let text = blocking(move || std::fs::read_to_string(format!("/proc/{pid}/status"))).await?.unwrap_or_default();
    let resident = text.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    Ok(resident.map_or(Value::Null, |kibibytes| (kibibytes * 1024.0).into()))
}

/// `chdir(path)`: changes the session's working folder, and nobody else's.
pub(super) async fn chdir(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    // As for `cwd`: who may not read the working folder is not told of it.
    let left = cwd(permissions, call);
    let left = left.as_str().unwrap_or(".");
    let failing = Failing::new(CHDIR, call.run);
    let asked = Asked::at(call, 0, &failing);
    let asked = asked.map_err(|error| between(error, left, call.arg(0).as_str().unwrap_or_default()))?;
    let moving = |error| between(error, left, &asked.shown);
    let place = locate(permissions, &failing, &asked, &[Kind::Read], Last::Follow).await.map_err(moving)?;
    let real = place.real.clone();
    let is_folder = blocking(move || std::fs::metadata(real).map(|metadata| metadata.is_dir())).await?;
    match is_folder {
        Ok(true) => {
            call.session.state::<Cwd>().set(place.real);
            Ok(Value::Undefined)
        }
        Ok(false) => Err(moving(failing.path(Errno::NOTDIR, &asked.shown))),
        Err(error) => Err(moving(failing.path(crate::fs::errno(&error), &asked.shown))),
    }
}

/// The system's error about a folder, as Node says it: between the working folder and that one. A denial stays.
fn between(mut error: HostError, left: &str, folder: &str) -> HostError {
    let Some(what) = error.message.strip_suffix(&format!(", {CHDIR} '{folder}'")) else { return error };
    error.message = format!("{what}, {CHDIR} '{left}' -> '{folder}'");
    if let Some(Value::Object(properties)) = &mut error.properties {
        properties.retain(|(name, _)| name != "path");
    }
    error.with("path", left).with("dest", folder)
}

/// `machine(what)`: the text of the file in which Linux tells it. Who may read that file may know.
pub(super) async fn machine(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("os", call.run);
    let path = match call.string(0)? {
        "cpus" => "/proc/cpuinfo",
        "memory" => "/proc/meminfo",
        "load" => "/proc/loadavg",
        "uptime" => "/proc/uptime",
        "release" => "/proc/sys/kernel/osrelease",
        "version" => "/proc/sys/kernel/version",
        "hostname" => "/proc/sys/kernel/hostname",
        "users" => "/etc/passwd",
        _ => return Err(failing.plain(Errno::INVAL)),
    };
    permissions.require_path(Kind::Read, Path::new(path), failing.syscall, call.run).await?;
    let text = blocking(move || std::fs::read_to_string(path)).await?;
    let text = text.map_err(|error| failing.path(crate::fs::errno(&error), path))?;
    if call.arg(0).as_str() == Some("users") {
        // One's own line is all that is asked for.
        let own = format!(":{}:", rustix::process::getuid().as_raw());
        let line = text.lines().find(|line| line.splitn(3, ':').nth(2).is_some_and(|rest| format!(":{rest}").starts_with(&own)));
        return Ok(line.unwrap_or_default().into());
    }
    Ok(text.into())
}
