//! The machine's own Node, to compare with.
#![allow(unreachable_pub, reason = "the unit tests use it, too")]

use std::{
    env,
    io::Write,
    process::{Command, Stdio},
};

/// What `node` prints with these arguments and this input, cut at each `separator`; `None`, and a word about it, where
/// there is no Node whose version begins with `version`. With `DRUPE_REQUIRE_FIXTURES` set, as in CI, there must be one
/// of some version.
pub fn node(version: &str, args: &[&str], input: &str, separator: &str) -> Option<Vec<String>> {
    let found = Command::new("node").arg("--version").output().ok().map(|output| String::from_utf8(output.stdout).unwrap());
    assert!(found.is_some() || env::var_os("DRUPE_REQUIRE_FIXTURES").is_none(), "there is no node on this machine");
    if !found.is_some_and(|found| found.starts_with(version)) {
        eprintln!("skipped: there is no node {version} on this machine to compare with");
        return None;
    }
    let mut node = Command::new("node");
    let node = node.arg("--no-warnings").args(args).env("NO_COLOR", "1");
    let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = node.stdin.take().unwrap();
    let input = input.to_owned();
    // Who does not read it may end.
    let feeding = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = node.wait_with_output().unwrap();
    feeding.join().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut texts: Vec<_> = String::from_utf8(output.stdout).unwrap().split(separator).map(str::to_owned).collect();
    // What ends with a separator has nothing after it.
    texts.pop_if(|last| last.is_empty());
    Some(texts)
}
