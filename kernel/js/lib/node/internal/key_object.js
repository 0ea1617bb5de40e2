// `crypto.KeyObject`, of which there are secret keys here: no algorithm with a pair of keys is there yet.
'use strict';

const {
  ArrayBufferIsView, ObjectDefineProperty, SymbolToStringTag,
} = primordials;
const { make, unavailable } = require('node/internal/errors');
const { isAnyArrayBuffer } = require('node/util_types');
const { validateObject, validateString } = require('node/internal/validators');
const { bytesOf } = require('node/internal/views');
const { Buffer } = require('node/buffer');

const { from: bufferFrom } = Buffer;
const KEY = {};

class KeyObject {
  #type;
  #bytes;

  constructor(type, handle, bytes) {
    if (type !== 'secret' && type !== 'public' && type !== 'private') throw make('ERR_INVALID_ARG_VALUE', 'type', type);
    if (handle !== KEY) throw make('ERR_INVALID_ARG_TYPE', 'handle', 'of type object', handle);
    this.#type = type;
    this.#bytes = bytes;
  }

  static bytes(key) { return key.#bytes; }

  static from(key) {
    if (!require('web/subtle').isCryptoKey(key)) throw make('ERR_INVALID_ARG_TYPE', 'key', 'CryptoKey', key);
    throw missing('KeyObject.from');
  }

  static is(value) { return typeof value === 'object' && value !== null && #bytes in value; }

  get type() { return this.#type; }

  equals(otherKeyObject) {
    if (!isKeyObject(otherKeyObject)) throw make('ERR_INVALID_ARG_TYPE', 'otherKeyObject', 'KeyObject', otherKeyObject);
    const one = this.#bytes;
    const other = otherKeyObject.#bytes;
    return one.length === other.length && ops.equalBytes(one, other);
  }
}
const { bytes: bytesOfKey, is: isKeyObject } = KeyObject;
delete KeyObject.bytes;
delete KeyObject.is;
ObjectDefineProperty(KeyObject.prototype, SymbolToStringTag, { __proto__: null, value: 'KeyObject', configurable: true });

class SecretKeyObject extends KeyObject {
  constructor(bytes) { super('secret', KEY, bytes); }

  get symmetricKeySize() { return bytesOfKey(this).length; }

  export(options) {
    if (options !== undefined) {
      validateObject(options, 'options');
      const { format } = options;
      if (format === 'jwk') return { kty: 'oct', k: bytesOfKey(this).toString('base64url') };
      if (format !== undefined && format !== 'buffer') {
        throw make('ERR_INVALID_ARG_VALUE', 'options.format', format, "must be one of: undefined, 'buffer', 'jwk'");
      }
    }
    return bufferFrom(bytesOfKey(this));
  }
}

function createSecretKey(key, encoding) {
  if (typeof key === 'string') {
    if (encoding !== undefined) validateString(encoding, 'encoding');
    return new SecretKeyObject(bufferFrom(key, encoding));
  }
  if (!ArrayBufferIsView(key) && !isAnyArrayBuffer(key)) {
    throw make('ERR_INVALID_ARG_TYPE', 'key', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], key);
  }
  return new SecretKeyObject(bufferFrom(bytesOf(key)));
}

const missing = (name) => unavailable(`drupe's crypto has no ${name} yet: there are no keys but secret ones (docs/NODE.md)`);

module.exports = {
  __proto__: null,
  KeyObject,
  createSecretKey,
  createPrivateKey() { throw missing('createPrivateKey'); },
  createPublicKey() { throw missing('createPublicKey'); },
  bytesOfKey,
  isKeyObject,
};
