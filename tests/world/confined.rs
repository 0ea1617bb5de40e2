//! What confines the programs of a session: no other name for what is denied, no way through a link that took a granted
//! path's place, no terminal.

use std::{
    fs,
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
    path::PathBuf,
};

use drupe_client::{Kernel, Permissions, Policy, host, host::permissions::Kind};

use super::files::Folder;
use crate::support::{block_on, memory, text};

/// Whether the system has Landlock; says so if not.
fn is_confined() -> bool {
    let is_there = host::landlock_version().is_some();
    if !is_there {
        eprintln!("skipped: this system has no Landlock");
    }
    is_there
}

/// A kernel with `sh(script)` for what a shell says, and `read(path)` for what JavaScript reads.
async fn kernel(policy: Policy, folder: &Folder) -> Kernel {
    let kernel = memory::builder().permissions(&Permissions::new(policy)).spawn().await.unwrap();
    let dir = folder.0.display().to_string();
    text(&kernel, &format!("var fs = require('fs'), cp = require('child_process'), dir = {dir:?}")).await;
    text(&kernel, "var sh = (script) => cp.spawnSync('/bin/sh', ['-c', `cd ${dir}; ${script}`], { encoding: 'utf8' }).stdout")
        .await;
    text(&kernel, "var read = (path) => { try { return fs.readFileSync(dir + path, 'utf8') } catch (e) { return e.code } }")
        .await;
    kernel
}

fn allowing(rules: &[(Kind, String)]) -> Policy {
    let mut policy = Policy::none();
    rules.iter().for_each(|(kind, rule)| policy.allow(*kind, rule).unwrap());
    policy
}

// threats G21, G22
#[test]
fn a_program_gives_what_is_denied_no_other_name() {
    if !is_confined() {
        return;
    }
    block_on(async {
        let folder = Folder::new("other-names");
        let secret = folder.write("p/keys/secret", "s3cr3t");
        folder.write("p/other/file", "plum");
        let at = |name: &str| folder.0.join(name).display().to_string();
        let mut listed = allowing(&[(Kind::Write, at("")), (Kind::Run, "/bin/sh".to_owned())]);
        listed.allow_all(Kind::Read);
        for (name, mut policy) in [("everything", Policy::all()), ("one folder", listed)] {
            policy.deny(Kind::Read, &at("p/keys")).unwrap();
            let kernel = kernel(policy, &folder).await;
            for attack in [
                "mv p/keys p/found",
                "mv p/keys p/other/found",
                "mv p/keys/secret p/other/found",
                "ln p/keys/secret p/other/found",
                "ln p/keys/secret p/found",
                "mv p q",
                "mv p/other/file p/keys/file",
            ] {
                text(&kernel, &format!("sh('{attack}')")).await;
                for path in ["/p/found/secret", "/p/other/found/secret", "/p/other/found", "/p/found", "/q/keys/secret"] {
                    let read = text(&kernel, &format!("[read('{path}'), sh('cat .{path}')]")).await;
                    assert!(!read.contains("s3cr3t"), "{name}: {attack}: {path}: {read}");
                }
            }
            assert_eq!(fs::read_to_string(&secret).unwrap(), "s3cr3t", "{name}");
            // What is beside it is as before.
            assert_eq!(
                text(&kernel, "sh('cat p/other/file; mv p/other/file p/other/x && mv p/other/x p/other/file')").await,
                "'plum'"
            );
            assert_eq!(text(&kernel, "sh('cat p/other/file > p/other/copy && cat p/other/copy')").await, "'plum'");
            assert_eq!(text(&kernel, "sh('echo x > /dev/null && echo written')").await, "'written\\n'");
        }
    });
}

