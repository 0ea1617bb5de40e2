// A queue of bytes, which readers may bring their own buffers for: the algorithms behind the classes in
// `byte_controller`.
'use strict';

const {
  ArrayBufferPrototypeGetByteLength: lengthOf, ArrayBufferPrototypeGetDetached: isDetached, ArrayBufferPrototypeTransfer,
  MathMin, RangeError, TypeError, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeSet, Uint8Array,
} = primordials;
const { enforcedUnsigned, invalidState } = require('web/common');
const { react, resolved } = require('web/streams/promises');
const { calling, desiredSize, pullIfNeeded: pullWith } = require('web/streams/pulling');
const { Queue, resetQueue } = require('web/streams/queue');
const { close: closeStream, error: errorStream, fulfill, isLocked, waiting } = require('web/streams/readable_core');
const { copiedBuffer, viewOf } = require('web/streams/views');

const transfer = (buffer) => ArrayBufferPrototypeTransfer(buffer);

function setUpFromSource(stream, source, start, pull, cancel, highWaterMark) {
  const size = source.autoAllocateChunkSize;
  const chunkSize = size === undefined ? undefined : enforcedUnsigned(size);
  if (chunkSize === 0) throw new TypeError('autoAllocateChunkSize must be greater than 0');
  const methods = calling(source, start, pull, cancel);
  setUp(stream, methods.start, methods.pull, methods.cancel, highWaterMark, chunkSize);
}

// Sets a stream up. `start` is called at once, with the object of the controller; `pull` and `cancel` return promises.
function setUp(stream, start, pull, cancel, highWaterMark, chunkSize) {
  const controller = {
    __proto__: null, stream, bytes: true, queue: undefined, totalSize: 0, started: false, closeRequested: false, pullAgain: false,
    pulling: false, highWaterMark, pull, cancel, chunkSize, request: undefined, pending: new Queue(), object: undefined,
    cancelSteps(reason) {
      controller.pending = new Queue();
      invalidate(controller);
      resetQueue(controller);
      const done = controller.cancel(reason);
      forget(controller);
      return done;
    },
    pullSteps(request) {
      if (controller.totalSize > 0) return fromQueue(controller, request);
      if (controller.chunkSize !== undefined) {
        let buffer;
        try {
          buffer = TypedArrayPrototypeGetBuffer(new Uint8Array(controller.chunkSize));
        } catch (failure) {
          return request.error(failure);
        }
        controller.pending.push({
          __proto__: null, buffer, bufferLength: controller.chunkSize, offset: 0, length: controller.chunkSize, filled: 0, least: 1,
          elementSize: 1, make: Uint8Array, reader: 'default',
        });
      }
      stream.reader.requests.push(request);
      pullIfNeeded(controller);
    },
    releaseSteps() {
      if (controller.pending.length === 0) return;
      const first = controller.pending.peek();
      first.reader = 'none';
      controller.pending = new Queue();
      controller.pending.push(first);
    },
  };
  resetQueue(controller);
  controller.object = require('web/streams/byte_controller').newController(controller);
  stream.controller = controller;
  react(resolved(start(controller.object)), () => {
    controller.started = true;
    pullIfNeeded(controller);
  }, (reason) => error(controller, reason));
}

function fromQueue(controller, request) {
  const { buffer, offset, length } = controller.queue.shift();
  controller.totalSize -= length;
  handleDrain(controller);
  request.chunk(new Uint8Array(buffer, offset, length));
}

function handleDrain(controller) {
  if (controller.totalSize === 0 && controller.closeRequested) {
    forget(controller);
    closeStream(controller.stream);
  } else {
    pullIfNeeded(controller);
  }
}

function forget(controller) {
  controller.pull = controller.cancel = undefined;
}

function invalidate(controller) {
  if (controller.request === undefined) return;
  const request = require('web/streams/byte_controller').requestState(controller.request);
  request.controller = undefined;
  request.view = null;
  controller.request = undefined;
}

