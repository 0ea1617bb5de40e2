//! The names of files of declarations, which tell the types of JavaScript.

use std::path::{Path, PathBuf};

/// The endings of these files.
const ENDINGS: [&str; 3] = [".d.ts", ".d.mts", ".d.cts"];

/// The endings of JavaScript, each with that of the declarations beside it. The likelier ones come first.
const BESIDE: [(&str, &str); 6] =
    [("js", "d.ts"), ("jsx", "d.ts"), ("mjs", "d.mts"), ("cjs", "d.cts"), ("mjs", "d.ts"), ("cjs", "d.ts")];

/// Whether a file of this name, or at this URL, has declarations only.
#[must_use]
pub fn is_declarations(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The files that may have the declarations of a file of JavaScript, the likelier ones first. None for other files.
pub fn declarations_beside(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    let code = path.extension().and_then(|ending| ending.to_str());
    BESIDE.iter().filter(move |(ending, _)| code == Some(*ending)).map(|(_, ending)| path.with_extension(ending))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{declarations_beside, is_declarations};

    #[test]
    fn declarations_have_their_names() {
        for (file, expected) in [
            ("/a/b.js", &["/a/b.d.ts"] as &[&str]),
            ("b.c.jsx", &["b.c.d.ts"]),
            ("b.mjs", &["b.d.mts", "b.d.ts"]),
            ("b.cjs", &["b.d.cts", "b.d.ts"]),
            ("b.ts", &[]),
            ("b", &[]),
        ] {
            let found: Vec<PathBuf> = declarations_beside(Path::new(file)).collect();
            assert_eq!(found, expected.iter().map(PathBuf::from).collect::<Vec<_>>(), "{file}");
            assert!(found.iter().all(|found| is_declarations(&found.to_string_lossy())) && !is_declarations(file));
        }
    }
}
