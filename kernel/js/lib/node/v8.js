// Node's `v8`: what tells of the heap, and the serializer. What would change V8, or look into it, throws.
'use strict';

const { Error, ObjectFreeze, TypeError } = primordials;

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

function missing(name) {
  const error = new Error(`drupe's v8 has no ${name}`);
  error.code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
  return error;
}

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
