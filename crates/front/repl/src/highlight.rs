//! Colours for the typed line, and the partner of the bracket at the cursor.

use drupe_lexer::{Kind, Token, tokens};

const PLAIN: &str = "\x1b[0m";
const MATCHING: &str = "\x1b[1;7m";

/// `text` with colours. If a bracket is at `cursor` (a byte position), or just before it, it and its partner are
/// marked.
pub(crate) fn highlight(text: &str, cursor: Option<usize>) -> String {
    let tokens = tokens(text).filter(|token| token.kind != Kind::Space).collect::<Vec<_>>();
    let pair = cursor.and_then(|cursor| pair(text, &tokens, cursor));
    let mut shown = String::with_capacity(text.len() * 2);
    let mut end = 0;
    for (index, token) in tokens.iter().enumerate() {
        shown.push_str(&text[end..token.start]);
        end = token.end;
        let marked = pair.is_some_and(|(one, other)| one == index || other == index);
        let colour = if marked { Some(MATCHING) } else { colour(token.kind) };
        let piece = token.text(text);
        match colour {
            // Each line has its own colours: the editor writes its own text between two lines.
            Some(colour) => {
                for (line, part) in piece.split('\n').enumerate() {
                    if line > 0 {
                        shown.push('\n');
                    }
                    shown.push_str(colour);
                    shown.push_str(part);
                    shown.push_str(PLAIN);
                }
            }
            None => shown.push_str(piece),
        }
    }
    shown.push_str(&text[end..]);
    shown
}

fn colour(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Keyword => Some("\x1b[36m"),
        Kind::Constant | Kind::Number => Some("\x1b[33m"),
        Kind::String | Kind::Template | Kind::TemplateRest => Some("\x1b[32m"),
        Kind::RegExp => Some("\x1b[31m"),
        Kind::Comment => Some("\x1b[90m"),
        Kind::Space | Kind::Name | Kind::Private | Kind::JsxText | Kind::Open | Kind::Close | Kind::Operator => None,
    }
}

/// The bracket at the cursor and its partner, as places among the tokens.
fn pair(text: &str, tokens: &[Token], cursor: usize) -> Option<(usize, usize)> {
    let at = |place: usize| {
        let is_bracket = |token: &Token| matches!(token.kind, Kind::Open | Kind::Close) && token.range().contains(&place);
        tokens.iter().position(is_bracket)
    };
    let index = at(cursor).or_else(|| at(cursor.checked_sub(1)?))?;
    let mut open = Vec::new();
    let brackets = tokens.iter().enumerate().filter(|(_, token)| matches!(token.kind, Kind::Open | Kind::Close));
    for (other, token) in brackets {
        if token.kind == Kind::Open {
            open.push(other);
            continue;
        }
        let opener = open.pop()?;
        let fits = matches!(
            (tokens[opener].text(text).chars().next_back(), token.text(text)),
            (Some('('), ")") | (Some('['), "]") | (Some('{'), "}")
        );
        if !fits {
            return None;
        }
        if opener == index || other == index {
            return Some((opener, other));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::highlight;

    fn plain(text: &str) -> String {
        let mut plain = String::new();
        let mut pieces = text.split('\x1b');
        plain.extend(pieces.next());
        plain.extend(pieces.filter_map(|piece| piece.split_once('m').map(|(_, text)| text)));
        plain
    }

    #[test]
    fn only_colours_are_added() {
        for text in ["", "let x = 'é日本' // c", "`a\n${f({})}\nb`", "/* a\nb */ 1", "(]", "}{", "x\n  .y\n"] {
            assert_eq!(plain(&highlight(text, Some(0))), text);
            assert_eq!(plain(&highlight(text, Some(text.len()))), text);
        }
    }

    #[test]
    fn the_text_of_an_element_is_no_string() {
        let shown = highlight("<p a='b'>it's {1}</p> + 'c'", None);
        assert_eq!(shown, "<p a=\x1b[32m'b'\x1b[0m>it's {\x1b[33m1\x1b[0m}</p> + \x1b[32m'c'\x1b[0m");
    }

    #[test]
    fn the_matching_bracket_is_marked() {
        assert_eq!(highlight("(a)", Some(3)), "\x1b[1;7m(\x1b[0ma\x1b[1;7m)\x1b[0m");
        assert_eq!(highlight("(a)", Some(0)), "\x1b[1;7m(\x1b[0ma\x1b[1;7m)\x1b[0m");
        assert_eq!(highlight("(a)", None), "(a)");
        assert_eq!(highlight("(a]", Some(3)), "(a]");
        assert!(!highlight("(')'", Some(0)).contains("\x1b[1;7m"));
    }
}
