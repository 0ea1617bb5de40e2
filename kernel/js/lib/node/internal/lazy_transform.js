// A stream with two sides that are made when somebody looks at them: a hash is seldom used as one.
'use strict';

const { FunctionPrototypeCall, ObjectDefineProperty } = primordials;
const { inherit } = require('node/internal/stream_base');
const { Transform } = require('node/internal/stream_duplex');

// `options`: those of the stream. Streams of the class get strings as they were written.
function LazyTransform(options) {
  this._options = options;
}
inherit(LazyTransform, Transform);

function makeLazily(side) {
  ObjectDefineProperty(LazyTransform.prototype, side, {
    __proto__: null,
    get: { __proto__: null, get() {
      FunctionPrototypeCall(Transform, this, this._options);
      this._writableState.decodeStrings = false;
      return this[side];
    } }.get,
    set: { __proto__: null, set(value) {
      ObjectDefineProperty(this, side, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
    } }.set,
    enumerable: true,
    configurable: true,
  });
}
makeLazily('_readableState');
makeLazily('_writableState');

exports.LazyTransform = LazyTransform;
