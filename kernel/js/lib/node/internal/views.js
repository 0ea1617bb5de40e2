// The bytes behind views and buffers, found without what a program may have put on their prototypes.
'use strict';

const {
  ArrayBufferPrototypeGetByteLength, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, Uint8Array,
} = primordials;
const { isArrayBuffer, isDataView, isSharedArrayBuffer } = ops.types;

// All bytes of an ArrayBuffer, a typed array or a DataView, or those from `start` to `end`.
function bytesOf(value, start = 0, end = undefined) {
  if (isArrayBuffer(value) || isSharedArrayBuffer(value)) {
    return end === undefined ? new Uint8Array(value, start) : new Uint8Array(value, start, end - start);
  }
  const data = isDataView(value);
  const buffer = data ? DataViewPrototypeGetBuffer(value) : TypedArrayPrototypeGetBuffer(value);
  const offset = data ? DataViewPrototypeGetByteOffset(value) : TypedArrayPrototypeGetByteOffset(value);
  const length = data ? DataViewPrototypeGetByteLength(value) : TypedArrayPrototypeGetByteLength(value);
  return new Uint8Array(buffer, offset + start, (end ?? length) - start);
}

// How many bytes an ArrayBuffer has.
const sizeOf = (buffer) => isArrayBuffer(buffer) ? ArrayBufferPrototypeGetByteLength(buffer) : buffer.byteLength;

module.exports = { __proto__: null, bytesOf, sizeOf };
