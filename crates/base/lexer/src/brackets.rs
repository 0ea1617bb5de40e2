//! What is open at a place of a text.

use crate::{Kind, word};

/// Something that is open: a bracket, a template's code, an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `(`. Whether a head of a statement is in it, as after `if`.
    Parenthesis {
        /// It is one.
        head: bool,
    },
    /// `[`.
    Bracket,
    /// `{` of statements, of a class, or of a type.
    Block,
    /// `{` of an object.
    Object,
    /// The text of a template.
    Template,
    /// `${` of a template.
    TemplateCode,
    /// `{` within an element.
    JsxCode,
    /// `<` of a tag, up to its `>`.
    Tag {
        /// It closes an element.
        closing: bool,
        /// Type arguments that are open in it.
        angles: u32,
    },
    /// Between the tags of an element.
    Children,
}

/// Whether a brace after a token of this kind and text, at this level, opens an object.
pub(crate) fn opens_object(before: Option<(Kind, &str)>, level: Option<Level>) -> bool {
    match before {
        None => false,
        Some((Kind::Operator, sign)) => !matches!(sign, "=>" | ";"),
        Some((Kind::Open, sign)) => sign != "{" || level == Some(Level::JsxCode),
        Some((Kind::Keyword, text)) => {
            let is_statement = matches!(text, "do" | "else" | "try" | "finally" | "extends");
            word(text).is_some_and(|word| word.wants_operand() || word.may_be_name()) && !is_statement
        }
        Some(_) => false,
    }
}
