// Between Node's streams and those of the web platform.
'use strict';

const { Promise, PromisePrototypeThen, PromiseResolve } = primordials;
const { abortError, make } = require('node/internal/errors');
const { isBuffer, isBytes, toBuffer } = require('node/internal/stream_base');
const { destroyAny } = require('node/internal/stream_life');
const { Duplex } = require('node/internal/stream_duplex');
const { finished: whenFinished } = require('node/internal/stream_finished');
const { Readable } = require('node/internal/stream_readable');
const { Writable } = require('node/internal/stream_writable');
const {
  isDestroyed, isReadable, isReadableSide, isWebReadable, isWebWritable, isWritable, isWritableSide,
} = require('node/internal/stream_state');

const nothing = () => {};

function requireKind(test, value, name, expected) {
  if (!test(value)) throw make('ERR_INVALID_ARG_TYPE', name, expected, value);
}

function isPremature(error) {
  return error?.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

// A web stream of what a Readable gives, at the pace of its reader.
function readableToWeb(stream, options) {
  requireKind(isReadableSide, stream, 'streamReadable', 'stream.Readable');
  const { ReadableStream } = require('web/streams/readable');
  if (isDestroyed(stream) || !isReadable(stream)) {
    const empty = new ReadableStream();
    PromisePrototypeThen(empty.cancel(), undefined, nothing);
    return empty;
  }
  const { objectMode } = stream._readableState ?? stream;
  const mark = stream.readableHighWaterMark;
  const strategies = require('web/streams/strategies');
  const strategy = options?.strategy ?? (objectMode ? new strategies.CountQueuingStrategy({ __proto__: null, highWaterMark: mark })
    : { __proto__: null, highWaterMark: mark });
  let controller;
  let cancelled = false;
  stream.pause();
  const cleanUp = whenFinished(stream, (error) => {
    if (isPremature(error)) error = abortError(error);
    cleanUp();
    stream.on('error', nothing);
    if (cancelled) return;
    if (error) controller.error(error);
    else controller.close();
  });
  stream.on('data', (chunk) => {
    // The web's streams carry bytes of no class of Node's.
    if (isBuffer(chunk) && !objectMode) chunk = new primordials.Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    controller.enqueue(chunk);
    if (controller.desiredSize <= 0) stream.pause();
  });
  return new ReadableStream({
    __proto__: null,
    start(given) { controller = given; },
    pull() { stream.resume(); },
    cancel(reason) {
      cancelled = true;
      destroyAny(stream, reason);
    },
  }, strategy);
}

function readableFromWeb(source, options = { __proto__: null }) {
  requireKind(isWebReadable, source, 'readableStream', 'ReadableStream');
  const reader = source.getReader();
  let closed = false;
  const stream = new Readable({
    __proto__: null, objectMode: options.objectMode, highWaterMark: options.highWaterMark, encoding: options.encoding, signal: options.signal,
    read() { pull(reader, stream); },
    destroy(error, done) {
      const over = () => done(error);
      if (closed) over();
      else PromisePrototypeThen(reader.cancel(error), over, over);
    },
  });
  watch(reader, () => { closed = true; }, stream);
  return stream;
}

function pull(reader, stream) {
  PromisePrototypeThen(reader.read(), (item) => stream.push(item.done ? null : item.value), (error) => destroyAny(stream, error));
}

function watch(end, over, stream) {
  PromisePrototypeThen(end.closed, over, (error) => {
    over();
    destroyAny(stream, error);
  });
}

function writableToWeb(stream) {
  requireKind(isWritableSide, stream, 'streamWritable', 'stream.Writable');
  const { WritableStream } = require('web/streams/writable');
  if (isDestroyed(stream) || !isWritable(stream)) {
    const closed = new WritableStream();
    PromisePrototypeThen(closed.close(), undefined, nothing);
    return closed;
  }
  let controller;
  let drained;
  let closing;
  const settle = (error) => {
    drained?.[error ? 'reject' : 'resolve'](error);
    drained = undefined;
  };
  const cleanUp = whenFinished(stream, (error) => {
    if (isPremature(error)) error = abortError(error);
    cleanUp();
    stream.on('error', nothing);
    settle(error);
    if (closing !== undefined) {
      if (error) closing.reject(error);
      else closing.resolve();
      return;
    }
    controller.error(error ?? abortError());
  });
  stream.on('drain', () => settle());
  return new WritableStream({
    __proto__: null,
    start(given) { controller = given; },
    write(chunk) {
      if (!stream.writableNeedDrain && stream.write(chunk)) return undefined;
      if (stream.destroyed) return undefined;
      return new Promise((resolve, reject) => { drained = { __proto__: null, resolve, reject }; });
    },
    abort(reason) { destroyAny(stream, reason); },
    close() {
      return new Promise((resolve, reject) => {
        closing = { __proto__: null, resolve, reject };
        stream.end();
      });
    },
  }, { __proto__: null, highWaterMark: stream.writableHighWaterMark, size: stream.writableObjectMode ? undefined : (chunk) => chunk.length ?? 1 });
}

function writableFromWeb(target, options = { __proto__: null }) {
  requireKind(isWebWritable, target, 'writableStream', 'WritableStream');
  const writer = target.getWriter();
  let closed = false;
  const stream = new Writable({
    __proto__: null, objectMode: options.objectMode, highWaterMark: options.highWaterMark, decodeStrings: options.decodeStrings, signal: options.signal,
    ...writing(writer, () => closed),
  });
  watch(writer, () => { closed = true; }, stream);
  return stream;
}

// How a Writable writes into a web stream.
function writing(writer, isClosed) {
  const settle = (promise, done) => PromisePrototypeThen(promise, () => ops.tick(done, []), (error) => ops.tick(done, [error]));
  return {
    __proto__: null,
    write(chunk, encoding, done) {
      settle(PromisePrototypeThen(writer.ready, () => writer.write(isBytes(chunk) && !isBuffer(chunk) ? toBuffer(chunk) : chunk)), done);
    },
    final(done) {
      settle(isClosed() ? PromiseResolve() : writer.close(), done);
    },
    destroy(error, done) {
      const over = () => ops.tick(done, [error]);
      if (isClosed()) over();
      else PromisePrototypeThen(error ? writer.abort(error) : writer.close(), over, over);
    },
  };
}

function duplexFromWeb(pair, options = { __proto__: null }) {
  requireKind((value) => value !== null && typeof value === 'object', pair, 'pair', 'Object');
  requireKind(isWebReadable, pair.readable, 'pair.readable', 'ReadableStream');
  requireKind(isWebWritable, pair.writable, 'pair.writable', 'WritableStream');
  const reader = pair.readable.getReader();
  const writer = pair.writable.getWriter();
  let wrote = false;
  let read = false;
  const into = writing(writer, () => wrote);
  const stream = new Duplex({
    __proto__: null, allowHalfOpen: options.allowHalfOpen, objectMode: options.objectMode, encoding: options.encoding, decodeStrings: options.decodeStrings,
    highWaterMark: options.highWaterMark, signal: options.signal,
    ...into,
    read() { pull(reader, stream); },
    destroy(error, done) {
      const cancelled = read ? PromiseResolve() : PromisePrototypeThen(reader.cancel(error), nothing, nothing);
      PromisePrototypeThen(cancelled, () => into.destroy(error, done));
    },
  });
  watch(writer, () => { wrote = true; }, stream);
  watch(reader, () => { read = true; }, stream);
  return stream;
}

// When a web stream is over, for `finished`.
function finished(stream, options, callback) {
  let stopped = false;
  const tell = (error) => {
    if (stopped) return;
    stopped = true;
    ops.tick(() => primordials.FunctionPrototypeCall(callback, stream, error), []);
  };
  if (options.signal?.aborted) {
    tell(abortError(options.signal.reason));
  } else {
    options.signal?.addEventListener('abort', () => tell(abortError(options.signal.reason)), { __proto__: null, once: true });
    PromisePrototypeThen(closed(stream), () => tell(), tell);
  }
  return () => { stopped = true; };
}

const closed = (stream) => isWebReadable(stream) ? require('web/streams/readable').whenEnded(stream)
  : require('web/streams/writable').whenEnded(stream);

function abort(stream, error) {
  if (isWebReadable(stream)) require('web/streams/readable').fail(stream, error);
  else if (isWebWritable(stream)) require('web/streams/writable').fail(stream, error);
}

module.exports = {
  __proto__: null, abort, duplexFromWeb, finished, readableFromWeb, readableToWeb, writableFromWeb, writableToWeb,
  duplexToWeb: (stream) => ({ readable: readableToWeb(stream), writable: writableToWeb(stream) }),
};
