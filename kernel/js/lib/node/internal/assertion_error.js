// AssertionError, and the message that shows how two values differ.
'use strict';

const {
  ArrayPrototypeJoin, ArrayPrototypePush, Error, ErrorCaptureStackTrace, ObjectDefineProperty, MathMax, StringPrototypeSplit,
} = primordials;
const { validateObject } = require('node/internal/validators');

const readable = {
  __proto__: null,
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  strictEqual: 'Expected values to be strictly equal:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values have same structure but are not reference-equal:',
  notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};

const inspectLines = (value) => StringPrototypeSplit(ops.inspect(value, {
  __proto__: null, compact: false, customInspect: false, depth: 1000, maxArrayLength: Infinity, showHidden: false, showProxy: false,
  sorted: true, breakLength: Infinity,
}), '\n');

// The lines of both, those that only one has marked: a longest common subsequence, bounded.
function lineDiff(actual, expected) {
  const rows = actual.length;
  const columns = expected.length;
  const diff = [];
  let start = 0;
  while (start < rows && start < columns && same(actual[start], expected[start])) start++;
  let endA = rows;
  let endE = columns;
  while (endA > start && endE > start && same(actual[endA - 1], expected[endE - 1])) {
    endA--;
    endE--;
  }
  for (let index = 0; index < start; index++) ArrayPrototypePush(diff, { __proto__: null, mark: ' ', text: actual[index] });
  middle(actual, start, endA, expected, start, endE, diff);
  for (let index = endA; index < rows; index++) ArrayPrototypePush(diff, { __proto__: null, mark: ' ', text: actual[index] });
  return diff;
}

// A comma at the end of a line says nothing of the line.
const bare = (line) => line[line.length - 1] === ',' ? primordials.StringPrototypeSlice(line, 0, -1) : line;
const same = (one, other) => one === other || bare(one) === bare(other);

function middle(actual, startA, endA, expected, startE, endE, diff) {
  const height = endA - startA;
  const width = endE - startE;
  const push = (mark, text) => ArrayPrototypePush(diff, { __proto__: null, mark, text });
  if (height * width > 4_000_000) {
    for (let index = startA; index < endA; index++) push('+', actual[index]);
    for (let index = startE; index < endE; index++) push('-', expected[index]);
    return;
  }
  // lengths[a * (width + 1) + e]: of what is left from there.
  const lengths = new primordials.Uint32Array((height + 1) * (width + 1));
  for (let a = height - 1; a >= 0; a--) {
    for (let e = width - 1; e >= 0; e--) {
      lengths[a * (width + 1) + e] = same(actual[startA + a], expected[startE + e])
        ? lengths[(a + 1) * (width + 1) + e + 1] + 1
        : MathMax(lengths[(a + 1) * (width + 1) + e], lengths[a * (width + 1) + e + 1]);
    }
  }
  let a = 0;
  let e = 0;
  while (a < height || e < width) {
    if (a < height && e < width && same(actual[startA + a], expected[startE + e])) {
      push(' ', actual[startA + a]);
      a++;
      e++;
    } else if (a < height && (e >= width || lengths[(a + 1) * (width + 1) + e] >= lengths[a * (width + 1) + e + 1])) {
      push('+', actual[startA + a++]);
    } else {
      push('-', expected[startE + e++]);
    }
  }
}

const MAX_SINGLE = 12;

