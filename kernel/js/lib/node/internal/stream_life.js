// The life of a stream, common to both sides: it is constructed, may fail, is destroyed, and closes.
//
// Each step is told in a tick of its own, so that whoever made the stream can listen first.
'use strict';

const { AggregateError, ErrorCaptureStackTrace, Promise, Symbol, SymbolAsyncDispose } = primordials;
const { abortError, make } = require('node/internal/errors');
const { getter, method } = require('node/internal/stream_base');
const { isDestroyed, isFinished, kDestroyed } = require('node/internal/stream_state');

const kConstruct = Symbol('kConstruct');
const kDestroy = Symbol('kDestroy');

// What both kinds of state know of the stream's life.
function beginLife(state, options) {
  state.constructed = true;
  state.sync = true;
  state.destroyed = false;
  state.errored = null;
  state.errorEmitted = false;
  state.closed = false;
  state.closeEmitted = false;
  state.emitClose = !options || options.emitClose !== false;
  state.autoDestroy = !options || options.autoDestroy !== false;
}

// Does `act` with the states of both sides.
function sides(stream, act) {
  if (stream._writableState) act(stream._writableState);
  if (stream._readableState) act(stream._readableState);
}
const either = (stream, field) => Boolean(stream._writableState?.[field] || stream._readableState?.[field]);

// Keeps the first error of each side. Its stack is written now, while it is short.
function remember(stream, error) {
  if (!error) return;
  void error.stack;
  sides(stream, (state) => { state.errored ||= error; });
}

// One error of two that came of the same cause.
function bothErrors(inner, outer) {
  if (!inner || !outer || inner === outer) return inner || outer;
  if (primordials.ArrayIsArray(outer.errors)) {
    primordials.ArrayPrototypePush(outer.errors, inner);
    return outer;
  }
  const error = new AggregateError([outer, inner], outer.message);
  error.code = outer.code;
  ErrorCaptureStackTrace(error, bothErrors);
  return error;
}

function destroy(error, callback) {
  if (either(this, 'destroyed')) {
    if (typeof callback === 'function') callback();
    return this;
  }
  remember(this, error);
  sides(this, (state) => { state.destroyed = true; });
  const state = this._writableState || this._readableState;
  if (state.constructed) release(this, error, callback);
  else this.once(kDestroy, (other) => release(this, bothErrors(other, error), callback));
  return this;
}

// Lets the stream free what it holds, and then says that it closed.
function release(stream, error, callback) {
  let called = false;
  const done = (reason) => {
    if (called) return;
    called = true;
    remember(stream, reason);
    sides(stream, (state) => { state.closed = true; });
    if (typeof callback === 'function') callback(reason);
    ops.tick(tellClose, [stream, reason]);
  };
  try {
    stream._destroy(error || null, done);
  } catch (thrown) {
    done(thrown);
  }
}

function tellClose(stream, reason) {
  if (reason) tellError(stream, reason);
  sides(stream, (state) => { state.closeEmitted = true; });
  if (either(stream, 'emitClose')) stream.emit('close');
}

function tellError(stream, error) {
  if (either(stream, 'errorEmitted')) return;
  sides(stream, (state) => { state.errorEmitted = true; });
  stream.emit('error', error);
}

// The stream failed: that destroys it, or is only told where it is not to destroy itself.
function fail(stream, error, later = false) {
  if (either(stream, 'destroyed')) return;
  if (either(stream, 'autoDestroy')) {
    stream.destroy(error);
  } else if (error) {
    remember(stream, error);
    if (later) ops.tick(tellError, [stream, error]);
    else tellError(stream, error);
  }
}

// Lets a stream prepare itself before it is used; then `ready`. Both sides of a duplex stream wait for the same
// preparation.
function construct(stream, ready) {
  if (typeof stream._construct !== 'function') return;
  sides(stream, (state) => { state.constructed = false; });
  stream.once(kConstruct, ready);
  if (stream.listenerCount(kConstruct) === 1) ops.tick(prepare, [stream]);
}

function prepare(stream) {
  let called = false;
  const done = (error) => {
    if (called) return fail(stream, error ?? make('ERR_MULTIPLE_CALLBACK'));
    called = true;
    sides(stream, (state) => { state.constructed = true; });
    if (either(stream, 'destroyed')) stream.emit(kDestroy, error);
    else if (error) fail(stream, error, true);
    else stream.emit(kConstruct);
  };
  const later = (error) => ops.tick(done, [error]);
  try {
    stream._construct(later);
  } catch (error) {
    later(error);
  }
}

// Destroys a stream of anybody's making.
function destroyAny(stream, error) {
  if (!stream || isDestroyed(stream)) return;
  if (!error && !isFinished(stream)) error = abortError();
  if (typeof stream.destroy === 'function') stream.destroy(error);
  else if (typeof stream.close === 'function') stream.close();
  if (!stream.destroyed) stream[kDestroyed] = true;
}

// A Duplex that is used again, as some old ones do.
function revive() {
  const readable = this._readableState;
  const writable = this._writableState;
  sides(this, (state) => {
    state.constructed = true;
    state.closed = state.closeEmitted = state.destroyed = state.errorEmitted = false;
    state.errored = null;
  });
  if (readable) {
    readable.reading = false;
    readable.ended = readable.endEmitted = readable.readable === false;
  }
  if (writable) {
    writable.finalCalled = writable.prefinished = false;
    writable.ended = writable.ending = writable.finished = writable.writable === false;
  }
}

// What options may replace in both kinds of stream.
function takeLife(stream, options) {
  if (typeof options.destroy === 'function') stream._destroy = options.destroy;
  if (typeof options.construct === 'function') stream._construct = options.construct;
}

// What both kinds have.
function common(Class) {
  method(Class, 'destroy', destroy);
  method(Class, '_undestroy', revive);
  method(Class, '_destroy', function _destroy(error, done) { done(error); });
  method(Class, primordials.SymbolFor('nodejs.rejection'), function(error) { this.destroy(error); });
  method(Class, SymbolAsyncDispose, function() {
    let error = null;
    if (!this.destroyed) {
      error = (this._readableState ? this.readableEnded : this.writableFinished) ? null : abortError();
      this.destroy(error);
    }
    const { finished } = require('node/internal/stream_finished');
    return new Promise((resolve, reject) => {
      finished(this, (reason) => reason && reason !== error ? reject(reason) : resolve(null));
    });
  });
}

// The getters of a class with one side.
function lifeGetters(Class, field) {
  getter(Class, 'destroyed', function() { return this[field] ? this[field].destroyed : false; }, function(value) {
    if (this[field]) this[field].destroyed = value;
  });
  getter(Class, 'closed', function() { return this[field] ? this[field].closed : false; });
  getter(Class, 'errored', function() { return this[field] ? this[field].errored : null; });
}

module.exports = { __proto__: null, beginLife, bothErrors, common, construct, destroyAny, destroy, fail, lifeGetters, takeLife };
