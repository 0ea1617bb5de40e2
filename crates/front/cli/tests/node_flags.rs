//! Flags that people know from Node.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, run_in, run_with};

#[test]
fn modules_are_loaded_before_the_program() {
    let folder = Folder::new("before");
    folder.write("one.cjs", "console.log('one', require.main === module, typeof __filename); globalThis.one = 1;");
    folder.write(
        "two.mjs",
        "console.log('two', globalThis.one); await new Promise((done) => setTimeout(done, 5)); console.log('two is there');",
    );
    folder.write("main.cjs", "console.log('main', process.argv.length)");
    let said = run_in(&folder, &["--import", "./two.mjs", "-r", "./one.cjs", "main.cjs", "a"]);
    assert_eq!((said.status, &*said.out), (Some(0), "one false string\ntwo 1\ntwo is there\nmain 3\n"), "{said:?}");
    let said = run_in(&folder, &["--require=fs", "-r", "./one.cjs", "-e", "console.log(2)"]);
    assert_eq!((said.status, &*said.out), (Some(0), "one false string\n2\n"), "{said:?}");
    for flag in ["-r", "--import"] {
        let said = run_in(&folder, &[flag, "./nowhere.js", "main.cjs"]);
        assert!(said.status == Some(1) && said.out.is_empty() && said.err.contains("nowhere.js"), "{said:?}");
    }
}

#[test]
fn code_from_a_pipe_is_checked_and_not_run() {
    for (args, code) in [
        (&["-c", "-"][..], "enum E { A } console.log(E.A as number)"),
        (&["-c"], "import './nowhere.js'; await 1; console.log(1)"),
        (&["--check"], "const a = <b>text</b>"),
        (&["-c", "/dev/stdin"], "console.log(<number>1)"),
    ] {
        let said = run_with(args, code);
        assert_eq!((said.status, &*said.out, &*said.err), (Some(0), "", ""), "{code}");
    }
    for (args, code, place) in [
        (&["-c", "-"][..], "1;\nlet x: = 2", "at [stdin]:2:8"),
        (&["-c"], "let a;\nlet a", "at [stdin]:2:5"),
        (&["-c"], "let x = ;", "at [stdin]:1:9"),
        (&["-c"], "import 'fs';\nlet x = ;", "at [stdin]:2:9"),
        (&["-c", "/dev/stdin"], "let x = ;", "at /dev/stdin:1:9"),
    ] {
        let said = run_with(args, code);
        assert!(said.status == Some(1) && said.out.is_empty() && said.err.contains(place), "{said:?}");
        assert!(said.err.contains("SyntaxError") && said.err.contains("2 | ") == place.contains(":2:"), "{said:?}");
        // A stream has no language, and nobody knows of the copy.
        assert!(!said.err.contains("drupe-check") && !said.err.contains("ERR_"), "{said:?}");
        let args = [&["--events", "json"], args].concat();
        let said = run_with(&args, code);
        let told = said.out.lines().find(|line| line.contains("\"exception\"")).unwrap_or_default();
        assert!(told.contains("\"SyntaxError\"") && !told.contains("drupe-check"), "{said:?}");
    }
    let said = run_with(&["-c", "-e", "1"], "");
    assert!(said.status == Some(2) && said.err.contains("--check takes a file"), "{said:?}");
}

#[test]
fn a_program_is_checked_and_not_run() {
    let folder = Folder::new("check");
    for (file, text) in [
        ("a.js", "console.log(1); return; await_ = 1"),
        ("b.mjs", "import './nowhere.js'; await 1; console.log(1)"),
        ("c.ts", "enum E { A } console.log(E.A as number)"),
        ("d.json", "{\"a\": 1}"),
        ("e.cjs", "#!/usr/bin/env node\nrequire('./nowhere')"),
    ] {
        folder.write(file, text);
        for flag in ["-c", "--check"] {
            let said = run_in(&folder, &[flag, file, "argument"]);
            assert_eq!((said.status, &*said.out, &*said.err), (Some(0), "", ""), "{file}");
        }
    }
    for (file, text, place) in [
        ("a.js", "console.log(1);\nlet x = ;", "a.js:2"),
        ("b.mjs", "await 1;\nlet a; let a;", "b.mjs:2"),
        ("b.mjs", "return", "b.mjs:1"),
        ("c.ts", "let a: number = 1;\nlet b: = 2", "c.ts:2"),
        ("d.json", "{", "d.json"),
        ("e.cjs", "\n/(/", "e.cjs:2"),
    ] {
        folder.write(file, text);
        let said = run_in(&folder, &["-c", file]);
        assert!(said.status == Some(1) && said.out.is_empty(), "{said:?}");
        assert!(said.err.contains("SyntaxError") && said.err.contains(place), "{file}: {}", said.err);
    }
    for (args, status) in [(&["-c", "-e", "1"][..], 2), (&["-c", "nowhere.js"], 1)] {
        assert_eq!(run_in(&folder, args).status, Some(status), "{args:?}");
    }
}

