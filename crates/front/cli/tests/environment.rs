//! What the environment of a program is, and what follows from its variables: the time zone, the locale, colours.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common;
use std::process::Command;

use crate::common::{Folder, drupe, has_node20, run};

/// What is printed of `code` with these variables, and by these flags besides.
fn printed(variables: &[(&str, &str)], flags: &[&str], code: &str) -> String {
    printed_by(drupe(&[flags, &["-p", code]].concat()), variables)
}

fn printed_by(mut command: Command, variables: &[(&str, &str)]) -> String {
    for name in ["TZ", "LANG", "LC_ALL", "LC_MESSAGES", "FORCE_COLOR", "NODE_DISABLE_COLORS"] {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

const ZONES: &str = "const { env } = process; const at = () => new Date(0).getHours() + Intl.DateTimeFormat().resolvedOptions().timeZone;
    const found = [at()];
    for (const zone of ['America/New_York', ':Europe/Berlin', 'EST5EDT', 'UTC', 'No/Such']) { env.TZ = zone; found.push(new Date(0).getHours()); }
    Object.defineProperty(env, 'TZ', { value: 'Asia/Kolkata', writable: true, enumerable: true, configurable: true }); found.push(at());
    process.env.TZ = 'Asia/Tokyo'; found.push(at()); found.push(env.TZ); found.join()";

#[test]
fn the_variable_tz_is_the_time_zone_of_dates() {
    let expected = "9Asia/Tokyo,19,1,19,0,0,5Asia/Calcutta,9Asia/Tokyo,Asia/Tokyo";
    assert_eq!(printed(&[("TZ", "Asia/Tokyo")], &[], ZONES), expected);
    if has_node20() {
        let mut node = Command::new("node");
        node.args(["-p", ZONES]);
        assert_eq!(printed_by(node, &[("TZ", "Asia/Tokyo")]), expected, "by Node");
    }
    // Without it, the zone is the system's again.
    let code = "const hours = () => new Date(0).getHours(); const system = hours(); process.env.TZ = 'Asia/Tokyo'; delete process.env.TZ; hours() === system";
    assert_eq!(printed(&[], &[], code), "true");
}

/// What one session sets, the next does not have.
#[test]
fn a_new_session_has_the_first_time_zone() {
    let said = common::run_with(
        &["repl"],
        "process.env.TZ = 'Asia/Tokyo'; new Date(0).getHours()\n.reset\nnew Date(0).getHours() - new Date(0).getUTCHours() === 9\n",
    );
    assert_eq!(said.out.lines().collect::<Vec<_>>(), ["9", "false"], "{said:?}");
}

#[test]
fn what_is_assigned_becomes_a_string_at_once() {
    let code = "const { env } = process; env.N = 1; env.U = undefined; env.O = { toString: () => 'o' }; let error;
        try { env.S = Symbol('s'); } catch (thrown) { error = `${thrown.name}: ${thrown.message}`; }
        JSON.stringify([env.N, env.U, env.O, error, 'S' in env, delete env.N, env.N === undefined, Object.keys(env).includes('U')])";
    let expected = r#"["1","undefined","o","TypeError: Cannot convert a Symbol value to a string",false,true,true,true]"#;
    assert_eq!(printed(&[], &[], code), expected);
}

/// As in Node: so no change fails behind what it has changed.
#[test]
fn variables_are_plain_properties() {
    let code = "const { env } = process, said = []; const note = (work) => { try { work() } catch (error) { said.push(error.code ?? error.name) } };
        const hours = new Date(0).getHours();
        note(() => Object.freeze(env)); note(() => Object.preventExtensions(env));
        note(() => Object.defineProperty(env, 'TZ', { value: 'UTC' }));
        note(() => Object.defineProperty(env, 'TZ', { get: () => 'UTC', configurable: true }));
        note(() => Object.defineProperty(env, 'X', { value: 5, writable: true, enumerable: true, configurable: true }));
        said.push('TZ' in env, env.X, new Date(0).getHours() === hours);
        (() => { 'use strict'; env.Y = 6; env.TZ = 'Asia/Tokyo' })(); said.push(env.Y, new Date(0).getHours()); JSON.stringify(said)";
    let refused = r#""ERR_INVALID_OBJECT_DEFINE_PROPERTY""#;
    let expected = format!(r#"["TypeError","TypeError",{refused},{refused},false,"5",true,"6",9]"#);
    assert_eq!(printed(&[], &[], code), expected);
    if Command::new("node").arg("--version").output().is_ok() {
        let mut node = Command::new("node");
        node.args(["-p", code]);
        assert_eq!(printed_by(node, &[]), expected, "by Node");
    }
}

#[test]
fn variables_name_the_locale() {
    let code = "(1234.5).toLocaleString() + ' ' + Intl.NumberFormat().resolvedOptions().locale";
    for (variables, expected) in [
        (&[("LANG", "de_DE.UTF-8")][..], "1.234,5 de-DE"),
        (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "pt_BR.UTF-8")], "1.234,5 pt-BR"),
        (&[("LANG", "de_DE.UTF-8"), ("LC_MESSAGES", "en_GB")], "1,234.5 en-GB"),
        (&[("LANG", "C.UTF-8")], "1,234.5 en-US"),
        (&[("LANG", "/etc/passwd")], "1,234.5 en-US"),
        (&[], "1,234.5 en-US"),
    ] {
        assert_eq!(printed(variables, &[], code), expected, "{variables:?}");
    }
}

#[test]
fn a_file_of_variables_is_an_environment() {
    let folder = Folder::new("environment");
    let file = folder.write("all.env", "TZ=America/New_York\nLANG=de_DE.UTF-8\nFORCE_COLOR=1\nMINE=1\n");
    let file = format!("--env-file={}", file.to_str().unwrap());
    let code = "[new Date(0).getHours(), (1234.5).toLocaleString(), process.env.MINE]";
    assert_eq!(
        printed(&[], &[&file], code),
        "[ \u{1b}[33m19\u{1b}[39m, \u{1b}[32m'1.234,5'\u{1b}[39m, \u{1b}[32m'1'\u{1b}[39m ]"
    );
    // What the environment has wins, also where it is not granted.
    let real = [("TZ", "Asia/Tokyo"), ("FORCE_COLOR", "0")];
    assert_eq!(printed(&real, &[&file], "[new Date(0).getHours()]"), "[ 9 ]");
    let code = "process.env.X; [new Date(0).getHours(), process.env.TZ]";
    assert_eq!(printed(&real, &[&file, "--allow-read"], code), "[ 9, undefined ]");
    // It was given on purpose, and needs no grant; but it may be denied.
    let code = "JSON.stringify(Object.keys(process.env))";
    assert_eq!(printed(&[("SECRET", "1")], &[&file, "--allow-env=MINE"], code), r#"["TZ","LANG","FORCE_COLOR","MINE"]"#);
    assert_eq!(printed(&[], &[&file, "--deny", "--deny-env=MINE,TZ"], code), r#"["LANG","FORCE_COLOR"]"#);
    let code = "[new Date(0).getHours(), (1234.5).toLocaleString()]";
    assert_eq!(printed(&[], &[&file, "--deny-env"], code), printed(&[], &["--deny-env"], code), "no zone, locale or colours");
}

/// Warnings of built-in modules are told as those of programs are.
#[test]
fn warnings_of_built_in_modules_are_events_of_the_process() {
    let code = "process.on('warning', (w) => console.log('event', Object.keys(w).join(), w.name, w.code, w.count)); \
                const emitter = new (require('events'))(); for (let n = 0; n < 11; n++) emitter.on('x', () => {}); \
                require('util').deprecate(() => {}, 'old', 'DEP1')(); new Buffer(1); console.log('main')";
    let events = "main\nevent name,emitter,type,count MaxListenersExceededWarning undefined 11\n\
                  event name,code DeprecationWarning DEP1 undefined\nevent name,code DeprecationWarning DEP0005 undefined\n";
    let said = run(&["-e", code]);
    assert_eq!((said.status, &*said.out), (Some(0), events), "{said:?}");
    // Each with the number of the process.
    let number = said.err.split_once("(drupe:").unwrap().1.split_once(')').unwrap().0;
    assert!(number.parse::<u32>().is_ok(), "{said:?}");
    let text = said.err.replace(&format!("(drupe:{number})"), "(drupe)");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("(drupe) MaxListenersExceededWarning: Possible EventEmitter memory leak"), "{said:?}");
    assert_eq!(lines[1], "(drupe) [DEP1] DeprecationWarning: old");
    assert!(lines.len() == 3 && lines[2].starts_with("(drupe) [DEP0005] DeprecationWarning: Buffer()"), "{said:?}");
    let said = run(&["--no-warnings", "-e", code]);
    assert_eq!((&*said.out, &*said.err), (events, ""));
    let said = run(&["--no-deprecation", "-e", "require('util').deprecate(() => {}, 'old')(); new Buffer(1)"]);
    assert_eq!((said.status, &*said.err), (Some(0), ""));
}

/// As in Node. Where no environment is given, programs find others.
#[test]
#[cfg(target_os = "linux")]
fn a_program_gets_the_environment_that_is_given_and_no_more() {
    let code = "const cp = require('child_process'), env = { Z: '1' }; \
                console.log(String(cp.execFileSync('/usr/bin/env', { env })), String(cp.spawnSync('env', [], { env }).stdout), \
                String(cp.execFileSync('env', { env: { PATH: '/a', Z: '2' } })), String(cp.execSync('echo $PATH')).length > 1); \
                cp.spawn('env', { env }).stdout.on('data', (data) => console.log(String(data)))";
    let said = run(&["-e", code]);
    assert_eq!((&*said.out, &*said.err), ("Z=1\n Z=1\n PATH=/a\nZ=2\n true\nZ=1\n\n", ""));
}

/// No built-in module adds to what is there before: the globals have all their names from the beginning.
#[test]
fn globals_have_their_names_before_any_module_is_loaded() {
    let code = "const held = Object.getOwnPropertyNames(globalThis).filter((n) => globalThis[n] && typeof globalThis[n] !== 'string'); \
                const told = () => held.flatMap((n) => [globalThis[n], globalThis[n].prototype].filter((o) => o === Object(o)) \
                .flatMap((o) => o === globalThis ? [] : Object.getOwnPropertyNames(o).map((k) => `${n} ${k}`))); const before = new Set(told()); \
                for (const name of require('module').builtinModules) { try { require(name) } catch {} } \
                console.log(typeof console.Console, before.size > 1000, told().filter((name) => !before.has(name)))";
    let said = run(&["-e", code]);
    assert_eq!((said.status, &*said.out), (Some(0), "function true []\n"), "{said:?}");
}
