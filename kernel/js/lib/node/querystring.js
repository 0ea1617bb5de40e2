// `querystring`.
'use strict';

const {
  ArrayIsArray, ArrayPrototypePush, NumberIsFinite, NumberPrototypeToString, ObjectKeys, String, StringPrototypeCharCodeAt,
  StringPrototypeIndexOf, StringPrototypeReplaceAll, StringPrototypeSlice, StringPrototypeToUpperCase, Uint8Array,
  decodeURIComponent,
} = primordials;
const { make } = require('node/internal/errors');
const { NUMBERS } = require('node/internal/encodings');

const hexDigit = (code) => {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 65 && code <= 70) return code - 55;
  if (code >= 97 && code <= 102) return code - 87;
  return -1;
};

// The bytes of an escaped text, what is not a proper escape as it stands.
function unescapeBytes(text, decodeSpaces) {
  const out = [];
  for (let index = 0; index < text.length; index++) {
    let code = StringPrototypeCharCodeAt(text, index);
    if (decodeSpaces && code === 43) {
      code = 32;
    } else if (code === 37 && index + 2 < text.length) {
      const high = hexDigit(StringPrototypeCharCodeAt(text, index + 1));
      const low = hexDigit(StringPrototypeCharCodeAt(text, index + 2));
      if (high >= 0 && low >= 0) {
        code = high * 16 + low;
        index += 2;
      }
    }
    ArrayPrototypePush(out, code);
  }
  const bytes = new Uint8Array(out.length);
  for (let index = 0; index < out.length; index++) bytes[index] = out[index];
  return bytes;
}

function unescapeBuffer(text, decodeSpaces) {
  return require('node/buffer').Buffer.from(unescapeBytes(text, decodeSpaces).buffer);
}

function unescape(text, decodeSpaces) {
  try {
    return decodeURIComponent(text);
  } catch {
    const bytes = unescapeBytes(text, decodeSpaces);
    return ops.bufferText(bytes, NUMBERS.utf8, 0, bytes.length);
  }
}

const isPlain = (code) => (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
  || code === 33 || (code >= 39 && code <= 42) || code === 45 || code === 46 || code === 95 || code === 126;

const percent = (byte) => `%${byte < 16 ? '0' : ''}${StringPrototypeToUpperCase(NumberPrototypeToString(byte, 16))}`;

function escape(text) {
  if (typeof text !== 'string') text = typeof text === 'object' ? String(text) : `${text}`;
  let out = '';
  let from = 0;
  for (let index = 0; index < text.length; index++) {
    let code = StringPrototypeCharCodeAt(text, index);
    if (isPlain(code)) continue;
    out += StringPrototypeSlice(text, from, index);
    from = index + 1;
    if (code < 0x80) {
      out += percent(code);
    } else if (code < 0x800) {
      out += percent(0xc0 | code >> 6) + percent(0x80 | code & 63);
    } else if (code < 0xd800 || code >= 0xe000) {
      out += percent(0xe0 | code >> 12) + percent(0x80 | code >> 6 & 63) + percent(0x80 | code & 63);
    } else {
      index++;
      if (index >= text.length) throw make('ERR_INVALID_URI');
      code = 0x10000 + ((code & 0x3ff) << 10 | StringPrototypeCharCodeAt(text, index) & 0x3ff);
      from = index + 1;
      out += percent(0xf0 | code >> 18) + percent(0x80 | code >> 12 & 63) + percent(0x80 | code >> 6 & 63) + percent(0x80 | code & 63);
    }
  }
  return out + StringPrototypeSlice(text, from);
}

const primitive = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && NumberIsFinite(value)) return `${value}`;
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return '';
};

function stringify(object, separator, equal, options) {
  separator = separator || '&';
  equal = equal || '=';
  let encode = querystring.escape;
  if (typeof options?.encodeURIComponent === 'function') encode = options.encodeURIComponent;
  if (object === null || typeof object !== 'object') return '';
  const keys = ObjectKeys(object);
  let out = '';
  for (let index = 0; index < keys.length; index++) {
    const value = object[keys[index]];
    const name = `${encode(primitive(keys[index]))}${equal}`;
    if (ArrayIsArray(value)) {
      for (let item = 0; item < value.length; item++) {
        if (out) out += separator;
        out += name + encode(primitive(value[item]));
      }
    } else {
      if (out) out += separator;
      out += name + encode(primitive(value));
    }
  }
  return out;
}

function parse(text, separator, equal, options) {
  const object = { __proto__: null };
  if (typeof text !== 'string' || text.length === 0) return object;
  separator = separator ? `${separator}` : '&';
  equal = equal ? `${equal}` : '=';
  let pairs = 1000;
  if (typeof options?.maxKeys === 'number') pairs = options.maxKeys > 0 ? options.maxKeys : -1;
  const own = typeof options?.decodeURIComponent === 'function' ? options.decodeURIComponent : querystring.unescape;
  const decode = (part) => {
    const spaced = StringPrototypeReplaceAll(part, '+', own === unescape ? ' ' : '%20');
    if (own === unescape && StringPrototypeIndexOf(spaced, '%') < 0) return spaced;
    try {
      return own(spaced);
    } catch {
      return unescape(spaced, true);
    }
  };
  for (let start = 0; start <= text.length; ) {
    // A separator without characters is nowhere, and then Node takes no value either.
    let end = separator === '' ? -1 : StringPrototypeIndexOf(text, separator, start);
    if (end < 0) end = text.length;
    if (end > start) {
      const pair = StringPrototypeSlice(text, start, end);
      const at = StringPrototypeIndexOf(pair, equal);
      const key = decode(at < 0 ? pair : StringPrototypeSlice(pair, 0, at));
      const value = at < 0 || separator === '' ? '' : decode(StringPrototypeSlice(pair, at + equal.length));
      const known = object[key];
      if (known === undefined) object[key] = value;
      else if (typeof known === 'string') object[key] = [known, value];
      else ArrayPrototypePush(known, value);
      if (--pairs === 0) break;
    }
    if (separator === '') break;
    start = end + separator.length;
  }
  return object;
}

const querystring = module.exports = { unescapeBuffer, unescape, escape, stringify, encode: stringify, parse, decode: parse };
