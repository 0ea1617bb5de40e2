//! Names that the transpiler marks. V8 tells them in its messages, and people see them as they were written.
//!
//! An import by the name of a global of the environment is held under that name with a mark behind it; so is a variable
//! that the transpiler adds. `import.meta` of a chunk is a marked global.
//!
//! Texts are changed where they are shown, and the source of a function where code asks for it. **The `message` of an
//! error of V8's keeps the mark where code reads it**: V8 makes it an own property, and tells nobody that
//! it did.

use drupe_protocol::marks::{MARK, unguarded};

/// The global that stands for `import.meta`.
const META: &str = "importmetaǃ";

/// A text of V8's or of the session with its names as they were written.
pub(crate) fn unmarked(scope: &v8::PinScope, text: String) -> String {
    if !is_marked(&text) {
        return text;
    }
    let global = scope.get_current_context().global(scope);
    let is_global = |name: &str| {
        v8::String::new(scope, name).is_some_and(|name| global.has_real_named_property(scope, name.into()) == Some(true))
    };
    replaced(&text, is_global)
}

/// The source of a function as it was written: without the guards of constants, too.
pub(crate) fn written_source(scope: &v8::PinScope, source: &str) -> String {
    unmarked(scope, unguarded(source))
}

/// Whether a text may have such names.
pub(crate) fn is_marked(text: &str) -> bool {
    text.contains(MARK)
}

/// The text with the marked names replaced; `is_global` says whether the environment has a global of a name.
fn replaced(text: &str, is_global: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let name = word.trim_end_matches(MARK);
        let marks = (word.len() - name.len()) / MARK.len_utf8();
        out.push_str(match marks {
            _ if word == META => "import.meta",
            0 => word,
            1 if !is_global(name) => word,
            _ if name.is_empty() => word,
            _ => name,
        });
        let gap = after.find(is_part).unwrap_or(after.len());
        out.push_str(&after[..gap]);
        rest = &after[gap..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn marked_names_are_told_as_they_were_written() {
        for (text, expected) in [
            ("cryptoǃ is not defined", "crypto is not defined"),
            ("Cannot access 'cryptoǃ' before initialization", "Cannot access 'crypto' before initialization"),
            ("cryptoǃ.a.b is not a function", "crypto.a.b is not a function"),
            ("importmetaǃ.a is not a function", "import.meta.a is not a function"),
            ("xǃǃ is not defined", "x is not defined"),
            // These are words of the program's own.
            ("ǃKung, Gǃawa, mineǃ, ǃ and ǃǃ", "ǃKung, Gǃawa, mineǃ, ǃ and ǃǃ"),
            ("", ""),
        ] {
            assert_eq!(replaced(text, |name| name == "crypto"), expected);
        }
    }
}
