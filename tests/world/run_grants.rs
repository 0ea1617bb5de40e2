//! Grants for programs: a grant for one is none for another, whatever links, names, variables and scripts say.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use drupe_client::{Kernel, Permissions, Policy, host::permissions::Kind};

use super::files::Folder;
use crate::support::{block_on, memory, text};

/// A folder with one that may be written (`mine`) and one that may be read (`fixed`).
struct Place(Folder);

impl Place {
    fn new(name: &str) -> Self {
        let place = Self(Folder::new(name));
        fs::create_dir_all(place.at("mine")).unwrap();
        fs::create_dir_all(place.at("fixed")).unwrap();
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.0.join(name)
    }

    fn path(&self, name: &str) -> String {
        self.at(name).display().to_string()
    }

    /// A program that is a script.
    fn script(&self, name: &str, text: &str) -> String {
        let file = self.0.write(name, text);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file.display().to_string()
    }

    /// What a program of the code's own leaves behind: the sign that it ran.
    fn has_sign(&self) -> bool {
        self.at("mine/sign").exists()
    }

    /// A script that leaves the sign.
    fn attack(&self, name: &str) -> String {
        self.script(name, &format!("#!/bin/sh\necho > {}\n", self.path("mine/sign")))
    }

    async fn kernel(&self, grants: &[(Kind, &str)]) -> (Kernel, Permissions) {
        let mut policy = Policy::none();
        let folders = [(Kind::Read, self.path("mine")), (Kind::Read, self.path("fixed")), (Kind::Write, self.path("mine"))];
        for (kind, rule) in
            folders.iter().map(|(kind, rule)| (kind, &**rule)).chain(grants.iter().map(|(kind, rule)| (kind, *rule)))
        {
            policy.allow(*kind, rule).unwrap();
        }
        let permissions = Permissions::new(policy);
        let kernel = memory::builder().permissions(&permissions).spawn().await.unwrap();
        let (mine, fixed) = (self.path("mine"), self.path("fixed"));
        text(&kernel, &format!("var cp = require('child_process'), mine = {mine:?}, fixed = {fixed:?}")).await;
        text(&kernel, "var told = (f) => { try { return f() } catch (e) { return e.code ?? e.status } }").await;
        (kernel, permissions)
    }
}

/// The program that `name` is on this system.
fn program(name: &str) -> String {
    ["/usr/bin", "/bin"].iter().map(|folder| format!("{folder}/{name}")).find(|file| fs::exists(file).unwrap()).unwrap()
}

// threat G20
#[test]
fn a_link_that_is_swapped_meanwhile_runs_nothing_else() {
    block_on(async {
        let place = Place::new("run-swap");
        let attack = place.attack("mine/attack");
        let (kernel, _) = place.kernel(&[(Kind::Run, &program("true")), (Kind::Run, &place.path("mine/true"))]).await;
        let over = Arc::new(AtomicBool::new(false));
        let (until, next, link) = (Arc::clone(&over), place.at("mine/next"), place.at("mine/true"));
        let swapping = thread::spawn(move || {
            while !until.load(Ordering::SeqCst) {
                for target in [&*program("true"), &*attack] {
                    std::os::unix::fs::symlink(target, &next).unwrap();
                    fs::rename(&next, &link).unwrap();
                }
            }
        });
        let tried = "for (let i = 0; i < 300; i++) told(() => cp.execFileSync(mine + '/true')); told(() => cp.execFileSync(mine + '/true'))";
        let said = text(&kernel, tried).await;
        over.store(true, Ordering::SeqCst);
        swapping.join().unwrap();
        assert!(matches!(&*said, "'EACCES'"), "{said}");
        assert!(!place.has_sign());
        // The program itself runs.
        assert_eq!(text(&kernel, &format!("cp.spawnSync({:?}).status", program("true"))).await, "0");
    });
}

// threat G20
#[test]
fn what_code_may_write_is_not_run() {
    block_on(async {
        let place = Place::new("run-writable");
        let tool = place.attack("mine/tool");
        let interpreted = place.script("fixed/interpreted", &format!("#!{tool}\n"));
        std::os::unix::fs::symlink(&tool, place.at("fixed/link")).unwrap();
        std::os::unix::fs::symlink(place.at("mine"), place.at("fixed/folder")).unwrap();
        let (link, through) = (place.path("fixed/link"), place.path("fixed/folder/tool"));
        let grants = [&tool, &interpreted, &link, &through].map(|rule| (Kind::Run, &**rule));
        let (kernel, permissions) = place.kernel(&grants).await;
        for file in [&tool, &interpreted, &link, &through] {
            assert_eq!(text(&kernel, &format!("told(() => cp.execFileSync({file:?}))")).await, "'EACCES'", "{file}");
        }
        assert_eq!(text(&kernel, "process.chdir(mine); told(() => cp.execFileSync('./tool'))").await, "'EACCES'");
        let why =
            "try { cp.execFileSync('./tool') } catch (e) { [e.message.includes('from where code may write'), e.permission] }";
        assert_eq!(text(&kernel, why).await, "[ true, 'run' ]");
        assert!(!place.has_sign());
        // Access to everything is that, and what may not be written any more is a program like others.
        permissions.change(|policy| policy.revoke(Kind::Write));
        assert_eq!(text(&kernel, &format!("cp.spawnSync({tool:?}).status === null")).await, "false");
    });
}

