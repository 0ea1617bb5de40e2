//! Lists of calls whose answers are compared with Node's.

use std::process::Command;

use super::{Folder, drupe, has_node20_from};

/// Begins a line about the call after it, which answers otherwise, and says why.
const DIFFERS: &str = "// differs: ";

fn said(mut command: Command, folder: &Folder) -> Vec<String> {
    let output = command.args(["program.cjs", "calls.js"]).env_remove("NODE_OPTIONS").current_dir(&folder.0).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

/// Has Node and drupe run `program` beside `files`, and compares what both say of each call of `list`, of which there are
/// `at_least` so many.
pub(crate) fn compare(name: &str, program: &str, files: &[(&str, &str)], list: &str, at_least: usize) {
    // Before 20.19 Node's messages differ.
    if !has_node20_from(19) {
        return;
    }
    let folder = Folder::new(&format!("{name}-vs-node"));
    for (file, text) in files {
        std::fs::create_dir_all(folder.0.join(file).parent().unwrap()).unwrap();
        folder.write(file, text);
    }
    folder.write("program.cjs", program);
    folder.write("calls.js", list);
    let mut node = Command::new("node");
    node.arg("--no-warnings");
    let (expected, found) = (said(node, &folder), said(drupe(&["--no-warnings"]), &folder));
    let lines = list.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let calls = lines.iter().enumerate().filter(|(_, line)| !line.starts_with("//"));
    let calls = calls.map(|(at, call)| (*call, at > 0 && lines[at - 1].starts_with(DIFFERS))).collect::<Vec<_>>();
    assert_eq!((expected.len(), found.len()), (calls.len(), calls.len()), "{found:?}");
    let mut wrong = Vec::new();
    for ((call, differs), (expected, found)) in calls.iter().zip(expected.iter().zip(&found)) {
        if (expected != found) != *differs {
            wrong.push(format!("{call}\n  node  {expected}\n  drupe {found}"));
        }
    }
    assert!(calls.len() >= at_least, "{}", calls.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), calls.len(), wrong.join("\n"));
}
