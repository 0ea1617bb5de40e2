// `Duplex.from` and `compose`: anything that can be read, written or called as one Duplex.
'use strict';

const {
  ArrayPrototypeSlice, FunctionPrototypeCall, Promise, PromisePrototypeThen,
} = primordials;
const { abortError, make } = require('node/internal/errors');
const { Duplex } = require('node/internal/stream_duplex');
const { finished } = require('node/internal/stream_finished');
const iterate = require('node/internal/stream_iterate');
const { destroyAny } = require('node/internal/stream_life');
const { Readable } = require('node/internal/stream_readable');
const { Writable } = require('node/internal/stream_writable');
const {
  isDuplex, isIterable, isNodeStream, isReadable, isReadableSide, isWebReadable, isWebStream, isWebTransform, isWebWritable, isWritable,
  isWritableSide,
} = require('node/internal/stream_state');

// A Duplex that says from the start which side it has not.
class Duplexified extends Duplex {
  constructor(options) {
    super(options);
    if (options?.readable === false) this._readableState.readable = false;
    if (options?.writable === false) this._writableState.writable = false;
  }
}

const isPromise = (value) => typeof value?.then === 'function';

function from(body, name = 'body') {
  if (isDuplex(body)) return body;
  if (isReadableSide(body)) return joined({ __proto__: null, readable: body });
  if (isWritableSide(body)) return joined({ __proto__: null, writable: body });
  if (isNodeStream(body)) return joined({ __proto__: null, readable: false, writable: false });
  if (isWebReadable(body)) return joined({ __proto__: null, readable: Readable.fromWeb(body) });
  if (isWebWritable(body)) return joined({ __proto__: null, writable: Writable.fromWeb(body) });
  if (typeof body === 'function') return fromFunction(body, name);
  if (ops.types.isAnyArrayBuffer?.(body) || isBlob(body)) return fromBytes(body);
  if (isIterable(body)) return iterate.from(Duplexified, body, { __proto__: null, objectMode: true, writable: false });
  if (isWebReadable(body?.readable) && isWebWritable(body?.writable)) return Duplexified.fromWeb(body);
  if (typeof body?.writable === 'object' || typeof body?.readable === 'object') return fromPair(body);
  if (isPromise(body)) return fromPromise(body);
  throw make('ERR_INVALID_ARG_TYPE', name, [
    'Blob', 'ReadableStream', 'WritableStream', 'Stream', 'Iterable', 'AsyncIterable', 'Function', '{ readable, writable } pair', 'Promise',
  ], body);
}

const isBlob = (value) => value !== null && typeof value === 'object' && value instanceof require('web/blob').Blob;

function fromBytes(body) {
  const bytes = isBlob(body) ? body.arrayBuffer() : body;
  return fromPromise(PromisePrototypeThen(primordials.PromiseResolve(bytes), (buffer) => require('node/buffer').Buffer.from(buffer)));
}

function fromPair(body) {
  const side = (value, test) => value ? (test(value) ? value : from(value)) : undefined;
  return joined({ __proto__: null, readable: side(body.readable, isReadableSide), writable: side(body.writable, isWritableSide) });
}

function fromPromise(promise) {
  let stream;
  PromisePrototypeThen(primordials.PromiseResolve(promise), (value) => {
    if (value !== undefined && value !== null) stream.push(value);
    stream.push(null);
  }, (error) => destroyAny(stream, error));
  return stream = new Duplexified({ __proto__: null, objectMode: true, writable: false, read() {} });
}

// A function gets what is written as an asynchronous iterable.
function fromFunction(body, name) {
  const input = asInput(body);
  if (isIterable(input.value)) {
    return iterate.from(Duplexified, input.value, { __proto__: null, objectMode: true, write: input.write, final: input.final, destroy: input.destroy });
  }
  if (!isPromise(input.value)) throw make('ERR_INVALID_RETURN_VALUE', 'Iterable, AsyncIterable or AsyncFunction', name, input.value);
  let stream;
  const { then } = input.value;
  const promise = FunctionPrototypeCall(then, input.value, (value) => {
    if (value !== undefined && value !== null) throw make('ERR_INVALID_RETURN_VALUE', 'nully', 'body', value);
  }, (error) => destroyAny(stream, error));
  return stream = new Duplexified({
    __proto__: null,
    objectMode: true,
    readable: false,
    write: input.write,
    final(done) {
      input.final(async () => {
        try {
          await promise;
          ops.tick(done, [null]);
        } catch (error) {
          ops.tick(done, [error]);
        }
      });
    },
    destroy: input.destroy,
  });
}

function asInput(body) {
  const inner = new (require('web/abort').AbortController)();
  let give;
  let next = new Promise((resolve) => { give = resolve; });
  const value = body((async function* () {
    for (;;) {
      const { chunk, done, callback } = await next;
      next = undefined;
      ops.tick(callback, []);
      if (done) return;
      if (inner.signal.aborted) throw abortError(inner.signal.reason);
      next = new Promise((resolve) => { give = resolve; });
      yield chunk;
    }
  })(), { signal: inner.signal });
  const hand = (item) => {
    const giving = give;
    give = undefined;
    giving(item);
  };
  return {
    __proto__: null,
    value,
    write(chunk, encoding, callback) { hand({ __proto__: null, chunk, done: false, callback }); },
    final(callback) { hand({ __proto__: null, done: true, callback }); },
    destroy(error, callback) {
      inner.abort();
      callback(error);
    },
  };
}

