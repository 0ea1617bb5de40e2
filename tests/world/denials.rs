//! Rules that deny: what they name is not reached, whatever is granted.

use std::fs;

use drupe_client::{Kernel, Permissions, Policy, host::permissions::Kind};

use super::files::Folder;
use crate::support::{block_on, memory, text};

async fn kernel(policy: Policy, folder: &Folder) -> Kernel {
    let kernel = memory::builder().permissions(&Permissions::new(policy)).spawn().await.unwrap();
    let folder = folder.0.display().to_string();
    text(&kernel, &format!("var fs = require('fs'), cp = require('child_process'), dir = {folder:?}")).await;
    text(&kernel, "var told = (f) => { try { return f() } catch (e) { return e.code ?? e.status } }").await;
    kernel
}

// threat G21
#[test]
fn what_is_denied_is_denied_by_every_way() {
    block_on(async {
        let folder = Folder::new("denials");
        let secret = folder.write("a/keys/secret", "s3cr3t");
        folder.write("a/open", "plum");
        std::os::unix::fs::symlink("a/keys", folder.0.join("link")).unwrap();
        let mut policy = Policy::all();
        policy.deny(Kind::Read, &folder.0.join("a/keys").display().to_string()).unwrap();
        policy.deny(Kind::Write, &folder.0.join("a/open").display().to_string()).unwrap();
        policy.deny(Kind::Env, "PATH").unwrap();
        policy.deny(Kind::Run, "sleep").unwrap();
        policy.deny(Kind::Net, "localhost").unwrap();
        policy.deny(Kind::Import, "example.com").unwrap();
        let kernel = kernel(policy, &folder).await;
        for (code, wanted) in [
            ("fs.readFileSync(dir + '/a/open', 'utf8')", "'plum'"),
            ("told(() => fs.readFileSync(dir + '/a/keys/secret'))", "'EACCES'"),
            ("told(() => fs.readFileSync(dir + '/link/secret'))", "'EACCES'"),
            ("told(() => fs.readFileSync('/proc/self/root' + dir + '/a/keys/secret'))", "'EACCES'"),
            ("told(() => fs.readFileSync('/proc/self/environ'))", "'EACCES'"),
            ("told(() => fs.readdirSync(dir + '/a/keys'))", "'EACCES'"),
            ("told(() => fs.statSync(dir + '/a/keys/secret'))", "'EACCES'"),
            ("told(() => fs.readdirSync(dir, { recursive: true }))", "'EACCES'"),
            ("fs.readdirSync(dir + '/a')", "[ 'keys', 'open' ]"),
            ("fs.writeFileSync(dir + '/b', 'x')", "undefined"),
            ("told(() => fs.writeFileSync(dir + '/a/open', 'x'))", "'EACCES'"),
            // Another name for it, or for the folder that it is in.
            ("told(() => fs.renameSync(dir + '/a/keys/secret', dir + '/found'))", "'EACCES'"),
            ("told(() => fs.renameSync(dir + '/a', dir + '/found'))", "'EACCES'"),
            ("told(() => fs.linkSync(dir + '/a/keys/secret', dir + '/found'))", "'EACCES'"),
            ("told(() => fs.copyFileSync(dir + '/a/keys/secret', dir + '/found'))", "'EACCES'"),
            ("told(() => fs.rmSync(dir + '/a', { recursive: true }))", "'EACCES'"),
            (
                "try { require(dir + '/a/keys/secret') } catch (e) { e.code === undefined || !String(e.message).includes('s3cr3t') }",
                "true",
            ),
            ("'PATH' in process.env", "false"),
            ("told(() => cp.execFileSync('sleep', ['0']))", "'EACCES'"),
            ("told(() => cp.execFileSync(require('path').join('/bin', '..', 'bin', 'sleep'), ['0']))", "'EACCES'"),
            ("await fetch('http://127.0.0.1:9999/').catch((e) => (e.cause ?? e).code ?? e.code)", "'EACCES'"),
            ("await fetch('http://localhost:9999/').catch((e) => (e.cause ?? e).code ?? e.code)", "'EACCES'"),
            ("await import('http://example.com/x.js').catch((e) => e.code)", "'EACCES'"),
            ("try { fs.readFileSync(dir + '/a/keys/secret') } catch (e) { e.deniedBy }", "'rule'"),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
        if drupe_client::host::landlock_version().is_some() {
            let said = "cp.spawnSync('cat', [dir + '/a/keys/secret', dir + '/a/open'], { encoding: 'utf8' }).stdout";
            assert_eq!(text(&kernel, said).await, "'plum'");
            let said =
                "cp.spawnSync('/bin/sh', ['-c', `cat ${dir}/link/secret; echo x > ${dir}/a/open`], { encoding: 'utf8' }).stdout";
            assert_eq!(text(&kernel, said).await, "''");
        }
        assert_eq!(fs::read_to_string(secret).unwrap(), "s3cr3t");
        assert_eq!(fs::read_to_string(folder.0.join("a/open")).unwrap(), "plum");
    });
}

// threat G21
#[test]
fn a_whole_kind_may_be_denied() {
    block_on(async {
        let folder = Folder::new("denied-kinds");
        folder.write("x", "plum");
        let mut policy = Policy::all();
        [Kind::Write, Kind::Run, Kind::Net, Kind::Env].into_iter().for_each(|kind| policy.deny_all(kind));
        let kernel = kernel(policy, &folder).await;
        for (code, wanted) in [
            ("fs.readFileSync(dir + '/x', 'utf8')", "'plum'"),
            ("told(() => fs.writeFileSync(dir + '/x', ''))", "'EACCES'"),
            ("told(() => cp.execSync('true'))", "'EACCES'"),
            ("Object.keys(process.env)", "[]"),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
    });
}
