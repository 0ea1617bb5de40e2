// `crypto`: random bytes, digests and keyed digests. `webcrypto` is the global `crypto`.
'use strict';

const {
  TypeError, ArrayBufferIsView, ArrayPrototypeSlice, Error, FinalizationRegistry, FinalizationRegistryPrototypeRegister, FunctionPrototypeCall,
  NumberIsSafeInteger, ObjectDefineProperty, StringPrototypeToLowerCase, Uint8Array,
} = primordials;
const { make, makeAs } = require('node/internal/errors');
const { isAnyArrayBuffer } = require('node/util_types');
const { validateFunction, validateNumber, validateObject, validateBoolean, validateString } = require('node/internal/validators');
const { Buffer } = require('node/buffer');
const { bytesOf } = require('node/internal/views');
const { newUuid } = require('web/uuid');
const { LazyTransform } = require('node/internal/lazy_transform');
const { inherit } = require('node/internal/stream_base');
const {
  KeyObject, bytesOfKey, createPrivateKey, createPublicKey, createSecretKey, isKeyObject,
} = require('node/internal/key_object');

const { from: bufferFrom, alloc } = Buffer;
const lengthOf = primordials.TypedArrayPrototypeGetLength;
const LARGEST = 2147483647;

// Calls back when the current job is over, as what takes time in Node does.
const later = (callback, error, value) => ops.timers.setImmediate(() => error === null && value === undefined
  ? callback(null) : callback(error, value));


function randomBytes(size, callback) {
  validateNumber(size, 'size', 0, LARGEST);
  if (callback !== undefined) validateFunction(callback, 'callback');
  const bytes = alloc(size);
  ops.randomFill(bytes);
  if (callback === undefined) return bytes;
  later(callback, null, bytes);
}

function checkRange(buffer, offset, size) {
  if (!ArrayBufferIsView(buffer) && !isAnyArrayBuffer(buffer)) {
    throw make('ERR_INVALID_ARG_TYPE', 'buf', ['ArrayBuffer', 'ArrayBufferView'], buffer);
  }
  const element = buffer.BYTES_PER_ELEMENT ?? 1;
  const { byteLength } = buffer;
  validateNumber(offset, 'offset');
  offset *= element;
  if (!(offset >= 0 && offset <= byteLength)) throw make('ERR_OUT_OF_RANGE', 'offset', `>= 0 && <= ${byteLength}`, offset);
  if (size === undefined) {
    size = byteLength - offset;
  } else {
    validateNumber(size, 'size');
    size *= element;
    if (!(size >= 0 && size <= LARGEST)) throw make('ERR_OUT_OF_RANGE', 'size', `>= 0 && <= ${LARGEST}`, size);
    if (size + offset > byteLength) throw make('ERR_OUT_OF_RANGE', 'size + offset', `<= ${byteLength}`, size + offset);
  }
  const bytes = bytesOf(buffer);
  return bytesOf(bytes, offset, offset + size);
}

function randomFillSync(buf, offset = 0, size = undefined) {
  ops.randomFill(checkRange(buf, offset, size));
  return buf;
}

function randomFill(buf, offset, size, callback) {
  if (typeof offset === 'function') {
    callback = offset;
    offset = 0;
    size = undefined;
  } else if (typeof size === 'function') {
    callback = size;
    size = undefined;
  }
  validateFunction(callback, 'callback');
  ops.randomFill(checkRange(buf, offset, size));
  later(callback, null, buf);
}

const MAX_RANGE = 2 ** 48 - 1;

