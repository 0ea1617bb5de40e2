//! `drupe repl` with piped input: chunk after chunk, plainly.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{fs::File, io::Write, process::Stdio};

use crate::common::{Folder, Running, drupe, eventually, run_with};

#[test]
fn a_transcript() {
    let said = run_with(&["repl"], "1+1\nlet a: number[] = [1,\n  2]\n\na\nclass K {\n}\nnew K\n.5+1\n'x'.\nlength\n{}\n");
    assert_eq!(said.out, "2\nundefined\n[ 1, 2 ]\nundefined\nK {}\n1.5\n1\n{}\n");
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
}

#[test]
fn the_last_result_and_the_last_error_are_remembered() {
    assert_eq!(run_with(&["repl"], "1+2\n_+3\nthrow 3\n_error+3\n").out, "3\n6\n6\n");
}

#[test]
fn no_arguments_is_repl() {
    assert_eq!(run_with(&[], "7*6").out, "42\n");
}

#[test]
fn errors_go_to_standard_error_and_the_rest_goes_on() {
    let said = run_with(&["repl"], "a\n(2+3))\n7*6\nthrow 'x'\nawait Promise.reject(3)\n8");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "42\n8\n"));
    for text in ["Uncaught ReferenceError: a is not defined", "Uncaught SyntaxError", "Uncaught 'x'", "Uncaught 3"] {
        assert!(said.err.contains(text), "{text}: {}", said.err);
    }
}

#[test]
fn an_unfinished_rest_shows_its_error() {
    let said = run_with(&["repl"], "1\n`x");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "1\n"));
    assert!(said.err.contains("SyntaxError: Unterminated template: '`' is missing"), "{}", said.err);
}

/// Nothing is lost: what is not run is told.
#[test]
fn a_line_in_text_is_no_command_where_the_text_goes_on() {
    for (input, out) in [
        ("const t = `\n.exit\n`\nt\n", "undefined\n'\\n.exit\\n'\n"),
        ("/* a\n.exit\n.break\n*/ 5\n", "5\n"),
        ("const t = `${1}\n.break\n.editor\n.help\n`; t.length\n", "23\n"),
        ("p = { time: 3, then: 4 }; p\n.time\n.toFixed(1)\n", "'3.0'\n"),
        ("p = { mem: { then: 4 } }; p\n.mem\n\n// why\n.then\n", "4\n"),
        ("({ a: 1 })\n  .help\n", "undefined\n"),
    ] {
        let said = run_with(&["repl"], input);
        assert_eq!((said.status, said.out.as_str(), said.err.as_str()), (Some(0), out, ""), "{input}");
    }
    // Behind a whole chunk it is one, as at the prompt.
    let said = run_with(&["repl"], "p = { time: 3 }\np\n.time\n");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "{ time: 3 }\n{ time: 3 }\non: what each run costs is shown\n"));
    for end in ["t = `\n.exit\n", "f(\n.exit\n5\n", "/*\n.exit"] {
        let said = run_with(&["repl"], &format!("1\n{end}"));
        assert_eq!((said.status, said.out.as_str()), (Some(1), "1\n"), "{end}");
        assert_eq!(said.err, "the unfinished chunk before .exit is not run\n", "{end}");
    }
    // The end of the text is missed, not the lines.
    let said = run_with(&["repl"], "t = `\n.exit\n5\n");
    assert!(said.status == Some(1) && said.err.contains("Unterminated template"), "{said:?}");
    // Who waits for the answer means it.
    let mut running = Running::start(&["repl"]);
    running.type_in("t = `\n.exit\n");
    eventually("the end", || (!running.is_running()).then_some(()));
    assert_eq!(running.finish().status, Some(1));
}

#[test]
fn text_passes_as_it_is() {
    let said = run_with(&["repl"], "console.log('\\x1b[2J\\x07é日本'); console.error('red')\n");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("\x1b[2J\x07é日本\nundefined\n", "red\n"));
}

