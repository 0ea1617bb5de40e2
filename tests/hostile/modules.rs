//! Modules that need no permission: `data:` URLs with other formats, with imports of each other, and specifiers.

use crate::case::{Act, Case, World, list};

/// Imports of a text, as what the first says.
const FORMATS: &[(&str, &str, fn() -> String)] = &[
    ("json nested", "data:application/json,", || "[".repeat(500_000)),
    ("json nested whole", "data:application/json,", || "[".repeat(500_000) + &"]".repeat(500_000)),
    ("json of objects nested", "data:application/json,", || "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000)),
    ("json wide", "data:application/json,", || format!("[{}0]", "0,".repeat(500_000))),
    ("json with one key", "data:application/json,", || format!("{{{}\"a\":0}}", "\"a\":0,".repeat(150_000))),
    ("json with keys", "data:application/json,", || format!("{{{}\"a\":0}}", list(80_000, |index| format!("\"k{index}\":0,")))),
    ("json with a long number", "data:application/json,", || "9".repeat(1_000_000)),
    ("json with a long string", "data:application/json,", || format!("\"{}\"", "\\u0061".repeat(160_000))),
    ("json that is wrong at its end", "data:application/json,", || format!("\"{}\"x", "a".repeat(1_000_000))),
    ("text", "data:text/plain,", || "a".repeat(1_000_000)),
    ("an unknown type", "data:text/x,", || "a".repeat(1_000_000)),
    ("a long type", "data:", || format!("{}/b,1", "a".repeat(1_000_000))),
    ("parameters", "data:text/javascript", || format!("{},1", ";a=b".repeat(250_000))),
    ("parameters in quotes", "data:text/javascript", || format!("{},1", ";a=\"\\\\\"".repeat(120_000))),
    ("a base64 that is none", "data:text/javascript;base64,", || "*".repeat(1_000_000)),
    ("percents", "data:text/javascript,", || "%".repeat(1_000_000)),
    ("a hash", "data:text/javascript,1#", || "a".repeat(1_000_000)),
    ("a URL without a comma", "data:", || "a".repeat(1_000_000)),
];

/// Specifiers.
const SPECIFIERS: &[(&str, fn() -> String)] = &[
    ("a long name", || "a".repeat(1_000_000)),
    ("a long path", || format!("./{}", "a/".repeat(500_000))),
    ("parents", || "../".repeat(300_000)),
    ("dots", || "./".repeat(500_000)),
    ("slashes", || "/".repeat(1_000_000)),
    ("percents", || format!("./{}", "%41".repeat(300_000))),
    ("a scope", || format!("@{}/b", "a".repeat(1_000_000))),
    ("a hash", || format!("#{}", "a".repeat(1_000_000))),
    ("a scheme", || format!("{}:b", "a".repeat(1_000_000))),
    ("a host", || format!("http://{}/", "a.".repeat(500_000))),
    ("a host of Han", || format!("http://{}/", "\u{6f22}".repeat(300_000))),
    ("a host with punycode", || format!("http://{}/", "xn--a.".repeat(150_000))),
    ("a punycode label", || format!("http://xn--{}/", "a9".repeat(400_000))),
    ("a port", || format!("http://a:{}/", "9".repeat(1_000_000))),
    ("an address", || format!("http://[{}]/", "1:".repeat(500_000))),
    ("a user", || format!("http://{}@a/", "b@".repeat(400_000))),
    ("a query", || format!("http://a/?{}", "b=\u{e9}&".repeat(150_000))),
    ("a file with escapes", || format!("file:///{}", "%2e%2e/".repeat(140_000))),
    ("a built-in", || format!("node:{}", "a".repeat(1_000_000))),
    ("NULs", || "\0".repeat(1_000_000)),
    ("backslashes", || "\\".repeat(1_000_000)),
    ("tabs and newlines", || format!("http://a/{}", "\t\n".repeat(400_000))),
];

const IMPORT: &str = "await import(BEFORE + text).then(() => 'imported', (error) => String(error).slice(0, 80))";
const REQUIRE: &str = "try { require(text); 'required' } catch (error) { String(error).slice(0, 80) }";
const RESOLVE: &str = "try { require.resolve(text) } catch (error) { String(error).slice(0, 80) }";

/// Chunks whose modules are made in the kernel: more than one of them.
const GRAPHS: &[(&str, &str)] = &[
    (
        "20,000 static imports of data URLs",
        "const text = Array.from({ length: 20000 }, (_, n) => `import 'data:text/javascript,${n}';`).join('\\n');\
         await import('data:text/javascript,' + encodeURIComponent(text)).then(() => 'imported', (error) => String(error).slice(0, 80))",
    ),
    (
        "9,000 modules that are imported at once",
        "await Promise.allSettled(Array.from({ length: 9000 }, (_, n) => import('data:text/javascript,' + n))).then((all) => all.length)",
    ),
    (
        "data URLs in data URLs",
        "let url = 'data:text/javascript,1'; for (let n = 0; n < 12; n++) url = 'data:text/javascript,' + encodeURIComponent(`import '${url}'`);\
         await import(url).then(() => 'imported', (error) => String(error).slice(0, 80))",
    ),
    (
        "300 exports of all in a row",
        "let url = 'data:text/javascript,export let a = 1';\
         for (let n = 0; n < 9; n++) url = 'data:text/javascript,' + encodeURIComponent(`export * from '${url}'; export * from '${url}#b'`);\
         await import(url).then((m) => Object.keys(m).length, (error) => String(error).slice(0, 80))",
    ),
    (
        "a name that one of 40,000 exports has almost",
        "const text = Array.from({ length: 40000 }, (_, n) => `export let a${n};`).join('');\
         await import('data:text/javascript,' + encodeURIComponent(`import { b1 } from 'data:text/javascript,${text}'`))\
         .then(() => 'imported', (error) => String(error).slice(0, 80))",
    ),
    (
        "a module that imports itself again and again",
        "const text = 'let n = 0; while (n++ < 500) await import(import.meta.url + `#${n}`)'; \
         await import('data:text/javascript,' + encodeURIComponent(text)).then(() => 'imported', (error) => String(error).slice(0, 80))",
    ),
    (
        "the same large module 200 times",
        "const text = 'x'.repeat(4000) + ';'; await Promise.allSettled(Array.from({ length: 200 }, (_, n) => \
         import('data:text/javascript,' + text.repeat(8) + '//' + n))).then((all) => String(all[0].reason).slice(0, 80))",
    ),
    (
        "typescript that is abandoned",
        "for (let n = 0; n < 40; n++) import('data:application/typescript,' + encodeURIComponent('let a: number = 1;'.repeat(20000) + n)).catch(() => {}); 1",
    ),
    ("wasm of every kind by require", "for (let n = 0; n < 60; n++) try { require('data:application/wasm,' + n) } catch {} 1"),
];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for &(name, before, text) in FORMATS {
        let code = IMPORT.replace("BEFORE", &format!("{before:?}"));
        cases.push(Case::new(format!("data: {name}"), World::Denied, move || Act::given(&code, text())));
    }
    for &(name, before, text) in FORMATS.iter().filter(|(name, ..)| name.starts_with("json")) {
        let code = IMPORT.replace("BEFORE", &format!("{before:?}")).replace("text)", "text, { with: { type: 'json' } })");
        cases.push(Case::new(format!("data with type: {name}"), World::Denied, move || Act::given(&code, text())));
    }
    for (index, &(name, text)) in SPECIFIERS.iter().enumerate() {
        let code = [IMPORT.replace("BEFORE", "''"), REQUIRE.to_owned(), RESOLVE.to_owned()][index % 3].clone();
        cases.push(Case::new(format!("specifier: {name}"), World::Denied, move || Act::given(&code, text())));
        let code = [REQUIRE.to_owned(), IMPORT.replace("BEFORE", "''"), IMPORT.replace("BEFORE", "''")][index % 3].clone();
        let world = World::Folder(|_| {});
        cases.push(Case::new(format!("specifier in a folder: {name}"), world, move || Act::given(&code, text())));
    }
    for &(name, code) in GRAPHS {
        cases.push(Case::new(format!("graph: {name}"), World::Denied, move || Act::run(code)));
    }
    cases
}
