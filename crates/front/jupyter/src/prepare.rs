//! What the imports of a cell need before it runs: packages of a registry that are not installed yet, the endings of
//! files, a DOM for what draws. A cell that imports nothing of these costs a look at its text.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use drupe_client::Value;
use drupe_lexer::{Token, tokens};
use serde_json::json;

use crate::{cells::Cell, front::Front, table::field};

/// Packages that draw by the DOM of a page.
const DRAWING: [&str; 3] = ["@observablehq/plot", "d3", "d3-selection"];

/// The endings that the name of a file has, if it has one.
const ENDINGS: [&str; 11] = [".js", ".ts", ".mjs", ".mts", ".cjs", ".cts", ".tsx", ".jsx", ".json", ".wasm", ".node"];

/// The imports of a cell that need something.
#[derive(Debug, Default, PartialEq, Eq)]
struct Imports<'c> {
    /// Specifiers with the name of a registry.
    packages: BTreeSet<&'c str>,
    /// Paths without an ending, and the places of the literals in the code.
    files: Vec<(Token, &'c str)>,
    draws: bool,
}

/// The code of a cell, when what it imports is there as far as can be. Only where somebody can be asked, packages are
/// offered.
pub(crate) async fn prepare<'c>(front: &Front, cell: &Arc<Cell>, code: Cow<'c, str>) -> Cow<'c, str> {
    let imports = imports(&code);
    let packages: Vec<&str> = imports.packages.iter().copied().filter(|_| cell.stdin.is_some()).collect();
    if packages.is_empty() && imports.files.is_empty() && !imports.draws {
        return code;
    }
    let files: Vec<&str> = imports.files.iter().map(|(_, file)| *file).collect();
    if imports.draws {
        front.draws.store(true, Ordering::Relaxed);
    }
    // If it fails, the imports tell why.
    let Some(named) = ask(front, cell, &packages, &files, imports.draws).await else { return code };
    let (mut written, mut from) = (String::with_capacity(code.len() + 16), 0);
    for (token, file) in &imports.files {
        let Some(name) = field(&named, file).and_then(Value::as_str) else { continue };
        let text = format!("import {file:?} is {name:?} here; a program needs the name with its ending");
        front.notice(cell, &text);
        written.push_str(&code[from..token.start + 1]);
        written.push_str(name);
        from = token.end - 1;
    }
    if from == 0 {
        return code;
    }
    written.push_str(&code[from..]);
    Cow::Owned(written)
}

/// A lost session is about to be run again. **Cells are all that a replay runs**: what they need besides is made first.
pub(crate) async fn before_replay(front: &Front, cell: &Arc<Cell>) {
    if front.draws.load(Ordering::Relaxed) {
        // Without a DOM the cells tell what they miss.
        drop(ask(front, cell, &[], &[], true).await);
    }
}

async fn ask(front: &Front, cell: &Arc<Cell>, packages: &[&str], files: &[&str], draws: bool) -> Option<Value> {
    let asked = json!({ "packages": packages, "files": files, "draws": draws });
    let call = format!("await globalThis[Symbol.for('drupe.jupyter')].prepare({asked})");
    front.evaluate(cell, &call).await.ok()
}

fn imports(code: &str) -> Imports<'_> {
    let mut imports = Imports::default();
    let is_likely = ["npm:", "jsr:", "./", "plot", "d3"].iter().any(|part| code.contains(part));
    if !is_likely || !["import", "require"].iter().any(|word| code.contains(word)) {
        return imports;
    }
    let signs: Vec<Token> = tokens(code).filter(Token::is_significant).collect();
    for (at, token) in signs.iter().enumerate() {
        let text = token.text(code);
        let quote = text.chars().next().filter(|char| matches!(char, '\'' | '"'));
        let Some(specifier) = quote.and_then(|quote| text.strip_prefix(quote)?.strip_suffix(quote)) else { continue };
        let before = |count: usize| at.checked_sub(count).map_or("", |at| signs[at].text(code));
        let is_required = (before(1), before(2)) == ("(", "require");
        if !is_required && !matches!(before(1), "from" | "import") && (before(1), before(2)) != ("(", "import") {
            continue;
        }
        let name = specifier.strip_prefix("npm:").unwrap_or(specifier);
        let name = name.get(1..).and_then(|rest| rest.find('@')).map_or(name, |end| &name[..=end]);
        imports.draws |= DRAWING.contains(&name);
        if specifier.starts_with("npm:") || specifier.starts_with("jsr:") {
            imports.packages.insert(specifier);
        } else if is_path(specifier) && !is_required && !ENDINGS.iter().any(|ending| specifier.ends_with(ending)) {
            imports.files.push((*token, specifier));
        }
    }
    imports
}

fn is_path(specifier: &str) -> bool {
    let is_below = specifier.starts_with("./") || specifier.starts_with("../");
    is_below && !specifier.ends_with('/') && !specifier.contains(['\\', '?', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> (Vec<&str>, Vec<&str>, bool) {
        let Imports { packages, files, draws } = imports(code);
        (packages.into_iter().collect(), files.into_iter().map(|(_, file)| file).collect(), draws)
    }

    #[test]
    fn imports_that_need_something_are_found_and_no_other_text() {
        for (code, packages, files, draws) in [
            ("import _ from 'npm:lodash@4'", vec!["npm:lodash@4"], vec![], false),
            ("import \"jsr:@std/path\"; await import('npm:a')", vec!["jsr:@std/path", "npm:a"], vec![], false),
            ("const a = require('npm:a'), b = 'npm:b' // import 'npm:c'", vec!["npm:a"], vec![], false),
            ("import { x } from './lib/x'; import y from '../y.ts'; require('./z')", vec![], vec!["./lib/x"], false),
            ("import z from './a/'; import './b.json'; import './c?x'; `import './d'`", vec![], vec![], false),
            ("import * as Plot from '@observablehq/plot'", vec![], vec![], true),
            ("import * as Plot from 'npm:@observablehq/plot@0.6'", vec!["npm:@observablehq/plot@0.6"], vec![], true),
            ("const d3 = require('d3')", vec![], vec![], true),
            ("import { csv } from 'd3-fetch'; 'd3'", vec![], vec![], false),
            ("'npm:a'; './b'; d3", vec![], vec![], false),
        ] {
            assert_eq!(found(code), (packages, files, draws), "{code}");
        }
    }
}
