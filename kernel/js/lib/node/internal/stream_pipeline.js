// `pipeline`: sources, transforms and a destination joined into one, which end together and fail together.
'use strict';

const {
  ArrayIsArray, ArrayPrototypePop, ArrayPrototypePush, ArrayPrototypeShift, FunctionPrototypeCall, Promise, SymbolAsyncIterator, SymbolDispose,
} = primordials;
const { abortError, make } = require('node/internal/errors');
const { finished } = require('node/internal/stream_finished');
const { bothErrors, destroyAny } = require('node/internal/stream_life');
const {
  isIterable, isNodeStream, isReadable, isReadableFinished, isReadableSide, isWebReadable, isWebStream, isWebTransform, isWebWritable,
} = require('node/internal/stream_state');
const { validateAbortSignal, validateFunction } = require('node/internal/validators');

const isPremature = (error) => error?.code === 'ERR_STREAM_PREMATURE_CLOSE';

function pipeline(...streams) {
  const callback = ArrayPrototypePop(streams);
  validateFunction(callback, 'streams[stream.length - 1]');
  return run(streams, callback);
}

// What the last stage is.
function run(streams, callback, options) {
  if (streams.length === 1 && ArrayIsArray(streams[0])) streams = streams[0];
  if (streams.length < 2) throw make('ERR_MISSING_ARGS', 'streams');
  validateAbortSignal(options?.signal, 'options.signal');
  return new Pipeline(streams, callback, options).start();
}

class Pipeline {
  #streams;
  #callback;
  #ends;
  #outer;
  #inner = new (require('web/abort').AbortController)();
  #listening;
  #error;
  #value;
  // How many transfers have not come to their end.
  #open = 0;
  #isOver = false;
  #destroys = [];
  // What is undone when it went well: the last stage may live on.
  #lastCleanUps = [];

  constructor(streams, callback, options) {
    this.#streams = streams;
    this.#callback = callback;
    this.#ends = options?.end !== false;
    this.#outer = options?.signal;
  }

  #done = (error) => this.#settle(error, --this.#open === 0);

  #failed = (error) => this.#settle(error, false);

