// Readable streams: what is pushed is buffered up to a mark, and flows, or is read on demand, or iterated.
'use strict';

const {
  ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeShift, ArrayPrototypeSlice, ArrayPrototypeSplice, ArrayPrototypeUnshift, Error,
  FunctionPrototypeCall, Promise, SymbolAsyncIterator, SymbolIterator,
} = primordials;
const {
  Stream, aborted, asBuffer, beginLife, coded, common, construct, getter, inherit, method, stateGetters, takeLife,
} = require('node/internal/stream_base');

const MARK = { __proto__: null, bytes: 65536, objects: 16 };

function ReadableState(options, objectMode) {
  this.objectMode = objectMode;
  this.highWaterMark = options.readableHighWaterMark ?? options.highWaterMark ?? (objectMode ? MARK.objects : MARK.bytes);
  this.buffer = [];
  this.length = 0;
  this.pipes = [];
  this.flowing = null;
  this.ended = false;
  this.endEmitted = false;
  this.reading = false;
  this.scheduled = false;
  this.wantsReadable = false;
  beginLife(this, options);
  this.encoding = null;
  this.decoder = null;
  this.dataEmitted = false;
}

function Readable(options = {}) {
  if (!(this instanceof Readable)) return new Readable(options);
  FunctionPrototypeCall(Stream, this, options);
  options ??= {};
  this._readableState = new ReadableState(options, options.objectMode === true || options.readableObjectMode === true);
  if (typeof options.read === 'function') this._read = options.read;
  if (options.encoding) this.setEncoding(options.encoding);
  takeLife(this, options);
  if (this._isDuplex !== true) construct(this, () => schedule(this));
}
inherit(Readable, Stream);
common(Readable);

const size = (state, chunk) => state.objectMode ? 1 : chunk.length;

method(Readable, '_read', function _read() {
  throw coded(new Error('The _read() method is not implemented'), 'ERR_METHOD_NOT_IMPLEMENTED');
});

// Asks the source for more, if there is room.
function fill(stream) {
  const state = stream._readableState;
  if (state.reading || state.ended || state.destroyed || state.errored || !state.constructed) return;
  if (state.length >= state.highWaterMark && state.length > 0) return;
  state.reading = true;
  try {
    stream._read(state.highWaterMark);
  } catch (error) {
    stream.destroy(error);
  }
}

// Goes on when the JavaScript that executes now is done.
function schedule(stream) {
  const state = stream._readableState;
  if (state.scheduled) return;
  state.scheduled = true;
  ops.tick(() => {
    state.scheduled = false;
    go(stream);
  }, []);
}

function go(stream) {
  const state = stream._readableState;
  if (state.destroyed) return;
  if (state.flowing) {
    while (state.flowing && state.length > 0) emitData(stream, take(state));
    if (!state.flowing && state.length > 0) return;
    if (state.ended && state.length === 0) return end(stream);
    fill(stream);
    return;
  }
  if (state.wantsReadable && (state.length > 0 || state.ended)) {
    state.wantsReadable = false;
    stream.emit('readable');
  }
  if (state.ended && state.length === 0 && stream.listenerCount('readable') > 0) end(stream);
  else if (stream.listenerCount('readable') > 0) fill(stream);
}

function emitData(stream, chunk) {
  stream._readableState.dataEmitted = true;
  stream.emit('data', chunk);
}

function end(stream) {
  const state = stream._readableState;
  if (state.endEmitted || state.destroyed || state.errored) return;
  state.endEmitted = true;
  ops.tick(() => {
    if (state.errored || state.destroyed) return;
    stream.emit('end');
    const writable = stream._writableState;
    if (writable && stream.allowHalfOpen === false) stream.end();
    if (state.autoDestroy && (!writable || (writable.autoDestroy && writable.finished))) stream.destroy();
  }, []);
}

