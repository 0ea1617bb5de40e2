// Readable streams: what is pushed is buffered up to a mark, and flows, or is read on demand, or iterated.
//
// The states are those that Node documents: `flowing` is null until somebody wants data, false while it is paused, true
// while it flows; `reading` holds while `_read` was asked and has not answered; `needReadable` says that somebody waits
// for `readable`.
'use strict';

const { FunctionPrototypeCall, NumberIsInteger, NumberParseInt, Symbol } = primordials;
const { make } = require('node/internal/errors');
const { Stream, assign, getter, inherit, isBuffer, isBytes, method, stateGetters, toBuffer } = require('node/internal/stream_base');
const { ChunkList } = require('node/internal/stream_chunks');
const { beginLife, common, construct, fail, lifeGetters, takeLife } = require('node/internal/stream_life');
const { defaultEncoding, mark } = require('node/internal/stream_state');

const kPaused = Symbol('kPaused');
// No buffer of one stream is to be larger.
const LARGEST_MARK = 0x40000000;

function ReadableState(options, isDuplex) {
  this.objectMode = Boolean(options?.objectMode || (isDuplex && options?.readableObjectMode));
  this.highWaterMark = mark(this.objectMode, options, 'readableHighWaterMark', isDuplex);
  this.buffer = new ChunkList();
  this.length = 0;
  this.pipes = [];
  this.flowing = null;
  this.ended = false;
  this.endEmitted = false;
  this.reading = false;
  beginLife(this, options);
  this.needReadable = false;
  this.emittedReadable = false;
  this.readableListening = false;
  this.dataListening = false;
  this.resumeScheduled = false;
  this.readingMore = false;
  this.dataEmitted = false;
  // Who asked for a pause: a stream, or where several are written to, a set of them.
  this.awaitDrainWriters = null;
  this.multiAwaitDrain = false;
  this.defaultEncoding = defaultEncoding(options);
  this.decoder = null;
  this.encoding = null;
  this[kPaused] = null;
  if (options?.encoding) decodeAs(this, options.encoding);
}
getter(ReadableState, 'pipesCount', function() { return this.pipes.length; });
getter(ReadableState, 'paused', function() { return this[kPaused] !== false; }, function(value) {
  this[kPaused] = Boolean(value);
});

function Readable(options) {
  if (!(this instanceof Readable)) return new Readable(options);
  const isDuplex = this instanceof require('node/internal/stream_duplex').Duplex;
  this._readableState = new ReadableState(options, isDuplex);
  if (options) {
    if (typeof options.read === 'function') this._read = options.read;
    takeLife(this, options);
    if (options.signal && !isDuplex) require('node/internal/stream_abort').abortWith(options.signal, this);
  }
  FunctionPrototypeCall(Stream, this, options);
  construct(this, () => {
    if (this._readableState.needReadable) readMoreSoon(this, this._readableState);
  });
}
inherit(Readable, Stream);
common(Readable);
assign(Readable, 'ReadableState', ReadableState);
// What is kept in a state meets no setter of a program's.
primordials.ObjectSetPrototypeOf(ReadableState.prototype, null);

method(Readable, '_read', function _read() {
  throw make('ERR_METHOD_NOT_IMPLEMENTED', '_read()');
});

// A reader took something: who asked for a pause asks again.
function nobodyWaits(state) {
  if (state.multiAwaitDrain) state.awaitDrainWriters.clear();
  else state.awaitDrainWriters = null;
}

const sizeOf = (state, chunk) => state.objectMode ? 1 : chunk.length;

method(Readable, 'push', function push(chunk, encoding) { return add(this, chunk, encoding, false); });
method(Readable, 'unshift', function unshift(chunk, encoding) { return add(this, chunk, encoding, true); });

