// Streams with two sides: Duplex, Transform, PassThrough.
'use strict';

const { Error, FunctionPrototypeCall } = primordials;
const { coded, construct, inherit, method, mix } = require('node/internal/stream_base');
const { Readable, schedule } = require('node/internal/stream_readable');
const writable = require('node/internal/stream_writable');

function Duplex(options = {}) {
  if (!(this instanceof Duplex)) return new Duplex(options);
  this._isDuplex = true;
  FunctionPrototypeCall(Readable, this, options);
  delete this._isDuplex;
  options ??= {};
  writable.init(this, options);
  this.allowHalfOpen = options.allowHalfOpen !== false;
  if (options.readable === false) {
    this._readableHidden = true;
    this._readableState.ended = this._readableState.endEmitted = true;
  }
  if (options.writable === false) {
    this._writableHidden = true;
    this._writableState.ending = this._writableState.finished = true;
  }
  construct(this, () => {
    schedule(this);
    writable.next(this);
  });
}
inherit(Duplex, Readable);
mix(Duplex, writable.Writable);
// The readable side is the one that can be piped.
method(Duplex, 'pipe', Readable.prototype.pipe);
method(Duplex, 'destroy', Readable.prototype.destroy);

function Transform(options = {}) {
  if (!(this instanceof Transform)) return new Transform(options);
  FunctionPrototypeCall(Duplex, this, options);
  this._waiting = undefined;
  if (typeof options?.transform === 'function') this._transform = options.transform;
  if (typeof options?.flush === 'function') this._flush = options.flush;
}
inherit(Transform, Duplex);

method(Transform, '_transform', function _transform() {
  throw coded(new Error('The _transform() method is not implemented'), 'ERR_METHOD_NOT_IMPLEMENTED');
});
method(Transform, '_write', function _write(chunk, encoding, done) {
  this._transform(chunk, encoding, (error, result) => {
    if (error) return done(error);
    if (result !== undefined && result !== null) this.push(result);
    const state = this._readableState;
    // Who writes waits until somebody reads.
    if (state.length < state.highWaterMark || this._writableState.ending) done();
    else this._waiting = done;
  });
});
method(Transform, '_read', function _read() {
  const done = this._waiting;
  this._waiting = undefined;
  // Nothing was pushed yet: the next chunk may be asked for again.
  this._readableState.reading = false;
  done?.();
});
method(Transform, '_final', function _final(done) {
  if (typeof this._flush !== 'function') {
    this.push(null);
    return done();
  }
  this._flush((error, result) => {
    if (error) return done(error);
    if (result !== undefined && result !== null) this.push(result);
    this.push(null);
    done();
  });
});

function PassThrough(options) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  FunctionPrototypeCall(Transform, this, options);
}
inherit(PassThrough, Transform);
method(PassThrough, '_transform', function _transform(chunk, encoding, done) { done(null, chunk); });

module.exports = { __proto__: null, Duplex, PassThrough, Transform };
