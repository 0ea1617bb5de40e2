//! The calls of `process` beside Node's own: what they answer and what they throw must be the same.
//! `process_vs_node.js` is the list.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::calls_vs_node::compare;

const CALLS: &str = include_str!("process_vs_node.js");

/// A program that makes each call of a file, and prints what comes of it.
const PROGRAM: &str = "const { inspect } = require('util');
process.on('warning', () => {});
const calls = require('fs').readFileSync(process.argv[2], 'utf8').split('\\n').filter((line) => line !== '' && !line.startsWith('//'));
const said = calls.map((call) => {
  try {
    return inspect(eval(`(${call})`), { breakLength: Infinity });
  } catch (error) {
    return `${error.name} [${error.code}]: ${error.message}`.replaceAll('\\n', ' ');
  }
});
process.exitCode = 0;
console.log(said.join('\\n'));";

#[test]
fn what_process_says_is_what_nodes_does() {
    compare("process", PROGRAM, &[], CALLS, 100);
}
