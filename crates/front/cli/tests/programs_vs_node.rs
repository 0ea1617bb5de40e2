//! Small programs beside Node: in which order things happen, and how the program ends. Standard output and status must
//! be the same. `programs_vs_node.js` is the list.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::common::{Folder, drupe, has_node20_from, run_in};

const PROGRAMS: &str = include_str!("programs_vs_node.js");

/// What programs import.
const FILES: &[(&str, &str)] = &[
    ("throws.cjs", "exports.a = 1; process.nextTick(() => console.log('inner tick')); throw new Error('inner')"),
    ("value.mjs", "export default 1"),
];

fn said(mut command: Command, file: &str, folder: &Folder) -> String {
    let output = command.arg("--no-warnings").arg(file).current_dir(&folder.0).stdin(Stdio::null()).output().unwrap();
    format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stdout))
}

#[test]
fn programs_do_what_nodes_do_in_the_same_order() {
    if !has_node20_from(19) {
        return;
    }
    let folder = Folder::new("programs-vs-node");
    for (name, text) in FILES {
        folder.write(name, text);
    }
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (index, program) in PROGRAMS.split("//! ").skip(1).enumerate() {
        let (title, code) = program.split_once('\n').unwrap();
        let (title, endings) = title.split_once(": ").unwrap_or((title, "cjs mjs"));
        for ending in endings.split(' ') {
            let path = folder.write(&format!("{index}.{ending}"), code);
            let file = Path::new(&path).file_name().unwrap().to_str().unwrap();
            let expected = said(Command::new("node"), file, &folder);
            let found = said(drupe(&[]), file, &folder);
            count += 1;
            if found != expected {
                wrong.push(format!("{title} ({ending})\n  node  {expected:?}\n  drupe {found:?}"));
            }
        }
    }
    assert!(count > 70, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// As `-e`, beside Node.
#[test]
fn code_of_the_command_line_does_what_nodes_does_in_the_same_order() {
    if !has_node20_from(19) {
        return;
    }
    let deferred = "process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job')); \
                    setTimeout(() => console.log('timer'));";
    let handler = "process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));";
    let exit = "process.on('exit', (code) => console.log('exit', code));";
    let folder = Folder::new("code-vs-node");
    for code in [
        format!("{deferred} {handler} {exit} throw new Error('x')"),
        format!("{deferred} {exit} throw new Error('x')"),
        format!("{deferred} {handler} {exit} throw undefined"),
        format!("{deferred} {handler} {exit} null.x"),
        format!("{deferred} {exit} process.on('uncaughtException', () => process.exit(4)); throw 1"),
        format!("{deferred} {exit} process.on('uncaughtException', () => {{ throw new Error('again') }}); throw 1"),
        format!("{deferred} {exit} process.setUncaughtExceptionCaptureCallback((e) => console.log('capture', e)); throw 1"),
        format!("{deferred} {handler} {exit} Promise.reject(new Error('r')); throw new Error('x')"),
        format!("{deferred} {handler} {exit} process.on('uncaughtException', () => process.nextTick(console.log, 2)); throw 1"),
        format!("{deferred} {handler} {exit} process.exitCode = 5; throw new Error('x')"),
        format!("{deferred} {exit} process.exit(3)"),
        format!("{deferred} {exit}"),
        "console.log(module.id, module.filename, module.path, module.paths, module.loaded, require.main)".to_owned(),
        "process.chdir('/'); console.log(module.filename, module.paths.length)".to_owned(),
        "console.log(eval('{ a: 1 }')); { a: 1 }".to_owned(),
    ] {
        let said = |command: Command| {
            let mut command = command;
            let output =
                command.args(["--no-warnings", "-e", &code]).current_dir(&folder.0).stdin(Stdio::null()).output().unwrap();
            format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stdout))
        };
        assert_eq!(said(drupe(&[])), said(Command::new("node")), "{code}");
    }
}

/// How a program is named, and what it finds of that.
#[test]
fn programs_are_named_as_nodes() {
    if !has_node20_from(19) {
        return;
    }
    let folder = Folder::new("names-vs-node");
    let path = |name: &str| folder.0.join(name);
    let text = "console.log(process.argv[1], __filename, require.main.filename, require.main === module)";
    for name in ["main.js", "sub/deep.js", "text.txt", "plain", "dot.ted.x"] {
        std::fs::create_dir_all(path("sub")).unwrap();
        std::fs::write(path(name), text).unwrap();
    }
    std::fs::create_dir_all(path("esm")).unwrap();
    std::fs::write(path("esm/package.json"), r#"{ "type": "module" }"#).unwrap();
    std::fs::write(path("esm/text.txt"), text).unwrap();
    std::fs::write(path("main.mjs"), "console.log(process.argv[1], import.meta.url)").unwrap();
    std::fs::write(path("imports.mjs"), "await import('./text.txt')").unwrap();
    for (link, file) in [("link.js", "main.js"), ("link.mjs", "main.mjs"), ("linked", "sub"), ("link.txt", "main.js")] {
        std::os::unix::fs::symlink(file, path(link)).unwrap();
    }
    for name in [
        "main.js",
        "main",
        "link.js",
        "link",
        "link.mjs",
        "linked/deep.js",
        "linked/deep",
        "./sub/../link.js",
        "text.txt",
        "plain",
        "dot.ted.x",
        "link.txt",
        "esm/text.txt",
        "imports.mjs",
    ] {
        let said = |command| said(command, name, &folder);
        assert_eq!(said(drupe(&[])), said(Command::new("node")), "{name}");
    }
}

/// An error that ends the program is told after what the listeners of `exit` say.
#[test]
fn listeners_of_the_end_speak_before_the_error_is_told() {
    let folder = Folder::new("exit-order");
    let exit = "process.on('exit', (code) => console.error('exit', code));";
    for (index, code) in [
        "throw new Error('boom')",
        "setTimeout(() => { throw new Error('boom') })",
        "Promise.reject(new Error('boom'))",
        "queueMicrotask(() => { throw new Error('boom') })",
        "process.on('exit', () => process.exit()); throw new Error('boom')",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{index}.cjs");
        folder.write(&name, &format!("{exit} {code}"));
        let output = drupe(&[&*name]).current_dir(&folder.0).stdin(Stdio::null()).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(err.starts_with("exit 1\nUncaught Error: boom\n"), "{code}: {err}");
        assert_eq!(output.status.code(), Some(1), "{code}: {err}");
    }
    // None of two errors is lost.
    let said = run_in(
        &folder,
        &["-e", &format!("{exit} process.on('exit', () => {{ throw new Error('also') }}); throw new Error('boom')")],
    );
    assert!(
        said.err.starts_with("exit 1\n")
            && ["also", "boom"].iter().all(|name| said.err.contains(&format!("Uncaught Error: {name}\n"))),
        "{said:?}"
    );
}
