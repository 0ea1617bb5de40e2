// Numbers in buffers: `readInt8` to `writeDoubleBE`.
'use strict';

const {
  BigInt, Float32Array, Float64Array, MathFloor, Number, StringPrototypeReplace, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength, Uint8Array,
} = primordials;
const { make } = require('node/internal/errors');
const { validateNumber } = require('node/internal/validators');

const lengthOf = TypedArrayPrototypeGetLength;

function boundsError(value, length, type) {
  if (MathFloor(value) !== value) {
    validateNumber(value, type ?? 'offset');
    throw make('ERR_OUT_OF_RANGE', type ?? 'offset', 'an integer', value);
  }
  if (length < 0) throw make('ERR_BUFFER_OUT_OF_BOUNDS');
  throw make('ERR_OUT_OF_RANGE', type ?? 'offset', `>= ${type ? 1 : 0} and <= ${length}`, value);
}

function checkPlace(buffer, offset, size) {
  validateNumber(offset, 'offset');
  if (buffer[offset] === undefined || buffer[offset + size - 1] === undefined) boundsError(offset, lengthOf(buffer) - size);
}

function readUnsigned(buffer, offset, size, little) {
  checkPlace(buffer, offset, size);
  let value = 0;
  if (little) for (let index = size - 1; index >= 0; index--) value = value * 256 + buffer[offset + index];
  else for (let index = 0; index < size; index++) value = value * 256 + buffer[offset + index];
  return value;
}

function readSigned(buffer, offset, size, little) {
  const value = readUnsigned(buffer, offset, size, little);
  const half = 2 ** (size * 8 - 1);
  return value >= half ? value - 2 * half : value;
}

function rangeOf(min, max, size, n) {
  if (size <= 4 && n === '') return `>= ${min} and <= ${max}`;
  if (min === 0 || min === 0n) return `>= 0${n} and < 2${n} ** ${size * 8}${n}`;
  return `>= -(2${n} ** ${size * 8 - 1}${n}) and < 2${n} ** ${size * 8 - 1}${n}`;
}

function writeInteger(buffer, value, offset, size, little, signed) {
  value = +value;
  const max = signed ? 2 ** (size * 8 - 1) - 1 : 2 ** (size * 8) - 1;
  const min = signed ? -max - 1 : 0;
  validateNumber(offset, 'offset');
  if (value > max || value < min) throw make('ERR_OUT_OF_RANGE', 'value', rangeOf(min, max, size, ''), value);
  checkPlace(buffer, offset, size);
  // Two's complement, and what is no number is 0.
  let rest = MathFloor(value) === value ? value : (value < 0 ? -MathFloor(-value) : MathFloor(value)) || 0;
  if (rest < 0) rest += 2 ** (size * 8);
  for (let index = 0; index < size; index++) {
    const byte = rest % 256;
    buffer[offset + (little ? index : size - 1 - index)] = byte;
    rest = (rest - byte) / 256;
  }
  return offset + size;
}

function readBig(buffer, offset, little, signed) {
  checkPlace(buffer, offset, 8);
  const first = readUnsigned(buffer, offset, 4, little);
  const second = readUnsigned(buffer, offset + 4, 4, little);
  const value = (BigInt(little ? second : first) << 32n) + BigInt(little ? first : second);
  return signed && value >= 2n ** 63n ? value - 2n ** 64n : value;
}

function writeBig(buffer, value, offset, little, signed) {
  const min = signed ? -(2n ** 63n) : 0n;
  const max = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  if (value > max || value < min) throw make('ERR_OUT_OF_RANGE', 'value', rangeOf(min, max, 8, 'n'), value);
  checkPlace(buffer, offset, 8);
  const bits = value < 0n ? value + 2n ** 64n : value;
  const high = Number(bits >> 32n);
  const low = Number(bits & 0xffffffffn);
  writeInteger(buffer, little ? low : high, offset, 4, little, false);
  writeInteger(buffer, little ? high : low, offset + 4, 4, little, false);
  return offset + 8;
}

const doubles = new Float64Array(1);
const doubleBytes = new Uint8Array(TypedArrayPrototypeGetBuffer(doubles));
const floats = new Float32Array(1);
const floatBytes = new Uint8Array(TypedArrayPrototypeGetBuffer(floats));

function readFloat(buffer, offset, numbers, bytes, size, little) {
  checkPlace(buffer, offset, size);
  for (let index = 0; index < size; index++) bytes[little ? index : size - 1 - index] = buffer[offset + index];
  return numbers[0];
}

