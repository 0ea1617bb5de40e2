// What all streams share: the class Stream, and how a stream is destroyed.
'use strict';

const {
  ArrayPrototypePush, Error, FunctionPrototypeCall, ObjectDefineProperty, ObjectGetOwnPropertyDescriptors, ObjectKeys,
  ObjectSetPrototypeOf, SymbolAsyncDispose, TypedArrayPrototypeGetSymbolToStringTag, TypeError, Uint8Array,
} = primordials;
const EventEmitter = require('node/events');

function coded(error, code) {
  error.code = code;
  return error;
}

function Stream(options) {
  FunctionPrototypeCall(EventEmitter, this, options);
}
function inherit(Class, Parent) {
  ObjectSetPrototypeOf(Class.prototype, Parent.prototype);
  ObjectSetPrototypeOf(Class, Parent);
}
inherit(Stream, EventEmitter);

// Both sides of a stream are destroyed at once.
function destroy(error, callback) {
  const sides = [];
  if (this._readableState) ArrayPrototypePush(sides, this._readableState);
  if (this._writableState) ArrayPrototypePush(sides, this._writableState);
  if (sides[0]?.destroyed) {
    if (typeof callback === 'function') callback(error);
    return this;
  }
  const fail = (reason) => {
    for (let index = 0; index < sides.length; index++) sides[index].errored ??= reason;
  };
  for (let index = 0; index < sides.length; index++) sides[index].destroyed = true;
  if (error) fail(error);
  let called = false;
  const done = (later) => {
    if (called) return;
    called = true;
    const reason = later ?? error ?? null;
    if (reason) fail(reason);
    if (typeof callback === 'function') callback(reason);
    ops.tick(() => {
      for (let index = 0; index < sides.length; index++) sides[index].closed = true;
      try {
        if (reason && !sides[0]?.errorEmitted) {
          for (let index = 0; index < sides.length; index++) sides[index].errorEmitted = true;
          this.emit('error', reason);
        }
      } finally {
        if (sides[0]?.emitClose !== false) this.emit('close');
      }
    }, []);
  };
  try {
    this._destroy(error ?? null, done);
  } catch (thrown) {
    done(thrown);
  }
  return this;
}

Stream.prototype.pipe = function pipe(target) {
  this.on('data', (chunk) => { if (target.write(chunk) === false) this.pause?.(); });
  target.on('drain', () => this.resume?.());
  this.on('end', () => target.end?.());
  target.emit('pipe', this);
  return target;
};

// A method for `Class` that user code may replace, but does not list.
function method(Class, name, value) {
  ObjectDefineProperty(Class.prototype, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

function getter(Class, name, get, set) {
  ObjectDefineProperty(Class.prototype, name, { __proto__: null, get, set, enumerable: false, configurable: true });
}

// Getters that begin with `prefix` and read the state of that name: a field of it, or what a function says of it.
function stateGetters(Class, prefix, name, fields) {
  const keys = ObjectKeys(fields);
  for (let index = 0; index < keys.length; index++) {
    const field = fields[keys[index]];
    const read = typeof field === 'function' ? field : (state) => state[field];
    getter(Class, prefix + keys[index], function() { return read(this[name]); });
  }
}

const aborted = (state) => state.destroyed || state.errored !== null;

function asBuffer(chunk, encoding) {
  const { Buffer } = require('node/buffer');
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding);
  if (chunk instanceof Buffer) return chunk;
  if (TypedArrayPrototypeGetSymbolToStringTag(chunk) !== undefined) {
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  const error = new TypeError('The "chunk" argument must be of type string or an instance of Buffer, TypedArray, or DataView. ' +
    `Received ${ops.brief(chunk)}`);
  throw coded(error, 'ERR_INVALID_ARG_TYPE');
}

// Gives `Class` the methods of `From` that it has not.
function mix(Class, From) {
  const found = ObjectGetOwnPropertyDescriptors(From.prototype);
  for (const name in found) {
    if (name !== 'constructor' && !primordials.ObjectPrototypeHasOwnProperty(Class.prototype, name)) {
      ObjectDefineProperty(Class.prototype, name, { __proto__: null, ...found[name] });
    }
  }
}

// What both kinds have.
function common(Class) {
  method(Class, 'destroy', destroy);
  method(Class, '_destroy', function _destroy(error, done) { done(error); });
  method(Class, SymbolAsyncDispose, function() {
    const error = this.destroyed ? null : coded(new Error('The operation was aborted'), 'ABORT_ERR');
    if (error) error.name = 'AbortError';
    return new primordials.Promise((resolve) => {
      this.once('close', resolve);
      this.once('error', () => {});
      this.destroy(this.readableEnded || this.writableFinished ? null : error);
    });
  });
  getter(Class, 'destroyed', function() { return (this._readableState ?? this._writableState).destroyed; });
  getter(Class, 'closed', function() { return (this._readableState ?? this._writableState).closed; });
  getter(Class, 'errored', function() { return (this._readableState ?? this._writableState).errored; });
}

// What both kinds of state know of the stream's life.
function beginLife(state, options) {
  state.constructed = true;
  state.destroyed = false;
  state.closed = false;
  state.errored = null;
  state.errorEmitted = false;
  state.emitClose = options.emitClose !== false;
  state.autoDestroy = options.autoDestroy !== false;
}

// What options may replace in both kinds of stream.
function takeLife(stream, options) {
  if (typeof options.destroy === 'function') stream._destroy = options.destroy;
  if (typeof options.construct === 'function') stream._construct = options.construct;
  if (options.signal) require('node/internal/stream_pipeline').addAbortSignal(options.signal, stream);
}

// Lets a stream prepare itself before it is used.
function construct(stream, ready) {
  const sides = [stream._readableState, stream._writableState];
  const set = (value) => {
    for (let index = 0; index < sides.length; index++) if (sides[index]) sides[index].constructed = value;
  };
  if (typeof stream._construct !== 'function') return;
  set(false);
  ops.tick(() => {
    const done = (error) => {
      set(true);
      if (error) stream.destroy(error);
      else ops.tick(ready, []);
    };
    try {
      stream._construct(done);
    } catch (error) {
      done(error);
    }
  }, []);
}

const isBytes = (chunk) => chunk instanceof Uint8Array;

module.exports = {
  __proto__: null, Stream, aborted, asBuffer, beginLife, coded, common, construct, getter, inherit, isBytes, method, mix,
  stateGetters, takeLife,
};
