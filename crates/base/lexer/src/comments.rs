//! Comments: those that are read for what they say, and text without them.

use crate::{Kind, tokens};

/// The doc comment that ends right before `at`, without its stars.
#[must_use]
pub fn doc_before(source: &str, at: usize) -> Option<String> {
    let before = source.get(..at)?.trim_end();
    let open = before.strip_suffix("*/")?;
    let comment = open.rfind("*/").map_or(open, |end| &open[end + 2..]);
    let start = comment.match_indices("/**").map(|(at, _)| at).find(|at| !is_path(&comment[..*at]))?;
    clean(&comment[start + 3..])
}

/// Whether a `/*` goes on with what is `before` it: `src/**`, `'/**`.
fn is_path(before: &str) -> bool {
    before.ends_with(|last: char| crate::is_name_part(last) || matches!(last, '\'' | '"' | '`' | '.' | '*' | '/'))
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

/// The texts of the closed block comments, in order. A comment begins at each `/*`, also within a string: the text may
/// be no program.
pub fn block_comments(source: &str) -> impl Iterator<Item = &str> {
    let mut rest = source;
    std::iter::from_fn(move || {
        let (_, comment) = rest.split_once("/*")?;
        let (comment, after) = comment.split_once("*/")?;
        rest = after;
        Some(comment)
    })
}

/// The source with a space in place of each byte of a comment. Line breaks stay, so that no position changes. It has no
/// elements of JSX, as a file of declarations has none.
#[must_use]
pub fn without_comments(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    for token in tokens(source).without_elements() {
        let text = token.text(source);
        match token.kind {
            Kind::Comment => code.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' })),
            _ => code.push_str(text),
        }
    }
    code
}

/// The rest of a line after its leading white space and comments; `None` if nothing is left. `in_comment`: whether the
/// line begins within a block comment. It is set for the next line.
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
    fn a_doc_comment_may_have_what_opens_one() {
        let doc = |text: &str| doc_before(text, text.len());
        for (text, expected) in [
            ("/** a/* b */", "a/* b"),
            ("/** src/*.ts */", "src/*.ts"),
            ("/** All of src/** and '/**'. */\n", "All of src/** and '/**'."),
            ("/** a /** b */", "a /** b"),
            ("/* no */ /** a /* b */", "a /* b"),
            ("/** no */ f(); {/** a/* b */", "a/* b"),
            // What stands before it is code.
            ("f('src/**', '/**'); // src/*\n/** a */", "a"),
            ("f('src/**/*.ts')\n/** a */", "a"),
        ] {
            assert_eq!(doc(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["/* a/** b */", "/**/", "/***/", "f('/** */"] {
            assert_eq!(doc(text), None, "{text}");
        }
    }

    #[test]
    fn block_comments_are_told_in_order() {
        assert_eq!(block_comments("/* a */ b /*c*/ // d\n/* open").collect::<Vec<_>>(), [" a ", "c"]);
    }

    #[test]
    fn without_comments_nothing_moves() {
        assert_eq!(without_comments("a /* é\n */ b // c\n'//d' e"), "a      \n    b     \n'//d' e");
        // What looks like a tag is none.
        for (text, expected) in [
            ("let f: <const A extends B>(a: A) => A; /* b */ c", "let f: <const A extends B>(a: A) => A;         c"),
            ("let f: <div a>(b) => c; /* d */ e </div>", "let f: <div a>(b) => c;         e </div>"),
            ("f(a, <b>c); // it's\n/* d */ e", "f(a, <b>c);        \n        e"),
        ] {
            assert_eq!(without_comments(text), expected);
        }
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
