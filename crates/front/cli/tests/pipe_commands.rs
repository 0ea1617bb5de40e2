//! Commands that come by a pipe, and chunks in frames.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common;
use crate::common::{Folder, Running, run_with};
use serde_json::{Value, json};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn help_is_printed() {
    let said = run_with(&["repl"], ".help\n.help load\n1\n");
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    assert!(
        said.out.contains(".globals")
            && said.out.contains(".load FILE\n  run a file as one chunk")
            && said.out.ends_with("\n1\n"),
        "{}",
        said.out
    );
}

#[test]
fn a_file_is_loaded_and_chunks_are_saved() {
    let folder = Folder::new("pipe");
    let file = folder.write("a.ts", "const a: number = 1;\nlet b = a +\n  1\nconsole.log('loaded')\n");
    let saved = folder.0.join("saved.ts");
    let said = run_with(&["repl"], &format!(".load {}\na + b\n.save {}\n", file.display(), saved.display()));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    assert_eq!(said.out, format!("loaded\nundefined\n3\nwrote 2 chunks to {}\n", saved.display()));
    assert_eq!(
        std::fs::read_to_string(saved).unwrap(),
        "const a: number = 1;\nlet b = a +\n  1\nconsole.log('loaded')\n// %%\na + b\n"
    );
    let said = run_with(&["repl"], ".load /no/such/file\n2\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "2\n"));
    assert!(said.err.contains("cannot read /no/such/file: No such file"), "{}", said.err);
}

/// Also where that is not the working folder.
#[test]
fn what_a_loaded_file_imports_is_beside_it() {
    let folder = Folder::new("beside");
    folder.write("lib.ts", "export const beside: number = 5");
    let file = folder.write(
        "a.ts",
        "import { beside } from './lib.ts'\nconst later = (await import('./lib.ts')).beside + 1;\n[beside, later]",
    );
    let said = run_with(&["repl"], &format!(".load {}\nbeside\n", file.display()));
    assert_eq!((said.out.as_str(), said.err.as_str()), ("[ 5, 6 ]\n5\n", ""));
}

#[test]
fn a_loaded_file_knows_its_place() {
    let folder = Folder::new("place");
    folder.write("own.cjs", "module.exports = 7");
    let text =
        "const where = () => [import.meta.filename, import.meta.dirname, import.meta.url, import.meta.resolve('./own.cjs')];
const own = () => [require('./own.cjs'), require.resolve('./own.cjs'), import.meta === import.meta];";
    let file = folder.write("a b\u{e9}.ts", text);
    let path = file.canonicalize().unwrap().display().to_string();
    let root = folder.0.canonicalize().unwrap().display().to_string();
    let beside = format!("file://{}", root.replace(' ', "%20"));
    let expected =
        [format!("[{path:?},{root:?},\"{beside}/a%20b%C3%A9.ts\",\"{beside}/own.cjs\"]"), format!("[7,\"{root}/own.cjs\",true]")];
    let tells = |out: &str| expected.iter().all(|line| out.lines().any(|told| told == line));
    let shown = "console.log(JSON.stringify(where()));console.log(JSON.stringify(own()))\n";
    let said =
        run_with(&["repl"], &format!(".load {}\n{shown}typeof import.meta.filename\nrequire('./own.cjs')\n", file.display()));
    assert!(tells(&said.out), "{}\n{}", said.out, said.err);
    // What is typed is where it was.
    assert!(
        said.out.ends_with("'string'\n") && said.err.contains("Cannot find module './own.cjs'"),
        "{}\n{}",
        said.out,
        said.err
    );
    let said = run_with(&["eval", "--preload", &path, shown.trim_end()], "");
    assert!(tells(&said.out), "{}\n{}", said.out, said.err);
    // Percent signs are characters of a path like others.
    let beneath = folder.0.join("a%20b");
    std::fs::create_dir(&beneath).unwrap();
    let (root, url) = (beneath.canonicalize().unwrap().display().to_string(), format!("{beside}/a%2520b"));
    folder.write("a%20b/own.cjs", "module.exports = 7");
    folder.write("a%20b/own.mjs", "export default 8");
    let file = folder.write("a%20b/100%41 %.ts", &format!("{text}\nconst other = () => import('./own.mjs');"));
    let shown = format!("{shown}console.log((await other()).default)\n");
    let said = run_with(&["repl"], &format!(".load {}\n{shown}", file.display()));
    let path = format!("{root}/100%41 %.ts");
    let expected = [
        format!("[{path:?},{root:?},\"{url}/100%2541%20%25.ts\",\"{url}/own.cjs\"]"),
        format!("[7,\"{root}/own.cjs\",true]"),
        "8".to_owned(),
    ];
    let tells = |out: &str| expected.iter().all(|line| out.lines().any(|told| told == line));
    assert!(tells(&said.out), "{}\n{}", said.out, said.err);
}

#[test]
fn text_of_the_editor_is_one_chunk() {
    let text = "function f() { return 1 }\n\n\n{}\n[f(), 2]\n";
    for end in [".end\n'after'\n", "\u{4}\n'after'\n"] {
        let said = run_with(&["repl"], &format!(".editor\n{text}{end}"));
        assert_eq!((said.status, said.out.as_str(), said.err.as_str()), (Some(0), "[ 1, 2 ]\n'after'\n", ""), "{end:?}");
    }
    assert_eq!(run_with(&["repl"], &format!(".editor\n{text}")).out, "[ 1, 2 ]\n");
    assert_eq!(run_with(&["repl"], &format!(".editor\n{text}.break\n'after'\n")).out, "'after'\n");
}

#[test]
fn commands_see_and_change_the_session() {
    let said = run_with(
        &["repl"],
        "let count: number = 1; function add(a: number, b = 2) { return a + b }\n.globals\n.type add\n.reset\ntypeof count\n.timeout 5s\n.exit\n3\n",
    );
    assert_eq!(said.status, Some(0));
    for text in ["let count", "function add(a: number, b = 2)\n", "'undefined'\n", "timeout vm off, wall 5s\n"] {
        assert!(said.out.contains(text), "{text}: {}", said.out);
    }
    assert!(!said.out.ends_with("3\n"), "it has left: {}", said.out);
    assert_eq!(said.err, "state lost: the session was reset\n");
}

#[test]
fn mistakes_are_told_and_count() {
    let said = run_with(&["repl"], ".hlep\n.clear\n.replay\n1\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "1\n"));
    for text in ["no command .hlep; did you mean .help?", ".clear is for a terminal", "nothing to replay"] {
        assert!(said.err.contains(text), "{text}: {}", said.err);
    }
}

/// A dot within a chunk continues it.
#[test]
fn a_member_on_a_line_of_its_own_is_no_command() {
    assert_eq!(run_with(&["repl"], "[\n1].concat(\n2)\n[1, 2\n]\n.5\n").out, "[ 1, 2 ]\n[ 1, 2 ]\n0.5\n");
}

#[test]
fn more_pages_through_what_a_result_left_out() {
    let said = run_with(&["repl"], "Array.from({ length: 250 }, (_, i) => i)\n.more\n.more\n.more\n");
    assert!(said.out.contains("... 150 more items\n]\n100 to 199 of 250\n[\n  100, 101"), "{}", said.out);
    assert!(said.out.contains("... 50 more items\n]\n200 to 249 of 250\n[\n  200, 201"), "{}", said.out);
    assert_eq!((said.status, said.err.as_str()), (Some(1), "there is no more\n"));
}

#[test]
fn more_goes_on_in_a_long_string() {
    let said = run_with(&["repl"], "'ab'.repeat(6000) + 'é'\n.more\n.more\n");
    assert!(
        said.out.contains("... 2001 more characters\ncharacters 10000 to 12000 of 12001\n'abab"),
        "{}",
        &said.out[said.out.len() - 2100..]
    );
    assert!(said.out.ends_with("abé'\n") && said.err == "there is no more\n", "{}", said.err);
}

#[test]
fn more_finds_what_is_left_out_inside() {
    let code = "({ a: { list: Array.from({ length: 101 }, (_, i) => 'i' + i) }, m: new Map(Array.from({ length: 102 }, (_, i) => [i, { i }])), deep: { b: { c: { d: { e: 1 } } } } })";
    let said = run_with(&["repl"], &format!("{code}\n.more\n.more\n.more\n"));
    let pages = said.out.split_once("\n}\n").unwrap().1;
    assert!(pages.starts_with(".a.list: 100 of 101\n[ 'i100' ]\n"), "{pages}");
    assert!(pages.contains(".m: 100 to 101 of 102\nMap(102) { 100 => { i: 100 }, 101 => { i: 101 } }\n"), "{pages}");
    assert!(pages.ends_with(".deep.b.c\n{ d: { e: 1 } }\n"), "{pages}");
    assert_eq!(said.status, Some(0), "{}", said.err);
}

/// A pipe may do no more than its chunks may.
#[test]
fn commands_of_a_pipe_are_bound_by_the_permissions() {
    let folder = Folder::new("bound");
    let file = folder.write("a.js", "console.log('loaded')");
    let input = format!(".allow read\n.load {0}\n.save {0}\n!touch {0}.new\n.allow\n", file.display());
    let said = run_with(&["repl", "--deny"], &input);
    assert_eq!(said.status, Some(1));
    assert!(said.out.contains("read    nothing\n"), "{}", said.out);
    for text in ["use the flags", "cannot read", "--allow-read=", "cannot write", "--allow-write=", "--allow-run="] {
        assert!(said.err.contains(text), "{text}: {}", said.err);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "console.log('loaded')");
    assert!(!folder.0.join("a.js.new").exists());
}

#[test]
fn programs_of_the_shell_are_run() {
    let said = run_with(&["repl"], "!echo hi | tr h H\n!sh -c 'exit 3'\nconst ls = false\n!ls\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "Hi\nundefined\ntrue\n"), "{}", said.err);
    assert_eq!(said.err, "exit status: 3\n");
}

#[test]
fn a_program_alone_needs_the_permission_for_itself() {
    let said = run_with(&["repl", "--allow-run=echo"], "!echo 'a  b'\n!echo a | cat\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "a  b\n"), "{}", said.err);
    assert!(said.err.contains("--allow-run="), "{}", said.err);
}

#[test]
fn the_working_folder_is_changed() {
    let folder = Folder::new("cd");
    folder.write("here.js", "1");
    let path = folder.0.canonicalize().unwrap();
    let said = run_with(
        &["repl"],
        &format!(
            ".cd {}\nprocess.cwd()\n.load here.js\n.reset\nrequire('fs').existsSync('here.js')\n.cd /no/such\n",
            folder.0.display()
        ),
    );
    let shown = path.display();
    assert_eq!(said.out, format!("{shown}\n'{shown}'\n1\ntrue\n"), "{}", said.err);
    assert_eq!(said.status, Some(1));
    assert!(said.err.contains("no such file or directory"), "{}", said.err);
}

#[test]
fn chunks_import_from_the_new_working_folder() {
    let folder = Folder::new("moved");
    for name in ["one", "two"] {
        std::fs::create_dir(folder.0.join(name)).unwrap();
        folder.write(&format!("{name}/m.cjs"), &format!("module.exports = {{ name: '{name}' }}"));
    }
    let root = folder.0.canonicalize().unwrap().display().to_string();
    let chunks = "require('./m.cjs').name\n(await import('./m.cjs')).default.name\nimport moved from './m.cjs'; moved.name\nimport.meta.dirname\n";
    let said = run_with(&["repl"], &format!(".cd {root}/one\n{chunks}process.chdir('../two')\n{chunks}"));
    let each = |name: &str| format!("'{name}'\n'{name}'\n'{name}'\n'{root}/{name}'\n");
    assert!(said.out.contains(&each("one")) && said.out.contains(&each("two")), "{}\n{}", said.out, said.err);
    assert_eq!(said.err, "");
}

#[test]
fn words_of_other_programs_say_what_to_type() {
    let said = run_with(&["repl"], "exit\nquit()\nhelp\nlet help = 1\nhelp\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "undefined\n1\n"));
    assert!(said.err.contains(".exit leaves") && said.err.contains(".help lists the commands"), "{}", said.err);
}

#[test]
fn built_in_modules_have_their_names_until_somebody_takes_them() {
    let said = run_with(
        &["repl"],
        "path.join('a', 'b')\ntypeof fs.readFileSync\ntypeof crypto.createHash\ncrypto.getRandomValues(new Uint8Array(2)).length\n.globals\nconst os = 1; var util = 2; function url() { return 3 }\n[os, util, url()]\nfs = 4\nfs\nimport path from './no-such.js'\ntypeof path.join\n",
    );
    assert_eq!(
        said.out, "'a/b'\n'function'\n'function'\n2\nnothing was declared yet\nundefined\n[ 1, 2, 3 ]\n4\n4\n'function'\n",
        "{}",
        said.err
    );
    assert_eq!(run_with(&["eval", "os.EOL"], "").out, "'\\n'\n");
    // Programs have only what they require.
    let folder = Folder::new("names");
    let file = folder.write("a.mjs", "console.log(typeof fs, typeof path)");
    assert_eq!(run_with(&["run", &file.display().to_string()], "").out, "undefined undefined\n");
}

#[test]
fn specifiers_of_other_runtimes_say_what_to_write() {
    for (code, words) in [
        ("import 'npm:lodash@4/fp'", "npm i lodash, then import \"lodash/fp\""),
        ("await import('jsr:@std/path@1')", "npx jsr add @std/path, then import \"@std/path\""),
        ("require('npm:@scope/name@1.2.3')", "npm i @scope/name, then import \"@scope/name\""),
        ("import test from 'bun:test'", "Modules of other runtimes are not here"),
    ] {
        let said = run_with(&["eval", code], "");
        assert!(said.status == Some(1) && said.err.contains(words), "{code}: {}", said.err);
    }
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

#[test]
fn files_are_preloaded_everywhere() {
    let folder = Folder::new("preload");
    let one = folder.write("one.ts", "const one: number = 1; console.log('one')").display().to_string();
    let two = folder.write("two.js", "globalThis.two = one + 1").display().to_string();
    let program = folder.write("program.mjs", "console.log(two)").display().to_string();
    let flags = ["--preload", &*one, "--preload", &*two];
    assert_eq!(run_with(&[&["eval"], &flags[..], &["one + two"]].concat(), "").out, "one\n3\n");
    assert_eq!(run_with(&[&["run"], &flags[..], &[&*program]].concat(), "").out, "one\n2\n");
    assert_eq!(run_with(&[&["repl"], &flags[..]].concat(), "two\n.reset\ntwo\n").out, "one\n2\none\n2\n");
    let bad = folder.write("bad.ts", "nothing.at.all").display().to_string();
    for command in
        [&["eval", "--preload", &*bad, "1"][..], &["repl", "--preload", &*bad], &["run", "--preload", &*bad, &*program]]
    {
        let said = run_with(command, "1\n");
        assert_eq!((said.status, said.out.as_str()), (Some(1), ""), "{command:?}");
        assert!(said.err.contains("nothing is not defined") && said.err.contains("bad.ts:1:1"), "{}", said.err);
    }
    let said = run_with(&["eval", "--preload", "/no/such.ts", "1"], "");
    assert!(said.status == Some(1) && said.err.contains("cannot read /no/such.ts"), "{}", said.err);
}

#[test]
fn doctor_tells_programs() {
    let said = run_with(&["doctor", "--events", "json"], "");
    let told = lines(&said.out);
    assert_eq!((said.status, told.len()), (Some(0), 1));
    assert_eq!((&told[0]["type"], &told[0]["works"]), (&json!("doctor"), &json!(true)));
    assert!(told[0]["layers"].as_array().is_some_and(|layers| !layers.is_empty()), "{}", said.out);
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

/// Of a module of JavaScript a name must be there, whether or not the chunk uses it: no type can have it.
#[test]
fn a_misspelt_import_is_an_error_in_the_chunk_that_has_it() {
    let folder = Folder::new("misspelt");
    let module = folder.write("m.mjs", "export const a = 1").display().to_string();
    let types = folder.write("t.ts", "export interface T { a: 1 } export const b = 2").display().to_string();
    let cts = folder.write("u.cts", "export interface U { a: 1 } export const c = 3").display().to_string();
    for (code, name) in [
        ("import { readFil } from 'node:fs'".to_owned(), "readFil"),
        ("import fs, { readFil as read } from 'fs'".to_owned(), "readFil"),
        (format!("import dflt from '{module}'"), "default"),
        (format!("import {{ b as c }} from '{module}'"), "b"),
        (format!("import {{ V }} from '{cts}'; 5"), "V"),
    ] {
        let said = run_with(&["eval", "--allow-all", &code], "");
        assert_eq!(said.status, Some(1), "{code}: {}{}", said.out, said.err);
        assert!(said.err.contains(&format!("does not provide an export named '{name}'")), "{code}: {}", said.err);
    }
    for code in [
        "import { PathLike, readFileSync } from 'node:fs'; const path: PathLike = ''; 5".to_owned(),
        format!("import {{ A }} from '{module}'; let x: A = 5; x"),
        format!("import {{ T, b }} from '{types}'; 5"),
        format!("import {{ U }} from '{cts}'; 5"),
        format!("import {{ a }} from '{module}'; 5"),
    ] {
        let said = run_with(&["eval", "--allow-all", &code], "");
        assert_eq!((said.status, said.out.as_str()), (Some(0), "5\n"), "{code}: {}", said.err);
    }
}

/// A tag of HTML may be the name of a type.
#[test]
fn casts_to_types_that_are_named_as_elements_end_with_their_line() {
    let said = run_with(
        &["repl"],
        "type p = number\nconst y = <p>5\ny\nconst z = <b>(y + 1);\nlet a = <i>y; a\ntype q = number; z + <q>y\nconsole.log('after')\n",
    );
    assert_eq!(
        (said.status, said.out.as_str()),
        (Some(0), "undefined\nundefined\n5\nundefined\n5\n11\nafter\nundefined\n"),
        "{}",
        said.err
    );
    let said = run_with(&["eval", "const y = 5; const z = <b>y\nz"], "");
    assert_eq!(said.out, "5\n", "{}", said.err);
}

/// Also of what a command runs.
#[test]
fn a_command_ends_the_input_as_its_run_does() {
    let folder = Folder::new("left");
    let file = folder.write("a.js", "process.exit(3)");
    let said = run_with(&["repl"], &format!(".load {}\n'after'\n", file.display()));
    assert_eq!((said.status, said.out.as_str()), (Some(3), ""), "{}", said.err);
    let begun = folder.0.join("begun");
    let file = folder.write("loop.js", "console.log('begun'); for (;;);").display().to_string();
    for (setup, command) in [
        ("", format!(".load {file}")),
        ("", format!("!sh -c 'echo > \"{}\"; exec sleep 100'", begun.display())),
        ("setTimeout(() => { console.log('begun'); for (;;); }, 0); 1\n", ".globals".to_owned()),
    ] {
        let mut running = Running::start(&["repl"]);
        running.type_in(setup);
        if !setup.is_empty() {
            while running.line() != "begun" {}
        }
        running.type_in(&format!("{command}\n'after'\n"));
        if command.starts_with('!') {
            common::eventually("the program", || begun.exists().then_some(()));
        } else if setup.is_empty() {
            assert_eq!(running.line(), "begun");
        }
        // What stops a question to the kernel may be pressed before it is asked.
        while running.is_running() {
            running.signal(rustix::process::Signal::INT);
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let said = running.finish();
        assert_eq!((said.status, said.out.contains("after")), (Some(130), false), "{command}: {said:?}");
    }
}

/// What code may not do, a command of a pipe may not do, whatever is in the way.
// threat D4
#[test]
fn files_of_commands_are_opened_as_code_opens_them() {
    let folder = Folder::new("opened");
    let inside = folder.0.join("in");
    std::fs::create_dir_all(&inside).unwrap();
    let outside = folder.0.join("outside.ts");
    std::os::unix::fs::symlink(&outside, inside.join("link.ts")).unwrap();
    let input = format!(
        "let a = 1\n.save {0}/link.ts\n.save {0}/saved.ts\n.load {0}/saved.ts\n.load /proc/self/environ\n",
        inside.display()
    );
    let allow = |kind: &str| format!("--allow-{kind}={}", inside.display());
    let said = run_with(&["repl", &allow("read"), &allow("write")], &input);
    assert!(!outside.exists(), "it was written: {said:?}");
    assert!(said.err.contains("link.ts: ") && said.err.contains("cannot read /proc/self/environ: "), "{}", said.err);
    assert!(said.out.contains("wrote 1 chunks to") && !said.out.contains("PATH="), "{}", said.out);
    // Pipes and devices are no files of code.
    let said = run_with(&["repl"], ".load /dev/zero\n1\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "1\n"));
    assert!(said.err.contains("no plain file"), "{}", said.err);
}

#[test]
fn more_of_a_string_is_of_that_string_and_runs_no_code() {
    let input = "const _ = 1\nObject.defineProperty(globalThis, 'q', { get() { console.log('run') } }); 'ab'.repeat(6000)\n.more\n({ text: 'xy'.repeat(8000) })\n.more\n";
    let said = run_with(&["repl"], input);
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("characters 10000 to 11999 of 12000\n'abab"), "{}", said.out);
    assert!(said.out.contains(".text: characters 10000 to 15999 of 16000\n'xyxy"), "{}", said.out);
    let said = run_with(&["repl", "--events", "json"], "[1]\n.more\n");
    assert!(said.out.contains("without --events json"), "{}", said.out);
}

#[test]
fn what_the_command_line_limits_no_command_lifts() {
    let said = run_with(&["repl", "--wall-timeout", "5s"], ".timeout off\n.timeout 1h\n.timeout 2s\n");
    assert_eq!(said.out, "timeout vm off, wall 5s\ntimeout vm off, wall 5s\ntimeout vm off, wall 2s\n");
}

#[test]
fn a_name_of_the_session_is_an_expression_over_several_lines() {
    let said = run_with(&["repl"], "let sort = false, f = x => x.a\n!sort && f({\n  a: 7\n})\n!ulimit -n > /dev/null\n");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "undefined\n7\n"), "{}", said.err);
}

#[test]
fn the_working_folder_is_the_sessions() {
    let folder = Folder::new("folders");
    let sub = folder.0.canonicalize().unwrap().join("sub");
    std::fs::create_dir_all(sub.join("sub")).unwrap();
    let setup = folder.write("setup.ts", "globalThis.set = 'up'");
    let input = format!("process.chdir({:?})\n.cd\n.cd sub\n!pwd\n.reset\nset\n", sub.display());
    let mut command = common::drupe(&["repl", "--preload", "setup.ts"]);
    let mut child = command.current_dir(setup.parent().unwrap());
    child = child.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = child.stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), input.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    let (one, two) = (sub.display(), sub.join("sub"));
    let expected = format!("undefined\n{one}\n{two}\n{two}\n'up'\n", two = two.display());
    assert_eq!(String::from_utf8_lossy(&said.stdout), expected, "{}", String::from_utf8_lossy(&said.stderr));
}

/// Also one that nobody asked for, between two chunks.
#[test]
fn every_session_begins_with_its_files() {
    let folder = Folder::new("begins");
    let file = folder.write("p.ts", "globalThis.begun = (globalThis.begun ?? 0) + 1").display().to_string();
    let mut running = Running::start(&["repl", "--preload", &file]);
    running.type_in("let gone = 1; begun\n");
    assert_eq!(running.line(), "1");
    let kernel = running.kernel();
    running.kill_kernel();
    common::until_gone(kernel, "it was killed");
    running.type_in("typeof gone\n");
    assert_eq!(running.line(), "'undefined'");
    running.type_in("begun\n");
    assert_eq!(running.line(), "1");
}

#[test]
fn commands_that_leave_unfinished_input() {
    assert_eq!(run_with(&["repl"], "function f() {\n return 1\n.break\n5\n").out, "5\n");
    let said = run_with(&["repl"], "f(\n.exit\n5\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), ""));
    assert_eq!(said.err, "the unfinished chunk before .exit is not run\n");
}

#[test]
fn members_that_are_called_as_commands_stay_members() {
    let object = "const o = { reset: 5, exit: 7, type: 'x', time: { s: 1 } };\n";
    for (lines, out) in [
        ("o\n.reset + 1\n", "6\n"),
        ("o\n.type === 'x'\n", "true\n"),
        ("o\n.type as string\n", "'x'\n"),
        ("o\n.exit ? 1 : 2\n", "1\n"),
        ("(o\n.exit\n)\n", "7\n"),
        ("[o\n.exit\n, 2]\n", "[ 7, 2 ]\n"),
        ("(o\n.exit\n\n.toFixed(1))\n", "'7.0'\n"),
        ("`\n.exit\n`\n", "'\\n.exit\\n'\n"),
    ] {
        let said = run_with(&["repl"], &format!("{object}{lines}"));
        assert_eq!((said.status, &*said.out, &*said.err), (Some(0), &*format!("undefined\n{out}"), ""), "{lines}");
    }
    // What cannot go on, or has nothing behind it, is a command.
    for lines in ["(o\n.exit\n", "(o\n.exit\n1 + 1\n", "f(\n.exit\n)\n"] {
        let said = run_with(&["repl"], &format!("{object}{lines}"));
        assert_eq!((said.status, &*said.out), (Some(1), "undefined\n"), "{lines}: {said:?}");
        assert_eq!(said.err, "the unfinished chunk before .exit is not run\n", "{lines}");
    }
    let said = run_with(&["repl"], ".reset + 1\n1\n");
    assert_eq!((said.status, &*said.out, &*said.err), (Some(1), "1\n", ".reset takes no argument\n"));
}

/// The status of a file that runs first is that of the program.
#[test]
fn a_file_that_runs_first_ends_the_program_as_a_program() {
    let folder = Folder::new("first");
    for (code, flags, status) in
        [("process.exit(3)", &[] as &[&str], 3), ("for (;;);", &["--vm-timeout", "100ms"], 124), ("throw 1", &[], 1)]
    {
        let file = folder.write("p.ts", code).display().to_string();
        let said = run_with(&[&["eval", "--preload", &file], flags, &["1"]].concat(), "");
        assert_eq!((said.status, said.out.as_str()), (Some(status), ""), "{code}: {}", said.err);
    }
    let file = folder.write("p.ts", "process.exit(3)").display().to_string();
    assert_eq!(run_with(&["repl", "--preload", &file], "1\n").status, Some(3));
}
