// What writable streams, their writers and their controllers do with one another, by the algorithms of the Streams
// standard.
'use strict';

const { makeSignal, abortSignal } = require('web/abort');
const { invalidState } = require('web/common');
const { deferred, handled, react, rejected, rejectedDeferred, resolved, resolvedDeferred } = require('web/streams/promises');
const { Queue, dequeueValue, enqueueValue, resetQueue } = require('web/streams/queue');

const CLOSE = { __proto__: null };

const newStream = () => ({
  __proto__: null, state: 'writable', storedError: undefined, writer: undefined, controller: undefined, inFlightWrite: undefined,
  closeRequest: undefined, inFlightClose: undefined, pendingAbort: undefined, writes: new Queue(), backpressure: false, object: undefined,
  // For who waits for its end without a writer.
  ended: undefined,
});

const isLocked = (stream) => stream.writer !== undefined;
const closeQueuedOrInFlight = (stream) => stream.closeRequest !== undefined || stream.inFlightClose !== undefined;

// Sets a stream up. `write`, `close` and `abort` return promises.
function setUp(stream, object, start, write, close, abort, highWaterMark, size) {
  const controller = {
    __proto__: null, stream, object: undefined, queue: undefined, totalSize: 0, signal: makeSignal(), started: false, highWaterMark, size,
    write, close, abort,
  };
  resetQueue(controller);
  stream.controller = controller;
  controller.object = object(controller);
  updateBackpressure(stream, backpressureOf(controller));
  react(resolved(start(controller.object)), () => {
    controller.started = true;
    advance(controller);
  }, (reason) => {
    controller.started = true;
    deal(stream, reason);
  });
  return controller;
}

function forget(controller) {
  controller.write = controller.close = controller.abort = controller.size = undefined;
}

const desiredSize = ({ highWaterMark, totalSize }) => highWaterMark - totalSize;
const backpressureOf = (controller) => desiredSize(controller) <= 0;

function abort(stream, reason) {
  if (stream.state === 'closed' || stream.state === 'errored') return resolved(undefined);
  abortSignal(stream.controller.signal, reason);
  const { state } = stream;
  if (state === 'closed' || state === 'errored') return resolved(undefined);
  if (stream.pendingAbort !== undefined) return stream.pendingAbort.done.promise;
  const wasErroring = state === 'erroring';
  const done = deferred();
  stream.pendingAbort = { __proto__: null, done, reason: wasErroring ? undefined : reason, wasErroring };
  if (!wasErroring) startErroring(stream, reason);
  return done.promise;
}

function close(stream) {
  if (stream.state === 'closed' || stream.state === 'errored') {
    return rejected(invalidState(`The stream is ${stream.state === 'closed' ? 'already closed' : 'errored'}`));
  }
  const done = deferred();
  stream.closeRequest = done;
  const { writer } = stream;
  if (writer !== undefined && stream.backpressure && stream.state === 'writable') writer.ready.resolve(undefined);
  const { controller } = stream;
  enqueueValue(controller, CLOSE, 0);
  advance(controller);
  return done.promise;
}

// Something went wrong with the sink.
function deal(stream, reason) {
  if (stream.state === 'writable') startErroring(stream, reason);
  else if (stream.state === 'erroring') finishErroring(stream);
}

function startErroring(stream, reason) {
  stream.state = 'erroring';
  stream.storedError = reason;
  if (stream.writer !== undefined) rejectReady(stream.writer, reason);
  if (stream.inFlightWrite === undefined && stream.inFlightClose === undefined && stream.controller.started) finishErroring(stream);
}

function finishErroring(stream) {
  stream.state = 'errored';
  resetQueue(stream.controller);
  const { storedError, writes } = stream;
  stream.writes = new Queue();
  while (writes.length > 0) writes.shift().reject(storedError);
  const pending = stream.pendingAbort;
  if (pending === undefined) return rejectClose(stream);
  stream.pendingAbort = undefined;
  if (pending.wasErroring) {
    pending.done.reject(storedError);
    return rejectClose(stream);
  }
  const aborted = stream.controller.abort(pending.reason);
  forget(stream.controller);
  react(aborted, () => {
    pending.done.resolve(undefined);
    rejectClose(stream);
  }, (reason) => {
    pending.done.reject(reason);
    rejectClose(stream);
  });
}

function rejectClose(stream) {
  stream.ended?.reject(stream.storedError);
  if (stream.closeRequest !== undefined) {
    stream.closeRequest.reject(stream.storedError);
    stream.closeRequest = undefined;
  }
  const { writer } = stream;
  if (writer !== undefined) {
    writer.closed.reject(stream.storedError);
    handled(writer.closed.promise);
  }
}

function rejectReady(writer, reason) {
  if (writer.readyPending) writer.ready.reject(reason);
  else writer.ready = rejectedDeferred(reason);
  writer.readyPending = false;
  handled(writer.ready.promise);
}

