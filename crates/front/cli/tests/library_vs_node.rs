//! Calls of `os`, `module` and `child_process` beside Node's own: what they answer and what they throw must be the
//! same. `os_vs_node.js` and its neighbours are the lists.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::calls_vs_node::compare;

/// A program that makes each call of a file, and prints what comes of it.
const PROGRAM: &str = "const { inspect } = require('util');
const util = require('util'), os = require('os'), fs = require('fs'), path = require('path'), cp = require('child_process'), events = require('events'), Module = require('module');
process.on('warning', () => {});
process.on('uncaughtException', () => {});
const facts = (error) => error && { message: error.message, name: error.name, ...error };
const failure = (f) => { try { return f(); } catch (error) { const { pid, error: self, ...rest } = facts(error); return rest; } };
const plain = (done) => { delete done.pid; return done.error ? { ...done, error: facts(done.error) } : done; };
const calls = fs.readFileSync(process.argv[2], 'utf8').split('\\n').filter((line) => line !== '' && !line.startsWith('//'));
(async () => {
  const said = [];
  for (const call of calls) {
    try {
      const value = await eval(`(${call})`);
      value?.on?.('error', () => {});
      said.push(inspect(value, { breakLength: Infinity, depth: 4, maxStringLength: 2000 }));
    } catch (error) {
      // A stack of Node's own errors says the code, too.
      const begins = error instanceof TypeError || error instanceof RangeError ? `, ${error.stack.split(':')[0]}` : '';
      said.push(`${error?.name} [${error?.code}]: ${error?.message}${begins}`);
    }
  }
  process.stdout.write(said.map((line) => line.replaceAll('\\n', ' ').replaceAll(__dirname, '<here>')).join('\\n') + '\\n', () => process.exit(0));
})();";

/// What is there to be required.
const FILES: &[(&str, &str)] = &[
    ("plain.cjs", "module.exports = 'plain'"),
    ("json.json", "{ \"a\": [1] }"),
    ("bad.json", "{ a }"),
    ("index.js", "module.exports = 'index'"),
    ("folder/index.js", "module.exports = 'folder'"),
    ("main-folder/package.json", "{ \"main\": \"./lib/it\" }"),
    ("main-folder/lib/it.js", "module.exports = 'main'"),
    ("throws.cjs", "globalThis.times = (globalThis.times ?? 0) + 1; throw new Error('thrown ' + times)"),
    ("cycle-a.cjs", "exports.early = 1; exports.b = require('./cycle-b.cjs'); exports.late = 2"),
    ("cycle-b.cjs", "const a = require('./cycle-a.cjs'); exports.saw = { ...a }"),
    ("exports-this.cjs", "this.a = 1; exports.same = this === exports && this === module.exports"),
    ("returns.cjs", "exports.a = 1; return; exports.b = 2"),
    ("counts.cjs", "exports.n = globalThis.count = (globalThis.count ?? 0) + 1"),
    ("text.txt", "some text"),
    ("shout.up", "some text"),
    ("hooked-file.js", "module.exports = 'not hooked'"),
    ("pirate.js", "module.exports = 'a pirate'"),
    ("hooked.json", "{ \"a\": 1 }"),
    ("again.json", "{ \"b\": 1 }"),
    ("file.two.part", ""),
    ("parent-of.cjs", "exports.parent = module.parent"),
    ("package.json", "{ \"imports\": { \"#internal\": \"./plain.cjs\" } }"),
    (
        "node_modules/dep/package.json",
        "{ \"name\": \"dep\", \"exports\": { \".\": \"./main.js\", \"./inner\": \"./inner.js\" } }",
    ),
    ("node_modules/dep/main.js", "module.exports = 'dep'"),
    ("node_modules/dep/inner.js", "module.exports = 'inner'"),
    ("node_modules/dep/hidden.js", "module.exports = 'hidden'"),
    ("node_modules/plain-dep/index.js", "module.exports = 'plain-dep'"),
    ("node_modules/plain-dep/lib/x.js", "module.exports = 'x'"),
    ("node_modules/@scope/dep/index.js", "module.exports = 'scoped'"),
];

#[test]
fn what_os_says_is_what_nodes_does() {
    compare("os", PROGRAM, FILES, include_str!("os_vs_node.js"), 70);
}

#[test]
fn what_module_says_is_what_nodes_does() {
    compare("module", PROGRAM, FILES, include_str!("module_vs_node.js"), 100);
}

#[test]
fn what_child_process_says_is_what_nodes_does() {
    compare("child-process", PROGRAM, FILES, include_str!("child_process_vs_node.js"), 120);
}
