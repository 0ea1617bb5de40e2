//! The sentences for errors of JSX, in texts whose language has it.

use std::borrow::Cow;
use std::ops::Range;

use drupe_lexer::{Word, tags, word};
use swc_core::common::BytePos;
use swc_ecma_parser_metered::error::SyntaxError;

/// The sentence for an error at `at`, if it is of JSX. Positions less `base` are offsets in the source.
pub(crate) fn plain(error: &SyntaxError, source: &str, at: usize, base: u32) -> Option<Cow<'static, str>> {
    use SyntaxError as E;
    let place = |open: &BytePos| place(source, open.0.saturating_sub(base) as usize);
    let (before, after) = source.split_at(at);
    if let Some(word) = tags::statement_in_braces(before, after) {
        return Some(in_braces(word).into());
    }
    Some(match error {
        E::JSXExpectedClosingTagForLtGt { open } => {
            format!("Expected the closing tag </> of the fragment at {}", place(open)).into()
        }
        E::JSXExpectedClosingTag { tag, open } => {
            format!("Expected the closing tag </{tag}> of the element at {}", place(open)).into()
        }
        E::JSXUnclosed { tag, open } if tag.is_empty() => {
            format!("Unexpected end of input: the fragment at {} has no closing tag </>", place(open)).into()
        }
        E::JSXUnclosed { tag, .. } if is_type(tag) => {
            format!("'<{tag}>' begins an element in a file with JSX: write 'value as {tag}' to say that a value is of a type")
                .into()
        }
        E::JSXUnclosed { tag, open } => {
            format!("Unexpected end of input: the element <{tag}> at {} has no closing tag", place(open)).into()
        }
        E::JSXSecondRoot => "JSX elements side by side need one parent: put <> and </> around them".into(),
        E::JSXNamespaceMember => "A JSX name with a namespace has no members".into(),
        _ if tags::is_in_generic_arrow(before, after) => {
            "'<T>' begins an element in a file with JSX: write '<T,>(…) => …' for a generic arrow function".into()
        }
        E::UnexpectedTokenWithSuggestions { candidate_list } => {
            let list: Vec<_> = candidate_list.iter().map(|candidate| candidate.trim_matches('`')).collect();
            let found = after.chars().next()?;
            format!("Unexpected token '{found}' in the text of an element: write {}", list.join(" or ")).into()
        }
        E::UnterminatedRegExp if before.ends_with('<') => missing_before(after)?.into(),
        E::TS1109 | E::Unexpected { .. } | E::InvalidExpr if after.starts_with("</") => {
            match tags::closes_element(before, &after[1..]) {
                true => missing_before(&after[1..])?.into(),
                false => {
                    format!("Unexpected closing tag <{}: no such element is open here", tags::closing_tag(&after[1..])?).into()
                }
            }
        }
        _ => return None,
    })
}

/// The place of an error that stands elsewhere than the parser says, as byte offsets: what looks like a cast is told at
/// its beginning, and not at the end of the text.
pub(crate) fn place_of(error: &SyntaxError, base: u32) -> Option<Range<usize>> {
    match error {
        SyntaxError::WithLabel { inner, .. } => place_of(inner.kind(), base),
        SyntaxError::JSXUnclosed { tag, open } if is_type(tag) => {
            let from = open.0.saturating_sub(base) as usize;
            Some(from..from + tag.len())
        }
        _ => None,
    }
}

/// What is said of a closing tag, whose `<` is before the text, within brackets of its element.
fn missing_before(after: &str) -> Option<String> {
    Some(format!("Unexpected closing tag <{}: is a '}}' or ')' missing before it?", tags::closing_tag(after)?))
}

fn is_type(tag: &str) -> bool {
    word(tag).is_some_and(Word::is_type)
}

/// What is said of a statement in the braces of an element, and what to write instead.
fn in_braces(word: &str) -> String {
    let instead = match word {
        "if" | "switch" => "write {condition ? <a/> : <b/>}, or {condition && <a/>}",
        "for" | "while" | "do" => "write {list.map(item => <li>{item}</li>)}",
        "return" => "leave out the word",
        _ => "put it before the element",
    };
    format!("Braces in an element hold an expression, and '{word}' begins a statement: {instead}")
}

/// A place as people write it: line and column, both counted from 1.
fn place(source: &str, offset: usize) -> String {
    let before = &source[..source.floor_char_boundary(offset)];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before[start..].encode_utf16().count() + 1;
    format!("{}:{column}", before.matches('\n').count() + 1)
}
