//! Code that the transpiler adds around names of the user's, and that the kernel tells as it was written.

/// What the transpiler puts behind a name, so that it is another one. A letter, so it stands within names.
pub const MARK: char = 'ǃ';

/// What a guard of a constant begins with; the name of the constant follows.
const GUARD: &str = "new class{get ";

/// The code that stands before a constant `name` which is assigned to; a [`MARK`] stands behind it. The setter throws
/// V8's own error. `free`: the name of a variable that says whether `name` is no constant after all.
///
/// In two parts: an error is thrown at the `=` that the second begins with.
#[must_use]
pub fn guard(name: &str, free: Option<&str>) -> [String; 2] {
    let test = free.map_or_else(String::new, |free| format!("if({free}){name}=_;else{{"));
    let head = format!("{GUARD}{name}{MARK}(){{return {name}}}set {name}{MARK}(_){{{test}const $=0;$");
    [head, if free.is_some() { "=_}}}()." } else { "=_}}()." }.to_owned()]
}

/// The variable that says whether a constant of a failed chunk is none, because it held nothing.
#[must_use]
pub fn free(name: &str) -> String {
    format!("{name}{MARK}{MARK}")
}

/// The source with each assignment to a constant as it was written: without its [`guard`].
///
/// Code of the program's own may begin as a guard does. **Each byte is looked at a few times**, whatever the source is.
#[must_use]
pub fn unguarded(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(GUARD) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        rest = match guarded(found) {
            Some((target, rest)) => {
                out.push_str(target);
                rest
            }
            None => {
                let (own, rest) = found.split_at(GUARD.len());
                out.push_str(own);
                rest
            }
        };
    }
    out.push_str(rest);
    out
}

/// The guarded target that a text begins with, and what follows it. It reads no further than the text is that of a
/// guard, and no guard is within another.
fn guarded(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = name(text.strip_prefix(GUARD)?);
    let name = word.strip_suffix(MARK)?;
    let rest = rest.strip_prefix("(){return ")?.strip_prefix(name)?.strip_prefix("}set ")?;
    let rest = rest.strip_prefix(word)?.strip_prefix("(_){")?;
    let (rest, end) = match rest.strip_prefix("if(") {
        Some(test) => {
            let test = test.strip_prefix(word)?.strip_prefix(MARK)?.strip_prefix(')')?;
            (test.strip_prefix(name)?.strip_prefix("=_;else{")?, "=_}}}().")
        }
        None => (rest, "=_}}()."),
    };
    let target = rest.strip_prefix("const $=0;$")?.strip_prefix(end)?;
    let length = match target.strip_prefix(name) {
        Some(rest) if rest.starts_with(MARK) => name.len(),
        // It is written with escapes.
        _ => target.find(|char| char == MARK || !(is_part(char) || matches!(char, '\\' | '{' | '}')))?,
    };
    let (target, rest) = target.split_at_checked(length).filter(|(target, _)| !target.is_empty())?;
    Some((target, rest.strip_prefix(MARK)?))
}

/// The name that a text begins with, and what follows it.
fn name(text: &str) -> (&str, &str) {
    text.split_at(text.find(|char| !is_part(char)).unwrap_or(text.len()))
}

/// Whether a character may be part of a name. Where a name ends in code that was compiled, an ASCII character tells.
fn is_part(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '$') || !char.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::{GUARD, free, guard, unguarded};

    fn assignment(name: &str, written: &str, is_perhaps: bool) -> String {
        let [head, tail] = guard(name, is_perhaps.then(|| free(name)).as_deref());
        format!("{head}{tail}{written}ǃ")
    }

    #[test]
    fn assignments_to_constants_are_told_as_they_were_written() {
        for (name, written) in
            [("c", "c"), ("$", "$"), ("_a1", "_a1"), ("aǃ", "aǃ"), ("e\u{301}", "e\u{301}"), ("ab", r"a\u{62}")]
        {
            for is_perhaps in [false, true] {
                let code = assignment(name, written, is_perhaps);
                assert_eq!(unguarded(&code), written, "{code}");
                let code = format!("() => {{ {code} = {code}++ }}");
                assert_eq!(unguarded(&code), format!("() => {{ {written} = {written}++ }}"), "{code}");
            }
        }
    }

    #[test]
    fn code_of_the_program_stays() {
        let whole = assignment("c", "c", true);
        for (at, _) in whole.char_indices() {
            assert_eq!(unguarded(&whole[..at]), &whole[..at]);
            // What is cut off hides no guard behind it.
            assert_eq!(unguarded(&format!("{}{whole}", &whole[..at])), format!("{}c", &whole[..at]));
        }
        for own in ["f()", "", "new class{get a(){return 1}}().a", "new class{get cǃ(){return c}set cǃ(_){c=_}}().cǃ"] {
            assert_eq!(unguarded(own), own);
        }
    }

    // threat B11
    #[test]
    fn what_begins_as_guards_takes_time_that_grows_with_its_size() {
        let whole = assignment("c", "c", true);
        for unit in [GUARD, "new class{get a", &whole[..whole.len() - "cǃ".len()]] {
            let text = format!("{}ǃ", unit.repeat(200_000));
            assert_eq!(unguarded(&text), text);
        }
    }
}
