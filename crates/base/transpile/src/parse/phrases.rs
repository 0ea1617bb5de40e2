//! The parser's messages, in words for people who write the language instead of parsers.

use std::borrow::Cow;

use drupe_lexer::{last_word, names_argument, tags};
use swc_ecma_parser_metered::error::SyntaxError;

use crate::parse::found::{self, Found};
use crate::parse::jsx_phrases;

/// The sentence for an error that is at `at` in the source. `has_jsx`: the language has JSX. Positions less `base` are
/// offsets in the source.
pub(crate) fn plain(error: &SyntaxError, source: &str, at: usize, has_jsx: bool, base: u32) -> Cow<'static, str> {
    match error {
        SyntaxError::WithLabel { inner, .. } => return plain(inner.kind(), source, at, has_jsx, base),
        _ if !has_jsx && is_foreign_jsx(error, source, at) => {
            return "JSX needs a file that ends in .tsx or .jsx: rename this one".into();
        }
        _ => {}
    }
    let of_jsx = if has_jsx { jsx_phrases::plain(error, source, at, base) } else { None };
    of_jsx.unwrap_or_else(|| of_language(error, source, at))
}

fn of_language(error: &SyntaxError, source: &str, at: usize) -> Cow<'static, str> {
    use SyntaxError as E;
    let found = Found::at(source, at);
    if found.word == ":" && names_argument(&source[..at]) {
        return "Unexpected token ':': an argument has no name; write 'name => …' for a function, '{ name: … }' for an object"
            .into();
    }
    match error {
        E::Eof => "Unexpected end of input".into(),
        E::ExpectedIdent | E::TS1003 => expected("a name", &found),
        E::ExpectedSemi | E::TS1005 | E::ExpectedSemiForExprStmt { .. } => unended(&found, source, at),
        E::TS1109 => found.unexpected().into(),
        E::InvalidExpr => expected("an expression", &found),
        E::Unexpected { expected: wanted, .. } if wanted.starts_with("let is reserved") => {
            "'let' cannot be the name of a let, const or class".into()
        }
        E::Unexpected { expected: wanted, .. } => match token(wanted) {
            Some(wanted) => expected(&wanted, &found),
            None => found.unexpected().into(),
        },
        E::Expected(wanted, _) if wanted == "..." => "A JSX attribute in braces is a spread: {...props}".into(),
        E::Expected(wanted, _) => expected(&format!("'{wanted}'"), &found),
        E::UnexpectedTokenWithSuggestions { candidate_list } => {
            let list: Vec<_> = candidate_list.iter().map(|candidate| format!("'{candidate}'")).collect();
            format!("{}: did you mean {}?", found.unexpected(), list.join(" or ")).into()
        }
        E::UnexpectedChar { c } => format!("Unexpected character '{}'", c.escape_debug()).into(),
        E::InvalidIdentChar => "A name cannot have this character".into(),
        E::InvalidPat => "This cannot be assigned to, nor be a parameter".into(),
        E::NotSimpleAssign => "Only a variable or a property can be assigned to here".into(),
        E::InvalidAssignTarget => "Invalid left-hand side in assignment".into(),
        E::EmptyParenExpr => "Empty parentheses are no expression".into(),
        E::SpreadInParenExpr => "'...' cannot stand in parentheses that are no argument list".into(),
        E::PatVarWithoutInit => "A destructuring declaration needs a value: '= …'".into(),
        E::ConstDeclarationsRequireInitialization => "A const needs a value: '= …'".into(),
        E::UnterminatedStrLit => "Unterminated string constant: no closing quote on its line".into(),
        E::UnterminatedTpl => "Unterminated template: '`' is missing".into(),
        E::UnterminatedRegExp => "Unterminated regular expression: no '/' on its line".into(),
        E::UnterminatedBlockComment => "Unterminated comment: '*/' is missing".into(),
        E::UnterminatedJSXContents => "Unterminated JSX element: its closing tag is missing".into(),
        E::EmptyJSXAttr => "A JSX attribute needs an expression between its braces".into(),
        E::InvalidJSXValue => "A JSX attribute is a string, or an expression in braces".into(),
        E::IdentAfterNum => "A name cannot begin with a digit, nor follow a number directly".into(),
        E::NumLitTerminatedWithExp => "The number needs digits after its 'e'".into(),
        E::ExpectedDigit { radix } => {
            let (kind, prefix) = match radix {
                2 => ("binary", "0b"),
                8 => ("octal", "0o"),
                16 => ("hexadecimal", "0x"),
                _ => ("decimal", "it"),
            };
            format!("Expected a {kind} digit after {prefix}").into()
        }
        E::TS1085 | E::LegacyOctal => "An octal number begins with 0o".into(),
        E::BadCharacterEscapeSequence { expected } => {
            format!("The escape sequence is wrong: expected {}", expected.trim_end_matches('.')).into()
        }
        E::InvalidUnicodeEscape | E::ExpectedUnicodeEscape => "The Unicode escape is wrong: expected \\uXXXX or \\u{X…}".into(),
        E::UnaryInExp { .. } => "The left side of '**' needs parentheses: (-x) ** y".into(),
        E::Hash => "Unexpected '#'".into(),
        E::LineBreakInThrow => "What is thrown must begin on the line of its 'throw'".into(),
        E::LineBreakBeforeArrow => "'=>' must stand on the line where its parameters end".into(),
        E::ReservedWordInImport => "A reserved word cannot be the name of an import; rename it with 'as'".into(),
        E::ReservedWordInObjShorthandOrPat => "A reserved word is no variable: write 'name: value'".into(),
        E::AssignProperty => "'=' gives defaults in patterns only; an object's property is written 'name: value'".into(),
        E::NullishCoalescingWithLogicalOp => "'??' needs parentheses beside '&&' and '||': (a || b) ?? c".into(),
        E::TsAssertionBinaryOp => {
            "Put parentheses around the 'as' or 'satisfies' expression: the operator after it binds more tightly".into()
        }
        E::AwaitInFunction => "'await' needs an async function around it".into(),
        E::InvalidIdentInAsync => "'await' is no name in an async function".into(),
        E::AwaitParamInAsync => "'await' cannot stand in the parameters of an async function".into(),
        E::AwaitForStmt => "'for await' goes with 'of' only".into(),
        E::ReturnNotAllowed => "'return' outside of a function".into(),
        E::NonTopLevelImportExport | E::ImportExportInScript if source[at..].starts_with("import") => {
            "An import declaration stands at the top level of a module; elsewhere use await import('…')".into()
        }
        E::NonTopLevelImportExport | E::ImportExportInScript => {
            "An export declaration stands at the top level of a module".into()
        }
        E::ImportMetaInScript => "'import.meta' needs a module".into(),
        E::InvalidSuperCall => "'super()' stands in the constructor of a class that extends another".into(),
        E::InvalidSuper => "'super' stands in methods only".into(),
        E::InvalidNewTarget => "'new.target' stands in functions and class bodies only".into(),
        E::DeclNotAllowed => "A declaration needs a block around it here: { … }".into(),
        E::CommaAfterRestElement => "No comma may follow the rest element".into(),
        E::NonLastRestParam | E::TS1014 => "A rest parameter must be the last".into(),
        E::GetterParam => "A getter has no parameters".into(),
        E::SetterParam | E::SetterParamRequired => "A setter has exactly one parameter".into(),
        E::MultipleDefault { .. } => "A switch has one 'default' at most".into(),
        E::TooManyVarInForInHead => "A for-in or for-of loop declares one variable".into(),
        E::VarInitializerInForInHead => "The variable of a for-in or for-of loop has no initial value".into(),
        E::InvalidLeadingDecorator => "A decorator stands before a class or a member of one".into(),
        E::DecoratorOnExport | E::TS8038 => "Decorators stand either before 'export' or after it, not on both sides".into(),
        E::TS1110 => expected("a type", &found),
        E::TS1056 => "A getter or setter cannot stand here".into(),
        E::TS1141 => "The module of an import type is a string: import('name')".into(),
        E::TS1123 => expected("the name of a variable", &found),
        E::TS1185 => "A conflict of a merge is left in the text (<<<<<<<, =======, >>>>>>>)".into(),
        E::UsingDeclNotEnabled | E::UsingDeclNotAllowed => "'using' cannot stand here".into(),
        E::ExportDefaultWithOutFrom => "'export default from' needs the module that it is from".into(),
        E::DotsWithoutIdentifier => "'...' needs a name after it".into(),
        E::ReservedTypeAssertion => "Write 'value as Type': in .mts and .cts files '<Type>value' is reserved".into(),
        E::ReservedArrowTypeParam => "Write '<T,>() => …': in .mts and .cts files '<T>() => …' is reserved".into(),
        _ => tidied(&error.msg()).into(),
    }
}

