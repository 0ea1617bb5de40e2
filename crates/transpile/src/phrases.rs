//! The parser's messages, in words for people who write the language instead of parsers.

use std::borrow::Cow;

use swc_ecma_parser_metered::error::SyntaxError;

/// The sentence for an error; `found` is the source from where it is.
pub(crate) fn plain(error: &SyntaxError, found: &str) -> Cow<'static, str> {
    use SyntaxError as E;
    let found = word(found);
    match error {
        E::WithLabel { inner, .. } => plain(inner.kind(), found),
        E::Eof => "Unexpected end of input".into(),
        E::ExpectedIdent | E::TS1003 => expected("a name", found),
        E::ExpectedSemi | E::TS1005 | E::ExpectedSemiForExprStmt { .. } => expected("';' or a line break", found),
        E::TS1109 => match found {
            "" => "Expression expected".into(),
            found => format!("Expression expected, found '{found}'").into(),
        },
        E::InvalidExpr => expected("an expression", found),
        E::Unexpected { expected: wanted, .. } if wanted.starts_with("let is reserved") => {
            "'let' cannot be the name of a let, const or class".into()
        }
        E::Unexpected { got, expected: wanted } => {
            let got = if found.is_empty() { got } else { found };
            format!("Unexpected '{got}': expected {}", token(wanted)).into()
        }
        E::Expected(wanted, got) => {
            let got = if found.is_empty() { got } else { found };
            format!("Expected '{wanted}', found '{got}'").into()
        }
        E::UnexpectedTokenWithSuggestions { candidate_list } => {
            let list: Vec<_> = candidate_list.iter().map(|candidate| format!("'{candidate}'")).collect();
            format!("Unexpected '{found}': did you mean {}?", list.join(" or ")).into()
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
        E::JSXExpectedClosingTagForLtGt => "Expected the closing tag </>".into(),
        E::JSXExpectedClosingTag { tag } => format!("Expected the closing tag </{tag}>").into(),
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
        E::NonTopLevelImportExport => "'import' and 'export' declarations stand at the top level only".into(),
        E::ImportExportInScript => "'import' and 'export' declarations need a module".into(),
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
        E::TS1110 => expected("a type", found),
        E::TS1056 => "A getter or setter cannot stand here".into(),
        E::TS1141 => "The module of an import type is a string: import('name')".into(),
        E::TS1123 => expected("the name of a variable", found),
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

fn expected(what: &str, found: &str) -> Cow<'static, str> {
    if found.is_empty() { format!("Expected {what}").into() } else { format!("Expected {what}, found '{found}'").into() }
}

/// The name that the parser has for a token, as it is written.
fn token(name: &str) -> String {
    match name {
        "ident" | "identifier" => "a name".into(),
        "string literal" | "a string literal" => "a string".into(),
        list if list.starts_with("an identifier, void, yield") => "a type".into(),
        name if name.chars().all(|character| character.is_ascii_punctuation()) => format!("'{name}'"),
        name => name.to_owned(),
    }
}

/// What stands at the beginning of `text`: a word, or a sign; long ones are cut.
fn word(text: &str) -> &str {
    const MAX: usize = 40;
    let is_part = |character: &char| character.is_alphanumeric() || matches!(character, '_' | '$');
    let length: usize = text.chars().take(MAX).take_while(is_part).map(char::len_utf8).sum();
    let sign = || text.chars().next().filter(|sign| !sign.is_whitespace() && !sign.is_control()).map_or(0, char::len_utf8);
    &text[..if length > 0 { length } else { sign() }]
}

/// A message of the parser's own, without its names for things that nobody else knows.
fn tidied(message: &str) -> String {
    let message = message.trim_end_matches('.').replace('`', "'").replace("<eof>", "the end");
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn what_was_found_is_short() {
        assert_eq!(word("name(1)"), "name");
        assert_eq!(word("=> 1"), "=");
        assert_eq!(word(" x"), "");
        assert_eq!(word(""), "");
        assert_eq!(word(&"é".repeat(100)), "é".repeat(40));
    }
}