// threat G22
#[test]
fn a_link_in_the_place_of_a_granted_path_grants_nothing() {
    if !is_confined() {
        return;
    }
    block_on(async {
        let folder = Folder::new("replaced");
        folder.write("secret/file", "s3cr3t");
        folder.write("w/sub/file", "plum");
        folder.write("w/alone", "plum");
        let at = |name: &str| folder.0.join(name).display().to_string();
        // A link of the user's own, which was there before.
        std::os::unix::fs::symlink(folder.0.join("secret"), folder.0.join("w/own")).unwrap();
        let rules = [
            (Kind::Write, at("w")),
            (Kind::Write, at("w/out")),
            (Kind::Read, at("w/sub")),
            (Kind::Read, at("w/alone")),
            (Kind::Read, at("w/missing")),
            (Kind::Run, "/bin/sh".to_owned()),
        ];
        let kernel = kernel(allowing(&rules), &folder).await;
        assert_eq!(text(&kernel, "sh('cat w/sub/file w/alone')").await, "'plumplum'");
        for (swap, read) in [
            ("mv w/sub w/old; ln -s ../secret w/sub", "w/sub/file"),
            ("rm w/alone; ln -s ../secret/file w/alone", "w/alone"),
            ("ln -s ../secret w/missing", "w/missing/file"),
            ("rm w/missing; mv w/own w/missing", "w/missing/file"),
        ] {
            text(&kernel, &format!("sh('{swap}')")).await;
            assert_eq!(text(&kernel, &format!("sh('cat {read}')")).await, "''", "{swap}");
        }
        text(&kernel, "sh('ln -s ../secret w/out')").await;
        assert_eq!(text(&kernel, "sh('echo x > w/out/file && echo written')").await, "''");
        assert_eq!(fs::read_to_string(folder.0.join("secret/file")).unwrap(), "s3cr3t");
        assert!(folder.0.join("w/out").is_symlink() && folder.0.join("w/missing").is_symlink(), "the paths were replaced");
    });
}

/// A terminal of another conversation: its own end, and the path of the other.
fn terminal() -> (fs::File, PathBuf) {
    let file = fs::File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open("/dev/ptmx").unwrap();
    let (mut unlocked, mut number): (libc::c_int, libc::c_int) = (0, 0);
    // SAFETY: each call reads or writes one integer.
    let done = unsafe {
        libc::ioctl(file.as_raw_fd(), libc::TIOCSPTLCK, &raw mut unlocked)
            | libc::ioctl(file.as_raw_fd(), libc::TIOCGPTN, &raw mut number)
    };
    assert_eq!(done, 0);
    (file, format!("/dev/pts/{number}").into())
}

// threat G22
#[test]
fn a_confined_program_has_no_terminal() {
    if !is_confined() {
        return;
    }
    block_on(async {
        let folder = Folder::new("terminals");
        let listed = allowing(&[(Kind::Write, folder.0.display().to_string()), (Kind::Run, "/bin/sh".to_owned())]);
        let (mut reads_all, mut denies) = (listed.clone(), Policy::all());
        reads_all.allow_all(Kind::Read);
        denies.deny(Kind::Read, &folder.write("secret", "").display().to_string()).unwrap();
        for (name, policy, reads) in [("listed", listed, false), ("reads all", reads_all, true), ("denies", denies, true)] {
            let kernel = kernel(policy, &folder).await;
            // A session of its own has no terminal to begin with: its id is the program's, and no number of a terminal
            // follows.
            let begun = "var own = cp.spawn('/bin/sh', ['-c', 'read -r line']); await new Promise((done) => own.on('spawn', done)); own.pid";
            let pid = text(&kernel, begun).await;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            let fields = stat.rsplit_once(") ").unwrap().1.split(' ').collect::<Vec<_>>();
            assert_eq!((fields[3], fields[4]), (&*pid, "0"), "{name}: {stat}");
            text(&kernel, "own.kill()").await;
            // It reads nothing of other processes.
            for file in ["environ", "cmdline", "maps", "status"] {
                let read = format!("sh('cat /proc/{}/{file}')", std::process::id());
                assert_eq!(text(&kernel, &read).await, "''", "{name}: {file}");
            }
            assert_eq!(text(&kernel, "sh('cat /proc/cpuinfo /proc/meminfo').length > 100").await, "true");
            let (_terminal, other) = terminal();
            let other = other.display().to_string();
            for device in [&*other, "/dev/tty", "/dev/ptmx", "/dev/pts/ptmx"] {
                for way in ["<", ">"] {
                    // Who may write everything may write there, too, but not read what is typed.
                    if name == "denies" && way == ">" {
                        continue;
                    }
                    assert_eq!(
                        text(&kernel, &format!("sh('(: {way} {device}) && echo opened')")).await,
                        "''",
                        "{name}: {way} {device}"
                    );
                }
            }
            // Everything else is read where everything may be.
            let list = if name == "reads all" { "ls / > /dev/null" } else { ":" };
            let other = format!("sh('(: < /etc/passwd) && (: < /dev/shm) && {list} && echo opened')");
            assert_eq!(text(&kernel, &other).await == "'opened\\n'", reads, "{name}");
            assert_eq!(text(&kernel, "sh('(: < /dev/null) && (: > /dev/null) && echo opened')").await, "'opened\\n'");
        }
    });
}
