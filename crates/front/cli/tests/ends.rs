//! How programs end, held against Node 20: each of these is run by both where there is a `node`, and the table says
//! what Node said.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common;
use std::os::unix::process::ExitStatusExt;

use crate::common::{Folder, Running, Said, run};
use rustix::process::Signal;

/// A module, the exit status, and what it prints.
const ENDS: &[(&str, i32, &str)] = &[
    ("setInterval(()=>{},20); setTimeout(()=>{throw new Error('E1')},5)", 1, ""),
    (
        "setInterval(()=>{},20); Promise.resolve().then(()=>{throw new Error('E1')}); queueMicrotask(()=>console.log('later'))",
        1,
        "later",
    ),
    ("setInterval(()=>{},20); queueMicrotask(()=>{throw new Error('E1')}); queueMicrotask(()=>console.log('later'))", 1, ""),
    ("setInterval(()=>{},20); process.nextTick(()=>{throw new Error('E1')}); process.nextTick(()=>console.log('later'))", 1, ""),
    ("setInterval(()=>{},20); setImmediate(()=>{throw new Error('E1')}); setImmediate(()=>console.log('later'))", 1, ""),
    (
        "import E from 'node:events'; setInterval(()=>{},20); const e=new E(); e.on('x',()=>{throw new Error('E1')}); setTimeout(()=>e.emit('x'),5)",
        1,
        "",
    ),
    (
        "import E from 'node:events'; setInterval(()=>{},20); const e=new E(); setTimeout(()=>e.emit('error', new Error('E1')),5)",
        1,
        "",
    ),
    (
        "setInterval(()=>{},20); const t=new EventTarget(); t.addEventListener('x',()=>{throw new Error('E1')}); t.dispatchEvent(new Event('x')); console.log('after dispatch'); setTimeout(()=>console.log('timer'),30)",
        1,
        "after dispatch",
    ),
    (
        "setInterval(()=>{},20); const c=new AbortController(); c.signal.addEventListener('abort',()=>{throw new Error('E1')}); c.abort(); console.log('after abort')",
        1,
        "after abort",
    ),
    ("setInterval(()=>{},20); await null; throw new Error('E1')", 1, ""),
    ("setInterval(()=>{},20); throw new Error('E1')", 1, ""),
    ("setInterval(()=>{},20); await Promise.reject(new Error('E1'))", 1, ""),
    ("setInterval(()=>{},20); Promise.reject(new Error('E1'))", 1, ""),
    ("setInterval(()=>{},20); Promise.reject(5)", 1, ""),
    ("setInterval(()=>{},20); setTimeout(()=>{throw 5},5)", 1, ""),
    ("setInterval(()=>{},20); setTimeout(()=>{throw null},5)", 1, ""),
    ("setTimeout(()=>p.catch(()=>console.log('caught')),10); const p=Promise.reject(new Error('E1'))", 1, ""),
    (
        "const p=Promise.reject(new Error('E1')); setTimeout(()=>console.log('fine'),10); await null; p.catch(()=>console.log('caught'))",
        0,
        "caught\nfine",
    ),
    ("const p=Promise.reject(new Error('E1')); process.nextTick(()=>p.catch(()=>console.log('caught')));", 0, "caught"),
    ("const p=Promise.reject(new Error('E1')); setImmediate(()=>p.catch(()=>console.log('caught')));", 1, ""),
    (
        "process.exitCode=5; setTimeout(()=>{throw new Error('E1')},5); process.on('exit',c=>console.log('exit',c,process.exitCode))",
        1,
        "exit 1 1",
    ),
    ("setTimeout(()=>{throw new Error('E1')},5); process.on('exit',c=>{console.log('exit',c);process.exitCode=9})", 9, "exit 1"),
    ("setTimeout(()=>{throw new Error('E1')},5); process.on('exit',c=>{console.log('exit',c);process.exit(8)})", 8, "exit 1"),
    ("process.on('exit',c=>{console.log('exit',c);throw new Error('E2')})", 1, "exit 0"),
    (
        "setTimeout(()=>{throw new Error('E1')},5); process.on('exit',c=>{console.log('exit',c);throw new Error('E2')}); process.on('exit',()=>console.log('second'))",
        1,
        "exit 1",
    ),
    ("process.on('exit',c=>{console.log('exit',c);throw new Error('E2')}); process.exit(3)", 3, "exit 3"),
    (
        "process.on('uncaughtException',e=>console.log('heard',e.message)); process.on('exit',c=>{console.log('exit',c);throw new Error('E2')})",
        0,
        "exit 0\nheard E2",
    ),
    ("process.on('exit',c=>{console.log('exit',c);setTimeout(()=>console.log('never'),1)})", 0, "exit 0"),
    ("process.on('exit',c=>console.log('exit',c)); setInterval(()=>{},20); Promise.reject(new Error('E1'))", 1, "exit 1"),
    (
        "process.on('uncaughtException',(e,o)=>console.log('heard',e.message,o)); setTimeout(()=>{throw new Error('E1')},5); setTimeout(()=>console.log('goes on'),20); process.on('exit',c=>console.log('exit',c))",
        0,
        "heard E1 uncaughtException\ngoes on\nexit 0",
    ),
    (
        "process.on('unhandledRejection',(e,p)=>console.log('heard',e.message,p instanceof Promise)); Promise.reject(new Error('E1')); setTimeout(()=>console.log('goes on'),20); process.on('exit',c=>console.log('exit',c))",
        0,
        "heard E1 true\ngoes on\nexit 0",
    ),
    (
        "process.on('rejectionHandled',p=>console.log('late',p===q)); process.on('unhandledRejection',()=>console.log('told')); const q=Promise.reject(1); setTimeout(()=>q.catch(()=>{}),5); setTimeout(()=>console.log('goes on'),20)",
        0,
        "told\nlate true\ngoes on",
    ),
    (
        "import { spawn } from 'node:child_process'; const c=spawn('sleep',['30'],{stdio:'ignore',detached:true}); c.on('spawn',()=>{c.unref();console.log('unref')})",
        0,
        "unref",
    ),
    (
        "process.on('uncaughtException',(e,o)=>console.log('heard',e.message,o)); Promise.reject(new Error('E1')); setTimeout(()=>console.log('goes on'),20)",
        0,
        "heard E1 unhandledRejection\ngoes on",
    ),
    (
        "process.on('uncaughtException',(e)=>console.log('heard',e.message)); setTimeout(()=>console.log('goes on'),20); process.on('exit',c=>console.log('exit',c)); throw new Error('E1')",
        0,
        "heard E1\ngoes on\nexit 0",
    ),
    (
        "process.on('uncaughtException',(e)=>console.log('heard',e.message)); setTimeout(()=>console.log('goes on'),20); process.on('exit',c=>console.log('exit',c)); await null; throw new Error('E1')",
        0,
        "heard E1\ngoes on\nexit 0",
    ),
    (
        "process.on('uncaughtException',()=>{throw new Error('E2')}); setInterval(()=>{},20); setTimeout(()=>{throw new Error('E1')},5); process.on('exit',c=>console.log('exit',c))",
        7,
        "",
    ),
    (
        "process.on('unhandledRejection',()=>{throw new Error('E2')}); setInterval(()=>{},20); Promise.reject(new Error('E1')); process.on('exit',c=>console.log('exit',c))",
        1,
        "exit 1",
    ),
    (
        "process.on('uncaughtException',(e,o)=>console.log('heard',e.message,o));process.on('unhandledRejection',()=>{throw new Error('E2')}); Promise.reject(new Error('E1')); setTimeout(()=>console.log('goes on'),20); process.on('exit',c=>console.log('exit',c))",
        0,
        "heard E2 uncaughtException\ngoes on\nexit 0",
    ),
    (
        "process.on('uncaughtExceptionMonitor',(e,o)=>console.log('monitor',e.message,o)); setInterval(()=>{},20); setTimeout(()=>{throw new Error('E1')},5); process.on('exit',c=>console.log('exit',c))",
        1,
        "monitor E1 uncaughtException\nexit 1",
    ),
    (
        "process.setUncaughtExceptionCaptureCallback(e=>console.log('captured',e.message)); setTimeout(()=>{throw new Error('E1')},5); setTimeout(()=>console.log('goes on'),20)",
        0,
        "captured E1\ngoes on",
    ),
    (
        "process.once('uncaughtException',e=>console.log('heard',e.message)); setInterval(()=>{},20); setTimeout(()=>{throw new Error('E1')},5); setTimeout(()=>{throw new Error('E2')},10)",
        1,
        "heard E1",
    ),
    ("process.exitCode=4; setTimeout(()=>{},5)", 4, ""),
    ("process.exitCode=4; await new Promise(()=>{})", 4, ""),
    ("process.on('exit',c=>console.log('exit',c,process.exitCode)); await new Promise(()=>{})", 13, "exit 0 13"),
    ("process.on('beforeExit',()=>{throw new Error('E1')}); process.on('exit',c=>console.log('exit',c))", 1, "exit 1"),
    (
        "let n=0;process.on('beforeExit',()=>{ if(n++<2) setTimeout(()=>console.log('more',n),1)}); process.on('exit',c=>console.log('exit',c))",
        0,
        "more 1\nmore 2\nexit 0",
    ),
    ("setTimeout(()=>{throw new Error('E1')},5); setTimeout(()=>{throw new Error('E2')},5)", 1, ""),
    ("Promise.reject(new Error('E1')); Promise.reject(new Error('E2'))", 1, ""),
    (
        "setTimeout(()=>{ try { throw new Error('E1') } finally { console.log('finally') } },5); setInterval(()=>{},20)",
        1,
        "finally",
    ),
    ("setInterval(()=>{},20); setTimeout(()=>{process.exit(6)},5); process.on('exit',c=>console.log('exit',c))", 6, "exit 6"),
    (
        "setInterval(()=>{},20); Promise.resolve().then(()=>process.exit(6)); process.on('exit',c=>console.log('exit',c))",
        6,
        "exit 6",
    ),
    (
        "process.on('uncaughtException',()=>process.exit(6)); setInterval(()=>{},20); setTimeout(()=>{throw new Error('E1')},5)",
        6,
        "",
    ),
    ("setTimeout(()=>{throw new Proxy(new Error('E1'),{})},5); setInterval(()=>{},20)", 1, ""),
    ("setInterval(()=>{},20); Promise.resolve({then(){throw new Error('E1')}})", 1, ""),
    ("setInterval(()=>{},20); (async()=>{for await (const x of (async function*(){throw new Error('E1')})());})()", 1, ""),
    (
        "setInterval(()=>{},20); process.on('SIGTERM',(s,n)=>{console.log('heard',s,n);process.exit(7)}); process.kill(process.pid)",
        7,
        "heard SIGTERM 15",
    ),
    ("setInterval(()=>{},20); process.kill(process.pid,'SIGWINCH'); process.kill(process.pid,0); process.exit(3)", 3, ""),
    // Another program signals it by its number.
    (
        "import {execSync} from 'node:child_process'; setInterval(()=>{},20); process.on('SIGTERM',()=>{console.log('heard');process.exit(4)}); execSync('kill -TERM '+process.pid)",
        4,
        "heard",
    ),
    ("try{process.kill(process.pid,'SIGNONE')}catch(e){console.log(e.code)}", 0, "ERR_UNKNOWN_SIGNAL"),
    (
        "import {spawn} from 'node:child_process'; const c=spawn('sleep',['5']); c.unref(); for (const s of [c.stdin,c.stdout,c.stderr]) s.unref(); console.log('done')",
        0,
        "done",
    ),
    (
        "import {spawn} from 'node:child_process'; const c=spawn('cat'); c.unref(); c.stdout.unref(); c.stderr.unref(); c.stdin.unref(); c.stdout.once('data',d=>console.log(String(d))); c.stdin.write('a'); setTimeout(()=>console.log('done'),300)",
        0,
        "a\ndone",
    ),
    ("try{process.kill(process.pid,99)}catch(e){console.log(e.code,e.syscall)}", 0, "EINVAL kill"),
    ("process.on('exit',()=>console.log('never')); setInterval(()=>{},20); process.kill(process.pid,'SIGINT')", 130, ""),
    ("process.on('exit',()=>console.log('never')); setInterval(()=>{},20); process.kill(process.pid)", 143, ""),
    ("process.on('exit',()=>console.log('never')); process.on('SIGKILL2',()=>{}); process.kill(process.pid,'SIGKILL')", 137, ""),
    ("process.on('exit',()=>console.log('never')); process.on('SIGABRT',()=>{}); process.abort()", 134, ""),
    ("new Promise((a,b)=>{a(1);b(new Error('x'))}); setTimeout(()=>console.log('ok'),5)", 0, "ok"),
];

