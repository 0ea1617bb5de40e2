//! What is typed at a cursor, as the wire says it. The parent reads the code, so that the kernel reads none.

use drupe_lexer as lexer;
use drupe_protocol::{
    chain::{Chain, Imported, Literal, Root, Step},
    event::Done,
    introspection::{Completion, CompletionKind},
};

use super::cursor::{byte_offset, utf16_offset};

/// Names that the code declares: no more are offered, and the newest are.
const MOST_DECLARED: usize = 1_000;

/// A longer name or key is no person's, in bytes.
const MAX_PREFIX: usize = 4 << 10;

/// Something that is being typed, and may be completed.
#[derive(Debug, PartialEq)]
pub(crate) enum CompletionSite {
    /// A name or key.
    Typed(Typed),
    /// The specifier of a module.
    Specifier(Specifier),
}

/// The specifier of a module, as far as it is typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Specifier {
    /// What is typed of it.
    pub(crate) prefix: String,
    /// Whether it is that of a `require`, and not of an import.
    pub(crate) is_required: bool,
    /// Where it begins and ends, in UTF-16 code units.
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A name or key, as far as it is typed.
#[derive(Debug, PartialEq)]
pub(crate) struct Typed {
    /// The object whose member it is.
    pub(crate) object: Option<Chain>,
    /// What is typed of it.
    pub(crate) prefix: String,
    /// The quote before it, if it is a key in brackets.
    pub(crate) quote: Option<char>,
    /// What the code itself offers.
    pub(crate) offers: Vec<Completion>,
    /// Where it begins and ends, in UTF-16 code units.
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl CompletionSite {
    /// What is being typed at `cursor` in `code`, in UTF-16 code units.
    pub(crate) fn at(code: &str, cursor: u32) -> Option<Self> {
        let (text, rest) = code.split_at_checked(byte_offset(code, cursor))?;
        let end = utf16_offset(text, text.len());
        let begin = |prefix: &str| end.saturating_sub(utf16_offset(prefix, prefix.len()));
        let (object, prefix, quote, declared) = match lexer::site(text) {
            lexer::Site::Nothing => return None,
            lexer::Site::Specifier { prefix, quote, is_required } => {
                // An escape is not undone, and nothing is lost but help.
                let start = begin(&prefix);
                let end = end + utf16_offset(rest, specifier_length(rest, quote));
                let specifier = Specifier { prefix, is_required, start, end };
                return (!specifier.prefix.contains('\\')).then_some(Self::Specifier(specifier));
            }
            lexer::Site::Name { prefix, declared } => (None, prefix, None, declared),
            lexer::Site::Member { object, prefix } => (Some(chain(object)), prefix, None, Vec::new()),
            lexer::Site::Key { object, prefix, quote } => (Some(chain(object)), prefix, Some(quote), Vec::new()),
        };
        let offers = if object.is_some() { Vec::new() } else { offers(&prefix, declared) };
        let start = begin(&prefix);
        (prefix.len() <= MAX_PREFIX).then_some(Self::Typed(Typed { object, prefix, quote, offers, start, end }))
    }
}

/// How much of `rest`, the code after the cursor, belongs to the specifier: all up to its closing quote.
fn specifier_length(rest: &str, quote: char) -> usize {
    let stop = rest.find(['"', '\'', '\n', '`', ';', ' ', ')']).unwrap_or(rest.len());
    if rest[stop..].starts_with(quote) { stop } else { 0 }
}

/// What fits `prefix`, in capitals or not. Without a prefix, words of the language are no help.
fn offers(prefix: &str, declared: Vec<(String, lexer::Declared)>) -> Vec<Completion> {
    let lower = prefix.to_lowercase();
    let fits = |text: &str| text.to_lowercase().starts_with(&lower);
    let mut newest: Vec<_> = declared.into_iter().rev().filter(|(name, _)| fits(name)).take(MOST_DECLARED).collect();
    newest.reverse();
    let declared = newest.into_iter().map(|(name, declared)| {
        let kind = match declared {
            lexer::Declared::Variable => CompletionKind::Variable,
            lexer::Declared::Function => CompletionKind::Function,
            lexer::Declared::Class => CompletionKind::Class,
        };
        Completion::new(name, kind, None)
    });
    let words = lexer::offered().filter(|word| !prefix.is_empty() && fits(word));
    declared.chain(words.map(|word| Completion::new(word, CompletionKind::Keyword, None))).collect()
}

/// A name that is looked at, or that of a call whose arguments are being typed.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    /// The object whose member it is.
    pub(crate) object: Option<Chain>,
    /// Whether it is a member of an object, also when that was taken.
    pub(crate) is_member: bool,
    /// The name or key.
    pub(crate) name: String,
    /// Where it stands, in UTF-16 code units.
    pub(crate) start: u32,
    /// Where it ends.
    pub(crate) end: u32,
    /// The argument at the cursor of a call, from 0.
    pub(crate) argument: Option<u32>,
}

