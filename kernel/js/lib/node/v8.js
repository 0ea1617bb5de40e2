// Node's `v8`: what tells of the heap, and the serializer. What would change V8, or look into it, throws.
'use strict';

const {
  BigInt64Array, BigUint64Array, DataView, Error, Float32Array, Float64Array, FunctionPrototypeSymbolHasInstance, Int16Array, Int32Array, Int8Array,
  MathFloor, ObjectFreeze, TypeError, Uint16Array, Uint32Array, Uint8Array, Uint8ClampedArray,
} = primordials;
const { unavailable } = require('node/internal/errors');

const NAMES = [
  'total_heap_size', 'total_heap_size_executable', 'total_physical_size', 'total_available_size', 'used_heap_size', 'heap_size_limit',
  'malloced_memory', 'peak_malloced_memory', 'does_zap_garbage', 'number_of_native_contexts', 'number_of_detached_contexts',
  'total_global_handles_size', 'used_global_handles_size', 'external_memory',
];

const v8 = {};
const reattach = primordials.detached(v8);

v8.getHeapStatistics = function getHeapStatistics() {
  const numbers = ops.heapStatistics();
  const statistics = {};
  for (let index = 0; index < NAMES.length; index++) statistics[NAMES[index]] = numbers[index];
  return statistics;
};

v8.cachedDataVersionTag = function cachedDataVersionTag() { return ops.heapStatistics()[NAMES.length]; };

// The classes of views, by the numbers that Node's serializer writes; the number 10 is that of `Buffer`.
const CLASSES_OF_VIEWS = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, DataView, undefined,
  BigInt64Array, BigUint64Array,
];
ops.isBuffer = (view) => FunctionPrototypeSymbolHasInstance(require('node/buffer').Buffer, view);
ops.viewOf = (number, buffer) => {
  if (buffer === undefined || number >= CLASSES_OF_VIEWS.length) throw new Error('Unable to deserialize cloned data.');
  if (number === 10) return require('node/buffer').Buffer.from(buffer);
  const Class = CLASSES_OF_VIEWS[number];
  return new Class(buffer, 0, MathFloor(buffer.byteLength / (Class.BYTES_PER_ELEMENT || 1)));
};

v8.serialize = function serialize(value) {
  // It knows how objects of the platform are cloned, and refuses them.
  require('web/structured_clone');
  const { Buffer } = require('node/buffer');
  let bytes;
  try {
    bytes = ops.serialize(value);
  } catch (error) {
    // Here it is a plain error in Node.
    throw require('web/dom_exception').isDOMException(error) ? new Error(error.message) : error;
  }
  return Buffer.from(bytes);
};

v8.deserialize = function deserialize(buffer) {
  if (!primordials.ArrayBufferIsView(buffer)) {
    const error = new TypeError('buffer must be a TypedArray or a DataView');
    error.code = 'ERR_INVALID_ARG_TYPE';
    throw error;
  }
  require('web/structured_clone');
  return ops.deserialize(buffer);
};

v8.startupSnapshot = ObjectFreeze({ __proto__: null, isBuildingSnapshot() { return false; } });

const missing = (name) => unavailable(`drupe's v8 has no ${name}`);

const MISSING = [
  'getHeapCodeStatistics', 'getHeapSnapshot', 'getHeapSpaceStatistics', 'queryObjects', 'setFlagsFromString', 'setHeapSnapshotNearHeapLimit',
  'stopCoverage', 'takeCoverage', 'writeHeapSnapshot',
];
for (let index = 0; index < MISSING.length; index++) {
  const name = MISSING[index];
  v8[name] = { __proto__: null, [name]() { throw missing(name); } }[name];
}
const CLASSES = ['DefaultDeserializer', 'DefaultSerializer', 'Deserializer', 'GCProfiler', 'Serializer'];
for (let index = 0; index < CLASSES.length; index++) {
  const name = CLASSES[index];
  v8[name] = { [name]: class { constructor() { throw missing(name); } } }[name];
}

reattach();
module.exports = v8;
