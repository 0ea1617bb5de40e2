//! Names and places in what the inspector describes: those that the user wrote.

use drupe_inspect::{Embedder, Place};

use crate::isolate::{marked, realm::Realm, scripts::is_guard};

/// Connects the inspector with the session's scripts.
pub(crate) const EMBEDDER: Embedder = Embedder { names, place };

fn names(scope: &v8::PinScope, text: &str) -> Option<String> {
    marked::is_marked(text).then(|| marked::unmarked(scope, text.to_owned()))
}

/// The kernel's own frames and those of guards are not shown.
fn place(scope: &v8::PinScope, function: Option<&str>, place: Place) -> Option<Place> {
    if function.is_some_and(is_guard) {
        return None;
    }
    let at = Realm::of(scope).scripts.borrow().location(place.script, place.line, place.column)?;
    Some(Place { script: at.script, line: at.position.line as usize + 1, column: at.position.column as usize + 1 })
}
