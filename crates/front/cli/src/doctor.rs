//! `drupe doctor`: describes this installation, and tests whether it works.

use std::{
    io::{self, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use drupe_client::{Error, Info, Kernel, Outcome, SandboxLayer, SandboxLevel, SandboxStatus};
use drupe_repl::{ReplError, Show};

use crate::{
    args::{Events, Flags},
    events_json::EventsJson,
    exit,
    json_line::{Examination, LayerLine, Line},
    program::this_program,
};

pub(crate) async fn doctor(flags: &Flags) -> Result<ExitCode, ReplError> {
    let mut lines = vec![("drupe", env!("CARGO_PKG_VERSION").to_owned()), ("kernel program", this_program().to_string())];
    let start = Instant::now();
    let examined = examine(flags).await;
    if flags.events == Some(Events::Json) {
        return told_as_json(&examined, start.elapsed());
    }
    match &examined {
        Ok((info, _)) => lines.extend([
            ("kernel", info.version.clone()),
            (&info.engine.name, info.engine.version.clone()),
            ("protocol", format!("revision {}", drupe_protocol::REVISION)),
            ("sandbox", sandbox(&info.sandbox)),
        ]),
        Err(error) => lines.push(("failed", error.clone())),
    }
    if let Ok((info, answer)) = &examined {
        lines.extend(info.sandbox.layers.iter().map(|layer| ("", format!("{:12} {}", layer.name, state(layer)))));
        lines.extend([("programs", programs()), ("1+1", format!("{answer}, {:.1?} after the launch began", start.elapsed()))]);
    }
    let text = lines.iter().map(|(name, value)| format!("{name:15} {value}\n")).collect::<String>();
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(ReplError::Output)?;
    Ok(if examined.is_ok() { ExitCode::SUCCESS } else { exit::no_kernel() })
}

fn told_as_json(examined: &Result<(Info, String), String>, took: Duration) -> Result<ExitCode, ReplError> {
    let info = examined.as_ref().ok().map(|(info, _)| info);
    let layers = info.map(|info| &info.sandbox.layers[..]).unwrap_or_default();
    let line = Line::Doctor(Examination {
        works: examined.is_ok(),
        version: env!("CARGO_PKG_VERSION"),
        kernel_program: this_program().to_string(),
        kernel_version: info.map(|info| &*info.version),
        v8: info.map(|info| &*info.engine.version),
        protocol: drupe_protocol::REVISION,
        sandbox: info.map(|info| info.sandbox.level.to_string()),
        layers: layers.iter().map(|layer| LayerLine { name: &layer.name, on: layer.on, detail: &layer.detail }).collect(),
        programs: programs(),
        message: examined.as_ref().err().map(String::as_str),
        ms: took.as_secs_f64() * 1000.0,
    });
    let mut out = EventsJson::new(io::stdout());
    out.line(&line).and_then(|()| out.flush()).map_err(ReplError::Output)?;
    Ok(if examined.is_ok() { ExitCode::SUCCESS } else { exit::no_kernel() })
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
async fn examine(flags: &Flags) -> Result<(Info, String), String> {
    let words = |error: Error| error.to_string();
    let kernel: Kernel = flags.kernel(None).spawn().await.map_err(words)?;
    let report = kernel.run("1+1").await.map_err(words)?;
    let info = kernel.info().await.map_err(words)?;
    if let Outcome::Value { text, .. } = &report.outcome
        && text == "2"
    {
        return Ok((info, text.clone()));
    }
    Err(format!("1+1 came out as {:?}", report.outcome))
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
