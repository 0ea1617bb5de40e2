//! Signature help: the parameters of a function as they were written, and the one that is being typed.

use drupe_lexer::{Kind, tokens};
use drupe_protocol::describe::Sort;

use crate::{Inspection, builtin_signatures};

/// Signature help, as [`Kernel::signature`](crate::Kernel::signature) reports it: enough to show
/// `add(a: number, b: number): number` and to mark `b`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signature {
    /// The start of the called function's name in the code, in UTF-16 code units.
    pub start: u32,
    /// The end of the name.
    pub end: u32,
    /// The name.
    pub name: String,
    /// The parameters, each as it was written, with type and default value.
    pub parameters: Vec<String>,
    /// The index of the parameter at the cursor; that of a rest parameter for all arguments it takes. `None`: there is
    /// none.
    pub active: Option<usize>,
    /// The whole head on one line, as it was written if that is known: `function add(a: number): number`,
    /// `new Point(x: number)`.
    pub head: String,
    /// The return type, if it was written.
    pub returns: Option<String>,
    /// The first paragraph of its doc comment.
    pub doc: Option<String>,
}

impl Signature {
    pub(crate) fn new(inspection: Inspection) -> Self {
        let Inspection { start, end, name, sort, length, builtin, signature, doc, source, constructor, argument, .. } =
            inspection;
        let written = match sort {
            Sort::Class => constructor,
            Sort::Function | Sort::AsyncFunction | Sort::GeneratorFunction | Sort::AsyncGeneratorFunction => signature.clone(),
            Sort::Value | Sort::Accessor | Sort::Uninitialized | Sort::Unknown => None,
        };
        let (parameters, returns) = match written.as_deref().and_then(read) {
            Some(read) => read,
            // A class without a constructor takes its parent's parameters. They are not shown.
            None if source.is_some() => (Vec::new(), None),
            None => (of_builtin(builtin.as_deref(), length), None),
        };
        let head = match (sort, signature) {
            (Sort::Class, _) => format!("new {name}({})", parameters.join(", ")),
            (_, Some(signature)) => signature,
            (_, None) => format!("{name}({})", parameters.join(", ")),
        };
        let argument = argument.map_or(0, |argument| argument as usize);
        let last = parameters.len().checked_sub(1);
        let is_rest = parameters.last().is_some_and(|parameter| parameter.starts_with("..."));
        let active = last.and_then(|last| if argument <= last { Some(argument) } else { is_rest.then_some(last) });
        let doc =
            doc.and_then(|doc| doc.split("\n\n").next().map(|first| first.replace('\n', " "))).filter(|doc| !doc.is_empty());
        Self { start, end, name, parameters, active, head, returns, doc }
    }
}

/// What a function that is not written in JavaScript takes, by where it is found. Of one that is not known only the
/// number is.
fn of_builtin(path: Option<&str>, length: Option<u32>) -> Vec<String> {
    /// At most this many placeholder parameters are shown.
    const MOST: u32 = 20;
    if let Some(known) = path.and_then(builtin_signatures::parameters) {
        return known.map(str::to_owned).collect();
    }
    (1..=length.unwrap_or(0).min(MOST)).map(|number| format!("argument{number}")).collect()
}

/// The parameters and the return type of a function's head: `async function f<T>(a: T, b = [1, 2]): void`, `(a, b) =>`,
/// `a =>`.
pub(crate) fn read(head: &str) -> Option<(Vec<String>, Option<String>)> {
    let (mut parameters, mut begin, mut depth) = (Vec::new(), None, 0_usize);
    let signs = tokens(head).filter(|token| matches!(token.kind, Kind::Open | Kind::Close | Kind::Operator));
    for token in signs {
        match (token.text(head), begin) {
            ("(", None) if depth == 0 => begin = Some(token.end),
            (sign @ ("," | ")"), Some(start)) if depth == 0 => {
                parameters.push(head.get(start..token.start)?.trim().to_owned());
                if sign == ")" {
                    parameters.retain(|parameter| !parameter.is_empty());
                    let rest = head.get(token.end..)?.trim().trim_end_matches("=>").trim();
                    return Some((parameters, rest.strip_prefix(':').map(|returns| returns.trim().to_owned())));
                }
                begin = Some(token.end);
            }
            ("(" | "[" | "{" | "${" | "<", _) => depth += 1,
            (")" | "]" | "}" | ">", _) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let name = head.strip_suffix("=>").filter(|_| begin.is_none())?.trim().trim_start_matches("async ").trim();
    (!name.is_empty()).then(|| (vec![name.to_owned()], None))
}

#[cfg(test)]
mod tests {
    use drupe_protocol::describe::Sort;

    use super::{Signature, read};
    use crate::Inspection;

    #[test]
    fn heads_are_taken_apart() {
        for (head, parameters, returns) in [
            ("function f(a: number, b = [1, 2]): number", &["a: number", "b = [1, 2]"][..], Some("number")),
            ("async function* f<T extends (x: any) => void>(a: T)", &["a: T"], None),
            ("(a, {b, c} = {b: ')'}) =>", &["a", "{b, c} = {b: ')'}"], None),
            (
                "(f: (a: number, b: string) => Map<string, number>, ...rest: T[]): void =>",
                &["f: (a: number, b: string) => Map<string, number>", "...rest: T[]"],
                Some("void"),
            ),
            ("a =>", &["a"], None),
            ("async a =>", &["a"], None),
            ("get()", &[], None),
            ("[x](a,)", &["a"], None),
            ("f(a = '\\\\', b = /[,)]/)", &["a = '\\\\'", "b = /[,)]/"], None),
            ("f(a = `${[b, ')']},`, /* c, */ d): e", &["a = `${[b, ')']},`", "/* c, */ d"], Some("e")),
        ] {
            let wanted = (parameters.iter().map(|&text| text.to_owned()).collect(), returns.map(str::to_owned));
            assert_eq!(read(head), Some(wanted), "{head}");
        }
        assert_eq!(read("class"), None);
    }

    #[test]
    fn the_parameter_at_the_cursor_is_told() {
        let active = |signature: &str, argument| {
            let signature = Some(signature.to_owned());
            Signature::new(Inspection { signature, sort: Sort::Function, argument: Some(argument), ..Inspection::default() })
                .active
        };
        assert_eq!([0, 1, 2].map(|argument| active("f(a, b)", argument)), [Some(0), Some(1), None]);
        assert_eq!([0, 1, 7].map(|argument| active("f(a, ...b)", argument)), [Some(0), Some(1), Some(1)]);
        assert_eq!(active("f()", 0), None);
    }
}