function add(stream, chunk, encoding, first) {
  const state = stream._readableState;
  if (!first) state.reading = false;
  if (chunk === null) {
    if (state.decoder) {
      const rest = state.decoder.end();
      if (rest) put(state, rest, false);
    }
    state.ended = true;
    schedule(stream);
    return false;
  }
  if (state.ended && !first) {
    stream.destroy(coded(new Error('stream.push() after EOF'), 'ERR_STREAM_PUSH_AFTER_EOF'));
    return false;
  }
  if (!state.objectMode) {
    if (chunk === undefined || chunk.length === 0) {
      schedule(stream);
      return true;
    }
    if (typeof chunk !== 'string' || state.encoding !== encoding || state.encoding === null) {
      chunk = asBuffer(chunk, encoding);
      if (state.decoder) chunk = state.decoder.write(chunk);
      if (chunk.length === 0) return true;
    }
  }
  put(state, chunk, first);
  schedule(stream);
  return state.length < state.highWaterMark;
}

function put(state, chunk, first) {
  if (first) ArrayPrototypeUnshift(state.buffer, chunk);
  else ArrayPrototypePush(state.buffer, chunk);
  state.length += size(state, chunk);
}

// The next chunk, or `count` bytes of what there is.
function take(state, count) {
  if (state.length === 0) return null;
  if (state.objectMode) {
    state.length--;
    return ArrayPrototypeShift(state.buffer);
  }
  if (count === undefined) {
    const chunk = ArrayPrototypeShift(state.buffer);
    state.length -= chunk.length;
    return chunk;
  }
  if (count > state.length) {
    if (!state.ended) return null;
    count = state.length;
  }
  const isText = typeof state.buffer[0] === 'string';
  let all = state.buffer[0];
  if (state.buffer.length > 1) {
    if (isText) all = primordials.ArrayPrototypeJoin(state.buffer, '');
    else all = require('node/buffer').Buffer.concat(state.buffer);
  }
  state.length -= count;
  state.buffer = count === all.length ? [] : [all.slice(count)];
  return count === all.length ? all : all.slice(0, count);
}

method(Readable, 'push', function push(chunk, encoding) { return add(this, chunk, encoding, false); });
method(Readable, 'unshift', function unshift(chunk, encoding) { return add(this, chunk, encoding, true); });

method(Readable, 'read', function read(count) {
  const state = this._readableState;
  if (count === 0) {
    fill(this);
    return null;
  }
  let wanted = count;
  if (wanted === undefined && !state.flowing) wanted = state.length || undefined;
  if (count > state.highWaterMark) state.highWaterMark = count;
  let chunk = take(state, wanted);
  if (state.length < state.highWaterMark || chunk === null) fill(this);
  chunk ??= take(state, count === undefined ? (state.length || undefined) : count);
  if (chunk === null) state.wantsReadable = true;
  else emitData(this, chunk);
  if (state.length === 0) {
    state.wantsReadable = true;
    if (state.ended) end(this);
  }
  return chunk;
});

method(Readable, 'on', function on(name, listener) {
  const result = FunctionPrototypeCall(Stream.prototype.on, this, name, listener);
  const state = this._readableState;
  if (name === 'data' && state.flowing !== false && this.listenerCount('readable') === 0) this.resume();
  if (name === 'readable') {
    state.flowing = false;
    state.wantsReadable = true;
    schedule(this);
  }
  return result;
});
method(Readable, 'addListener', Readable.prototype.on);

method(Readable, 'resume', function resume() {
  const state = this._readableState;
  if (state.flowing !== true) {
    state.flowing = this.listenerCount('readable') === 0;
    this.emit('resume');
  }
  schedule(this);
  return this;
});
method(Readable, 'pause', function pause() {
  if (this._readableState.flowing !== false) {
    this._readableState.flowing = false;
    this.emit('pause');
  }
  return this;
});
method(Readable, 'isPaused', function isPaused() { return this._readableState.flowing === false; });
method(Readable, 'setEncoding', function setEncoding(encoding) {
  const { StringDecoder } = require('node/string_decoder');
  const state = this._readableState;
  state.decoder = new StringDecoder(encoding);
  state.encoding = state.decoder.encoding;
  const waiting = state.buffer;
  state.buffer = [];
  state.length = 0;
  for (let index = 0; index < waiting.length; index++) put(state, state.decoder.write(waiting[index]), false);
  return this;
});

