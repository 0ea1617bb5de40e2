// Names of encodings, as Node has them, and the numbers that the kernel knows them by (`kernel/src/node/buffer.rs`).
'use strict';

const { StringPrototypeToLowerCase } = primordials;

const NUMBERS = { __proto__: null, utf8: 0, utf16le: 1, latin1: 2, ascii: 3, base64: 4, base64url: 5, hex: 6 };
const NAMES = {
  __proto__: null, utf8: 'utf8', 'utf-8': 'utf8', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le', 'utf-16le': 'utf16le',
  latin1: 'latin1', binary: 'latin1', ascii: 'ascii', base64: 'base64', base64url: 'base64url', hex: 'hex',
};

// The canonical name; `undefined` where there is no such encoding. No name at all is UTF-8.
function normalizeEncoding(name) {
  if (name === undefined || name === null || name === '') return 'utf8';
  if (typeof name !== 'string') return undefined;
  return NAMES[name] ?? NAMES[StringPrototypeToLowerCase(name)];
}

// The number of a name; `undefined` where there is no such encoding.
function encodingNumber(name) {
  const normal = NAMES[name] ?? NAMES[StringPrototypeToLowerCase(`${name}`)];
  return normal === undefined ? undefined : NUMBERS[normal];
}

module.exports = { __proto__: null, NUMBERS, encodingNumber, normalizeEncoding };