function updateBackpressure(stream, backpressure) {
  const { writer } = stream;
  if (writer !== undefined && backpressure !== stream.backpressure) {
    if (backpressure) {
      writer.ready = deferred();
      writer.readyPending = true;
    } else {
      writer.ready.resolve(undefined);
      writer.readyPending = false;
    }
  }
  stream.backpressure = backpressure;
}

function advance(controller) {
  const { stream } = controller;
  if (!controller.started || stream.inFlightWrite !== undefined) return;
  if (stream.state === 'erroring') return finishErroring(stream);
  if (stream.state !== 'writable' || controller.queue.length === 0) return;
  const { value } = controller.queue.peek();
  if (value === CLOSE) processClose(controller, stream);
  else processWrite(controller, stream, value);
}

function processClose(controller, stream) {
  stream.inFlightClose = stream.closeRequest;
  stream.closeRequest = undefined;
  dequeueValue(controller);
  const closed = controller.close();
  forget(controller);
  react(closed, () => {
    stream.inFlightClose.resolve(undefined);
    stream.inFlightClose = undefined;
    if (stream.state === 'erroring') {
      stream.storedError = undefined;
      stream.pendingAbort?.done.resolve(undefined);
      stream.pendingAbort = undefined;
    }
    stream.state = 'closed';
    stream.writer?.closed.resolve(undefined);
    stream.ended?.resolve(undefined);
  }, (reason) => {
    stream.inFlightClose.reject(reason);
    stream.inFlightClose = undefined;
    stream.pendingAbort?.done.reject(reason);
    stream.pendingAbort = undefined;
    deal(stream, reason);
  });
}

function processWrite(controller, stream, chunk) {
  stream.inFlightWrite = stream.writes.shift();
  react(controller.write(chunk), () => {
    stream.inFlightWrite.resolve(undefined);
    stream.inFlightWrite = undefined;
    dequeueValue(controller);
    if (!closeQueuedOrInFlight(stream) && stream.state === 'writable') updateBackpressure(stream, backpressureOf(controller));
    advance(controller);
  }, (reason) => {
    if (stream.state === 'writable') forget(controller);
    stream.inFlightWrite.reject(reason);
    stream.inFlightWrite = undefined;
    deal(stream, reason);
  });
}

function error(controller, reason) {
  forget(controller);
  startErroring(controller.stream, reason);
}

function errorIfNeeded(controller, reason) {
  if (controller.stream.state === 'writable') error(controller, reason);
}

function newWriter(stream) {
  if (isLocked(stream)) throw invalidState('WritableStream is locked');
  const writer = { __proto__: null, stream, ready: undefined, readyPending: false, closed: undefined, object: undefined };
  stream.writer = writer;
  const { state, storedError } = stream;
  if (state === 'writable' && !closeQueuedOrInFlight(stream) && stream.backpressure) {
    writer.ready = deferred();
    writer.readyPending = true;
  } else if (state === 'writable' || state === 'closed') {
    writer.ready = resolvedDeferred(undefined);
  } else {
    writer.ready = rejectedDeferred(storedError);
  }
  if (state === 'closed') writer.closed = resolvedDeferred(undefined);
  else if (state === 'errored') writer.closed = rejectedDeferred(storedError);
  else writer.closed = deferred();
  return writer;
}

function release(writer) {
  const { stream } = writer;
  if (stream === undefined) return;
  const reason = invalidState('The writer is not attached to a stream');
  rejectReady(writer, reason);
  if (stream.state === 'closed' || stream.state === 'errored') writer.closed = rejectedDeferred(reason);
  else writer.closed.reject(reason);
  handled(writer.closed.promise);
  stream.writer = undefined;
  writer.stream = undefined;
}

function write(writer, chunk) {
  const { stream } = writer;
  const { controller } = stream;
  let size = 1;
  if (controller.size !== undefined) {
    try {
      size = controller.size(chunk);
    } catch (reason) {
      errorIfNeeded(controller, reason);
    }
  }
  if (stream !== writer.stream) return rejected(invalidState('The writer is not attached to this stream'));
  const { state } = stream;
  if (state === 'errored') return rejected(stream.storedError);
  if (closeQueuedOrInFlight(stream) || state === 'closed') return rejected(invalidState('The stream is closing or closed'));
  if (state === 'erroring') return rejected(stream.storedError);
  const done = deferred();
  stream.writes.push(done);
  try {
    enqueueValue(controller, chunk, size);
  } catch (reason) {
    errorIfNeeded(controller, reason);
    return done.promise;
  }
  if (!closeQueuedOrInFlight(stream) && stream.state === 'writable') updateBackpressure(stream, backpressureOf(controller));
  advance(controller);
  return done.promise;
}

module.exports = {
  __proto__: null, abort, close, closeQueuedOrInFlight, deal, desiredSize, errorIfNeeded, isLocked, newStream, newWriter, release, setUp, write,
};
