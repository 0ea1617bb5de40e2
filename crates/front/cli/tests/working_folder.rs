//! Programs of `!`, and the working folder.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common;
use crate::common::{Folder, run_with};

#[test]
fn programs_of_the_shell_are_run() {
    let said = run_with(&["repl"], "!echo hi | tr h H\n!sh -c 'exit 3'\nconst ls = false\n!ls\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "Hi\nundefined\ntrue\n"), "{}", said.err);
    assert_eq!(said.err, "exit status: 3\n");
}

#[test]
fn a_program_alone_needs_the_permission_for_itself() {
    let said = run_with(&["repl", "--allow-run=echo"], "!echo 'a  b'\n!echo a | cat\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "a  b\n"), "{}", said.err);
    assert!(said.err.contains("--allow-run="), "{}", said.err);
}

#[test]
fn the_working_folder_is_changed() {
    let folder = Folder::new("cd");
    folder.write("here.js", "1");
    let path = folder.0.canonicalize().unwrap();
    let said = run_with(
        &["repl"],
        &format!(
            ".cd {}\nprocess.cwd()\n.load here.js\n.reset\nrequire('fs').existsSync('here.js')\n.cd /no/such\n",
            folder.0.display()
        ),
    );
    let shown = path.display();
    assert_eq!(said.out, format!("{shown}\n'{shown}'\n1\ntrue\n"), "{}", said.err);
    assert_eq!(said.status, Some(1));
    assert!(said.err.contains("no such file or directory"), "{}", said.err);
}

#[test]
fn chunks_import_from_the_new_working_folder() {
    let folder = Folder::new("moved");
    for name in ["one", "two"] {
        std::fs::create_dir(folder.0.join(name)).unwrap();
        folder.write(&format!("{name}/m.cjs"), &format!("module.exports = {{ name: '{name}' }}"));
    }
    let root = folder.0.canonicalize().unwrap().display().to_string();
    let chunks = "require('./m.cjs').name\n(await import('./m.cjs')).default.name\nimport moved from './m.cjs'; moved.name\nimport.meta.dirname\n";
    let said = run_with(&["repl"], &format!(".cd {root}/one\n{chunks}process.chdir('../two')\n{chunks}"));
    let each = |name: &str| format!("'{name}'\n'{name}'\n'{name}'\n'{root}/{name}'\n");
    assert!(said.out.contains(&each("one")) && said.out.contains(&each("two")), "{}\n{}", said.out, said.err);
    assert_eq!(said.err, "");
}

#[test]
fn the_working_folder_is_the_sessions() {
    let folder = Folder::new("folders");
    let sub = folder.0.canonicalize().unwrap().join("sub");
    std::fs::create_dir_all(sub.join("sub")).unwrap();
    let setup = folder.write("setup.ts", "globalThis.set = 'up'");
    let input = format!("process.chdir({:?})\n.cd\n.cd sub\n!pwd\n.reset\nset\n", sub.display());
    let mut command = common::drupe(&["repl", "--preload", "setup.ts"]);
    let mut child = command.current_dir(setup.parent().unwrap());
    child = child.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = child.stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), input.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    let (one, two) = (sub.display(), sub.join("sub"));
    let expected = format!("undefined\n{one}\n{two}\n{two}\n'up'\n", two = two.display());
    assert_eq!(String::from_utf8_lossy(&said.stdout), expected, "{}", String::from_utf8_lossy(&said.stderr));
}
