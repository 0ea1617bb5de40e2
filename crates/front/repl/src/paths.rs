//! Paths as people type them behind a command: plain, quoted, with escaped spaces, with `~`.

use std::path::{Path, PathBuf};

use drupe_client::host::{permissions::words, shell::expand};

/// The path that the `argument` of a command means, in a session whose working folder is `folder`. Spaces need no
/// quotes.
pub(crate) fn typed(argument: &str, folder: &Path) -> PathBuf {
    let plain = expand(argument);
    let is_marked = argument.contains(['"', '\'', '\\']);
    // A name may hold such characters.
    if !is_marked || folder.join(&plain).exists() {
        return plain;
    }
    match words(argument).as_deref() {
        Ok([word]) => expand(word),
        // Tab puts no quote at the end.
        Err(_) => expand(argument.trim_start_matches(['"', '\''])),
        Ok(_) => plain,
    }
}

/// The same, from the root.
pub(crate) fn absolute(argument: &str, folder: &Path) -> PathBuf {
    folder.join(typed(argument, folder))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{absolute, typed};

    #[test]
    fn quotes_and_escapes_are_read() {
        let folder = Path::new("/no/such/folder");
        for (argument, path) in [
            ("a b", "a b"),
            ("\"a b\"", "a b"),
            ("'a b'/c", "a b/c"),
            ("a\\ b", "a b"),
            ("\"a b/", "a b/"),
            ("it's here", "it's here"),
            ("/x", "/x"),
        ] {
            assert_eq!(typed(argument, folder), Path::new(path), "{argument}");
        }
        assert_eq!(absolute("'a b'", folder), Path::new("/no/such/folder/a b"));
        let home = std::env::var("HOME").unwrap_or_default();
        assert_eq!(absolute("\"~/a b\"", folder), Path::new(&home).join("a b"));
    }
}