impl Named {
    /// The name or key at byte `cursor` of `code`, or that it is the end of.
    pub(crate) fn at(code: &str, cursor: usize) -> Option<Self> {
        let rest = code.get(cursor..)?;
        let word = rest.find(|char| !lexer::is_name_part(char)).unwrap_or(rest.len());
        let text = code.get(..cursor + word)?;
        let CompletionSite::Typed(Typed { object, prefix, start, end, .. }) =
            CompletionSite::at(text, utf16_offset(text, text.len()))?
        else {
            return None;
        };
        let is_member = object.is_some();
        (!prefix.is_empty()).then_some(Self { object, is_member, name: prefix, start, end, argument: None })
    }

    /// The call whose arguments `text`, the code up to the cursor, ends in.
    pub(crate) fn called(text: &str) -> Option<Self> {
        let lexer::Call { mut callee, name: place, argument } = lexer::call(text)?;
        let (name, object) = match (callee.steps.pop(), callee.root) {
            (Some(lexer::Step::Key(key)), root) => (key, Some(chain(lexer::Chain { root, steps: callee.steps }))),
            (None, lexer::Root::Name(name)) => (name, None),
            _ => return None,
        };
        let (start, end) = (utf16_offset(text, place.start), utf16_offset(text, place.end));
        let is_member = object.is_some();
        (name.len() <= MAX_PREFIX).then_some(Self { object, is_member, name, start, end, argument: Some(argument) })
    }
}

fn chain(chain: lexer::Chain) -> Chain {
    let root = match chain.root {
        lexer::Root::Name(name) => Root::Name(name),
        lexer::Root::Global => Root::Global(Done {}),
        lexer::Root::Literal(literal) => Root::Literal(kind(literal)),
        lexer::Root::Module(specifier) => Root::Module(specifier),
        lexer::Root::Import(specifier) => Root::Import(Imported { specifier }),
    };
    let steps = chain.steps.into_iter().map(|step| match step {
        lexer::Step::Key(key) => Step::Key(key),
        lexer::Step::Instance => Step::Instance(Done {}),
        lexer::Step::Awaited => Step::Awaited(Done {}),
    });
    Chain { root, steps: steps.collect() }
}

fn kind(literal: lexer::Literal) -> Literal {
    match literal {
        lexer::Literal::String => Literal::String,
        lexer::Literal::Number => Literal::Number,
        lexer::Literal::BigInt => Literal::BigInt,
        lexer::Literal::Boolean => Literal::Boolean,
        lexer::Literal::RegExp => Literal::RegExp,
        lexer::Literal::Array => Literal::Array,
        lexer::Literal::Object => Literal::Object,
    }
}

#[cfg(test)]
mod tests {
    use super::{CompletionSite, Named, Specifier};

    /// The prefix at the cursor, which is where `|` stands, and what would be replaced.
    fn at(typed: &str) -> Option<(String, String)> {
        let (before, after) = typed.split_once('|').unwrap_or((typed, ""));
        let code = format!("{before}{after}");
        let site = CompletionSite::at(&code, u32::try_from(before.encode_utf16().count()).ok()?)?;
        let CompletionSite::Specifier(Specifier { prefix, start, end, is_required }) = site else { return None };
        assert_eq!(is_required, before.contains("require"), "{typed}");
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

    #[test]
    fn offsets_count_utf16() {
        let code = "'é😀' + a.cou.x";
        let named = Named::at(code, code.find("ou.").unwrap_or_default()).map(|named| (named.name, named.start, named.end));
        assert_eq!(named, Some(("cou".to_owned(), 10, 13)));
        let named = Named::called("'😀'; new f.g(1, ").map(|named| (named.name, named.start, named.end, named.argument));
        assert_eq!(named, Some(("g".to_owned(), 12, 13, Some(1))));
        for text in ["1 + ", "'text", "// plain", "5", ""] {
            assert_eq!(Named::at(text, text.len()), None, "{text}");
        }
    }
}
