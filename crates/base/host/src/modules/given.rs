//! A module whose text the embedder has, and which lies nowhere: code of the command line.

use std::{path::PathBuf, sync::Arc};

use drupe_transpile::{Language, Project};

use super::{
    compile::Problem,
    compiled::Compiled,
    format::{Format, KnownTypes, Wanted},
    load::Loader,
    location::Place,
    worker::Worker,
};

/// The languages that a text is read as, the likeliest first.
const LANGUAGES: [Language; 2] = [Language::Tsx, Language::TypeScript];

/// A module that is as good as a file at `path`.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl Loader {
    /// The given module, if that is at a place. An import of nothing but types has its effects, as in JavaScript.
    pub(super) fn given(
        &self,
        worker: &Worker,
        place: &Place,
        types: Option<&KnownTypes>,
    ) -> Option<Result<(Format, Arc<Compiled>), Problem>> {
        let Place::File { path, .. } = place else { return None };
        let given = self.resolver.given().filter(|given| given.path == *path)?;
        let project = Project { keep_effects: true, ..Project::default() };
        let mut refused = None;
        for language in LANGUAGES {
            let wanted = Wanted::code(Format::Module, language, false).within(project.clone()).without(types.cloned());
            let bytes = given.text.clone().into_bytes();
            match self.cache.content(bytes, &wanted, &path.to_string_lossy(), (worker, &self.turns)) {
                Ok((_, compiled)) => return Some(Ok((Format::Module, compiled))),
                Err(problem @ Problem::Syntax(..)) => refused = refused.or(Some(problem)),
                Err(problem) => return Some(Err(problem)),
            }
        }
        refused.map(Err)
    }
}
