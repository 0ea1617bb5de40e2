//! The command line as Node's: files, code, what a program sees of how it was started, and what is said of words that
//! are nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;

use crate::common::{Folder, PATIENCE, Running, run, run_in, run_with, terminal::Terminal};
use rustix::process::Signal;

/// What is printed by a run that has nothing to complain about.
#[track_caller]
fn out(args: &[&str]) -> String {
    let said = run(args);
    assert_eq!((said.status, &*said.err), (Some(0), ""), "{args:?}: {said:?}");
    said.out
}

/// The absolute path of the command.
fn program() -> String {
    fs::canonicalize(env!("CARGO_BIN_EXE_drupe")).unwrap().display().to_string()
}

#[test]
fn a_file_is_run_by_its_name_alone() {
    let folder = Folder::new("by-name");
    let file = folder.write("tool.ts", "enum E { A = 1 }\nconsole.log(E.A, JSON.stringify(process.argv.slice(1)))");
    let path = file.to_str().unwrap();
    let expected = format!("1 [\"{path}\",\"-A\",\"--\",\"x\"]\n");
    assert_eq!(out(&[path, "-A", "--", "x"]), expected);
    assert_eq!(out(&["--vm-timeout", "5s", path, "-A", "--", "x"]), expected);
    assert_eq!(out(&["--", path, "-A", "--", "x"]), expected);
    assert_eq!(out(&["run", path, "-A", "--", "x"]), expected);
    // As in Node, the ending may be left out, and a folder stands for its main file.
    let stem = &path[..path.len() - 3];
    assert_eq!(out(&[stem, "-A", "--", "x"]), expected.replace(path, stem));
    folder.write("index.js", "console.log(require.main === module, __filename)");
    let main = format!("true {}/index.js\n", folder.0.canonicalize().unwrap().display());
    assert_eq!(out(&[folder.0.to_str().unwrap()]), main);
    // A file that is called like a command is named as one.
    folder.write("run", "console.log('a file called run')");
    assert_eq!(run_in(&folder, &["--", "run"]).out, "a file called run\n");
    assert_eq!(run_in(&folder, &["./run"]).out, "a file called run\n");
}

#[test]
fn code_is_run_as_node_runs_it() {
    for (args, expected) in [
        (&["-e", "1 + 1"][..], ""),
        (&["-e", "console.log(1); 2"], "1\n"),
        (&["--eval", "const x: number = 3; console.log(x)"], "3\n"),
        (&["-p", "1 + 1"], "2\n"),
        (&["-p", "-1"], "-1\n"),
        (&["-pe", "'a string'"], "a string\n"),
        (&["-p", "-e", "['a']"], "[ 'a' ]\n"),
        (&["-p", "undefined"], "undefined\n"),
        (&["-p", "process.argv.slice(1).join()", "a", "-b"], "a,-b\n"),
        (&["-e", "console.log(process.argv.slice(1).join())", "--", "-x"], "-x\n"),
        (
            &["-p", "path.basename('/a/b') + os.EOL.length + typeof fs.readFileSync + typeof crypto.createHash"],
            "b1functionfunction\n",
        ),
        (&["-p", "typeof require + typeof module + typeof exports"], "functionobjectobject\n"),
        (&["-e", "const fs = 1; var path = 2; console.log(fs, path)"], "1 2\n"),
        (&["-e", "import { readFileSync } from 'node:fs'; console.log(typeof readFileSync, await 1)"], "function 1\n"),
        (&["eval", "process.argv.length + args.join()", "a", "b"], "'3a,b'\n"),
        (&["eval", "args.length", "--", "-x"], "1\n"),
    ] {
        assert_eq!(out(args), expected, "{args:?}");
    }
    assert_eq!(out(&["eval", "typeof fs"]), "'object'\n");
    let said = run(&["-e", "\n throw new Error('no')"]);
    assert_eq!(said.status, Some(1));
    assert!(said.err.contains("at [eval]:2:8"), "{said:?}");
    assert_eq!(run(&["-e", "process.exit(5)"]).status, Some(5));
    let said = run(&["-e"]);
    assert!(said.status == Some(2) && said.err.contains("takes code"), "{said:?}");
    // An empty standard input is code, too.
    assert_eq!(out(&["-p"]), "undefined\n");
}

