//! The sentences for errors of JSX, in texts whose language has it.

use std::borrow::Cow;

use swc_core::common::BytePos;
use swc_ecma_parser_metered::error::SyntaxError;

/// The sentence for an error at `at`, if it is of JSX. Positions less `base` are offsets in the source.
pub(crate) fn plain(error: &SyntaxError, source: &str, at: usize, base: u32) -> Option<Cow<'static, str>> {
    use SyntaxError as E;
    let place = |open: &BytePos| place(source, open.0.saturating_sub(base) as usize);
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
        E::JSXUnclosed { tag, open } => {
            format!("Unexpected end of input: the element <{tag}> at {} has no closing tag", place(open)).into()
        }
        E::JSXSecondRoot => "JSX elements side by side need one parent: put <> and </> around them".into(),
        E::JSXNamespaceMember => "A JSX name with a namespace has no members".into(),
        _ if is_generic_arrow(source, at) => {
            "'<T>' begins an element in a file with JSX: write '<T,>(…) => …' for a generic arrow function".into()
        }
        E::UnexpectedTokenWithSuggestions { candidate_list } => {
            let list: Vec<_> = candidate_list.iter().map(|candidate| candidate.trim_matches('`')).collect();
            let found = source[at..].chars().next()?;
            format!("Unexpected token '{found}' in the text of an element: write {}", list.join(" or ")).into()
        }
        E::UnterminatedRegExp if source[..at].ends_with('<') => {
            format!("Unexpected closing tag <{}: is a '}}' or ')' missing before it?", closing_tag(&source[at..])?).into()
        }
        E::TS1109 | E::Unexpected { .. } | E::InvalidExpr if source[at..].starts_with("</") => {
            format!("Unexpected closing tag <{}: no such element is open here", closing_tag(&source[at + 1..])?).into()
        }
        _ => return None,
    })
}

/// A place as people write it: line and column, both counted from 1.
fn place(source: &str, offset: usize) -> String {
    let before = &source[..source.floor_char_boundary(offset)];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before[start..].encode_utf16().count() + 1;
    format!("{}:{column}", before.matches('\n').count() + 1)
}

/// The rest of a closing tag behind its `<`.
fn closing_tag(text: &str) -> Option<&str> {
    let end = text.find('>')?;
    let tag = &text[..=end];
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '.' | '-' | ':');
    tag.strip_prefix('/')?.trim_end_matches('>').chars().all(is_name).then_some(tag)
}

/// How long the type parameters and parameters of an arrow function may be, in bytes, to be recognised.
const MAX_HEAD: usize = 400;

/// Whether a text has `<T>(` before the place of an error, and an arrow or an annotation there: no element has that.
fn is_generic_arrow(source: &str, at: usize) -> bool {
    let before = &source[source.floor_char_boundary(at.saturating_sub(MAX_HEAD))..at];
    let Some((open, tag)) = before.rmatch_indices(">(").find_map(|(end, _)| {
        let open = before[..end].rfind('<')?;
        Some((open, &before[open + 1..end]))
    }) else {
        return false;
    };
    let is_type =
        |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$'));
    let is_async = before[..open].trim_end().ends_with("async");
    let is_arrow = before.ends_with('=') && source[at..].starts_with('>');
    let is_annotation = is_async && source[at..].starts_with(':');
    tag.split(',').all(|name| is_type(name.trim())) && (is_arrow || is_annotation) && !source[at..].contains(&format!("</{tag}>"))
}
