// TransformStream and its controller.
'use strict';

const { ReflectApply } = primordials;
const { dictionary, expose, illegalConstructor, invalidArgument, invalidState, invalidThis, isObject, onlyItself } = require('web/common');
const { attempt, deferred, react, resolved } = require('web/streams/promises');
const { highWaterMark, method, sizeOf } = require('web/streams/queue');
const readers = require('web/streams/default_controller');
const writers = require('web/streams/writable_core');
const { makeStream: makeReadable, stateOf: readableState } = require('web/streams/readable');
const { makeStream: makeWritable, writableState } = require('web/streams/writable');

const KEY = { __proto__: null };

class TransformStream {
  #state;

  constructor(transformer, writableStrategy, readableStrategy) {
    if (transformer === KEY) {
      this.#state = writableStrategy;
      return;
    }
    if (transformer === undefined) transformer = { __proto__: null };
    else if (!isObject(transformer)) throw invalidArgument('transformer', 'of type object', transformer);
    readableStrategy = dictionary(readableStrategy, 'readableStrategy');
    writableStrategy = dictionary(writableStrategy, 'writableStrategy');
    const cancel = method(transformer, 'cancel');
    const flush = method(transformer, 'flush');
    if (transformer.readableType !== undefined) throw invalidArgument('transformer.readableType', 'undefined', transformer.readableType);
    const start = method(transformer, 'start');
    const transform = method(transformer, 'transform');
    if (transformer.writableType !== undefined) throw invalidArgument('transformer.writableType', 'undefined', transformer.writableType);
    const readableMark = highWaterMark(readableStrategy, 0);
    const readableSize = sizeOf(readableStrategy);
    const writableMark = highWaterMark(writableStrategy, 1);
    const writableSize = sizeOf(writableStrategy);
    const begun = deferred();
    const state = this.#state = make({
      __proto__: null, writableMark, writableSize, readableMark, readableSize, start: () => begun.promise,
      transform: transform && ((chunk, object) => attempt(() => ReflectApply(transform, transformer, [chunk, object]))),
      flush: flush && ((object) => attempt(() => ReflectApply(flush, transformer, [object]))),
      cancel: cancel && ((reason) => attempt(() => ReflectApply(cancel, transformer, [reason]))),
    });
    begun.resolve(start === undefined ? undefined : ReflectApply(start, transformer, [state.controller]));
  }

  static state(stream) {
    if (!isStream(stream)) throw invalidThis('TransformStream');
    return stream.#state;
  }

  static is(stream) {
    return isObject(stream) && #state in stream;
  }

  get readable() {
    return stateOf(this).readable;
  }

  get writable() {
    return stateOf(this).writable;
  }
}
const { state: stateOf, is: isStream } = TransformStream;
delete TransformStream.state;
delete TransformStream.is;
expose(TransformStream, {
  __proto__: null, compared: onlyItself,
  view(object) {
    if (!isStream(object)) return undefined;
    const { readable, writable, backpressure } = stateOf(object);
    return { __proto__: null, readable, writable, backpressure };
  },
});

class TransformStreamDefaultController {
  #stream;

  constructor(key, stream) {
    if (key !== KEY) throw illegalConstructor();
    this.#stream = stream;
  }

