//! Programs, by `child_process`: output, exit codes, input, limits, and that none outlives its session.

use drupe_client::{Kernel, Outcome, Permissions, Policy, host::permissions::Kind};

use super::files::Folder;
use crate::support::{block_on, memory, text};

async fn kernel(programs: &[&str], folder: &Folder) -> Kernel {
    let mut policy = Policy::none();
    for program in programs {
        policy.allow(Kind::Run, program).unwrap();
    }
    policy.allow(Kind::Read, &folder.0.display().to_string()).unwrap();
    // Programs are confined to what the session may.
    policy.allow(Kind::Write, &folder.0.display().to_string()).unwrap();
    policy.allow(Kind::Env, "WORD").unwrap();
    let kernel = memory::builder().permissions(&Permissions::new(policy)).spawn().await.unwrap();
    let folder = folder.0.display().to_string();
    text(&kernel, &format!("var cp = require('child_process'); process.chdir({folder:?}); var util = require('util')")).await;
    kernel
}

#[test]
fn programs_say_what_they_have_to_say() {
    block_on(async {
        let folder = Folder::new("programs");
        let kernel = kernel(&["/bin/sh", "echo", "cat", "sleep"], &folder).await;
        for (code, wanted) in [
            ("cp.execSync('echo plum', { encoding: 'utf8' })", "'plum\\n'"),
            ("cp.execFileSync('cat', { input: 'in', encoding: 'utf8' })", "'in'"),
            (
                "cp.spawnSync('/bin/sh', ['-c', 'echo out; echo err >&2; exit 3'], { encoding: 'utf8' }).output",
                "[ null, 'out\\n', 'err\\n' ]",
            ),
            ("cp.spawnSync('/bin/sh', ['-c', 'exit 3']).status", "3"),
            // What a program cannot have is not left out in silence.
            (
                "try { cp.spawn('echo', { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] }) } catch (e) { e.code }",
                "'ERR_NOT_SUPPORTED'",
            ),
            ("try { cp.spawn('echo', { stdio: [0, 1, 2, 'ipc'] }) } catch (e) { e.code }", "'ERR_NOT_SUPPORTED'"),
            (
                "cp.spawnSync('echo', ['plum'], { stdio: ['ignore', 'pipe', 'pipe', 'ignore'], encoding: 'utf8' }).stdout",
                "'plum\\n'",
            ),
            ("cp.spawnSync('sleep', ['60'], { timeout: 20 }).error.code", "'ETIMEDOUT'"),
            ("cp.spawnSync('/bin/sh', ['-c', 'kill -9 $$']).signal", "'SIGKILL'"),
            ("try { cp.execSync('exit 7', { stdio: 'ignore' }) } catch (e) { e.status }", "7"),
            ("(await util.promisify(cp.exec)('echo $WORD', { env: { WORD: 'given' } })).stdout", "'given\\n'"),
            (
                "{ const c = cp.spawn('cat'); c.stdin.end('through'); let all = ''; c.stdout.setEncoding('utf8'); for await (const piece of c.stdout) all += piece; all }",
                "'through'",
            ),
            (
                "{ const c = cp.spawn('sleep', ['60']); await new Promise(done => c.on('spawn', done)); const ended = new Promise(done => c.on('exit', (...how) => done(how))); c.kill(); await ended }",
                "[ null, 'SIGTERM' ]",
            ),
            // Before it is started, too.
            (
                "{ const c = cp.spawn('sleep', ['60']); const ended = new Promise(done => c.on('exit', (...how) => done(how))); [c.kill('SIGKILL'), c.killed, ...await ended] }",
                "[ true, true, null, 'SIGKILL' ]",
            ),
            (
                "{ const c = cp.spawn('no-such'); c.on('error', () => {}); await new Promise(done => c.on('error', done)); [c.kill(), c.killed] }",
                "[ false, false ]",
            ),
            (
                "{ const a = new AbortController(), c = cp.spawn('sleep', ['60'], { signal: a.signal, killSignal: 'SIGKILL' }); const failed = new Promise(done => c.on('error', e => done(e.name))), ended = new Promise(done => c.on('exit', (...how) => done(how))); a.abort(); [await failed, ...await ended] }",
                "[ 'AbortError', null, 'SIGKILL' ]",
            ),
            (
                "{ const a = new AbortController(), c = cp.spawn('sleep', ['60'], { signal: a.signal }); const failed = new Promise(done => c.on('error', e => done(e.name))), ended = new Promise(done => c.on('exit', (...how) => done(how))); await new Promise(done => c.on('spawn', done)); a.abort(); [await failed, ...await ended] }",
                "[ 'AbortError', null, 'SIGTERM' ]",
            ),
            (
                "{ const c = cp.spawn('sleep', ['60'], { signal: AbortSignal.abort() }); const failed = new Promise(done => c.on('error', e => done(e.name))), ended = new Promise(done => c.on('close', (...how) => done(how))); [await failed, ...await ended] }",
                "[ 'AbortError', null, 'SIGTERM' ]",
            ),
            (
                "await new Promise(done => cp.execFile('sleep', ['60'], { signal: AbortSignal.timeout(1) }, e => done([e.name, e.code])))",
                "[ 'AbortError', 'ABORT_ERR' ]",
            ),
            (
                "{ const a = new AbortController(), c = cp.spawn('echo', { signal: a.signal }); let errors = 0; c.on('error', () => errors++); c.stdout.resume(); await new Promise(done => c.on('close', done)); a.abort(); errors }",
                "0",
            ),
            ("await new Promise(done => cp.execFile('no-such', e => done(e.code)))", "'EACCES'"),
            ("try { cp.execFileSync('cat', { env: { LD_PRELOAD: 'x.so' } }) } catch (e) { e.code }", "'EACCES'"),
            ("try { cp.execFileSync('cat', { cwd: '/' }) } catch (e) { e.code }", "'EACCES'"),
            ("try { cp.fork('x') } catch (e) { e.code }", "'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'"),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
    });
}

// threat A4, A7
#[test]
fn programs_run_in_spite_of_hostile_prototypes() {
    block_on(async {
        let folder = Folder::new("hostile-programs");
        let kernel = kernel(&["/bin/sh", "cat"], &folder).await;
        text(&kernel, include_str!("../../kernel/tests/common/hostile.js")).await;
        // Options of the program's own inherit what it has done to itself.
        let listen = "const run = (c, input) => new Promise((done) => {
            const said = { __proto__: null, data: 0, exit: '', error: '' }, keep = (name) => (value) => { said[name] = value };
            c.stdout.on('data', (piece) => { said.data += piece.length }); c.on('exit', keep('exit')); c.on('error', keep('error'));
            c.on('close', (code) => done(`${said.data} ${said.exit} ${said.error} ${code}`)); if (input !== undefined) c.stdin.end(input); })";
        text(&kernel, listen).await;
        for (code, wanted) in [
            ("await run(cp.spawn('cat'), 'abc')", "'3 0  0'"),
            (
                "await run(cp.spawn('/bin/sh', ['-c', 'test $WORD = x && exit 3'], { __proto__: null, env: { __proto__: null, WORD: 'x' } }))",
                "'0 3  3'",
            ),
            (
                "await new Promise((done) => cp.execFile('/bin/sh', ['-c', 'exit 4'], (error, stdout) => done(error.code + stdout)))",
                "'4'",
            ),
            ("await new Promise((done) => cp.execFile('no-such', (error) => done(error.code)))", "'EACCES'"),
            ("try { await util.promisify(cp.exec)('exit 5') } catch (error) { error.code + error.stdout }", "'5'"),
            ("cp.execFileSync('cat', [], { __proto__: null, input: 'abc' }).length", "3"),
            ("try { cp.execSync('exit 6') } catch (error) { error.status }", "6"),
            ("try { cp.execSync('echo abcd', { __proto__: null, maxBuffer: 2 }) } catch (error) { error.code }", "'ENOBUFS'"),
            ("cp.spawnSync('/bin/sh', ['-c', 'kill -9 $$']).signal", "'SIGKILL'"),
            ("cp.spawnSync('no-such').error.code", "'EACCES'"),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
    });
}