/// As in Node, which ends with the same status.
#[test]
fn what_comes_before_the_program_waits_for_nothing_that_cannot_come() {
    let folder = Folder::new("never");
    folder.write("never.mjs", "await new Promise(() => {})");
    folder.write("never.ts", "await new Promise(() => {})");
    folder.write("main.cjs", "console.log('main')");
    for (flag, file) in [("--import", "./never.mjs"), ("--preload", "never.ts")] {
        let said = run_in(&folder, &[flag, file, "main.cjs"]);
        assert_eq!((said.status, &*said.out), (Some(13), ""), "{flag}: {said:?}");
    }
}

#[test]
fn other_flags_mean_what_they_mean_in_node_or_are_explained() {
    let folder = Folder::new("flags");
    folder.write("main.cjs", "process.emitWarning('careful'); console.log(process.execArgv.join())");
    let said = run_in(&folder, &["--enable-source-maps", "main.cjs"]);
    assert_eq!((said.status, &*said.out), (Some(0), "--enable-source-maps\n"), "{said:?}");
    assert!(said.err.contains("Warning: careful"), "{said:?}");
    let said = run_in(&folder, &["--no-warnings", "main.cjs"]);
    assert_eq!((said.status, &*said.out, &*said.err), (Some(0), "--no-warnings\n", ""));
    folder.write("full.cjs", "const a = []; for (;;) a.push(new Array(1e5).fill(a.length))");
    for flag in ["--max-old-space-size=64", "--max_old_space_size=64"] {
        let said = run_in(&folder, &[flag, "full.cjs"]);
        assert!(said.status == Some(137) && said.err.contains("memory limit of 64 MiB"), "{said:?}");
    }
    for (flag, words) in [("--harmony-x", "means nothing here"), ("--inspect", "no debugger"), ("--test", "no test runner")] {
        let said = run_in(&folder, &[flag, "main.cjs"]);
        assert!(said.status == Some(2) && said.err.contains(words), "{said:?}");
    }
    let said = run_in(&folder, &["--env-file-if-exists=nowhere.env", "-p", "1"]);
    assert_eq!((said.status, &*said.out), (Some(0), "1\n"), "{said:?}");
    folder.write("some.env", "A=1");
    let said = run_in(&folder, &["--env-file-if-exists=some.env", "-p", "process.env.A"]);
    assert_eq!((said.status, &*said.out), (Some(0), "1\n"), "{said:?}");
}

#[test]
fn warnings_are_told_as_the_flags_say() {
    let folder = Folder::new("warning-flags");
    folder.write(
        "w.cjs",
        "process.on('uncaughtException', (error) => console.log('threw', error.code));
        process.emitWarning('old', 'DeprecationWarning', 'DEP9'); process.emitWarning('plain');",
    );
    for (flag, threw, old, plain) in [
        ("--no-warnings", false, [false; 2], [false; 2]),
        ("--no-deprecation", false, [false; 2], [true, false]),
        ("--throw-deprecation", true, [false; 2], [true, false]),
        ("--trace-deprecation", false, [true; 2], [true, false]),
        ("--trace-warnings", false, [true; 2], [true; 2]),
    ] {
        let said = run_in(&folder, &[flag, "w.cjs"]);
        assert_eq!((said.status, &*said.out), (Some(0), if threw { "threw DEP9\n" } else { "" }), "{flag}: {said:?}");
        let of_old = [said.err.contains("[DEP9] DeprecationWarning: old"), said.err.contains("w.cjs:2:17")];
        let of_plain = [said.err.contains("Warning: plain"), said.err.contains("w.cjs:2:75")];
        assert_eq!((of_old, of_plain), (old, plain), "{flag}: {said:?}");
    }
}

