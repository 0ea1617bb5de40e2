//! Sources: TypeScript, JavaScript and JSX, each complete and cut off, and by every way that a source takes into the
//! parent.

/// Text that is no program.
mod broken;

/// Openings that a parser can only guess at, nested.
mod guesses;

/// Brackets and statements, nested as deep as there is room, and chains.
mod nests;

/// Long lists, long tokens.
mod wide;

use std::sync::Arc;

use drupe_client::Language;

use crate::case::{Act, Case, LARGEST, World};

/// A way into the parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Chunk,
    Script,
    Preview,
    Complete,
    Completeness,
    Format,
    Inspect,
    TypeScriptModule,
    Module,
}

/// Imports `text` without any permission.
const IMPORT: &str = "await import('data:application/typescript,' + encodeURIComponent(text))\
                      .then(() => 'imported', (error) => String(error).slice(0, 80))";

/// The same, twelve times.
const IMPORT_12: &str = "await Promise.allSettled(Array.from({ length: 12 }, (_, n) => import('data:application/typescript,' + \
                         encodeURIComponent(text) + '//' + n))).then((all) => String(all[0].reason).slice(0, 80))";

/// Imports it as JavaScript.
const IMPORT_JS: &str = "await import('data:text/javascript,' + encodeURIComponent(text))\
                         .then(() => 'imported', (error) => String(error).slice(0, 80))";

/// A text that is typed is no longer than this: a preview of more is refused unseen.
const TYPED: usize = 16 << 10;

impl Way {
    /// What is done with a source.
    pub(crate) fn act(self, source: String) -> Act {
        match self {
            Self::Chunk => Act::run(source),
            Self::Script => Act::Run { source, language: Language::JavaScript, inputs: Vec::new() },
            Self::Preview => Act::Preview(cut(source, TYPED)),
            Self::Complete => Act::Complete(source),
            Self::Completeness => Act::Completeness(source),
            Self::Format => Act::Format(source),
            Self::Inspect => Act::Inspect(format!("function f() {{}}\n{}", cut(source, LARGEST - 1024))),
            Self::TypeScriptModule => Act::given(IMPORT, source),
            Self::Module => Act::given(IMPORT_JS, source),
        }
    }
}

/// The beginning of a text, at most so many bytes.
fn cut(mut text: String, length: usize) -> String {
    text.truncate(text.floor_char_boundary(length));
    text
}

/// The ways beside a chunk, which shapes take in turn.
const OTHERS: [Way; 8] =
    [Way::TypeScriptModule, Way::Preview, Way::Completeness, Way::Format, Way::Script, Way::Inspect, Way::Module, Way::Complete];

/// A shape of sources.
struct Shape {
    name: String,
    source: Box<dyn Fn() -> String + Send + Sync>,
}

impl Shape {
    fn new(name: impl Into<String>, source: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { name: name.into(), source: Box::new(source) }
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut turn = 0;
    for (kind, shapes) in
        [("guess", guesses::shapes()), ("nest", nests::shapes()), ("wide", wide::shapes()), ("broken", broken::shapes())]
    {
        for shape in shapes {
            let shape = Arc::new(shape);
            // Every shape is a chunk, and every second takes another way besides.
            let other = (turn % 2 == 0).then(|| OTHERS[turn / 2 % OTHERS.len()]);
            for way in [Some(Way::Chunk), other].into_iter().flatten() {
                let (shape, name) = (shape.clone(), format!("{kind}: {} as {way:?}", shape.name));
                cases.push(Case::new(name, World::Denied, move || way.act((shape.source)())));
            }
            turn += 1;
        }
    }
    let twelve: [(&str, fn() -> String); 4] = [
        ("parentheses", || "(".repeat(90_000)),
        ("generics", || "a < (b = ".repeat(40)),
        ("brackets that close", || format!("{}{}", "[".repeat(9_000), "]".repeat(9_000))),
        ("names", || crate::case::list(8_000, |index| format!("export let a{index}: number = {index};\n"))),
    ];
    for (what, source) in twelve {
        cases.push(Case::new(format!("12 modules at once: {what}"), World::Denied, move || Act::given(IMPORT_12, source())));
    }
    cases
}
