//! Code that is checked, and comes from standard input or another stream: a copy in a file.

use std::{
    env,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use drupe_client::{Completeness, Language, Options, completeness};

use crate::input;

/// A file with the code, in a folder that only its owner may read. Both are removed when this is dropped.
#[derive(Debug)]
pub(crate) struct CheckedCopy {
    folder: PathBuf,
    pub(crate) file: PathBuf,
}

/// What `file` is called.
pub(crate) fn words_for(file: &OsStr) -> String {
    if file == "-" { "standard input".to_owned() } else { file.display().to_string() }
}

impl CheckedCopy {
    /// Of `-` and of streams. `None`: it is a file by itself.
    pub(crate) fn of(file: &OsStr) -> io::Result<Option<Self>> {
        let text = match file {
            file if file == "-" => input::text(input::code_here())?,
            file if input::is_stream(Path::new(file)) => fs::File::open(file).and_then(input::text)?,
            _ => return Ok(None),
        };
        let copy = Self::empty(file_name(&text))?;
        fs::write(&copy.file, text)?;
        Ok(Some(copy))
    }

    fn empty(name: &str) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        for number in 0_u32.. {
            let folder = env::temp_dir().join(format!("drupe-check-{}-{number}", std::process::id()));
            match builder.create(&folder) {
                Ok(()) => return Ok(Self { file: folder.join(name), folder }),
                // Of a process that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for CheckedCopy {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for such files.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// A name that says in which language the code is. **A stream has no name**: the first language that fits is taken.
fn file_name(text: &str) -> &'static str {
    let fits = |language| {
        let options = Options::new(language);
        !matches!(completeness(text, &options), Completeness::Invalid(_))
    };
    match () {
        () if fits(Language::TypeScript) => "stdin.ts",
        () if fits(Language::Tsx) => "stdin.tsx",
        () if fits(Language::JavaScript) => "stdin.js",
        () => "stdin.ts",
    }
}