#[test]
fn what_is_thrown_later_counts_too_and_what_is_caught_does_not() {
    let said =
        run_with(&["repl"], "void setTimeout(() => { throw 1 }, 1)\nawait new Promise(resolve => setTimeout(resolve, 20))\n1\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "undefined\nundefined\n1\n"));
    assert_eq!(run_with(&["repl"], "void setTimeout(() => { throw 1 }, 30)\n").status, Some(1));
    assert_eq!(run_with(&["repl"], "try { nothing } catch {}\nprocess.exitCode = 0\n").status, Some(0));
    assert_eq!(run_with(&["repl"], "nothing\nprocess.exitCode = 5\n").status, Some(5));
    assert_eq!(run_with(&["repl", "--vm-timeout", "50ms"], "for (;;) {}\n1\n").status, Some(1));
}

#[test]
fn limits_hold_for_each_chunk_and_the_state_is_kept() {
    let said = run_with(&["repl", "--vm-timeout", "100ms"], "let kept = 1\nwhile(true){}\nkept\n");
    assert_eq!(said.out, "undefined\n1\n");
    assert!(said.err.contains("state kept"), "{}", said.err);
}

#[test]
fn results_come_while_the_input_is_open() {
    let mut running = Running::start(&["repl"]);
    running.type_in("setTimeout(() => console.log('late'), 1); 1\n");
    assert_eq!(running.line(), "1");
    assert_eq!(running.line(), "late");
    running.type_in("2\n");
    assert_eq!(running.line(), "2");
    assert_eq!(running.finish().status, Some(0));
}

/// The same holds for a file, whose lines are all there.
#[test]
fn lines_that_go_on_with_a_finished_chunk_are_part_of_it() {
    let input = "if (false)\n{ 'one' }\nelse\n{ 'other' }\n[1, 2, 3]\n  .map(n => n * 2)\n\n  // all of them\n  .filter(n => n > 2)\n\
        let a = 1\n, b = 2\nb\nawait Promise.resolve(7)\n.then(n => n + 1)\ntype T =\n  | 'x'\n  | 'y'\nconst s = 'a'\n  + 'b'\ns\n1\n(2)\n[3]\n\
        try { nothing }\ncatch { 'caught' }\nfinally { a = 5 }\na\n'abc'\n.length\n6\n.exit\n7\n";
    let out = "'other'\n[ 4, 6 ]\nundefined\n2\n8\nundefined\nundefined\n'ab'\n1\n2\n[ 3 ]\n'caught'\n5\n3\n6\n";
    let said = run_with(&["repl"], input);
    assert_eq!((said.status, said.out.as_str(), said.err.as_str()), (Some(0), out, ""));
    let folder = Folder::new("goes-on");
    for input in [input.to_owned(), input.replace('\n', "\r\n")] {
        let file = File::open(folder.write("input.ts", &input)).unwrap();
        let said = drupe(&[]).stdin(file).output().unwrap();
        assert_eq!((said.status.code(), String::from_utf8(said.stdout).unwrap().as_str()), (Some(0), out));
    }
}

/// One that is indented deeper goes on with no statement that is over.
#[test]
fn a_deeper_line_begins_a_chunk_where_the_one_before_is_over() {
    let said = run_with(&["repl"], "let o = 5\no;\n  + 1\n1;\n  [2].length\nfunction f() {}\n  (1)\no\n  + 1\n");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("undefined\n5\n1\n1\n1\nundefined\n1\n6\n", ""));
}

/// A chunk is answered even if comments and blank lines follow it without end.
#[test]
fn lines_that_say_nothing_are_waited_for_no_longer_than_64_kib() {
    let folder = Folder::new("say-nothing");
    let file = folder.write("input.ts", &format!("console.log('first'); 0\n{}'last'\n", "// a\n".repeat(12_800)));
    let said = drupe(&[]).stdin(File::open(file).unwrap()).output().unwrap();
    let out = String::from_utf8(said.stdout).unwrap();
    assert!(out.starts_with("first\n0\nundefined\n") && out.ends_with("\nundefined\n'last'\n"), "{:.80}", out);
    let mut running = Running::start(&["repl"]);
    running.type_in("console.log('first')\n");
    running.type_in(&"\n".repeat((64 << 10) + 1));
    assert_eq!(running.line(), "first");
}

