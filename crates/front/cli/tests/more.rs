//! `.more`: what a result left out.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::run_with;

#[test]
fn more_pages_through_what_a_result_left_out() {
    let said = run_with(&["repl"], "Array.from({ length: 250 }, (_, i) => i)\n.more\n.more\n.more\n");
    assert!(said.out.contains("... 150 more items\n]\n100 to 199 of 250\n[\n  100, 101"), "{}", said.out);
    assert!(said.out.contains("... 50 more items\n]\n200 to 249 of 250\n[\n  200, 201"), "{}", said.out);
    assert_eq!((said.status, said.err.as_str()), (Some(1), "there is no more\n"));
}

#[test]
fn more_goes_on_in_a_long_string() {
    let said = run_with(&["repl"], "'ab'.repeat(6000) + 'é'\n.more\n.more\n");
    assert!(
        said.out.contains("... 2001 more characters\ncharacters 10000 to 12000 of 12001\n'abab"),
        "{}",
        &said.out[said.out.len() - 2100..]
    );
    assert!(said.out.ends_with("abé'\n") && said.err == "there is no more\n", "{}", said.err);
}

#[test]
fn more_finds_what_is_left_out_inside() {
    let code = "({ a: { list: Array.from({ length: 101 }, (_, i) => 'i' + i) }, m: new Map(Array.from({ length: 102 }, (_, i) => [i, { i }])), deep: { b: { c: { d: { e: 1 } } } } })";
    let said = run_with(&["repl"], &format!("{code}\n.more\n.more\n.more\n"));
    let pages = said.out.split_once("\n}\n").unwrap().1;
    assert!(pages.starts_with(".a.list: 100 of 101\n[ 'i100' ]\n"), "{pages}");
    assert!(pages.contains(".m: 100 to 101 of 102\nMap(102) { 100 => { i: 100 }, 101 => { i: 101 } }\n"), "{pages}");
    assert!(pages.ends_with(".deep.b.c\n{ d: { e: 1 } }\n"), "{pages}");
    assert_eq!(said.status, Some(0), "{}", said.err);
}

#[test]
fn more_of_a_string_is_of_that_string_and_runs_no_code() {
    let input = "const _ = 1\nObject.defineProperty(globalThis, 'q', { get() { console.log('run') } }); 'ab'.repeat(6000)\n.more\n({ text: 'xy'.repeat(8000) })\n.more\n";
    let said = run_with(&["repl"], input);
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("characters 10000 to 11999 of 12000\n'abab"), "{}", said.out);
    assert!(said.out.contains(".text: characters 10000 to 15999 of 16000\n'xyxy"), "{}", said.out);
    let said = run_with(&["repl", "--events", "json"], "[1]\n.more\n");
    assert!(said.out.contains("without --events json"), "{}", said.out);
}