/// From a pipe or a file. Where there is no code at all, as where a variable of a shell is empty, that is told.
#[test]
fn eval_without_code_takes_it_from_standard_input() {
    for (args, input, expected) in [
        (&["eval"] as &[&str], "const a: number = 1\na + 1\n", "2\n"),
        (&["eval", "-"], "[args.length, 2]", "[ 0, 2 ]\n"),
        (&["eval", "-", "a"], "args", "[ 'a' ]\n"),
        (&["eval", "-"], "", "undefined\n"),
        (&["eval", "--events", "json"], "1;\n2", "\"text\":\"2\""),
        (&["eval", ""], "3", "undefined\n"),
    ] {
        let said = run_with(args, input);
        assert!(said.status == Some(0) && said.err.is_empty() && said.out.contains(expected), "{args:?}: {said:?}");
    }
    for input in ["", " \n"] {
        let said = run_with(&["eval"], input);
        assert!(said.status == Some(2) && said.out.is_empty() && said.err.starts_with("drupe: eval takes code"), "{said:?}");
    }
    let Some(terminal) = Terminal::start_with("", "eval") else { return };
    terminal.wait_for("drupe: eval takes code");
    terminal.wait_for("left with 2");
}

#[test]
fn a_program_may_come_from_standard_input() {
    let code = "console.log(JSON.stringify(process.argv.slice(1)))\n";
    for args in [&["-", "a", "-b"][..], &["run", "-", "a", "-b"]] {
        let said = run_with(args, code);
        assert_eq!((said.status, &*said.out, &*said.err), (Some(0), "[\"-\",\"a\",\"-b\"]\n", ""));
    }
    assert_eq!(run_with(&["-"], "console.log(__filename, __dirname)").out, "[stdin] .\n");
    assert_eq!(run_with(&["run", "/dev/stdin"], "console.log(__filename, __dirname)").out, "/dev/stdin /dev\n");
    assert_eq!(run_with(&["eval", "-"], "1 +\n1\n").out, "2\n");
    assert_eq!(run_with(&["-e", "-"], "").status, Some(1), "a minus is code that cannot be compiled");
}

#[test]
fn programs_know_how_they_were_started() {
    let executable = program();
    assert_eq!(out(&["-p", "process.execPath"]), format!("{executable}\n"));
    assert_eq!(out(&["-p", "process.argv[0] === process.execPath && process.argv0"]), "drupe\n");
    assert_eq!(out(&["-p", "require('path').isAbsolute(process.argv[0])"]), "true\n");
    assert_eq!(
        out(&["--vm-timeout", "9s", "-p", "process.execArgv.join(' ')", "x"]),
        "--vm-timeout 9s -p process.execArgv.join(' ')\n"
    );
    let folder = Folder::new("started");
    let file = folder.write("main.mjs", "console.log(JSON.stringify(process.execArgv))");
    let path = file.to_str().unwrap();
    assert_eq!(out(&["--vm-timeout", "9s", path, "--x"]), "[\"--vm-timeout\",\"9s\"]\n");
    assert_eq!(out(&["run", "--vm-timeout=9s", path]), "[\"--vm-timeout=9s\"]\n");
    // Who may not read the program is told no more than its name.
    assert_eq!(out(&["--allow-read=/nowhere", "-p", "process.execPath"]), "drupe\n");
    // The program can start itself.
    let code = "console.log(child_process.execFileSync(process.execPath, ['-p', '6 * 7'], { encoding: 'utf8' }))";
    assert_eq!(out(&["-e", code]), "42\n\n");
    // The kernel is a process of some megabytes, and says so.
    let usage =
        "const { rss } = process.memoryUsage(); [rss > 8e6, rss < 2e9, rss % 1024, process.memoryUsage.rss() > 8e6].join()";
    assert_eq!(out(&["-p", usage]), "true,true,0,true\n");
    assert_eq!(out(&["-p", "Object.prototype.toString.call(globalThis)"]), "[object global]\n");
}

