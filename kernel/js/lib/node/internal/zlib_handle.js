// What packages use of the insides of Node's streams of `zlib`, to work at once and without events: `_handle` and
// `_processChunk`.
'use strict';

const { ArrayPrototypePush, ObjectDefineProperty, TypedArrayPrototypeSet, Uint8Array, Uint32Array } = primordials;
const { make } = require('node/internal/errors');
const { bytesOf } = require('node/internal/views');
const { Buffer } = require('node/buffer');

const { alloc, concat, from: bufferFrom } = Buffer;
const EMPTY = new Uint8Array(0);

function hide(object, name, value) {
  ObjectDefineProperty(object, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  return value;
}

class Zlib {
  #stream;

  constructor(stream) {
    this.#stream = stream;
  }

  close() {
    this.#stream._native.close();
  }

  reset() {
    this.#stream._native.reset();
  }

  // One step. How much room is left, and how much was not taken, are in `_writeState` then.
  writeSync(flush, input, inOffset, inLength, output, outOffset, outLength) {
    const stream = this.#stream;
    const bytes = input === null || input === undefined ? EMPTY : bytesOf(input, inOffset, inOffset + inLength);
    let step;
    try {
      step = stream._native.step(bytes, 0, flush, outLength);
      if (!step.more) stream._native.checkEnd(flush);
    } catch (error) {
      stream._writeState[0] = outLength;
      stream._writeState[1] = 0;
      stream.destroy(error);
      return;
    }
    TypedArrayPrototypeSet(output, new Uint8Array(step.out), outOffset);
    stream.bytesWritten += step.taken;
    stream._writeState[0] = outLength - step.out.byteLength;
    stream._writeState[1] = inLength - step.taken;
  }
}

// All that comes of a piece, at once. As in Node, the stream is closed then, unless who calls has seen to it.
function processNow(stream, bytes, flush) {
  const native = stream._native;
  const pieces = [];
  let length = 0;
  let at = 0;
  for (;;) {
    const step = native.step(bytes, at, flush, stream._how.capacity);
    at += step.taken;
    stream.bytesWritten += step.taken;
    length += step.out.byteLength;
    if (length > stream._maxOutputLength) throw make('ERR_BUFFER_TOO_LARGE', stream._maxOutputLength);
    if (step.out.byteLength > 0) ArrayPrototypePush(pieces, bufferFrom(step.out));
    if (!step.more) break;
  }
  native.checkEnd(flush);
  const handle = stream._handle;
  if (handle) handle.close();
  stream._handle = null;
  return pieces.length === 1 ? pieces[0] : concat(pieces, length);
}

// Gives the class of these streams its insides; `work` goes on with what a stream has to do.
exports.install = (Class, work) => {
  const lazy = (name, make_) => ObjectDefineProperty(Class.prototype, name, {
    __proto__: null,
    get: { __proto__: null, get() { return hide(this, name, make_(this)); } }.get,
    set: { __proto__: null, set(value) { hide(this, name, value); } }.set,
    enumerable: false,
    configurable: true,
  });
  lazy('_handle', (stream) => new Zlib(stream));
  lazy('_outBuffer', (stream) => alloc(stream._chunkSize));
  lazy('_outOffset', () => 0);
  lazy('_writeState', () => new Uint32Array(2));
  lazy('_defaultFlushFlag', (stream) => stream._how.flush);
  lazy('_finishFlushFlag', (stream) => stream._how.finishFlush);
  hide(Class.prototype, '_processChunk', function _processChunk(chunk, flush, callback) {
    const bytes = bytesOf(chunk);
    if (typeof callback !== 'function') return processNow(this, bytes, flush);
    this._work = { __proto__: null, bytes, at: 0, flush, done: callback };
    work(this);
  });
};
