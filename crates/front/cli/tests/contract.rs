//! What scripts rely on: what is printed where, and the exit status.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, Running, Said, has_node20, run, run_with};
use rustix::process::Signal;

#[track_caller]
fn assert_ends(said: &Said, status: i32, out: &str, err: &str) {
    assert_eq!(said.status, Some(status), "{said:?}");
    assert_eq!(said.out, out);
    assert!(said.err.contains(err), "{:?} has no {err:?}", said.err);
    if err.is_empty() {
        assert_eq!(said.err, "");
    }
}

#[test]
fn eval_prints_the_value() {
    assert_ends(&run(&["eval", "1+1"]), 0, "2\n", "");
    assert_ends(&run(&["eval", "const x: number = 1"]), 0, "undefined\n", "");
    assert_ends(&run(&["eval", "{a: 'é'}"]), 0, "{ a: 'é' }\n", "");
    assert_ends(&run(&["eval", "await Promise.resolve('x')"]), 0, "'x'\n", "");
}

#[test]
fn output_and_errors_go_their_ways() {
    let said = run(&["eval", "console.log('out'); console.error('err'); console.group(); console.info('a\\nb')"]);
    assert_ends(&said, 0, "out\n  a\n  b\nundefined\n", "err\n");
}

#[test]
fn what_is_thrown_is_told_and_the_status_is_1() {
    assert_ends(
        &run(&["eval", "throw new TypeError('no')"]),
        1,
        "",
        "Uncaught TypeError: no\n1 | throw new TypeError('no')\n  |       ^\n    at chunk:1:1:7\n",
    );
    assert_ends(&run(&["eval", "throw undefined"]), 1, "", "Uncaught undefined\n");
    assert_ends(&run(&["eval", "(2+3))"]), 1, "", "Uncaught SyntaxError: ");
    assert_ends(&run(&["eval", "setTimeout(() => { throw 7 })&&0"]), 1, "0\n", "Uncaught 7\n");
    assert_eq!(run(&["eval", "Promise.reject(7)"]).status, Some(1));
}

#[test]
fn timers_finish_before_the_end() {
    let said = run(&["eval", "setTimeout(() => console.log('late'), 50); 'value'"]);
    assert_ends(&said, 0, "'value'\nlate\n", "");
}

#[test]
fn a_time_limit_may_be_longer_than_any_clock() {
    let long = "9999999999999999999s";
    assert_ends(&run(&["eval", "--wall-timeout", long, "--vm-timeout", long, "1 + 1"]), 0, "2\n", "");
    let long_source = format!("3 /* {} */", "x".repeat(64 << 10));
    assert_ends(&run(&["eval", "--wall-timeout", long, "--vm-timeout", long, &long_source]), 0, "3\n", "");
}

#[test]
fn a_time_limit_ends_with_124() {
    assert_ends(&run(&["eval", "--vm-timeout", "100ms", "while(true){}"]), 124, "", "Timed out after 100 ms of CPU time\n");
    assert_ends(
        &run(&["--wall-timeout", "0.1s", "eval", "setInterval(() => {}, 1000); await new Promise(()=>{})"]),
        124,
        "",
        "Timed out after 100 ms\n",
    );
}

#[test]
fn ctrl_c_ends_with_130() {
    let mut running = Running::start(&["eval", "setInterval(() => {}, 1000); console.log('begun'); await new Promise(()=>{})"]);
    assert_eq!(running.line(), "begun");
    running.signal(Signal::INT);
    assert_ends(&running.finish(), 130, "begun\n", "Interrupted\n");
}

#[test]
fn a_full_heap_ends_with_137() {
    let said = run(&["eval", "--memory-limit", "64", "const a = []; for (;;) a.push(new Array(1e5).fill(a.length))"]);
    assert_ends(&said, 137, "", "Out of memory: it reached the memory limit of 64 MiB\n");
}

/// Buffers are no part of the heap. A program may catch that there is no room for one more; one that does not ends as
/// where the heap is full.
#[test]
fn too_many_buffers_end_with_137_unless_that_is_caught() {
    let folder = Folder::new("buffers");
    let big = folder.quoted("big");
    std::fs::File::create(folder.0.join("big")).unwrap().set_len(100 << 20).unwrap();
    let read = format!("require('fs').readFileSync({big})");
    let later = "setTimeout(() => { const a = []; for (;;) a.push(Buffer.alloc(1e6)) })";
    let promised = format!("require('fs').promises.readFile({big})");
    for code in ["const a = []; for (;;) a.push(new Uint8Array(1e6))", "new ArrayBuffer(1e9)", &read, later, &promised] {
        let said = run(&["--memory-limit", "64", "-e", code]);
        assert_eq!((said.status, &*said.out), (Some(137), ""), "{code}: {said:?}");
        assert!(
            said.err.contains("RangeError") && said.err.ends_with("Out of memory: it reached the memory limit of 64 MiB\n"),
            "{said:?}"
        );
    }
    let caught = "const a = []; try { for (;;) a.push(Buffer.alloc(1e6)) } catch (error) { a.length = 0; console.log(error.name, error.message) } console.log(Buffer.alloc(3e7).length)";
    assert_ends(&run(&["--memory-limit", "64", "-e", caught]), 0, "RangeError Array buffer allocation failed\n30000000\n", "");
    // Nor is one that only looks like it.
    assert_eq!(run(&["-e", "throw new RangeError('Array buffer allocation failed')"]).status, Some(1));
}