/// It is told, and nothing of the chunk around it is run; what comes behind that chunk is.
#[test]
fn a_chunk_that_lacks_a_line_is_not_run() {
    let long = "x".repeat((64 << 20) + 1);
    for (around, what) in [
        (("console.log('no', `\n", "\n`)\n"), "chunk"),
        ((".editor\nconsole.log('no')\n", "\nconsole.log('no')\n.end\n"), "text of .editor"),
    ] {
        let said = run_with(&["repl"], &format!("1\n{}{long}{}2\n", around.0, around.1));
        assert_eq!((said.status, said.out.as_str()), (Some(1), "1\n2\n"), "{what}");
        assert!(said.err.contains(&format!("the {what} that it stands in is not run")), "{:.200}", said.err);
    }
    let said = run_with(&["repl"], &format!("1\n{long}\n2\n"));
    assert_eq!((said.status, said.out.as_str()), (Some(1), "1\n2\n"));
}

/// What does not fit is a chunk, as what comes later is.
#[test]
fn a_finished_chunk_waits_for_no_line_that_is_not_there() {
    let mut running = Running::start(&["repl"]);
    running.type_in("if (true) { 1 }\n");
    assert_eq!(running.line(), "1");
    running.type_in("else { 2 }\n3;\n.then(f)\n4\n  // a comment\n");
    assert_eq!(running.line(), "3");
    assert_eq!(running.line(), "4");
    let said = running.finish();
    assert_eq!(said.status, Some(1));
    assert_eq!(said.err.matches("Uncaught SyntaxError").count(), 2, "{}", said.err);
}

/// Runs `drupe` with these bytes as its input.
fn run_with_bytes(args: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let mut child = drupe(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let said = child.wait_with_output().unwrap();
    (said.status.code(), String::from_utf8(said.stdout).unwrap(), String::from_utf8(said.stderr).unwrap())
}

#[test]
fn what_is_not_utf8_is_replaced_in_code_and_an_error_in_frames() {
    let frames = b"\xef\xbb\xbf{\"code\": \"1\"}\r\n{\"code\": \"'\xff'\"}\r\n\r\n{\"code\": \"2\"}\r\n";
    let (status, out, err) = run_with_bytes(&["repl", "--input", "json"], frames);
    assert_eq!((status, out.as_str(), err.as_str()), (Some(1), "1\n2\n", "line 2: it is not UTF-8: byte 12 is 0xff\n"));
    // As Node reads a program.
    let code = b"\xef\xbb\xbf[...'a\xff\xc3('].length\r\n";
    assert_eq!(run_with_bytes(&["repl"], code), (Some(0), "4\n".to_owned(), String::new()));
    for args in [&["eval", "-"][..], &["-p"], &["-p", "-", "a"]] {
        assert_eq!(run_with_bytes(args, code), (Some(0), "4\n".to_owned(), String::new()), "{args:?}");
    }
    assert_eq!(run_with_bytes(&["-"], b"console.log([...'a\xff'].length)"), (Some(0), "2\n".to_owned(), String::new()));
    for args in [&["repl"][..], &["-"], &["-p"], &["eval", "-"]] {
        let (status, _, err) = run_with_bytes(args, b"\xff\xfe1\0\n\0");
        assert_eq!(status, Some(2), "{args:?}");
        assert!(err.contains("UTF-16"), "{args:?}: {err}");
    }
}

#[test]
fn code_to_print_may_come_by_a_pipe() {
    let said = run_with(&["-p"], "const text: string = 'a'; text + __filename");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "a[stdin]\n"), "{}", said.err);
    let said = run_with(&["--print", "-", "a", "-b"], "process.argv.slice(1)");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "[ '-', 'a', '-b' ]\n"), "{}", said.err);
    assert_eq!(run_with(&["-p"], "throw 1").status, Some(1));
}

/// Of a long chunk not every line is looked at: when no other comes, what earlier chunks print does not put off the
/// look.
#[test]
fn a_long_chunk_ends_at_a_pause_although_a_timer_prints() {
    let mut running = Running::start(&["repl"]);
    running.type_in("void setInterval(() => console.log('tick'), 10)\n");
    assert_eq!(running.line(), "undefined");
    running.type_in(&format!("[\n{}1].length\n", "1,\n".repeat(10_000)));
    let said = (0..1000).map(|_| running.line()).find(|line| line != "tick");
    assert_eq!(said.as_deref(), Some("10001"));
}

