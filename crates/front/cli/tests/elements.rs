//! Elements of JSX and casts, line by line.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::run_with;

/// A tag of HTML may be the name of a type.
#[test]
fn casts_to_types_that_are_named_as_elements_end_with_their_line() {
    let said = run_with(
        &["repl"],
        "type p = number\nconst y = <p>5\ny\nconst z = <b>(y + 1);\nlet a = <i>y; a\ntype q = number; z + <q>y\nconsole.log('after')\n",
    );
    assert_eq!(
        (said.status, said.out.as_str()),
        (Some(0), "undefined\nundefined\n5\nundefined\n5\n11\nafter\nundefined\n"),
        "{}",
        said.err
    );
    let said = run_with(&["eval", "const y = 5; const z = <b>y\nz"], "");
    assert_eq!(said.out, "5\n", "{}", said.err);
}

#[test]
fn an_element_in_the_next_line_is_an_element() {
    let react = "var React = { createElement: (tag, _, text = '') => `<${tag}>${text}` }, f = (...all) => all.join(), y = 1\n";
    for (lines, value) in [
        ("f(\n<b/>\n)\n", "'<b>'"),
        ("f(1,\n  <b>\n    it's t\n  </b>\n)\n", "\"1,<b>it's t\""),
        ("y &&\n<b/>\n", "'<b>'"),
        ("[\n<b/>\n][0]\n", "'<b>'"),
    ] {
        let said = run_with(&["repl"], &format!("{react}{lines}"));
        assert_eq!((&*said.out, &*said.err), (&*format!("undefined\n{value}\n"), ""), "{lines}");
    }
}