// threat G20
#[test]
fn a_program_is_called_by_its_own_name() {
    block_on(async {
        let place = Place::new("run-names");
        place.script("fixed/multi", "#!/bin/sh\necho \"$0\"\n");
        for name in ["ls1", "sh1"] {
            std::os::unix::fs::symlink("multi", place.at(&format!("fixed/{name}"))).unwrap();
        }
        let (kernel, _) = place.kernel(&[(Kind::Run, &place.path("fixed/ls1")), (Kind::Run, "cat")]).await;
        for (code, wanted) in [
            ("cp.execFileSync(fixed + '/ls1', { encoding: 'utf8' }).length > 0", "true"),
            ("told(() => cp.execFileSync(fixed + '/sh1'))", "'EACCES'"),
            ("told(() => cp.execFileSync(fixed + '/multi'))", "'EACCES'"),
            ("told(() => cp.execFileSync(fixed + '/ls1', { argv0: 'sh1' }))", "'EACCES'"),
            ("told(() => cp.execFileSync('cat', { argv0: 'sh' }))", "'EACCES'"),
            ("told(() => cp.execFileSync('cat', { uid: 12345 }))", "'EACCES'"),
            ("told(() => cp.execFileSync('cat', { gid: 12345 }))", "'EACCES'"),
            ("told(() => cp.execFileSync('cat', { shell: true }))", "'EACCES'"),
            ("await new Promise(done => cp.exec('cat', (e) => done(e.code)))", "'EACCES'"),
            ("await new Promise(done => cp.spawn('cat', { argv0: 'sh' }).on('error', (e) => done(e.code)))", "'EACCES'"),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
    });
}

// threat G20
#[test]
fn variables_that_run_code_are_not_handed_on() {
    block_on(async {
        let place = Place::new("run-variables");
        let attack = place.attack("mine/sh");
        let tool = place.script("fixed/tool", "#!/usr/bin/env sh\nprintf %s \"$PATH$LANG$WORD\"\n");
        let (kernel, _) = place.kernel(&[(Kind::Run, &tool), (Kind::Env, "WORD")]).await;
        text(&kernel, &format!("var tool = {tool:?}, attack = {attack:?}, run = (env) => told(() => cp.execFileSync(tool, {{ env, encoding: 'utf8' }}))")).await;
        assert_eq!(
            text(&kernel, "{ const path = run({ PATH: mine }); [path.includes('/bin'), path.includes(mine)] }").await,
            "[ true, false ]"
        );
        assert_eq!(text(&kernel, "run({ LANG: 'C', WORD: 'plum' }).endsWith('Cplum')").await, "true");
        for variable in [
            "BASH_ENV",
            "ENV",
            "LD_PRELOAD",
            "LD_AUDIT",
            "GIT_SSH_COMMAND",
            "NODE_OPTIONS",
            "PYTHONPATH",
            "PERL5LIB",
            "RUBYOPT",
            "UNKNOWN",
        ] {
            assert_eq!(text(&kernel, &format!("run({{ {variable}: attack }})")).await, "'EACCES'", "{variable}");
        }
        assert_eq!(text(&kernel, "process.env.BASH_ENV = attack; told(() => cp.execFileSync(tool))").await, "'EACCES'");
        assert!(!place.has_sign());
    });
}

// threat G20
#[test]
fn a_rule_may_fix_arguments_and_follows_its_file() {
    block_on(async {
        let place = Place::new("run-rules");
        let tool = place.script("fixed/tool", "#!/bin/sh\necho one\n");
        let rules = [(Kind::Run, "echo 'two words' x"), (Kind::Run, &*tool)];
        let (kernel, _) = place.kernel(&rules).await;
        for (code, wanted) in [
            ("cp.execFileSync('echo', ['two words', 'x', 'y'], { encoding: 'utf8' })", "'two words x y\\n'"),
            ("told(() => cp.execFileSync('echo', ['two', 'words', 'x']))", "'EACCES'"),
            ("told(() => cp.execFileSync('echo', ['x']))", "'EACCES'"),
            ("told(() => cp.execFileSync('echo'))", "'EACCES'"),
            ("cp.execFileSync(fixed + '/tool', { encoding: 'utf8' })", "'one\\n'"),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
        // A new version takes the place of the old one.
        place.script("fixed/new", "#!/bin/sh\necho two\n");
        fs::rename(place.at("fixed/new"), &tool).unwrap();
        assert_eq!(text(&kernel, "cp.execFileSync(fixed + '/tool', { encoding: 'utf8' })").await, "'two\\n'");
    });
}

/// A `fork` in another thread may hold what was just written for a moment, and the system refuses to run it meanwhile.
#[test]
fn a_program_that_was_just_written_runs() {
    block_on(async {
        let place = Place::new("run-busy");
        let tool = place.script("fixed/tool", "#!/bin/sh\necho one\n");
        let (kernel, _) = place.kernel(&[(Kind::Run, &tool)]).await;
        let open = || fs::OpenOptions::new().append(true).open(&tool).unwrap();
        let writer = open();
        let closing = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            drop(writer);
        });
        assert_eq!(text(&kernel, "cp.execFileSync(fixed + '/tool', { encoding: 'utf8' })").await, "'one\\n'");
        closing.join().unwrap();
        // What stays open is refused.
        let _writer = open();
        assert_eq!(text(&kernel, "told(() => cp.execFileSync(fixed + '/tool'))").await, "'ETXTBSY'");
    });
}

