//! The inspector: describes V8's values without running user code.
//!
//! The walk reads V8's stored data: own property descriptors, internal slots, the targets of proxies. It calls no
//! getter, no proxy trap, no `toString`, no custom inspect hook and no method that user code could have replaced. As a
//! second line of defence, all of it happens in a scope in which V8 refuses to run JavaScript. It is bounded: by depth,
//! by elements per list, by length of strings, and by a [`Budget`](budget::Budget) over the whole tree, so that no
//! value is too wide, too deep or too long to be shown.
//!
//! It makes the tree of `drupe_protocol::preview`; `drupe-preview` lays it out as text. It knows nothing of the kernel:
//! an [`Embedder`] in a slot of the isolate maps names and places to the user's text, [`said`] keeps what the embedder
//! has learnt of an error, and [`Hooks`] run the inspect functions of objects where the caller lets them.
//!
//! Start at [`preview`]; [`walk`](mod@walk) is the recursion, each other file handles one kind of object. [`peek`]
//! reads single properties in the same way.

mod arrays;
mod boxed;
mod budget;
mod buffers;
mod class;
mod collections;
mod embedder;
mod errors;
mod functions;
mod hooks;
mod intrinsics;
mod page;
pub mod peek;
mod primitives;
mod properties;
pub mod regexp;
pub mod said;
mod stack;
mod views;
mod walk;

use drupe_protocol::preview::{MAX_DEPTH, Node};

pub use boxed::regexp_flags;
pub use embedder::{Embedder, Place};
pub use hooks::{CUSTOM, Call, Hooks, Shown};
pub use intrinsics::Intrinsics;
pub use page::{Item, Page, page, page_of_string};
pub use views::teach_view;

/// How much to show.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Levels of objects below the first that are shown with their contents.
    pub depth: u32,
    /// Elements of an array, entries of a collection, bytes of a buffer.
    pub max_array_length: usize,
    /// UTF-16 units of a string.
    pub max_string_length: usize,
    /// Properties that are not enumerable, too.
    pub show_hidden: bool,
    /// A proxy as such, rather than what is behind it.
    pub show_proxy: bool,
    /// Values in the whole tree.
    pub max_nodes: usize,
    /// Bytes of text in the whole tree.
    pub max_bytes: usize,
    /// What hooks are told: whether the text will have colours.
    pub coloured: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            depth: 2,
            max_array_length: 100,
            max_string_length: 10_000,
            show_hidden: false,
            show_proxy: false,
            max_nodes: 10_000,
            max_bytes: 1 << 20,
            coloured: false,
        }
    }
}

/// The deepest that text goes; deeper than a tree on the wire, because text has no nesting.
const MAX_TEXT_DEPTH: u32 = 64;

/// Describes a value. The tree is fit for the wire: no deeper than [`MAX_DEPTH`].
///
/// Install [`Intrinsics`] in a new context, or a few kinds of objects show less. Needs the microtask policy to be
/// explicit: under the automatic one V8 would run microtasks whenever a call into it returns.
pub fn preview(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>, options: &Options) -> Node {
    describe(scope, value, options, MAX_DEPTH)
}

/// Describes a value as plain text.
pub fn text(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>, options: &Options) -> String {
    render(&describe(scope, value, options, MAX_TEXT_DEPTH), options)
}

/// Describes a value as plain text, and asks objects that want to be shown in their own way. **This runs user code**,
/// through `hooks`.
pub fn text_with_hooks(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
    options: &Options,
    hooks: &mut dyn Hooks,
) -> String {
    render(&walk(scope, value, options, MAX_TEXT_DEPTH, Some(hooks)), options)
}

/// Describes a value as a tree for the wire, and asks objects that want to be shown in their own way. **This runs user
/// code**.
pub fn preview_with_hooks(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
    options: &Options,
    hooks: &mut dyn Hooks,
) -> Node {
    walk(scope, value, options, MAX_DEPTH, Some(hooks))
}

/// Describes a value as plain text, laid out as `layout` says. With hooks, **this runs user code**. `opened` is whether
/// the value itself is, or only named.
pub fn text_in(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
    options: &Options,
    hooks: Option<&mut dyn Hooks>,
    layout: &drupe_preview::Options,
    opened: bool,
) -> String {
    let node = walk_from(scope, value, options, MAX_TEXT_DEPTH, hooks, u32::from(!opened));
    drupe_preview::render(&node, layout)
}

/// Describes a value as plain text on one line.
pub fn line(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>, options: &Options) -> String {
    let node = describe(scope, value, options, MAX_TEXT_DEPTH);
    let layout = drupe_preview::Options {
        max_array_length: options.max_array_length,
        break_length: usize::MAX,
        ..drupe_preview::Options::default()
    };
    drupe_preview::render(&node, &layout)
}

/// The stack text of an error, without what else there is to it.
pub fn stack<'s>(scope: &mut v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Object>, options: &Options) -> String {
    v8::tc_scope!(let scope, scope);
    v8::disallow_javascript_execution_scope!(let scope, scope, v8::OnFailure::ThrowOnFailure);
    let chain = class::Chain::of(scope, error);
    walk::Walk::new(scope, *options, None).stack_text(scope, &chain, &class::Class::default()).into_string()
}

/// Lays a tree that was made under these options out as plain text.
pub fn render(node: &Node, options: &Options) -> String {
    let layout = drupe_preview::Options { max_array_length: options.max_array_length, ..drupe_preview::Options::default() };
    drupe_preview::render(node, &layout)
}

fn describe(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>, options: &Options, deepest: u32) -> Node {
    walk(scope, value, options, deepest, None)
}

fn walk(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
    options: &Options,
    deepest: u32,
    hooks: Option<&mut dyn Hooks>,
) -> Node {
    walk_from(scope, value, options, deepest, hooks, 0)
}

/// Describes a value as if it lay `level` levels of objects below another.
fn walk_from(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
    options: &Options,
    deepest: u32,
    hooks: Option<&mut dyn Hooks>,
    level: u32,
) -> Node {
    if let Some(node) = primitives::primitive(scope, value, &mut budget::Budget::new(options), options) {
        return node;
    }
    v8::scope!(let scope, scope);
    v8::tc_scope!(let scope, scope);
    v8::disallow_javascript_execution_scope!(let scope, scope, v8::OnFailure::ThrowOnFailure);
    let options = Options { depth: options.depth.min(deepest), ..*options };
    walk::Walk::new(scope, options, hooks).value(scope, value, level)
}
