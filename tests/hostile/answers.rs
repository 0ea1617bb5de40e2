//! Answers of a server that was granted, to `fetch` and to `import`.

use crate::case::{Act, Case, World};

/// Bodies that are compressed, with how the server says that they are.
const CODED: &[(&str, &str)] = &[
    ("gzip", "gzip-bomb"),
    ("gzip", "gzip-dense"),
    ("gzip", "gzip-30"),
    ("gzip", "gzip-members"),
    ("gzip", "gzip-name"),
    ("gzip", "gzip-cut"),
    ("gzip", "zeros"),
    ("gzip,gzip", "gzip-gzip"),
    ("gzip,gzip,gzip", "gzip-gzip-gzip"),
    ("gzip,gzip,gzip,gzip", "gzip-gzip-gzip"),
    ("deflate", "zlib"),
    ("deflate", "bare"),
    ("deflate", "empty-blocks"),
    ("br", "brotli-25"),
    ("br", "brotli-28"),
    ("br", "brotli-30"),
    ("br", "brotli-metadata"),
    ("br", "zeros"),
    ("br", "ones"),
];

/// Answers that are odd as such.
const ODD: &[&str] = &[
    "many-headers",
    "long-header",
    "long-status",
    "folded",
    "cookies",
    "garbage",
    "informs",
    "early-hints",
    "tiny-chunks",
    "chunk-extensions",
    "chunk-zeros",
    "trailers",
    "huge-chunk",
    "long-length",
    "many-lengths",
    "short",
    "drip",
    "silent",
    "redirects",
    "redirect-far",
];

/// What an import is answered: a path, and the `type` that is asked for.
const MODULES: &[(&str, &str)] = &[
    ("tree", ""),
    ("chain/0", ""),
    ("bombs", ""),
    ("bomb/0.js", ""),
    ("type/text+javascript/parens", ""),
    ("type/text+typescript/generics", ""),
    ("type/text+javascript/imports", ""),
    ("type/text+javascript/zeros", ""),
    ("type/application+wasm/wasm-imports", ""),
    ("type/application+json/nest-json", "json"),
    ("type/application+json/wide-json", "json"),
    ("redirects", ""),
    ("drip", ""),
    ("many-headers", ""),
];

/// Reads all of an answer, and says how large it was, or what was wrong.
const READ: &str = "await fetch(server + PATH).then(async (answer) => { let size = 0; for await (const piece of answer.body) size += \
                    piece.length; return size }).catch((error) => String(error.cause ?? error).slice(0, 80))";

/// As many at once as are let.
const READ_MANY: &str = "await Promise.all(Array.from({ length: 24 }, () => READ)).then((all) => all[0])";

pub(crate) fn cases() -> Vec<Case> {
    let read = |path: &str| READ.replace("PATH", &format!("{path:?}"));
    let mut cases = Vec::new();
    let mut add = |name: String, code: String| cases.push(Case::new(name, World::Server, move || Act::run(code.as_str())));
    for (coding, what) in CODED {
        add(format!("answer {coding} {what}"), read(&format!("/coded/{coding}/{what}")));
    }
    for what in ["brotli-25", "brotli-30", "zeros"] {
        add(
            format!("answer br {what}, 24 at once"),
            READ_MANY.replace("READ", &read(&format!("/coded/br/{what}")).replacen("await ", "", 1)),
        );
    }
    add(
        "answer gzip gzip-30, 24 at once".into(),
        READ_MANY.replace("READ", &read("/coded/gzip/gzip-30").replacen("await ", "", 1)),
    );
    for what in ODD {
        add(format!("answer {what}"), read(&format!("/{what}")));
    }
    add("answer drip, 24 at once".into(), READ_MANY.replace("READ", &read("/drip").replacen("await ", "", 1)));
    add(
        "answer text of zeros".into(),
        "await fetch(server + '/plain/zeros').then((answer) => answer.text()).then((text) => text.length)".into(),
    );
    add(
        "answer json nested".into(),
        "await fetch(server + '/plain/nest-json').then((answer) => answer.json()).catch((error) => String(error))".into(),
    );
    for (path, kind) in MODULES {
        let with = if kind.is_empty() { String::new() } else { format!(", {{ with: {{ type: {kind:?} }} }}") };
        let code =
            format!("await import(server + '/{path}'{with}).then(() => 'imported', (error) => String(error).slice(0, 80))");
        add(format!("import from a server {path}"), code);
    }
    cases
}
