// `util.types`: what a value is by its internal slots.
'use strict';

const { ArrayBufferIsView, ObjectKeys, TypedArrayPrototypeGetSymbolToStringTag } = primordials;

// It inherits nothing until all is there.
const types = exports;
const natives = ObjectKeys(ops.types);
for (let index = 0; index < natives.length; index++) types[natives[index]] = ops.types[natives[index]];

types.isArrayBufferView = function isView(value) { return ArrayBufferIsView(value); };
types.isTypedArray = function isTypedArray(value) { return TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined; };
const kinds = [
  'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array', 'Int32Array', 'Float32Array',
  'Float64Array', 'BigInt64Array', 'BigUint64Array',
];
for (let index = 0; index < kinds.length; index++) {
  const kind = kinds[index];
  const name = `is${kind}`;
  types[name] = { [name](value) { return TypedArrayPrototypeGetSymbolToStringTag(value) === kind; } }[name];
}
types.isKeyObject = function isKeyObject(value) { return require('node/internal/key_object').isKeyObject(value); };
types.isCryptoKey = function isCryptoKey(value) { return require('web/subtle').isCryptoKey(value); };
