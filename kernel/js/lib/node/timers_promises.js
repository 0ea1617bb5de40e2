// `timers/promises`.
'use strict';

const { ObjectAssign, Promise, PromiseReject, Symbol } = primordials;
const { abortError, make } = require('node/internal/errors');
const { validateAbortSignal, validateBoolean, validateNumber, validateObject } = require('node/internal/validators');
const { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = ops.timers;

function check(options) {
  validateObject(options, 'options');
  const { signal, ref = true } = options;
  validateAbortSignal(signal, 'options.signal');
  validateBoolean(ref, 'options.ref');
  return { __proto__: null, signal, ref };
}

// A promise that `start(done)` settles, unless the signal comes first; `stop` undoes what `start` returned.
function settled(value, options, start, stop) {
  let given;
  try {
    given = check(options);
  } catch (error) {
    return PromiseReject(error);
  }
  const { signal, ref } = given;
  if (signal?.aborted) return PromiseReject(abortError(signal.reason));
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      stop(timer);
      reject(abortError(signal.reason));
    };
    const timer = start(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    });
    if (!ref) timer.unref();
    signal?.addEventListener('abort', onAbort);
  });
}

// It inherits nothing until all is there.
const timersPromises = exports;
ObjectAssign(timersPromises, {
  setTimeout(delay, value, options = { __proto__: null }) {
    try {
      if (delay !== undefined) validateNumber(delay, 'delay');
    } catch (error) {
      return PromiseReject(error);
    }
    return settled(value, options, (done) => setTimeout(done, delay), clearTimeout);
  },
  setImmediate(value, options = { __proto__: null }) {
    return settled(value, options, (done) => setImmediate(done), clearImmediate);
  },
  async* setInterval(delay, value, options = { __proto__: null }) {
    if (delay !== undefined) validateNumber(delay, 'delay');
    const { signal, ref } = check(options);
    if (signal?.aborted) throw abortError(signal.reason);
    let due = 0;
    let wake;
    const onAbort = () => {
      clearInterval(interval);
      wake?.();
    };
    const interval = setInterval(() => {
      due++;
      wake?.();
    }, delay);
    if (!ref) interval.unref();
    signal?.addEventListener('abort', onAbort);
    try {
      while (!signal?.aborted) {
        if (due === 0) await new Promise((resolve) => { wake = resolve; });
        for (; due > 0; due--) yield value;
      }
      throw abortError(signal.reason);
    } finally {
      clearInterval(interval);
      signal?.removeEventListener('abort', onAbort);
    }
  },
});

const kScheduler = Symbol('kScheduler');

class Scheduler {
  constructor() {
    throw make('ERR_ILLEGAL_CONSTRUCTOR');
  }

  yield() {
    if (!this[kScheduler]) throw make('ERR_INVALID_THIS', 'Scheduler');
    return timersPromises.setImmediate();
  }

  wait(delay, options) {
    if (!this[kScheduler]) throw make('ERR_INVALID_THIS', 'Scheduler');
    return timersPromises.setTimeout(delay, undefined, options);
  }
}
timersPromises.scheduler = { __proto__: Scheduler.prototype, [kScheduler]: true };