// Has `stream` read what `source` gives, for as long as the function that this returns is not called.
function readFrom(source, stream) {
  let waits = false;
  const read = () => {
    for (;;) {
      const chunk = source.read();
      if (chunk === null) {
        waits = true;
        return;
      }
      if (!stream.push(chunk)) return;
    }
  };
  source.on('readable', () => {
    if (!waits) return;
    waits = false;
    read();
  });
  source.on('end', () => stream.push(null));
  stream._read = read;
  return () => { waits = false; };
}

// The readable side of one stream and the writable side of another.
function joined({ readable: source, writable: target }) {
  const input = source && typeof source.read !== 'function' ? Readable.wrap(source) : source;
  const reads = Boolean(isReadable(input));
  const writes = Boolean(isWritable(target));
  let onDrain;
  let onFinish;
  let stopReading;
  let onClose;
  let isOver = false;
  const over = (error) => {
    const done = onClose;
    onClose = undefined;
    isOver = true;
    if (done) done(error);
    else if (error) stream.destroy(error);
  };
  const stream = new Duplexified({
    __proto__: null, readableObjectMode: Boolean(input?.readableObjectMode), writableObjectMode: Boolean(target?.writableObjectMode),
    readable: reads, writable: writes,
  });
  const taken = (name) => {
    const callback = name === 'drain' ? onDrain : onFinish;
    if (name === 'drain') onDrain = undefined;
    else onFinish = undefined;
    callback?.();
  };
  if (writes) {
    finished(target, (error) => {
      if (error) destroyAny(input, error);
      over(error);
    });
    stream._write = (chunk, encoding, callback) => {
      if (target.write(chunk, encoding)) callback();
      else onDrain = callback;
    };
    stream._final = (callback) => {
      target.end();
      onFinish = callback;
    };
    target.on('drain', () => taken('drain'));
    target.on('finish', () => taken('finish'));
  }
  if (reads) {
    finished(input, (error) => {
      if (error) destroyAny(target, error);
      over(error);
    });
    stopReading = readFrom(input, stream);
  }
  stream._destroy = (error, callback) => {
    if (!error && !isOver) error = abortError();
    stopReading?.();
    onDrain = onFinish = undefined;
    if (isOver) return callback(error);
    onClose = callback;
    destroyAny(target, error);
    destroyAny(input, error);
  };
  return stream;
}

// Several stages as one Duplex: what is written goes into the first, what is read comes out of the last.
function compose(...streams) {
  if (streams.length === 0) throw make('ERR_MISSING_ARGS', 'streams');
  if (streams.length === 1) return from(streams[0]);
  const given = ArrayPrototypeSlice(streams);
  const stages = ArrayPrototypeSlice(streams);
  const lastAt = stages.length - 1;
  if (typeof stages[0] === 'function') stages[0] = from(stages[0]);
  if (typeof stages[lastAt] === 'function') stages[lastAt] = from(stages[lastAt]);
  for (let index = 0; index < stages.length; index++) {
    const stage = stages[index];
    if (!isNodeStream(stage) && !isWebStream(stage)) continue;
    if (index < lastAt && !(isReadable(stage) || isWebReadable(stage) || isWebTransform(stage))) {
      throw make('ERR_INVALID_ARG_VALUE', `streams[${index}]`, given[index], 'must be readable');
    }
    if (index > 0 && !(isWritable(stage) || isWebWritable(stage) || isWebTransform(stage))) {
      throw make('ERR_INVALID_ARG_VALUE', `streams[${index}]`, given[index], 'must be writable');
    }
  }
  return composed(stages);
}

function composed(stages) {
  let onDrain;
  let onFinish;
  let stopReading;
  let onClose;
  let isOver = false;
  const settled = (error) => {
    const done = onClose;
    onClose = undefined;
    isOver = true;
    if (done) done(error);
    else if (error) stream.destroy(error);
    else if (!reads && !writes) stream.destroy();
  };
  const head = stages[0];
  const tail = require('node/internal/stream_pipeline').run(stages, settled);
  const writes = Boolean(isWritable(head) || isWebWritable(head) || isWebTransform(head));
  const reads = Boolean(isReadable(tail) || isWebReadable(tail) || isWebTransform(tail));
  const stream = new Duplex({
    __proto__: null, writableObjectMode: Boolean(head?.writableObjectMode), readableObjectMode: Boolean(tail?.readableObjectMode), writable: writes, readable: reads,
  });
  if (writes && isNodeStream(head)) {
    stream._write = (chunk, encoding, callback) => {
      if (head.write(chunk, encoding)) callback();
      else onDrain = callback;
    };
    stream._final = (callback) => {
      head.end();
      onFinish = callback;
    };
    head.on('drain', () => {
      const callback = onDrain;
      onDrain = undefined;
      callback?.();
    });
    const done = () => {
      const callback = onFinish;
      onFinish = undefined;
      callback?.();
    };
    if (isNodeStream(tail)) finished(tail, done);
    else head.on('finish', done);
  } else if (writes) {
    const writer = (isWebTransform(head) ? head.writable : head).getWriter();
    stream._write = (chunk, encoding, callback) => {
      PromisePrototypeThen(writer.write(chunk), () => callback(), callback);
    };
    stream._final = (callback) => {
      PromisePrototypeThen(writer.close(), () => callback(), callback);
    };
  }
  if (reads) {
    const source = isNodeStream(tail) ? tail : Readable.fromWeb(isWebTransform(tail) ? tail.readable : tail, { __proto__: null, objectMode: true });
    stopReading = readFrom(source, stream);
  }
  stream._destroy = (error, callback) => {
    if (!error && !isOver) error = abortError();
    stopReading?.();
    onDrain = onFinish = undefined;
    if (isNodeStream(tail)) destroyAny(tail, error);
    if (isOver) callback(error);
    else onClose = callback;
  };
  return stream;
}

module.exports = { __proto__: null, compose, from };
