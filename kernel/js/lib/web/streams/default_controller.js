// ReadableStreamDefaultController: a queue of chunks.
'use strict';

const { expose, illegalConstructor, invalidState, invalidThis, isObject, onlyItself } = require('web/common');
const { react, resolved } = require('web/streams/promises');
const { canEnqueue, desiredSize, pullIfNeeded: pullWith, shouldPull } = require('web/streams/pulling');
const { dequeueValue, enqueueValue, resetQueue } = require('web/streams/queue');
const { close: closeStream, error: errorStream, fulfill, isLocked, waiting } = require('web/streams/readable_core');

const KEY = { __proto__: null };

class ReadableStreamDefaultController {
  #state;

  constructor(key, state) {
    if (key !== KEY) throw illegalConstructor();
    this.#state = state;
  }

  static state(controller) {
    if (!isObject(controller) || !(#state in controller)) throw invalidThis('ReadableStreamDefaultController');
    return controller.#state;
  }

  get desiredSize() {
    return desiredSize(state(this));
  }

  close() {
    const controller = state(this);
    if (!canEnqueue(controller)) throw invalidState('Controller is already closed');
    close(controller);
  }

  enqueue(chunk = undefined) {
    const controller = state(this);
    if (!canEnqueue(controller)) throw invalidState('Controller is already closed');
    enqueue(controller, chunk);
  }

  error(reason = undefined) {
    error(state(this), reason);
  }
}
const { state } = ReadableStreamDefaultController;
delete ReadableStreamDefaultController.state;
expose(ReadableStreamDefaultController, { __proto__: null, compared: onlyItself, view: (controller) => { state(controller); return { __proto__: null }; } });

// Sets a stream up. `start` is called at once, with the object of the controller; `pull` and `cancel` return promises.
function setUp(stream, start, pull, cancel, highWaterMark, size) {
  const controller = {
    __proto__: null, stream, bytes: false, queue: undefined, totalSize: 0, started: false, closeRequested: false, pullAgain: false,
    pulling: false, highWaterMark, size, pull, cancel, object: undefined,
    cancelSteps(reason) {
      resetQueue(controller);
      const done = controller.cancel(reason);
      forget(controller);
      return done;
    },
    pullSteps(request) {
      if (controller.queue.length > 0) {
        const chunk = dequeueValue(controller);
        if (controller.closeRequested && controller.queue.length === 0) {
          forget(controller);
          closeStream(stream);
        } else {
          pullIfNeeded(controller);
        }
        request.chunk(chunk);
      } else {
        stream.reader.requests.push(request);
        pullIfNeeded(controller);
      }
    },
    releaseSteps() {},
  };
  resetQueue(controller);
  controller.object = new ReadableStreamDefaultController(KEY, controller);
  stream.controller = controller;
  react(resolved(start(controller.object)), () => {
    controller.started = true;
    pullIfNeeded(controller);
  }, (reason) => error(controller, reason));
  return controller;
}

function forget(controller) {
  controller.pull = controller.cancel = controller.size = undefined;
}

const pullIfNeeded = (controller) => pullWith(controller, error);

function close(controller) {
  if (!canEnqueue(controller)) return;
  controller.closeRequested = true;
  if (controller.queue.length === 0) {
    forget(controller);
    closeStream(controller.stream);
  }
}

function enqueue(controller, chunk) {
  if (!canEnqueue(controller)) return;
  const { stream } = controller;
  if (isLocked(stream) && waiting(stream) > 0) {
    fulfill(stream, chunk, false);
  } else {
    try {
      enqueueValue(controller, chunk, controller.size(chunk));
    } catch (reason) {
      error(controller, reason);
      throw reason;
    }
  }
  pullIfNeeded(controller);
}

function error(controller, reason) {
  if (controller.stream.state !== 'readable') return;
  resetQueue(controller);
  forget(controller);
  errorStream(controller.stream, reason);
}

module.exports = {
  __proto__: null, ReadableStreamDefaultController, canEnqueue, close, desiredSize, enqueue, error, setUp,
  hasBackpressure: (controller) => !shouldPull(controller),
};
