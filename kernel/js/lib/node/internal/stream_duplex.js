// Streams with two sides: Duplex, Transform, PassThrough.
'use strict';

const { FunctionPrototypeCall, ObjectGetOwnPropertyDescriptor, ObjectDefineProperty, Symbol } = primordials;
const { make } = require('node/internal/errors');
const { assign, getter, inherit, method, mix } = require('node/internal/stream_base');

// The classes of the sides ask whether they are one of two, so this is known before they are loaded.
exports.Duplex = Duplex;
const { Readable } = require('node/internal/stream_readable');
const { Writable } = require('node/internal/stream_writable');

function Duplex(options) {
  if (!(this instanceof Duplex)) return new Duplex(options);
  FunctionPrototypeCall(Readable, this, options);
  FunctionPrototypeCall(Writable, this, options);
  if (!options) {
    this.allowHalfOpen = true;
    return;
  }
  this.allowHalfOpen = options.allowHalfOpen !== false;
  if (options.readable === false) {
    const state = this._readableState;
    state.readable = false;
    state.ended = state.endEmitted = true;
  }
  if (options.writable === false) {
    const state = this._writableState;
    state.writable = false;
    state.ending = state.ended = state.finished = true;
  }
}
inherit(Duplex, Readable);

const both = ['destroyed', 'closed', 'errored'];
getter(Duplex, 'destroyed', function() {
  const { _readableState: readable, _writableState: writable } = this;
  return readable !== undefined && writable !== undefined && readable.destroyed && writable.destroyed;
}, function(value) {
  if (!this._readableState || !this._writableState) return;
  this._readableState.destroyed = this._writableState.destroyed = value;
});
// These two say what the readable side says; what else a writable stream has is taken over.
for (let index = 1; index < both.length; index++) {
  ObjectDefineProperty(Duplex.prototype, both[index], { __proto__: null, ...ObjectGetOwnPropertyDescriptor(Readable.prototype, both[index]) });
}
method(Duplex, 'pipe', Readable.prototype.pipe);
method(Duplex, '_destroy', Readable.prototype._destroy);
method(Duplex, primordials.SymbolAsyncDispose, Readable.prototype[primordials.SymbolAsyncDispose]);
mix(Duplex, Writable);
// As in Node, where `readableAborted` speaks for both.
delete Duplex.prototype.writableAborted;

assign(Duplex, 'from', (body) => require('node/internal/stream_duplexify').from(body, 'body'));

// The write that waits until what it became is read.
const kWaiting = Symbol('kCallback');

function Transform(options) {
  if (!(this instanceof Transform)) return new Transform(options);
  // Where nothing may wait to be read, nothing is written ahead of that either.
  const own = options?.readableHighWaterMark;
  const isUnbuffered = own === 0 && (options.highWaterMark === undefined || options.highWaterMark === null);
  if (isUnbuffered) {
    options = { __proto__: null, ...options, highWaterMark: null, readableHighWaterMark: 0, writableHighWaterMark: options.writableHighWaterMark || 0 };
  }
  FunctionPrototypeCall(Duplex, this, options);
  // What is pushed comes of a write, not of `_read`.
  this._readableState.sync = false;
  this[kWaiting] = null;
  if (options) {
    if (typeof options.transform === 'function') this._transform = options.transform;
    if (typeof options.flush === 'function') this._flush = options.flush;
  }
  this.on('prefinish', flushUnlessFinal);
}
inherit(Transform, Duplex);

// A `_final` of the program's own stands in the way of the flush, so that is done before `finish`.
function flushUnlessFinal() {
  if (this._final !== flush) FunctionPrototypeCall(flush, this);
}

function flush(done) {
  const end = (error, rest) => {
    if (error) {
      if (done) done(error);
      else this.destroy(error);
      return;
    }
    if (rest !== undefined && rest !== null) this.push(rest);
    this.push(null);
    done?.();
  };
  if (typeof this._flush === 'function' && !this.destroyed) this._flush(end);
  else end();
}
method(Transform, '_final', flush);

method(Transform, '_transform', function _transform() {
  throw make('ERR_METHOD_NOT_IMPLEMENTED', '_transform()');
});

method(Transform, '_write', function _write(chunk, encoding, done) {
  const readable = this._readableState;
  const writable = this._writableState;
  const before = readable.length;
  this._transform(chunk, encoding, (error, result) => {
    if (error) return done(error);
    if (result !== undefined && result !== null) this.push(result);
    // Who writes waits until somebody reads.
    if (writable.ended || before === readable.length || readable.length < readable.highWaterMark) done();
    else this[kWaiting] = done;
  });
});

method(Transform, '_read', function _read() {
  const done = this[kWaiting];
  if (!done) return;
  this[kWaiting] = null;
  done();
});

function PassThrough(options) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  FunctionPrototypeCall(Transform, this, options);
}
inherit(PassThrough, Transform);
method(PassThrough, '_transform', function _transform(chunk, encoding, done) { done(null, chunk); });

exports.Transform = Transform;
exports.PassThrough = PassThrough;

// Two ends of one pipe: what is written into one is read from the other.
exports.duplexPair = (options) => {
  const ends = [];
  const kDone = Symbol('done');
  // The reader of an end lets the writer of the other go on.
  const goOn = (stream) => {
    const done = stream[kDone];
    stream[kDone] = null;
    done?.();
  };
  const make = (other) => new Duplex({
    __proto__: null,
    ...options,
    read() { goOn(ends[other]); },
    write(chunk, encoding, done) {
      // One without bytes would never be read, and nobody would go on.
      if (chunk.length === 0) return ops.tick(done, []);
      ends[other].push(chunk);
      this[kDone] = done;
    },
    final(done) {
      ends[other].on('end', done);
      ends[other].push(null);
    },
  });
  ends[0] = make(1);
  ends[1] = make(0);
  return ends;
};
