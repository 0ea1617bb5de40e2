//! What the console prints, side by side with Node's console.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write as _;

use crate::common::{TestKernel, node::node};
use drupe_protocol::event::Method;

/// Separates what one program prints from what the next does.
const MARK: &str = "--- next ---";

/// Programs whose output agrees to the letter. Not among them, on purpose: `%s`, `%d`, `%i` and `%f` with an object
/// whose class has a `toString` or `valueOf` of the user's: that is called where a run lets objects speak for
/// themselves. Groups are told by depth, and indented here as front ends do.
const PROGRAMS: &[&str] = &[
    // Specifiers.
    "console.log('%s|%s|%s', 'text', 42, -0)",
    "console.log('%s %s %s %s', 12n, Symbol('s'), null, undefined)",
    "console.log('%s', { a: { b: { c: 1 } } }, 'rest', 1)",
    "console.log('%s', [1, [2, [3]]])",
    "console.log('%s', true, false)",
    "console.log('%d|%d|%d|%d', 42.5, '42.5', -0, '0x10')",
    "console.log('%d|%d|%d|%d', 12n, 'x', null, undefined)",
    "console.log('%d|%d', {}, Symbol('s'))",
    "console.log('%i|%i|%i|%i', 42.9, '42.9px', -1.5, 12n)",
    "console.log('%i|%i|%i', 'x', {}, Symbol('s'))",
    "console.log('%f|%f|%f|%f', 42.5, '42.5px', '1e3x', -0)",
    "console.log('%f|%f|%f', 'x', Symbol('s'), '.5')",
    "console.log('%i|%i|%f', '0x1f', '1e21', '  7.5 ')",
    "console.log('%i|%i', 1e21, 1e-7)",
    "console.log('%j %j %j', { a: [1, 'x', null] }, 'text', 1)",
    "console.log('%j', { a: undefined, b: () => 1, c: [() => 1] })",
    "console.log('%j|%j', undefined, Symbol('s'))",
    "const c = { n: 1 }; c.c = c; console.log('%j', c)",
    "console.log('%o', { a: 1, f: 2 }); console.log('%o', [1, 2])",
    "console.log('%O', { a: { b: { c: { d: 1 } } } })",
    "console.log('%c styled %c plain', 'color: red', '')",
    "console.log('100%', 1, '%s', 'x')",
    "console.log('%% %s %%', 'a'); console.log('%%'); console.log('%%', 1); console.log('%', 1); console.log('%x %s', 1)",
    "console.log('%s %s', 'one'); console.log('%s', 'one', 'two', { three: 3 })",
    "console.log('a%sb%sc%', 1, 2); console.log('%%%s%%', 5); console.log('%s%', 5)",
    "console.log(1, '%s', 2); console.log({}, '%s', 'x')",
    "console.log(); console.log(''); console.log('', 1); console.log(' ')",
    "console.log('é %s', '漢字'); console.log('a\\nb', 'c\\nd', ['e\\nf'])",
    "console.log(-0, [-0], 0n, 1e21, NaN)",
    "console.log(null, undefined, true, Symbol.iterator)",
    // Methods.
    "console.log('out'); console.info('%s', 'in'); console.debug('d')",
    "console.dir({ a: { b: { c: { d: 1 } } } }); console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 })",
    "console.dir({ a: { b: { c: { d: { e: { f: 1 } } } } } }, { depth: null })",
    "console.dir([1], { showHidden: true }); console.dir('text')",
    "console.dir(Array.from({ length: 150 }, (_, i) => i), { maxArrayLength: null }); console.dir([1, 2, 3], { maxArrayLength: 1 })",
    "console.dir({ s: 'x'.repeat(20000) }, { maxStringLength: null }); console.dir({ s: 'xyz' }, { maxStringLength: 1 })",
    "console.dir({ b: 1, a: { d: 2, c: 3 } }, { sorted: true, compact: false, breakLength: 10 }); console.dir({ b: 1, a: 2 }, { compact: 1 })",
    "console.dir({ a: 'x'.repeat(40), b: 'y'.repeat(40) }, { breakLength: Infinity }); console.dir({ a: 'x'.repeat(30), b: 'y'.repeat(34) })",
    "console.dir(123456789, { numericSeparator: true }); console.dir({ a: 1 }, { depth: -1 }); console.dir({ a: 1 }, { colors: true })",
    "console.dir({ a: 1, b: { c: {} } }, true); console.dir({ a: 1 }, null); console.dir(new Proxy({ a: 1 }, {}), { showProxy: true })",
    "console.dirxml({ a: 1 }, [2]); console.dirxml('x')",
    "console.count(); console.count('x'); console.count(); console.countReset(); console.count(); console.count(undefined)",
    "console.count(1); console.count('1'); console.count(null)",
    "console.group('outer'); console.log('a\\nb'); console.group(); console.log({ a: 1 }); console.groupEnd(); console.groupEnd(); console.log('out')",
    "console.group('a', 1, { b: 2 }); console.groupCollapsed('%s!', 'c'); console.log('in'); console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log('out')",
    "console.assert(true, 'not shown'); console.log('after')",
    "console.log('%s', function f(a, b) { return a + b }); console.log('%s', (x) => x * 2); console.log('%s', class A { x = 1 }); console.log('%s', async function* g() {})",
    "console.log('%s', Math.max); console.log('%s', (function f() {}).bind(null))",
    "console.log('%s %s', new URL('http://a/b?c'), new URLSearchParams('a=1&b=2'))",
    "console.log('%s', new Date(0)); console.log('%s', new Date(NaN)); console.log('%d %i', new Date(5), 7.9)",
    "console.log('%s', Buffer.from('text')); console.log('%s', new Uint8Array([1, 2]))",
    "console.log('%s', Object.create(null)); console.log('%s', { __proto__: null, a: 1 }); console.log('%s', /re/g); console.log('%s', [])",
    "console.log('%s', new Map([[1, { a: 1 }]])); console.log('%s', new (class Foo { a = 1 })); console.log('%s', new (class Bar extends Map {}))",
    "console.log('%s', new String('boxed')); console.log('%s', Promise.resolve(1)); console.log('%s', new Proxy({ a: 1 }, {}))",
    "console.log('%s', { toString: undefined, a: 1 }); console.log('%s', { toString: 5 })",
    "const e = new Error('x'); e.stack = 'Error: x\\n    at here'; console.log('%s', e); console.log('%s', Object.assign(new RangeError('y'), { stack: 'RangeError: y' }))",
    "console.log('%i|%i|%i|%f|%f', '12px', 12n, Symbol('s'), '1.5e3x', Symbol('s')); console.log('%i %f', -0, -0); console.log('%d', '')",
    "console.log('%o', [1, { a: { b: { c: { d: { e: 1 } } } } }]); console.log('%o', { f() {} }); console.log('%O', { a: { b: { c: { d: 1 } } } })",
    "console.log('%o', new Proxy({ a: 1 }, {}))",
    "console.log('%j', { toJSON() { return { told: true } } }); console.log('%j', new Date(0)); console.log('%j', { get a() { return 1 } })",
    "console.log('%cstyled%c', 'color: red', ''); console.log('%c'); console.log('a%c', 'css', 'rest')",
    "console.log('%s'); console.log('%s %s', 'a'); console.log('%z %s', 'a'); console.log('%5d', 1)",
    // Tables.
    "console.table([{ a: 1, b: 2 }], ['b', 'q', 'b']); console.table([1, { a: 1 }], ['a']); console.table([{ a: 1 }], [])",
    "console.table({ x: { 2: 'b', 1: 'a', z: 0 }, y: 5, f() {} }); console.table([['a', 'b'], ['c']])",
    "console.table(new Map([[1, 2]]).entries()); console.table(new Map([[1, 2]]).keys()); console.table(new Map([[1, 2]]).values())",
    "console.table(new Set([5, 'x']).values()); console.table(new Set([5]).entries()); console.table(new Map()); console.table(new Set())",
    "console.table([{ a: { x: 1, y: 2, z: 3 }, b: [1, 2, 3, 4], c: { x: 1, y: 2 } }]); console.table([, 1, , 2])",
    "console.table([{ Values: 1 }, 2]); console.table([{ '(index)': 1 }]); console.table({}); console.table(new Uint8Array([1, 2]))",
    "console.table([Symbol('s'), 1n, null, undefined, -0]); console.table([{ s: 'multi\\nline' }]); console.table((function* () { yield 1 })())",
    "console.table(() => 1); console.table(class A {}); console.table(Symbol('s')); console.table(1n)",
    "console.table(Object.assign([1, 2], { extra: 3 })); console.table([{ 10: 'ten', 9: 'nine', b: 1, '-1': 2, '01': 3 }, { 1: 'one', a: 2 }])",
    "console.table(new Map([[{ a: 1 }, { b: { c: 1 } }]])); console.table(new Set([[1, 2, 3, 4], { a: 1, b: 2, c: 3 }]))",
    "console.table([{ a: 1, b: 'x' }, { a: 2, c: true }])",
    "console.table([[1, 2], [3, 4]]); console.table([1, 'x', null])",
    "console.table({ r: { a: 1 }, s: { a: 2 } }); console.table({ a: 1, b: 'x' })",
    "console.table(new Map([['k', 1], ['l', { a: 1 }]])); console.table(new Set([1, 'x']))",
    "console.table([{ a: 1, b: 2 }], ['b']); console.table([{ a: 1 }], ['a', 'missing'])",
    "console.table('text'); console.table(5); console.table(null); console.table(); console.table([])",
    "console.table([{ a: { b: 1 }, c: [1, 2], d: () => 1 }])",
    "console.table([{ '漢字': 'é' }, { '漢字': '🍊' }])",
    "console.table([undefined, { a: undefined }])",
    "console.table([{ a: new Uint8Array(5), b: new Uint8Array(2), c: new Float64Array(4) }, new String('abcd'), [1, , 3]])",
    "console.table([Object.assign([1], { x: 2 }), new Uint8Array(3), Object.assign(new Uint8Array(1), { y: 1 })])",
];

