// `timers`: the global functions, as they were at first.
'use strict';

const { ObjectDefineProperty } = primordials;
const { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } = ops.timers;

module.exports = { setTimeout, clearTimeout, setImmediate, clearImmediate, setInterval, clearInterval };
ObjectDefineProperty(module.exports, 'promises', {
  __proto__: null, get: ops.markLazy(() => require('node/timers_promises')), enumerable: true, configurable: true,
});
