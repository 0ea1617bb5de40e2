// Node's `zlib`: gzip, zlib and raw deflate, as streams and at once. The steps are native; Brotli is not here yet.
'use strict';

const {
  ArrayBufferIsView, ArrayPrototypePush, Error, FinalizationRegistry, FinalizationRegistryPrototypeRegister, FinalizationRegistryPrototypeUnregister,
  MathFloor, NumberIsFinite, ObjectDefineProperty, ObjectFreeze, ObjectKeys, ObjectSetPrototypeOf, ReflectApply, Uint8Array,
} = primordials;
const { make, unavailable } = require('node/internal/errors');
const { isAnyArrayBuffer } = require('node/util_types');
const { validateFunction, validateNumber, validateUint32 } = require('node/internal/validators');
const { bytesOf } = require('node/internal/views');
const { Buffer } = require('node/buffer');
const { Transform } = require('node/internal/stream_duplex');
const { codes, constants } = require('node/internal/zlib_constants');

const { concat, from: bufferFrom } = Buffer;
const { DEFLATE, INFLATE, GZIP, GUNZIP, DEFLATERAW, INFLATERAW, UNZIP, Z_FINISH, Z_FULL_FLUSH, Z_NO_FLUSH, Z_SYNC_FLUSH } = constants;
const MAX_CHUNK = 64 << 10;
const LARGEST = 2 ** 53 - 1;

// When a stream is collected, its native part is freed.
const abandoned = new FinalizationRegistry((number) => ops.zlibForget(number));

const isCompressing = (kind) => kind === DEFLATE || kind === GZIP || kind === DEFLATERAW;

function failure(message, code) {
  const error = new Error(message);
  error.errno = codes[code];
  error.code = code;
  return error;
}

const unsupported = (what) => unavailable(`drupe's zlib cannot ${what}`);

function checked(options, name, least, most, fallback) {
  const value = options?.[name];
  if (value === undefined || value !== value) return fallback;
  validateNumber(value, `options.${name}`);
  if (!NumberIsFinite(value) || value < least || value > most) {
    throw make('ERR_OUT_OF_RANGE', `options.${name}`, `>= ${least} and <= ${most}`, value);
  }
  return value;
}

function settings(options, kind) {
  const packs = isCompressing(kind);
  // Who decompresses may leave the window to the header.
  const any = !packs && kind !== INFLATERAW && (options?.windowBits === 0 || options?.windowBits === null);
  const windowBits = any ? 0 : checked(options, 'windowBits', kind === GZIP ? 9 : 8, 15, 15);
  if (packs && windowBits !== 15) throw unsupported(`compress for a window of ${windowBits} bits, only of 15 (docs/NODE.md)`);
  checked(options, 'memLevel', 1, 9, 8);
  checked(options, 'strategy', 0, 4, 0);
  if (options?.dictionary !== undefined) {
    throw unsupported('use dictionaries');
  }
  const chunkSize = checked(options, 'chunkSize', 64, Infinity, 16384);
  return {
    __proto__: null,
    level: checked(options, 'level', -1, 9, -1),
    windowBits,
    chunkSize,
    // How much comes at once.
    capacity: chunkSize < MAX_CHUNK ? MathFloor(chunkSize) : MAX_CHUNK,
    flush: checked(options, 'flush', 0, 5, Z_NO_FLUSH),
    finishFlush: checked(options, 'finishFlush', 0, 5, Z_FINISH),
    maxOutputLength: checked(options, 'maxOutputLength', 1, LARGEST, require('node/buffer').kMaxLength),
  };
}

// A native stream, which begins at its first step, and is freed when nothing more can come of it.
class Native {
  #number;
  #token = {};
  #kind;
  #how;
  #isBrief;
  ended = false;

  // `isBrief`: it is closed before other code runs.
  constructor(kind, how, isBrief) {
    this.#kind = kind;
    this.#how = how;
    this.#isBrief = isBrief;
  }

  #open() {
    const { level, windowBits } = this.#how;
    this.#number = ops.zlibBegin(this.#kind, level, windowBits, this, this.#isBrief);
    FinalizationRegistryPrototypeRegister(abandoned, this, this.#number, this.#token);
  }

