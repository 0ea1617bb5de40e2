//! What the imports of a cell need before it runs: packages of a registry that are not installed yet, a DOM for what
//! draws. A cell that imports nothing of these costs a look at its text.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use drupe_lexer::{Token, tokens};
use serde_json::json;

use crate::{cells::Cell, front::Front};

/// Packages that draw by the DOM of a page.
const DRAWING: [&str; 3] = ["@observablehq/plot", "d3", "d3-selection"];

/// The imports of a cell that need something.
#[derive(Debug, Default, PartialEq, Eq)]
struct Imports<'c> {
    /// Specifiers with the name of a registry.
    packages: BTreeSet<&'c str>,
    draws: bool,
}

/// Makes what a cell imports be there, as far as it can be. Only where somebody can be asked, packages are offered.
pub(crate) async fn prepare(front: &Front, cell: &Arc<Cell>, code: &str) {
    let imports = imports(code);
    let packages: Vec<&str> = imports.packages.iter().copied().filter(|_| cell.stdin.is_some()).collect();
    if imports.draws {
        front.draws.store(true, Ordering::Relaxed);
    }
    if !packages.is_empty() || imports.draws {
        ask(front, cell, &packages, imports.draws).await;
    }
}

/// A lost session is about to be run again. **Cells are all that a replay runs**: what they need besides is made first.
pub(crate) async fn before_replay(front: &Front, cell: &Arc<Cell>) {
    if front.draws.load(Ordering::Relaxed) {
        ask(front, cell, &[], true).await;
    }
}

/// If it fails, the imports tell why, and what draws tells what it misses.
async fn ask(front: &Front, cell: &Arc<Cell>, packages: &[&str], draws: bool) {
    let asked = json!({ "packages": packages, "draws": draws });
    let call = format!("await globalThis[Symbol.for('drupe.jupyter')].prepare({asked})");
    drop(front.evaluate(cell, &call).await);
}

fn imports(code: &str) -> Imports<'_> {
    let mut imports = Imports::default();
    let is_likely = ["npm:", "jsr:", "plot", "d3"].iter().any(|part| code.contains(part));
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
        }
    }
    imports
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> (Vec<&str>, bool) {
        let Imports { packages, draws } = imports(code);
        (packages.into_iter().collect(), draws)
    }

    #[test]
    fn imports_that_need_something_are_found_and_no_other_text() {
        for (code, packages, draws) in [
            ("import _ from 'npm:lodash@4'", vec!["npm:lodash@4"], false),
            ("import \"jsr:@std/path\"; await import('npm:a')", vec!["jsr:@std/path", "npm:a"], false),
            ("const a = require('npm:a'), b = 'npm:b' // import 'npm:c'", vec!["npm:a"], false),
            ("import { x } from './lib/x'; import y from '../y.ts'; require('./z')", vec![], false),
            ("import z from './a/'; import './b.json'; import './c?x'; `import './d'`", vec![], false),
            ("import * as Plot from '@observablehq/plot'", vec![], true),
            ("import * as Plot from 'npm:@observablehq/plot@0.6'", vec!["npm:@observablehq/plot@0.6"], true),
            ("const d3 = require('d3')", vec![], true),
            ("import { csv } from 'd3-fetch'; 'd3'", vec![], false),
            ("'npm:a'; './b'; d3", vec![], false),
        ] {
            assert_eq!(found(code), (packages, draws), "{code}");
        }
    }
}
