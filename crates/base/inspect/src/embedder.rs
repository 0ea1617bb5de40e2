//! What the embedder tells the inspector about the code that its isolate runs.

/// Maps what V8 knows of the code to what the user wrote. An isolate without one runs the code as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Embedder {
    /// Replaces the embedder's names in a text of V8's by the user's; `None` where the text has no such names.
    pub names: fn(&v8::PinScope, &str) -> Option<String>,
    /// Maps the place of a frame in the function of this name; `None` where the frame is not shown.
    pub place: fn(&v8::PinScope, Option<&str>, Place) -> Option<Place>,
}

/// A place in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name of the script.
    pub script: String,
    /// The line; the first is 1.
    pub line: usize,
    /// The column in UTF-16 code units; the first is 1.
    pub column: usize,
}

impl Embedder {
    /// Makes the inspector ask this embedder in `isolate`. To be called once, before anything is described.
    pub fn install(self, isolate: &mut v8::Isolate) {
        isolate.set_slot(self);
    }
}

/// A text of V8's with the names that the user wrote; `None` where they are the same.
pub(crate) fn names(scope: &v8::PinScope, text: &str) -> Option<String> {
    scope.get_slot::<Embedder>().and_then(|embedder| (embedder.names)(scope, text))
}

/// The place of a frame in the user's text; `None` where the frame is not shown.
pub(crate) fn place(scope: &v8::PinScope, function: Option<&str>, place: Place) -> Option<Place> {
    match scope.get_slot::<Embedder>() {
        Some(embedder) => (embedder.place)(scope, function, place),
        None => Some(place),
    }
}
