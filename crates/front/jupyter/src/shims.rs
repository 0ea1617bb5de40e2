//! Names of other kernels in the code of a cell: `Deno.jupyter`, and the package `tslab`, which is no package here.
//!
//! `Deno` alone is not defined: libraries take that for the whole of Deno. So the names are replaced in the text, by
//! ones of the same length where there are some, and positions in errors stay as they are.

use std::borrow::Cow;

use drupe_lexer::{Kind, Token, tokens};

/// The code with the names that are defined here.
pub(crate) fn adapt(code: &str) -> Cow<'_, str> {
    if !code.contains("Deno") && !code.contains("tslab") {
        return Cow::Borrowed(code);
    }
    let signs: Vec<Token> = tokens(code).filter(|token| token.kind != Kind::Space).collect();
    let (mut adapted, mut from) = (String::with_capacity(code.len() + 16), 0);
    let word = |at: usize| signs.get(at).map_or("", |token| token.text(code));
    for at in 0..signs.len() {
        let Some((count, text)) = replaced(&word, at, signs[at].kind) else { continue };
        let (start, end) = (signs[at].start, signs[at + count - 1].end);
        if start >= from {
            adapted.push_str(&code[from..start]);
            adapted.push_str(&text);
            from = end;
        }
    }
    adapted.push_str(&code[from..]);
    Cow::Owned(adapted)
}

/// What stands for the tokens from one on, and how many they are.
fn replaced<'a>(word: &impl Fn(usize) -> &'a str, at: usize, kind: Kind) -> Option<(usize, String)> {
    if kind == Kind::Comment {
        return None;
    }
    let is_tslab = |at| matches!(word(at), "'tslab'" | "\"tslab\"");
    match word(at) {
        "Deno" if (word(at + 1), word(at + 2)) == (".", "jupyter") && (at == 0 || word(at - 1) != ".") => {
            Some((3, "Jupyter.deno".to_owned()))
        }
        "require" if word(at + 1) == "(" && is_tslab(at + 2) && word(at + 3) == ")" => Some((4, "Jupyter.tslab".to_owned())),
        // import * as NAME from 'tslab'
        "import" if (word(at + 1), word(at + 2), word(at + 4)) == ("*", "as", "from") && is_tslab(at + 5) => {
            Some((6, format!("const {} = Jupyter.tslab", word(at + 3))))
        }
        // import { NAME as OTHER } from 'tslab'
        "import" if word(at + 1) == "{" => {
            let close = (at + 2..at + 40).find(|at| word(*at) == "}")?;
            if word(close + 1) != "from" || !is_tslab(close + 2) {
                return None;
            }
            let names = (at + 2..close).map(|at| if word(at) == "as" { ":" } else { word(at) }).collect::<Vec<_>>().join(" ");
            Some((close + 3 - at, format!("const {{ {names} }} = Jupyter.tslab")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_kernels_are_replaced_and_no_others() {
        for (code, adapted) in [
            ("await Deno.jupyter.display(x)", "await Jupyter.deno.display(x)"),
            ("x.Deno.jupyter; 'Deno.jupyter' // Deno.jupyter", "x.Deno.jupyter; 'Deno.jupyter' // Deno.jupyter"),
            ("Deno.readFile", "Deno.readFile"),
            (
                "import * as tslab from \"tslab\";\ntslab.display.html('x')",
                "const tslab = Jupyter.tslab;\ntslab.display.html('x')",
            ),
            ("const t = require('tslab')", "const t = Jupyter.tslab"),
            ("import { display as d, newDisplay } from 'tslab'", "const { display : d , newDisplay } = Jupyter.tslab"),
            ("import { display } from 'other'; 'tslab'", "import { display } from 'other'; 'tslab'"),
            ("import {", "import {"),
        ] {
            assert_eq!(adapt(code), adapted, "{code}");
        }
        assert!(matches!(adapt("1 + 1"), Cow::Borrowed(_)));
    }
}