method(Readable, 'pipe', function pipe(target, options) {
  const state = this._readableState;
  const onData = (chunk) => {
    if (target.write(chunk) === false) this.pause();
  };
  const onDrain = () => this.resume();
  const onEnd = () => target.end();
  const cleanup = () => {
    this.removeListener('data', onData);
    this.removeListener('end', onEnd);
    target.removeListener('drain', onDrain);
    target.removeListener('close', cleanup);
    const at = ArrayPrototypeIndexOf(state.pipes, pipe);
    if (at >= 0) ArrayPrototypeSplice(state.pipes, at, 1);
    target.emit('unpipe', this);
  };
  const pipe = { __proto__: null, target, cleanup };
  ArrayPrototypePush(state.pipes, pipe);
  this.on('data', onData);
  target.on('drain', onDrain);
  target.on('close', cleanup);
  if (options?.end !== false) this.once('end', onEnd);
  target.emit('pipe', this);
  if (state.flowing !== true) this.resume();
  return target;
});
method(Readable, 'unpipe', function unpipe(target) {
  const pipes = ArrayPrototypeSlice(this._readableState.pipes);
  for (let index = 0; index < pipes.length; index++) {
    if (target === undefined || pipes[index].target === target) pipes[index].cleanup();
  }
  if (this._readableState.pipes.length === 0) this.pause();
  return this;
});

async function* iterate(stream, keep) {
  const { finished } = require('node/internal/stream_pipeline');
  let wake;
  let over;
  const onReadable = () => wake?.();
  stream.on('readable', onReadable);
  finished(stream, { __proto__: null, writable: false }, (error) => {
    over = error ?? null;
    wake?.();
  });
  let failed = true;
  try {
    for (;;) {
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) yield chunk;
      else if (over) throw over;
      else if (over === null) break;
      else await new Promise((resolve) => { wake = resolve; });
      wake = undefined;
    }
    failed = false;
  } finally {
    stream.removeListener('readable', onReadable);
    if (failed && !keep) stream.destroy();
  }
}
method(Readable, SymbolAsyncIterator, function() { return iterate(this, false); });
method(Readable, 'iterator', function iterator(options) { return iterate(this, options?.destroyOnReturn === false); });
method(Readable, 'toArray', async function toArray() {
  const all = [];
  for await (const chunk of iterate(this, false)) ArrayPrototypePush(all, chunk);
  return all;
});
method(Readable, 'forEach', async function forEach(fn) {
  for await (const chunk of iterate(this, false)) await fn(chunk);
});
method(Readable, 'map', function map(fn) {
  const source = this;
  return Readable.from((async function* () { for await (const chunk of source) yield await fn(chunk); })());
});
method(Readable, 'filter', function filter(fn) {
  const source = this;
  return Readable.from((async function* () { for await (const chunk of source) if (await fn(chunk)) yield chunk; })());
});

getter(Readable, 'readable', function() {
  const state = this._readableState;
  return state !== undefined && this._readableHidden !== true && !state.destroyed && !state.errored && !state.endEmitted;
}, function() {});
getter(Readable, 'readableFlowing', function() { return this._readableState.flowing; }, function(value) {
  this._readableState.flowing = value;
});
stateGetters(Readable, 'readable', '_readableState', {
  Ended: 'endEmitted', Length: 'length', HighWaterMark: 'highWaterMark', ObjectMode: 'objectMode', Encoding: 'encoding',
  Aborted: (state) => aborted(state) && !state.endEmitted, DidRead: 'dataEmitted',
});

Readable.from = function from(iterable, options) {
  if (typeof iterable === 'string' || iterable instanceof primordials.Uint8Array) iterable = [iterable];
  const iterator = iterable[SymbolAsyncIterator]?.() ?? iterable[SymbolIterator]();
  return new Readable({
    objectMode: true,
    ...options,
    async read() {
      try {
        const { value, done } = await iterator.next();
        this.push(done ? null : await value);
      } catch (error) {
        this.destroy(error);
      }
    },
    destroy(error, done) {
      const closing = typeof iterator.return === 'function' ? iterator.return() : undefined;
      primordials.PromisePrototypeThen(primordials.PromiseResolve(closing), () => done(error), (other) => done(error ?? other));
    },
  });
};

exports.Readable = Readable;
exports.schedule = schedule;
