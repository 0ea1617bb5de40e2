//! The calls of `process` beside Node's own: what they answer and what they throw must be the same.
//! `process_vs_node.js` is the list.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::process::Command;

use crate::common::{Folder, drupe, has_node20_from};

const CALLS: &str = include_str!("process_vs_node.js");

/// Begins a line about the call after it, which answers otherwise, and says why.
const DIFFERS: &str = "// differs: ";

/// A program that makes each call of a file, and prints what comes of it.
const PROGRAM: &str = "const { inspect } = require('util');
process.on('warning', () => {});
const calls = require('fs').readFileSync(process.argv[2], 'utf8').split('\\n').filter((line) => line !== '' && !line.startsWith('//'));
const said = calls.map((call) => {
  try {
    return inspect(eval(`(${call})`), { breakLength: Infinity });
  } catch (error) {
    return `${error.name} [${error.code}]: ${error.message}`.replaceAll('\\n', ' ');
  }
});
process.exitCode = 0;
console.log(said.join('\\n'));";

fn said(mut command: Command, folder: &Folder) -> Vec<String> {
    let output = command.args(["program.cjs", "calls.js"]).env_remove("NODE_OPTIONS").current_dir(&folder.0).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn what_process_says_is_what_nodes_does() {
    // Before 20.19 Node's messages differ.
    if !has_node20_from(19) {
        return;
    }
    let folder = Folder::new("process-vs-node");
    folder.write("program.cjs", PROGRAM);
    folder.write("calls.js", CALLS);
    let mut node = Command::new("node");
    node.arg("--no-warnings");
    let (expected, found) = (said(node, &folder), said(drupe(&["--no-warnings"]), &folder));
    let lines = CALLS.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let calls = lines.iter().enumerate().filter(|(_, line)| !line.starts_with("//"));
    let calls = calls.map(|(at, call)| (*call, at > 0 && lines[at - 1].starts_with(DIFFERS))).collect::<Vec<_>>();
    assert_eq!((expected.len(), found.len()), (calls.len(), calls.len()), "{found:?}");
    let mut wrong = Vec::new();
    for ((call, differs), (expected, found)) in calls.iter().zip(expected.iter().zip(&found)) {
        if (expected != found) != *differs {
            wrong.push(format!("{call}\n  node  {expected}\n  drupe {found}"));
        }
    }
    assert!(calls.len() >= 100, "{}", calls.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), calls.len(), wrong.join("\n"));
}
