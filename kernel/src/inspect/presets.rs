//! The kernel's presets of the inspector: its limits for results, console calls and previews.

use drupe_inspect::{self as inspect, Options};
use drupe_protocol::preview::Node;

use crate::isolate::handles::SHORT_STRING;

/// How much of a value its [`brief`] tells.
const BRIEF: Options = Options {
    depth: 0,
    max_array_length: 6,
    max_string_length: 100,
    show_hidden: false,
    show_proxy: false,
    max_nodes: 100,
    max_bytes: 2_000,
    coloured: false,
};

/// How much of a value that is only previewed its [`foreseen`] tells.
const FORESEEN: Options = Options {
    depth: 1,
    max_array_length: 20,
    max_string_length: 200,
    show_hidden: false,
    show_proxy: false,
    max_nodes: 200,
    max_bytes: 4_000,
    coloured: false,
};

/// How much of each value a page tells.
pub(crate) const ON_A_PAGE: Options = Options {
    depth: 1,
    max_array_length: 20,
    max_string_length: SHORT_STRING,
    show_hidden: false,
    show_proxy: false,
    max_nodes: 100,
    max_bytes: 4_000,
    coloured: false,
};

/// How much of a value is shown where a program wants all of it: values, and bytes of text.
const WHOLE: (usize, usize) = (200_000, 16 << 20);

/// `options` for a text that a program wants as a whole.
pub(crate) fn whole(options: Options) -> Options {
    let (max_nodes, max_bytes) = WHOLE;
    Options { max_nodes, max_bytes, ..options }
}

/// As a console prints it.
pub(crate) fn text(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    inspect::text(scope, value, &Options::default())
}

/// How a result is shown: as a console prints it, but for its `depth`, where that is given.
pub(crate) fn of_result(depth: Option<u32>) -> Options {
    let console = Options::default();
    Options { depth: depth.unwrap_or(console.depth), ..console }
}

/// The text of a tree that was made as [`of_result`] says.
pub(crate) fn laid_out(tree: &Node) -> String {
    inspect::render(tree, &Options::default())
}

/// On one line, what is inside not opened.
pub(crate) fn brief(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    inspect::line(scope, value, &BRIEF)
}

/// On one line, a little of what is inside.
pub(crate) fn foreseen(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    inspect::line(scope, value, &FORESEEN)
}

/// The stack text of an error.
pub(crate) fn stack<'s>(scope: &mut v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Object>) -> String {
    inspect::stack(scope, error, &Options::default())
}
