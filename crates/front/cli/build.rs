//! Tells the command which build it is.
//!
//! Only a release names its commit: every other build would be made again after each commit. `cargo xtask dist` gives
//! the commit of the sources, and says if they were changed. A build by hand knows its checkout only: **an edit does
//! not change the log of HEAD, so nothing is said of edits**.

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DRUPE_COMMIT");
    let profile = env::var("PROFILE").unwrap_or_default();
    println!("cargo::rustc-env=DRUPE_BUILT_FOR={}", env::var("TARGET").unwrap_or_default());
    println!("cargo::rustc-env=DRUPE_BUILT_AS={profile}");
    let given = env::var("DRUPE_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = given.or_else(|| (profile == "release").then(of_checkout).flatten());
    if let Some(commit) = commit {
        println!("cargo::rustc-env=DRUPE_BUILT_FROM={commit}");
    }
}

/// The checkout that holds these sources, by its commit, if it is one of this project.
pub(crate) fn of_checkout() -> Option<String> {
    // The log of HEAD changes with every commit, on every branch.
    println!("cargo::rerun-if-changed={}", git(&["rev-parse", "--git-path", "logs/HEAD"])?);
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    let commit = git(&["describe", "--always", "--abbrev=12", "--exclude=*"])?;
    Some(format!("from a checkout at {commit}"))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}
