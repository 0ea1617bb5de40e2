//! `fs` beside Node's own: what is done to a folder of files, and what is said of it, must be the same.
//! `files_vs_node.js` is the list.

use std::process::Stdio;

use drupe_client::{Outcome, Value, host::permissions::Kind};

use super::files::{Folder, kernel};
use crate::support::{block_on, node20};

const CASES: &str = include_str!("files_vs_node.js");

/// What both run, as `compare(cases, base)`: a promise of texts, each the case, what it said, and what the folder is
/// afterwards. A line that begins with `...` is a list of cases; `//! differs: why` stands before one where the two are
/// meant to say different things.
const RUNNER: &str = include_str!("files_runner.js");

const CASE: char = '\u{1}';
const PART: char = '\u{2}';

/// Why it differs, the case, what was said, what the folder is.
type Seen = [String; 4];

fn seen(text: &str) -> Vec<Seen> {
    let parts = |case: &str| case.split(PART).map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
    text.split(CASE).map(parts).collect()
}

fn theirs(folder: &Folder) -> Option<Vec<Seen>> {
    let cases = serde_json::to_string(CASES).unwrap();
    let script = format!("{RUNNER}; compare({cases}, process.argv[1]).then((text) => process.stdout.write(text))");
    let output = node20(&script)?.arg(&folder.0).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(seen(&String::from_utf8(output.stdout).unwrap()))
}

async fn ours(folder: &Folder) -> Vec<Seen> {
    let (kernel, _) = kernel(&[(Kind::Read, &folder.0), (Kind::Write, &folder.0)]).await;
    let base = folder.0.display().to_string();
    let cases = serde_json::to_string(CASES).unwrap();
    let report = kernel.run(format!("{RUNNER}; await compare({cases}, {base:?})")).await.unwrap();
    let Outcome::Value { value: Some(Value::String(text)), .. } = report.outcome else { panic!("{:?}", report.outcome) };
    seen(&text)
}

#[test]
fn what_fs_does_to_files_is_what_node_does() {
    let theirs_at = Folder::new("fs-node");
    let Some(expected) = theirs(&theirs_at) else { return };
    let ours_at = Folder::new("fs-drupe");
    let found = block_on(ours(&ours_at));
    assert_eq!(found.len(), expected.len());
    assert!(found.len() > 300, "{}", found.len());
    let mut wrong = Vec::new();
    for (found, expected) in found.iter().zip(&expected) {
        let [why, case, said, folder] = found;
        match (why.is_empty(), (said, folder) == (&expected[2], &expected[3])) {
            (true, false) => {
                wrong.push(format!("{case}\n  node  {}\n        {}\n  drupe {said}\n        {folder}", expected[2], expected[3]))
            }
            (false, true) => wrong.push(format!("{case}\n  is the same now, but was said to differ: {why}")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), found.len(), wrong.join("\n"));
}
