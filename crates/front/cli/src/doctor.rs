//! `drupe doctor`: describes this installation, and tests whether it works.

use std::{
    io::{self, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use drupe_client::{Error, Info, Kernel, LaunchError, Outcome, SandboxLayer, SandboxLevel, SandboxStatus};
use drupe_repl::{ReplError, Show};

use crate::{
    args::{Events, Flags},
    events_json::EventsJson,
    exit,
    installed::{self, Installed},
    json_line::{Examination, LayerLine, Line},
    program::this_program,
    remedies, version,
};

/// What was found.
struct Found {
    installed: Installed,
    examined: Result<(Info, String), Failure>,
    took: Duration,
}

/// Why no kernel works, and how it would have been confined, if that is the reason.
struct Failure {
    message: String,
    layers: Vec<SandboxLayer>,
}

impl Found {
    fn layers(&self) -> &[SandboxLayer] {
        match &self.examined {
            Ok((info, _)) => &info.sandbox.layers,
            Err(failure) => &failure.layers,
        }
    }

    fn status(&self) -> ExitCode {
        if self.examined.is_ok() { ExitCode::SUCCESS } else { exit::no_kernel() }
    }
}

pub(crate) async fn doctor(flags: &Flags) -> Result<ExitCode, ReplError> {
    let start = Instant::now();
    let examined = examine(flags).await;
    let program = std::env::current_exe().and_then(std::fs::canonicalize).unwrap_or_default();
    let found = Found { installed: installed::at(&program), examined, took: start.elapsed() };
    match flags.events {
        Some(Events::Json) => told_as_json(&found),
        None => told(&found),
    }
}

fn told(found: &Found) -> Result<ExitCode, ReplError> {
    let mut lines = vec![
        ("drupe", env!("CARGO_PKG_VERSION").to_owned()),
        ("build", version::build()),
        ("installed", found.installed.words.clone()),
        ("kernel program", this_program().to_string()),
    ];
    match &found.examined {
        Ok((info, _)) => lines.extend([
            ("kernel", info.version.clone()),
            (&info.engine.name, info.engine.version.clone()),
            ("protocol", format!("revision {}", drupe_protocol::REVISION)),
            ("sandbox", sandbox(&info.sandbox)),
        ]),
        Err(failure) => lines.push(("failed", failure.message.clone())),
    }
    lines.extend(found.layers().iter().map(|layer| ("", format!("{:12} {}", layer.name, state(layer)))));
    lines.extend(remedies::advice(found.layers()).into_iter().map(|advice| ("to do", advice)));
    if let Ok((_, answer)) = &found.examined {
        lines.extend([("programs", programs()), ("1+1", format!("{answer}, {:.1?} after the launch began", found.took))]);
    }
    let text = lines.iter().map(|(name, value)| format!("{name:15} {value}\n")).collect::<String>();
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(ReplError::Output)?;
    Ok(found.status())
}

fn told_as_json(found: &Found) -> Result<ExitCode, ReplError> {
    let examined = &found.examined;
    let info = examined.as_ref().ok().map(|(info, _)| info);
    let line = Line::Doctor(Box::new(Examination {
        works: examined.is_ok(),
        version: env!("CARGO_PKG_VERSION"),
        kernel_program: this_program().to_string(),
        installed: found.installed.by,
        build: version::build(),
        kernel_version: info.map(|info| &*info.version),
        v8: info.map(|info| &*info.engine.version),
        protocol: drupe_protocol::REVISION,
        sandbox: info.map(|info| info.sandbox.level.to_string()),
        layers: found.layers().iter().map(|layer| LayerLine { name: &layer.name, on: layer.on, detail: &layer.detail }).collect(),
        programs: programs(),
        advice: remedies::advice(found.layers()),
        message: examined.as_ref().err().map(|failure| &*failure.message),
        ms: found.took.as_secs_f64() * 1000.0,
    }));
    let mut out = EventsJson::new(io::stdout());
    out.line(&line).and_then(|()| out.flush()).map_err(ReplError::Output)?;
    Ok(found.status())
}

fn sandbox(status: &SandboxStatus) -> String {
    let level = status.level;
    match level {
        SandboxLevel::Hardened => {
            format!("{level}: the system refuses whatever the kernel does not need, and no machine code is made in it")
        }
        SandboxLevel::Strict => format!("{level}: the system refuses whatever the kernel does not need"),
        SandboxLevel::BestEffort if cfg!(target_os = "linux") => format!("{level}: some of what there should be is missing"),
        SandboxLevel::BestEffort => {
            format!("{level}: experimental on this system, nothing but a process of its own confines the kernel")
        }
        SandboxLevel::Off => format!("{level}: nothing but a process of its own confines the kernel"),
    }
}

/// What confines the programs that code starts.
fn programs() -> String {
    #[cfg(target_os = "linux")]
    let version = drupe_client::host::landlock_version();
    #[cfg(not(target_os = "linux"))]
    let version = None;
    confinement(version)
}

/// The same, by the version of the system's Landlock.
fn confinement(version: Option<i32>) -> String {
    /// The first that keeps programs from emptying files.
    const TRUNCATING: i32 = 3;
    match version {
        Some(version) if version >= TRUNCATING => {
            format!("confined to files that are granted, where permissions list them (Landlock, version {version})")
        }
        Some(version) => format!(
            "PARTLY CONFINED: a program that may be run may empty whatever file you may write (Landlock, version {version}; Linux 6.2 has version {TRUNCATING})"
        ),
        None => "NOT CONFINED: without Landlock, a program that may be run may do all that you may".to_owned(),
    }
}

fn state(layer: &SandboxLayer) -> String {
    let state = match layer.on {
        true => "on",
        // No level asks for it, and few systems have it to give.
        false if layer.name == "cgroup" => "none",
        false => "MISSING",
    };
    format!("{state}, {}", layer.detail)
}

/// Launches a kernel and has it add.
async fn examine(flags: &Flags) -> Result<(Info, String), Failure> {
    let words = |error: Error| Failure { message: error.to_string(), layers: layers_of(&error) };
    let kernel: Kernel = flags.kernel(None).spawn().await.map_err(words)?;
    let report = kernel.run("1+1").await.map_err(words)?;
    let info = kernel.info().await.map_err(words)?;
    if let Outcome::Value { text, .. } = &report.outcome
        && text == "2"
    {
        return Ok((info, text.clone()));
    }
    Err(Failure { message: format!("1+1 came out as {:?}", report.outcome), layers: Vec::new() })
}

/// What the kernel could have had of the confinement that it was refused for.
fn layers_of(error: &Error) -> Vec<SandboxLayer> {
    let Error::Launch(error) = error else { return Vec::new() };
    let LaunchError::Sandbox { status, .. } = &**error else { return Vec::new() };
    status.layers.clone()
}

#[cfg(test)]
mod tests {
    use super::confinement;

    // threat G22
    #[test]
    fn an_old_landlock_is_no_whole_confinement() {
        let begins = |version, beginning: &str| confinement(version).starts_with(beginning);
        assert!(begins(None, "NOT CONFINED") && begins(Some(1), "PARTLY CONFINED") && begins(Some(2), "PARTLY CONFINED"));
        assert!(begins(Some(3), "confined") && begins(Some(7), "confined"));
    }
}
