// The codec: all examples of protocol/WIRE.md, both ways, and what damaged messages do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import vm from 'node:vm';

import { DataError, Opaque } from 'drupe';

import { decodeMessage } from '../dist/esm/decode.js';
import { encodeMessage } from '../dist/esm/encode.js';

const HEAD = '92a16d81a576616c7565'; // ["m", {"value": …}]
const hexOf = (value) => Buffer.from(encodeMessage('m', { value }).subarray(4)).toString('hex').slice(HEAD.length);
const decodeHex = (hex) => {
  const bytes = Buffer.from(HEAD + hex, 'hex');
  return decodeMessage(bytes, 0, bytes.length)[1].value;
};
const again = (value) => decodeHex(hexOf(value));

const wire = readFileSync(new URL('../../../protocol/WIRE.md', import.meta.url), 'utf8');
const table = wire.slice(wire.indexOf('| JavaScript | hex |'), wire.indexOf('## 11.'));
const examples = [...table.matchAll(/^\| `(.*?)` \| `([0-9a-f ]+)` \|$/gm)].map(([, code, hex]) => [
  code,
  hex.replaceAll(' ', ''),
]);

function evaluate(code) {
  if (code === 'Math.max') return new Opaque('function', '[Function: max]');
  const last = code.lastIndexOf(';');
  const value = new Function(`${code.slice(0, last + 1)} return (${code.slice(last + 1)})`)();
  if (value instanceof Error) {
    const stacks = { 'new Error("a",{cause:1})': 'Error: a' };
    value.stack = stacks[code]; // Those of the table have no stack, or a short one.
  }
  return value;
}

test('the examples of WIRE.md are encoded as they say, and decoded to equal values', (context) => {
  assert.ok(examples.length > 40, `only ${examples.length} examples were found`);
  for (const [code, hex] of examples) {
    if (code.includes('Float16Array') && typeof Float16Array === 'undefined') {
      assert.deepEqual(decodeHex(hex), new Float32Array([1]));
      continue;
    }
    const value = evaluate(code);
    assert.equal(hexOf(value), hex, code);
    const back = decodeHex(hex);
    if (!(value instanceof Error)) assert.deepStrictEqual(back, value, code);
    else
      assert.deepEqual(
        [back.name, back.message, back.cause, back.errors],
        [value.name, value.message, value.cause, value.errors],
        code,
      );
    assert.equal(hexOf(back).length >= hex.length, true, code);
  }
});

test('values come back as they were', () => {
  const values = [
    [1, , undefined, null],
    { a: { b: [] }, ключ: '☃'.repeat(40) },
    -(2 ** 40),
    2 ** 60,
    1e300,
    255,
    256,
    65536,
    -33,
    -129,
    'x'.repeat(31),
    'x'.repeat(32),
    'x'.repeat(70000),
    new Map([[{}, new Set([1n])]]),
    -(2n ** 200n),
    127n,
    128n,
    255n,
    256n,
    new Date(-5),
    /[/]\n/giu,
    new Float64Array([1.5, NaN]),
    new Uint8Array(70000),
    Array.from({ length: 20 }, (_, n) => n),
    Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`key${n}`, n])),
    JSON.parse('{"__proto__": 1, "constructor": 2}'),
    '\ud800',
    'é\udfff',
    new BigUint64Array([2n ** 64n - 1n]),
  ];
  for (const value of values) assert.ok(isDeepStrictEqual(again(value), value), inspect(value));
  assert.ok(Number.isNaN(again(new Date(NaN)).getTime()));
  assert.equal(again({ value: { args: 1, some_key: 2 } }).value.some_key, 2);
});

test('identity and cycles are kept', () => {
  const shared = { n: 1 },
    error = new TypeError('bad', { cause: shared });
  const value = { list: [shared, shared], map: new Map([[shared, error]]), error };
  value.self = value;
  const back = again(value);
  assert.equal(back.self, back);
  assert.equal(back.list[0], back.list[1]);
  assert.equal(back.map.get(back.list[0]), back.error);
  assert.equal(back.error.cause, back.list[0]);
  assert.ok(back.error instanceof TypeError);
  assert.equal(back.error.stack, error.stack);
});

test('objects of other realms and subclasses are what they are', () => {
  const foreign = vm.runInNewContext(
    '({ m: new Map([[1, 2]]), d: new Date(5), r: /x/g, e: new RangeError("no"), a: new Uint16Array([7]) })',
  );
  const back = again(foreign);
  assert.deepStrictEqual(back.m, new Map([[1, 2]]));
  assert.equal(back.d.getTime(), 5);
  assert.equal(String(back.r), '/x/g');
  assert.ok(back.e instanceof RangeError);
  assert.deepStrictEqual(back.a, new Uint16Array([7]));
  assert.deepStrictEqual(again(Buffer.from('hi')), new Uint8Array([104, 105]));
  class Point {
    constructor() {
      this.x = 1;
    }
    get y() {
      return 2;
    }
  }
  assert.deepStrictEqual(again(new Point()), { x: 1 });
  assert.deepStrictEqual(again([new Number(3), new String('s')]), [3, 's']);
  class MyError extends Error {
    name = 'MyError';
  }
  assert.equal(again(new MyError('m')).name, 'MyError');
});

test('what is no data is refused by name, and nothing is sent of it', () => {
  let deep = [];
  for (let level = 0; level < 70; level++) deep = [deep];
  for (const [value, says] of [
    [() => 1, /a function is no data/],
    [Symbol('s'), /a symbol/],
    [{ a: { b: () => 1 } }, /a function/],
    [Promise.resolve(1), /await it/],
    [deep, /deeper than 60/],
    [{ '\ud800': 1 }, /lone surrogate/],
    [new Array(2097153).fill(0), /objects/],
    [new Uint8Array(134217728), /too large/],
  ])
    assert.throws(
      () => hexOf(value),
      (error) => error instanceof DataError && says.test(error.message),
      String(says),
    );
});

test('a syntax of regular expressions that this engine lacks is text', () => {
  const back = decodeHex('93c70023' + 'a3' + Buffer.from('(?<').toString('hex') + 'a0');
  assert.ok(back instanceof Opaque);
  assert.equal(back.text, '/(?</');
});

test('no truncation and no flipped byte of a message does more than throw', () => {
  const whole = encodeMessage('event', {
    kernel: 'k',
    seq: 1,
    type: 'console',
    args: [{ a: [1, , 'x'] }, new Map([[1n, new Set(['é'])]]), new Error('e'), new Float32Array(3), /x/],
  }).subarray(4);
  for (let end = 0; end < whole.length; end++) {
    assert.throws(() => decodeMessage(Buffer.from(whole), 0, end), { code: 'protocol' });
  }
  for (let at = 0; at < whole.length; at++) {
    for (const flip of [1, 0x80, 0xff, 0x20]) {
      const bytes = Buffer.from(whole);
      bytes[at] ^= flip;
      try {
        decodeMessage(bytes, 0, bytes.length);
      } catch (error) {
        assert.equal(error.code, 'protocol');
      }
    }
  }
});
