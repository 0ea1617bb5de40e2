//! Files, by all of `fs`: what is granted, what is not, and every way around.

use std::{
    fs,
    path::{Path, PathBuf},
};

use drupe_client::{Kernel, Permissions, Policy, host::permissions::Kind};

use crate::support::{block_on, memory, text};

/// A folder of a test's own; gone with it.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().canonicalize().unwrap().join(format!("drupe-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A kernel that may do this.
pub(super) async fn kernel(grants: &[(Kind, &Path)]) -> (Kernel, Permissions) {
    let mut policy = Policy::none();
    for (kind, path) in grants {
        policy.allow(*kind, &path.display().to_string()).unwrap();
    }
    let permissions = Permissions::new(policy);
    (memory::builder().permissions(&permissions).spawn().await.unwrap(), permissions)
}

#[test]
fn the_forms_of_an_operation_agree() {
    block_on(async {
        let folder = Folder::new("forms");
        folder.write("a.txt", "plum\u{e9}");
        let (kernel, _) = kernel(&[(Kind::Read, &folder.0), (Kind::Write, &folder.0)]).await;
        text(&kernel, &format!("var fs = require('fs'), dir = {:?}; process.chdir(dir)", folder.0.display().to_string())).await;
        for (code, wanted) in [
            ("fs.readFileSync('a.txt', 'utf8')", "'plum\u{e9}'"),
            ("await fs.promises.readFile(dir + '/a.txt', 'utf8')", "'plum\u{e9}'"),
            (
                "await new Promise((done, fail) => fs.readFile('./a.txt', 'utf8', (e, text) => e ? fail(e) : done(text)))",
                "'plum\u{e9}'",
            ),
            ("fs.readdirSync('.')", "[ 'a.txt' ]"),
            ("fs.statSync('a.txt').isFile() && fs.statSync('a.txt').size", "6"),
            ("process.cwd() === dir", "true"),
            ("require('path').resolve('b') === dir + '/b' && require('path').relative('', 'b/c')", "'b/c'"),
            ("fs.existsSync('b')", "false"),
            (
                "try { fs.readFileSync('b') } catch (e) { [e.message, e.errno, e.code, e.syscall, e.path] }",
                "[\n  \"ENOENT: no such file or directory, open 'b'\",\n  -2,\n  'ENOENT',\n  'open',\n  'b'\n]",
            ),
            (
                "fs.writeFileSync('c', 'x'); fs.appendFileSync('c', 'y'); await fs.promises.appendFile('c', 'z'); fs.readFileSync('c', 'utf8')",
                "'xyz'",
            ),
            (
                "fs.mkdirSync('d/e/f', { recursive: true }); fs.readdirSync('.', { recursive: true })",
                "[ 'a.txt', 'c', 'd', 'd/e', 'd/e/f' ]",
            ),
            ("fs.rmSync('d', { recursive: true }); fs.existsSync('d')", "false"),
            (
                "var fd = fs.openSync('c', 'r+'); [fd, fs.writeSync(fd, 'Q', 1), fs.fstatSync(fd).size, fs.closeSync(fd), fs.readFileSync('c', 'utf8')]",
                "[ 3, 1, 3, undefined, 'xQz' ]",
            ),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
    });
}

#[test]
fn ticks_come_before_promise_jobs_and_those_before_timers() {
    block_on(async {
        let (kernel, _) = kernel(&[]).await;
        let code = "const order = []; setTimeout(() => order.push('timer')); Promise.resolve().then(() => { order.push('job'); process.nextTick(() => order.push('late tick')) }).then(() => order.push('second job')); process.nextTick((a) => order.push(a), 'tick'); queueMicrotask(() => order.push('microtask')); order.push('chunk'); await new Promise(done => setTimeout(done, 5)); order";
        // The chunk's own await is a job, too; but it waits for the timer.
        assert_eq!(
            text(&kernel, code).await,
            "[\n  'chunk',\n  'tick',\n  'job',\n  'microtask',\n  'second job',\n  'late tick',\n  'timer'\n]"
        );
    });
}
