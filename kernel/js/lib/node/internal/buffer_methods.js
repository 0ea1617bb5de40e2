// What buffers can do besides numbers: text, searching, comparing, copying.
'use strict';

const {
  ArrayPrototypeJoin, ArrayPrototypePush, MathTrunc, NumberIsInteger, NumberIsNaN, ObjectDefineProperty, ObjectKeys, SymbolFor,
  TypeError, TypedArrayPrototypeFill, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength, TypedArrayPrototypeSet, Uint8Array,
} = primordials;
const { make, makeAs } = require('node/internal/errors');
const { NUMBERS, encodingNumber, normalizeEncoding } = require('node/internal/encodings');
const { isUint8Array, validateNumber, validateString } = require('node/internal/validators');

const { bytesOf: viewOf } = require('node/internal/views');

const lengthOf = TypedArrayPrototypeGetLength;

function textOf(buffer, number, start, end) {
  const text = ops.bufferText(buffer, number, start, end);
  if (text === undefined) throw make('ERR_STRING_TOO_LONG');
  return text;
}

function numberOf(encoding) {
  const number = encodingNumber(encoding);
  if (number === undefined) throw make('ERR_UNKNOWN_ENCODING', encoding);
  return number;
}

function validateOffset(value, name, min = 0, max = 9007199254740991) {
  if (typeof value !== 'number') throw make('ERR_INVALID_ARG_TYPE', name, 'number', value);
  if (!NumberIsInteger(value)) throw make('ERR_OUT_OF_RANGE', name, 'an integer', value);
  if (value < min || value > max) throw make('ERR_OUT_OF_RANGE', name, `>= ${min} && <= ${max}`, value);
}

// A whole number, or the default where it is none.
function integer(value, fallback) {
  value = +value;
  return !NumberIsNaN(value) && value >= -9007199254740991 && value <= 9007199254740991 ? MathTrunc(value) : fallback;
}

// The bytes of a string that something is to be found or filled with.
function bytesOf(string, number) {
  const bytes = new Uint8Array(number === NUMBERS.utf8 ? ops.bufferByteLength(string) : string.length * 2);
  const written = ops.bufferWrite(bytes, string, 0, lengthOf(bytes), number);
  return written === lengthOf(bytes) ? bytes : viewOf(bytes, 0, written);
}

function requireBytes(value, name) {
  if (!isUint8Array(value)) throw make('ERR_INVALID_ARG_TYPE', name, ['Buffer', 'Uint8Array'], value);
}