#[test]
fn parse_args_sees_the_arguments_of_the_program() {
    let folder = Folder::new("parse-args");
    let code = "import { parseArgs } from 'node:util';
        const options = { name: { type: 'string', short: 'n' } };
        console.log(JSON.stringify(parseArgs({ options, allowPositionals: true })))";
    let file = folder.write("args.mjs", code);
    let expected = "{\"values\":{\"name\":\"x\"},\"positionals\":[\"y\"]}\n";
    assert_eq!(out(&[file.to_str().unwrap(), "--name", "x", "--", "y"]), expected);
    assert_eq!(out(&["-e", code, "--", "-n", "x", "y"]), expected);
    assert_eq!(run_with(&["-", "-n", "x", "y"], code).out, expected);
    assert_eq!(out(&["eval", &format!("{code}; undefined"), "--", "-nx", "y"]), format!("{expected}undefined\n"));
}

#[test]
fn words_that_are_nothing_are_told_what_they_may_have_meant() {
    for (args, part) in [
        (&["--memory-limit", "256X", "eval", "1"][..], "256M"),
        (&["--env-file", "/no/such/.env", "eval", "1"], "/no/such/.env"),
        (&["--watch", "-e", "1"], "drupe --watch FILE"),
        (&["--watch"], "drupe --watch FILE"),
    ] {
        let said = run(args);
        assert!(said.status == Some(2) && said.err.contains(part) && said.out.is_empty(), "{args:?}: {said:?}");
    }
    assert_eq!(out(&["help", "--help"]), out(&["--help"]));
    assert_eq!(out(&["-v"]), out(&["--version"]));
    assert_eq!(out(&["--memory-limit", "256M", "eval", "1"]), "1\n");
}

/// As `node FILE` has it; `drupe run FILE` is a command whose argument is wrong.
#[test]
fn a_program_that_is_not_there_is_missed_as_in_node() {
    let folder = Folder::new("missing");
    folder.write("server.ts", "");
    folder.write("empty/readme.txt", "");
    let place = folder.0.canonicalize().unwrap();
    let missing = |name: &str| format!("Cannot find module '{}'", place.join(name).display());
    for (args, part) in [
        (&["no-such-file.ts"][..], missing("no-such-file.ts")),
        (&["./no/../no-such-file.ts", "--flag"], missing("no-such-file.ts")),
        (&["--check", "no-such-file.ts"], missing("no-such-file.ts")),
        (&["./empty"], missing("empty")),
        (&["empty/"], missing("empty")),
        (&["sevrer.ts"], missing("sevrer.ts") + "; did you mean 'server.ts'?"),
        (&["evl", "1"], "did you mean 'eval'?".to_owned()),
        (&["1+1"], "drupe -p '1+1'".to_owned()),
    ] {
        let said = run_in(&folder, args);
        assert!(said.status == Some(1) && said.err.contains(&part) && said.out.is_empty(), "{args:?}: {said:?}");
    }
    let said = run_in(&folder, &["run", "no-such-file.ts"]);
    assert!(said.status == Some(2) && said.err.contains("cannot read no-such-file.ts"), "{said:?}");
}

#[test]
fn files_of_variables_are_read_and_the_environment_wins() {
    let folder = Folder::new("env-file");
    let text = "# comment\nA_ONE=1\nexport B_TWO=\"two\\nlines\"\nHOME=/nowhere\nC=x # rest\nD='a\nb'\n";
    folder.write("one.env", text);
    folder.write("two.env", "A_ONE=second\n");
    let code =
        "JSON.stringify([process.env.A_ONE, process.env.B_TWO, process.env.HOME === '/nowhere', process.env.C, process.env.D])";
    let said = run_in(&folder, &["--env-file", "one.env", "--env-file=two.env", "-p", code]);
    assert_eq!(said.out, "[\"second\",\"two\\nlines\",false,\"x\",\"a\\nb\"]\n", "{said:?}");
    let code = "process.loadEnvFile('one.env'); [process.env.A_ONE, process.env.HOME === '/nowhere'].join()";
    assert_eq!(run_in(&folder, &["-p", code]).out, "1,false\n");
    // What is set needs no grant, and is seen by programs.
    let said = run_in(&folder, &["--env-file", "one.env", "--allow-env=C", "-p", "[process.env.C, process.env.A_ONE].join()"]);
    assert_eq!(said.out, "x,1\n", "{said:?}");
    let said = run_in(&folder, &["--env-file", "one.env", "-p", "child_process.execSync('echo $A_ONE', { encoding: 'utf8' })"]);
    assert_eq!(said.out, "1\n\n", "{said:?}");
    // One parser is in the command, the other in the kernel: both are Node's.
    for text in [
        text,
        "A",
        "=x\nB=1",
        "A=\"open\nB='c",
        "A = 1 \n\n B=`x#y` z",
        "export A=1\nexport=2",
        "A=1#2\nA=\"#\"",
        "A=\"\\n\\t\"\r\nB=2\r\n",
    ] {
        let text = text.replace("HOME", "E");
        fs::write(folder.0.join("both.env"), &text).unwrap();
        let code = "const parsed = util.parseEnv(fs.readFileSync('both.env', 'utf8')); JSON.stringify(Object.keys(parsed).filter(k => parsed[k] !== process.env[k]))";
        let said = run_in(&folder, &["--env-file=both.env", "-p", code]);
        assert_eq!(said.out, "[]\n", "{text:?}: {said:?}");
    }
}

