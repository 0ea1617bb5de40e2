//! The sentences for errors of JSX, in texts whose language has it.

use std::borrow::Cow;

use drupe_lexer::tags;
use swc_core::common::BytePos;
use swc_ecma_parser_metered::error::SyntaxError;

/// The sentence for an error at `at`, if it is of JSX. Positions less `base` are offsets in the source.
pub(crate) fn plain(error: &SyntaxError, source: &str, at: usize, base: u32) -> Option<Cow<'static, str>> {
    use SyntaxError as E;
    let place = |open: &BytePos| place(source, open.0.saturating_sub(base) as usize);
    let (before, after) = source.split_at(at);
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
        _ if tags::is_in_generic_arrow(before, after) => {
            "'<T>' begins an element in a file with JSX: write '<T,>(…) => …' for a generic arrow function".into()
        }
        E::UnexpectedTokenWithSuggestions { candidate_list } => {
            let list: Vec<_> = candidate_list.iter().map(|candidate| candidate.trim_matches('`')).collect();
            let found = after.chars().next()?;
            format!("Unexpected token '{found}' in the text of an element: write {}", list.join(" or ")).into()
        }
        E::UnterminatedRegExp if before.ends_with('<') => {
            format!("Unexpected closing tag <{}: is a '}}' or ')' missing before it?", tags::closing_tag(after)?).into()
        }
        E::TS1109 | E::Unexpected { .. } | E::InvalidExpr if after.starts_with("</") => {
            format!("Unexpected closing tag <{}: no such element is open here", tags::closing_tag(&after[1..])?).into()
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
