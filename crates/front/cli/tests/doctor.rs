//! What `drupe doctor` and `drupe --version` tell.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{collections::BTreeMap, os::unix::process::CommandExt as _, process::Command};

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use serde_json::{Value, json};

use crate::common::{drupe, run};

/// A build without optimisation does not name its checkout, so what names it is tried by itself.
#[path = "../build.rs"]
#[allow(dead_code, clippy::print_stdout, reason = "it is a program, which tells Cargo")]
mod build_script;

/// `drupe` on a system that refuses the call with which programs filter theirs, as some containers do.
fn without_seccomp(args: &[&str]) -> Command {
    let refused = BTreeMap::from([(libc::SYS_seccomp, Vec::new())]);
    let (otherwise, then) = (SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32));
    let filter = SeccompFilter::new(refused, otherwise, then, std::env::consts::ARCH.try_into().unwrap()).unwrap();
    let program: BpfProgram = filter.try_into().unwrap();
    let mut command = drupe(args);
    // SAFETY: between fork and exec it makes two system calls, with memory that is there already.
    unsafe { command.pre_exec(move || seccompiler::apply_filter(&program).map_err(|_| std::io::ErrorKind::Other.into())) };
    command
}

#[test]
fn doctor_says_what_the_system_lacks_and_what_to_do() {
    let output = without_seccomp(&["doctor"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in
        ["failed          cannot launch a kernel", "seccomp      MISSING, ", "to do           seccomp needs a kernel with"]
    {
        assert!(text.contains(part), "{part:?} is missing\n{text}");
    }
    let output = without_seccomp(&["doctor", "--sandbox", "best-effort"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("sandbox         best-effort") && text.contains("to do           seccomp needs"), "{text}");
    let output = without_seccomp(&["doctor", "--events", "json"]).output().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["works"], &line["installed"]), (&false.into(), &"checkout".into()), "{line}");
    assert!(line["advice"][0].as_str().is_some_and(|advice| advice.starts_with("seccomp needs")), "{line}");
    assert!(line["layers"].as_array().is_some_and(|layers| layers.len() > 4), "{line}");
}

#[test]
fn doctor_and_the_version_name_the_build() {
    let doctor = run(&["doctor"]).out;
    assert!(doctor.contains("\ninstalled       built by cargo in "), "{doctor}");
    let version = run(&["--version"]).out;
    let lines = version.lines().collect::<Vec<_>>();
    let [name, v8, protocol, build] = lines[..] else { panic!("{version}") };
    assert_eq!(name, concat!("drupe ", env!("CARGO_PKG_VERSION")));
    let value = |name: &str| doctor.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!(v8, format!("V8 {}", value("V8 ")));
    assert!(protocol.starts_with(&format!("protocol {}, serve version ", value("protocol "))), "{protocol}");
    assert_eq!(build, format!("build {}", value("build ")));
    assert!(build.contains(&format!("for {}-", std::env::consts::ARCH)), "{build}");
}

/// Whether there are edits is not said: they do not have the command built again.
#[test]
fn a_build_by_hand_names_the_commit_of_its_checkout() {
    // There is none where somebody has only the sources.
    let Some(named) = build_script::of_checkout() else { return };
    let commit = named.strip_prefix("from a checkout at ").unwrap();
    assert!(commit.len() >= 12 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{named}");
}

#[test]
fn doctor_tells_programs() {
    let said = run(&["doctor", "--events", "json"]);
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out));
    assert_eq!(said.status, Some(0));
    assert_eq!((&told["type"], &told["works"]), (&json!("doctor"), &json!(true)));
    assert!(told["layers"].as_array().is_some_and(|layers| !layers.is_empty()), "{}", said.out);
}