function randomInt(min, max, callback) {
  const noMin = max === undefined || typeof max === 'function';
  if (noMin) {
    callback = max;
    max = min;
    min = 0;
  }
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (!NumberIsSafeInteger(min)) throw make('ERR_INVALID_ARG_TYPE', 'min', 'a safe integer', min);
  if (!NumberIsSafeInteger(max)) throw make('ERR_INVALID_ARG_TYPE', 'max', 'a safe integer', max);
  if (max <= min) throw make('ERR_OUT_OF_RANGE', 'max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (!(range <= MAX_RANGE)) throw make('ERR_OUT_OF_RANGE', noMin ? 'max' : 'max - min', `<= ${MAX_RANGE}`, noMin ? max : range);
  // Six bytes at a time; what is past the last whole multiple of the range would favour small numbers.
  const bytes = new Uint8Array(6);
  const limit = MAX_RANGE + 1 - (MAX_RANGE + 1) % range;
  let number;
  do {
    ops.randomFill(bytes);
    number = 0;
    for (let index = 0; index < 6; index++) number = number * 256 + bytes[index];
  } while (number >= limit);
  number = number % range + min;
  if (callback === undefined) return number;
  later(callback, undefined, number);
}

function randomUUID(options) {
  if (options !== undefined) {
    validateObject(options, 'options');
    if (options.disableEntropyCache !== undefined) validateBoolean(options.disableEntropyCache, 'options.disableEntropyCache');
  }
  return newUuid();
}

// When the object of a digest is collected, the digest is freed.
const abandoned = new FinalizationRegistry((number) => ops.hashForget(number));

const ALIASES = { __proto__: null, 'rsa-md5': 'md5', 'rsa-sha1': 'sha1', 'rsa-sha256': 'sha256', 'rsa-sha512': 'sha512', 'sha512/256': 'sha512-256',
  'sha512/224': 'sha512-224', rmd160: 'ripemd160', ripemd: 'ripemd160', 'sha-1': 'sha1', 'sha-256': 'sha256', 'sha-384': 'sha384', 'sha-512': 'sha512' };
const HASHES = ['RSA-MD5', 'RSA-SHA1', 'RSA-SHA256', 'RSA-SHA512', 'md5', 'ripemd160', 'sha1', 'sha224', 'sha256', 'sha3-224', 'sha3-256', 'sha3-384',
  'sha3-512', 'sha384', 'sha512', 'sha512-224', 'sha512-256'];

const canonical = (name) => {
  const lower = StringPrototypeToLowerCase(name);
  return ALIASES[lower] ?? lower;
};

function dataBytes(data, encoding, name = 'data') {
  if (typeof data === 'string') return bufferFrom(data, encoding === 'buffer' ? undefined : encoding);
  if (ArrayBufferIsView(data)) return data;
  throw make('ERR_INVALID_ARG_TYPE', name, ['string', 'Buffer', 'TypedArray', 'DataView'], data);
}

const text = (buffer, encoding) => encoding === undefined || encoding === null || encoding === 'buffer' ? buffer : buffer.toString(encoding);

const states = new primordials.SafeWeakMap();

function begun(hash, number, name) {
  states.set(hash, { __proto__: null, number, name, done: false });
  FinalizationRegistryPrototypeRegister(abandoned, hash, number);
  return hash;
}

function stateOf(hash) {
  const state = states.get(hash);
  if (state === undefined) throw make('ERR_INVALID_THIS', 'Hash');
  return state;
}

function Hash(algorithm, options) {
  if (!new.target) return new Hash(algorithm, options);
  FunctionPrototypeCall(LazyTransform, this, options);
  validateString(algorithm, 'algorithm');
  const number = ops.hashBegin(canonical(algorithm), undefined);
  if (number === undefined) {
    throw new Error('Digest method not supported');
  }
  begun(this, number, algorithm);
}

inherit(Hash, LazyTransform);
inherit(Hmac, LazyTransform);
const reattach = primordials.detached(Hash.prototype, Hmac.prototype);

// What was written to the stream may be asked for at its end, too.
const result = (state) => state.result ??= bufferFrom(ops.hashEnd(state.number));

Hash.prototype.update = function update(data, encoding) {
  const state = stateOf(this);
  if (state.done) throw make('ERR_CRYPTO_HASH_FINALIZED');
  const bytes = dataBytes(data, encoding);
  // As in Node: a digest that the stream has told stays as it is.
  if (state.result === undefined) ops.hashUpdate(state.number, bytes);
  return this;
};

Hash.prototype._transform = function _transform(chunk, encoding, done) {
  const state = stateOf(this);
  if (state.result === undefined) ops.hashUpdate(state.number, dataBytes(chunk, encoding));
  done();
};

Hash.prototype._flush = function _flush(done) {
  this.push(result(stateOf(this)));
  done();
};

Hash.prototype.digest = function digest(outputEncoding) {
  const state = stateOf(this);
  if (state.done) throw make('ERR_CRYPTO_HASH_FINALIZED');
  state.done = true;
  return text(result(state), outputEncoding);
};

Hash.prototype.copy = function copy(options) {
  const state = stateOf(this);
  if (state.done || state.result !== undefined) throw make('ERR_CRYPTO_HASH_FINALIZED');
  const hash = { __proto__: Hash.prototype };
  FunctionPrototypeCall(LazyTransform, hash, options);
  return begun(hash, ops.hashCopy(state.number), state.name);
};

function Hmac(algorithm, key, options) {
  if (!new.target) return new Hmac(algorithm, key, options);
  FunctionPrototypeCall(LazyTransform, this, options);
  validateString(algorithm, 'hmac');
  const encoding = options?.encoding;
  const isKey = isKeyObject(key);
  if (!isKey && typeof key !== 'string' && !ArrayBufferIsView(key) && !isAnyArrayBuffer(key)) {
    throw make('ERR_INVALID_ARG_TYPE', 'key', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView', 'string', 'KeyObject', 'CryptoKey'], key);
  }
  const bytes = isKey ? bytesOfKey(key) : typeof key === 'string' ? bufferFrom(key, encoding) : bytesOf(key);
  const number = ops.hashBegin(canonical(algorithm), bytes);
  if (number === undefined) throw make('ERR_CRYPTO_INVALID_DIGEST', algorithm);
  begun(this, number, algorithm);
}

Hmac.prototype.update = Hash.prototype.update;
Hmac.prototype.digest = function digest(outputEncoding) {
  const state = stateOf(this);
  // As in Node: a second time there is nothing left.
  if (state.done || state.result !== undefined) return text(alloc(0), outputEncoding);
  state.done = true;
  return text(result(state), outputEncoding);
};
Hmac.prototype._transform = Hash.prototype._transform;
Hmac.prototype._flush = Hash.prototype._flush;

function timingSafeEqual(buf1, buf2) {
  const check = (value, name) => {
    if (!ArrayBufferIsView(value) && !isAnyArrayBuffer(value)) {
      throw makeAs(TypeError, 'ERR_INVALID_ARG_TYPE',
        `The "${name}" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.`, timingSafeEqual);
    }
    return bytesOf(value);
  };
  const one = check(buf1, 'buf1');
  const other = check(buf2, 'buf2');
  if (lengthOf(one) !== lengthOf(other)) throw make('ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH');
  return ops.equalBytes(one, other);
}

reattach();
// The global `crypto` may be this module itself, so the file is loaded by its name.
const webcrypto = () => require('web/crypto').crypto;
module.exports = {
  createHash: (algorithm, options) => new Hash(algorithm, options),
  createHmac: (hmac, key, options) => new Hmac(hmac, key, options),
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  getHashes: () => ArrayPrototypeSlice(HASHES),
  hash(algorithm, data, outputEncoding = 'hex') {
    validateString(algorithm, 'algorithm');
    return new Hash(algorithm).update(data).digest(outputEncoding);
  },
  randomBytes,
  rng: randomBytes,
  pseudoRandomBytes: randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  timingSafeEqual,
  Hash,
  Hmac,
  getRandomValues: (array) => webcrypto().getRandomValues(array),
  getFips: () => 0,
  constants: {
    __proto__: null, DH_CHECK_P_NOT_SAFE_PRIME: 2, DH_CHECK_P_NOT_PRIME: 1, DH_UNABLE_TO_CHECK_GENERATOR: 4, DH_NOT_SUITABLE_GENERATOR: 8,
    RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4, RSA_X931_PADDING: 5, RSA_PKCS1_PSS_PADDING: 6,
    RSA_PSS_SALTLEN_DIGEST: -1, RSA_PSS_SALTLEN_MAX_SIGN: -2, RSA_PSS_SALTLEN_AUTO: -2, TLS1_VERSION: 769, TLS1_1_VERSION: 770,
    TLS1_2_VERSION: 771, TLS1_3_VERSION: 772, POINT_CONVERSION_COMPRESSED: 2, POINT_CONVERSION_UNCOMPRESSED: 4,
    POINT_CONVERSION_HYBRID: 6,
  },
};
const lazily = (name, get) => ObjectDefineProperty(module.exports, name, { __proto__: null, get: ops.markLazy(get), enumerable: true, configurable: true });
lazily('webcrypto', webcrypto);
lazily('subtle', () => require('web/subtle').subtle);
require('node/internal/missing').missing(module.exports, 'crypto', [
  'Certificate', 'Cipher', 'Cipheriv', 'Decipher', 'Decipheriv', 'DiffieHellman', 'DiffieHellmanGroup', 'ECDH', 'Sign', 'Verify',
  'X509Certificate', 'checkPrime', 'checkPrimeSync', 'createCipheriv', 'createDecipheriv', 'createDiffieHellman',
  'createDiffieHellmanGroup', 'createECDH', 'createSign', 'createVerify', 'diffieHellman', 'generateKey', 'generateKeyPair',
  'generateKeyPairSync', 'generateKeySync', 'generatePrime', 'generatePrimeSync', 'getCipherInfo', 'getCiphers', 'getCurves',
  'getDiffieHellman', 'hkdf', 'hkdfSync', 'pbkdf2', 'pbkdf2Sync', 'privateDecrypt', 'privateEncrypt', 'publicDecrypt',
  'publicEncrypt', 'scrypt', 'scryptSync', 'secureHeapUsed', 'setEngine', 'setFips', 'sign', 'verify',
]);