function find(buffer, value, offset, encoding, forward) {
  requireBytes(buffer, 'buffer');
  if (typeof offset === 'string') {
    encoding = offset;
    offset = undefined;
  } else if (offset > 0x7fffffff) {
    offset = 0x7fffffff;
  } else if (offset < -0x80000000) {
    offset = -0x80000000;
  }
  offset = +offset;
  const length = lengthOf(buffer);
  if (NumberIsNaN(offset)) offset = forward ? 0 : length;
  offset = MathTrunc(offset);
  let wanted;
  let number = NUMBERS.utf8;
  if (typeof value === 'number') {
    wanted = new Uint8Array(1);
    wanted[0] = value >>> 0;
  } else {
    if (encoding !== undefined) number = encodingNumber(encoding);
    if (typeof value === 'string') {
      if (number === undefined) throw make('ERR_UNKNOWN_ENCODING', encoding);
      wanted = bytesOf(value, number);
    } else if (isUint8Array(value)) {
      wanted = value;
    } else {
      throw make('ERR_INVALID_ARG_TYPE', 'value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
    }
  }
  const size = lengthOf(wanted);
  let from;
  if (offset < 0) {
    if (offset + length >= 0) from = length + offset;
    else if (forward || size === 0) from = 0;
    else return -1;
  } else if (offset + size <= length) {
    from = offset;
  } else if (size === 0) {
    from = length;
  } else if (forward) {
    return -1;
  } else {
    from = length - 1;
  }
  if (size === 0) return from;
  if (length === 0 || size > length || (forward && from + size > length)) return -1;
  const step = number === NUMBERS.utf16le && typeof value !== 'number' ? 2 : 1;
  return ops.bufferIndexOf(buffer, wanted, from - from % step, forward, step);
}

function compareRange(buffer, target, targetStart, targetEnd, sourceStart, sourceEnd) {
  requireBytes(target, 'target');
  if (targetStart === undefined) targetStart = 0;
  else validateOffset(targetStart, 'targetStart');
  if (targetEnd === undefined) targetEnd = lengthOf(target);
  else validateOffset(targetEnd, 'targetEnd', 0, lengthOf(target));
  if (sourceStart === undefined) sourceStart = 0;
  else validateOffset(sourceStart, 'sourceStart');
  if (sourceEnd === undefined) sourceEnd = lengthOf(buffer);
  else validateOffset(sourceEnd, 'sourceEnd', 0, lengthOf(buffer));
  if (sourceStart >= sourceEnd) return targetStart >= targetEnd ? 0 : -1;
  if (targetStart >= targetEnd) return 1;
  return ops.bufferCompare(part(buffer, sourceStart, sourceEnd), part(target, targetStart, targetEnd));
}

const part = (view, start, end) => {
  const length = lengthOf(view);
  if (start > length) start = length;
  if (end > length) end = length;
  return new Uint8Array(TypedArrayPrototypeGetBuffer(view), TypedArrayPrototypeGetByteOffset(view) + start, end > start ? end - start : 0);
};

function fill(buffer, value, offset, end, encoding) {
  const length = lengthOf(buffer);
  let number = NUMBERS.utf8;
  if (typeof value === 'string') {
    if (offset === undefined || typeof offset === 'string') {
      encoding = offset;
      offset = 0;
      end = length;
    } else if (typeof end === 'string') {
      encoding = end;
      end = length;
    }
    const normal = normalizeEncoding(encoding);
    if (normal === undefined) {
      validateString(encoding, 'encoding');
      throw make('ERR_UNKNOWN_ENCODING', encoding);
    }
    number = NUMBERS[normal];
    if (value.length === 0) value = 0;
  }
  if (offset === undefined) {
    offset = 0;
    end = length;
  } else {
    validateNumber(offset, 'offset', 0, 4294967296);
    if (end === undefined) end = length;
    else validateNumber(end, 'end', 0, length);
    if (offset >= end) return buffer;
  }
  if (typeof value === 'string' || isUint8Array(value)) {
    const pattern = typeof value === 'string' ? bytesOf(value, number) : value;
    if (lengthOf(pattern) === 0) throw make('ERR_INVALID_ARG_VALUE', 'value', value);
    ops.bufferFill(buffer, pattern, offset, end);
  } else if (typeof value === 'boolean') {
    TypedArrayPrototypeFill(buffer, +value, offset, end);
  } else {
    TypedArrayPrototypeFill(buffer, value & 255, offset, end);
  }
  return buffer;
}

function copy(source, target, targetStart, sourceStart, sourceEnd) {
  requireBytes(source, 'source');
  requireBytes(target, 'target');
  const length = lengthOf(source);
  targetStart = targetStart === undefined ? 0 : integer(targetStart, 0);
  if (targetStart < 0) throw make('ERR_OUT_OF_RANGE', 'targetStart', '>= 0', targetStart);
  sourceStart = sourceStart === undefined ? 0 : integer(sourceStart, 0);
  if (sourceStart < 0 || sourceStart > length) throw make('ERR_OUT_OF_RANGE', 'sourceStart', `>= 0 && <= ${length}`, sourceStart);
  sourceEnd = sourceEnd === undefined ? length : integer(sourceEnd, 0);
  if (sourceEnd < 0) throw make('ERR_OUT_OF_RANGE', 'sourceEnd', '>= 0', sourceEnd);
  const room = lengthOf(target) - targetStart;
  if (sourceEnd > length) sourceEnd = length;
  if (room <= 0 || sourceStart >= sourceEnd) return 0;
  if (sourceEnd - sourceStart > room) sourceEnd = sourceStart + room;
  TypedArrayPrototypeSet(target, part(source, sourceStart, sourceEnd), targetStart);
  return sourceEnd - sourceStart;
}

function swap(buffer, size) {
  const length = lengthOf(buffer);
  if (length % size !== 0) throw make('ERR_INVALID_BUFFER_SIZE', `${size * 8}-bits`);
  for (let start = 0; start < length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = buffer[low];
      buffer[low] = buffer[high];
      buffer[high] = byte;
    }
  }
  return buffer;
}

function write(buffer, string, offset, length, encoding) {
  const all = lengthOf(buffer);
  if (typeof string !== 'string') throw makeAs(TypeError, 'ERR_INVALID_ARG_TYPE', 'argument must be a string', write);
  if (offset === undefined) return ops.bufferWrite(buffer, string, 0, all, NUMBERS.utf8);
  if (length === undefined && typeof offset === 'string') {
    encoding = offset;
    length = all;
    offset = 0;
  } else {
    validateOffset(offset, 'offset', 0, all);
    const rest = all - offset;
    if (length === undefined) {
      length = rest;
    } else if (typeof length === 'string') {
      encoding = length;
      length = rest;
    } else {
      validateOffset(length, 'length', 0, all);
      if (length > rest) length = rest;
    }
  }
  if (!encoding) return ops.bufferWrite(buffer, string, offset, length, NUMBERS.utf8);
  return ops.bufferWrite(buffer, string, offset, length, numberOf(encoding));
}

