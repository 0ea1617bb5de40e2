//! Formats (`%s`, `%d` and the like) and styles beside Node's own, for all kinds of values. `formats_vs_node.js` is the
//! list.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{path::Path, process::Command};

use crate::common::{COLOR_VARIABLES, drupe, has_node20};

#[test]
fn formats_make_of_values_what_nodes_make() {
    if !has_node20() {
        return;
    }
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats_vs_node.js");
    // As a module, wherever it lies.
    let code = format!("import({:?})", program.to_str().unwrap());
    let mut node = Command::new("node");
    node.args(["--no-warnings", "--input-type=module", "-e", &code]);
    let said = |mut command: Command, variable: Option<&str>| {
        for name in COLOR_VARIABLES {
            command.env_remove(name);
        }
        if let Some(value) = variable {
            command.env("FORCE_COLOR", value);
        }
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr)
    };
    let expected = said(node, None);
    let found = said(drupe(&["-e", &code]), None);
    assert!(expected.lines().count() > 1000, "{expected}");
    let wrong = expected.lines().zip(found.lines()).filter(|(expected, found)| expected != found);
    let wrong = wrong.map(|(expected, found)| format!("  node  {expected}\n  drupe {found}")).collect::<Vec<_>>();
    assert!(wrong.is_empty() && expected == found, "{} lines:\n{}", wrong.len(), wrong.join("\n"));
    // Where colours are forced, there are styles.
    let styled = said(drupe(&["-p", "util.styleText('red', 'x') + util.styleText(['bold'], 'y')"]), Some("1"));
    assert_eq!(styled, "\u{1b}[31mx\u{1b}[39m\u{1b}[1my\u{1b}[22m\n");
}
