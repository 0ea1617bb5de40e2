//! `--events json`: a stream, line by line, while it happens.

#![cfg(unix)]

use crate::common::{Folder, Running, run, run_with};
use serde_json::{Value, json};

fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(parse).collect()
}

fn types(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["type"].as_str()).collect()
}

#[test]
fn a_stream_is_a_stream() {
    let folder = Folder::new("stream");
    let code = format!(
        "const pause = ms => new Promise(r=>setTimeout(r,ms)), {{ existsSync }} = require('fs')
         for (let i=0;i<5;i++){{ console.log(i); await pause(200) }}
         while (!existsSync({})) await pause(20)",
        folder.quoted("read")
    );
    let mut running = Running::start(&["eval", "--events", "json", &code]);
    assert_eq!(parse(&running.line())["type"], "session");
    assert_eq!(parse(&running.line())["type"], "started");
    let mut times = Vec::new();
    for i in 0..5 {
        let event = parse(&running.line());
        assert_eq!((&event["type"], &event["text"], &event["args"]), (&json!("console"), &json!(i.to_string()), &json!([i])));
        assert!(running.is_running(), "line {i} came after the end");
        times.push(event["time"].as_f64().unwrap());
    }
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 150.0), "{times:?}");
    folder.write("read", "");
    let said = running.finish();
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    let mut lines = lines(&said.out).split_off(7);
    lines.retain(|line| line["type"] != "permission");
    assert_eq!(types(&lines), ["result", "outcome"]);
}

/// A signal to another process is an effect, whether it is granted or not.
#[test]
fn signals_to_others_are_told() {
    for (flag, granted) in [("--allow-all", true), ("--allow-run=ls", false)] {
        let code = "try { process.kill(process.ppid, 0) } catch {}";
        let said = run(&["eval", "--events=json", flag, code]);
        let lines = lines(&said.out);
        let told = lines.iter().find(|line| line["type"] == "permission" && line["api"] == "kill");
        let told = told.unwrap_or_else(|| panic!("{said:?}"));
        assert_eq!((&told["permission"], &told["granted"]), (&json!("run"), &json!(granted)), "{said:?}");
        assert!(told["resource"].as_str().is_some_and(|resource| resource.starts_with("kill ")), "{told}");
    }
}

#[test]
fn every_event_is_an_object() {
    const CODE: &str =
        "console.group('g'); console.warn({a: 1n}); setTimeout(function f() { throw new RangeError('late') }); [undefined, -0]";
    let said = run(&["eval", "--events=json", CODE]);
    assert_eq!((said.status, said.err.as_str()), (Some(1), ""));
    let lines = lines(&said.out);
    assert_eq!(types(&lines), ["session", "started", "console", "console", "result", "exception", "outcome"]);
    assert!(lines[0]["pid"].is_u64(), "{}", lines[0]);
    let pid = &lines[0]["pid"];
    assert_eq!(lines[0], json!({"type": "session", "run": 1, "generation": 1, "reason": "spawned", "pid": pid}));
    let [warn, result, late, outcome] = [&lines[3], &lines[4], &lines[5], &lines[6]];
    assert_eq!((&warn["method"], &warn["level"], &warn["depth"]), (&json!("warn"), &json!("warning"), &json!(1)));
    assert_eq!(warn["args"], json!([{"a": {"$type": "bigint", "value": "1"}}]));
    assert_eq!(result["value"], json!([{"$type": "undefined"}, {"$type": "number", "value": "-0"}]));
    assert_eq!((&late["run"], &late["origin"], &late["name"]), (&json!(1), &json!("callback"), &json!("RangeError")));
    assert_eq!((&late["line"], &late["frames"][0]["function"]), (&json!(1), &json!("f")));
    assert_eq!(
        (&outcome["outcome"], &outcome["state"], &outcome["new_session"]),
        (&json!("threw"), &json!("kept"), &json!(true))
    );
    assert!(outcome["wall_ms"].is_f64() && outcome["cpu_ms"].is_f64());
}

