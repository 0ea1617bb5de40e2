//! `child_process` beside Node's own: what becomes of streams, ends and errors must be the same. `programs_vs_node.js`
//! is the list.

use std::process::Stdio;

use drupe_client::{Outcome, Permissions, Policy, Value};

use crate::support::{block_on, memory, node20};

const CASES: &str = include_str!("programs_vs_node.js");

/// What both run, as `compare(cases)`: a promise of texts, each the case and what it said.
const RUNNER: &str = include_str!("programs_runner.js");

const CASE: char = '\u{1}';
const PART: char = '\u{2}';

fn seen(text: &str) -> Vec<(&str, &str)> {
    text.split(CASE).map(|case| case.split_once(PART).unwrap()).collect()
}

fn theirs(cases: &str) -> Option<String> {
    // What it leaves running holds its outputs.
    let script = format!("{RUNNER}; compare({cases}).then((text) => process.stdout.write(text, () => process.exit(0)))");
    let output = node20(&script)?.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

async fn ours(cases: &str) -> String {
    let kernel = memory::builder().permissions(&Permissions::new(Policy::all())).spawn().await.unwrap();
    let report = kernel.run(format!("{RUNNER}; await compare({cases})")).await.unwrap();
    let Outcome::Value { value: Some(Value::String(text)), .. } = report.outcome else { panic!("{:?}", report.outcome) };
    text
}

#[test]
fn what_becomes_of_programs_is_what_becomes_of_nodes() {
    let cases = serde_json::to_string(CASES).unwrap();
    let Some(expected) = theirs(&cases) else { return };
    let found = block_on(ours(&cases));
    let (expected, found) = (seen(&expected), seen(&found));
    assert!(expected.len() > 60 && expected.len() == found.len(), "{} and {}", expected.len(), found.len());
    let wrong = found.iter().zip(&expected).filter(|(found, expected)| found != expected);
    let wrong: Vec<_> =
        wrong.map(|((case, found), (_, expected))| format!("{case}\n  node  {expected}\n  drupe {found}")).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), found.len(), wrong.join("\n"));
}
