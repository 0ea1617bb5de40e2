// What a view is of, asked in a way that nobody can answer in its place.
'use strict';

const {
  BigInt64Array, BigUint64Array, DataView, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset,
  Float32Array, Float64Array, Int16Array, Int32Array, Int8Array, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetSymbolToStringTag, Uint16Array, Uint32Array, Uint8Array, Uint8ClampedArray,
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

module.exports = { __proto__: null, viewOf };
