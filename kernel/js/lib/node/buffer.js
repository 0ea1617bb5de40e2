// `buffer`: the class Buffer, how buffers are made, and what else the module exports.
'use strict';

const {
  ArrayIsArray, ArrayPrototypePush, MathFloor, MathMin, MathTrunc, ObjectDefineProperties, ObjectDefineProperty,
  ObjectSetPrototypeOf, StringPrototypeCharCodeAt, SymbolSpecies, SymbolToPrimitive, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength, TypedArrayPrototypeSet,
  TypedArrayPrototypeSlice, Uint8Array,
} = primordials;
const { make } = require('node/internal/errors');
const { NUMBERS, encodingNumber, normalizeEncoding } = require('node/internal/encodings');
const { isUint8Array, validateArray, validateInteger, validateNumber } = require('node/internal/validators');
const methods = require('node/internal/buffer_methods');
const { emitOnce } = require('node/internal/warnings');
const { sizeOf } = require('node/internal/views');
const { isAnyArrayBuffer, isTypedArray } = require('node/util_types');

const MAX_LENGTH = 4294967296;
const MAX_STRING = 536870888;
const lengthOf = TypedArrayPrototypeGetLength;
let maxShown = 50;

// What every buffer is made by: a view whose memory V8 has zeroed, never a part of a pool.
class FastBuffer extends Uint8Array {
  // Without a rest parameter, whose spread would ask for an iterator.
  constructor(first, byteOffset, length) {
    super(first, byteOffset, length);
  }
}

function Buffer(arg, encodingOrOffset, length) {
  emitOnce('Buffer()', 'Buffer() is deprecated due to security and usability issues. Please use the Buffer.alloc(), '
    + 'Buffer.allocUnsafe(), or Buffer.from() methods instead.', 'DeprecationWarning', 'DEP0005', Buffer);
  if (typeof arg !== 'number') return from(arg, encodingOrOffset, length);
  if (typeof encodingOrOffset === 'string') throw make('ERR_INVALID_ARG_TYPE', 'string', 'string', arg);
  return alloc(arg);
}

const { prototype } = FastBuffer;
Buffer.prototype = prototype;
ObjectDefineProperty(prototype, 'constructor', { __proto__: null, value: Buffer, writable: true, enumerable: false, configurable: true });
ObjectSetPrototypeOf(Buffer, Uint8Array);
ObjectDefineProperty(Buffer, SymbolSpecies, { __proto__: null, get() { return FastBuffer; }, enumerable: false, configurable: true });
ObjectDefineProperties(prototype, {
  __proto__: null,
  parent: {
    __proto__: null, get() { return this instanceof Buffer ? TypedArrayPrototypeGetBuffer(this) : undefined; }, enumerable: true,
  },
  offset: {
    __proto__: null, get() { return this instanceof Buffer ? TypedArrayPrototypeGetByteOffset(this) : undefined; }, enumerable: true,
  },
});
const { install: installNumbers } = require('node/internal/buffer_numbers');
const reattach = primordials.detached(Buffer, prototype);
methods.install(prototype, () => maxShown);
installNumbers(prototype);

function part(buffer, start, end) {
  const length = lengthOf(buffer);
  const bound = (value, fallback) => {
    value = value === undefined ? fallback : MathTrunc(+value) || 0;
    if (value < 0) return value + length < 0 ? 0 : value + length;
    return value > length ? length : value;
  };
  start = bound(start, 0);
  end = bound(end, length);
  return new FastBuffer(TypedArrayPrototypeGetBuffer(buffer), TypedArrayPrototypeGetByteOffset(buffer) + start, end > start ? end - start : 0);
}
prototype.subarray = { subarray(start, end) { return part(this, start, end); } }.subarray;
prototype.slice = { slice(start, end) { return part(this, start, end); } }.slice;

function fromString(string, encoding) {
  let number = NUMBERS.utf8;
  if (typeof encoding === 'string' && encoding.length > 0) {
    number = encodingNumber(encoding);
    if (number === undefined) throw make('ERR_UNKNOWN_ENCODING', encoding);
  }
  const size = byteLengthOf(string, number);
  const buffer = new FastBuffer(size);
  const written = ops.bufferWrite(buffer, string, 0, size, number);
  if (written === size) return buffer;
  // Less came out than there might have been: a buffer of its own size shows none of the rest.
  const exact = new FastBuffer(written);
  TypedArrayPrototypeSet(exact, part(buffer, 0, written), 0);
  return exact;
}

