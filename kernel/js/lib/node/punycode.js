// `punycode`: RFC 3492.
'use strict';

const {
  ArrayPrototypeJoin, ArrayPrototypePush, ArrayPrototypeSplice, MathFloor, RangeError, StringFromCharCode, StringFromCodePoint,
  StringPrototypeCharCodeAt, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeSplit, StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
} = primordials;

const MAX = 2147483647;
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;

function adapt(delta, points, first) {
  delta = first ? MathFloor(delta / DAMP) : delta >> 1;
  delta += MathFloor(delta / points);
  let k = 0;
  for (; delta > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) delta = MathFloor(delta / (BASE - T_MIN));
  return MathFloor(k + (BASE - T_MIN + 1) * delta / (delta + SKEW));
}

const threshold = (k, bias) => k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;

const ucs2 = {
  decode(string) {
    const out = [];
    for (let index = 0; index < string.length; index++) {
      const code = primordials.StringPrototypeCodePointAt(string, index);
      if (code > 0xffff) index++;
      ArrayPrototypePush(out, code);
    }
    return out;
  },
  encode(codePoints) {
    let out = '';
    for (let index = 0; index < codePoints.length; index++) out += StringFromCodePoint(codePoints[index]);
    return out;
  },
};

function fail(message) {
  throw new RangeError(message);
}

const OVERFLOW = 'Overflow: input needs wider integers to process';
const INVALID = 'Invalid input';

function digitOf(code) {
  if (code >= 48 && code < 58) return code - 22;
  if (code >= 65 && code < 91) return code - 65;
  if (code >= 97 && code < 123) return code - 97;
  return BASE;
}

function decode(input) {
  const out = [];
  let n = 128;
  let at = 0;
  let bias = 72;
  let basic = StringPrototypeLastIndexOf(input, '-');
  if (basic < 0) basic = 0;
  for (let index = 0; index < basic; index++) {
    const code = StringPrototypeCharCodeAt(input, index);
    if (code >= 0x80) fail('Illegal input >= 0x80 (not a basic code point)');
    ArrayPrototypePush(out, code);
  }
  for (let index = basic > 0 ? basic + 1 : 0; index < input.length; ) {
    const before = at;
    for (let weight = 1, k = BASE; ; k += BASE) {
      if (index >= input.length) fail(INVALID);
      const digit = digitOf(StringPrototypeCharCodeAt(input, index++));
      if (digit >= BASE) fail(INVALID);
      if (digit > MathFloor((MAX - at) / weight)) fail(OVERFLOW);
      at += digit * weight;
      const t = threshold(k, bias);
      if (digit < t) break;
      if (weight > MathFloor(MAX / (BASE - t))) fail(OVERFLOW);
      weight *= BASE - t;
    }
    const count = out.length + 1;
    bias = adapt(at - before, count, before === 0);
    if (MathFloor(at / count) > MAX - n) fail(OVERFLOW);
    n += MathFloor(at / count);
    at %= count;
    ArrayPrototypeSplice(out, at++, 0, n);
  }
  return ucs2.encode(out);
}

const charOf = (digit) => StringFromCharCode(digit + 22 + (digit < 26 ? 75 : 0));

function encode(input) {
  const points = ucs2.decode(input);
  let out = '';
  for (let index = 0; index < points.length; index++) if (points[index] < 0x80) out += StringFromCharCode(points[index]);
  const basic = out.length;
  let handled = basic;
  if (basic > 0) out += '-';
  let n = 128;
  let delta = 0;
  let bias = 72;
  while (handled < points.length) {
    let next = MAX;
    for (let index = 0; index < points.length; index++) if (points[index] >= n && points[index] < next) next = points[index];
    if (next - n > MathFloor((MAX - delta) / (handled + 1))) fail(OVERFLOW);
    delta += (next - n) * (handled + 1);
    n = next;
    for (let index = 0; index < points.length; index++) {
      if (points[index] < n && ++delta > MAX) fail(OVERFLOW);
      if (points[index] !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        out += charOf(t + (q - t) % (BASE - t));
        q = MathFloor((q - t) / (BASE - t));
      }
      out += charOf(q);
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return out;
}

function mapDomain(domain, change) {
  const at = StringPrototypeSplit(domain, '@');
  let before = '';
  if (at.length > 1) {
    before = `${at[0]}@`;
    domain = at[1];
  }
  let dotted = '';
  for (let index = 0; index < domain.length; index++) {
    const c = domain[index];
    dotted += c === '\u3002' || c === '\uff0e' || c === '\uff61' ? '.' : c;
  }
  const labels = StringPrototypeSplit(dotted, '.');
  for (let index = 0; index < labels.length; index++) labels[index] = change(labels[index]);
  return before + ArrayPrototypeJoin(labels, '.');
}

function isAscii(label) {
  for (let index = 0; index < label.length; index++) if (StringPrototypeCharCodeAt(label, index) > 0x7f) return false;
  return true;
}

module.exports = {
  version: '2.1.0',
  ucs2,
  decode,
  encode,
  toASCII: (input) => mapDomain(input, (label) => isAscii(label) ? label : `xn--${encode(label)}`),
  toUnicode: (input) => mapDomain(input, (label) => StringPrototypeStartsWith(label, 'xn--')
    ? decode(StringPrototypeToLowerCase(StringPrototypeSlice(label, 4))) : label),
};
