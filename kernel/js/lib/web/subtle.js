// crypto.subtle: digests and HMAC. What else Web Crypto has is refused with a NotSupportedError.
'use strict';

const {
  ArrayBufferIsView, ObjectDefineProperty, ObjectFreeze, StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeToUpperCase, SymbolIterator,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetLength: lengthOf, Uint8Array,
} = primordials;
const { expose, illegalConstructor, invalidArgument, invalidThis, isObject, list, requireArguments } = require('web/common');
const { DOMException } = require('web/dom_exception');
const { rejected, resolved } = require('web/streams/promises');
const { teachClone } = require('web/structured_clone');
const { asArray } = require('web/url_search_params');
const { copied, viewOf } = require('web/streams/views');

const KEY = { __proto__: null };
// Block and digest sizes in bits, and names in JSON Web Keys.
const HASHES = {
  __proto__: null, 'SHA-1': { __proto__: null, block: 512, jwk: 'HS1' }, 'SHA-256': { __proto__: null, block: 512, jwk: 'HS256' },
  'SHA-384': { __proto__: null, block: 1024, jwk: 'HS384' }, 'SHA-512': { __proto__: null, block: 1024, jwk: 'HS512' },
};
const USAGES = { __proto__: null, sign: true, verify: true };

class CryptoKey {
  #key;

  constructor(key, inside) {
    if (key !== KEY) throw illegalConstructor();
    this.#key = inside;
  }

  static inside(object) {
    if (!isKey(object)) throw invalidThis('CryptoKey');
    return object.#key;
  }

  static is(object) {
    return isObject(object) && #key in object;
  }

  get type() { return inside(this).type; }
  get extractable() { return inside(this).extractable; }
  get algorithm() { return inside(this).algorithm; }
  get usages() { return inside(this).usages; }
}
const { inside, is: isKey } = CryptoKey;
delete CryptoKey.inside;
delete CryptoKey.is;
expose(CryptoKey, {
  __proto__: null,
  view(key) {
    if (!isKey(key)) return undefined;
    const { type, extractable, algorithm, usages } = inside(key);
    return { __proto__: null, type, extractable, algorithm, usages };
  },
  compared: (key) => isKey(key) ? inside(key) : undefined,
});
teachClone(CryptoKey.prototype, (object) => isKey(object) ? new CryptoKey(KEY, inside(object)) : undefined);

function bytesOf(name, value) {
  if (isObject(value) && ArrayBufferIsView(value)) {
    const { buffer, offset, length } = viewOf(value);
    return copied(new Uint8Array(buffer, offset, length));
  }
  if (isObject(value) && ops.isAnyArrayBuffer(value)) return copied(new Uint8Array(value));
  throw invalidArgument(name, 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', value);
}

const notSupported = (what) => new DOMException(what, 'NotSupportedError');

// The name of an algorithm, which may be the member of an object.
function nameOf(algorithm) {
  const name = isObject(algorithm) ? algorithm.name : algorithm;
  if (name === undefined) throw invalidArgument('algorithm.name', 'of type string', name);
  return StringPrototypeToUpperCase(`${name}`);
}

function hashOf(hash) {
  if (hash === undefined) throw invalidArgument('algorithm.hash', 'of type string', hash);
  const name = nameOf(hash);
  if (!(name in HASHES)) throw notSupported('Unrecognized algorithm name');
  return name;
}

function requireHmac(algorithm) {
  if (nameOf(algorithm) !== 'HMAC') throw notSupported('Unrecognized algorithm name');
}

function keyFor(algorithm, key, usage) {
  requireHmac(algorithm);
  if (!isKey(key)) throw invalidArgument('key', 'an instance of CryptoKey', key);
  const found = inside(key);
  if (!found.allowed[usage]) throw new DOMException(`Unable to use this key to ${usage}`, 'InvalidAccessError');
  return found;
}

function newKey(hash, bytes, extractable, usages) {
  const allowed = { __proto__: null, sign: false, verify: false };
  if (!isObject(usages) || typeof usages[SymbolIterator] !== 'function') throw invalidArgument('keyUsages', 'a sequence', usages);
  for (const usage of usages) {
    if (!(`${usage}` in USAGES)) throw new DOMException('Unsupported key usage for an HMAC key', 'SyntaxError');
    allowed[`${usage}`] = true;
  }
  const names = list();
  if (allowed.sign) names[names.length] = 'sign';
  if (allowed.verify) names[names.length] = 'verify';
  if (names.length === 0) throw new DOMException('Usages cannot be empty when importing a secret key.', 'SyntaxError');
  const length = lengthOf(bytes) * 8;
  if (length === 0) throw new DOMException('Zero-length key is not supported', 'DataError');
  return new CryptoKey(KEY, {
    __proto__: null, type: 'secret', extractable: !!extractable, algorithm: { name: 'HMAC', hash: { name: hash }, length },
    usages: ObjectFreeze(asArray(names)), allowed, bytes, hash,
  });
}

// As JSON Web Keys have bytes: base64 with another alphabet, without padding.
function url64(bytes) {
  let text = '';
  for (let index = 0; index < lengthOf(bytes); index++) text += StringFromCharCode(bytes[index]);
  const encoded = ops.base64Encode(text);
  let made = '';
  for (let index = 0; index < encoded.length && encoded[index] !== '='; index++) {
    made += encoded[index] === '+' ? '-' : encoded[index] === '/' ? '_' : encoded[index];
  }
  return made;
}

function fromUrl64(text) {
  let usual = '';
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '+' || text[index] === '/') return undefined;
    usual += text[index] === '-' ? '+' : text[index] === '_' ? '/' : text[index];
  }
  const decoded = ops.base64Decode(usual);
  if (decoded === undefined) return undefined;
  const bytes = new Uint8Array(decoded.length);
  for (let index = 0; index < decoded.length; index++) bytes[index] = StringPrototypeCharCodeAt(decoded, index);
  return bytes;
}

