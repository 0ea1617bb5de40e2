//! The web platform's essentials, side by side with Node's: the same expression, the same printed result.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write as _;

use crate::common::{TestKernel, node::node};

/// Expressions, one a line; lines that begin with `//` are comments.
const EXPRESSIONS: &str = include_str!("web_vs_node.txt");

/// Separates what one expression prints from what the next does.
const MARK: &str = "--- next ---";

fn expressions() -> Vec<&'static str> {
    EXPRESSIONS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).collect()
}

/// A program that prints what an expression is, or what it throws.
fn program(expression: &str) -> String {
    format!(
        "try {{ console.log(await (async () => ({expression}))()) }} catch (e) {{ console.log('threw', e?.name, e?.code, e instanceof Error) }}"
    )
}

fn printed_by_node(expressions: &[&str]) -> Option<Vec<String>> {
    let mut script = String::new();
    for expression in expressions {
        writeln!(script, "{}\nconsole.log({MARK:?});", program(expression)).unwrap();
    }
    node("v", &["--input-type=module"], &script, &format!("{MARK}\n"))
}

#[test]
fn the_web_platform_is_as_in_node() {
    let expressions = expressions();
    let Some(expected) = printed_by_node(&expressions) else { return };
    assert_eq!(expected.len(), expressions.len());
    let mut kernel = TestKernel::new();
    let mut wrong = Vec::new();
    for (expression, expected) in expressions.iter().zip(expected) {
        let log = kernel.run(&program(expression));
        let mut ours = String::new();
        for console in log.consoles() {
            writeln!(ours, "{}", console.text()).unwrap();
        }
        if ours != expected {
            wrong.push(format!("{expression}\n--- node\n{expected}--- ours\n{ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), expressions.len(), wrong.join("\n"));
}
