// queueMicrotask and reportError.
'use strict';

const { defineProperty } = Object;
const { apply } = Reflect;
const { TypeError } = globalThis;
const { then } = Promise.prototype;

// `then` asks its receiver for a constructor; this one says "the default", whatever becomes of
// Promise.prototype.constructor.
const settled = Promise.resolve();
defineProperty(settled, 'constructor', { __proto__: null, value: undefined });

const functions = {
  __proto__: null,
  queueMicrotask(callback) {
    if (typeof callback !== 'function') {
      throw ops.library('node/internal/errors').make('ERR_INVALID_ARG_TYPE', 'callback', 'Function', callback);
    }
    // A promise job carries the identity of its run through the queue; a bare V8 microtask does not.
    apply(then, settled, [() => {
      try {
        callback();
      } catch (error) {
        ops.uncaught(error);
      }
    }]);
  },
  reportError(error) {
    if (arguments.length === 0) throw new TypeError("reportError: 1 argument required, but only 0 present");
    ops.reportError(error);
  },
};

for (const name in functions) {
  defineProperty(globalThis, name, {
    __proto__: null, value: functions[name], writable: true, enumerable: true, configurable: true,
  });
}
