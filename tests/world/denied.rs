//! A kernel that may do nothing, and one that may read one folder: through every function there is.

use std::{path::Path, sync::Arc};

use drupe_client::{Event, Kernel, host::permissions::Kind};

use super::files::{Folder, kernel};
use crate::support::{all, block_on, text, value_text};

/// Calls each function in each form, and tells how it failed: `name: code` for each that did not with EACCES, and what
/// it said.
const EVERY: &str = r"
var every = async (calls) => {
  const fs = require('fs'), failures = [], tried = [];
  const told = (name, e, ok) => {
    tried.push(name);
    if (ok) failures.push(name + ' succeeded');
    else if (e.code !== 'EACCES') failures.push(name + ': ' + e.code + ' ' + e.message);
    else if (String(e.message + e.stack).includes('secret')) failures.push(name + ' tells ' + e.message);
  };
  for (const [name, ...args] of calls) {
    try { const r = fs[name + 'Sync'](...args); told(name + 'Sync', null, name !== 'exists' || r) } catch (e) { told(name + 'Sync', e) }
    if (name === 'exists') { tried.pop(); if (failures.at(-1)?.startsWith('existsSync: ')) failures.pop(); continue }
    try { await fs.promises[name](...args); told('promises.' + name, null, true) } catch (e) { told('promises.' + name, e) }
    await new Promise(done => fs[name](...args, (e) => { told(name, e, !e); done() }));
  }
  return failures.length === 0 ? tried.length : failures;
}";

/// Every function that takes a path.
fn calls(path: &str, other: &str) -> (String, String) {
    let reads = format!(
        "[['access', {path:?}], ['lstat', {path:?}], ['readFile', {path:?}], ['readFile', {path:?}, 'utf8'], ['readdir', {path:?}],
          ['readdir', {path:?}, {{ recursive: true }}], ['readlink', {path:?}], ['realpath', {path:?}], ['stat', {path:?}],
          ['stat', {path:?}, {{ throwIfNoEntry: false }}], ['statfs', {path:?}], ['open', {path:?}], ['open', {path:?}, 'r+']]"
    );
    let writes = format!(
        "[['access', {path:?}, 2], ['appendFile', {path:?}, 'x'], ['chmod', {path:?}, 0o600], ['copyFile', {path:?}, {other:?}],
          ['link', {path:?}, {other:?}], ['lutimes', {path:?}, 1, 1], ['mkdir', {other:?}], ['mkdir', {other:?} + '/a/b', {{ recursive: true }}],
          ['mkdtemp', {other:?}], ['rename', {path:?}, {other:?}], ['rm', {path:?}], ['rm', {path:?}, {{ recursive: true, force: true }}],
          ['rmdir', {path:?}], ['symlink', {path:?}, {other:?}], ['truncate', {path:?}, 1], ['unlink', {path:?}],
          ['utimes', {path:?}, 1, 1], ['writeFile', {path:?}, 'x'], ['writeFile', {other:?}, 'x'], ['open', {other:?}, 'w'],
          ['open', {path:?}, 'a'], ['open', {other:?}, 'wx']]"
    );
    (reads, writes)
}

async fn succeeded(kernel: &Kernel, calls: &str) -> String {
    text(kernel, &format!("await every({calls})")).await
}

/// As [`succeeded`], with how many permissions were granted and denied meanwhile.
async fn told(kernel: &Kernel, calls: &str) -> (String, usize, usize) {
    let (events, report) = all(kernel.run(format!("await every({calls})"))).await;
    let granted =
        |wanted| events.iter().filter(|event| matches!(event, Event::Permission(audit) if audit.granted == wanted)).count();
    (value_text(&report.unwrap()), granted(true), granted(false))
}