function byobRequest(controller) {
  if (controller.request === undefined && controller.pending.length > 0) {
    const { buffer, offset, filled, length } = controller.pending.peek();
    const view = new Uint8Array(buffer, offset + filled, length - filled);
    controller.request = require('web/streams/byte_controller').newRequest({ __proto__: null, controller, view });
  }
  return controller.request ?? null;
}

const pullIfNeeded = (controller) => pullWith(controller, error);

function close(controller) {
  const { stream } = controller;
  if (controller.closeRequested || stream.state !== 'readable') return;
  if (controller.totalSize > 0) {
    controller.closeRequested = true;
    return;
  }
  if (controller.pending.length > 0) {
    const first = controller.pending.peek();
    if (first.filled % first.elementSize !== 0) {
      const failure = invalidState('Partial read');
      error(controller, failure);
      throw failure;
    }
  }
  forget(controller);
  closeStream(stream);
}

function error(controller, reason) {
  if (controller.stream.state !== 'readable') return;
  controller.pending = new Queue();
  invalidate(controller);
  resetQueue(controller);
  forget(controller);
  errorStream(controller.stream, reason);
}

function push(controller, buffer, offset, length) {
  controller.queue.push({ __proto__: null, buffer, offset, length });
  controller.totalSize += length;
}

function enqueue(controller, chunk) {
  const { stream } = controller;
  if (controller.closeRequested || stream.state !== 'readable') return;
  const { buffer, offset, length } = viewOf(chunk);
  if (isDetached(buffer)) throw new TypeError('The buffer of the chunk is detached');
  const mine = transfer(buffer);
  if (controller.pending.length > 0) {
    const first = controller.pending.peek();
    if (isDetached(first.buffer)) throw new TypeError('The buffer of the BYOB request is detached');
    invalidate(controller);
    first.buffer = transfer(first.buffer);
    if (first.reader === 'none') enqueueDetached(controller, first);
  }
  if (stream.reader !== undefined && !stream.reader.byob) {
    const { requests } = stream.reader;
    while (requests.length > 0 && controller.totalSize > 0) fromQueue(controller, requests.shift());
    if (requests.length === 0) {
      push(controller, mine, offset, length);
    } else {
      if (controller.pending.length > 0) controller.pending.shift();
      fulfill(stream, new Uint8Array(mine, offset, length), false);
    }
  } else if (stream.reader !== undefined) {
    push(controller, mine, offset, length);
    fillPending(controller);
  } else {
    push(controller, mine, offset, length);
  }
  pullIfNeeded(controller);
}

// What was written into a buffer whose reader has let go goes into the queue.
function enqueueDetached(controller, pending) {
  if (pending.filled > 0) {
    push(controller, copiedBuffer(pending.buffer, pending.offset, pending.offset + pending.filled), 0, pending.filled);
  }
  controller.pending.shift();
}

// Moves bytes from the queue into a reader's buffer; whether there are enough now.
function fill(controller, pending) {
  const most = MathMin(controller.totalSize, pending.length - pending.filled);
  const all = pending.filled + most;
  let left = most;
  let ready = false;
  const whole = all - all % pending.elementSize;
  if (whole >= pending.least) {
    left = whole - pending.filled;
    ready = true;
  }
  const { queue } = controller;
  while (left > 0) {
    const head = queue.peek();
    const count = MathMin(left, head.length);
    const bytes = new Uint8Array(head.buffer, head.offset, count);
    TypedArrayPrototypeSet(new Uint8Array(pending.buffer, pending.offset + pending.filled, count), bytes);
    if (head.length === count) {
      queue.shift();
    } else {
      head.offset += count;
      head.length -= count;
    }
    controller.totalSize -= count;
    pending.filled += count;
    left -= count;
  }
  return ready;
}

const converted = ({ buffer, offset, filled, elementSize, make: View }) => new View(transfer(buffer), offset, filled / elementSize);

