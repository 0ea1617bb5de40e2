//! Lays out a preview of a JavaScript value as text, in the style of Node's `util.inspect`.
//!
//! Pure: a tree and options in, a string out, for every value. It never calls a JavaScript engine (the kernel built the
//! tree), and it trusts no text in the tree: everything that a terminal would act upon (control characters, escape
//! sequences, changes of writing direction) is written as an escape.
//!
//! Start at [`render`]; [`object`] makes the parts of an object, [`layout`] places them on lines.

mod escape;
mod head;
mod layout;
mod number;
mod object;
mod piece;
mod style;
mod width;

#[cfg(test)]
mod tests;

use drupe_protocol::preview::Node;

pub use escape::{quote, sanitize};
pub use number::number_text;
pub use style::{Style, Styles};
pub use width::display_width;

/// How to lay out.
#[derive(Clone, Copy, Debug)]
pub struct Options<'s> {
    /// Colours, or none.
    pub styles: Option<&'s Styles>,
    /// Columns after which entries go on lines of their own.
    pub break_length: usize,
    /// How many inner levels may share one line.
    pub compact: usize,
    /// The limit of elements under which the tree was made: a list that has more is laid out a little differently.
    pub max_array_length: usize,
    /// Columns by which the text will be moved to the right by whoever shows it: lines after the first are indented by
    /// as many.
    pub indentation: usize,
    /// Entries in the order of their texts, rather than that of the tree.
    pub sorted: bool,
    /// Digits in groups of three.
    pub numeric_separator: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            styles: None,
            break_length: 80,
            compact: 3,
            max_array_length: 100,
            indentation: 0,
            sorted: false,
            numeric_separator: false,
        }
    }
}

/// The text for a tree.
///
/// ```
/// use drupe_protocol::preview::{Kind, Node, Object};
///
/// let items = [Node::Number(1.0), Node::Holes(2), Node::Null];
/// let entries = items.map(Into::into).into();
/// let array = Object { kind: Kind::Array, class: "Array".into(), entries, ..Object::default() };
/// let text = drupe_preview::render(&Node::Object(Box::new(array)), &drupe_preview::Options::default());
/// assert_eq!(text, "[ 1, <2 empty items>, null ]");
/// ```
#[must_use]
pub fn render(node: &Node, options: &Options) -> String {
    let mut renderer = object::Renderer::new(options);
    let mut out = piece::Piece::default();
    renderer.node(node, 0, &mut out);
    out.text
}