function byteLengthOf(string, number) {
  switch (number) {
    case NUMBERS.utf8: return ops.bufferByteLength(string);
    case NUMBERS.utf16le: return string.length * 2;
    case NUMBERS.hex: return string.length >>> 1;
    case NUMBERS.base64:
    case NUMBERS.base64url: {
      let { length } = string;
      if (length > 0 && StringPrototypeCharCodeAt(string, length - 1) === 61) length--;
      if (length > 1 && StringPrototypeCharCodeAt(string, length - 1) === 61) length--;
      return MathFloor(length * 3 / 4);
    }
    default: return string.length;
  }
}

function fromArrayLike(list) {
  const length = typeof list.length === 'number' && list.length > 0 ? MathFloor(list.length) : 0;
  if (length > MAX_LENGTH) throw make('ERR_OUT_OF_RANGE', 'length', `>= 0 && <= ${MAX_LENGTH}`, list.length);
  const buffer = new FastBuffer(length);
  if (isTypedArray(list)) TypedArrayPrototypeSet(buffer, list, 0);
  else for (let index = 0; index < length; index++) buffer[index] = list[index];
  return buffer;
}

function fromArrayBuffer(buffer, byteOffset, length) {
  if (byteOffset === undefined) {
    byteOffset = 0;
  } else {
    byteOffset = +byteOffset;
    if (byteOffset !== byteOffset) byteOffset = 0;
  }
  const most = sizeOf(buffer) - byteOffset;
  if (most < 0) throw make('ERR_BUFFER_OUT_OF_BOUNDS', 'offset');
  if (length === undefined) {
    length = most;
  } else {
    length = +length;
    if (!(length > 0)) length = 0;
    else if (length > most) throw make('ERR_BUFFER_OUT_OF_BOUNDS', 'length');
  }
  return new FastBuffer(buffer, byteOffset, length);
}

function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') return fromString(value, encodingOrOffset);
  if (typeof value === 'object' && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = value.valueOf?.();
    if (primitive != null && primitive !== value && (typeof primitive === 'string' || typeof primitive === 'object')) {
      return from(primitive, encodingOrOffset, length);
    }
    if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
      return typeof value.length === 'number' ? fromArrayLike(value) : new FastBuffer(0);
    }
    if (value.type === 'Buffer' && ArrayIsArray(value.data)) return fromArrayLike(value.data);
    if (typeof value[SymbolToPrimitive] === 'function') {
      const text = value[SymbolToPrimitive]('string');
      if (typeof text === 'string') return fromString(text, encodingOrOffset);
    }
  }
  throw make('ERR_INVALID_ARG_TYPE', 'first argument', ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], value);
}

function sized(size) {
  validateNumber(size, 'size', 0, MAX_LENGTH);
  return new FastBuffer(size);
}

function alloc(size, fill, encoding) {
  const buffer = sized(size);
  if (fill === undefined || fill === 0 || size === 0) return buffer;
  return methods.fill(buffer, fill, typeof encoding === 'string' ? encoding : undefined, undefined, undefined);
}

function concat(list, length) {
  validateArray(list, 'list');
  if (list.length === 0) return new FastBuffer(0);
  if (length === undefined) {
    length = 0;
    for (let index = 0; index < list.length; index++) if (list[index].length) length += list[index].length;
  } else {
    validateInteger(length, 'length', 0, MAX_LENGTH);
  }
  const buffer = sized(length);
  let place = 0;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (!isUint8Array(item)) throw make('ERR_INVALID_ARG_TYPE', `list[${index}]`, ['Buffer', 'Uint8Array'], item);
    const room = length - place;
    if (room <= 0) continue;
    TypedArrayPrototypeSet(buffer, lengthOf(item) > room ? part(item, 0, room) : item, place);
    place += MathMin(lengthOf(item), room);
  }
  return buffer;
}