/// Where the listener of one event throws, the others are told all the same.
#[test]
fn a_program_closes_whatever_its_listeners_throw() {
    block_on(async {
        let folder = Folder::new("throwing-listeners");
        let kernel = kernel(&["echo"], &folder).await;
        let code = "const seen = []; process.on('uncaughtException', (error) => seen.push(error.message));
            const c = cp.spawn('echo', ['a']), end = new Promise((done) => c.on('close', done));
            c.stdout.on('data', () => { throw new Error('data') }); c.on('exit', () => { throw new Error('exit') });
            await end; seen.sort()";
        assert_eq!(text(&kernel, code).await, "[ 'data', 'exit' ]");
    });
}

#[test]
fn no_program_outlives_the_run_that_waits_or_the_session() {
    block_on(async {
        let folder = Folder::new("orphans");
        let kernel = kernel(&["/bin/sh"], &folder).await;
        // Whoever holds the pipe's other end has not ended.
        let alive = |name: &str| folder.0.join(name);
        rustix::fs::mknodat(rustix::fs::CWD, alive("sync"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, alive("later"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let opened = |path: std::path::PathBuf| tokio::task::spawn_blocking(move || std::fs::File::open(path).unwrap());
        let ended = |file: std::fs::File| tokio::task::spawn_blocking(move || std::io::read_to_string(file).unwrap());
        let run = kernel.run("cp.execSync('exec 3> sync; sleep 600 & sleep 600')");
        let held = opened(alive("sync")).await.unwrap();
        assert!(kernel.interrupt().await.unwrap());
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        assert_eq!(ended(held).await.unwrap(), "");
        text(&kernel, "void cp.spawn('/bin/sh', ['-c', 'exec 3> later; sleep 600 & sleep 600'])").await;
        let held = opened(alive("later")).await.unwrap();
        kernel.reset().await.unwrap();
        assert_eq!(ended(held).await.unwrap(), "");
    });
}

// threat F4
#[test]
fn what_leaves_its_group_ends_with_its_session() {
    block_on(async {
        let folder = Folder::new("escapes");
        let kernel = kernel(&["/bin/sh"], &folder).await;
        rustix::fs::mknodat(rustix::fs::CWD, folder.0.join("held"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let path = folder.0.join("held");
        let opened = tokio::task::spawn_blocking(move || std::fs::File::open(path).unwrap());
        // A session of its own, a parent that is gone, and again.
        let escape = "exec 3> held; setsid sh -c 'sleep 600 & setsid sh -c \"sleep 600 & sleep 600\" & exit' & (setsid sleep 600 &); echo gone";
        for options in ["{}", "{ detached: true }"] {
            let said = format!(
                "await new Promise(done => cp.spawn('/bin/sh', ['-c', {escape:?}], {options}).stdout.on('data', (said) => done(`${{said}}`)))"
            );
            assert_eq!(text(&kernel, &said).await, "'gone\\n'");
        }
        let held = opened.await.unwrap();
        kernel.reset().await.unwrap();
        assert_eq!(tokio::task::spawn_blocking(move || std::io::read_to_string(held).unwrap()).await.unwrap(), "");
    });
}

// threat F4
#[test]
fn what_a_program_leaves_behind_runs_until_its_session_ends() {
    block_on(async {
        let folder = Folder::new("left-behind");
        let kernel = kernel(&["/bin/sh", "cat"], &folder).await;
        for name in ["held", "go", "said"] {
            rustix::fs::mknodat(rustix::fs::CWD, folder.0.join(name), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        }
        let path = folder.0.join("held");
        let opened = tokio::task::spawn_blocking(move || std::fs::File::open(path).unwrap());
        let (server, other) =
            ("exec > /dev/null 2>&1 3> held; cat go > said & sleep 600 &", "exec > /dev/null 2>&1; cat go > said &");
        for code in [
            format!("cp.execSync({server:?})"),
            // Each lives on, however the program was started that left it.
            format!("await util.promisify(cp.exec)({other:?})"),
            format!("await new Promise(done => cp.spawn('/bin/sh', ['-c', {other:?}]).on('close', done).stdout.resume())"),
        ] {
            text(&kernel, &code).await;
            let asked = "cp.execSync('echo plum > go & cat said', { timeout: 20000, encoding: 'utf8' })";
            assert_eq!(text(&kernel, asked).await, "'plum\\n'", "{code}");
        }
        let held = opened.await.unwrap();
        kernel.reset().await.unwrap();
        assert_eq!(tokio::task::spawn_blocking(move || std::io::read_to_string(held).unwrap()).await.unwrap(), "");
    });
}
