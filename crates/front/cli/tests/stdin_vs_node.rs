//! Standard input, output and `readline` beside Node's own: what programs say, and how they end, must be the same.
//! `stdin_vs_node.js` is the list.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use crate::common::{Folder, drupe, has_node20};

const PROGRAMS: &str = include_str!("stdin_vs_node.js");

/// What programs read, unless they are to read nothing.
const INPUT: &str = "one\ntwo\nthree äöü\n\nlast";

/// Runs `command` to its end with an input of this kind: what it said, and its status.
fn said(mut command: Command, kind: &str, file: &Path) -> String {
    let stdin = match kind {
        "file" => File::open(file).unwrap().into(),
        "null" => Stdio::null(),
        _ => Stdio::piped(),
    };
    let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    if let Some(mut stdin) = child.stdin.take()
        && kind == "pipe"
    {
        // Who does not read it need not.
        drop(stdin.write_all(INPUT.as_bytes()));
    }
    let output = child.wait_with_output().unwrap();
    format!("{:?} {}", output.status.code(), output.stdout.escape_ascii())
}

fn node(program: &Path) -> Command {
    let mut command = Command::new("node");
    command.arg("--no-warnings").arg(program);
    command
}

#[test]
fn what_programs_do_with_their_standard_streams_is_what_nodes_do() {
    if !has_node20() {
        return;
    }
    let folder = Folder::new("stdin-vs-node");
    let file = folder.write("input", INPUT);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (index, program) in PROGRAMS.split("//! ").skip(1).enumerate() {
        let (title, code) = program.split_once('\n').unwrap();
        let (title, kinds) = title.split_once(": ").unwrap_or((title, "pipe"));
        let path = folder.write(&format!("{index}.mjs"), code);
        for kind in kinds.split(' ') {
            let expected = said(node(&path), kind, &file);
            let found = said(drupe(&["run", path.to_str().unwrap()]), kind, &file);
            count += 1;
            if found != expected {
                wrong.push(format!("{title} ({kind})\n  node  {expected}\n  drupe {found}"));
            }
        }
    }
    assert!(count > 80, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A filter of `tests/filters`, and what it is run with: arguments, and input.
fn filters() -> Vec<(&'static str, Vec<&'static str>, Vec<u8>)> {
    let words = "some words\tand more \r\n\n  äöü 日本\n".repeat(40_000).into_bytes();
    let noise = (0..2_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>();
    let mut json = String::new();
    let mut csv = String::from("id,name,\"a \"\"note\"\"\"\r\n");
    for number in 0..20_000 {
        json.push_str(&format!("{{\"id\":{number},\"user\":{{\"name\":\"n{number}ä\",\"tags\":[\"a\",\"b\"]}}}}\n"));
        csv.push_str(&format!("{number},\"name, of {number}\",\"line\nbreak\"\n"));
    }
    let broken = [json.as_bytes(), b"{no json\n"].concat();
    vec![
        ("wc", vec![], words),
        ("wc", vec!["-", "/nowhere"], noise),
        ("wc", vec![], Vec::new()),
        ("jq", vec![".user.name"], json.clone().into_bytes()),
        ("jq", vec![".user.tags[1]"], json.into_bytes()),
        ("jq", vec![".id"], broken),
        ("csv", vec![], csv.clone().into_bytes()),
        ("csv", vec![], [csv.as_bytes(), b"\"open"].concat()),
    ]
}

#[test]
fn filters_of_node_users_run_unchanged() {
    if !has_node20() {
        return;
    }
    let folder = Folder::new("filters");
    for (name, args, input) in filters() {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../../tests/filters/{name}.mjs"));
        let file = folder.0.join("input");
        fs::write(&file, &input).unwrap();
        let run = |mut command: Command| {
            let output = command.args(&args).stdin(File::open(&file).unwrap()).output().unwrap();
            (output.status.code(), output.stdout, String::from_utf8(output.stderr).unwrap())
        };
        let (expected, found) = (run(node(&program)), run(drupe(&["run", program.to_str().unwrap()])));
        assert_eq!((found.0, &found.2), (expected.0, &expected.2), "{name} {args:?}");
        assert!(found.1 == expected.1, "{name} {args:?}: {} bytes, and {} of node's", found.1.len(), expected.1.len());
    }
}
