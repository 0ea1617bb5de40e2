// Writable streams: one chunk at a time is written, the others wait, and who writes is told to wait when there are too
// many.
//
// The states are those that Node documents: `writing` holds while `_write` has not answered, `ending` since `end` was
// called, `ended` when it has returned, `finished` when all was written and `finish` is due. `pendingcb` counts the
// callbacks that are owed.
'use strict';

const {
  ArrayPrototypePush, ArrayPrototypeSlice, FunctionPrototypeCall, FunctionPrototypeSymbolHasInstance, ObjectDefineProperty,
  SymbolHasInstance, StringPrototypeToLowerCase,
} = primordials;
const { make } = require('node/internal/errors');
const { Stream, assign, getter, inherit, isBuffer, isBytes, method, stateGetters, toBuffer } = require('node/internal/stream_base');
const life = require('node/internal/stream_life');
const { defaultEncoding, mark } = require('node/internal/stream_state');
const { finishMaybe, kOnFinished, tellFinished } = require('node/internal/stream_finish');

const { beginLife, construct, fail, takeLife } = life;
// Written requests leave holes at the start of the buffer; so many are closed at once.
const MAX_HOLES = 256;

const nothing = () => {};

function WritableState(options, stream, isDuplex) {
  this.objectMode = Boolean(options?.objectMode || (isDuplex && options?.writableObjectMode));
  this.highWaterMark = mark(this.objectMode, options, 'writableHighWaterMark', isDuplex);
  this.finalCalled = false;
  this.needDrain = false;
  this.ending = false;
  this.ended = false;
  this.finished = false;
  this.prefinished = false;
  this.decodeStrings = options?.decodeStrings !== false;
  this.defaultEncoding = defaultEncoding(options);
  this.length = 0;
  this.writing = false;
  this.corked = 0;
  this.bufferProcessing = false;
  this.onwrite = (error) => written(stream, error);
  this.writecb = null;
  this.writelen = 0;
  this.afterWriteTickInfo = null;
  this.afterWritePending = false;
  this.pendingcb = 0;
  this.buffered = [];
  this.bufferedIndex = 0;
  this.allBuffers = true;
  this[kOnFinished] = [];
  beginLife(this, options);
}
method(WritableState, 'getBuffer', function getBuffer() { return ArrayPrototypeSlice(this.buffered, this.bufferedIndex); });
getter(WritableState, 'bufferedRequestCount', function() { return this.buffered.length - this.bufferedIndex; });

function Writable(options) {
  const isDuplex = this instanceof require('node/internal/stream_duplex').Duplex;
  if (!isDuplex && !FunctionPrototypeSymbolHasInstance(Writable, this)) return new Writable(options);
  this._writableState = new WritableState(options, this, isDuplex);
  if (options) {
    if (typeof options.write === 'function') this._write = options.write;
    if (typeof options.writev === 'function') this._writev = options.writev;
    takeLife(this, options);
    if (typeof options.final === 'function') this._final = options.final;
    if (options.signal) require('node/internal/stream_abort').abortWith(options.signal, this);
  }
  FunctionPrototypeCall(Stream, this, options);
  construct(this, () => {
    if (!this._writableState.writing) writeBuffered(this, this._writableState);
    if (this._writableState.ending) finishMaybe(this, this._writableState);
  });
}
inherit(Writable, Stream);
life.common(Writable);
assign(Writable, 'WritableState', WritableState);
primordials.ObjectSetPrototypeOf(WritableState.prototype, null);

// Duplex streams have a state of this kind, and another parent.
ObjectDefineProperty(Writable, SymbolHasInstance, {
  __proto__: null,
  value(object) {
    if (FunctionPrototypeSymbolHasInstance(this, object)) return true;
    return this === Writable && object?._writableState instanceof WritableState;
  },
});

const sizeOf = (state, chunk) => state.objectMode ? 1 : chunk.length;

method(Writable, '_write', function _write(chunk, encoding, done) {
  if (!this._writev) throw make('ERR_METHOD_NOT_IMPLEMENTED', '_write()');
  this._writev([{ chunk, encoding }], done);
});
method(Writable, '_writev', null);

method(Writable, 'write', function write(chunk, encoding, callback) {
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  return accept(this, chunk, encoding, callback) === true;
});