const statics = {
  __proto__: null,
  poolSize: 8192,
  from(value, encodingOrOffset, length) { return from(value, encodingOrOffset, length); },
  copyBytesFrom(view, offset, length) {
    if (!isTypedArray(view)) throw make('ERR_INVALID_ARG_TYPE', 'view', ['TypedArray'], view);
    const all = lengthOf(view);
    if (all === 0) return new FastBuffer(0);
    if (offset !== undefined) validateInteger(offset, 'offset', 0);
    else offset = 0;
    if (offset >= all) return new FastBuffer(0);
    if (length !== undefined) validateInteger(length, 'length', 0);
    const copied = TypedArrayPrototypeSlice(view, offset, length === undefined ? all : offset + length);
    return new FastBuffer(TypedArrayPrototypeGetBuffer(copied), 0, TypedArrayPrototypeGetByteLength(copied));
  },
  of(...items) {
    const buffer = new FastBuffer(items.length);
    for (let index = 0; index < items.length; index++) buffer[index] = items[index];
    return buffer;
  },
  alloc(size, fill, encoding) { return alloc(size, fill, encoding); },
  // As safe as the other one: memory that somebody else has used is not worth the time that it saves.
  allocUnsafe(size) { return sized(size); },
  allocUnsafeSlow(size) { return sized(size); },
  isBuffer(value) { return value instanceof Buffer; },
  isEncoding(encoding) { return typeof encoding === 'string' && encoding.length !== 0 && normalizeEncoding(encoding) !== undefined; },
  compare(buf1, buf2) {
    methods.requireBytes(buf1, 'buf1');
    methods.requireBytes(buf2, 'buf2');
    return buf1 === buf2 ? 0 : ops.bufferCompare(buf1, buf2);
  },
  concat(list, length) { return concat(list, length); },
  byteLength(string, encoding) {
    if (typeof string !== 'string') {
      if (primordials.ArrayBufferIsView(string) || isAnyArrayBuffer(string)) return string.byteLength;
      throw make('ERR_INVALID_ARG_TYPE', 'string', ['string', 'Buffer', 'ArrayBuffer'], string);
    }
    return byteLengthOf(string, encoding ? encodingNumber(encoding) ?? NUMBERS.utf8 : NUMBERS.utf8);
  },
};
for (const name in statics) Buffer[name] = statics[name];
reattach();

function SlowBuffer(length) {
  return sized(length);
}
ObjectSetPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);
ObjectSetPrototypeOf(SlowBuffer, Uint8Array);

function viewOf(input) {
  if (isTypedArray(input)) return input;
  if (isAnyArrayBuffer(input)) return new Uint8Array(input);
  throw make('ERR_INVALID_ARG_TYPE', 'input', ['ArrayBuffer', 'Buffer', 'TypedArray'], input);
}

function transcode(source, fromEncoding, toEncoding) {
  if (!isUint8Array(source)) throw make('ERR_INVALID_ARG_TYPE', 'source', ['Buffer', 'Uint8Array'], source);
  if (lengthOf(source) === 0) return alloc(0);
  const one = normalizeEncoding(fromEncoding);
  const other = normalizeEncoding(toEncoding);
  const known = (name) => name !== undefined && NUMBERS[name] <= NUMBERS.ascii;
  if (!known(one) || !known(other)) {
    const error = new primordials.Error('Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]');
    error.code = 'U_ILLEGAL_ARGUMENT_ERROR';
    error.errno = 1;
    throw error;
  }
  const text = ops.bufferText(source, NUMBERS[one], 0, lengthOf(source));
  if (other === 'utf8' || other === 'utf16le') return fromString(text, other);
  // What has no byte there becomes a question mark, a pair of surrogates one.
  const most = other === 'ascii' ? 0x7f : 0xff;
  const bytes = [];
  for (let index = 0; index < text.length; index++) {
    const code = primordials.StringPrototypeCodePointAt(text, index);
    if (code > 0xffff) index++;
    ArrayPrototypePush(bytes, code > most ? 0x3f : code);
  }
  return fromArrayLike(bytes);
}

module.exports = {
  Buffer,
  SlowBuffer,
  transcode,
  isUtf8(input) { return ops.bufferIsUtf8(viewOf(input)); },
  isAscii(input) { return ops.bufferIsAscii(viewOf(input)); },
  kMaxLength: MAX_LENGTH,
  kStringMaxLength: MAX_STRING,
  resolveObjectURL(url) {
    // There is no way here to make such a URL.
    return void `${url}`;
  },
};
const lazily = (name) => ObjectDefineProperty(module.exports, name, {
  __proto__: null, get: () => globalThis[name], enumerable: true, configurable: true,
});
lazily('btoa');
lazily('atob');
ObjectDefineProperties(module.exports, {
  __proto__: null,
  constants: { __proto__: null, value: { MAX_LENGTH, MAX_STRING_LENGTH: MAX_STRING }, enumerable: true },
  INSPECT_MAX_BYTES: {
    __proto__: null,
    get: () => maxShown,
    set: (value) => {
      validateNumber(value, 'INSPECT_MAX_BYTES', 0);
      maxShown = value;
    },
    enumerable: true,
    configurable: true,
  },
});
lazily('Blob');
lazily('File');