#[test]
fn code_that_is_no_file_may_be_a_module() {
    let folder = Folder::new("input-type");
    folder.write("side.mjs", "console.log('side'); export const a = 1; export const unused = 2");
    let url = format!("file://{}/[eval1]", folder.0.canonicalize().unwrap().display()).replace(' ', "%20");
    let module = ["--input-type=module", "-e"];
    let evaluated = |code: &str| run_in(&folder, &[&module[..], &[code, "x", "-y"]].concat());
    for (code, out) in [
        (
            "console.log(typeof require, typeof module, this, import.meta.url, process.argv.slice(1).join())",
            &*format!("undefined undefined undefined {url} x,-y\n"),
        ),
        ("import { a } from './side.mjs'; var b = a; console.log(b, globalThis.b, await 3)", "side\n1 undefined 3\n"),
        // As in JavaScript, and not as in TypeScript.
        ("import { unused } from './side.mjs'", "side\n"),
        ("const x: number = 1; enum E { A = 2 } console.log(x, E.A, <string>'s')", "1 2 s\n"),
        ("(function () { console.log(this) })()", "undefined\n"),
        ("console.log(import.meta.main, import.meta.dirname === process.cwd(), typeof fs.readFileSync)", "true true function\n"),
    ] {
        let said = evaluated(code);
        assert_eq!((said.status, &*said.out), (Some(0), out), "{code}: {said:?}");
    }
    for (code, words) in [
        ("require('fs')", "require is not defined in ES module scope, you can use import instead"),
        ("1;\nlet x: = 2", "[eval1]:2:8"),
        ("1;\nthrow new Error('thrown')", "[eval1]:2:7"),
        ("import './nowhere.mjs'", "[eval1]:1:8"),
        ("await new Promise(() => {}", "Unexpected end of input"),
    ] {
        let said = evaluated(code);
        assert!(said.status == Some(1) && said.err.contains(words), "{code}: {said:?}");
    }
    assert_eq!(evaluated("process.exitCode = 3").status, Some(3));
    assert_eq!(evaluated("await new Promise(() => {})").status, Some(13));
    let said = run_in(&folder, &["--input-type=commonjs", "-p", "typeof require"]);
    assert_eq!((said.status, &*said.out), (Some(0), "function\n"), "{said:?}");
    for args in [&["--input-type=module"][..], &["--input-type=module", "-"], &["run", "--input-type", "module", "-"]] {
        let said = run_with(args, "console.log(typeof require, import.meta.filename.endsWith('/[eval1]'))");
        assert_eq!((said.status, &*said.out), (Some(0), "undefined true\n"), "{said:?}");
    }
    for (args, words) in [
        (&["--input-type=module", "-p", "1"][..], "-p prints a value, and a module has none"),
        (&["--input-type=module", "side.mjs"], "a file is a module by its name"),
        (&["eval", "--input-type=module", "1"], "--input-type is for code of -e"),
        (&["--input-type=cjs", "-e", "1"], "possible values: module, commonjs"),
    ] {
        let said = run_in(&folder, args);
        assert!(said.status == Some(2) && said.err.contains(words), "{said:?}");
    }
}

/// A file that is a stream, such as `/dev/stdin`, is the main module; code of `-` is none, as in Node.
#[test]
fn a_program_from_a_stream_is_the_main_module() {
    let code = "console.log(require.main === module, module.id, module.filename, module.paths[0])";
    let said = run_with(&["/dev/stdin"], code);
    assert_eq!((said.status, &*said.out), (Some(0), "true . /dev/stdin /dev/node_modules\n"), "{said:?}");
    let said = run_with(&["-"], "console.log(require.main, module.id)");
    assert_eq!((said.status, &*said.out), (Some(0), "undefined [stdin]\n"), "{said:?}");
    let said = run_with(&["repl"], "require.main\nmodule.id\n");
    assert_eq!((said.status, &*said.out), (Some(0), "undefined\n'<repl>'\n"), "{said:?}");
    let folder = Folder::new("main-of-module");
    folder.write("m.mjs", "import { createRequire } from 'node:module'; console.log(createRequire(import.meta.url).main)");
    assert_eq!(run_in(&folder, &["m.mjs"]).out, "undefined\n");
}
