//! Emitted positions lead back to what the user typed.

use crate::common::{line, position, script};
use drupe_protocol::NOWHERE;
use drupe_transpile::SourceMap;

/// Every occurrence of `needle` in the emitted text must map to an occurrence of it in the source, in the same order.
fn check(source: &str, needle: &str) {
    let script = script(source);
    let map = script.source_map.clone().unwrap_or_default();
    let expected: Vec<_> = source.match_indices(needle).map(|(at, _)| position(source, at)).collect();
    let found: Vec<_> =
        script.code.match_indices(needle).map(|(at, _)| map.source_position(position(&script.code, at))).collect();
    assert!(!found.is_empty(), "{needle} is not in {}", script.code);
    assert_eq!(found, expected, "{needle} in\n{}\n{map:?}", script.code);
    assert_sorted(&map);
}

fn assert_sorted(map: &SourceMap) {
    assert!(map.segments.windows(2).all(|pair| pair[0][..2] < pair[1][..2]), "{map:?}");
}

#[test]
fn blanked() {
    check("let x: number = qux1;\ninterface A {}\n  qux1", "qux1");
    check("let é: '𝒳' = '𝒳' as string, b = qux1", "qux1");
    check("() => <any>{a: qux1}; qux1\nqux1", "qux1");
    check("let f = () => <any>{a: <any>{ b: qux1 }, c: qux1 }, g = qux1", "qux1");
}

#[test]
fn parenthesized() {
    check("{ a: qux1,\n  b: qux1 }", "qux1");
    check("/* 𝒳 */{ a: qux1,\n  b: qux1 }.b // qux1", "qux1");
    check("  { a: qux1 as T, b: <any>{ c: qux1 } }", "qux1");
}

#[test]
fn transformed() {
    check("enum E { A = qux1 }\n\n\n  function f() { throw qux1 }", "qux1");
    check("const é = '𝒳' + <div a={qux1}>{ qux1 }</div>;\n\n/* 𝒳 */ qux1()", "qux1");
    check("class A { constructor(public x = qux1) { qux1() } }", "qux1");
    check("namespace N { export const a = qux1() }\nthrow qux1", "qux1");
    check("@dec(qux1) class A { m() { qux1() } }\n   qux1", "qux1");
    check("{ a: <b/>, c: qux1 }", "qux1");
}

#[test]
fn only_what_a_transform_has_made_is_nobodys() {
    let made = "/*#__PURE__*/ function(";
    let source = format!("enum E {{ A = 1 }}\nlet a = `ä {made} ${{E}}{made}`, b = '{made}'");
    let script = script(&source);
    let map = script.source_map.unwrap_or_default();
    let from = script.code.match_indices(made).map(|(at, _)| map.source_position(position(&script.code, at)));
    let is_written: Vec<_> = from.map(|position| position.line != NOWHERE).collect();
    assert_eq!(is_written, [false, true, true, true], "in\n{}\n{map:?}", script.code);
    assert_sorted(&map);
}

#[test]
fn untouched_lines_need_no_segment() {
    let script = script("{ a: 1,\n  b: 2 }");
    assert_eq!(line(&script.code, 1), "  b: 2 })");
    assert!(script.source_map.is_some_and(|map| map.segments.iter().all(|segment| segment[0] == segment[2])));
}
