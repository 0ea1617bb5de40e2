// crypto: random values, digests, HMAC.
'use strict';

const { ArrayBufferIsView, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetSymbolToStringTag } = primordials;
const { ObjectGetOwnPropertyDescriptor } = primordials;
const { expose, illegalConstructor, invalidThis, isObject, requireArguments } = require('web/common');
const { DOMException } = require('web/dom_exception');
const { newUuid } = require('web/uuid');

const KEY = { __proto__: null };
const INTEGERS = {
  __proto__: null, BigInt64Array: true, BigUint64Array: true, Int16Array: true, Int32Array: true, Int8Array: true, Uint16Array: true,
  Uint32Array: true, Uint8Array: true, Uint8ClampedArray: true,
};
let made;

class Crypto {
  constructor(key) {
    if (key !== KEY) throw illegalConstructor();
  }

  get subtle() {
    check(this);
    return require('web/subtle').subtle;
  }

  getRandomValues(array) {
    check(this);
    requireArguments(arguments.length, 'array');
    const kind = isObject(array) && ArrayBufferIsView(array) ? TypedArrayPrototypeGetSymbolToStringTag(array) : undefined;
    if (kind === undefined || !(kind in INTEGERS)) throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
    const length = TypedArrayPrototypeGetByteLength(array);
    if (length > 65536) {
      throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
    }
    ops.randomFill(array);
    return array;
  }

  randomUUID() {
    check(this);
    return newUuid();
  }
}
function check(object) {
  if (object !== made) throw invalidThis('Crypto');
}
expose(Crypto, { __proto__: null, view: (object) => object === made ? { __proto__: null } : undefined });
made = new Crypto(KEY);
ops.markLazy(ObjectGetOwnPropertyDescriptor(Crypto.prototype, 'subtle').get);

// Exports by what the globals are called.
module.exports = {
  __proto__: null, Crypto, crypto: made,
  get CryptoKey() { return require('web/subtle').CryptoKey; },
  get SubtleCrypto() { return require('web/subtle').SubtleCrypto; },
};
