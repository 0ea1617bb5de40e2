// `async_hooks`: AsyncLocalStorage and AsyncResource. What happens between promises is not told: there are no hooks.
//
// The engine carries one value along promises and timers (`kernel/src/isolate/realm.rs`): beside the run, a frame of
// stores. A frame is never changed once code runs in it: entering a store makes a new one.
'use strict';

const { NumberIsSafeInteger, ObjectDefineProperty, ReflectApply, SafeMap } = primordials;
const { make } = require('node/internal/errors');
const { validateFunction, validateObject, validateString } = require('node/internal/validators');

// The current frame, where `storage` has `value`; without a third argument, where it has none.
function frameWith(storage, value, has = false) {
  const frame = new SafeMap();
  const before = ops.asyncFrame();
  if (before !== undefined) {
    const entries = before.entries();
    for (let step = entries.next(); !step.done; step = entries.next()) frame.set(step.value[0], step.value[1]);
  }
  if (has) frame.set(storage, value);
  else frame.delete(storage);
  return frame;
}

function runIn(frame, fn, thisArg, args) {
  const before = ops.asyncFrame();
  ops.setAsyncFrame(frame);
  try {
    return ReflectApply(fn, thisArg, args);
  } finally {
    ops.setAsyncFrame(before);
  }
}

class AsyncLocalStorage {
  #defaultValue;
  #name = '';

  constructor(options = { __proto__: null }) {
    validateObject(options, 'options');
    this.#defaultValue = options.defaultValue;
    if (options.name !== undefined) this.#name = `${options.name}`;
  }

  static bind(fn) {
    return AsyncResource.bind(fn);
  }

  static snapshot() {
    const frame = ops.asyncFrame();
    return function(fn, ...args) {
      return runIn(frame, fn, this, args);
    };
  }

  get name() {
    return this.#name;
  }

  disable() {
    ops.setAsyncFrame(frameWith(this));
  }

  enterWith(data) {
    ops.setAsyncFrame(frameWith(this, data, true));
  }

  run(data, fn, ...args) {
    return runIn(frameWith(this, data, true), fn, null, args);
  }

  exit(fn, ...args) {
    return runIn(frameWith(this, undefined, true), fn, null, args);
  }

  getStore() {
    const frame = ops.asyncFrame();
    return frame !== undefined && frame.has(this) ? frame.get(this) : this.#defaultValue;
  }
}

let lastId = 1;

class AsyncResource {
  #frame = ops.asyncFrame();
  #id = ++lastId;
  #trigger = 1;

  constructor(type, options = { __proto__: null }) {
    validateString(type, 'type');
    const trigger = typeof options === 'number' ? options : options.triggerAsyncId ?? 1;
    if (!NumberIsSafeInteger(trigger) || trigger < -1) throw make('ERR_INVALID_ASYNC_ID', 'triggerAsyncId', trigger);
    this.#trigger = trigger;
  }

  runInAsyncScope(fn, thisArg, ...args) {
    return runIn(this.#frame, fn, thisArg, args);
  }

  emitDestroy() {
    return this;
  }

  asyncId() {
    return this.#id;
  }

  triggerAsyncId() {
    return this.#trigger;
  }

  bind(fn, thisArg) {
    validateFunction(fn, 'fn');
    const frame = this.#frame;
    const bound = function(...args) {
      return runIn(frame, fn, thisArg === undefined ? this : thisArg, args);
    };
    ObjectDefineProperty(bound, 'length', { __proto__: null, value: fn.length, writable: false, enumerable: false, configurable: true });
    return bound;
  }

  static bind(fn, type, thisArg) {
    validateFunction(fn, 'fn');
    return new AsyncResource(type || fn.name || 'bound-anonymous-fn').bind(fn, thisArg);
  }
}

module.exports = {
  AsyncLocalStorage,
  createHook() { throw make('ERR_FEATURE_UNAVAILABLE', 'async_hooks.createHook'); },
  executionAsyncId: () => 1,
  triggerAsyncId: () => 0,
  executionAsyncResource: () => ({}),
  AsyncResource,
};