/// Waits for a line, past others.
fn until(running: &mut Running, wanted: &str) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while running.line() != wanted {
        assert!(std::time::Instant::now() < deadline, "no {wanted:?}");
    }
}

#[test]
fn a_watched_program_runs_again_when_its_folder_was_replaced() {
    let folder = Folder::new("watch-folder");
    let out = folder.0.join("dist");
    let write = |text: &str| {
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("main.js"), format!("console.log('{text}')")).unwrap();
    };
    write("one");
    let mut running = Running::start(&["--watch", out.join("main.js").to_str().unwrap()]);
    until(&mut running, "one");
    for text in ["two", "three"] {
        fs::remove_dir_all(&out).unwrap();
        write(text);
        until(&mut running, text);
    }
    running.signal(Signal::INT);
    let said = running.finish();
    assert_eq!(said.status, Some(130), "{said:?}");
}

#[test]
fn a_watched_program_runs_again_when_a_module_changes() {
    let folder = Folder::new("watch");
    folder.write("part.ts", "export const part: string = 'one';");
    let file =
        folder.write("main.ts", "import { part } from './part.ts'; console.log('part', part); setInterval(() => {}, 1000)");
    let mut running = Running::start(&["--watch", file.to_str().unwrap()]);
    until(&mut running, "part one");
    // While it runs; by an editor that puts a new file in the place of the old; and after a mistake.
    folder.write("part.ts", "export const part: string = 'two';");
    until(&mut running, "part two");
    let new = folder.write("part.ts.new", "export const part: string = 'three';");
    fs::rename(new, folder.0.join("part.ts")).unwrap();
    until(&mut running, "part three");
    folder.write("main.ts", "console.log('broken'; ");
    folder.write("main.ts", "console.log('mended')");
    until(&mut running, "mended");
    folder.write("main.ts", "console.log('at rest')");
    until(&mut running, "at rest");
    running.signal(Signal::INT);
    let said = running.finish();
    assert_eq!(said.status, Some(130), "{said:?}");
    assert!(said.err.contains("has changed; restarting"), "{said:?}");
}

/// As in Node, it is told before it is run again, and may put things in order.
#[test]
fn a_watched_program_that_listens_cleans_up_before_it_runs_again() {
    let folder = Folder::new("watch-cleans");
    let code =
        "process.on('SIGTERM', () => { console.log('told'); setTimeout(() => { console.log('clean'); process.exit(0) }, 50) });
        process.on('exit', (code) => console.log('exit', code)); setInterval(() => {}, 1000);";
    let file = folder.write("main.mjs", &format!("{code} console.log('one')"));
    let mut running = Running::start(&["--watch", file.to_str().unwrap()]);
    until(&mut running, "one");
    folder.write("main.mjs", "console.log('two')");
    until(&mut running, "two");
    running.signal(Signal::INT);
    let said = running.finish();
    assert_eq!(&*said.out, "one\ntold\nclean\nexit 0\ntwo\n", "{said:?}");
}