/// V8 needs pages for its heap until the run has stopped.
#[test]
#[cfg(target_os = "linux")]
fn memory_that_the_system_refuses_stops_the_run_and_keeps_the_state() {
    for pages in [1, 3, 10, 100] {
        let made = format!("new WebAssembly.Memory({{ initial: {pages} }}), Array(1000).fill(0).map(() => ({{}}))");
        let code = format!("let kept = 'kept'\n{{ const all = []; for (;;) all.push({made}) }}\nkept\n");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -d 400000; printf '%s' \"$1\" | timeout 60 \"$0\" repl --memory-limit 64"]);
        let ended = shell.args([env!("CARGO_BIN_EXE_drupe"), &code]).env("DRUPE_HISTORY", "").output().unwrap();
        let [out, err] = [ended.stdout, ended.stderr].map(|text| String::from_utf8(text).unwrap());
        let told = err.contains("Out of memory: it reached the memory limit of 64 MiB; state kept");
        assert!(told && out.ends_with("'kept'\n"), "{pages}: {out}{err}");
    }
}

/// Also in a container, whose memory is bounded.
#[test]
#[cfg(target_os = "linux")]
fn without_a_limit_the_heap_may_grow_as_nodes_does() {
    if !has_node20() {
        return;
    }
    let ask = ["-p", "require('v8').getHeapStatistics().heap_size_limit / 2 ** 20"];
    let mebibytes = |text: &str| text.trim().parse::<f64>().unwrap();
    let own = mebibytes(&run(&ask).out);
    let nodes = std::process::Command::new("node").args(ask).output().unwrap();
    let nodes = mebibytes(&String::from_utf8(nodes.stdout).unwrap());
    // Versions of V8 agree where there is much memory.
    let near = if nodes > 4000.0 { 0.9..1.1 } else { 0.45..2.2 };
    assert!(near.contains(&(own / nodes)), "{own} MiB, Node's {nodes} MiB");
}

#[test]
fn a_promise_that_fails_is_an_error() {
    for code in
        ["Promise.reject(new Error('no'))", "(async () => { throw new Error('no') })()", "await Promise.reject(new Error('no'))"]
    {
        assert_ends(&run(&["eval", code]), 1, "", "Uncaught Error: no\n");
    }
    let later = "new Promise((_, reject) => setTimeout(reject, 5, new Error('no')))";
    assert_ends(&run(&["eval", later]), 1, "Promise { <pending> }\n", "Uncaught Error: no\n");
}

#[test]
fn wrong_usage_ends_with_2() {
    for args in [
        &["eval"][..],
        &["eval", "--vm-timeout", "soon", "1"],
        &["eval", "--memory-limit", "0", "1"],
        &["run"],
        &["--no-such-flag", "evla"],
        &["run", "/no/such/file.ts"],
        &["eval", "--sandbox", "none", "1"],
    ] {
        let said = run(args);
        assert_eq!(said.status, Some(2), "{args:?}: {said:?}");
        assert!(said.out.is_empty() && !said.err.is_empty(), "{args:?}: {said:?}");
    }
    assert_ends(&run(&["eval", "--sandbox", "off", "--allow-read=/tmp", "--allow-net", "-A", "1"]), 0, "1\n", "");
}

#[test]
fn run_takes_a_file_and_its_arguments() {
    let folder = Folder::new("run");
    let file = folder.write("script.ts", "#!/usr/bin/env drupe\nenum E { A = 1 }\nconsole.log(args as string[], E.A)\n42");
    let path = file.to_str().unwrap();
    assert_ends(&run(&["run", path, "a", "--sandbox", "-A"]), 0, "[ 'a', '--sandbox', '-A' ] 1\n", "");
    folder.write("script.ts", "\n  null.x");
    let said = run(&["run", path]);
    assert_ends(&said, 1, "", "script.ts:2:8");
    assert_ends(&run_with(&["run", "-"], "console.log('piped')\n"), 0, "piped\n", "");
}

#[test]
fn nobody_reading_is_no_accident() {
    let mut running = Running::start(&["eval", "for (let i = 0; i < 1e6; i++) console.log(i)"]);
    assert_eq!(running.line(), "0");
    running.stop_reading();
    assert_ends(&running.finish(), 141, "0\n", "");
}

#[test]
fn doctor_says_that_it_works() {
    let said = run(&["doctor"]);
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    let level = if cfg!(target_os = "linux") { "strict: " } else { "best-effort: " };
    for word in ["drupe", "kernel program", "V8", "protocol", "sandbox", level, "1+1             2, "] {
        assert!(said.out.contains(word), "{word}: {}", said.out);
    }
}
