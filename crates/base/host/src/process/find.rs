//! Finds a program, and determines whether the code could have put it there.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::File,
    io::Read,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rustix::io::Errno;

use crate::{
    permissions::{Exposure, Trace, trace},
    shell::is_executable,
};

/// Where programs are looked for when the parent has no `PATH`.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// How many scripts may be each other's interpreter, as Linux has it.
const MAX_INTERPRETERS: usize = 5;
/// As much of a script's first line as Linux reads.
const FIRST_LINE: u64 = 256;

/// The folders in which the parent looks for programs.
pub(super) fn search_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_else(|| USUAL_PATH.into());
    env::split_paths(&path).filter(|folder| folder.is_absolute()).collect()
}

/// Those of `folders` that the code cannot put a program into.
pub(super) fn without_exposed(folders: &[PathBuf], exposure: &Exposure) -> Vec<PathBuf> {
    let is_safe = |folder: &&PathBuf| trace(folder).is_some_and(|trace| !exposure.exposes(&trace));
    folders.iter().filter(is_safe).cloned().collect()
}

/// `folders` as the value of `PATH`.
pub(super) fn joined(folders: &[PathBuf]) -> OsString {
    // They were split where they are joined again.
    env::join_paths(folders).unwrap_or_default()
}

/// The file of the program `name`: in `folders`, **whatever JavaScript says of `PATH`**.
pub(super) fn find(name: &str, cwd: &Path, folders: &[PathBuf]) -> Option<Trace> {
    let at = |file: PathBuf| Some(trace(&file)?).filter(|trace| is_executable(&trace.real));
    if name.contains('/') {
        return at(cwd.join(name));
    }
    folders.iter().find_map(|folder| at(folder.join(name)))
}

/// Why there is no program `name`, as the system says where it is to execute it.
pub(super) fn why_not(name: &str, cwd: &Path, folders: &[PathBuf]) -> Errno {
    let why = |file: PathBuf| match file.metadata() {
        // A folder, or a file that is none to execute.
        Ok(_) => Errno::ACCESS,
        Err(error) => crate::fs::errno(&error),
    };
    if name.contains('/') {
        return why(cwd.join(name));
    }
    let is_there = |folder: &PathBuf| why(folder.join(name)) == Errno::ACCESS;
    if folders.iter().any(is_there) { Errno::ACCESS } else { Errno::NOENT }
}

/// The interpreters of `program`, if it is a script; `None` if by `exposure` the code could change one, or choose it by
/// its working folder.
pub(super) fn interpreters(program: &Trace, exposure: Option<&Exposure>) -> Option<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut script = program.real.clone();
    while let Some(interpreter) = interpreter(&script) {
        let trace = Some(interpreter).filter(|path| path.is_absolute()).and_then(|path| trace(&path));
        let Some(trace) =
            trace.filter(|trace| found.len() < MAX_INTERPRETERS && !exposure.is_some_and(|exposure| exposure.exposes(trace)))
        else {
            // What is not there is for the system to say.
            return exposure.is_none().then_some(found);
        };
        script.clone_from(&trace.real);
        found.push(trace.real);
    }
    Some(found)
}

/// What the first line of a script names.
fn interpreter(script: &Path) -> Option<PathBuf> {
    let mut start = Vec::new();
    File::open(script).ok()?.take(FIRST_LINE).read_to_end(&mut start).ok()?;
    let line = start.strip_prefix(b"#!")?.split(|byte| matches!(byte, b'\n' | 0)).next()?;
    let name = line.trim_ascii_start().split(|byte| matches!(byte, b' ' | b'\t')).next()?;
    Some(PathBuf::from(OsStr::from_bytes(name.trim_ascii())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::permissions::{Kind, Policy};

    #[test]
    fn programs_are_found_by_the_parents_path_and_by_their_files() {
        let find = |name: &str| find(name, Path::new("/"), &search_path()).map(|trace| trace.named);
        assert!(find("sh").is_some());
        assert!(find("bin/sh").is_some_and(|file| file.ends_with("bin/sh")));
        assert_eq!(find("no-such-program"), None);
        assert_eq!(find("tmp"), None);
    }

    #[test]
    fn why_there_is_no_program_is_told_as_the_system_tells_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(root.join("text"), "").unwrap();
        std::fs::create_dir(root.join("folder")).unwrap();
        let folders = [root.clone()];
        for (name, errno) in [
            ("text", Errno::ACCESS),
            ("folder", Errno::ACCESS),
            ("./text", Errno::ACCESS),
            ("./folder", Errno::ACCESS),
            ("missing", Errno::NOENT),
            ("./missing", Errno::NOENT),
            ("text/x", Errno::NOTDIR),
            ("/etc/passwd", Errno::ACCESS),
        ] {
            assert_eq!((find(name, &root, &folders), why_not(name, &root, &folders)), (None, errno), "{name}");
        }
    }

    // threat G20
    #[test]
    fn programs_are_not_looked_for_where_code_may_put_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let folders = ["mine/bin", "fixed"].map(|name| root.join(name));
        for folder in &folders {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join("tool"), "").unwrap();
            std::fs::set_permissions(folder.join("tool"), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        std::os::unix::fs::symlink(&folders[0], root.join("link")).unwrap();
        let mut policy = Policy::none();
        policy.allow(Kind::Write, &root.join("mine").display().to_string()).unwrap();
        let [mine, fixed] = folders;
        let all = [root.join("link"), mine, root.join("missing"), fixed.clone()];
        let exposure = Exposure::of(&policy);
        assert_eq!(without_exposed(&all, &exposure), std::slice::from_ref(&fixed));
        assert_eq!(find("tool", &root, &without_exposed(&all, &exposure)).map(|trace| trace.real), Some(fixed.join("tool")));
        assert_eq!(without_exposed(&all, &Exposure::of(&Policy::none())).len(), 3);
    }

    // threat G20
    #[test]
    fn an_interpreter_is_part_of_its_script() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let script = |name: &str, first: &str| {
            std::fs::create_dir_all(root.join("mine")).unwrap();
            std::fs::write(root.join(name), format!("{first}\necho\n")).unwrap();
            trace(&root.join(name)).unwrap()
        };
        let mut policy = Policy::none();
        policy.allow(Kind::Write, &root.join("mine").display().to_string()).unwrap();
        let mine = script("mine/interpreter", "#!/bin/sh");
        let sh = trace(Path::new("/bin/sh")).unwrap().real;
        assert_eq!(interpreters(&script("plain", "echo"), Some(&Exposure::of(&policy))), Some(Vec::new()));
        assert_eq!(interpreters(&script("shell", "#! /bin/sh -e"), Some(&Exposure::of(&policy))), Some(vec![sh]));
        let through = script("through", &format!("#!{}", mine.real.display()));
        assert_eq!(interpreters(&through, Some(&Exposure::of(&policy))), None);
        assert_eq!(interpreters(&script("twice", &format!("#!{}", through.real.display())), Some(&Exposure::of(&policy))), None);
        assert_eq!(interpreters(&script("relative", "#!interpreter"), Some(&Exposure::of(&policy))), None);
    }
}
