// Streams to their end: `finished`, `pipeline`, `addAbortSignal`.
'use strict';

const { ArrayIsArray, ArrayPrototypePop, ArrayPrototypePush, Error, Promise, PromisePrototypeThen, SymbolAsyncIterator, SymbolIterator } = primordials;
const { coded } = require('node/internal/stream_base');

function abortError(signal) {
  const error = new Error('The operation was aborted', { __proto__: null, cause: signal?.reason });
  error.name = 'AbortError';
  return coded(error, 'ABORT_ERR');
}

// Calls back once when the stream can be neither read nor written any more; returns what takes that back.
function finished(stream, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = {};
  }
  const reads = options.readable !== false && stream._readableState !== undefined && stream._readableHidden !== true;
  const writes = options.writable !== false && stream._writableState !== undefined && stream._writableHidden !== true;
  let called = false;
  const done = (error) => {
    if (called) return;
    called = true;
    cleanup();
    callback(error);
  };
  const hasRead = () => !reads || stream._readableState.endEmitted;
  const hasWritten = () => !writes || stream._writableState.finished;
  const check = () => { if (hasRead() && hasWritten()) done(); };
  const onClose = () => {
    const error = stream.errored;
    if (error) return done(error);
    if (hasRead() && hasWritten()) return done();
    done(coded(new Error('Premature close'), 'ERR_STREAM_PREMATURE_CLOSE'));
  };
  const onError = (error) => done(error);
  const onAbort = () => done(abortError(options.signal));
  const cleanup = () => {
    stream.removeListener('end', check);
    stream.removeListener('finish', check);
    stream.removeListener('close', onClose);
    // An error that comes later is told to those who listen.
    stream.removeListener('error', onError);
    options.signal?.removeEventListener('abort', onAbort);
  };
  stream.on('end', check);
  stream.on('finish', check);
  stream.on('close', onClose);
  if (options.error !== false) stream.on('error', onError);
  options.signal?.addEventListener('abort', onAbort);
  if (stream.closed) ops.tick(onClose, []);
  else if (stream.errored) ops.tick(done, [stream.errored]);
  else if (hasRead() && hasWritten() && (reads || writes)) ops.tick(check, []);
  return cleanup;
}

const isStream = (value) => typeof value?.pipe === 'function' && typeof value.on === 'function';

function pipeline(...streams) {
  const callback = ArrayPrototypePop(streams);
  if (streams.length === 1 && ArrayIsArray(streams[0])) streams = streams[0];
  return run(streams, {}, callback);
}

function run(streams, options, callback) {
  const { Readable } = require('node/internal/stream_readable');
  const all = [];
  let failure;
  let left = 0;
  let result;
  const settle = (error) => {
    if (error && (failure === undefined || failure.code === 'ERR_STREAM_PREMATURE_CLOSE')) failure = error;
    if (error) for (let index = 0; index < all.length; index++) all[index].destroy?.(index === all.length - 1 ? error : undefined);
    if (--left === 0) ops.tick(callback, failure === undefined ? [undefined, result] : [failure]);
  };
  let source;
  for (let index = 0; index < streams.length; index++) {
    let stage = streams[index];
    const last = index === streams.length - 1;
    if (typeof stage === 'function') {
      const made = source === undefined ? stage() : stage(source);
      if (last && typeof made?.then === 'function') {
        left++;
        PromisePrototypeThen(made, (value) => {
          result = value;
          settle();
        }, settle);
        source = undefined;
        continue;
      }
      stage = isStream(made) ? made : Readable.from(made);
    } else if (!isStream(stage) && (stage[SymbolAsyncIterator] || stage[SymbolIterator])) {
      stage = Readable.from(stage);
    } else if (source !== undefined) {
      source.pipe(stage, { end: options.end !== false || !last });
    }
    left++;
    ArrayPrototypePush(all, stage);
    finished(stage, { readable: !last && stage._readableState !== undefined, writable: index > 0 && stage._writableState !== undefined }, settle);
    // What went wrong has been told.
    stage.on('error', () => {});
    source = stage;
  }
  options.signal?.addEventListener('abort', () => {
    failure = abortError(options.signal);
    for (let index = 0; index < all.length; index++) all[index].destroy(failure);
  });
  return streams[streams.length - 1];
}

function addAbortSignal(signal, stream) {
  const abort = () => stream.destroy(abortError(signal));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort);
  return stream;
}

const promises = {
  finished: (stream, options = {}) => new Promise((resolve, reject) => {
    finished(stream, options, (error) => error ? reject(error) : resolve());
  }),
  pipeline: (...streams) => new Promise((resolve, reject) => {
    const last = streams[streams.length - 1];
    const options = !isStream(last) && typeof last === 'object' && !last[SymbolAsyncIterator] && !last[SymbolIterator] ? ArrayPrototypePop(streams) : {};
    run(streams, options, (error, value) => error ? reject(error) : resolve(value));
  }),
};

module.exports = { __proto__: null, addAbortSignal, finished, pipeline, promises };