  #settle(error, isLast) {
    if (error && (!this.#error || isPremature(this.#error))) this.#error = error;
    if (!this.#error && !isLast) return;
    while (this.#destroys.length > 0) ArrayPrototypeShift(this.#destroys)(this.#error);
    this.#listening?.[SymbolDispose]();
    this.#inner.abort();
    if (!isLast || this.#isOver) return;
    this.#isOver = true;
    if (!this.#error) for (let index = 0; index < this.#lastCleanUps.length; index++) this.#lastCleanUps[index]();
    ops.tick(this.#callback, [this.#error, this.#value]);
  }

  start() {
    const abort = () => this.#failed(abortError(this.#outer?.reason));
    if (this.#outer) this.#listening = require('node/internal/events_waiting').addAbortListener(this.#outer, abort);
    let made;
    for (let index = 0; index < this.#streams.length; index++) {
      const stage = this.#streams[index];
      const isLast = index === this.#streams.length - 1;
      if (isNodeStream(stage) && (this.#ends || !isLast)) this.#guard(stage, index > 0, isLast);
      made = index === 0 ? this.#first(stage) : this.#join(made, stage, index, isLast);
    }
    if (this.#inner.signal.aborted || this.#outer?.aborted) ops.tick(abort, []);
    return made;
  }

  // This stage is destroyed when another fails, and its errors are those of the whole.
  #guard(stage, writes, isLast) {
    this.#destroyLater(stage, !isLast, writes, isLast);
    const onError = (error) => {
      if (error && error.name !== 'AbortError' && !isPremature(error)) this.#done(error);
    };
    stage.on('error', onError);
    if (isReadable(stage) && isLast) ArrayPrototypePush(this.#lastCleanUps, () => stage.removeListener('error', onError));
  }

  #destroyLater(stream, reads, writes, mayLive) {
    let over = false;
    stream.on('close', () => { over = true; });
    const cleanUp = finished(stream, { __proto__: null, readable: reads, writable: writes }, (error) => { over = !error; });
    ArrayPrototypePush(this.#destroys, (error) => {
      if (over) return;
      over = true;
      destroyAny(stream, error || make('ERR_STREAM_DESTROYED', 'pipe'));
    });
    if (mayLive && isReadable(stream)) ArrayPrototypePush(this.#lastCleanUps, cleanUp);
  }

  #first(stage) {
    if (typeof stage === 'function') {
      const made = stage({ signal: this.#inner.signal });
      if (!isIterable(made)) throw make('ERR_INVALID_RETURN_VALUE', 'Iterable, AsyncIterable or Stream', 'source', made);
      return made;
    }
    if (isIterable(stage) || isReadableSide(stage) || isWebTransform(stage)) return stage;
    return require('node/internal/stream_duplexify').from(stage, 'body');
  }

  #join(before, stage, index, isLast) {
    if (typeof stage === 'function') return this.#call(before, stage, index, isLast);
    if (isNodeStream(stage)) {
      this.#pour(before, stage, isLast);
      return stage;
    }
    if (isWebStream(stage)) {
      this.#pourIntoWeb(before, stage, isLast);
      return stage;
    }
    const made = require('node/internal/stream_duplexify').from(stage, 'body');
    this.#pour(before, made, isLast);
    return made;
  }

  #call(before, stage, index, isLast) {
    const input = iterableOf(isWebTransform(before) ? before.readable : before);
    const made = stage(input, { signal: this.#inner.signal });
    if (!isLast) {
      if (!isIterable(made, true)) throw make('ERR_INVALID_RETURN_VALUE', 'AsyncIterable', `transform[${index - 1}]`, made);
      return made;
    }
    // What the function says comes out of a stream, so that the whole has one to be read.
    const { PassThrough } = require('node/internal/stream_duplex');
    const output = new PassThrough({ __proto__: null, objectMode: true });
    const then = made?.then;
    if (typeof then === 'function') {
      this.#open++;
      FunctionPrototypeCall(then, made, (value) => {
        this.#value = value;
        if (value !== undefined && value !== null) output.write(value);
        if (this.#ends) output.end();
        ops.tick(this.#done, []);
      }, (error) => {
        output.destroy(error);
        ops.tick(this.#done, [error]);
      });
    } else if (isIterable(made, true)) {
      this.#open++;
      this.#pump(made, output, this.#ends);
    } else if (isWebReadable(made) || isWebTransform(made)) {
      this.#open++;
      this.#pump(made.readable ?? made, output, this.#ends);
    } else {
      throw make('ERR_INVALID_RETURN_VALUE', 'AsyncIterable or Promise', 'destination', made);
    }
    this.#destroyLater(output, false, true, true);
    return output;
  }

  #pour(source, target, isLast) {
    const ends = this.#ends || !isLast;
    if (isReadableSide(source)) {
      this.#open += 2;
      const cleanUp = this.#pipe(source, target, ends);
      if (isReadable(target) && isLast) ArrayPrototypePush(this.#lastCleanUps, cleanUp);
    } else if (isWebReadable(source) || isWebTransform(source)) {
      this.#open++;
      this.#pump(isWebReadable(source) ? source : source.readable, target, ends);
    } else if (isIterable(source)) {
      this.#open++;
      this.#pump(source, target, ends);
    } else {
      throw make('ERR_INVALID_ARG_TYPE', 'val', ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], source);
    }
  }

  #pipe(source, target, ends) {
    let ended = false;
    target.on('close', () => {
      if (!ended) this.#done(make('ERR_STREAM_PREMATURE_CLOSE'));
    });
    source.pipe(target, { __proto__: null, end: false });
    if (ends) {
      const end = () => {
        ended = true;
        target.end();
      };
      if (isReadableFinished(source)) ops.tick(end, []);
      else source.once('end', end);
    } else {
      this.#done();
    }
    finished(source, { __proto__: null, readable: true, writable: false }, (error) => {
      const state = source._readableState;
      if (isPremature(error) && state?.ended && !state.errored && !state.errorEmitted) {
        // All is there, and will be read.
        source.once('end', this.#done);
        source.once('error', this.#done);
      } else {
        this.#done(error);
      }
    });
    return finished(target, { __proto__: null, readable: false, writable: true }, this.#done);
  }

  async #pump(source, target, ends) {
    let error;
    let wake;
    const goOn = (reason) => {
      if (reason) error = reason;
      const waking = wake;
      wake = undefined;
      waking?.();
    };
    const wait = () => new Promise((resolve, reject) => {
      if (error) return reject(error);
      wake = () => error ? reject(error) : resolve();
    });
    target.on('drain', goOn);
    const cleanUp = finished(target, { __proto__: null, readable: false }, goOn);
    try {
      if (target.writableNeedDrain) await wait();
      for await (const chunk of source) if (!target.write(chunk)) await wait();
      if (ends) {
        target.end();
        await wait();
      }
      this.#done();
    } catch (thrown) {
      this.#done(error === thrown ? thrown : bothErrors(error, thrown));
    } finally {
      cleanUp();
      target.removeListener('drain', goOn);
    }
  }

  #pourIntoWeb(source, stage, isLast) {
    this.#open++;
    const target = isWebTransform(stage) ? stage.writable : stage;
    if (!isWebWritable(target)) {
      throw make('ERR_INVALID_ARG_TYPE', 'val', ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], source);
    }
    this.#pumpIntoWeb(iterableOf(isWebTransform(source) ? source.readable : source), target.getWriter(), this.#ends || !isLast);
  }

  async #pumpIntoWeb(source, writer, ends) {
    try {
      for await (const chunk of source) {
        await writer.ready;
        primordials.PromisePrototypeThen(writer.write(chunk), undefined, () => {});
      }
      await writer.ready;
      if (ends) await writer.close();
      this.#done();
    } catch (error) {
      try {
        await writer.abort(error);
        this.#done(error);
      } catch (other) {
        this.#done(other);
      }
    }
  }
}

function iterableOf(value) {
  if (isIterable(value)) return value;
  if (isReadableSide(value)) return chunksOf(value);
  throw make('ERR_INVALID_ARG_TYPE', 'val', ['Readable', 'Iterable', 'AsyncIterable'], value);
}

// Of a stream that is no Readable of this library.
async function* chunksOf(stream) {
  const { Readable } = require('node/internal/stream_readable');
  yield* FunctionPrototypeCall(Readable.prototype[SymbolAsyncIterator], stream);
}

function pipelinePromise(...streams) {
  return new Promise((resolve, reject) => {
    const last = streams[streams.length - 1];
    let options;
    if (last && typeof last === 'object' && !isNodeStream(last) && !isIterable(last) && !isWebStream(last)) {
      const { signal, end } = ArrayPrototypePop(streams);
      options = { __proto__: null, signal, end };
    }
    run(streams, (error, value) => error ? reject(error) : resolve(value), options);
  });
}

module.exports = { __proto__: null, pipeline, pipelinePromise, run };
