// Writable streams: one chunk at a time is written, the others wait, and who writes is told to wait when there are too many.
'use strict';

const { ArrayPrototypePush, ArrayPrototypeShift, Error, FunctionPrototypeCall, SymbolHasInstance, TypeError } = primordials;
const {
  Stream, aborted, asBuffer, beginLife, coded, common, construct, getter, inherit, method, stateGetters, takeLife,
} = require('node/internal/stream_base');

function WritableState(options, objectMode) {
  this.objectMode = objectMode;
  this.highWaterMark = options.writableHighWaterMark ?? options.highWaterMark ?? (objectMode ? 16 : 65536);
  this.decodeStrings = options.decodeStrings !== false;
  this.defaultEncoding = options.defaultEncoding ?? 'utf8';
  this.buffered = [];
  this.length = 0;
  this.writing = false;
  this.corked = 0;
  this.needDrain = false;
  this.ending = false;
  this.finalCalled = false;
  this.finished = false;
  beginLife(this, options);
}

function Writable(options = {}) {
  if (!(this instanceof Writable)) return new Writable(options);
  FunctionPrototypeCall(Stream, this, options);
  init(this, options ?? {});
  construct(this, () => next(this));
}
inherit(Writable, Stream);
common(Writable);

// Duplex streams have a state of this kind, and another parent.
primordials.ObjectDefineProperty(Writable, SymbolHasInstance, {
  __proto__: null,
  value(object) {
    if (primordials.FunctionPrototypeSymbolHasInstance(this, object)) return true;
    return this === Writable && object?._writableState instanceof WritableState;
  },
});

function init(stream, options) {
  stream._writableState = new WritableState(options, options.objectMode === true || options.writableObjectMode === true);
  if (typeof options.write === 'function') stream._write = options.write;
  if (typeof options.writev === 'function') stream._writev = options.writev;
  if (typeof options.final === 'function') stream._final = options.final;
  takeLife(stream, options);
}

method(Writable, '_write', function _write(chunk, encoding, done) {
  if (typeof this._writev !== 'function') {
    throw coded(new Error('The _write() method is not implemented'), 'ERR_METHOD_NOT_IMPLEMENTED');
  }
  this._writev([{ chunk, encoding }], done);
});

method(Writable, 'write', function write(chunk, encoding, callback) {
  const state = this._writableState;
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = undefined;
  }
  encoding ??= state.defaultEncoding;
  if (chunk === null) throw coded(new TypeError('May not write null values to stream'), 'ERR_STREAM_NULL_VALUES');
  if (!state.objectMode) {
    if (typeof chunk !== 'string' || state.decodeStrings) {
      chunk = asBuffer(chunk, encoding);
      encoding = 'buffer';
    }
  }
  let refused;
  if (state.ending) refused = coded(new Error('write after end'), 'ERR_STREAM_WRITE_AFTER_END');
  else if (state.destroyed) refused = coded(new Error('Cannot call write after a stream was destroyed'), 'ERR_STREAM_DESTROYED');
  if (refused !== undefined) {
    if (callback !== undefined) ops.tick(callback, [refused]);
    if (!state.destroyed) this.destroy(refused);
    return false;
  }
  state.length += state.objectMode ? 1 : chunk.length;
  ArrayPrototypePush(state.buffered, { chunk, encoding, callback });
  const room = state.length < state.highWaterMark;
  if (!room) state.needDrain = true;
  next(this);
  return room && !state.errored && !state.destroyed;
});

// Writes what waits, if nothing is being written. What is done at once lets the next go at once; callbacks come later all the same.
function next(stream) {
  while (writeNext(stream));
}

