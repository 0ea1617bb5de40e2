//! Chunks in frames: `--input json`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, Running, run_with};
use serde_json::{Value, json};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn frames_are_chunks_and_their_answers_carry_their_ids() {
    let input = [
        json!({ "code": "let a = 1\n\nfunction f() {\n  return a\n}\nf() + 1", "id": "first" }),
        json!({ "code": "console.log('x'); setTimeout(() => console.log('late'), 1); await new Promise(r => setTimeout(r, 20))", "id": 2 }),
        json!({ "code": "for (;;) {}", "id": 3, "timeout": 100 }),
        json!({ "code": "missing", "id": 4 }),
        json!({ "code": "a", "id": null }),
    ];
    let mut input = input.map(|line| line.to_string() + "\n").to_vec();
    input.insert(1, "{ code: 1 }\n".to_owned());
    input.insert(2, "{\"id\": 9, \"code\": \"1\", \"wait\": true}\n".to_owned());
    let said = run_with(&["repl", "--input", "json", "--events", "json"], &input.concat());
    assert_eq!((said.status, said.err.as_str()), (Some(1), ""));
    let lines = lines(&said.out);
    let of = |id: Value| lines.iter().filter(|line| line["id"] == id).collect::<Vec<_>>();
    let first = of(json!("first"));
    assert!(first.iter().any(|line| line["type"] == "result" && line["value"] == 2), "{first:?}");
    assert!(first.iter().any(|line| line["type"] == "outcome" && line["outcome"] == "value"), "{first:?}");
    let texts = of(json!(2)).iter().filter_map(|line| line["text"].as_str()).collect::<Vec<_>>().join(" ");
    assert_eq!(texts, "x late undefined");
    assert!(
        of(json!(3)).iter().any(|line| line["outcome"] == "timed_out" && line["budget"] == "wall" && line["limit_ms"] == 100)
    );
    assert!(of(json!(4)).iter().any(|line| line["type"] == "exception" && line["name"] == "ReferenceError"));
    let bad = lines.iter().filter(|line| line["type"] == "bad_line").collect::<Vec<_>>();
    assert_eq!((bad.len(), &bad[0]["line"], &bad[1]["line"], &bad[1]["id"]), (2, &json!(2), &json!(3), &json!(9)));
    let last = lines.iter().rev().find(|line| line["type"] == "result").unwrap();
    assert_eq!((&last["value"], &last["id"]), (&json!(1), &Value::Null));
}

#[test]
fn frames_are_answered_while_the_input_is_open() {
    let mut running = Running::start(&["repl", "--input", "json"]);
    running.type_in("{\"code\": \"[1,\\n2]\"}\n");
    assert_eq!(running.line(), "[ 1, 2 ]");
    running.type_in("nonsense\n{\"code\": \"3\"}\n");
    assert_eq!(running.line(), "3");
    let said = running.finish();
    assert_eq!(said.status, Some(1));
    assert!(said.err.starts_with("line 2: it is no JSON"), "{}", said.err);
}

/// A run that was stopped among its imports neither goes on with them nor takes what belongs to the next one.
#[test]
fn imports_of_a_stopped_run_leave_those_of_the_next_alone() {
    let folder = Folder::new("imports");
    let at = |name: &str, text: &str| format!("{}", folder.write(name, text).display());
    // Without a timer nothing could settle it, and that would end the run.
    let slow = at(
        "slow.mjs",
        "const timer = setInterval(() => {}, 1e6); await new Promise((resolve) => { globalThis.open = resolve }); clearInterval(timer)",
    );
    let other = at("other.mjs", "export const loaded = globalThis.other = true");
    // It opens the way for the stopped run, and gives it the time to load what would come next.
    let opener = at(
        "opener.mjs",
        "globalThis.open(); await import('./other.mjs'); for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve))",
    );
    let input = [
        json!({ "id": 1, "timeout": "300ms", "code": format!("import '{slow}'; import {{ loaded as late }} from '{other}'; late") }),
        json!({ "id": 2, "code": format!("import * as gone from './missing.mjs'; import * as opened from '{opener}'; 'went on'") }),
        json!({ "id": 3, "code": "[typeof late, other]" }),
    ];
    let input = input.map(|line| line.to_string() + "\n").concat();
    let said = run_with(&["repl", "--input", "json", "--events", "json", "--allow-all"], &input);
    let lines = lines(&said.out);
    let outcome = |id: u32| {
        let found = lines.iter().find(|line| line["id"] == id && line["type"] == "outcome");
        found.unwrap_or_else(|| panic!("{}{}", said.out, said.err))["outcome"].clone()
    };
    assert_eq!((outcome(1), outcome(2), outcome(3)), (json!("timed_out"), json!("threw"), json!("value")), "{}", said.out);
    let texts = lines.iter().filter(|line| line["type"] == "result").map(|line| line["text"].clone()).collect::<Vec<_>>();
    assert_eq!(texts, [json!("[ 'undefined', true ]")], "{}", said.out);
}
