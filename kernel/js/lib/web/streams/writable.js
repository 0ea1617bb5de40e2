// WritableStream, its controller and its writer.
'use strict';

const { ReflectApply } = primordials;
const {
  dictionary, expose, illegalConstructor, invalidArgument, invalidState, invalidThis, isObject, onlyItself, requireArguments,
} = require('web/common');
const { attempt, rejected, resolved, whenEnded } = require('web/streams/promises');
const { highWaterMark, method, sizeOf } = require('web/streams/queue');
const core = require('web/streams/writable_core');

const KEY = { __proto__: null };

class WritableStream {
  #state;

  constructor(sink, strategy) {
    const stream = core.newStream();
    this.#state = stream;
    stream.object = this;
    if (sink === KEY) return;
    if (sink === undefined) sink = { __proto__: null };
    else if (!isObject(sink)) throw invalidArgument('sink', 'of type object', sink);
    strategy = dictionary(strategy, 'strategy');
    const abort = method(sink, 'abort');
    const close = method(sink, 'close');
    const start = method(sink, 'start');
    if (sink.type !== undefined) throw invalidArgument('sink.type', 'undefined', sink.type);
    const write = method(sink, 'write');
    const size = sizeOf(strategy);
    const mark = highWaterMark(strategy, 1);
    let object;
    core.setUp(
      stream,
      newController,
      (controller) => {
        object = controller;
        return start === undefined ? undefined : ReflectApply(start, sink, [controller]);
      },
      write === undefined ? () => resolved(undefined) : (chunk) => attempt(() => ReflectApply(write, sink, [chunk, object])),
      close === undefined ? () => resolved(undefined) : () => attempt(() => ReflectApply(close, sink, [])),
      abort === undefined ? () => resolved(undefined) : (reason) => attempt(() => ReflectApply(abort, sink, [reason])),
      mark,
      size,
    );
  }

  static state(stream) {
    if (!isStream(stream)) throw invalidThis('WritableStream');
    return stream.#state;
  }

  static is(stream) {
    return isObject(stream) && #state in stream;
  }

  get locked() {
    return core.isLocked(stateOf(this));
  }

  abort(reason = undefined) {
    try {
      const stream = stateOf(this);
      return core.isLocked(stream) ? rejected(invalidState('WritableStream is locked')) : core.abort(stream, reason);
    } catch (error) {
      return rejected(error);
    }
  }

  close() {
    try {
      const stream = stateOf(this);
      if (core.isLocked(stream)) return rejected(invalidState('WritableStream is locked'));
      if (core.closeQueuedOrInFlight(stream)) return rejected(invalidState('Failure closing WritableStream'));
      return core.close(stream);
    } catch (error) {
      return rejected(error);
    }
  }

  getWriter() {
    stateOf(this);
    return new WritableStreamDefaultWriter(this);
  }
}
const { state: stateOf, is: isStream } = WritableStream;
delete WritableStream.state;
delete WritableStream.is;
expose(WritableStream, {
  __proto__: null, compared: onlyItself,
  view(object) {
    if (!isStream(object)) return undefined;
    const stream = stateOf(object);
    return { __proto__: null, locked: core.isLocked(stream), state: stream.state };
  },
});

class WritableStreamDefaultController {
  #state;

  constructor(key, state) {
    if (key !== KEY) throw illegalConstructor();
    this.#state = state;
  }

  static state(controller) {
    if (!isObject(controller) || !(#state in controller)) throw invalidThis('WritableStreamDefaultController');
    return controller.#state;
  }

  get signal() {
    return controllerState(this).signal;
  }

  error(reason = undefined) {
    core.errorIfNeeded(controllerState(this), reason);
  }
}
const { state: controllerState } = WritableStreamDefaultController;
delete WritableStreamDefaultController.state;
expose(WritableStreamDefaultController, {
  __proto__: null, compared: onlyItself, view: (controller) => ({ __proto__: null, stream: controllerState(controller).stream.object }),
});
const newController = (state) => new WritableStreamDefaultController(KEY, state);

class WritableStreamDefaultWriter {
  #state;

  constructor(stream) {
    requireArguments(arguments.length, 'stream');
    if (!isStream(stream)) throw invalidArgument('stream', 'an instance of WritableStream', stream);
    this.#state = core.newWriter(stateOf(stream));
  }

  static state(writer) {
    if (!isObject(writer) || !(#state in writer)) throw invalidThis('WritableStreamDefaultWriter');
    return writer.#state;
  }

  get closed() {
    try {
      return writerState(this).closed.promise;
    } catch (error) {
      return rejected(error);
    }
  }

  get ready() {
    try {
      return writerState(this).ready.promise;
    } catch (error) {
      return rejected(error);
    }
  }

  get desiredSize() {
    const { stream } = attached(writerState(this));
    if (stream.state === 'errored' || stream.state === 'erroring') return null;
    return stream.state === 'closed' ? 0 : core.desiredSize(stream.controller);
  }

  abort(reason = undefined) {
    try {
      return core.abort(attached(writerState(this)).stream, reason);
    } catch (error) {
      return rejected(error);
    }
  }

  close() {
    try {
      const { stream } = attached(writerState(this));
      if (core.closeQueuedOrInFlight(stream)) return rejected(invalidState('Failure to close WritableStream'));
      return core.close(stream);
    } catch (error) {
      return rejected(error);
    }
  }

  write(chunk = undefined) {
    try {
      return core.write(attached(writerState(this)), chunk);
    } catch (error) {
      return rejected(error);
    }
  }

  releaseLock() {
    core.release(writerState(this));
  }
}
const { state: writerState } = WritableStreamDefaultWriter;
delete WritableStreamDefaultWriter.state;
expose(WritableStreamDefaultWriter, {
  __proto__: null, compared: onlyItself,
  view(object) {
    const { stream, closed, ready } = writerState(object);
    const size = stream === undefined || stream.state !== 'writable' ? null : core.desiredSize(stream.controller);
    return { __proto__: null, stream: stream?.object, close: closed.promise, ready: ready.promise, desiredSize: size };
  },
});

function attached(writer) {
  if (writer.stream === undefined) throw invalidState('The writer is not attached to a stream');
  return writer;
}

// A stream of the environment's own. The algorithms return promises; `start` may return anything.
function makeStream(start, write, close, abort, mark = 1, size = () => 1) {
  const object = new WritableStream(KEY);
  core.setUp(stateOf(object), newController, start, write, close, abort, mark, size);
  return object;
}

module.exports = {
  __proto__: null, WritableStream, WritableStreamDefaultController, WritableStreamDefaultWriter, isLocked: core.isLocked,
  isWritableStream: isStream, makeStream, writableState: stateOf,
  whenEnded: (stream) => whenEnded(stateOf(stream)),
  // Makes it fail, whoever writes into it.
  fail(stream, reason) { core.deal(stateOf(stream), reason); },
};