/// What each program prints in Node; `None` where there is no Node.
fn printed_by_node() -> Option<Vec<String>> {
    let mut script =
        String::from("const run = (code) => { try { new Function(code)() } catch (e) { console.log('threw', e) } };\n");
    for program in PROGRAMS {
        writeln!(script, "run({program:?}); console.log({MARK:?});").unwrap();
    }
    node("v", &["-e", &script], "", &format!("{MARK}\n"))
}

fn ours(kernel: &mut TestKernel, program: &str) -> String {
    let mut out = String::new();
    for console in kernel.run(&format!("{{ {program} }}")).consoles() {
        // These open and close groups, and have nothing to print.
        if matches!(console.method, Method::Group | Method::GroupEnd) && console.text().is_empty() {
            continue;
        }
        let indent = "  ".repeat(console.depth as usize);
        writeln!(out, "{indent}{}", console.text().replace('\n', &format!("\n{indent}"))).unwrap();
    }
    out
}

#[test]
fn the_console_prints_what_node_prints() {
    let Some(expected) = printed_by_node() else { return };
    assert_eq!(expected.len(), PROGRAMS.len());
    let mut wrong = Vec::new();
    for (program, expected) in PROGRAMS.iter().zip(expected) {
        let mut kernel = TestKernel::new();
        let ours = ours(&mut kernel, program);
        if ours != expected {
            wrong.push(format!("{program}\n--- node\n{expected}\n--- ours\n{ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), PROGRAMS.len(), wrong.join("\n"));
}
