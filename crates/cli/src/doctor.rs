//! `drupe doctor`: what this installation is, and whether it works.

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Instant,
};

use drupe_client::{Error, Info, Kernel, Outcome};
use drupe_repl::ReplError;

use crate::{args::Flags, exit, program::this_program};

pub(crate) async fn doctor(flags: &Flags) -> Result<ExitCode, ReplError> {
    let mut lines = vec![("drupe", env!("CARGO_PKG_VERSION").to_owned()), ("kernel program", this_program().to_string())];
    let start = Instant::now();
    let examined = examine(flags).await;
    match &examined {
        Ok((info, answer)) => lines.extend([
            ("kernel", info.version.clone()),
            ("V8", info.v8.clone()),
            ("protocol", format!("revision {}", drupe_protocol::REVISION)),
            ("sandbox", sandbox(info)),
            ("1+1", format!("{answer}, {:.1?} after the launch began", start.elapsed())),
        ]),
        Err(error) => lines.push(("failed", error.clone())),
    }
    let text = lines.iter().map(|(name, value)| format!("{name:15} {value}\n")).collect::<String>();
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(ReplError::Output)?;
    Ok(if examined.is_ok() { ExitCode::SUCCESS } else { exit::no_kernel() })
}

fn sandbox(info: &Info) -> String {
    match info.sandbox.as_str() {
        "off" => "off: the kernel is a process of its own, but the operating system does not confine it yet".to_owned(),
        other => other.to_owned(),
    }
}

/// Launches a kernel and has it add.
async fn examine(flags: &Flags) -> Result<(Info, String), String> {
    let words = |error: Error| error.to_string();
    let kernel: Kernel = flags.kernel().spawn().await.map_err(words)?;
    let report = kernel.run("1+1").await.map_err(words)?;
    let info = kernel.info().await.map_err(words)?;
    match report.outcome {
        Outcome::Value { text, .. } if text == "2" => Ok((info, text)),
        other => Err(format!("1+1 came out as {other:?}")),
    }
}