/// Whether an error is of a rule that only TypeScript has.
pub(crate) fn is_of_types(error: &SyntaxError) -> bool {
    use SyntaxError as E;
    match error {
        E::WithLabel { inner, .. } => is_of_types(inner.kind()),
        // These have TypeScript's numbers, but JavaScript has the same rules.
        E::TS1003
        | E::TS1005
        | E::TS1009
        | E::TS1085
        | E::TS1105
        | E::TS1106
        | E::TS1107
        | E::TS1109
        | E::TS1114
        | E::TS1115
        | E::TS1116 => false,
        error => format!("{error:?}").get(..2).is_some_and(|start| start.eq_ignore_ascii_case("ts")),
    }
}

fn expected(what: &str, found: &Found<'_>) -> Cow<'static, str> {
    format!("{}: expected {what}", found.unexpected()).into()
}

/// A statement goes on where it should end.
fn unended(found: &Found<'_>, source: &str, at: usize) -> Cow<'static, str> {
    let glued = source[..at].ends_with(|before: char| before.is_ascii_digit()) && source[at..].starts_with(char::is_alphanumeric);
    let word = last_word(&source[..at], found::MAX);
    let before = source[..at].trim_end();
    let before = before[..before.len() - word.len()].trim_end();
    // The name of a property.
    let is_property = before.ends_with(['.', '#']) && !before.ends_with("...");
    match word {
        _ if is_property && !glued => expected("';' or a line break", found),
        _ if glued => "A number ends where a name or another digit may not follow it directly".into(),
        "let" if found.is_name() || matches!(found.word, "[" | "{") => {
            "Lexical declaration cannot appear in a single-statement context: put a block around it: { … }".into()
        }
        "let" | "const" | "var" if found.is_reserved() => expected("a name", found),
        "await" if !matches!(found.word, ")" | "]" | "}") => "'await' needs an async function around it".into(),
        "yield" if !matches!(found.word, ")" | "]" | "}") => "'yield' needs a generator around it: function* () { … }".into(),
        _ => expected("';' or a line break", found),
    }
}

/// Whether an error is there because the text has JSX and its language has none. There `<a>` is an assertion of a type.
fn is_foreign_jsx(error: &SyntaxError, source: &str, at: usize) -> bool {
    use SyntaxError as E;
    let (before, after) = source.split_at(at);
    match error {
        E::UnterminatedRegExp if before.ends_with('<') => tags::closes_element(before, after),
        E::TS1109 | E::Unexpected { .. } | E::InvalidExpr if after.starts_with("/>") => tags::ends_in_tag(before),
        E::TS1003 | E::TS1110 | E::ExpectedIdent | E::TS1109 | E::Unexpected { .. } if after.starts_with('>') => {
            before.strip_suffix('<').is_some_and(tags::takes_expression)
        }
        E::Expected(wanted, _) if wanted == ">" && tags::ends_in_tag(before) => tags::begins_with_attribute(after),
        E::ExpectedSemi | E::TS1005 | E::ExpectedSemiForExprStmt { .. } | E::UnterminatedStrLit => {
            tags::is_in_element(before, after)
        }
        E::Expected(wanted, _) if wanted == ";" => tags::is_in_element(before, after),
        _ => false,
    }
}

/// Whether an error is of JSX beyond doubt.
pub(crate) fn is_of_jsx(error: &SyntaxError) -> bool {
    match error {
        SyntaxError::WithLabel { inner, .. } => is_of_jsx(inner.kind()),
        error => matches!(error, SyntaxError::EmptyJSXAttr | SyntaxError::InvalidJSXValue),
    }
}

/// What the parser says that it wants, as it is written; nothing where that would help nobody.
fn token(wanted: &str) -> Option<String> {
    Some(match wanted {
        "ident" | "identifier" | "an identifier" => "a name".into(),
        "string literal" | "a string literal" => "a string".into(),
        "identifier or string" | "an identifier or string literal" => "a name or a string".into(),
        "yield, an identifier, [ or {" | "a pattern" => "a name, '[' or '{'".into(),
        "numeric literal or bigint literal" | "numeric or bigint literal" => "a number".into(),
        "( or `" => "'(' or '`'".into(),
        "meta" | "target" | "exports" => format!("'{wanted}'"),
        list if list.starts_with("an identifier, void, yield") => "a type".into(),
        list if list.starts_with("an identifier, [ for") => "a name, '[', '{' or '...'".into(),
        list if list.starts_with("identifier, string literal, numeric") => "the name of a member".into(),
        list if list.starts_with("* for generator") => "';' or a line break after the member".into(),
        list if list.starts_with("... , *") => "',' or ':' or '}'".into(),
        "jsx identifier" => "the name of an element or an attribute".into(),
        list if list.starts_with("< (jsx tag start)") => "an element, text or '{'".into(),
        wanted if wanted.chars().all(|character| character.is_ascii_punctuation()) => format!("'{}'", wanted.trim_matches('`')),
        _ => return None,
    })
}

/// A message of the parser's own, without its names for things that nobody else knows.
fn tidied(message: &str) -> String {
    let message = message.trim_end_matches('.').replace('`', "'").replace("<eof>", "the end");
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