// threat G22
#[test]
fn a_program_reads_and_writes_what_the_session_may() {
    if drupe_client::host::landlock_version().is_none() {
        return eprintln!("skipped: this system has no Landlock");
    }
    block_on(async {
        let place = Place::new("run-confined");
        place.0.write("secret", "s3cr3t");
        place.0.write("fixed/open", "plum");
        std::os::unix::fs::symlink("../secret", place.at("mine/link")).unwrap();
        let (kernel, permissions) = place.kernel(&[(Kind::Run, "cat"), (Kind::Run, "/bin/sh")]).await;
        text(&kernel, "var run = (script) => cp.spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).stdout").await;
        for (code, wanted) in [
            ("cp.execFileSync('cat', [fixed + '/open'], { encoding: 'utf8' })", "'plum'"),
            ("cp.spawnSync('cat', [fixed + '/../secret'], { encoding: 'utf8' }).stdout", "''"),
            ("cp.spawnSync('cat', [mine + '/link'], { encoding: 'utf8' }).stdout", "''"),
            ("cp.spawnSync('cat', ['/etc/passwd'], { encoding: 'utf8' }).stdout", "''"),
            ("run(`echo x > ${mine}/new && cat ${mine}/new`)", "'x\\n'"),
            ("run(`echo x > ${fixed}/new && echo written`)", "''"),
            ("run(`echo x > ${fixed}/../new && echo written`)", "''"),
            ("run(`rm ${fixed}/open && echo removed`)", "''"),
            ("run(`mv ${fixed}/open ${mine}/open && echo moved`)", "''"),
            (
                "run(`mkdir ${mine}/a ${mine}/b && echo y > ${mine}/a/y && mv ${mine}/a/y ${mine}/b/y && cat ${mine}/b/y`)",
                "'y\\n'",
            ),
            // What it starts itself is confined as well.
            ("run(`sh -c 'cat /etc/passwd'; (cat ${fixed}/../secret); echo done > /dev/null; echo over`)", "'over\\n'"),
        ] {
            assert_eq!(text(&kernel, code).await, wanted, "{code}");
        }
        assert_eq!(fs::read_to_string(place.at("fixed/open")).unwrap(), "plum");
        if drupe_client::host::landlock_version() >= Some(6) {
            let signal = format!("run('kill -0 {} && echo signalled')", std::process::id());
            assert_eq!(text(&kernel, &signal).await, "''");
        }
        // What is granted anew is granted to the next program, and where nothing is listed nothing is in the way.
        permissions.change(|policy| policy.allow(Kind::Read, &place.path("secret")).unwrap());
        assert_eq!(text(&kernel, "cp.execFileSync('cat', [fixed + '/../secret'], { encoding: 'utf8' })").await, "'s3cr3t'");
        permissions.change(|policy| [Kind::Read, Kind::Write, Kind::Run].into_iter().for_each(|kind| policy.allow_all(kind)));
        assert_eq!(text(&kernel, "cp.execFileSync('cat', ['/etc/passwd'], { encoding: 'utf8' }).length > 0").await, "true");
    });
}