/// Also while a program that was told takes its time.
#[test]
fn watching_ends_when_it_is_told_to_while_a_program_cleans_up() {
    let folder = Folder::new("watch-told");
    let code = "process.on('SIGTERM', () => console.log('told')); setInterval(() => {}, 1000);";
    let file = folder.write("main.mjs", &format!("{code} console.log('one')"));
    let mut running = Running::start(&["--watch", file.to_str().unwrap()]);
    until(&mut running, "one");
    folder.write("main.mjs", "console.log('two')");
    until(&mut running, "told");
    running.signal(Signal::TERM);
    let said = running.finish();
    assert_eq!((said.status, &*said.out), (Some(143), "one\ntold\ntold\n"), "{said:?}");
}

/// Also where the program listens to it, and ends as it likes; and where none runs.
#[test]
fn watching_ends_when_it_is_told_to() {
    let folder = Folder::new("watch-ends");
    let hears = "process.on('SIGTERM', () => { console.log('heard'); process.exit(0) }); setInterval(() => {}, 1000); console.log('here')";
    for (code, heard) in [(hears, "here\nheard\n"), ("setInterval(() => {}, 1000); console.log('here')", "here\n")] {
        let file = folder.write("main.mjs", code);
        let mut running = Running::start(&["--watch", file.to_str().unwrap()]);
        until(&mut running, "here");
        running.signal(Signal::TERM);
        let said = running.finish();
        assert_eq!((said.status, &*said.out), (Some(143), heard), "{said:?}");
    }
}

#[test]
fn a_printed_value_begins_where_the_program_left_off() {
    for (code, expected) in [
        ("process.stdout.write('x')", "xtrue\n"),
        ("process.stdout.write('x\\n'); 1", "x\n1\n"),
        ("process.stdout.write(Buffer.from('x')); 'text'", "xtext\n"),
    ] {
        let said = run(&["-p", code]);
        assert_eq!((said.status, &*said.out), (Some(0), expected), "{code}: {said:?}");
    }
}

/// As Node's: code of `-p` is a script. `eval` reads an object, as the prompt does.
#[test]
fn a_brace_opens_a_block_with_p_and_an_object_with_eval() {
    for (code, printed, evaluated) in [
        ("{a:1}", "1\n", "{ a: 1 }\n"),
        ("{}", "undefined\n", "{}\n"),
        ("{a:1};", "1\n", "1\n"),
        ("({a:1})", "{ a: 1 }\n", "{ a: 1 }\n"),
    ] {
        assert_eq!(run_with(&["-p", code], "").out, printed, "{code}");
        assert_eq!(run_with(&["eval", code], "").out, evaluated, "{code}");
    }
    let said = run_with(&["-p", "{a:1, b:2}"], "");
    assert!(said.status == Some(1) && said.err.contains("SyntaxError"), "{said:?}");
}

#[test]
fn the_global_args_is_of_run_and_eval_alone() {
    let folder = Folder::new("global-args");
    let code = "console.log(typeof args, 'args' in globalThis, process.argv.slice(-1)[0])";
    folder.write("a.cjs", code);
    for (args, out) in [
        (&["a.cjs", "x"][..], "undefined false x\n"),
        (&["-e", code, "x"], "undefined false x\n"),
        (&["-p", code, "x"], "undefined false x\nundefined\n"),
        (&["run", "a.cjs", "x"], "object true x\n"),
        (&["eval", code, "x"], "object true x\nundefined\n"),
    ] {
        let said = run_in(&folder, args);
        assert_eq!((said.status, &*said.out), (Some(0), out), "{args:?}: {said:?}");
    }
    assert_eq!(run_with(&["-", "x"], code).out, "undefined false x\n");
    assert_eq!(run_with(&["run", "-", "x"], code).out, "object true x\n");
}

#[test]
fn code_without_a_file_has_nodes_names() {
    let code = "console.log(module.id, import.meta.url.endsWith('/[eval1]'), import.meta.filename.endsWith('/[eval1]'))";
    for (said, id) in [
        (run_with(&["-", "x"], code), "[stdin]"),
        (run_with(&["-"], code), "[stdin]"),
        (run_with(&["-e", code], ""), "[eval]"),
        (run_with(&["-p"], code), "[stdin]"),
    ] {
        assert!(said.status == Some(0) && said.out.starts_with(&format!("{id} true true\n")), "{said:?}");
    }
    let said = run_with(&["repl"], "module.id + import.meta.url.endsWith('/chunk')\n");
    assert_eq!(said.out, "'<repl>true'\n");
}
