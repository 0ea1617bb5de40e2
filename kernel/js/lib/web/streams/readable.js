// ReadableStream.
'use strict';

const {
  ObjectDefineProperty, ObjectGetPrototypeOf, ObjectSetPrototypeOf, RangeError, ReflectApply, SymbolAsyncIterator, SymbolIterator, TypeError,
} = primordials;
const { dictionary, expose, invalidArgument, invalidState, invalidThis, isObject, onlyItself, requireArguments } = require('web/common');
const { isAbortSignal } = require('web/abort');
const { attempt, deferred, handled, react, rejected, resolved, whenEnded } = require('web/streams/promises');
const { calling } = require('web/streams/pulling');
const { highWaterMark, method, sizeOf } = require('web/streams/queue');
const core = require('web/streams/readable_core');
const controllers = require('web/streams/default_controller');

const KEY = { __proto__: null };

class ReadableStream {
  #state;

  constructor(source, strategy) {
    const stream = core.newStream();
    this.#state = stream;
    stream.object = this;
    if (source === KEY) return;
    if (source === undefined) source = { __proto__: null };
    else if (!isObject(source)) throw invalidArgument('source', 'of type object', source);
    strategy = dictionary(strategy, 'strategy');
    const { type } = source;
    const cancel = method(source, 'cancel');
    const pull = method(source, 'pull');
    const start = method(source, 'start');
    if (type !== undefined && `${type}` !== 'bytes') throw invalidArgument('source.type', "'bytes' or undefined", type);
    if (type !== undefined) {
      if (strategy.size !== undefined) throw new RangeError('A stream of bytes has no strategy with a size');
      require('web/streams/byte_core').setUpFromSource(stream, source, start, pull, cancel, highWaterMark(strategy, 0));
      return;
    }
    const size = sizeOf(strategy);
    const mark = highWaterMark(strategy, 1);
    const methods = calling(source, start, pull, cancel);
    controllers.setUp(stream, methods.start, methods.pull, methods.cancel, mark, size);
  }

  static state(stream) {
    if (!isStream(stream)) throw invalidThis('ReadableStream');
    return stream.#state;
  }

  static is(stream) {
    return isObject(stream) && #state in stream;
  }

  static from(iterable) {
    requireArguments(arguments.length, 'iterable');
    return from(iterable);
  }

  get locked() {
    return core.isLocked(state(this));
  }

  cancel(reason = undefined) {
    try {
      const stream = state(this);
      return core.isLocked(stream) ? rejected(invalidState('ReadableStream is locked')) : core.cancel(stream, reason);
    } catch (error) {
      return rejected(error);
    }
  }

  getReader(options) {
    state(this);
    const { mode } = dictionary(options, 'options');
    if (mode === undefined) return new (require('web/streams/readers').ReadableStreamDefaultReader)(this);
    if (`${mode}` !== 'byob') throw invalidArgument('options.mode', "'byob' or undefined", mode);
    return new (require('web/streams/byob_reader').ReadableStreamBYOBReader)(this);
  }

  pipeThrough(transform, options) {
    const stream = state(this);
    requireArguments(arguments.length, 'transform');
    if (!isObject(transform)) throw invalidArgument('transform', 'of type object', transform);
    const { readable, writable } = transform;
    const { isWritableStream, writableState, isLocked } = require('web/streams/writable');
    if (!isStream(readable)) throw invalidArgument('transform.readable', 'an instance of ReadableStream', readable);
    if (!isWritableStream(writable)) throw invalidArgument('transform.writable', 'an instance of WritableStream', writable);
    const wishes = pipeOptions(options);
    if (core.isLocked(stream)) throw invalidState('The ReadableStream is locked');
    if (isLocked(writableState(writable))) throw invalidState('The WritableStream is locked');
    handled(require('web/streams/pipe').pipeTo(stream, writableState(writable), wishes));
    return readable;
  }

  pipeTo(destination, options) {
    try {
      const stream = state(this);
      requireArguments(arguments.length, 'destination');
      const { isWritableStream, writableState, isLocked } = require('web/streams/writable');
      if (!isWritableStream(destination)) throw invalidArgument('destination', 'an instance of WritableStream', destination);
      const wishes = pipeOptions(options);
      if (core.isLocked(stream)) throw invalidState('The ReadableStream is locked');
      if (isLocked(writableState(destination))) throw invalidState('The WritableStream is locked');
      return require('web/streams/pipe').pipeTo(stream, writableState(destination), wishes);
    } catch (error) {
      return rejected(error);
    }
  }

  tee() {
    const stream = state(this);
    return require('web/streams/tee').tee(stream);
  }

  values(options) {
    const stream = state(this);
    const preventCancel = !!dictionary(options, 'options').preventCancel;
    return iterator(core.newReader(stream, false), preventCancel);
  }
}
const { state, is: isStream } = ReadableStream;
delete ReadableStream.state;
delete ReadableStream.is;
ObjectDefineProperty(ReadableStream.prototype, SymbolAsyncIterator, {
  __proto__: null, value: ReadableStream.prototype.values, writable: true, enumerable: false, configurable: true,
});
expose(ReadableStream, {
  __proto__: null, compared: onlyItself,
  view(object) {
    if (!isStream(object)) return undefined;
    const stream = state(object);
    return { __proto__: null, locked: core.isLocked(stream), state: stream.state, supportsBYOB: stream.controller?.bytes === true };
  },
});

