//! The program of a call, its options, and the check of its permission.

use std::{
    collections::BTreeMap,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use drupe_protocol::{HostError, RunId, Value};
use rustix::{io::Errno, process::Signal};

use super::{
    confine,
    find::{find, interpreters, joined, search_path, why_not, without_exposed},
    places::Places,
    running::{Plan, Running},
    variables,
};
use crate::{
    Call,
    answer_budget::MOST,
    follow::MAX_PATH,
    fs::{Asked, Cwd, Failing, Last, blocking, locate},
    permissions::{Exposure, Grant, Kind, PermissionRequest, Permissions, Policy, Program, Trace, trace},
    stdio,
};

/// How much arguments and variables may take together, as the system has it.
const MAX_ARGUMENTS: usize = 1 << 20;
/// What each of them takes besides, in bytes: its pointer and its end.
const EACH_ARGUMENT: usize = 9;
/// How much of a name that is too long errors tell, in bytes.
const MAX_SHOWN: usize = 100;
/// No more of each stream is kept, whatever is asked for.
const MAX_OUTPUT: usize = MOST / 2;

/// A program to be run, granted and found.
pub(super) struct Spec {
    plan: Plan,
    places: Arc<Places>,
    pub(super) timeout: Option<Duration>,
    pub(super) kill_signal: Signal,
    /// How much of each stream is kept, where it is.
    pub(super) max_buffer: usize,
    pub(super) input: Vec<u8>,
    api: &'static str,
    file: String,
    arguments: Vec<String>,
}

/// Resolves when a program has had its time; never where it has no limit.
pub(super) async fn used_up(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

impl Spec {
    /// Reads
    /// `{ file, args, cwd, env, argv0, uid, gid, detached, timeout, killSignal, maxBuffer, input, stdin, stdout, stderr }`,
    /// and requires what it takes.
    pub(super) async fn granted(permissions: &Permissions, call: &Call, api: &'static str) -> Result<Self, HostError> {
        let options = call.arg(0);
        let number = |key: &str| options.get(key).and_then(Value::as_f64).filter(|number| *number > 0.0);
        let failing = Failing::new("spawn", call.run);
        let file = options.get("file").and_then(Value::as_str).unwrap_or_default();
        // Before anything is copied. What errors tell is cut, too.
        if file.len() > MAX_PATH {
            return Err(spawn_error(Errno::NAMETOOLONG, api, &file[..file.floor_char_boundary(MAX_SHOWN)], &[]));
        }
        if said(options) > MAX_ARGUMENTS {
            return Err(spawn_error(Errno::TOOBIG, api, file, &[]));
        }
        let (file, arguments) = (file.to_owned(), strings(options.get("args")));
        if file.is_empty() || file.contains('\0') {
            return Err(failing.plain(Errno::INVAL));
        }
        let wanted = SpawnOptions::read(options, &file);
        let cwd = match options.get("cwd") {
            None | Some(Value::Undefined | Value::Null) => Cwd::of(&call.session),
            Some(Value::String(folder)) => {
                let asked = Asked::new(folder.into(), &call.session, &failing)?;
                locate(permissions, &failing, &asked, &[Kind::Read], Last::Follow).await?.real
            }
            Some(_) => return Err(failing.plain(Errno::INVAL)),
        };
        let name = Name { file: &file, arguments: &arguments, cwd: &cwd, api, run: call.run };
        let mut plan = plan(permissions, &name, wanted).await?;
        plan.streams = inherited(call);
        let stdio = stdio::of_session(&call.session);
        if let (Some(stdio), [_, None, Some(_)] | [_, Some(_), _]) = (stdio, &plan.streams) {
            // What was said before stands before what the program writes.
            stdio.settle().await;
        }
        let input = match options.get("input") {
            Some(Value::TypedArray(_, bytes) | Value::ArrayBuffer(bytes)) => bytes.to_vec(),
            Some(Value::String(text)) => text.as_bytes().to_vec(),
            _ => Vec::new(),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let max_buffer = number("maxBuffer").map_or(1 << 20, |bytes| (bytes as usize).min(MAX_OUTPUT));
        Ok(Self {
            plan,
            places: call.session.state(),
            timeout: number("timeout").map(|ms| Duration::from_secs_f64((ms / 1000.0).min(1e9))),
            kill_signal: options.get("killSignal").and_then(Value::as_f64).and_then(signal).unwrap_or(Signal::TERM),
            max_buffer,
            input,
            api,
            file,
            arguments,
        })
    }

    /// Starts it.
    pub(super) async fn start(&mut self) -> Result<Running, HostError> {
        let started = Running::start(std::mem::take(&mut self.plan), Arc::clone(&self.places)).await;
        started.map_err(|error| spawn_error(crate::fs::errno(&error), self.api, &self.file, &self.arguments))
    }
}

/// What JavaScript says of how a program is to run.
struct SpawnOptions {
    variables: Vec<(String, String)>,
    argv0: String,
    ids: (Option<u32>, Option<u32>),
    own_session: bool,
    ignore_stdin: bool,
    /// It gets no `PATH` but that among its variables.
    own_path: bool,
}

impl SpawnOptions {
    fn read(options: &Value, file: &str) -> Self {
        let variables = match options.get("env") {
            Some(Value::Object(entries)) => {
                entries.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
            }
            _ => Vec::new(),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let id = |key: &str| options.get(key).and_then(Value::as_f64).map(|id| id as u32);
        Self {
            variables,
            argv0: options.get("argv0").and_then(Value::as_str).unwrap_or(file).to_owned(),
            ids: (id("uid"), id("gid")),
            own_path: options.get("ownEnv") == Some(&Value::Bool(true)),
            own_session: options.get("detached") == Some(&Value::Bool(true)),
            // If there is no standard input to inherit, the program gets none.
            ignore_stdin: options.get("stdin").is_some_and(|stdin| stdin.as_str() == Some("ignore") || stdin.as_f64().is_some()),
        }
    }

    /// Leaves out what a program that a list grants does not get. What it must not get is an error, in words.
    fn restrict(&mut self, policy: &Policy, file: &str) -> Result<(), String> {
        // It is the parent's.
        self.variables.retain(|(name, _)| name != "PATH");
        self.own_path = false;
        let parents = |name: &str| std::env::var_os(name);
        let exposure = Exposure::of(policy);
        variables::leave_out(&mut self.variables, &exposure, parents);
        if let Some(name) = variables::refused(&self.variables, &exposure, parents) {
            return Err(format!("with the variable {name}"));
        }
        match self.ids {
            _ if self.argv0 != file => Err("by another name".to_owned()),
            (None, None) => Ok(()),
            _ => Err("as another user".to_owned()),
        }
    }
}

/// Chooses the program, and what it gets.
async fn plan(permissions: &Permissions, name: &Name<'_>, mut wanted: SpawnOptions) -> Result<Plan, HostError> {
    let Name { file, arguments, api, .. } = *name;
    let refused = |error: HostError| {
        let syscall = format!("{api} {file}");
        error.with("errno", -13).with("syscall", syscall).with("path", file).with("spawnargs", arguments.to_vec())
    };
    let chosen = choose(permissions, name).await.map_err(refused)?;
    let own = chosen.as_ref().ok().map(|chosen| chosen.own.clone());
    let (policy, file_name) = (permissions.policy(), file.to_owned());
    let (wanted, restricted, ruleset) = blocking(move || {
        let is_listed = policy.granted.run != Grant::All;
        let restricted = if is_listed { wanted.restrict(&policy, &file_name) } else { Ok(()) };
        let ruleset = restricted.as_ref().map_or(Ok(None), |()| confine::ruleset(&policy, &own.unwrap_or_default()));
        (wanted, restricted, ruleset)
    })
    .await?;
    restricted.map_err(|how| refused(unlisted(permissions, name, &how)))?;
    let chosen = chosen.map_err(|errno| spawn_error(errno, api, file, arguments))?;
    let path = (!wanted.own_path).then(|| ("PATH".into(), joined(&chosen.folders)));
    let variables = path.into_iter().chain(wanted.variables.into_iter().map(|(name, value)| (name.into(), value.into())));
    Ok(Plan {
        program: chosen.program.into(),
        arguments: [&wanted.argv0].into_iter().chain(arguments).map(Into::into).collect(),
        // The last of each name counts.
        variables: variables.collect::<BTreeMap<_, _>>().into_iter().collect(),
        cwd: name.cwd.into(),
        ignore_stdin: wanted.ignore_stdin,
        streams: Default::default(),
        own_session: wanted.own_session,
        ids: wanted.ids,
        ruleset: ruleset.map_err(|error| spawn_error(crate::fs::errno(&error), api, file, arguments))?,
    })
}

/// A program as JavaScript named it.
#[derive(Clone, Copy)]
struct Name<'a> {
    file: &'a str,
    arguments: &'a [String],
    cwd: &'a Path,
    api: &'static str,
    run: Option<RunId>,
}

/// A program that is granted.
struct Chosen {
    /// **What was required, not what its name leads to by now.**
    program: PathBuf,
    /// What it must be able to read, without links: itself, what runs it, and the folders where it looks for programs.
    own: Vec<PathBuf>,
    /// Where it looks for programs.
    folders: Vec<PathBuf>,
}

/// Finds the program and requires to run it. The inner error: it would be granted, and is not there, or is no program.
async fn choose(permissions: &Permissions, name: &Name<'_>) -> Result<Result<Chosen, Errno>, HostError> {
    let policy = permissions.policy();
    let is_listed = policy.granted.run != Grant::All;
    let mut program = Program {
        name: name.file.to_owned(),
        file: if name.file.contains('/') { name.cwd.join(name.file) } else { PathBuf::from(name.file) },
        real: PathBuf::new(),
        arguments: name.arguments.to_owned(),
    };
    let (cwd, asked) = (name.cwd.to_owned(), permissions.clone());
    let (program, found, folders, read, scripts, refused) = blocking(move || {
        let exposure = Exposure::of(&policy);
        let all = search_path();
        let safe = without_exposed(&all, &exposure);
        // A link that the code made would lead the program to what it may not read.
        let read = safe.iter().filter_map(|folder| Some(trace(folder)?.real)).collect::<Vec<_>>();
        let folders = if is_listed { safe } else { all.clone() };
        let found = find(&program.name, &cwd, &folders).or_else(|| find(&program.name, &cwd, &all));
        let found = found.ok_or_else(|| why_not(&program.name, &cwd, &all));
        // Whoever may change the interpreter may change what the script does.
        let scripts = found.as_ref().ok().filter(|found| !is_listed || !exposure.exposes(found));
        let scripts = scripts.and_then(|found| interpreters(found, is_listed.then_some(&exposure)));
        if let Ok(found) = &found {
            program.file.clone_from(&found.named);
        }
        program.real = found.as_ref().map_or_else(|_| program.file.clone(), |found| found.real.clone());
        let is_exposed = is_listed && found.is_ok() && scripts.is_none();
        let refused = is_exposed && asked.may_run(&program) || exposure.exposes_rules(&program);
        (program, found, folders, read, scripts, refused)
    })
    .await?;
    let is_exposed = is_listed && found.is_ok() && scripts.is_none();
    let exposed = || Err(unlisted(permissions, name, "from where code may write"));
    if refused {
        return exposed();
    }
    permissions.require_run(&program, name.api, name.run).await?;
    // What a rule leads to may have changed since it was looked at.
    if is_exposed {
        return exposed();
    }
    let own = |found: &Trace| [found.real.clone()].into_iter().chain(scripts.unwrap_or_default()).chain(read).collect();
    Ok(found.map(|found| Chosen { own: own(&found), program: found.real, folders }))
}

/// The error for a way to run a program that makes it any program.
fn unlisted(permissions: &Permissions, name: &Name, how: &str) -> HostError {
    let request = PermissionRequest::new(Kind::Run, format!("{} {how}", name.file), name.api, name.run);
    permissions.note(&request, false);
    permissions.denials().unlisted(&request, name.file, how)
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

/// The standard streams of the kernel that a program inherits: those whose options are their numbers, where the kernel
/// was given them.
fn inherited(call: &Call) -> [Option<OwnedFd>; 3] {
    let stdio = stdio::of_session(&call.session);
    ["stdin", "stdout", "stderr"].map(|name| {
        let number = call.arg(0).get(name).and_then(Value::as_f64)?;
        let number = [0, 1, 2].into_iter().find(|known| f64::from(*known) == number)?;
        stdio.as_ref()?.lend(usize::try_from(number).ok()?)
    })
}

/// How much the arguments, the variables and the name that the program is called by take together, in bytes.
fn said(options: &Value) -> usize {
    let length = |value: &Value| value.as_str().map_or(0, str::len) + EACH_ARGUMENT;
    let arguments = options.get("args").and_then(Value::as_array).unwrap_or_default().iter().map(length).sum::<usize>();
    let variables = match options.get("env") {
        Some(Value::Object(entries)) => entries.iter().map(|(name, value)| name.len() + length(value)).sum(),
        _ => 0,
    };
    arguments + variables + options.get("argv0").map_or(0, length)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// The signal with this number.
#[expect(clippy::cast_possible_truncation, reason = "a signal's number is small, and another names none")]
pub(super) fn signal(number: f64) -> Option<Signal> {
    Signal::from_named_raw(number as i32)
}
