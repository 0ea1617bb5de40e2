//! Links that would lead out of what is granted: nobody makes one, and nobody moves one to where it does.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

use std::{fs, path::Path};

use crate::calls::Place;
use drupe_host::permissions::Kind;
use drupe_protocol::Value;

/// Whether any link below `folder` leads to what lies beside the granted folder, by the system's own reading.
fn leads_out(place: &Place) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![place.root.join("in")];
    while let Some(folder) = open.pop() {
        // Folders may move meanwhile.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_symlink() && fs::read(entry.path()).is_ok_and(|content| content == b"secret") {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found
}

fn place() -> Place {
    let place = Place::open();
    place.folder("in/a/b/c");
    place.folder("in/flat");
    for secret in ["secret", "in/../a-secret"] {
        fs::write(place.root.join(secret), "secret").unwrap();
    }
    fs::write(place.root.join("in/file"), "file").unwrap();
    place.link("a/b/c", "in/deep");
    place.link(".", "in/here");
    place
}

// threat G15
#[tokio::test]
async fn no_link_is_made_that_leads_out() {
    let place = place();
    let outside = place.path("secret");
    let inside = place.path("in/file");
    for (text, link, wanted) in [
        // `..` after a link is above where that leads.
        ("deep/../../../../secret", "in/l1", "EACCES"),
        ("here/../secret", "in/l2", "EACCES"),
        ("a/../../secret", "in/l3", "EACCES"),
        ("../secret", "in/l4", "EACCES"),
        (".//.././secret", "in/l5", "EACCES"),
        ("../secret/", "in/l6", "EACCES"),
        (&outside, "in/l7", "EACCES"),
        (&format!("{inside}/../../secret"), "in/l8", "EACCES"),
        // What is not there yet could be filled later.
        ("missing/../../secret", "in/l9", "EACCES"),
        ("a/missing/../../../secret", "in/l10", "EACCES"),
        // It lies deeper than it seems to.
        ("../../../../secret", "in/deep/l11", "EACCES"),
        ("../secret", "in/here/l12", "EACCES"),
        // What stays within, from where the link really is.
        ("file", "in/ok1", ""),
        ("../../../file", "in/deep/ok2", ""),
        ("../../../missing/later", "in/a/b/c/ok3", ""),
        (&inside, "in/ok4", ""),
        ("./a//b/.", "in/ok5", ""),
    ] {
        assert_eq!(place.symlink(text, link).await, wanted, "{text} {link}");
    }
    assert_eq!(fs::read_to_string(place.root.join("in/a/b/c/ok2")).unwrap(), "file");
    // Later changes of the names in a text lead nowhere else.
    assert_eq!(place.fs("unlink", &["in/deep"]).await, "");
    assert_eq!(place.symlink("/", "in/missing").await, "EACCES");
    assert_eq!(place.symlink(".", "in/missing").await, "");
    assert_eq!(leads_out(&place), Vec::<String>::new());
}

// threat G15
#[tokio::test]
async fn no_link_is_moved_to_where_it_leads_out() {
    let place = place();
    // From here it leads to `in/secret`, which is not there.
    assert_eq!(place.symlink("../../../secret", "in/a/b/c/l").await, "");
    assert_eq!(place.symlink("../file", "in/flat/ok").await, "");
    for (op, from, to, wanted) in [
        ("rename", "in/a/b/c/l", "in/l", "EACCES"),
        ("rename", "in/a/b/c/l", "in/a/l", "EACCES"),
        ("rename", "in/a/b/c/l", "in/flat/ok", "EACCES"),
        ("link", "in/a/b/c/l", "in/l", "EACCES"),
        // With the folder that it is in, or one above that.
        ("rename", "in/a/b/c", "in/c", "EACCES"),
        ("rename", "in/a/b", "in/b", "EACCES"),
        ("rename", "in/a/b", "in/flat/b", ""),
        ("rename", "in/flat/b", "in/a/b", ""),
        // In its folder, and to where it leads within.
        ("rename", "in/a/b/c/l", "in/a/b/c/m", ""),
        ("link", "in/a/b/c/m", "in/a/b/c/l", ""),
        ("rename", "in/flat", "in/flat2", ""),
        ("rename", "in/flat2/ok", "in/a/b/ok", ""),
        ("rename", "in/file", "in/a/file", ""),
    ] {
        assert_eq!(place.fs(op, &[from, to]).await, wanted, "{op} {from} {to}");
    }
    assert_eq!(leads_out(&place), Vec::<String>::new());
    // Where everything is granted there is no out.
    place.permissions.change(|policy| {
        for kind in Kind::ALL {
            policy.allow_all(kind);
        }
    });
    assert_eq!(place.fs("rename", &["in/a/b/c/l", "in/l"]).await, "");
}