function pipeOptions(options) {
  const { preventAbort, preventCancel, preventClose, signal } = dictionary(options, 'options');
  if (signal !== undefined && !isAbortSignal(signal)) throw invalidArgument('options.signal', 'an instance of AbortSignal', signal);
  return { __proto__: null, preventAbort: !!preventAbort, preventCancel: !!preventCancel, preventClose: !!preventClose, signal };
}

// A stream of the environment's own. The algorithms return promises; `start` may return anything.
function makeStream(start, pull, cancel, mark = 1, size = () => 1) {
  const object = new ReadableStream(KEY);
  controllers.setUp(state(object), start, pull, cancel, mark, size);
  return object;
}

function makeByteStream(start, pull, cancel, mark = 0) {
  const object = new ReadableStream(KEY);
  require('web/streams/byte_core').setUp(state(object), start, pull, cancel, mark, undefined);
  return object;
}

const asyncIteratorPrototype = ObjectGetPrototypeOf(ObjectGetPrototypeOf(async function* () {}).prototype);

class ReadableStreamAsyncIterator {
  #reader;
  #preventCancel;
  #ongoing = undefined;
  #finished = false;

  constructor(reader, preventCancel) {
    this.#reader = reader;
    this.#preventCancel = preventCancel;
  }

  next() {
    const step = () => this.#next();
    const { promise } = this.#ongoing = { __proto__: null, promise: this.#ongoing === undefined ? step() : react(this.#ongoing.promise, step, step) };
    return promise;
  }

  return(value = undefined) {
    const step = () => this.#return(value);
    const { promise } = this.#ongoing = { __proto__: null, promise: this.#ongoing === undefined ? step() : react(this.#ongoing.promise, step, step) };
    return promise;
  }

  #next() {
    if (this.#finished) return resolved({ value: undefined, done: true });
    const result = deferred();
    const end = () => {
      this.#finished = true;
      core.release(this.#reader);
    };
    core.read(this.#reader, {
      __proto__: null,
      chunk(value) { result.resolve({ value, done: false }); },
      close() { end(); result.resolve({ value: undefined, done: true }); },
      error(reason) { end(); result.reject(reason); },
    });
    return result.promise;
  }

  #return(value) {
    if (this.#finished) return resolved({ value, done: true });
    this.#finished = true;
    const reader = this.#reader;
    if (this.#preventCancel) {
      core.release(reader);
      return resolved({ value, done: true });
    }
    const done = core.cancel(reader.stream, value);
    core.release(reader);
    return react(done, () => ({ value, done: true }));
  }
}
delete ReadableStreamAsyncIterator.prototype.constructor;
ObjectSetPrototypeOf(ReadableStreamAsyncIterator.prototype, asyncIteratorPrototype);
expose(ReadableStreamAsyncIterator, { __proto__: null, tag: 'ReadableStream AsyncIterator' });
const iterator = (reader, preventCancel) => new ReadableStreamAsyncIterator(reader, preventCancel);

// A stream of what an iterable gives.
function from(iterable) {
  if (iterable === undefined || iterable === null) throw invalidArgument('iterable', 'an iterable', iterable);
  let asked = iterable[SymbolAsyncIterator];
  const isAsync = asked !== undefined && asked !== null;
  if (!isAsync) asked = iterable[SymbolIterator];
  if (typeof asked !== 'function') {
    const error = new TypeError(`${ops.brief(iterable)} is not iterable`);
    error.code = 'ERR_ARG_NOT_ITERABLE';
    throw error;
  }
  const items = ReflectApply(asked, iterable, []);
  if (!isObject(items)) throw new TypeError('The iterator is no object');
  const { next } = items;
  let stream;
  const pull = () => {
    const asked = attempt(() => ReflectApply(next, items, []));
    return react(asked, (result) => {
      if (!isObject(result)) throw new TypeError('The promise or value returned by the iterator is no object');
      const { controller } = state(stream);
      if (result.done) {
        controllers.close(controller);
        return undefined;
      }
      const { value } = result;
      if (isAsync) return controllers.enqueue(controller, value);
      return react(resolved(value), (value) => controllers.enqueue(controller, value));
    });
  };
  const cancel = (reason) => attempt(() => {
    const end = items.return;
    if (end === undefined || end === null) return undefined;
    return react(attempt(() => ReflectApply(end, items, [reason])), (result) => {
      if (!isObject(result)) throw new TypeError('The promise or value returned by the iterator is no object');
    });
  });
  stream = makeStream(() => undefined, pull, cancel, 0);
  return stream;
}

module.exports = {
  __proto__: null, ReadableStream, isReadableStream: isStream, makeByteStream, makeStream, stateOf: state,
  isDisturbed: (stream) => state(stream).disturbed,
  whenEnded: (stream) => whenEnded(state(stream)),
  // Makes it fail, whoever reads it.
  fail(stream, reason) {
    if (state(stream).state === 'readable') core.error(state(stream), reason);
  },
};