function commit(controller, pending) {
  const { stream } = controller;
  const done = stream.state === 'closed';
  fulfill(stream, converted(pending), done);
}

function fillPending(controller) {
  while (controller.pending.length > 0 && controller.totalSize > 0) {
    const first = controller.pending.peek();
    if (!fill(controller, first)) return;
    controller.pending.shift();
    commit(controller, first);
  }
}

// A read into the view that is described; `request` has the functions `chunk(view)`, `close(view)` and `error(reason)`.
function pullInto(controller, { buffer, offset, length, elementSize, make }, least, request) {
  const { stream } = controller;
  let mine;
  try {
    mine = transfer(buffer);
  } catch (failure) {
    return request.error(failure);
  }
  const pending = {
    __proto__: null, buffer: mine, bufferLength: lengthOf(mine), offset, length, filled: 0, least: least * elementSize, elementSize, make,
    reader: 'byob',
  };
  if (controller.pending.length > 0) {
    controller.pending.push(pending);
    stream.reader.requests.push(request);
    return;
  }
  if (stream.state === 'closed') return request.close(new make(mine, offset, 0));
  if (controller.totalSize > 0) {
    if (fill(controller, pending)) {
      const view = converted(pending);
      handleDrain(controller);
      return request.chunk(view);
    }
    if (controller.closeRequested) {
      const failure = invalidState('Insufficient bytes to fill elements in the given buffer');
      error(controller, failure);
      return request.error(failure);
    }
  }
  controller.pending.push(pending);
  stream.reader.requests.push(request);
  pullIfNeeded(controller);
}

function respond(controller, count) {
  const first = controller.pending.peek();
  if (controller.stream.state === 'closed') {
    if (count !== 0) throw new TypeError('A closed stream takes no bytes');
  } else {
    if (count === 0) throw new TypeError('A stream that is not closed takes at least a byte');
    if (first.filled + count > first.length) throw new RangeError('More bytes than were asked for');
  }
  first.buffer = transfer(first.buffer);
  respondInside(controller, count);
}

function respondWithNewView(controller, { buffer, offset, length }) {
  const first = controller.pending.peek();
  if (controller.stream.state === 'closed') {
    if (length !== 0) throw new TypeError('A closed stream takes no bytes');
  } else if (length === 0) {
    throw new TypeError('A stream that is not closed takes at least a byte');
  }
  if (first.offset + first.filled !== offset) throw new RangeError('The view begins elsewhere than was asked for');
  if (first.bufferLength !== lengthOf(buffer)) throw new RangeError('The view has another buffer than was asked for');
  if (first.filled + length > first.length) throw new RangeError('More bytes than were asked for');
  first.buffer = transfer(buffer);
  respondInside(controller, length);
}

function respondInside(controller, count) {
  const { stream } = controller;
  const first = controller.pending.peek();
  invalidate(controller);
  if (stream.state === 'closed') {
    if (first.reader === 'none') controller.pending.shift();
    if (stream.reader !== undefined && stream.reader.byob) {
      while (waiting(stream) > 0) commit(controller, controller.pending.shift());
    }
  } else {
    respondReadable(controller, first, count);
  }
  pullIfNeeded(controller);
}

function respondReadable(controller, first, count) {
  first.filled += count;
  if (first.reader === 'none') {
    enqueueDetached(controller, first);
    return fillPending(controller);
  }
  if (first.filled < first.least) return;
  controller.pending.shift();
  const rest = first.filled % first.elementSize;
  if (rest > 0) {
    const end = first.offset + first.filled;
    push(controller, copiedBuffer(first.buffer, end - rest, end), 0, rest);
    first.filled -= rest;
  }
  commit(controller, first);
  fillPending(controller);
}

module.exports = {
  __proto__: null, byobRequest, close, desiredSize, enqueue, error, pullInto, respond, respondWithNewView, setUp, setUpFromSource,
};
