//! Code that is checked, and comes from standard input or another stream: a copy in a file.

use std::{env, ffi::OsStr, fs, io, path::PathBuf};

use drupe_client::{Completeness, Event, Language, Options, completeness};

use crate::{input, program};

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
        let text = match program::stream(file) {
            _ if file == "-" => input::text(input::code_here())?,
            Some(path) => fs::File::open(path).and_then(input::text)?,
            None => return Ok(None),
        };
        let copy = Self::empty(file_name(&text))?;
        fs::write(&copy.file, text)?;
        Ok(Some(copy))
    }

    /// The name of the copy becomes `called` in errors.
    pub(crate) fn renamed(&self, called: &str) -> Renaming {
        let file = fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        Renaming { file: file.to_string_lossy().into_owned(), called: called.to_owned() }
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

/// Another name for a file.
#[derive(Clone, Debug)]
pub(crate) struct Renaming {
    file: String,
    called: String,
}

impl Renaming {
    /// The event with the other name. **A stream has no language**, so the error has no code of TypeScript's.
    pub(crate) fn apply(&self, event: &Event) -> Option<Event> {
        let Event::Exception(uncaught) = event else { return None };
        let mut uncaught = uncaught.clone();
        let exception = &mut uncaught.exception;
        let url = format!("file://{}", self.file);
        exception.text = exception.text.replace(&url, &self.called).replace(&self.file, &self.called);
        // Its stack has the other name, too.
        exception.value = None;
        if let Some(text) = exception.text.strip_suffix(OF_TYPESCRIPT) {
            exception.text = text.to_owned();
        }
        let rename = |script: &mut String| {
            if *script == url || *script == self.file {
                script.clone_from(&self.called);
            }
        };
        exception.at.iter_mut().for_each(|at| rename(&mut at.script));
        exception.code_frame.iter_mut().for_each(|frame| rename(&mut frame.at.script));
        exception.frames.iter_mut().for_each(|frame| rename(&mut frame.script));
        Some(Event::Exception(uncaught))
    }
}

/// The end of the text of an error of TypeScript's syntax.
const OF_TYPESCRIPT: &str = " {\n  code: 'ERR_INVALID_TYPESCRIPT_SYNTAX'\n}";

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