  close() {
    if (this.#number === undefined) return;
    FinalizationRegistryPrototypeUnregister(abandoned, this.#token);
    ops.zlibForget(this.#number);
    this.#number = undefined;
  }

  reset() {
    this.close();
    this.ended = false;
  }

  // One step: `[buffer, taken, whether more comes without more being fed]`. Throws what is wrong.
  step(bytes, at, flush, capacity) {
    if (this.#number === undefined) {
      if (this.ended) return { __proto__: null, out: NOTHING, taken: 0, more: false };
      this.#open();
    }
    const result = ops.zlibStep(this.#number, bytes, at, flush, capacity);
    if (typeof result[0] === 'string') throw failure(result[0], result[1]);
    const { 0: out, 1: taken, 2: ended } = result;
    this.ended = ended;
    // Another member may follow in gzip.
    if (ended && this.#kind !== GUNZIP && this.#kind !== UNZIP) this.close();
    const isFull = out.byteLength === capacity;
    return { __proto__: null, out, taken, more: !ended && (isFull || at + taken < bytes.length) };
  }

  // Nothing more will be fed: whether that is too early.
  checkEnd(flush) {
    if (!isCompressing(this.#kind) && !this.ended && flush === Z_FINISH) throw failure('unexpected end of file', 'Z_BUF_ERROR');
  }
}

const EMPTY = new Uint8Array(0);
const NOTHING = new primordials.ArrayBuffer(0);

function inputBytes(buffer) {
  if (typeof buffer === 'string') return bufferFrom(buffer);
  if (ArrayBufferIsView(buffer) || isAnyArrayBuffer(buffer)) return bytesOf(buffer);
  throw make('ERR_INVALID_ARG_TYPE', 'buffer', ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], buffer);
}

function ZlibBase(options, kind) {
  const how = settings(options, kind);
  ReflectApply(Transform, this, [{ __proto__: null, autoDestroy: true, ...options, objectMode: false, readableObjectMode: false, writableObjectMode: false }]);
  this.bytesWritten = 0;
  this._chunkSize = how.chunkSize;
  this._maxOutputLength = how.maxOutputLength;
  hide(this, '_how', how);
  hide(this, '_kind', kind);
  hide(this, '_native', new Native(kind, how, false));
  hide(this, '_work', undefined);
}
ObjectSetPrototypeOf(ZlibBase.prototype, Transform.prototype);
ObjectSetPrototypeOf(ZlibBase, Transform);

function hide(object, name, value) {
  ObjectDefineProperty(object, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

function define(name, value) {
  ObjectDefineProperty(ZlibBase.prototype, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

define('_transform', function _transform(chunk, encoding, done) {
  let flush = this._how.flush;
  if (typeof chunk?.[kFlush] === 'number') {
    flush = chunk[kFlush];
  }
  this._work = { __proto__: null, bytes: bytesOf(chunk), at: 0, flush, done };
  work(this);
});

define('_flush', function _flush(done) {
  const { finishFlush } = this._how;
  this._work = {
    __proto__: null, bytes: EMPTY, at: 0, flush: finishFlush,
    done: (error) => {
      if (error) return done(error);
      try {
        this._native.checkEnd(finishFlush);
        this._native.close();
      } catch (failed) {
        return done(failed);
      }
      done();
    },
  };
  work(this);
});

// What is not read yet holds up the rest of the work.
define('_read', function _read(size) {
  if (this._work !== undefined) work(this);
  else ReflectApply(Transform.prototype._read, this, [size]);
});

function work(stream) {
  const task = stream._work;
  const { capacity } = stream._how;
  for (;;) {
    let step;
    try {
      step = stream._native.step(task.bytes, task.at, task.flush, capacity);
    } catch (error) {
      stream._work = undefined;
      return task.done(error);
    }
    task.at += step.taken;
    stream.bytesWritten += step.taken;
    if (!step.more) stream._work = undefined;
    const goesOn = step.out.byteLength === 0 || stream.push(bufferFrom(step.out));
    // It may have been destroyed by who read that.
    if (!step.more) return stream.destroyed ? undefined : task.done();
    if (!goesOn || stream.destroyed || stream._work !== task) return;
  }
}

require('node/internal/zlib_handle').install(ZlibBase, work);

define('_destroy', function _destroy(error, done) {
  this._work = undefined;
  this._native.close();
  done(error);
});

const kFlush = primordials.Symbol('kFlushFlag');

define('flush', function flush(kind, callback) {
  if (typeof kind === 'function' || (kind === undefined && !callback)) {
    callback = kind;
    kind = Z_FULL_FLUSH;
  }
  if (this.writableFinished) {
    if (callback) ops.tick(callback, []);
  } else if (this.writableEnded) {
    if (callback) this.once('end', callback);
  } else {
    const mark = bufferFrom(EMPTY);
    mark[kFlush] = kind;
    this.write(mark, '', callback);
  }
});

define('close', function close(callback) {
  if (callback) {
    if (this.closed) ops.tick(callback, []);
    else this.once('close', callback);
  }
  this.destroy();
});

define('reset', function reset() { this._native.reset(); });

define('params', function params(level, strategy, callback) {
  throw unsupported('change the level of a stream that has begun');
});

function atOnce(kind, buffer, options) {
  const bytes = inputBytes(buffer);
  const how = settings(options, kind);
  const native = new Native(kind, how, true);
  const pieces = [];
  let length = 0;
  let at = 0;
  try {
    for (;;) {
      const step = native.step(bytes, at, how.finishFlush, MAX_CHUNK);
      at += step.taken;
      length += step.out.byteLength;
      if (length > how.maxOutputLength) throw make('ERR_BUFFER_TOO_LARGE', how.maxOutputLength);
      if (step.out.byteLength > 0) ArrayPrototypePush(pieces, bufferFrom(step.out));
      if (!step.more) break;
    }
    native.checkEnd(how.finishFlush);
  } finally {
    native.close();
  }
  return pieces.length === 1 ? pieces[0] : concat(pieces, length);
}

// By a stream, so that other work comes in between; at once where too many are open.
function later(Class, buffer, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  validateFunction(callback, 'callback');
  const bytes = inputBytes(buffer);
  const stream = new Class(options);
  if (!ops.zlibHasRoom(stream._kind)) {
    ops.timers.setImmediate(() => {
      let whole;
      try {
        whole = atOnce(stream._kind, bytes, options);
      } catch (error) {
        return ReflectApply(callback, stream, [error]);
      }
      stream.close();
      ReflectApply(callback, stream, [null, whole]);
    });
    return;
  }
  const pieces = [];
  let length = 0;
  stream.on('data', (piece) => {
    ArrayPrototypePush(pieces, piece);
    length += piece.length;
    if (length > stream._maxOutputLength) stream.destroy(make('ERR_BUFFER_TOO_LARGE', stream._maxOutputLength));
  });
  stream.on('error', (error) => ReflectApply(callback, stream, [error]));
  stream.on('end', () => {
    const whole = pieces.length === 1 ? pieces[0] : concat(pieces, length);
    stream.close();
    ReflectApply(callback, stream, [null, whole]);
  });
  feed(stream, bytes, 0);
}

const PIECE = 1 << 20;
function feed(stream, bytes, at) {
  if (stream.destroyed) return;
  const end = at + PIECE;
  if (end >= bytes.length) return stream.end(bytesOf(bytes, at, bytes.length));
  stream.write(bytesOf(bytes, at, end), () => ops.timers.setImmediate(() => feed(stream, bytes, end)));
}

const zlib = {};
const reattach = primordials.detached(zlib);

zlib.crc32 = function crc32(data, value = 0) {
  if (typeof data !== 'string' && !ArrayBufferIsView(data)) {
    throw make('ERR_INVALID_ARG_TYPE', 'data', ['Buffer', 'TypedArray', 'DataView', 'string'], data);
  }
  validateUint32(value, 'value');
  return ops.crc32(typeof data === 'string' ? bufferFrom(data) : data, value);
};

const KINDS = { __proto__: null, Deflate: DEFLATE, Inflate: INFLATE, Gzip: GZIP, Gunzip: GUNZIP, DeflateRaw: DEFLATERAW, InflateRaw: INFLATERAW, Unzip: UNZIP };
const names = ObjectKeys(KINDS);
const classes = { __proto__: null };
for (let index = 0; index < names.length; index++) {
  const name = names[index];
  const kind = KINDS[name];
  const Class = { [name]: function(options) {
    if (!(this instanceof Class)) return new Class(options);
    ReflectApply(ZlibBase, this, [options, kind]);
  } }[name];
  ObjectSetPrototypeOf(Class.prototype, ZlibBase.prototype);
  ObjectSetPrototypeOf(Class, ZlibBase);
  classes[name] = zlib[name] = Class;
}

const missing = (name) => unavailable(`drupe's zlib has no ${name}: Brotli is not here yet (docs/NODE.md)`);
const BROTLI = ['BrotliCompress', 'BrotliDecompress'];
for (let index = 0; index < BROTLI.length; index++) {
  const name = BROTLI[index];
  zlib[name] = { [name]: class { constructor() { throw missing(name); } } }[name];
}

const FUNCTIONS = ['deflate', 'gzip', 'deflateRaw', 'unzip', 'inflate', 'gunzip', 'inflateRaw', 'brotliCompress', 'brotliDecompress'];
for (let index = 0; index < FUNCTIONS.length; index++) {
  const name = FUNCTIONS[index];
  const upper = primordials.StringPrototypeToUpperCase(name[0]) + primordials.StringPrototypeSlice(name, 1);
  const Class = classes[upper];
  const sync = `${name}Sync`;
  zlib[name] = { [name](buffer, options, callback) {
    if (Class === undefined) throw missing(name);
    later(Class, buffer, options, callback);
  } }[name];
  zlib[sync] = { [sync](buffer, options) {
    if (Class === undefined) throw missing(sync);
    return atOnce(KINDS[upper], buffer, options);
  } }[sync];
  const create = `create${upper}`;
  zlib[create] = { [create](options) { return new zlib[upper](options); } }[create];
}

// As they were once called.
const numbers = ObjectKeys(constants);
for (let index = 0; index < numbers.length; index++) {
  const name = numbers[index];
  if (primordials.StringPrototypeStartsWith(name, 'BROTLI')) continue;
  ObjectDefineProperty(zlib, name, { __proto__: null, value: constants[name], enumerable: false });
}
ObjectDefineProperty(zlib, 'constants', { __proto__: null, value: constants, enumerable: true });
ObjectDefineProperty(zlib, 'codes', { __proto__: null, value: ObjectFreeze(codes), enumerable: true });

reattach();
module.exports = zlib;
