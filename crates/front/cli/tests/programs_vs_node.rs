//! Small programs beside Node: in which order things happen, and how the program ends. Standard output and status must
//! be the same. `programs_vs_node.js` is the list.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::common::{Folder, drupe, has_node20_from};

const PROGRAMS: &str = include_str!("programs_vs_node.js");

/// What programs import.
const FILES: &[(&str, &str)] = &[
    ("throws.cjs", "exports.a = 1; process.nextTick(() => console.log('inner tick')); throw new Error('inner')"),
    ("value.mjs", "export default 1"),
];

fn said(mut command: Command, file: &str, folder: &Folder) -> String {
    let output = command.arg("--no-warnings").arg(file).current_dir(&folder.0).stdin(Stdio::null()).output().unwrap();
    format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stdout))
}

#[test]
fn programs_do_what_nodes_do_in_the_same_order() {
    if !has_node20_from(19) {
        return;
    }
    let folder = Folder::new("programs-vs-node");
    for (name, text) in FILES {
        folder.write(name, text);
    }
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (index, program) in PROGRAMS.split("//! ").skip(1).enumerate() {
        let (title, code) = program.split_once('\n').unwrap();
        let (title, endings) = title.split_once(": ").unwrap_or((title, "cjs mjs"));
        for ending in endings.split(' ') {
            let path = folder.write(&format!("{index}.{ending}"), code);
            let file = Path::new(&path).file_name().unwrap().to_str().unwrap();
            let expected = said(Command::new("node"), file, &folder);
            let found = said(drupe(&[]), file, &folder);
            count += 1;
            if found != expected {
                wrong.push(format!("{title} ({ending})\n  node  {expected:?}\n  drupe {found:?}"));
            }
        }
    }
    assert!(count > 70, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
