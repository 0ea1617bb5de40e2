//! Node, to compare with.

use std::process::Command;

/// Node 20 that evaluates `script`, ready to be started. `None`, which it says: it is not on this machine.
pub(crate) fn node20(script: &str) -> Option<Command> {
    let version = Command::new("node").arg("--version").output().ok()?.stdout;
    assert!(
        version.starts_with(b"v") || std::env::var_os("DRUPE_REQUIRE_FIXTURES").is_none(),
        "there is no node on this machine"
    );
    if !version.starts_with(b"v20.") {
        eprintln!("skipped: there is no node 20 on this machine to compare with");
        return None;
    }
    let mut node = Command::new("node");
    node.args(["--no-warnings", "-e", script]).env("NO_COLOR", "1");
    Some(node)
}