function toText(buffer, encoding, start, end) {
  const length = lengthOf(buffer);
  if (start <= 0) start = 0;
  else if (start >= length) return '';
  else start = MathTrunc(start) || 0;
  if (end === undefined || end > length) end = length;
  else end = MathTrunc(end) || 0;
  if (end <= start) return '';
  return textOf(buffer, encoding === undefined ? NUMBERS.utf8 : numberOf(encoding), start, end);
}

// Adds the methods to the prototype of buffers; `maxShown()` is how many bytes are shown of one.
exports.install = (prototype, maxShown) => {
  const methods = {
    __proto__: null,
    write(string, offset, length, encoding) { return write(this, string, offset, length, encoding); },
    toString(encoding, start, end) {
      return arguments.length === 0 ? textOf(this, NUMBERS.utf8, 0, lengthOf(this)) : toText(this, encoding, start, end);
    },
    toLocaleString(encoding, start, end) { return this.toString(encoding, start, end); },
    equals(otherBuffer) {
      requireBytes(otherBuffer, 'otherBuffer');
      return this === otherBuffer || (lengthOf(this) === lengthOf(otherBuffer) && ops.bufferCompare(this, otherBuffer) === 0);
    },
    compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
      return compareRange(this, target, targetStart, targetEnd, sourceStart, sourceEnd);
    },
    indexOf(value, byteOffset, encoding) { return find(this, value, byteOffset, encoding, true); },
    lastIndexOf(value, byteOffset, encoding) { return find(this, value, byteOffset, encoding, false); },
    includes(value, byteOffset, encoding) { return find(this, value, byteOffset, encoding, true) !== -1; },
    fill(value, offset, end, encoding) { return fill(this, value, offset, end, encoding); },
    copy(target, targetStart, sourceStart, sourceEnd) { return copy(this, target, targetStart, sourceStart, sourceEnd); },
    swap16() { return swap(this, 2); },
    swap32() { return swap(this, 4); },
    swap64() { return swap(this, 8); },
    toJSON() {
      const data = [];
      for (let index = 0; index < lengthOf(this); index++) ArrayPrototypePush(data, this[index]);
      return { type: 'Buffer', data };
    },
    [SymbolFor('nodejs.util.inspect.custom')](depth, options) {
      const shown = maxShown();
      const more = lengthOf(this) - shown;
      const words = [];
      for (let index = 0; index < lengthOf(this) && index < shown; index++) {
        ArrayPrototypePush(words, textOf(this, NUMBERS.hex, index, index + 1));
      }
      let text = ArrayPrototypeJoin(words, ' ');
      if (more > 0) text += ` ... ${more} more byte${more > 1 ? 's' : ''}`;
      const extras = {};
      const keys = ObjectKeys(this);
      let any = false;
      for (let index = lengthOf(this); index < keys.length; index++) {
        any = true;
        extras[keys[index]] = this[keys[index]];
      }
      if (any) {
        if (lengthOf(this) > 0) text += ', ';
        const all = { __proto__: null, ...options, breakLength: Infinity, compact: true };
        text += primordials.StringPrototypeSlice(ops.inspect(extras, all), 2, -2);
      }
      return `<Buffer ${text}>`;
    },
  };
  const symbol = SymbolFor('nodejs.util.inspect.custom');
  for (const name in methods) prototype[name] = methods[name];
  ObjectDefineProperty(prototype, symbol, { __proto__: null, value: methods[symbol], writable: true, configurable: true });
  ObjectDefineProperty(prototype, 'inspect', { __proto__: null, value: methods[symbol], writable: true, configurable: true });
  for (const name in NUMBERS) {
    const number = NUMBERS[name];
    const word = name === 'utf16le' ? 'ucs2' : name;
    const raw = {
      __proto__: null,
      [`${word}Slice`](start = 0, end = lengthOf(this)) { return textOf(this, number, start, end); },
      [`${word}Write`](string, offset = 0, length = lengthOf(this) - offset) { return ops.bufferWrite(this, string, offset, length, number); },
    };
    for (const key in raw) prototype[key] = raw[key];
  }
};
exports.fill = fill;
exports.requireBytes = requireBytes;