function writeNext(stream) {
  const state = stream._writableState;
  if (state.writing || state.corked > 0 || state.destroyed || state.errored || !state.constructed) return false;
  if (state.buffered.length === 0) {
    finishSoon(stream);
    return false;
  }
  let batch;
  if (state.buffered.length > 1 && typeof stream._writev === 'function') {
    batch = state.buffered;
    state.buffered = [];
  } else {
    batch = [ArrayPrototypeShift(state.buffered)];
  }
  let count = 0;
  for (let index = 0; index < batch.length; index++) count += state.objectMode ? 1 : batch[index].chunk.length;
  state.writing = true;
  let sync = true;
  let called = false;
  let failed = false;
  const done = (error) => {
    if (called) return void stream.destroy(coded(new Error('Callback called multiple times'), 'ERR_MULTIPLE_CALLBACK'));
    called = true;
    failed = !!error;
    state.writing = false;
    state.length -= count;
    if (sync) ops.tick(written, [stream, batch, error]);
    else written(stream, batch, error);
  };
  try {
    if (batch.length > 1) stream._writev(batch, done);
    else stream._write(batch[0].chunk, batch[0].encoding, done);
  } catch (error) {
    done(error);
  }
  sync = false;
  return called && !failed;
}

function written(stream, batch, error) {
  const state = stream._writableState;
  if (error) {
    state.errored ??= error;
    for (let index = 0; index < batch.length; index++) batch[index].callback?.(error);
    const waiting = state.buffered;
    state.buffered = [];
    for (let index = 0; index < waiting.length; index++) waiting[index].callback?.(error);
    stream.destroy(error);
    return;
  }
  for (let index = 0; index < batch.length; index++) batch[index].callback?.(null);
  if (state.needDrain && state.length === 0 && !state.ending && !state.destroyed) {
    state.needDrain = false;
    stream.emit('drain');
  }
  next(stream);
}

function finishSoon(stream) {
  const state = stream._writableState;
  if (!state.ending || state.finalCalled || state.length > 0) return;
  state.finalCalled = true;
  const finish = (error) => {
    if (error) return void stream.destroy(error);
    if (state.destroyed) return;
    state.finished = true;
    ops.tick(() => {
      if (state.destroyed && state.errored) return;
      stream.emit('finish');
      const readable = stream._readableState;
      if (state.autoDestroy && (!readable || (readable.autoDestroy && readable.endEmitted))) stream.destroy();
    }, []);
  };
  if (typeof stream._final !== 'function') return finish();
  ops.tick(() => {
    try {
      stream._final(finish);
    } catch (error) {
      finish(error);
    }
  }, []);
}

method(Writable, 'end', function end(chunk, encoding, callback) {
  if (typeof chunk === 'function') {
    callback = chunk;
    chunk = undefined;
  } else if (typeof encoding === 'function') {
    callback = encoding;
    encoding = undefined;
  }
  const state = this._writableState;
  if (chunk !== undefined && chunk !== null) this.write(chunk, encoding);
  state.corked = 0;
  if (typeof callback === 'function') {
    if (state.finished || state.destroyed) {
      const error = state.errored ?? (state.ending ? coded(new Error('Cannot call end after a stream was finished'), 'ERR_STREAM_ALREADY_FINISHED') : null);
      ops.tick(callback, [state.finished ? error : state.errored ?? error]);
    } else {
      const onFinish = () => {
        this.removeListener('error', onError);
        callback(null);
      };
      const onError = (error) => {
        this.removeListener('finish', onFinish);
        callback(error);
      };
      this.once('finish', onFinish);
      this.prependOnceListener('error', onError);
    }
  }
  state.ending = true;
  next(this);
  return this;
});
method(Writable, 'cork', function cork() { this._writableState.corked++; });
method(Writable, 'uncork', function uncork() {
  if (this._writableState.corked > 0) this._writableState.corked--;
  next(this);
});
method(Writable, 'setDefaultEncoding', function setDefaultEncoding(encoding) {
  this._writableState.defaultEncoding = encoding;
  return this;
});
method(Writable, 'pipe', function pipe() {
  this.destroy(coded(new Error('Cannot pipe, not readable'), 'ERR_STREAM_CANNOT_PIPE'));
});

getter(Writable, 'writable', function() {
  const state = this._writableState;
  return state !== undefined && this._writableHidden !== true && !state.destroyed && !state.errored && !state.ending;
}, function() {});
stateGetters(Writable, 'writable', '_writableState', {
  Ended: 'ending', Finished: 'finished', Length: 'length', HighWaterMark: 'highWaterMark', ObjectMode: 'objectMode',
  NeedDrain: 'needDrain', Corked: 'corked', Aborted: (state) => aborted(state) && !state.finished,
});

exports.Writable = Writable;
exports.init = init;
exports.next = next;
