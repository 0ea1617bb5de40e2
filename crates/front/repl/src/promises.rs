//! Tells a person that what they took for a value is a promise of it: `p.json()` where `p` is one, or
//! `fetch(url).json()`.

use drupe_client::{Kernel, Outcome, Sort};
use drupe_lexer::is_name_part;

/// What a person has written that may be a promise, and what they wanted of it.
#[derive(Debug, PartialEq, Eq)]
struct Suspect {
    /// `p`, or `fetch` of a call.
    base: String,
    is_called: bool,
    /// What follows it: `.json()`.
    rest: String,
}

impl Suspect {
    /// What to say, if it is one.
    fn told(&self) -> String {
        let Self { base, is_called, rest } = self;
        let awaited = match (is_called, rest.is_empty()) {
            (true, _) => format!("(await {base}(…)){rest}"),
            (false, true) => format!("await {base}"),
            (false, false) => format!("(await {base}){rest}"),
        };
        if *is_called { format!("{base}(…) is a promise: {awaited}") } else { format!("{base} is a promise: {awaited}") }
    }
}

/// What to write instead of `text`, if it has failed because it uses a promise as the value that is to come.
pub(crate) async fn hint(kernel: &Kernel, text: &str, outcome: &Outcome) -> Option<String> {
    let exception = outcome.exception().filter(|exception| exception.name.as_deref() == Some("TypeError"))?;
    for suspect in suspects(text, &exception.message) {
        let cursor = u32::try_from(suspect.base.encode_utf16().count()).unwrap_or(u32::MAX);
        let Ok(Some(found)) = kernel.inspect(suspect.base.as_str(), cursor).await else { continue };
        let is_promise = match suspect.is_called {
            true => found.sort == Sort::AsyncFunction || suspect.base == "fetch",
            false => found.type_name == "Promise",
        };
        if is_promise {
            return Some(suspect.told());
        }
    }
    None
}

/// What may be a promise, by the message of a TypeError: the shortest names first.
fn suspects(text: &str, message: &str) -> Vec<Suspect> {
    let refused = [(" is not a function", true), (" is not a constructor", false), (" is not iterable", false)];
    let refused = refused.iter().find_map(|(what, is_called)| Some((message.strip_suffix(what)?, *is_called)));
    if let Some((name, is_called)) = refused {
        return of_chain(text, name, is_called);
    }
    let member = message.strip_prefix("Cannot read properties of undefined (reading '").and_then(|rest| rest.strip_suffix("')"));
    let Some(chain) = member.and_then(|member| chain_to(text, member)) else { return Vec::new() };
    of_chain(text, chain, false)
}

/// The names before a member in the text, and the member: `p.foo.bar` for `bar`.
fn chain_to<'t>(text: &'t str, member: &str) -> Option<&'t str> {
    if member.is_empty() || !member.chars().all(is_name_part) {
        return None;
    }
    text.match_indices(member).find_map(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + member.len()..]);
        let is_whole = before.ends_with('.') && !behind.starts_with(is_name_part);
        let start = before.rfind(|char: char| !(is_name_part(char) || char == '.')).map_or(0, |last| last + 1);
        let start = text.ceil_char_boundary(start);
        (is_whole && start < at).then(|| &text[start..at + member.len()])
    })
}

/// Each beginning of a chain of names that may be a promise, as V8 writes it: `p.json`, `fetch(...).json`.
fn of_chain(text: &str, chain: &str, is_called: bool) -> Vec<Suspect> {
    let member = &chain[chain.rfind('.').unwrap_or(0)..];
    let call = match (is_called, text.contains(&format!("{member}()"))) {
        (false, _) => "",
        (true, true) => "()",
        (true, false) => "(…)",
    };
    if let Some((base, rest)) = chain.split_once("(...)") {
        let is_plain = is_chain(base) && rest.strip_prefix('.').is_some_and(is_chain);
        let suspect = Suspect { base: base.to_owned(), is_called: true, rest: format!("{rest}{call}") };
        return if is_plain { vec![suspect] } else { Vec::new() };
    }
    if !is_chain(chain) {
        return Vec::new();
    }
    let ends = chain.match_indices('.').map(|(at, _)| at).chain([chain.len()]);
    ends.map(|end| Suspect { base: chain[..end].to_owned(), is_called: false, rest: format!("{}{call}", &chain[end..]) })
        .collect()
}

fn is_chain(text: &str) -> bool {
    text.split('.').all(|name| name.chars().all(is_name_part) && name.starts_with(|first: char| !first.is_numeric()))
}

#[cfg(test)]
mod tests {
    use super::suspects;

    fn told(text: &str, message: &str) -> Vec<String> {
        suspects(text, message).iter().map(super::Suspect::told).collect()
    }

    #[test]
    fn a_member_that_is_none_is_wanted_of_what_is_awaited() {
        assert_eq!(
            told("p.json()", "p.json is not a function"),
            ["p is a promise: (await p).json()", "p.json is a promise: (await p.json)()"]
        );
        assert_eq!(told("p.map(f)", "p.map is not a function")[0], "p is a promise: (await p).map(…)");
        assert_eq!(told("o.p.x()", "o.p.x is not a function")[1], "o.p is a promise: (await o.p).x()");
        assert_eq!(
            told("x = 1 + p.a.b", "Cannot read properties of undefined (reading 'b')")[0],
            "p is a promise: (await p).a.b"
        );
        assert_eq!(told("é.a.b", "Cannot read properties of undefined (reading 'b')")[0], "é is a promise: (await é).a.b");
        assert_eq!(told("for (const x of p) {}", "p is not iterable"), ["p is a promise: await p"]);
        assert_eq!(
            told("fetch(url).json()", "fetch(...).json is not a function"),
            ["fetch(…) is a promise: (await fetch(…)).json()"]
        );
    }

    #[test]
    fn what_is_no_name_is_not_asked_about() {
        for (text, message) in [
            ("f()()", "f(...) is not a function"),
            ("(1)()", "1 is not a function"),
            ("a[0].b()", "a[0].b is not a function"),
            ("(await p).x()", "(intermediate value).x is not a function"),
            ("[].a.b", "Cannot read properties of undefined (reading 'c')"),
            ("x", "nothing of that kind"),
        ] {
            assert!(told(text, message).is_empty(), "{text}: {:?}", told(text, message));
        }
    }
}
