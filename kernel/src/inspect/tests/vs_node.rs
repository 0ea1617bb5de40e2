//! The texts against those of Node's `util.inspect`, expression by expression.

use super::with_page;
use std::collections::HashMap;
use std::process::{Command, Stdio};

/// One expression a line; lines that begin with `#` are headings. Every expression runs in a context of its own in Node, and here.
const CASES: &str = include_str!("../../../tests/inspect_cases.txt");

#[test]
fn texts_agree_with_node() {
    let cases: Vec<&str> = CASES.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect();
    assert!(cases.len() >= 300, "{} cases", cases.len());
    let Some(expected) = node(&cases) else {
        eprintln!("skipped: there is no `node` to compare with");
        return;
    };
    assert_eq!(expected.len(), cases.len());
    let known: HashMap<&str, &str> = HashMap::new();
    let mut differences = Vec::new();
    for (case, expected) in cases.iter().zip(&expected) {
        let mut ours = String::new();
        with_page(|page| ours = page.text(case));
        match known.get(case) {
            _ if ours == *expected => {}
            Some(known) if *known == ours => {}
            _ => differences.push(format!("{case}\n--- node\n{expected}\n--- ours\n{ours}\n")),
        }
    }
    assert!(differences.is_empty(), "{} of {} differ:\n{}", differences.len(), cases.len(), differences.join("\n"));
}

/// Node's texts for all cases, in one process.
fn node(cases: &[&str]) -> Option<Vec<String>> {
    use std::io::Write;
    let script = r"
        const { inspect } = require('util'), vm = require('vm');
        const cases = require('fs').readFileSync(0, 'utf8').split('\0');
        const out = cases.map((source) => {
            let value;
            try { value = vm.runInThisContext(source, { filename: 'page.js' }); } catch (thrown) { value = thrown; }
            return inspect(value);
        });
        process.stdout.write(out.join('\0'));
    ";
    let mut child =
        Command::new("node").args(["--expose-gc", "-e", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    child.stdin.take().unwrap().write_all(cases.join("\0").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap().split('\0').map(str::to_owned).collect())
}
