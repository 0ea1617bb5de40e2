//! Completion of module specifiers. Only the host answers it, because the kernel knows no files.

use drupe_host::{Answer, Call, Host, Session};
use drupe_protocol::{
    Value,
    introspection::{Completion, CompletionKind},
};

use crate::{Completions, byte_offset, utf16_offset};

/// More are of no use to a person.
const MOST: usize = 200;

/// A specifier that is being typed.
#[derive(Debug, PartialEq, Eq)]
struct Site {
    /// What is typed of it.
    prefix: String,
    /// Where it begins and ends, in UTF-16 code units.
    start: u32,
    end: u32,
}

/// What could stand at `cursor` in `code`, if a specifier stands there. `None`: something else does.
/// From the working folder of `session`.
pub(crate) async fn complete(host: &Host, session: Session, code: &str, cursor: u32) -> Option<Completions> {
    let Site { prefix, start, end } = site(code, cursor)?;
    let mut call = Call::new("module.specifiers", vec![prefix.into(), Value::Undefined]);
    call.session = session;
    let items = match host.call(call).await {
        Ok(Answer::Value(Value::Array(items))) => items,
        // What may not be read is not listed.
        _ => Vec::new(),
    };
    let items = items.into_iter().filter_map(|item| {
        let Value::String(text) = item else { return None };
        Some(Completion::new(text, CompletionKind::Property, Some("module".to_owned())))
    });
    Some(Completions { start, end, items: items.take(MOST).collect() })
}

/// Reads back from the cursor: a quote on its line, and before it what only a specifier follows.
fn site(code: &str, cursor: u32) -> Option<Site> {
    let at = byte_offset(code, cursor);
    let line = code[..at].rfind('\n').map_or(0, |end| end + 1);
    let open = code[line..at].rfind(['"', '\'']).map(|offset| line + offset)?;
    let prefix = &code[open + 1..at];
    let quote = &code[open..=open];
    if !announces(code[..open].trim_end()) || prefix.contains('\\') {
        return None;
    }
    // What follows up to the closing quote is replaced.
    let rest = &code[at..];
    let stop = rest.find(['"', '\'', '\n', '`', ';', ' ', ')']).unwrap_or(rest.len());
    let end = if rest[stop..].starts_with(quote) { at + stop } else { at };
    Some(Site { prefix: prefix.to_owned(), start: utf16_offset(code, open + 1), end: utf16_offset(code, end) })
}

/// Whether text before a string says that the string is a specifier.
fn announces(before: &str) -> bool {
    let ends_in_word = |word: &str| {
        before.strip_suffix(word).is_some_and(|rest| {
            !rest
                .ends_with(|char: char| char.is_alphanumeric() || matches!(char, '_' | '$' | '.' | '#' | '\u{200c}' | '\u{200d}'))
        })
    };
    let call = |function: &str| {
        before.strip_suffix('(').is_some_and(|before| {
            before
                .trim_end()
                .strip_suffix(function)
                .is_some_and(|rest| !rest.ends_with(|char: char| char.is_alphanumeric() || matches!(char, '_' | '$' | '.' | '#')))
        })
    };
    // A name may well be `from`: only after an import or export is it the word.
    let statement = before.rsplit([';', '\n']).find(|line| !line.trim().is_empty()).unwrap_or(before).trim_start();
    let is_module = statement.starts_with("import") || statement.starts_with("export") || statement.starts_with('}');
    (is_module && (ends_in_word("from") || ends_in_word("import")))
        || before.ends_with("}from")
        || ["import", "require", "require.resolve", "import.meta.resolve"].into_iter().any(call)
}

#[cfg(test)]
mod tests {
    use super::{Site, site};

    /// The prefix at the cursor, which is where `|` stands, and what would be replaced.
    fn at(typed: &str) -> Option<(String, String)> {
        let (before, after) = typed.split_once('|').unwrap_or((typed, ""));
        let code = format!("{before}{after}");
        let Site { prefix, start, end } = site(&code, u32::try_from(before.encode_utf16().count()).ok()?)?;
        let units = code.encode_utf16().collect::<Vec<_>>();
        Some((prefix, String::from_utf16_lossy(&units[start as usize..end as usize])))
    }

    #[test]
    fn specifiers_are_recognised() {
        for (typed, prefix, replaced) in [
            ("import './a|'", "./a", "./a"),
            ("import x from './a|", "./a", "./a"),
            ("import { a, b } from \"lo|dash\"", "lo", "lodash"),
            ("import {\n  a\n} from '|'", "", ""),
            ("export * from './|", "./", "./"),
            ("const f = await import('./é|", "./é", "./é"),
            ("require('|", "", ""),
            ("x = require.resolve( 'a/|')", "a/", "a/"),
            ("'🍊'; import('n|')", "n", "n"),
        ] {
            assert_eq!(at(typed), Some((prefix.to_owned(), replaced.to_owned())), "{typed}");
        }
    }

    #[test]
    fn other_strings_are_not() {
        for typed in
            ["'a|'", "const from = 'a|'", "x.require('a|", "f('a|", "import x fr|", "myimport('|", "let a = 'import'; b = 'x|"]
        {
            assert_eq!(at(typed), None, "{typed}");
        }
    }
}