#[test]
fn limits_and_deaths_are_told() {
    let said = run(&["eval", "--events", "json", "--vm-timeout", "100", "for(;;){}"]);
    assert_eq!(said.status, Some(124));
    let outcome = lines(&said.out).pop().unwrap();
    assert_eq!((&outcome["outcome"], &outcome["budget"], &outcome["limit_ms"]), (&json!("timed_out"), &json!("vm"), &json!(100)));
    assert_eq!(outcome["stopped"], "javascript");
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_kernel_is_an_error_and_the_next_run_has_a_new_session() {
    let mut running = Running::start(&["repl", "--events", "json"]);
    running.type_in("console.log('begun'); for(;;){}\n");
    while parse(&running.line())["type"] != "console" {}
    running.kill_kernel();
    let error = parse(&running.line());
    assert_eq!((&error["type"], &error["cause"], &error["signal"]), (&json!("error"), &json!("signal"), &json!("SIGKILL")));
    assert_eq!((&error["run"], &error["started"], &error["generation"]), (&json!(1), &json!(true), &json!(1)));
    running.type_in("7*6\n");
    let session = parse(&running.line());
    assert_eq!((&session["reason"], &session["run"]), (&json!("respawned"), &json!(2)));
    let said = running.finish();
    assert_eq!(said.status, Some(1));
    assert!(said.out.contains(r#""text":"42","value":42"#), "{}", said.out);
}

#[test]
fn chunks_from_a_pipe_are_runs() {
    let said = run_with(&["repl", "--events", "json"], "1\n(\n2)\n)\n");
    let lines = lines(&said.out);
    let outcomes = lines.iter().filter(|line| line["type"] == "outcome").map(|line| &line["outcome"]).collect::<Vec<_>>();
    assert_eq!(outcomes, ["value", "value", "syntax_error"]);
}

#[test]
fn the_source_of_an_error_is_data() {
    let said = run_with(&["repl", "--events", "json"], "function f() { throw new Error('x') }\nf()\n");
    let thrown = lines(&said.out).into_iter().find(|line| line["type"] == "exception").unwrap();
    let frame = json!({
        "script": "chunk:1", "line": 1, "column": 22,
        "lines": ["function f() { throw new Error('x') }"], "mark": 21, "marked": 1
    });
    assert_eq!(
        (&thrown["run"], &thrown["text"], &thrown["code_frame"]),
        (&json!(2), &json!("Error: x\n    at f (chunk:1:1:22)\n    at chunk:2:1:1"), &frame)
    );
}

#[test]
fn each_frame_is_answered_whatever_exits() {
    let frames = concat!(
        "{\"code\": \"globalThis.kept = 1; process.exit(0); 2\", \"id\": 1}\n",
        "{\"code\": \"setTimeout(() => process.exit(0), 1); await new Promise((done) => setTimeout(done, 1000))\", \"id\": 2}\n",
        "{\"code\": \"process.on('exit', () => console.log('bye')); process.exit()\", \"id\": 3}\n",
        "{\"code\": \"kept + 1\", \"id\": 4}\n",
    );
    let said = run_with(&["repl", "--input", "json", "--events", "json"], frames);
    let all = lines(&said.out);
    let outcomes = all.iter().filter(|line| line["type"] == "outcome");
    let told = outcomes.map(|line| (line["id"].clone(), line["outcome"].clone())).collect::<Vec<_>>();
    let exited = |id: i32| (json!(id), json!("exited"));
    assert_eq!(told, [exited(1), exited(2), exited(3), (json!(4), json!("value"))], "{}", said.out);
    assert!(all.iter().any(|line| line["id"] == 4 && line["text"] == "2"), "{}", said.out);
    assert_eq!(said.status, Some(0), "{said:?}");
    // Its status is of its frame; what `process.exitCode` says is the session's.
    let frames = ["1", "process.exit(4)", "process.exitCode", "process.exitCode = 5", "process.exit(6)", "process.exitCode", "2"];
    let frames = frames.map(|code| json!({ "code": code }).to_string() + "\n").concat();
    let said = run_with(&["repl", "--input", "json", "--events", "json"], &frames);
    let all = lines(&said.out);
    let codes = all.iter().filter(|line| line["type"] == "outcome").map(|line| line["exit_code"].clone()).collect::<Vec<_>>();
    assert_eq!(json!(codes), json!([null, 4, null, 5, 6, 5, 5]), "{}", said.out);
    let results = all.iter().filter(|line| line["type"] == "result").map(|line| line["text"].clone()).collect::<Vec<_>>();
    assert_eq!(json!(results), json!(["1", "undefined", "5", "5", "2"]), "{}", said.out);
    let said = run_with(&["repl", "--input", "json"], "{\"code\": \"process.exit(3)\"}\n{\"code\": \"6 * 7\"}\n");
    assert_eq!((said.status, said.out.as_str()), (Some(3), "42\n"), "{said:?}");
}