  static stream(controller) {
    if (!isObject(controller) || !(#stream in controller)) throw invalidThis('TransformStreamDefaultController');
    return controller.#stream;
  }

  get desiredSize() {
    return readers.desiredSize(readableState(streamOf(this).readable).controller);
  }

  enqueue(chunk = undefined) {
    enqueue(streamOf(this), chunk);
  }

  error(reason = undefined) {
    fail(streamOf(this), reason);
  }

  terminate() {
    const stream = streamOf(this);
    readers.close(readableState(stream.readable).controller);
    failWritable(stream, invalidState('TransformStream terminated'));
  }
}
const { stream: streamOf } = TransformStreamDefaultController;
delete TransformStreamDefaultController.stream;
expose(TransformStreamDefaultController, { __proto__: null, compared: onlyItself, view: (controller) => { streamOf(controller); return { __proto__: null }; } });

// The record of a stream. `transform`, `flush` and `cancel` return promises; each may be missing.
function make({ start, transform, flush, cancel, writableMark, writableSize, readableMark, readableSize }) {
  const stream = {
    __proto__: null, readable: undefined, writable: undefined, backpressure: undefined, backpressureChange: undefined, controller: undefined,
    transform, flush, cancel, finishing: undefined,
  };
  stream.controller = new TransformStreamDefaultController(KEY, stream);
  stream.writable = makeWritable(
    start,
    (chunk) => write(stream, chunk),
    () => closeSink(stream),
    (reason) => abortSink(stream, reason),
    writableMark,
    writableSize,
  );
  stream.readable = makeReadable(
    start,
    () => {
      setBackpressure(stream, false);
      return stream.backpressureChange.promise;
    },
    (reason) => cancelSource(stream, reason),
    readableMark,
    readableSize,
  );
  setBackpressure(stream, true);
  return stream;
}

function setBackpressure(stream, backpressure) {
  stream.backpressureChange?.resolve(undefined);
  stream.backpressureChange = deferred();
  stream.backpressure = backpressure;
}

function enqueue(stream, chunk) {
  const { controller } = readableState(stream.readable);
  if (!readers.canEnqueue(controller)) throw invalidState('Controller is already closed');
  try {
    readers.enqueue(controller, chunk);
  } catch (reason) {
    failWritable(stream, reason);
    throw readableState(stream.readable).storedError;
  }
  const backpressure = readers.hasBackpressure(controller);
  if (backpressure !== stream.backpressure) setBackpressure(stream, true);
}

function fail(stream, reason) {
  readers.error(readableState(stream.readable).controller, reason);
  failWritable(stream, reason);
}

function failWritable(stream, reason) {
  forget(stream);
  writers.errorIfNeeded(writableState(stream.writable).controller, reason);
  if (stream.backpressure) setBackpressure(stream, false);
}

function forget(stream) {
  stream.transform = stream.flush = stream.cancel = undefined;
}

function write(stream, chunk) {
  if (!stream.backpressure) return perform(stream, chunk);
  return react(stream.backpressureChange.promise, () => {
    const writable = writableState(stream.writable);
    if (writable.state === 'erroring') throw writable.storedError;
    return perform(stream, chunk);
  });
}

function perform(stream, chunk) {
  const { transform, controller } = stream;
  const done = transform === undefined ? attempt(() => enqueue(stream, chunk)) : transform(chunk, controller);
  return react(done, undefined, (reason) => {
    fail(stream, reason);
    throw reason;
  });
}

function abortSink(stream, reason) {
  if (stream.finishing !== undefined) return stream.finishing.promise;
  const { controller } = readableState(stream.readable);
  const finishing = stream.finishing = deferred();
  const done = stream.cancel === undefined ? resolved(undefined) : stream.cancel(reason);
  forget(stream);
  react(done, () => {
    const readable = readableState(stream.readable);
    if (readable.state === 'errored') {
      finishing.reject(readable.storedError);
    } else {
      readers.error(controller, reason);
      finishing.resolve(undefined);
    }
  }, (failure) => {
    readers.error(controller, failure);
    finishing.reject(failure);
  });
  return finishing.promise;
}

function closeSink(stream) {
  if (stream.finishing !== undefined) return stream.finishing.promise;
  const readable = readableState(stream.readable);
  const finishing = stream.finishing = deferred();
  const done = stream.flush === undefined ? resolved(undefined) : stream.flush(stream.controller);
  forget(stream);
  react(done, () => {
    if (readable.state === 'errored') {
      finishing.reject(readable.storedError);
    } else {
      readers.close(readable.controller);
      finishing.resolve(undefined);
    }
  }, (failure) => {
    readers.error(readable.controller, failure);
    finishing.reject(failure);
  });
  return finishing.promise;
}

function cancelSource(stream, reason) {
  if (stream.finishing !== undefined) return stream.finishing.promise;
  const writable = writableState(stream.writable);
  const finishing = stream.finishing = deferred();
  const done = stream.cancel === undefined ? resolved(undefined) : stream.cancel(reason);
  forget(stream);
  react(done, () => {
    if (writable.state === 'errored') {
      finishing.reject(writable.storedError);
      return;
    }
    writers.errorIfNeeded(writable.controller, reason);
    if (stream.backpressure) setBackpressure(stream, false);
    finishing.resolve(undefined);
  }, (failure) => {
    writers.errorIfNeeded(writable.controller, failure);
    if (stream.backpressure) setBackpressure(stream, false);
    finishing.reject(failure);
  });
  return finishing.promise;
}

// A stream of the environment's own: `transform(chunk, enqueue)` and `flush(enqueue)` may throw.
function makeTransform(transform, flush) {
  let state;
  const give = (chunk) => enqueue(state, chunk);
  state = make({
    __proto__: null, writableMark: 1, writableSize: () => 1, readableMark: 0, readableSize: () => 1, start: () => undefined,
    transform: (chunk) => attempt(() => transform(chunk, give)), flush: () => attempt(() => flush(give)), cancel: undefined,
  });
  return { __proto__: null, readable: state.readable, writable: state.writable };
}

module.exports = { __proto__: null, TransformStream, TransformStreamDefaultController, makeTransform };