#[test]
fn timers_that_are_left_at_the_end_are_waited_for() {
    assert_eq!(run_with(&["repl"], "setTimeout(() => console.log('late'), 50); 1\n2\n").out, "1\n2\nlate\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_kernel_is_told_and_the_next_chunk_has_a_new_session() {
    let mut running = Running::start(&["repl"]);
    running.type_in("let x = 1; console.log('begun'); for(;;){}\n");
    assert_eq!(running.line(), "begun");
    running.kill_kernel();
    running.type_in("typeof x\n");
    assert_eq!(running.line(), "'undefined'");
    let said = running.finish();
    assert_eq!(said.status, Some(1));
    // The cause is told once.
    assert_eq!(said.err, "the kernel was ended by signal 9 (SIGKILL)\nstate lost: the session is a new one\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_kernel_fails_eval() {
    let mut running = Running::start(&["eval", "console.log('begun'); for(;;){}"]);
    assert_eq!(running.line(), "begun");
    running.kill_kernel();
    let said = running.finish();
    assert_eq!(said.status, Some(2));
    assert!(said.err.contains("SIGKILL"), "{}", said.err);
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let said = run_with(&["repl"], "alert('look')\nconfirm('sure?')\nprompt('name?', 'Bob')\n");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "look\nundefined\nfalse\nnull\n"));
    let said = run_with(&["repl", "--deny"], "try { require('fs').readFileSync('/etc/passwd') } catch (error) { error.code }\n");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "'EACCES'\n"), "{}", said.err);
}

#[test]
fn an_await_that_nothing_can_settle_ends_its_chunk() {
    let said = run_with(&["repl"], "await new Promise(() => {})\n6*7\n");
    assert_eq!((said.status, said.out.as_str()), (Some(13), "42\n"), "{}", said.err);
    assert!(said.err.contains("Unsettled top-level await"), "{}", said.err);
    // What may still settle it is waited for: a timer of an earlier chunk, a call of the host.
    let input = "var done, late = new Promise(go => done = go); setTimeout(() => done('late'), 50); 0\nawait late\nawait fs.promises.readFile('/nowhere').catch(error => error.code)\n";
    let said = run_with(&["repl"], input);
    assert_eq!((said.status, said.out.as_str()), (Some(0), "0\n'late'\n'ENOENT'\n"), "{}", said.err);
    // A failure counts more.
    assert_eq!(run_with(&["repl"], "throw 1\nawait new Promise(() => {})\n").status, Some(1));
    let line = "{\"code\": \"await new Promise(() => {})\", \"id\": 1}\n{\"code\": \"6*7\", \"id\": 2}\n";
    let said = run_with(&["repl", "--input", "json", "--events", "json"], line);
    assert!(said.out.contains("\"outcome\":\"unsettled\"") && said.out.contains("\"text\":\"42\""), "{}", said.out);
}

#[test]
fn commands_are_heard_inside_of_unfinished_input() {
    let said = run_with(&["repl"], "'abc'.concat(\n.timeout\n'd')\n('x'\n.at(0))\n`\n.timeout\n`\n");
    assert_eq!(said.out, "timeout vm off, wall off\n'abcd'\n'x'\n'\\n.timeout\\n'\n", "{}", said.err);
    let said = run_with(&["repl"], "'abc'.concat(\n.editor\n'e'\n)\n.end\n'xyz'.concat(\n.break\n7\n");
    assert_eq!(said.out, "'abce'\n7\n", "{}", said.err);
}

/// Whatever they are called.
#[test]
fn members_on_lines_of_their_own_are_no_commands() {
    let names = ["history", "time", "reset", "clear", "mem", "more", "globals", "restart", "help", "timeout"];
    let members = names.map(|name| format!("{name}: '{name}'")).join(", ");
    let mut input = format!("const store = {{ {members}, exit: 'exit', break: 'break' }}\n");
    for name in names {
        input += &format!("(store\n  .{name}\n  .length)\n(store\n.{name}\n.length)\n");
    }
    input += "(store\n  .exit\n  .length)\n(store\n  .break)\n`${store\n  .exit}`\n";
    let lengths = names.map(|name| format!("{0}\n{0}\n", name.len())).concat();
    let said = run_with(&["repl"], &input);
    assert_eq!((said.status, said.out), (Some(0), format!("undefined\n{lengths}4\n'break'\n'exit'\n")), "{}", said.err);
}

