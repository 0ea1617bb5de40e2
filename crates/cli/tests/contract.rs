//! What scripts rely on: what is printed where, and the exit status.

#![cfg(unix)]

mod common;

use common::{Folder, Running, Said, run, run_with};
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
fn a_time_limit_ends_with_124() {
    assert_ends(&run(&["eval", "--vm-timeout", "100ms", "while(true){}"]), 124, "", "CPU budget of 100 ms; state kept");
    assert_ends(
        &run(&["--wall-timeout", "0.1s", "eval", "setInterval(() => {}, 1000); await new Promise(()=>{})"]),
        124,
        "",
        "longer than 100 ms; state kept",
    );
}

#[test]
fn ctrl_c_ends_with_130() {
    let mut running = Running::start(&["eval", "setInterval(() => {}, 1000); console.log('begun'); await new Promise(()=>{})"]);
    assert_eq!(running.line(), "begun");
    running.signal(Signal::INT);
    assert_ends(&running.finish(), 130, "begun\n", "Interrupted; state kept");
}

#[test]
fn a_full_heap_ends_with_137() {
    let said = run(&["eval", "--memory-limit", "64", "const a = []; for (;;) a.push(new Array(1e5).fill(a.length))"]);
    assert_ends(&said, 137, "", "memory");
}

#[test]
fn wrong_usage_ends_with_2() {
    for args in [
        &["eval"][..],
        &["eval", "--vm-timeout", "soon", "1"],
        &["eval", "--memory-limit", "0", "1"],
        &["evla", "1"],
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
