// What a view is of, asked in a way that nobody can answer in its place.
'use strict';

const {
  BigInt64Array, BigUint64Array, DataView, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset,
  Float32Array, Float64Array, Int16Array, Int32Array, Int8Array, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet,
  Uint16Array, Uint32Array, Uint8Array, Uint8ClampedArray,
} = primordials;

const KINDS = {
  __proto__: null, BigInt64Array: [BigInt64Array, 8], BigUint64Array: [BigUint64Array, 8], Float32Array: [Float32Array, 4],
  Float64Array: [Float64Array, 8], Int16Array: [Int16Array, 2], Int32Array: [Int32Array, 4], Int8Array: [Int8Array, 1],
  Uint16Array: [Uint16Array, 2], Uint32Array: [Uint32Array, 4], Uint8Array: [Uint8Array, 1], Uint8ClampedArray: [Uint8ClampedArray, 1],
};

// `{buffer, offset, length, elementSize, make}` of a view; lengths in bytes.
function viewOf(view) {
  const kind = TypedArrayPrototypeGetSymbolToStringTag(view);
  if (kind === undefined) {
    return {
      __proto__: null, buffer: DataViewPrototypeGetBuffer(view), offset: DataViewPrototypeGetByteOffset(view),
      length: DataViewPrototypeGetByteLength(view), elementSize: 1, make: DataView,
    };
  }
  const known = KINDS[kind] ?? KINDS.Uint8Array;
  return {
    __proto__: null, buffer: TypedArrayPrototypeGetBuffer(view), offset: TypedArrayPrototypeGetByteOffset(view),
    length: TypedArrayPrototypeGetByteLength(view), elementSize: known[1], make: known[0],
  };
}

// A copy of some of what is in an array of bytes. (`slice` would ask the array for its constructor.)
function copied(bytes, from = 0, to = TypedArrayPrototypeGetLength(bytes)) {
  const copy = new Uint8Array(to - from);
  const start = TypedArrayPrototypeGetByteOffset(bytes) + from;
  TypedArrayPrototypeSet(copy, new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), start, to - from));
  return copy;
}

// A copy of some of what is in a buffer, as a buffer.
const copiedBuffer = (buffer, from, to) => TypedArrayPrototypeGetBuffer(copied(new Uint8Array(buffer, from, to - from)));

module.exports = { __proto__: null, copied, copiedBuffer, viewOf };
