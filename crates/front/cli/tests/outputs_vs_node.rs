//! Outputs that fail: nobody reads them, as behind `| head -1`, or the device is full. What programs hear of that is
//! held against Node, and how they end that hear nothing.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{path::Path, process::Command};

use crate::common::{Folder, has_node20};

const PROGRAMS: &str = include_str!("outputs_vs_node.js");

/// How programs lose their output: `$X` is the command with the program. The status of that is said last.
const LOSSES: [&str; 2] =
    ["$X 2>err | head -1 >/dev/null; echo ${PIPESTATUS[0]}; cat err", "$X 2>err >/dev/full; echo $?; cat err"];

/// What a line of bash says, in which `$X` is `command`.
fn said(folder: &Folder, command: &str, line: &str) -> String {
    let mut bash = Command::new("timeout");
    bash.args(["60", "bash", "-c", &line.replace("$X", command)]).current_dir(&folder.0).env("DRUPE_HISTORY", "");
    String::from_utf8(bash.output().unwrap().stdout).unwrap()
}

fn drupe() -> String {
    format!("'{}'", env!("CARGO_BIN_EXE_drupe"))
}

#[test]
fn programs_hear_of_outputs_that_fail_as_nodes_do() {
    if !has_node20() {
        return;
    }
    let folder = Folder::new("outputs-vs-node");
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (index, program) in PROGRAMS.split("//! ").skip(1).enumerate() {
        let (title, code) = program.split_once('\n').unwrap();
        let path = folder.write(&format!("{index}.cjs"), code);
        let file = Path::new(&path).file_name().unwrap().to_str().unwrap();
        for line in LOSSES {
            let expected = said(&folder, &format!("node --no-warnings {file}"), line);
            let found = said(&folder, &format!("{} {file}", drupe()), line);
            count += 1;
            if found != expected {
                wrong.push(format!("{title} ({line})\n  node  {expected:?}\n  drupe {found:?}"));
            }
        }
    }
    assert!(count >= 20, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_program_that_hears_nothing_ends_silently_where_nobody_reads() {
    let folder = Folder::new("unread");
    for code in [
        "for (;;) console.log(1)",
        "for (;;) process.stdout.write('1\\n')",
        "(function more() { console.log(1); setImmediate(more); })()",
        "(function more() { process.stdout.write('1\\n'); setImmediate(more); })()",
        "process.stdout.write('1\\n'); setInterval(() => process.stdout.write('1\\n'), 1)",
    ] {
        folder.write("program.cjs", code);
        let said = said(&folder, &format!("{} program.cjs", drupe()), LOSSES[0]);
        assert_eq!(said, "141\n", "{code}");
    }
    // Where it cleans up, it does.
    folder.write("program.cjs", "process.on('exit', (code) => console.error('exit', code)); (function more() { process.stdout.write('1\\n'); setImmediate(more); })()");
    assert_eq!(said(&folder, &format!("{} program.cjs", drupe()), LOSSES[0]), "141\nexit 141\n");
    // Also where it leaves no turn for that, it ends.
    folder.write("program.cjs", "process.on('exit', () => {}); for (;;) console.log(1)");
    assert_eq!(said(&folder, &format!("{} program.cjs", drupe()), LOSSES[0]), "141\n");
}

#[test]
fn a_full_device_is_told() {
    let folder = Folder::new("full");
    for code in
        ["console.log(1)", "process.stdout.write('1\\n')", "require('fs').writeSync(1, '1\\n')", "for (;;) console.log(1)"]
    {
        folder.write("program.cjs", code);
        let said = said(&folder, &format!("{} program.cjs", drupe()), LOSSES[1]);
        assert!(said.starts_with("1\n") && said.to_lowercase().contains("no space left on device"), "{code}: {said}");
    }
    let said = said(&folder, &format!("{} eval 1+1", drupe()), LOSSES[1]);
    assert!(said.starts_with("1\n") && said.contains("No space left"), "{said}");
}
