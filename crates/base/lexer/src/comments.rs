//! Comments: those that are read for what they say, and text without them.

use crate::{Kind, tokens};

/// The doc comment that ends right before `at`, without its stars.
#[must_use]
pub fn doc_before(source: &str, at: usize) -> Option<String> {
    let before = source.get(..at)?.trim_end();
    let open = before.strip_suffix("*/")?;
    let start = open.rfind("/*")?;
    clean(open.get(start..)?.strip_prefix("/**")?)
}

/// The text of a doc comment, without the stars at its lines' beginnings.
fn clean(comment: &str) -> Option<String> {
    let lines = comment.lines().map(|line| {
        let line = line.trim();
        let line = line.strip_prefix('*').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line).trim_end()
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What the closed block comments of a text say, in order. It looks for `/*` only, and finds one in a string, too:
/// where a text that may be no program has its pragmas is no guess.
pub fn block_comments(source: &str) -> impl Iterator<Item = &str> {
    let mut rest = source;
    std::iter::from_fn(move || {
        let (_, comment) = rest.split_once("/*")?;
        let (comment, after) = comment.split_once("*/")?;
        rest = after;
        Some(comment)
    })
}

/// `source` with a space in place of each byte of a comment but its line breaks: what stands where stays where it is.
#[must_use]
pub fn without_comments(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    for token in tokens(source) {
        let text = token.text(source);
        match token.kind {
            Kind::Comment => code.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' })),
            _ => code.push_str(text),
        }
    }
    code
}

/// What stands in a line behind white space and comments, if anything does. `in_comment`: the line begins inside of a
/// block comment, or the next line does.
pub fn behind_comments<'line>(line: &'line str, in_comment: &mut bool) -> Option<&'line str> {
    let mut text = line;
    loop {
        if *in_comment {
            let (_, rest) = text.split_once("*/")?;
            *in_comment = false;
            text = rest;
        }
        text = text.trim_start_matches(crate::is_space);
        if let Some(comment) = text.strip_prefix("/*") {
            *in_comment = true;
            text = comment;
        } else {
            return (!text.is_empty() && !text.starts_with("//")).then_some(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{behind_comments, block_comments, doc_before, without_comments};

    #[test]
    fn a_doc_comment_is_read_without_its_stars() {
        let text = "/* no */\n/** One.\n *  two\n */\nf";
        assert_eq!(doc_before(text, text.len() - 1).as_deref(), Some("One.\n two"));
        assert_eq!([doc_before("/* a */ f", 8), doc_before("/** */ f", 7), doc_before("/** a */ x; f", 12)], [None, None, None]);
    }

    #[test]
    fn block_comments_are_told_in_order() {
        assert_eq!(block_comments("/* a */ b /*c*/ // d\n/* open").collect::<Vec<_>>(), [" a ", "c"]);
    }

    #[test]
    fn without_comments_nothing_moves() {
        assert_eq!(without_comments("a /* é\n */ b // c\n'//d' e"), "a      \n    b     \n'//d' e");
    }

    #[test]
    fn what_stands_behind_comments_is_found() {
        let mut in_comment = false;
        let mut look = |line| behind_comments(line, &mut in_comment);
        assert_eq!(
            [look(" /* a */ b"), look("// c"), look(""), look("/* d"), look("e"), look("*/ f")],
            [Some("b"), None, None, None, None, Some("f")]
        );
    }
}
