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
            ("await new Promise(done => cp.execFile('no-such', e => done(e.code)))", "'EACCES'"),
            ("try { cp.execFileSync('cat', { env: { LD_PRELOAD: 'x.so' } }) } catch (e) { e.code }", "'EACCES'"),
            ("try { cp.execFileSync('cat', { cwd: '/' }) } catch (e) { e.code }", "'EACCES'"),
            ("try { cp.fork('x') } catch (e) { e.code }", "'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'"),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
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