function importKey(format, data, algorithm, extractable, usages) {
  requireHmac(algorithm);
  const hash = hashOf(algorithm.hash);
  if (format === 'raw') return newKey(hash, bytesOf('keyData', data), extractable, usages);
  if (format !== 'jwk') throw notSupported(`Unable to import HMAC key with format ${format}`);
  if (!isObject(data)) throw invalidArgument('keyData', 'of type object', data);
  const { kty, k, alg } = data;
  if (kty !== 'oct' || typeof k !== 'string') throw new DOMException('Invalid JWK', 'DataError');
  if (alg !== undefined && alg !== HASHES[hash].jwk) throw new DOMException('JWK "alg" does not match the requested algorithm', 'DataError');
  const bytes = fromUrl64(k);
  if (bytes === undefined) throw new DOMException('Invalid JWK', 'DataError');
  return newKey(hash, bytes, extractable, usages);
}

let made;

class SubtleCrypto {
  constructor(key) {
    if (key !== KEY) throw illegalConstructor();
  }

  digest(algorithm, data) {
    const given = arguments.length;
    return promised(this, given, ['algorithm', 'data'], () => {
      const name = hashOf(algorithm);
      return ops.digest(name, bytesOf('data', data));
    });
  }

  generateKey(algorithm, extractable, usages) {
    const given = arguments.length;
    return promised(this, given, ['algorithm', 'extractable', 'keyUsages'], () => {
      requireHmac(algorithm);
      const hash = hashOf(algorithm.hash);
      const bits = algorithm.length === undefined ? HASHES[hash].block : +algorithm.length;
      if (!(bits > 0) || bits % 8 !== 0 || bits > 65536) throw new DOMException('Invalid key length', 'OperationError');
      const bytes = new Uint8Array(bits / 8);
      ops.randomFill(bytes);
      return newKey(hash, bytes, extractable, usages);
    });
  }

  importKey(format, keyData, algorithm, extractable, usages) {
    const given = arguments.length;
    return promised(this, given, ['format', 'keyData', 'algorithm', 'extractable', 'keyUsages'], () => {
      return importKey(`${format}`, keyData, algorithm, extractable, usages);
    });
  }

  exportKey(format, key) {
    const given = arguments.length;
    return promised(this, given, ['format', 'key'], () => {
      if (!isKey(key)) throw invalidArgument('key', 'an instance of CryptoKey', key);
      const { extractable, bytes, hash, usages } = inside(key);
      if (!extractable) throw new DOMException('key is not extractable', 'InvalidAccessError');
      if (format === 'raw') return TypedArrayPrototypeGetBuffer(copied(bytes));
      if (format !== 'jwk') throw notSupported(`Unable to export a secret key in ${format} format`);
      return { key_ops: usages, ext: true, kty: 'oct', k: url64(bytes), alg: HASHES[hash].jwk };
    });
  }

  sign(algorithm, key, data) {
    const given = arguments.length;
    return promised(this, given, ['algorithm', 'key', 'data'], () => {
      const { bytes, hash } = keyFor(algorithm, key, 'sign');
      return ops.hmac(hash, bytes, bytesOf('data', data));
    });
  }

  verify(algorithm, key, signature, data) {
    const given = arguments.length;
    return promised(this, given, ['algorithm', 'key', 'signature', 'data'], () => {
      const { bytes, hash } = keyFor(algorithm, key, 'verify');
      return ops.equalBytes(ops.hmac(hash, bytes, bytesOf('data', data)), bytesOf('signature', signature));
    });
  }
}
const other = {
  __proto__: null, decrypt() { return missing(this); }, deriveBits() { return missing(this); }, deriveKey() { return missing(this); },
  encrypt() { return missing(this); }, unwrapKey() { return missing(this); }, wrapKey() { return missing(this); },
};
for (const name in other) {
  ObjectDefineProperty(SubtleCrypto.prototype, name, {
    __proto__: null, value: other[name], writable: true, enumerable: true, configurable: true,
  });
}
const missing = (object) => promised(object, 0, [], () => {
  throw notSupported('drupe has SHA-1, SHA-256, SHA-384, SHA-512 and HMAC of crypto.subtle so far');
});

// What `work` returns or throws, as a promise.
function promised(object, given, names, work) {
  try {
    if (object !== made) throw invalidThis('SubtleCrypto');
    if (given < names.length) requireArguments(0, names[given]);
    return resolved(work());
  } catch (error) {
    return rejected(error);
  }
}
expose(SubtleCrypto, { __proto__: null, view: (object) => object === made ? { __proto__: null } : undefined });
made = new SubtleCrypto(KEY);

module.exports = { __proto__: null, CryptoKey, SubtleCrypto, isCryptoKey: isKey, subtle: made };
