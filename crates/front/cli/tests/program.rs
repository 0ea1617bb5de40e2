//! Programs: what they write, which status they end with, and what listens to `process`.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, Said, drupe, run, run_in, run_with};

fn program(code: &str) -> Said {
    run(&["eval", code])
}

fn out(code: &str) -> String {
    let said = program(code);
    assert_eq!(said.err, "", "{code}");
    said.out
}

#[test]
fn a_program_says_its_exit_status() {
    for (code, status) in [
        ("1", 0),
        ("process.exitCode = 3; 1", 3),
        ("process.exitCode = '4'", 4),
        ("process.exitCode = 257", 1),
        ("process.exit()", 0),
        ("process.exit(5)", 5),
        ("process.exit(-1)", 255),
        ("process.exitCode = 6; process.exit()", 6),
        ("setTimeout(() => process.exit(7), 1); setInterval(() => {}, 1000)", 7),
        ("await new Promise(done => setTimeout(done, 1)); process.exit(8)", 8),
        ("Promise.resolve().then(() => process.exit(9)); setInterval(() => {}, 1000)", 9),
        ("process.nextTick(() => process.exit(10)); setInterval(() => {}, 1000)", 10),
        ("try { process.exit(11) } finally { console.error('not reached') }", 11),
        ("process.exitCode = 12; throw new Error('x')", 1),
        ("process.exitCode = 3; process.exitCode = undefined", 0),
        ("throw new Error('x')", 1),
        ("await new Promise(() => {})", 13),
        ("process.exitCode = 3; setTimeout(() => { throw new Error('late') })", 1),
    ] {
        let said = program(code);
        assert_eq!(said.status, Some(status), "{code}: {said:?}");
        assert!(!said.err.contains("not reached"), "{said:?}");
    }
    let said = program(
        "try { process.exitCode = 1.5 } catch (error) { console.log(error.code) } try { process.exitCode = {} } catch (error) { error.code }",
    );
    assert_eq!((said.status, &*said.out), (Some(0), "ERR_OUT_OF_RANGE\n'ERR_INVALID_ARG_TYPE'\n"));
    // A conversation by pipe is a program, too.
    assert_eq!(run_with(&["repl"], "process.exitCode = 3\n").status, Some(3));
    assert_eq!(run_with(&["repl"], "process.exit(4)\nconsole.log('not reached')\n").out, "");
    assert_eq!(run_with(&["repl"], "process.exit(4)\n1\n").status, Some(4));
}