// threats G1, G10, G13
#[test]
fn a_kernel_that_may_do_nothing_does_nothing() {
    block_on(async {
        let folder = Folder::new("nothing");
        let file = folder.write("secret.txt", "s3cr3t").display().to_string();
        std::os::unix::fs::symlink(&file, folder.0.join("link")).unwrap();
        let link = folder.0.join("link").display().to_string();
        let (kernel, _) = kernel(&[]).await;
        text(&kernel, EVERY).await;
        let (reads, writes) = calls(&link, &folder.0.join("new").display().to_string());
        assert_eq!(told(&kernel, &reads).await, ("39".to_owned(), 0, 39));
        let (failed, granted, denied) = told(&kernel, &writes).await;
        assert_eq!((&*failed, granted), ("66", 0));
        assert!(denied >= 66, "{denied}");
        assert_eq!(text(&kernel, &format!("require('fs').existsSync({file:?})")).await, "false");
        // Nothing else tells of the machine, or runs.
        assert_eq!(text(&kernel, "Object.keys(process.env)").await, "[]");
        assert_eq!(text(&kernel, "process.env.PATH").await, "undefined");
        assert_eq!(text(&kernel, "process.cwd()").await, "'/'");
        for code in [
            "require('os').hostname()",
            "require('os').homedir()",
            "require('os').cpus()",
            "require('os').userInfo()",
            "require('os').release()",
            "require('os').totalmem()",
            "require('os').uptime()",
            "process.chdir('/')",
            "require('child_process').execSync('id')",
            "require('child_process').execFileSync('id')",
            "await new Promise((_, fail) => require('child_process').spawn('id').on('error', fail))",
            "await require('util').promisify(require('child_process').exec)('id')",
        ] {
            let said = text(
                &kernel,
                &format!("try {{ {code}; 'it succeeded' }} catch (e) {{ [e.code, e.permission ?? typeof e.errno] }}"),
            )
            .await;
            assert!(said.starts_with("[ 'EACCES'"), "{code}: {said}");
        }
        assert_eq!(std::fs::read_to_string(file).unwrap(), "s3cr3t");
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 2);
    });
}