// Whether there is room for more after this chunk.
function add(stream, chunk, encoding, first) {
  const state = stream._readableState;
  let decoded = false;
  let wrong;
  if (!state.objectMode && chunk !== null && chunk !== undefined) {
    if (typeof chunk === 'string') {
      decoded = (encoding || state.defaultEncoding) === state.encoding;
      if (!decoded) {
        chunk = require('node/buffer').Buffer.from(chunk, encoding || state.defaultEncoding);
        if (first && state.encoding) chunk = chunk.toString(state.encoding);
      }
    } else if (!isBuffer(chunk)) {
      if (isBytes(chunk)) chunk = toBuffer(chunk);
      else wrong = make('ERR_INVALID_ARG_TYPE', 'chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk);
    }
  } else if (typeof chunk === 'string') {
    decoded = Boolean(encoding);
  }
  if (wrong !== undefined) {
    fail(stream, wrong);
    return false;
  }
  if (chunk === null) {
    state.reading = false;
    endOfInput(stream, state);
  } else if (!state.objectMode && !(chunk?.length > 0)) {
    if (!first) {
      state.reading = false;
      readMoreSoon(stream, state);
    }
  } else if (first) {
    if (state.endEmitted) fail(stream, make('ERR_STREAM_UNSHIFT_AFTER_END_EVENT'));
    else if (state.destroyed || state.errored) return false;
    else keep(stream, state, chunk, true);
  } else if (state.ended) {
    fail(stream, make('ERR_STREAM_PUSH_AFTER_EOF'));
    return false;
  } else if (state.destroyed || state.errored) {
    return false;
  } else {
    state.reading = false;
    if (state.decoder && !decoded) {
      chunk = state.decoder.write(chunk);
      if (state.objectMode || chunk.length !== 0) keep(stream, state, chunk, false);
      else readMoreSoon(stream, state);
    } else {
      keep(stream, state, chunk, false);
    }
  }
  return !state.ended && (state.length < state.highWaterMark || state.length === 0);
}

// A chunk that is there: told at once where the stream flows and nothing is before it, else buffered.
function keep(stream, state, chunk, first) {
  if (state.flowing && state.length === 0 && !state.sync && state.dataListening) {
    nobodyWaits(state);
    state.dataEmitted = true;
    stream.emit('data', chunk);
  } else {
    state.length += sizeOf(state, chunk);
    if (first) state.buffer.unshift(chunk);
    else state.buffer.push(chunk);
    if (state.needReadable) tellReadableSoon(stream);
  }
  readMoreSoon(stream, state);
}

function endOfInput(stream, state) {
  if (state.ended) return;
  if (state.decoder) {
    const rest = state.decoder.end();
    if (rest?.length) {
      state.buffer.push(rest);
      state.length += sizeOf(state, rest);
    }
  }
  state.ended = true;
  if (state.sync) {
    // Within `_read`: who called `read` may take what there is before that.
    tellReadableSoon(stream);
  } else {
    state.needReadable = false;
    state.emittedReadable = true;
    tellReadable(stream);
  }
}

function tellReadableSoon(stream) {
  const state = stream._readableState;
  state.needReadable = false;
  if (state.emittedReadable) return;
  state.emittedReadable = true;
  ops.tick(tellReadable, [stream]);
}

function tellReadable(stream) {
  const state = stream._readableState;
  if (!state.destroyed && !state.errored && (state.length || state.ended)) {
    stream.emit('readable');
    state.emittedReadable = false;
  }
  // Told again when more has come: not while it flows, nor at the end, nor while enough waits.
  state.needReadable = !state.flowing && !state.ended && state.length <= state.highWaterMark;
  flow(stream);
}

// Fills the buffer ahead of its reader.
function readMoreSoon(stream, state) {
  if (state.readingMore || !state.constructed) return;
  state.readingMore = true;
  ops.tick(readMore, [stream, state]);
}

function readMore(stream, state) {
  while (!state.reading && !state.ended && (state.length < state.highWaterMark || (state.flowing && state.length === 0))) {
    const before = state.length;
    stream.read(0);
    // A source that has nothing now will push when it has.
    if (state.length === before) break;
  }
  state.readingMore = false;
}

// How much of what is wanted can be given now.
function available(count, state) {
  if (count <= 0 || (state.length === 0 && state.ended)) return 0;
  if (state.objectMode) return 1;
  if (count !== count) return state.flowing && state.length ? state.buffer.first().length : state.length;
  if (count <= state.length) return count;
  return state.ended ? state.length : 0;
}

// A larger read needs a larger buffer.
function raiseMark(state, count) {
  if (count > LARGEST_MARK) throw make('ERR_OUT_OF_RANGE', 'size', '<= 1GiB', count);
  let power = 1;
  while (power < count) power *= 2;
  state.highWaterMark = power;
}

method(Readable, 'read', function read(count) {
  const state = this._readableState;
  count = count === undefined ? NaN : NumberIsInteger(count) ? count : NumberParseInt(count, 10);
  const asked = count;
  if (count > state.highWaterMark) raiseMark(state, count);
  if (count !== 0) state.emittedReadable = false;
  const isFull = state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0;
  if (count === 0 && state.needReadable && (isFull || state.ended)) {
    if (state.length === 0 && state.ended) endSoon(this);
    else tellReadableSoon(this);
    return null;
  }
  count = available(count, state);
  if (count === 0 && state.ended) {
    if (state.length === 0) endSoon(this);
    return null;
  }
  const wantsMore = state.needReadable || state.length === 0 || state.length - count < state.highWaterMark;
  if (wantsMore && !state.ended && !state.reading && !state.destroyed && !state.errored && state.constructed) {
    ask(this, state);
    // What came at once may be more than there was.
    if (!state.reading) count = available(asked, state);
  }
  const chunk = count > 0 && state.length > 0 ? state.buffer.take(count, state) : null;
  if (chunk === null) {
    state.needReadable = state.length <= state.highWaterMark;
    count = 0;
  } else {
    state.length -= count;
    nobodyWaits(state);
  }
  if (state.length === 0) {
    if (!state.ended) state.needReadable = true;
    if (asked !== count && state.ended) endSoon(this);
  }
  if (chunk !== null && !state.errorEmitted && !state.closeEmitted) {
    state.dataEmitted = true;
    this.emit('data', chunk);
  }
  return chunk;
});

function ask(stream, state) {
  state.reading = true;
  state.sync = true;
  if (state.length === 0) state.needReadable = true;
  try {
    stream._read(state.highWaterMark);
  } catch (error) {
    fail(stream, error);
  }
  state.sync = false;
}

function endSoon(stream) {
  const state = stream._readableState;
  if (state.endEmitted) return;
  state.ended = true;
  ops.tick(tellEnd, [state, stream]);
}

function tellEnd(state, stream) {
  if (state.errored || state.closeEmitted || state.endEmitted || state.length > 0) return;
  state.endEmitted = true;
  stream.emit('end');
  if (stream._writableState && stream.writable && stream.allowHalfOpen === false) {
    ops.tick(() => {
      if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end();
    }, []);
  } else if (state.autoDestroy) {
    const writable = stream._writableState;
    if (!writable || (writable.autoDestroy && (writable.finished || writable.writable === false))) stream.destroy();
  }
}

function flow(stream) {
  const state = stream._readableState;
  while (state.flowing && stream.read() !== null);
}

function decodeAs(state, encoding) {
  const { StringDecoder } = require('node/string_decoder');
  state.decoder = new StringDecoder(encoding);
  state.encoding = state.decoder.encoding;
}

method(Readable, 'setEncoding', function setEncoding(encoding) {
  const state = this._readableState;
  decodeAs(state, encoding);
  // Bytes that wait already become text, too: a character may lie across two of them.
  let text = '';
  for (let chunk = state.buffer.shift(); chunk !== undefined; chunk = state.buffer.shift()) text += state.decoder.write(chunk);
  if (text !== '') state.buffer.push(text);
  state.length = text.length;
  return this;
});

getter(Readable, 'readable', function() {
  const state = this._readableState;
  // A Duplex without this side says false, and so does a state that another class has changed.
  return state !== undefined && state.readable !== false && !state.destroyed && !state.errorEmitted && !state.endEmitted;
}, function(value) {
  if (this._readableState) this._readableState.readable = Boolean(value);
});
lifeGetters(Readable, '_readableState');
stateGetters(Readable, '_readableState', {
  __proto__: null,
  readableEnded: (state) => state.endEmitted,
  readableDidRead: (state) => state.dataEmitted,
  readableAborted: (state) => Boolean(state.readable !== false && (state.destroyed || state.errored) && !state.endEmitted),
  readableHighWaterMark: (state) => state.highWaterMark,
  readableBuffer: (state) => state.buffer,
  readableLength: (state) => state.length,
  readableObjectMode: (state) => state.objectMode,
  readableEncoding: (state) => state.encoding,
});
getter(Readable, 'readableFlowing', function() { return this._readableState.flowing; }, function(value) {
  if (this._readableState) this._readableState.flowing = value;
});

assign(Readable, '_fromList', (count, state) => state.length === 0 ? null : state.buffer.take(count, state));

module.exports = { __proto__: null, Readable, flow, kPaused, tellReadableSoon };
require('node/internal/stream_flow');
require('node/internal/stream_pipe');
require('node/internal/stream_iterate');
require('node/internal/stream_operators');
