// structuredClone. V8 clones what is the language's; what is the platform's is cloned here.
'use strict';

const {
  ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetDetached, ObjectDefineProperty, SafeSet, SymbolIterator,
} = primordials;
const { dictionary, invalidArgument, isObject, list, requireArguments } = require('web/common');
const { DOMException, isDOMException } = require('web/dom_exception');
const { asArray } = require('web/url_search_params');

const uncloneable = (message) => new DOMException(message, 'DataCloneError');

// What V8 calls where it refuses.
ops.dataCloneError = uncloneable;

// Classes of the platform, each with what clones its objects; `undefined` from it means: not one of mine.
const cloners = list();

// Objects that inherit from the prototype are cloned by `cloner`, which may throw.
function teachClone(prototype, cloner) {
  cloners[cloners.length] = cloner;
  ops.teachClone(prototype);
}

ops.cloneHost = (object) => {
  for (let index = 0; index < cloners.length; index++) {
    const clone = cloners[index](object);
    if (clone !== undefined) return clone;
  }
  throw uncloneable(`${ops.brief(object)} could not be cloned.`);
};

const isArrayBuffer = (value) => {
  try {
    ArrayBufferPrototypeGetByteLength(value);
    return true;
  } catch {
    return false;
  }
};

function transferred(transfer) {
  const buffers = list();
  if (transfer === undefined) return buffers;
  if (!isObject(transfer) || typeof transfer[SymbolIterator] !== 'function') {
    throw invalidArgument('options.transfer', 'an iterable of ArrayBuffers', transfer);
  }
  const seen = new SafeSet();
  for (const item of transfer) {
    if (!isArrayBuffer(item)) throw uncloneable('Value not transferable');
    if (seen.has(item)) throw uncloneable('ArrayBuffer occurs at least twice in the transfer list');
    if (ArrayBufferPrototypeGetDetached(item)) throw uncloneable('An ArrayBuffer is detached and could not be cloned.');
    seen.add(item);
    buffers[buffers.length] = item;
  }
  return buffers;
}

// An exception is an error to V8, which would make one of the language's of it.
function clonedException(value) {
  const clone = new DOMException(value.message, value.name);
  ObjectDefineProperty(clone, 'stack', {
    __proto__: null, value: `${value.stack}`, writable: true, enumerable: false, configurable: true,
  });
  return clone;
}

const functions = {
  __proto__: null,
  structuredClone(value, options = undefined) {
    requireArguments(arguments.length, 'value');
    const buffers = asArray(transferred(dictionary(options, 'options').transfer));
    if (isDOMException(value)) return clonedException(value);
    return ops.clone(value, buffers);
  },
};

module.exports = { __proto__: null, structuredClone: functions.structuredClone, teachClone };