/// Lines that only look like commands cost no look.
#[test]
fn chunks_behind_one_that_has_lines_like_commands_are_apart() {
    let css = ".class { color: red; margin: 0; padding: 0; border: 0; outline: 0; background: transparent; }\n".repeat(1000);
    let said = run_with(&["repl"], &format!("const css = `\n{css}`\n1\n2\ncss.length\n"));
    assert_eq!((said.status, said.out), (Some(0), format!("undefined\n1\n2\n{}\n", css.len() + 1)), "{}", said.err);
}

#[test]
fn types_are_told_of_variables_of_types_and_of_nodes_functions() {
    let input = "let x: number = 5\ninterface Point<T> extends Base {\n  x: T; y?: number\n}\n/** Which. */ type Id = string | number\nlet list = [1, 2], nothing\nenum Color { Red }\n";
    let declared = "undefined\n".repeat(5);
    for (command, told) in [
        (".type x", "let x: number = 5\n"),
        (".type list", "let list: Array = [ 1, 2 ]\n"),
        (".type nothing", "let nothing: undefined\n"),
        (".type Point", "interface Point<T> extends Base { x: T; y?: number }\n"),
        (".type Id", "type Id = string | number\n"),
        (".type Color", "enum Color\n"),
        (".doc Id", "type Id = string | number\n  Which.\ndeclared at chunk:3:1:15\n"),
        (".type fs.readFileSync", "readFileSync(path, options?)\n"),
        (".type fs.promises.readFile", "readFile(path, options?)\n"),
        (".doc path.join", "join(...paths)\n"),
        (".type fetch", "fetch(input, init?)\n"),
        (".type structuredClone", "structuredClone(value, options?)\n"),
        (".type console.log", "log(...data)\n"),
        (".type process.on", "on(eventName, listener)\n"),
    ] {
        let said = run_with(&["repl"], &format!("{input}{command}\n"));
        let out = said.out.strip_prefix(&declared[..]).unwrap_or(&said.out);
        assert_eq!(out, told, "{command}: {}", said.err);
    }
}

/// The table of heads names no function that is gone, and each once.
#[test]
fn heads_of_nodes_functions_are_of_functions_that_are_there() {
    let heads = include_str!("../../../../kernel/js/lib/node/internal/heads.js");
    let lines = heads.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": '"));
    let keys: Vec<&str> = lines.map(|(key, _)| key.trim_matches('\'')).collect();
    let unique: std::collections::HashSet<_> = keys.iter().collect();
    assert!(keys.len() > 200 && unique.len() == keys.len(), "{}", keys.len());
    let table = serde_json::to_string(&keys).unwrap();
    let code = format!(
        "const wrong = []
        for (const key of {table}) {{
            const [name, ...way] = key.split('.'), module = require('node:module').isBuiltin(name) ? require(name) : undefined
            const place = way.reduce((object, step) => object?.[step], module)
            const places = way.length || name === 'assert' ? [place] : [fs[name], fs[name + 'Sync'], fs.promises[name]]
            if (!places.some((place) => typeof place === 'function')) wrong.push(key)
        }}
        wrong.join()"
    );
    let said = run_with(&["eval", &code], "");
    assert_eq!(said.out, "''\n", "{}", said.err);
}

#[test]
fn who_asks_nobody_is_told_so_once() {
    let said = run_with(&["repl"], "[prompt('name?'), prompt('again?'), confirm('sure?')]\nalert('seen')\n");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "[ null, null, false ]\nseen\nundefined\n"));
    let warnings = ["prompt() asks nobody here, and returns null", "confirm() asks nobody here, and returns false"];
    let lines = said.err.lines().collect::<Vec<_>>();
    assert!(lines.len() == 2 && lines.iter().zip(warnings).all(|(line, said)| line.contains(said)), "{}", said.err);
}