// threats G1, G2, G4, G5, G6
#[test]
fn no_path_leads_out_of_a_granted_folder() {
    block_on(async {
        let folder = Folder::new("beneath");
        folder.write("granted/inside.txt", "in");
        folder.write("granted/deep/er/file", "in");
        folder.write("granted2/secret", "out");
        let secret = folder.write("secret", "out");
        let granted = folder.0.join("granted");
        for (name, target) in [
            ("up", ".."),
            ("out", "../secret"),
            ("absolute", &*secret.display().to_string()),
            ("etc", "/etc"),
            ("self", "/proc/self"),
            ("chain", "up"),
            ("deep/er/three", "../../../secret"),
            ("loop", "loop"),
            ("sibling", "../granted2"),
            ("null", "/dev/null"),
        ] {
            std::os::unix::fs::symlink(target, granted.join(name)).unwrap();
        }
        rustix::fs::mknodat(rustix::fs::CWD, granted.join("pipe"), rustix::fs::FileType::Fifo, 0o666.into(), 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(granted.join("socket")).unwrap();
        let (kernel, _) = kernel(&[(Kind::Read, &granted), (Kind::Write, &granted)]).await;
        let root = granted.display().to_string();
        let mut paths = Vec::new();
        let tails = [
            "/../secret",
            "/./../secret",
            "/deep/../../secret",
            "/deep/er/../../../secret",
            "//../secret",
            "/up/secret",
            "/out",
            "/absolute",
            "/etc/passwd",
            "/self/environ",
            "/self/root/etc/passwd",
            "/self/fd/0",
            "/self/cwd",
            "/chain/secret",
            "/deep/er/three",
            "/loop",
            "/loop/x",
            "/sibling/secret",
            "/null",
            "/pipe",
            "/socket",
            "2/secret",
            "/up/granted2/secret",
            "/inside.txt/../../secret",
            "/..",
            "/../",
            "/up",
            "/../granted2/secret",
            "/missing/../../secret",
            "/deep/er/../../up/secret",
        ];
        for tail in tails {
            paths.push(format!("{root}{tail}"));
            paths.push(format!("{root}/deep/..{tail}"));
            paths.push(format!("{root}/./{tail}"));
            paths.push(format!("{root}/deep//er/../..{tail}"));
        }
        for path in [
            "/etc/passwd",
            "/proc/self/environ",
            "/proc/self/mem",
            "/proc/1/environ",
            "/dev/null",
            "/dev/zero",
            "/dev/tty",
            "/sys/kernel/hostname",
            "/",
            "",
            ".",
            "..",
            "../../../../../../../../etc/passwd",
            "etc/passwd",
            "~",
            "~/.ssh/id_rsa",
            "/dev/fd/0",
            "/dev/stdin",
            "/tmp/../etc/passwd",
            "\\etc\\passwd",
            "..\\..\\etc\\passwd",
            "C:\\Windows",
            "file:///etc/passwd",
            "%2e%2e/secret",
            "/%65tc/passwd",
            "/ETC/passwd",
            "/etc/./passwd",
            "//etc/passwd",
            "/etc//passwd",
            "/proc/self/root/etc/passwd",
            "/proc/thread-self/environ",
            "/run",
            "/var/run",
            "/home",
            "/root",
        ] {
            paths.push(path.to_owned());
        }
        paths.push("a".repeat(5000));
        assert!(paths.len() >= 150, "{}", paths.len());
        let list = format!("{paths:?}");
        // Every path is read, listed and written; none of it may succeed, and no error may say what lies outside.
        let code = format!(
            "var fs = require('fs'), escaped = []; for (const path of {list}) for (const [name, ...args] of [['readFileSync', 'utf8'], ['readdirSync'], ['writeFileSync', 'gotcha'], ['openSync', 'r+'], ['truncateSync']]) \
             try {{ const got = fs[name](path, ...args); if (!(name === 'readdirSync' && fs.realpathSync(path).startsWith({root:?}))) escaped.push([name, path, got]) }} \
             catch (e) {{ if (!['EACCES', 'ENOENT', 'ELOOP', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL', 'ERR_NO_STDIN'].includes(e.code)) escaped.push([name, path, e.code, e.message]); else if (e.message.includes('secret') && !path.includes('secret')) escaped.push([name, path, e.message]) }} escaped"
        );
        let said = text(&kernel, &code).await;
        assert_eq!(said, "[]");
        assert_eq!(std::fs::read_to_string(secret).unwrap(), "out");
        assert_eq!(
            text(&kernel, &format!("require('fs').readFileSync({:?}, 'utf8')", format!("{root}/deep/../inside.txt"))).await,
            "'in'"
        );
        // Bytes in a name are no way around either.
        for name in ["a\\u0000b", "/etc/passwd\\u0000.txt"] {
            let said = text(&kernel, &format!("try {{ fs.readFileSync('{name}') }} catch (e) {{ e.code }}")).await;
            assert_eq!(said, "'ERR_INVALID_ARG_VALUE'");
        }
    });
}

// threats G2, G13
#[test]
fn a_folder_that_may_be_read_is_a_file_system_that_cannot_be_written() {
    block_on(async {
        let folder = Folder::new("readonly");
        let file = folder.write("granted/file.txt", "content");
        folder.write("granted/sub/inner", "x");
        folder.write("secret", "out");
        let granted = folder.0.join("granted");
        std::os::unix::fs::symlink("file.txt", granted.join("link")).unwrap();
        let (kernel, _) = kernel(&[(Kind::Read, &granted)]).await;
        text(&kernel, EVERY).await;
        let path = file.display().to_string();
        let (_, writes) = calls(&path, &granted.join("new").display().to_string());
        assert_eq!(succeeded(&kernel, &writes).await, "66");
        assert_eq!(
            text(
                &kernel,
                &format!(
                    "var fs = require('fs'), root = {:?}; process.chdir(root); process.cwd() === root",
                    granted.display().to_string()
                )
            )
            .await,
            "true"
        );
        for (code, wanted) in [
            ("fs.readFileSync('file.txt', 'utf8')", "'content'"),
            ("fs.readlinkSync('link')", "'file.txt'"),
            ("fs.realpathSync('link') === root + '/file.txt'", "true"),
            ("fs.lstatSync('link').isSymbolicLink() && fs.statSync('link').isFile()", "true"),
            (
                "fs.readdirSync('.', { withFileTypes: true }).map(e => [e.name, e.isDirectory()])",
                "[ [ 'file.txt', false ], [ 'link', false ], [ 'sub', true ] ]",
            ),
            ("fs.readdirSync('.', { recursive: true })", "[ 'file.txt', 'link', 'sub', 'sub/inner' ]"),
            ("fs.accessSync('file.txt', fs.constants.R_OK)", "undefined"),
            ("fs.existsSync('file.txt') && !fs.existsSync('none') && !fs.existsSync('../secret')", "true"),
            ("fs.statSync('none', { throwIfNoEntry: false })", "undefined"),
            ("typeof fs.statSync('file.txt', { bigint: true }).size", "'bigint'"),
            ("typeof fs.statfsSync('.').bsize", "'number'"),
            (
                "{ const fd = fs.openSync('file.txt'), bytes = new Uint8Array(4); const n = fs.readSync(fd, bytes, 0, 4, 3); const all = [n, fs.fstatSync(fd).size, String.fromCharCode(...bytes)]; try { fs.writeSync(fd, 'x') } catch (e) { all.push(e.code) } for (const f of ['ftruncateSync', 'fchmodSync', 'futimesSync']) try { fs[f](fd, 1, 1) } catch (e) { all.push(e.code) } fs.closeSync(fd); all.join(' ') }",
                "'4 7 tent EBADF EINVAL EACCES EACCES'",
            ),
            ("await (await fs.promises.open('file.txt')).readFile('utf8')", "'content'"),
            (
                "{ const d = fs.opendirSync('.'), names = []; for await (const e of d) names.push(e.name); names }",
                "[ 'file.txt', 'link', 'sub' ]",
            ),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
        assert_eq!(std::fs::read_to_string(file).unwrap(), "content");
    });
}

// threat G14
#[test]
fn a_grant_that_is_taken_back_is_gone_for_open_files() {
    block_on(async {
        let folder = Folder::new("expired");
        let file = folder.write("file", "content");
        let (kernel, permissions) = kernel(&[(Kind::Read, &folder.0)]).await;
        text(
            &kernel,
            &format!("var fs = require('fs'), fd = fs.openSync({:?}), bytes = new Uint8Array(3)", file.display().to_string()),
        )
        .await;
        assert_eq!(text(&kernel, "fs.readSync(fd, bytes)").await, "3");
        permissions.change(|policy| policy.deny_all(Kind::Read));
        for code in ["fs.readSync(fd, bytes)", "fs.fstatSync(fd)", "fs.readFileSync(fd)", "await fs.promises.stat('/x')"] {
            assert_eq!(text(&kernel, &format!("try {{ {code} }} catch (e) {{ e.code }}")).await, "'EACCES'", "{code}");
        }
        kernel.reset().await.unwrap();
        // The numbers of a session that is gone mean nothing.
        assert_eq!(text(&kernel, "try { require('fs').closeSync(3) } catch (e) { e.code }").await, "'EBADF'");
    });
}

/// How often a link is swapped, unless `DRUPE_SWAPS` says otherwise.
const SWAPS: u32 = 100_000;

// threat G3
#[test]
fn links_that_are_swapped_meanwhile_lead_nowhere() {
    block_on(async {
        let folder = Folder::new("swaps");
        folder.write("granted/real/file", "inside");
        folder.write("secret/file", "outside");
        let granted = folder.0.join("granted");
        let (kernel, _) = kernel(&[(Kind::Read, &granted), (Kind::Write, &granted)]).await;
        let swaps = std::env::var("DRUPE_SWAPS").ok().and_then(|swaps| swaps.parse().ok()).unwrap_or(SWAPS);
        let (place, out) = (granted.join("swap"), folder.0.join("secret"));
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let swapper = std::thread::spawn({
            let (stop, granted) = (stop.clone(), granted.clone());
            move || swap(&granted, &place, &out, swaps, &stop)
        });
        let code = format!(
            "var fs = require('fs'), seen = new Set(), path = {:?}; for (let i = 0; i < 1500; i++) {{ try {{ seen.add(fs.readFileSync(path + '/file', 'utf8')) }} catch (e) {{ seen.add(e.code) }} try {{ fs.writeFileSync(path + '/file', 'inside') }} catch (e) {{ seen.add(e.code) }} }} seen.has('outside')",
            granted.join("swap").display().to_string()
        );
        while !swapper.is_finished() {
            assert_eq!(text(&kernel, &code).await, "false");
        }
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        assert!(swapper.join().unwrap() >= swaps);
        assert_eq!(std::fs::read_to_string(folder.0.join("secret/file")).unwrap(), "outside");
    });
}

/// Makes `place` a folder and a link that leads out, in turn.
fn swap(granted: &Path, place: &Path, out: &Path, swaps: u32, stop: &std::sync::atomic::AtomicBool) -> u32 {
    let link = granted.join("link");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(out, &link).unwrap();
    std::fs::rename(granted.join("real"), place).unwrap();
    let mut done = 0;
    while done < swaps && !stop.load(std::sync::atomic::Ordering::SeqCst) {
        // One takes the place of the other in one step.
        rustix::fs::renameat_with(rustix::fs::CWD, place, rustix::fs::CWD, &link, rustix::fs::RenameFlags::EXCHANGE).unwrap();
        done += 1;
    }
    done
}