function explain(actual, expected, operator, custom) {
  let header = operator;
  const objects = (value) => typeof value === 'object' && value !== null;
  const actualLines = inspectLines(actual);
  const expectedLines = inspectLines(expected);
  if (operator === 'strictEqual' && ((objects(actual) && objects(expected)) || (typeof actual === 'function' && typeof expected === 'function'))) {
    header = 'strictEqualObject';
  }
  if (actualLines.length === 1 && expectedLines.length === 1 && actualLines[0] !== expectedLines[0]) {
    const length = actualLines[0].length + expectedLines[0].length;
    if (length <= MAX_SINGLE && !objects(actual) && !objects(expected) && (actual !== 0 || expected !== 0)) {
      return `${custom ?? readable[operator]}\n\n${actualLines[0]} !== ${expectedLines[0]}\n`;
    }
  }
  if (actualLines.length === expectedLines.length && ArrayPrototypeJoin(actualLines, '\n') === ArrayPrototypeJoin(expectedLines, '\n')) {
    let lines = actualLines;
    if (lines.length > 50) {
      lines = primordials.ArrayPrototypeSlice(lines, 0, 46);
      ArrayPrototypePush(lines, '...');
    }
    return `${readable.notIdentical}\n\n${ArrayPrototypeJoin(lines, '\n')}\n`;
  }
  const diff = lineDiff(actualLines, expectedLines);
  const out = [];
  let skipped = false;
  for (let index = 0; index < diff.length; index++) {
    const { mark, text } = diff[index];
    if (mark === ' ') {
      // Of a long stretch that is the same only the ends are shown.
      let before = index;
      while (before > 0 && diff[before - 1].mark === ' ') before--;
      let after = index;
      while (after < diff.length - 1 && diff[after + 1].mark === ' ') after++;
      if (after - before >= 5 && index - before >= 2 && after - index >= 2) {
        if (out[out.length - 1] !== '...') ArrayPrototypePush(out, '...');
        skipped = true;
        continue;
      }
    }
    ArrayPrototypePush(out, `${mark} ${text}`);
  }
  return `${custom ?? readable[header]}\n+ actual - expected${skipped ? ' ... Lines skipped' : ''}\n\n${ArrayPrototypeJoin(out, '\n')}`;
}

function negative(actual, expected, operator) {
  let base = readable[operator];
  const lines = inspectLines(actual);
  if (operator === 'notStrictEqual' && ((typeof actual === 'object' && actual !== null) || typeof actual === 'function')) {
    base = readable.notStrictEqualObject;
  }
  if (lines.length > 50) {
    lines.length = 46;
    ArrayPrototypePush(lines, '...');
  }
  if (lines.length === 1) return `${base}${lines[0].length > 5 ? '\n\n' : ' '}${lines[0]}`;
  return `${base}\n\n${ArrayPrototypeJoin(lines, '\n')}\n`;
}

function loose(actual, expected, operator) {
  let one = ArrayPrototypeJoin(inspectLines(actual), '\n');
  let other = ArrayPrototypeJoin(inspectLines(expected), '\n');
  if (operator === 'deepEqual') {
    one = `${readable.deepEqual}\n\n${cut(one)}\n\nshould loosely deep-equal\n\n`;
    return `${one}${cut(other)}`;
  }
  if (operator === 'notDeepEqual' && one === other) return `${readable.notDeepEqual}\n\n${one}`;
  if (operator === 'notDeepEqual') return `${readable.notDeepEqualUnequal}\n\n${cut(one)}\n\nshould not loosely deep-equal\n\n${cut(other)}`;
  one = cut(one, 128);
  other = cut(other, 128);
  return operator === '==' || operator === '!=' ? `${one} ${operator} ${other}` : `${one} ${operator} ${other}`;
}

const cut = (text, most = 512) => text.length > most ? `${primordials.StringPrototypeSlice(text, 0, most - 3)}...` : text;

function messageFor({ actual, expected, operator }) {
  if (operator === 'deepStrictEqual' || operator === 'strictEqual') return explain(actual, expected, operator);
  if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') return negative(actual, expected, operator);
  return loose(actual, expected, operator);
}

class AssertionError extends Error {
  constructor(options) {
    validateObject(options, 'options');
    const { message, operator, stackStartFn, stackStartFunction, actual, expected } = options;
    super(message == null ? messageFor(options) : operator === 'deepStrictEqual' || operator === 'strictEqual'
      ? explain(actual, expected, operator, `${message}`) : `${message}`);
    this.generatedMessage = !message;
    const define = (key, value, enumerable) => ObjectDefineProperty(this, key, {
      __proto__: null, value, writable: true, enumerable, configurable: true,
    });
    define('name', 'AssertionError [ERR_ASSERTION]', false);
    define('code', 'ERR_ASSERTION', true);
    define('actual', actual, true);
    define('expected', expected, true);
    define('operator', operator, true);
    ErrorCaptureStackTrace(this, stackStartFn || stackStartFunction);
    void this.stack;
    this.name = 'AssertionError';
  }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

module.exports = { __proto__: null, AssertionError };