function writeFloat(buffer, value, offset, numbers, bytes, size, little) {
  value = +value;
  checkPlace(buffer, offset, size);
  numbers[0] = value;
  for (let index = 0; index < size; index++) buffer[offset + index] = bytes[little ? index : size - 1 - index];
  return offset + size;
}

function checkSize(offset, size) {
  if (offset === undefined) throw make('ERR_INVALID_ARG_TYPE', 'offset', 'number', offset);
  if (!(size === 1 || size === 2 || size === 3 || size === 4 || size === 5 || size === 6)) boundsError(size, 6, 'byteLength');
}

const methods = {
  __proto__: null,
  readUIntLE(offset, byteLength) { checkSize(offset, byteLength); return readUnsigned(this, offset, byteLength, true); },
  readUIntBE(offset, byteLength) { checkSize(offset, byteLength); return readUnsigned(this, offset, byteLength, false); },
  readIntLE(offset, byteLength) { checkSize(offset, byteLength); return readSigned(this, offset, byteLength, true); },
  readIntBE(offset, byteLength) { checkSize(offset, byteLength); return readSigned(this, offset, byteLength, false); },
  writeUIntLE(value, offset, byteLength) { checkSize(0, byteLength); return writeInteger(this, value, offset, byteLength, true, false); },
  writeUIntBE(value, offset, byteLength) { checkSize(0, byteLength); return writeInteger(this, value, offset, byteLength, false, false); },
  writeIntLE(value, offset, byteLength) { checkSize(0, byteLength); return writeInteger(this, value, offset, byteLength, true, true); },
  writeIntBE(value, offset, byteLength) { checkSize(0, byteLength); return writeInteger(this, value, offset, byteLength, false, true); },
  readUInt8(offset = 0) { return readUnsigned(this, offset, 1, true); },
  readInt8(offset = 0) { return readSigned(this, offset, 1, true); },
  writeUInt8(value, offset = 0) { return writeInteger(this, value, offset, 1, true, false); },
  writeInt8(value, offset = 0) { return writeInteger(this, value, offset, 1, true, true); },
  readFloatLE(offset = 0) { return readFloat(this, offset, floats, floatBytes, 4, true); },
  readFloatBE(offset = 0) { return readFloat(this, offset, floats, floatBytes, 4, false); },
  readDoubleLE(offset = 0) { return readFloat(this, offset, doubles, doubleBytes, 8, true); },
  readDoubleBE(offset = 0) { return readFloat(this, offset, doubles, doubleBytes, 8, false); },
  writeFloatLE(value, offset = 0) { return writeFloat(this, value, offset, floats, floatBytes, 4, true); },
  writeFloatBE(value, offset = 0) { return writeFloat(this, value, offset, floats, floatBytes, 4, false); },
  writeDoubleLE(value, offset = 0) { return writeFloat(this, value, offset, doubles, doubleBytes, 8, true); },
  writeDoubleBE(value, offset = 0) { return writeFloat(this, value, offset, doubles, doubleBytes, 8, false); },
};
const orders = ['LE', 'BE'];
for (let at = 0; at < 2; at++) {
  const order = orders[at];
  const little = at === 0;
  for (let size = 2; size <= 4; size += 2) {
    const bits = size * 8;
    const more = {
      __proto__: null,
      [`readUInt${bits}${order}`](offset = 0) { return readUnsigned(this, offset, size, little); },
      [`readInt${bits}${order}`](offset = 0) { return readSigned(this, offset, size, little); },
      [`writeUInt${bits}${order}`](value, offset = 0) { return writeInteger(this, value, offset, size, little, false); },
      [`writeInt${bits}${order}`](value, offset = 0) { return writeInteger(this, value, offset, size, little, true); },
    };
    for (const name in more) methods[name] = more[name];
  }
  const more = {
    __proto__: null,
    [`readBigUInt64${order}`](offset = 0) { return readBig(this, offset, little, false); },
    [`readBigInt64${order}`](offset = 0) { return readBig(this, offset, little, true); },
    [`writeBigUInt64${order}`](value, offset = 0) { return writeBig(this, value, offset, little, false); },
    [`writeBigInt64${order}`](value, offset = 0) { return writeBig(this, value, offset, little, true); },
  };
  for (const name in more) methods[name] = more[name];
}

// Adds them to a prototype; those of unsigned numbers have a second name each.
exports.install = (prototype) => {
  for (const name in methods) {
    prototype[name] = methods[name];
    const alias = StringPrototypeReplace(name, 'UInt', 'Uint');
    if (alias !== name) prototype[alias] = methods[name];
  }
};