// Takes a chunk: whether there is room for more, or the error that is told.
function accept(stream, chunk, encoding, callback) {
  const state = stream._writableState;
  if (typeof callback !== 'function') callback = nothing;
  if (chunk === null) throw make('ERR_STREAM_NULL_VALUES');
  if (!state.objectMode) {
    if (!encoding) encoding = state.defaultEncoding;
    else if (encoding !== 'buffer' && !require('node/buffer').Buffer.isEncoding(encoding)) throw make('ERR_UNKNOWN_ENCODING', encoding);
    if (typeof chunk === 'string') {
      if (state.decodeStrings) {
        chunk = require('node/buffer').Buffer.from(chunk, encoding);
        encoding = 'buffer';
      }
    } else if (isBytes(chunk)) {
      if (!isBuffer(chunk)) chunk = toBuffer(chunk);
      encoding = 'buffer';
    } else {
      throw make('ERR_INVALID_ARG_TYPE', 'chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk);
    }
  }
  let refused;
  if (state.ending) refused = make('ERR_STREAM_WRITE_AFTER_END');
  else if (state.destroyed) refused = make('ERR_STREAM_DESTROYED', 'write');
  if (refused !== undefined) {
    ops.tick(callback, [refused]);
    fail(stream, refused, true);
    return refused;
  }
  state.pendingcb++;
  return writeOrBuffer(stream, state, chunk, encoding, callback);
}

function writeOrBuffer(stream, state, chunk, encoding, callback) {
  const length = sizeOf(state, chunk);
  state.length += length;
  if (state.writing || state.corked || state.errored || !state.constructed) {
    ArrayPrototypePush(state.buffered, { chunk, encoding, callback });
    if (encoding !== 'buffer') state.allBuffers = false;
  } else {
    begin(state, length, callback);
    stream._write(chunk, encoding, state.onwrite);
    state.sync = false;
  }
  // What is written at once takes no room.
  const hasRoom = state.length < state.highWaterMark || state.length === 0;
  if (!hasRoom) state.needDrain = true;
  return hasRoom && !state.errored && !state.destroyed;
}

function begin(state, length, callback) {
  state.writelen = length;
  state.writecb = callback;
  state.writing = true;
  state.sync = true;
}

// `_write` has answered.
function written(stream, error) {
  const state = stream._writableState;
  const { sync, writecb: callback } = state;
  if (typeof callback !== 'function') return fail(stream, make('ERR_MULTIPLE_CALLBACK'));
  state.writing = false;
  state.writecb = null;
  state.length -= state.writelen;
  state.writelen = 0;
  if (error) {
    void error.stack;
    state.errored ||= error;
    if (stream._readableState && !stream._readableState.errored) stream._readableState.errored = error;
    if (sync) ops.tick(writeFailed, [stream, state, error, callback]);
    else writeFailed(stream, state, error, callback);
    return;
  }
  if (state.buffered.length > state.bufferedIndex) writeBuffered(stream, state);
  if (sync) afterWritesSoon(stream, state, callback);
  else afterWrites(stream, state, 1, callback);
}

// One tick tells of all writes that are done meanwhile and have the same callback; without one, and with nobody to
// tell, there is none.
function afterWritesSoon(stream, state, callback) {
  const pending = state.afterWriteTickInfo;
  // In object mode Node takes a tick always; programs see that in the order of `finish` and other events.
  const somebodyWaits = callback !== nothing || (state.needDrain && state.length === 0) || state.objectMode;
  if (callback !== nothing && pending?.callback === callback) {
    pending.count++;
  } else if (somebodyWaits && !(callback === nothing && state.afterWritePending)) {
    const info = { __proto__: null, count: 1, callback };
    if (callback !== nothing) state.afterWriteTickInfo = info;
    state.afterWritePending = true;
    ops.tick(() => {
      if (callback !== nothing) state.afterWriteTickInfo = null;
      state.afterWritePending = false;
      afterWrites(stream, state, info.count, callback);
    }, []);
  } else {
    state.pendingcb--;
    if (state.ending) finishMaybe(stream, state, true);
  }
}

function writeFailed(stream, state, error, callback) {
  state.pendingcb--;
  callback(error);
  // What waits is not written any more.
  refuseBuffered(state);
  fail(stream, error);
}

function afterWrites(stream, state, count, callback) {
  if (state.needDrain && !state.ending && !stream.destroyed && state.length === 0) {
    state.needDrain = false;
    stream.emit('drain');
  }
  while (count-- > 0) {
    state.pendingcb--;
    callback(null);
  }
  if (state.destroyed) refuseBuffered(state);
  if (state.ending) finishMaybe(stream, state, true);
}

function forget(state) {
  state.buffered = [];
  state.bufferedIndex = 0;
  state.allBuffers = true;
}

// Calls the callbacks of writes that will not be done, with the error.
function refuseBuffered(state) {
  if (state.writing) return;
  for (let index = state.bufferedIndex; index < state.buffered.length; index++) {
    const { chunk, callback } = state.buffered[index];
    state.length -= sizeOf(state, chunk);
    callback(state.errored ?? make('ERR_STREAM_DESTROYED', 'write'));
  }
  tellFinished(state, () => state.errored ?? make('ERR_STREAM_DESTROYED', 'end'));
  forget(state);
}

function writeBuffered(stream, state) {
  if (state.corked || state.bufferProcessing || state.destroyed || !state.constructed) return;
  const waiting = state.buffered.length - state.bufferedIndex;
  if (waiting === 0) return;
  state.bufferProcessing = true;
  if (waiting > 1 && stream._writev) writeAll(stream, state);
  else writeEach(stream, state);
  state.bufferProcessing = false;
}

function writeAll(stream, state) {
  const chunks = ArrayPrototypeSlice(state.buffered, state.bufferedIndex);
  state.pendingcb -= chunks.length - 1;
  chunks.allBuffers = state.allBuffers;
  const done = (error) => {
    for (let index = 0; index < chunks.length; index++) chunks[index].callback(error);
  };
  begin(state, state.length, done);
  if (state.destroyed) state.onwrite(make('ERR_STREAM_DESTROYED', 'write'));
  else stream._writev(chunks, state.onwrite);
  state.sync = false;
  forget(state);
}

function writeEach(stream, state) {
  const { buffered } = state;
  let at = state.bufferedIndex;
  do {
    const { chunk, encoding, callback } = buffered[at];
    buffered[at++] = null;
    begin(state, sizeOf(state, chunk), callback);
    if (state.destroyed) state.onwrite(make('ERR_STREAM_DESTROYED', 'write'));
    else stream._write(chunk, encoding, state.onwrite);
    state.sync = false;
  } while (at < buffered.length && !state.writing);
  if (at === buffered.length) {
    forget(state);
  } else if (at > MAX_HOLES) {
    state.buffered = ArrayPrototypeSlice(buffered, at);
    state.bufferedIndex = 0;
  } else {
    state.bufferedIndex = at;
  }
}

method(Writable, 'end', function end(chunk, encoding, callback) {
  const state = this._writableState;
  if (typeof chunk === 'function') {
    callback = chunk;
    chunk = encoding = null;
  } else if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  let refused;
  if (chunk !== null && chunk !== undefined) {
    const answer = accept(this, chunk, encoding);
    if (typeof answer === 'object') refused = answer;
  }
  if (state.corked) {
    state.corked = 1;
    this.uncork();
  }
  if (refused === undefined) {
    if (!state.errored && !state.ending) {
      state.ending = true;
      finishMaybe(this, state, true);
      state.ended = true;
    } else if (state.finished) {
      refused = make('ERR_STREAM_ALREADY_FINISHED', 'end');
    } else if (state.destroyed) {
      refused = make('ERR_STREAM_DESTROYED', 'end');
    }
  }
  if (typeof callback === 'function') {
    if (refused !== undefined) ops.tick(callback, [refused]);
    else if (state.errored) ops.tick(callback, [state.errored]);
    else if (state.finished) ops.tick(callback, [null]);
    else ArrayPrototypePush(state[kOnFinished], callback);
  }
  return this;
});

method(Writable, 'cork', function cork() { this._writableState.corked++; });
method(Writable, 'uncork', function uncork() {
  const state = this._writableState;
  if (state.corked === 0) return;
  state.corked--;
  if (!state.writing) writeBuffered(this, state);
});
method(Writable, 'setDefaultEncoding', function setDefaultEncoding(encoding) {
  if (typeof encoding === 'string') encoding = StringPrototypeToLowerCase(encoding);
  if (!require('node/buffer').Buffer.isEncoding(encoding)) throw make('ERR_UNKNOWN_ENCODING', encoding);
  this._writableState.defaultEncoding = encoding;
  return this;
});
method(Writable, 'pipe', function pipe() { fail(this, make('ERR_STREAM_CANNOT_PIPE')); });
method(Writable, 'destroy', function destroy(error, callback) {
  const state = this._writableState;
  if (!state.destroyed && (state.bufferedIndex < state.buffered.length || state[kOnFinished].length > 0)) ops.tick(refuseBuffered, [state]);
  FunctionPrototypeCall(life.destroy, this, error, callback);
  return this;
});

getter(Writable, 'writable', function() {
  const state = this._writableState;
  return Boolean(state) && state.writable !== false && !state.destroyed && !state.errored && !state.ending && !state.ended;
}, function(value) {
  if (this._writableState) this._writableState.writable = Boolean(value);
});
life.lifeGetters(Writable, '_writableState');
stateGetters(Writable, '_writableState', {
  __proto__: null,
  writableEnded: (state) => state.ending,
  writableFinished: (state) => state.finished,
  writableLength: (state) => state.length,
  writableHighWaterMark: (state) => state.highWaterMark,
  writableObjectMode: (state) => state.objectMode,
  writableNeedDrain: (state) => !state.destroyed && !state.ending && state.needDrain,
  writableCorked: (state) => state.corked,
  writableBuffer: (state) => state.getBuffer(),
  writableAborted: (state) => Boolean(state.writable !== false && (state.destroyed || state.errored) && !state.finished),
});

exports.Writable = Writable;
