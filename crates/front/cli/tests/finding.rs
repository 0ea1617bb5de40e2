//! How a program that embeds drupe finds its kernel: each way that is documented, and what is said of a wrong one.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and its programs tell what they found"
)]

use crate::common;
use std::{
    env, fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::common::run_with;
use drupe_client::{Kernel, Program};

/// Not a test: the program of an embedder, which the tests put where they want it. It says what its kernel makes of 6 *
/// 7, or why it has none.
#[test]
fn embedder() {
    let Some(program) = env::var_os("EMBEDDER") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(async {
        let mut words = program.to_str().unwrap().split(' ').map(str::to_owned);
        let builder = match words.next().filter(|path| !path.is_empty()) {
            Some(path) => Kernel::builder().program(words.fold(Program::new(path), Program::arg)),
            None => Kernel::builder(),
        };
        let kernel = match builder.spawn().await {
            Ok(kernel) => kernel,
            Err(error) => return format!("no kernel: {error}"),
        };
        let report = kernel.run("6 * 7").await.unwrap();
        let program = fs::read_link(format!("/proc/{}/exe", kernel.info().await.unwrap().pid.unwrap()));
        format!("{:?} of {}", report.outcome.value(), program.map(|path| path.display().to_string()).unwrap_or_default())
    });
    println!("\nsaid: {answer}");
}

/// A folder on the file system of what was built, so that programs can be linked into it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let place = Self(path);
        place.put(&env::current_exe().unwrap(), "app/embedder");
        place
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Another name of the same file.
    fn put(&self, program: &Path, file: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::hard_link(program, path).unwrap();
    }

    fn drupe(&self, file: &str) {
        self.put(Path::new(env!("CARGO_BIN_EXE_drupe")), file);
    }

    fn remove(&self, file: &str) {
        fs::remove_file(self.path(file)).unwrap();
    }

    /// What the embedder says: with the program it is told, in an environment with these variables and no others.
    fn ask(&self, program: &str, variables: &[(&str, &Path)]) -> String {
        self.ask_in("app/embedder", program, variables)
    }

    fn ask_in(&self, embedder: &str, program: &str, variables: &[(&str, &Path)]) -> String {
        let output = Command::new(self.path(embedder))
            .args(["--exact", "finding::embedder", "--nocapture"])
            .env_clear()
            .env("EMBEDDER", program)
            .envs(variables.iter().copied())
            .current_dir(&self.0)
            .output()
            .unwrap();
        said(&output)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn said(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let line = out.lines().find_map(|line| line.strip_prefix("said: "));
    line.unwrap_or_else(|| panic!("{out}{}", String::from_utf8_lossy(&output.stderr))).to_owned()
}

#[track_caller]
fn assert_runs(said: &str) {
    assert!(said.starts_with("Some(Number(42.0)) of "), "{said}");
}

/// Whether no place is named twice.
#[track_caller]
fn assert_refused(said: &str, words: &[&str]) {
    assert!(said.starts_with("no kernel: cannot launch a kernel: "), "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
    let tried = said.split("Tried: ").nth(1).unwrap_or_default().split(", ").collect::<Vec<_>>();
    for (index, place) in tried.iter().enumerate() {
        assert!(!tried[..index].contains(place), "{place} twice: {said}");
    }
}

#[test]
fn a_kernel_lies_beside_the_program() {
    let place = Place::new("beside");
    assert_refused(&place.ask("", &[]), &["app/drupe-kernel", "app/drupe", "DRUPE_KERNEL", "Builder::program"]);
    place.drupe("app/drupe");
    assert_runs(&place.ask("", &[]));
    // One that is nothing but a kernel comes first, by whatever it is made of.
    place.drupe("app/drupe-kernel");
    place.remove("app/drupe");
    fs::write(place.path("app/drupe"), "no program").unwrap();
    assert_runs(&place.ask("", &[]));
    // A link is as good as what it leads to.
    place.remove("app/drupe");
    place.remove("app/drupe-kernel");
    symlink(env!("CARGO_BIN_EXE_drupe"), place.path("app/drupe")).unwrap();
    assert_runs(&place.ask("", &[]));
    // The program itself is not its kernel.
    place.remove("app/drupe");
    place.put(&env::current_exe().unwrap(), "own/drupe");
    assert_refused(&place.ask_in("own/drupe", "", &[]), &["found no kernel program"]);
}

/// Others may have put it there.
// threat F6
#[test]
fn what_lies_above_the_program_or_is_somebody_elses_is_not_started() {
    let place = Place::new("above");
    place.drupe("drupe-kernel");
    assert_refused(&place.ask("", &[]), &["found no kernel program"]);
    // But for what Cargo builds.
    for folder in ["deps", "examples"] {
        place.put(&env::current_exe().unwrap(), &format!("{folder}/embedder"));
        assert_refused(&place.ask_in(&format!("{folder}/embedder"), "", &[]), &["found no kernel program"]);
    }
    fs::create_dir(place.path(".fingerprint")).unwrap();
    for folder in ["deps", "examples"] {
        assert_runs(&place.ask_in(&format!("{folder}/embedder"), "", &[]));
    }
    // Only the superuser can give a file to somebody else.
    if fs::metadata(&place.0).unwrap().uid() == 0 {
        fs::copy(env!("CARGO_BIN_EXE_drupe"), place.path("app/drupe")).unwrap();
        assert_runs(&place.ask("", &[]));
        chown(place.path("app/drupe"), Some(12_345), None).unwrap();
        assert_refused(&place.ask("", &[]), &["found no kernel program"]);
    }
}

/// What is found there may be something else when it is started.
// threat F6
#[test]
fn nothing_is_started_that_others_could_exchange() {
    let place = Place::new("exchanged");
    place.drupe("app/drupe");
    assert_runs(&place.ask("", &[]));
    // As in a folder such as `/tmp`, with and without its sticky bit.
    for mode in [0o777, 0o1777] {
        fs::set_permissions(place.path("app"), fs::Permissions::from_mode(mode)).unwrap();
        assert_refused(&place.ask("", &[]), &["found no kernel program", "app/drupe-kernel"]);
    }
    fs::set_permissions(place.path("app"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_runs(&place.ask("", &[]));
    // A link of somebody else's to what is trusted. Only the superuser can make one here.
    if fs::metadata(&place.0).unwrap().uid() == 0 {
        place.remove("app/drupe");
        symlink(env!("CARGO_BIN_EXE_drupe"), place.path("app/drupe")).unwrap();
        assert_runs(&place.ask("", &[]));
        lchown(place.path("app/drupe"), Some(12_345), None).unwrap();
        assert_refused(&place.ask("", &[]), &["found no kernel program"]);
    }
}

#[test]
fn a_program_is_named_by_its_path_its_name_or_with_arguments() {
    let place = Place::new("named");
    place.drupe("bin/drupe");
    place.drupe("bin/javascript");
    let bin = place.path("bin");
    let path = bin.display().to_string();
    for program in [
        format!("{path}/drupe"),
        format!("{path}/drupe kernel"),
        // By another name it is the same program.
        format!("{path}/javascript"),
        // From where the program is.
        "bin/drupe".to_owned(),
        "./bin/javascript kernel".to_owned(),
    ] {
        assert_runs(&place.ask(&program, &[]));
    }
    for program in ["drupe", "javascript", "drupe kernel"] {
        assert_runs(&place.ask(program, &[("PATH", &bin)]));
        assert_refused(&place.ask(program, &[]), &["found no kernel program"]);
    }
    assert_refused(&place.ask("/nowhere/drupe", &[("PATH", &bin)]), &["cannot start /nowhere/drupe kernel", "DRUPE_KERNEL"]);
}

#[test]
fn a_variable_names_the_kernel_or_is_an_error() {
    let place = Place::new("variable");
    place.drupe("bin/drupe");
    place.drupe("other/javascript");
    let (bin, other) = (place.path("bin"), place.path("other"));
    assert_runs(&place.ask("", &[("DRUPE_KERNEL", &bin.join("drupe"))]));
    assert_runs(&place.ask("", &[("DRUPE_KERNEL", &other.join("javascript"))]));
    assert_runs(&place.ask("", &[("DRUPE_KERNEL", Path::new("bin/drupe"))]));
    assert_runs(&place.ask("", &[("DRUPE_KERNEL", Path::new("javascript")), ("PATH", &other)]));
    // Nothing else is taken in its place.
    for wrong in ["/nowhere/drupe", "nowhere", bin.to_str().unwrap(), &format!("{}/drupe kernel", bin.display())] {
        let said = place.ask("", &[("DRUPE_KERNEL", Path::new(wrong)), ("PATH", &bin)]);
        assert_refused(&said, &["DRUPE_KERNEL is", wrong, "without arguments"]);
    }
    assert_runs(&place.ask("", &[("DRUPE_KERNEL", Path::new("")), ("PATH", &bin)]));
}

#[test]
fn the_path_is_looked_through_last() {
    let place = Place::new("path");
    place.drupe("bin/drupe");
    let folders = env::join_paths([place.path("none"), place.path("none"), place.path("bin")]).unwrap();
    assert_runs(&place.ask("", &[("PATH", Path::new(&folders))]));
    // In each folder the one that is nothing but a kernel comes first.
    place.drupe("bin/drupe-kernel");
    let said = place.ask("", &[("PATH", Path::new(&folders))]);
    assert!(said.contains("/bin/drupe"), "{said}");
    assert_runs(&said);
    place.remove("bin/drupe");
    place.remove("bin/drupe-kernel");
    // What is no program is passed over, as shells do.
    fs::write(place.path("bin/drupe"), "").unwrap();
    assert_refused(&place.ask("", &[("PATH", Path::new(&folders))]), &["none/drupe-kernel", "bin/drupe"]);
}

/// A parent that starts `drupe` without saying that it is to be a kernel is told so: what it sends is not evaluated.
#[test]
fn a_launch_is_no_code() {
    let launch = drupe_protocol::hello::Launch {
        revision: drupe_protocol::REVISION,
        data: "nobody-d".into(),
        control: "nobody-c".into(),
        token: vec![b'a'; 32],
        generation: 1,
        memory_limit: None,
        machine_memory: None,
        sandbox: None,
        time_zone: None,
        locale: None,
        builtin_names: false,
    };
    let mut frame = Vec::new();
    drupe_protocol::encode(&launch, &mut frame).unwrap();
    for args in [&[][..], &["repl"], &["repl", "--events", "json"], &["run", "-"]] {
        let mut child = common::drupe(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), &frame).unwrap();
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.contains("a kernel's start message") && err.contains("`drupe kernel`"), "{args:?}: {err}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
    }
    // What merely looks strange is still code.
    assert_eq!(run_with(&["repl"], "1 + 1").out, "2\n");
}
