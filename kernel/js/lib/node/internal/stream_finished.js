// `finished`: calls back once when a stream can be neither read nor written any more, or failed.
'use strict';

const { FunctionPrototypeCall, Promise, SymbolDispose } = primordials;
const { abortError, make } = require('node/internal/errors');
const {
  isClosed, isNodeStream, isReadable, isReadableFinished, isReadableSide, isWebReadable, isWebWritable, isWritable, isWritableFinished,
  isWritableSide, readableError, willEmitClose, writableError,
} = require('node/internal/stream_state');
const { validateAbortSignal, validateBoolean, validateFunction, validateObject } = require('node/internal/validators');

// Returns what takes it back.
function finished(stream, options, callback) {
  if (callback === undefined && typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  options ??= { __proto__: null };
  if (arguments.length === 2) validateFunction(callback ?? options, 'callback');
  validateObject(options, 'options');
  validateFunction(callback, 'callback');
  validateAbortSignal(options.signal, 'options.signal');
  callback = require('node/async_hooks').AsyncResource.bind(callback);
  if (isWebReadable(stream) || isWebWritable(stream)) return require('node/internal/stream_web').finished(stream, options, callback);
  if (!isNodeStream(stream)) throw make('ERR_INVALID_ARG_TYPE', 'stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  const watch = new Watch(stream, options, callback);
  watch.start();
  return () => watch.stop();
}

class Watch {
  #stream;
  #options;
  #callback;
  // Which sides are waited for.
  #reads;
  #writes;
  #hasRead;
  #hasWritten;
  // `close` comes by itself, and it is waited for where both sides are.
  #closes;
  #listening;

  constructor(stream, options, callback) {
    this.#stream = stream;
    this.#options = options;
    this.#callback = callback;
    this.#reads = options.readable ?? isReadableSide(stream);
    this.#writes = options.writable ?? isWritableSide(stream);
    this.#hasRead = isReadableFinished(stream, false);
    this.#hasWritten = isWritableFinished(stream, false);
    this.#closes = willEmitClose(stream) && isReadableSide(stream) === this.#reads && isWritableSide(stream) === this.#writes;
  }

  #tell(error) {
    const callback = this.#callback;
    if (callback === undefined) return;
    this.#callback = undefined;
    this.#listening?.[SymbolDispose]();
    if (error === undefined) FunctionPrototypeCall(callback, this.#stream);
    else FunctionPrototypeCall(callback, this.#stream, error);
  }

  #onEnd = () => {
    const stream = this.#stream;
    this.#hasRead = true;
    if (stream.destroyed) this.#closes = false;
    if (this.#closes && (!stream.writable || this.#writes)) return;
    if (!this.#writes || this.#hasWritten) this.#tell();
  };

  #onFinish = () => {
    const stream = this.#stream;
    this.#hasWritten = true;
    if (stream.destroyed) this.#closes = false;
    if (this.#closes && (!stream.readable || this.#reads)) return;
    if (!this.#reads || this.#hasRead) this.#tell();
  };

  // Streams of other people's classes may never say `finish`.
  #onOldFinish = () => {
    if (!this.#stream.writable) this.#onFinish();
  };

  #onError = (error) => this.#tell(error);

  #onClose = () => {
    const stream = this.#stream;
    const error = writableError(stream) || readableError(stream);
    if (error && typeof error !== 'boolean') return this.#tell(error);
    const readsOn = this.#reads && !this.#hasRead && isReadableSide(stream, true) && !isReadableFinished(stream, false);
    const writesOn = this.#writes && !this.#hasWritten && !isWritableFinished(stream, false);
    if (readsOn || writesOn) this.#tell(make('ERR_STREAM_PREMATURE_CLOSE'));
    else this.#tell();
  };

  // It was over before anybody waited.
  #onOver = () => {
    const error = writableError(this.#stream) || readableError(this.#stream);
    if (error && typeof error !== 'boolean') this.#tell(error);
    else this.#tell();
  };

  start() {
    const stream = this.#stream;
    if (this.#writes && !stream._writableState) {
      stream.on('end', this.#onOldFinish);
      stream.on('close', this.#onOldFinish);
    }
    if (!this.#closes && typeof stream.aborted === 'boolean') stream.on('aborted', this.#onClose);
    stream.on('end', this.#onEnd);
    stream.on('finish', this.#onFinish);
    if (this.#options.error !== false) stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    const closed = isClosed(stream);
    this.#checkWhetherOver(closed);
    if (this.#options.signal && !closed) this.#listen(this.#options.signal);
  }

  #checkWhetherOver(closed) {
    const stream = this.#stream;
    const mayNotClose = (still) => !this.#closes || still(stream);
    if (closed) {
      ops.tick(this.#onClose, []);
    } else if (stream._writableState?.errorEmitted || stream._readableState?.errorEmitted) {
      if (!this.#closes) ops.tick(this.#onOver, []);
    } else if (!this.#reads && mayNotClose(isReadable) && (this.#hasWritten || isWritable(stream) === false) && !stream._writableState?.pendingcb) {
      ops.tick(this.#onOver, []);
    } else if (!this.#writes && mayNotClose(isWritable) && (this.#hasRead || isReadable(stream) === false)) {
      ops.tick(this.#onOver, []);
    }
  }

  #listen(signal) {
    const abort = () => {
      const callback = this.#callback;
      this.stop();
      if (callback !== undefined) FunctionPrototypeCall(callback, this.#stream, abortError(signal.reason));
    };
    if (signal.aborted) ops.tick(abort, []);
    else this.#listening = require('node/internal/events_waiting').addAbortListener(signal, abort);
  }

  stop() {
    const stream = this.#stream;
    this.#callback = undefined;
    this.#listening?.[SymbolDispose]();
    stream.removeListener('aborted', this.#onClose);
    stream.removeListener('end', this.#onOldFinish);
    stream.removeListener('close', this.#onOldFinish);
    stream.removeListener('finish', this.#onFinish);
    stream.removeListener('end', this.#onEnd);
    stream.removeListener('error', this.#onError);
    stream.removeListener('close', this.#onClose);
  }
}

// The same as a promise. `cleanup`: nothing listens any more when it is settled.
function finishedPromise(stream, options) {
  const cleans = options?.cleanup === undefined || options.cleanup === null ? false : options.cleanup;
  validateBoolean(cleans, 'cleanup');
  return new Promise((resolve, reject) => {
    const cleanUp = finished(stream, options, (error) => {
      if (cleans) cleanUp();
      if (error) reject(error);
      else resolve();
    });
  });
}

module.exports = { __proto__: null, finished, finishedPromise };