// threat G15
#[tokio::test]
async fn links_are_made_while_their_folders_move_and_none_leads_out() {
    let place = std::sync::Arc::new(place());
    let turns = 300;
    let mover = {
        let place = place.clone();
        tokio::spawn(async move {
            for _ in 0..turns {
                place.fs("rename", &["in/a/b/c", "in/c"]).await;
                place.fs("rename", &["in/c", "in/a/b/c"]).await;
            }
        })
    };
    for _ in 0..turns {
        for folder in ["in/a/b/c", "in/c"] {
            place.symlink("../../../secret", &format!("{folder}/l")).await;
            assert_eq!(leads_out(&place), Vec::<String>::new());
            place.fs("unlink", &[&format!("{folder}/l")]).await;
        }
    }
    mover.await.unwrap();
    assert_eq!(leads_out(&place), Vec::<String>::new());
}

// threat G16
#[tokio::test]
async fn links_of_the_system_tell_nothing_of_the_parent() {
    let place = Place::granting(&[]);
    place.permissions.change(|policy| policy.allow_all(Kind::Read));
    let own = fs::read_link("/proc/self/exe").unwrap();
    place.link("/proc/self/exe", "exe");
    place.link("/proc/self", "self");
    let links = ["/proc/self/exe", "/proc/self/cwd", "/proc/self/root", "/proc/self/fd/0", "/proc/thread-self/exe"];
    let more =
        [place.path("exe"), place.path("self/exe"), place.path("self/fd/1"), "/dev/fd/1".to_owned(), "/dev/stdin".to_owned()];
    for path in links.map(str::to_owned).into_iter().chain(more) {
        for op in ["readlink", "stat", "realpath", "readFile", "access", "statfs", "open", "readdir"] {
            let said = place.value(&format!("fs.{op}"), vec![path.as_str().into()]).await;
            let is_own_link = op == "readlink" && (path == place.path("exe") || path == "/dev/stdin");
            assert!(is_own_link || said.is_err_and(|error| !error.message.contains(own.to_str().unwrap())), "{op} {path}");
        }
    }
    for path in ["/proc/self/status", "/proc/self/environ", "/proc/version", "/sys/kernel"] {
        for op in ["stat", "lstat", "realpath", "readFile"] {
            assert_eq!(place.code(&format!("fs.{op}"), vec![path.into()]).await, "EACCES", "{op} {path}");
        }
    }
    // Everything else is as it was.
    assert_eq!(place.code("fs.stat", vec!["/dev/null".into()]).await, "");
    assert!(Path::new("/proc/self/exe").exists());
}

// threat G17
#[tokio::test]
async fn no_file_gets_its_owners_rights_by_a_list() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let place = Place::open();
    fs::write(place.root.join("in/file"), "x").unwrap();
    let mode = |name: &str| fs::metadata(place.root.join(name)).unwrap().mode() & 0o7777;
    let path = |name: &str| Value::from(place.path(name));
    place.value("fs.chmod", vec![path("in/file"), 0o6755.into()]).await.unwrap();
    assert_eq!(mode("in/file"), 0o755);
    let fd = place.value("fs.open", vec![path("in/file"), 2.into(), 0.into()]).await.unwrap();
    place.value("fs.fchmod", vec![fd, 0o7711.into()]).await.unwrap();
    assert_eq!(mode("in/file"), 0o1711);
    // O_WRONLY | O_CREAT, O_WRONLY | O_CREAT | O_EXCL
    place.value("fs.open", vec![path("in/new"), 0o101.into(), 0o6711.into()]).await.unwrap();
    place.value("fs.writeFile", vec![path("in/own"), "x".into(), 0o301.into(), 0o6711.into()]).await.unwrap();
    place.value("fs.mkdir", vec![path("in/folder"), false.into(), 0o7711.into()]).await.unwrap();
    place.value("fs.mkdir", vec![path("in/x/y"), true.into(), 0o6711.into()]).await.unwrap();
    for name in ["in/new", "in/own", "in/folder", "in/x/y"] {
        assert_eq!(mode(name) & 0o6000, 0, "{name}");
    }
    // What somebody else made so is not written to.
    let program = place.root.join("in/program");
    fs::write(&program, "x").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
    assert_eq!(place.code("fs.writeFile", vec![path("in/program"), "y".into(), 0o1001.into(), 0o666.into()]).await, "EPERM");
    assert_eq!(place.code("fs.truncate", vec![path("in/program"), 0.into()]).await, "EPERM");
    place.value("fs.copyFile", vec![path("in/program"), path("in/copy")]).await.unwrap();
    assert_eq!((mode("in/copy"), fs::read_to_string(program).unwrap()), (0o755, "x".to_owned()));
}
