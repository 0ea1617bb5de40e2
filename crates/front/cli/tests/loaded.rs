//! Files that `.load`, `.save` and `--preload` name.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common;
use crate::common::{Folder, Running, run_with};

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

/// So does the session of a kernel that replaces one that died.
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

/// A command of a pipe has the permissions of code, whatever file it names.
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
    assert!(said.out.contains("wrote 1 chunk to") && !said.out.contains("PATH="), "{}", said.out);
    // Pipes and devices are no files of code.
    let said = run_with(&["repl"], ".load /dev/zero\n1\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "1\n"));
    assert!(said.err.contains("no plain file"), "{}", said.err);
}