#[test]
fn what_is_written_is_no_line_and_comes_in_order() {
    assert_eq!(
        out("process.stdout.write('a'); process.stdout.write('b'); console.log('c'); process.stdout.write('d\\n'); undefined"),
        "abc\nd\nundefined\n"
    );
    // A value is a line of its own.
    assert_eq!(out("process.stdout.write('half'); 1"), "half\n1\n");
    assert_eq!(out("process.stdout.write('\\r50%\\r100%\\n'); 1"), "\r50%\r100%\n1\n");
    // A character in two pieces; another encoding; halves of a pair on both sides of a piece; more than one piece.
    assert_eq!(out("process.stdout.write(Buffer.from([0xc3])); process.stdout.write(Buffer.from([0xa9, 10])); 1"), "\u{e9}\n1\n");
    assert_eq!(out("process.stdout.write('616263', 'hex'); 1"), "abc\n1\n");
    let many = out("process.stdout.write('x'.repeat(65535) + '\\u{1f41a}' + 'y'.repeat(200000) + '\\n'); 1");
    assert_eq!(many, format!("{}\u{1f41a}{}\n1\n", "x".repeat(65535), "y".repeat(200_000)));
    let said = program("process.stderr.write('to the other'); process.stdout.write('one'); 1");
    assert_eq!((&*said.out, &*said.err), ("one\n1\n", "to the other"));
    let said = run(&["--events", "json", "eval", "process.stdout.write('half a li'); process.exitCode = 2"]);
    assert!(said.out.contains(r#"{"type":"output","run":1,"stream":"stdout","text":"half a li","time":"#), "{said:?}");
    assert!(said.out.contains(r#""outcome":"value","exit_code":2,"#), "{said:?}");
    let said = run(&["--events", "json", "eval", "process.exit(3)"]);
    assert!(said.out.contains(r#""outcome":"exited","exit_code":3,"#), "{said:?}");
}

/// Bytes come out as they went in, in order with text, whatever they are.
#[test]
fn what_is_written_may_be_no_text() {
    let bytes = |code: &str| {
        let output = drupe(&["eval", code]).output().unwrap();
        assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]), "{code}");
        output.stdout
    };
    assert_eq!(bytes("process.stdout.write(Buffer.from([0xff, 0, 0x80, 10])); undefined"), b"\xff\0\x80\nundefined\n");
    assert_eq!(bytes("process.stdout.write('\u{e9}\\n', 'latin1'); undefined"), b"\xe9\nundefined\n");
    let code = "process.stdout.write('a'); process.stdout.write(new Uint8Array([0xc3])); process.stdout.write('b'); console.log('c'); undefined";
    assert_eq!(bytes(code), b"a\xc3bc\nundefined\n");
    let many = bytes("process.stdout.write(Buffer.alloc(200_001, 0xfe)); process.stdout.write('\\n'); undefined");
    assert_eq!((many.len(), &many[199_999..]), (200_012, &b"\xfe\xfe\nundefined\n"[..]));
    let said = run(&["--events", "json", "eval", "process.stdout.write(Buffer.from([0xff, 65]))"]);
    assert!(said.out.contains("\"text\":\"\u{fffd}A\",\"time\":") && said.out.contains(r#","hex":"ff41"}"#), "{said:?}");
}

/// The end that a program gives itself is no error of it.
#[test]
fn a_program_that_exits_complains_of_nothing() {
    for code in [
        "process.exit(3)",
        "setTimeout(() => process.exit(3)); setInterval(() => {}, 1000)",
        "setImmediate(() => process.exit(3)); setInterval(() => {}, 1000)",
        "Promise.resolve().then(() => process.exit(3)); setInterval(() => {}, 1000)",
        "process.nextTick(() => process.exit(3)); setInterval(() => {}, 1000)",
        "queueMicrotask(() => process.exit(3)); setInterval(() => {}, 1000)",
        "process.on('exit', () => console.log('bye')); setTimeout(() => process.exit(3)); setInterval(() => {}, 1000)",
        "new (require('stream').PassThrough)().on('data', () => process.exit(3)).write('x'); setInterval(() => {}, 1000)",
    ] {
        let said = program(code);
        assert_eq!((said.status, &*said.err), (Some(3), ""), "{code}: {said:?}");
        let folder = std::env::temp_dir().join(format!("drupe-exit-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("program.js");
        std::fs::write(&file, code).unwrap();
        let said = run(&["run", "--allow-all", file.to_str().unwrap()]);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((said.status, &*said.err), (Some(3), ""), "{code}: {said:?}");
    }
}

/// What V8 compiles beside the program is waited for.
#[test]
fn a_program_waits_for_webassembly() {
    let bytes = "new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,42,11])";
    for _ in 0..25 {
        let code = format!("WebAssembly.compile({bytes}).then((m) => console.log(new WebAssembly.Instance(m).exports.f()))");
        assert_eq!(out(&format!("{code}; undefined")), "undefined\n42\n");
        let code = format!("WebAssembly.instantiate({bytes}).then(({{ instance }}) => console.log(instance.exports.f()))");
        assert_eq!(out(&format!("{code}; undefined")), "undefined\n42\n");
    }
}

#[test]
fn listeners_hear_of_each_way_to_leave() {
    let listen = "process.on('exit', code => console.log('bye', code)); 0\n";
    for (rest, out, status) in [
        ("", "0\nbye 0\n", 0),
        (".exit\n", "0\nbye 0\n", 0),
        ("process.exit()\n", "0\nbye 0\n", 0),
        ("process.exitCode = 3\n.exit\n", "0\n3\nbye 3\n", 3),
        ("process.exitCode = 3\n", "0\n3\nbye 3\n", 3),
        ("throw 1\n.exit\n", "0\nbye 0\n", 1),
        ("process.exitCode = 0; throw 1\n.exit\n", "0\nbye 0\n", 0),
        ("let process = 1\n.exit\n", "0\nundefined\nbye 0\n", 0),
        ("process.exit = () => { console.log('mine') }\n.exit\n", "0\n[Function (anonymous)]\nmine\n", 0),
        ("setInterval(() => {}, 1000); 1\n.exit\n", "0\n1\nbye 0\n", 0),
    ] {
        let said = run_with(&["repl"], &format!("{listen}{rest}"));
        assert_eq!((said.status, &*said.out), (Some(status), out), "{rest}: {said:?}");
    }
    // A listener that loops does not hold up the command for ever.
    let said = run_with(&["repl", "--vm-timeout", "100ms"], "process.on('exit', () => { for (;;); }); 0\n.exit\n");
    assert!(said.status == Some(1) && said.out == "0\n" && said.err.contains("Timed out"), "{said:?}");
    // The run that asks is none of the input's.
    let said = run_with(&["repl", "--events", "json"], "1\n.exit\n");
    assert_eq!(said.out.matches("\"outcome\":").count(), 1, "{said:?}");
}

#[test]
fn listeners_hear_of_the_end() {
    let listen = "for (const name of ['beforeExit', 'exit']) process.on(name, code => console.log(name, code));";
    assert_eq!(out(&format!("{listen} 1")), "1\nbeforeExit 0\nexit 0\n");
    assert_eq!(
        out(&format!("{listen} process.exitCode = 0; setTimeout(() => console.log('timer'), 5); 1")),
        "1\ntimer\nbeforeExit 0\nexit 0\n"
    );
    let said = program(&format!("{listen} process.exitCode = 5; 1"));
    assert_eq!((said.status, &*said.out), (Some(5), "1\nbeforeExit 5\nexit 5\n"));
    let said = program(&format!("{listen} process.exit(6)"));
    assert_eq!((said.status, &*said.out), (Some(6), "exit 6\n"));
    let said = program(&format!("{listen} throw 1"));
    assert_eq!((said.status, &*said.out), (Some(1), "exit 1\n"));
    let said = program(&format!("{listen} await new Promise(() => {{}})"));
    assert_eq!((said.status, &*said.out), (Some(13), "beforeExit 0\nexit 0\n"));
    assert!(said.err.contains("Unsettled top-level await"), "{said:?}");
    // Who is told beforehand may have more to do.
    let more =
        "let left = 2; process.on('beforeExit', () => { if (left-- > 0) setTimeout(() => console.log('more'), 1) }); 'done'";
    assert_eq!(out(more), "'done'\nmore\nmore\n");
    let settles = "let settle; process.on('beforeExit', () => settle('late')); await new Promise(done => settle = done)";
    assert_eq!(out(settles), "'late'\n");
    // The last word on the status.
    assert_eq!(program("process.on('exit', () => { process.exitCode = 9 })").status, Some(9));
    assert_eq!(program("process.on('exit', () => process.exit(8))").status, Some(8));
    assert_eq!(program("process.on('beforeExit', () => process.exit(7))").status, Some(7));
    let said = program("process.on('exit', () => { throw new Error('in the end') }); process.exit(4)");
    assert!(said.status == Some(4) && said.err.contains("in the end"), "{said:?}");
}

#[test]
fn listeners_hear_of_errors_that_nobody_caught() {
    let listen = "process.on('uncaughtException', (error, origin) => console.log(error.message, origin));";
    assert_eq!(out(&format!("{listen} setTimeout(() => {{ throw new Error('timer') }}); 1")), "1\ntimer uncaughtException\n");
    assert_eq!(out(&format!("{listen} process.nextTick(() => {{ throw new Error('tick') }}); 1")), "tick uncaughtException\n1\n");
    assert_eq!(out(&format!("{listen} queueMicrotask(() => {{ throw new Error('job') }}); 1")), "job uncaughtException\n1\n");
    assert_eq!(out(&format!("{listen} Promise.reject(new Error('promise')); 1")), "1\npromise unhandledRejection\n");
    assert!(out(&format!("{listen} Promise.reject(5); 1")).contains("nothing handles it: 5 unhandledRejection"));
    let rejected = "process.on('unhandledRejection', (reason, promise) => console.log(reason, promise instanceof Promise));";
    assert_eq!(out(&format!("{rejected} Promise.reject(5); 1")), "1\n5 true\n");
    // Without a listener, all as ever.
    let said = program("process.pid; setTimeout(() => { throw new Error('nobody') }); 1");
    assert!(said.status == Some(1) && said.err.contains("nobody"), "{said:?}");
    let said = program(
        "process.on('uncaughtException', () => { throw new Error('handler') }); setTimeout(() => { throw new Error('first') })",
    );
    assert!(said.status == Some(7) && said.err.contains("handler"), "{said:?}");
    // A handler that rejects each time again can be stopped.
    let storm = "process.on('unhandledRejection', reason => { Promise.reject(reason + 1) }); Promise.reject(1); setInterval(() => {}, 1000)";
    assert_eq!(run(&["--wall-timeout", "300ms", "eval", storm]).status, Some(124));
}

/// Tests and loggers put their own function in the place of the stream's: what the console prints goes there.
#[test]
fn the_console_writes_by_what_a_program_has_put_in_its_streams_place() {
    let code = "const { write } = process.stdout, { write: error } = process.stderr; const got = [];
        process.stdout.write = function (text) { got.push(text); return true };
        console.log('captured %d', 5); console.group('G'); console.log('a\\nb', { x: 1 }); console.groupEnd(); console.dir({ a: 1 }); console.count();
        process.stderr.write = (text) => { got.push('E:' + text) }; console.error('err'); console.assert(false, 'as');
        process.stdout.write = write; process.stderr.write = error; console.log(JSON.stringify(got));
        process.stdout.write = (text, ...rest) => write.call(process.stdout, '> ' + text, ...rest); console.log('prefixed'); process.stdout.write('too\\n');
        process.stdout.write = () => { throw new Error('no') }; console.log('swallowed');
        process.stdout.write = write; console.log(process.stdout.write === write); process.exitCode = 3";
    let captured =
        r#"["captured 5\n","G\n","  a\n  b { x: 1 }\n","{ a: 1 }\n","default: 1\n","E:err\n","E:Assertion failed: as\n"]"#;
    let said = run(&["-e", code]);
    assert_eq!((said.status, said.out, &*said.err), (Some(3), format!("{captured}\n> prefixed\n> too\ntrue\n"), ""));
}

/// As in Node.
#[test]
fn a_write_that_prints_fills_the_stack_and_the_program_learns_of_it() {
    let code = "process.stdout.write = (text) => { console.log('w', text); console.log('again') }; console.log(1)";
    let said = run(&["-e", code]);
    assert_eq!((said.status, &*said.out), (Some(1), ""), "{said:?}");
    assert!(said.err.contains("RangeError: Maximum call stack size exceeded"), "{said:?}");
}

/// As in Node, `..` is taken out of the text of a path first, and the path is looked up then.
#[cfg(unix)]
#[test]
fn a_path_on_the_command_line_is_made_plain_first() {
    let folder = Folder::new("plain-paths");
    folder.write("x.js", "console.log(require('path').basename(process.argv[1]), ...process.argv.slice(2))");
    folder.write("other/deep/y.js", "");
    std::os::unix::fs::symlink("other/deep", folder.0.join("link")).unwrap();
    for (word, name) in [
        ("./no/../x.js", "x.js"),
        ("no/../x", "x"),
        ("no/./deeper/../../x.js", "x.js"),
        ("x.js/", "x.js"),
        ("x.js/.", "x.js"),
        ("link/../x.js", "x.js"),
    ] {
        for args in [&[word, "a"] as &[&str], &["run", word, "a"]] {
            let said = run_in(&folder, args);
            assert_eq!((said.status, said.out), (Some(0), format!("{name} a\n")), "{args:?}: {}", said.err);
        }
        assert_eq!(run_in(&folder, &["-c", word]).status, Some(0), "{word}");
    }
    let said = run_in(&folder, &["no/../xx.js"]);
    assert!(said.status == Some(1) && said.err.contains("plain-paths") && !said.err.contains(".."), "{said:?}");
}