fn program(folder: &Folder, name: &str, code: &str) -> Said {
    let file = folder.write(name, code);
    run(&["run", &file.to_string_lossy()])
}

#[test]
fn programs_end_as_in_node() {
    let folder = Folder::new("ends");
    let mut wrong = Vec::new();
    for (index, (code, status, out)) in ENDS.iter().enumerate() {
        let said = program(&folder, &format!("{index}.mjs"), code);
        if said.status != Some(*status) || said.out.trim_end() != *out {
            wrong.push(format!("{code}: {status} {out:?}, but here {said:?}"));
        }
        // Who ends by an error says which, unless the program does.
        let silent = said.err.is_empty() && said.status == Some(1);
        assert!(!silent, "{code}: {said:?}");
        assert!(!said.err.contains("AbortError"), "{code}: {said:?}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), ENDS.len(), wrong.join("\n"));
}

/// The table is what Node says, where there is the Node that it was made with.
#[test]
fn the_table_is_what_node_says() {
    if !common::has_node20() {
        return;
    }
    let folder = Folder::new("ends-node");
    for (index, (code, status, out)) in ENDS.iter().enumerate() {
        let file = folder.write(&format!("{index}.mjs"), code);
        let said = std::process::Command::new("node").arg(file).output().unwrap();
        // Shells tell of a signal in this way.
        let ended = said.status.code().or_else(|| said.status.signal().map(|signal| 128 + signal));
        assert_eq!((ended, String::from_utf8_lossy(&said.stdout).trim_end()), (Some(*status), *out), "{code}");
    }
}

const LISTENS: &str = "process.on('SIGNAL', (name, number) => console.log('heard', name, number)); setInterval(() => {}, 1000); console.log('here');";

#[test]
fn a_program_hears_the_signals_that_it_listens_to() {
    let folder = Folder::new("hears");
    for (signal, name) in [
        (Signal::INT, "SIGINT"),
        (Signal::TERM, "SIGTERM"),
        (Signal::HUP, "SIGHUP"),
        (Signal::USR2, "SIGUSR2"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::USR1, "SIGUSR1"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::CONT, "SIGCONT"),
        (Signal::WINCH, "SIGWINCH"),
        (Signal::URG, "SIGURG"),
        (Signal::XCPU, "SIGXCPU"),
        (Signal::IO, "SIGIO"),
    ] {
        let file = folder.write("listens.mjs", &LISTENS.replace("SIGNAL", name));
        let mut command = Running::start(&["run", &file.to_string_lossy()]);
        assert_eq!(command.line(), "here");
        command.signal(signal);
        assert_eq!(command.line(), format!("heard {name} {}", signal.as_raw()));
        assert!(command.is_running());
        // Each of them, however soon.
        for _ in 0..3 {
            command.signal(signal);
            assert_eq!(command.line(), format!("heard {name} {}", signal.as_raw()));
        }
    }
}

/// `timeout` and shells send signals to all of a job: the kernel is in it, and leaves them to the program.
#[test]
fn a_program_hears_what_its_whole_job_is_sent() {
    let folder = Folder::new("job");
    for (signal, name) in
        [(Signal::TERM, "SIGTERM"), (Signal::USR1, "SIGUSR1"), (Signal::USR2, "SIGUSR2"), (Signal::HUP, "SIGHUP")]
    {
        let code = format!(
            "process.on('{name}', (name) => {{ console.log('heard', name); process.exit(7) }}); setInterval(() => {{}}, 1000); console.log('here');"
        );
        let file = folder.write("listens.mjs", &code);
        let mut command = Running::start_job(&["run", &file.to_string_lossy()]);
        assert_eq!(command.line(), "here");
        command.signal_job(signal);
        let said = command.finish();
        assert_eq!((said.status, &*said.out), (Some(7), &*format!("here\nheard {name}\n")), "{said:?}");
    }
}

/// Node's would hear nothing, and go on.
#[test]
fn a_program_that_does_not_come_to_its_signals_is_stopped() {
    let folder = Folder::new("hears-late");
    for code in [
        "process.on('SIGINT', () => {}); console.log('here'); for (;;);",
        "process.on('SIGINT', () => { console.log('here'); for (;;); }); setInterval(() => {}, 1000); console.log('once');",
    ] {
        let file = folder.write("late.mjs", code);
        let mut command = Running::start(&["run", &file.to_string_lossy()]);
        if command.line() == "once" {
            command.signal(Signal::INT);
            assert_eq!(command.line(), "here");
        }
        // A person presses until it stops.
        common::eventually("the end", || {
            command.signal(Signal::INT);
            (!command.is_running()).then_some(())
        });
        assert_eq!(command.finish().status, Some(130), "{code}");
    }
}

#[test]
fn a_program_may_end_by_its_own_means_when_it_hears_a_signal() {
    let folder = Folder::new("hears-and-ends");
    for (code, status) in [
        ("process.on('SIGINT', () => process.exit(3)); setInterval(() => {}, 1000); console.log('here')", 3),
        ("const t = setInterval(() => {}, 1000); process.once('SIGINT', () => clearInterval(t)); console.log('here')", 0),
        ("process.on('SIGINT', () => { throw new Error('no') }); setInterval(() => {}, 1000); console.log('here')", 1),
        ("process.on('SIGINT', async () => { throw new Error('no') }); setInterval(() => {}, 1000); console.log('here')", 1),
        (
            "process.on('SIGINT', () => process.exit(4)); console.log('here'); await new Promise(() => setInterval(() => {}, 1000))",
            4,
        ),
    ] {
        let file = folder.write("ends.mjs", code);
        let mut command = Running::start(&["run", &file.to_string_lossy()]);
        assert_eq!(command.line(), "here");
        command.signal(Signal::INT);
        let said = command.finish();
        assert_eq!(said.status, Some(status), "{code}: {said:?}");
    }
}

#[test]
fn a_signal_that_nobody_listens_to_ends_the_program_as_ever() {
    let folder = Folder::new("unheard");
    // Not any more, and not now.
    for (code, signal, status) in [
        ("process.once('SIGINT', () => console.log('here')); setInterval(() => {}, 1000); console.log('once')", Signal::INT, 130),
        (
            "process.once('SIGTERM', () => console.log('here')); setInterval(() => {}, 1000); console.log('once')",
            Signal::TERM,
            143,
        ),
        (
            "const f = () => {}; process.on('SIGINT', f); process.off('SIGINT', f); console.log('here'); for (;;);",
            Signal::INT,
            130,
        ),
        ("process.on('SIGTERM', () => {}); console.log('here'); for (;;);", Signal::INT, 130),
    ] {
        let file = folder.write("unheard.mjs", code);
        let mut command = Running::start(&["run", &file.to_string_lossy()]);
        if command.line() == "once" {
            command.signal(signal);
            assert_eq!(command.line(), "here");
        }
        command.signal(signal);
        let said = command.finish();
        assert_eq!(said.status, Some(status), "{code}: {said:?}");
    }
    // Who listens keeps no program from its end; and not everything can be heard.
    for code in [
        "process.on('SIGINT', () => {}); process.on('SIGTERM', () => {})",
        "try { process.on('SIGKILL', () => {}) } catch (error) { if (error.code !== 'EINVAL') throw error }",
    ] {
        let file = folder.write("idle.mjs", code);
        let said = run(&["run", &file.to_string_lossy()]);
        assert_eq!((said.status, &*said.err), (Some(0), ""), "{code}");
    }
}

/// A run that was cut is no success.
// threats B2, B3
#[test]
fn a_command_whose_work_was_stopped_says_so_and_ends_with_124() {
    for code in [
        "Promise.resolve().then(function f() { for (;;); }); 1",
        "process.nextTick(() => { for (;;); }); 1",
        "setTimeout(() => { for (;;); }, 1); 1",
        "process.on('exit', () => { for (;;); }); 1",
    ] {
        let said = run(&["eval", "--vm-timeout", "200ms", code]);
        assert!(said.status == Some(124) && said.err.contains("200"), "{code}: {said:?}");
        let said = run(&["--events", "json", "eval", "--vm-timeout", "200ms", code]);
        assert!(said.status == Some(124) && said.out.contains(r#""outcome":"timed_out""#), "{code}: {said:?}");
    }
}
