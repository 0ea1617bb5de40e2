// tee of a stream of bytes: two streams of bytes, each with its own copy, also for readers that bring their buffers.
'use strict';

const { Uint8Array } = primordials;
const { list } = require('web/common');
const { requestState } = require('web/streams/byte_controller');
const bytes = require('web/streams/byte_core');
const { deferred, react, resolved } = require('web/streams/promises');
const core = require('web/streams/readable_core');
const { readInto } = require('web/streams/byob_reader');
const { copiedBuffer, viewOf } = require('web/streams/views');

function copyOf(chunk) {
  const { buffer, offset, length } = viewOf(chunk);
  return new Uint8Array(copiedBuffer(buffer, offset, offset + length));
}

function tee(stream) {
  const { makeByteStream, stateOf } = require('web/streams/readable');
  let reader = core.newReader(stream, false);
  const branches = list();
  const reasons = list();
  const canceled = deferred();
  let reading = false;
  const readAgain = list();

  const controllerOf = (index) => stateOf(branches[index]).controller;
  const isCanceled = (index) => reasons[index] !== undefined;

  function watch(watched) {
    react(watched.closed.promise, undefined, (reason) => {
      if (watched !== reader) return;
      bytes.error(controllerOf(0), reason);
      bytes.error(controllerOf(1), reason);
      if (!isCanceled(0) || !isCanceled(1)) canceled.resolve(undefined);
    });
  }

  function switchTo(byob) {
    if (reader.byob === byob) return;
    core.release(reader);
    reader = core.newReader(stream, byob);
    watch(reader);
  }

  function again() {
    reading = false;
    if (readAgain[0]) pull(0);
    else if (readAgain[1]) pull(1);
  }

  function failBoth(reason) {
    bytes.error(controllerOf(0), reason);
    bytes.error(controllerOf(1), reason);
    canceled.resolve(core.cancel(stream, reason));
  }

  function pullDefault() {
    switchTo(false);
    core.read(reader, {
      __proto__: null,
      chunk(chunk) {
        react(resolved(undefined), () => {
          readAgain[0] = readAgain[1] = false;
          let copy = chunk;
          if (!isCanceled(0) && !isCanceled(1)) {
            try {
              copy = copyOf(chunk);
            } catch (reason) {
              return failBoth(reason);
            }
          }
          if (!isCanceled(0)) bytes.enqueue(controllerOf(0), chunk);
          if (!isCanceled(1)) bytes.enqueue(controllerOf(1), copy);
          again();
        });
      },
      close() {
        reading = false;
        for (let index = 0; index < 2; index++) {
          if (!isCanceled(index)) bytes.close(controllerOf(index));
        }
        for (let index = 0; index < 2; index++) {
          if (controllerOf(index).pending.length > 0) bytes.respond(controllerOf(index), 0);
        }
        if (!isCanceled(0) || !isCanceled(1)) canceled.resolve(undefined);
      },
      error() {
        reading = false;
      },
    });
  }

  function pullByob(view, index) {
    switchTo(true);
    const other = 1 - index;
    readInto(reader, viewOf(view), 1, {
      __proto__: null,
      chunk(chunk) {
        react(resolved(undefined), () => {
          readAgain[0] = readAgain[1] = false;
          if (!isCanceled(other)) {
            let copy;
            try {
              copy = copyOf(chunk);
            } catch (reason) {
              return failBoth(reason);
            }
            if (!isCanceled(index)) bytes.respondWithNewView(controllerOf(index), viewOf(chunk));
            bytes.enqueue(controllerOf(other), copy);
          } else if (!isCanceled(index)) {
            bytes.respondWithNewView(controllerOf(index), viewOf(chunk));
          }
          again();
        });
      },
      close(chunk) {
        reading = false;
        if (!isCanceled(index)) bytes.close(controllerOf(index));
        if (!isCanceled(other)) bytes.close(controllerOf(other));
        if (chunk !== undefined) {
          if (!isCanceled(index)) bytes.respondWithNewView(controllerOf(index), viewOf(chunk));
          if (!isCanceled(other) && controllerOf(other).pending.length > 0) bytes.respond(controllerOf(other), 0);
        }
        if (!isCanceled(0) || !isCanceled(1)) canceled.resolve(undefined);
      },
      error() {
        reading = false;
      },
    });
  }

  function pull(index) {
    if (reading) {
      readAgain[index] = true;
      return resolved(undefined);
    }
    reading = true;
    const request = bytes.byobRequest(controllerOf(index));
    if (request === null) pullDefault();
    else pullByob(requestState(request).view, index);
    return resolved(undefined);
  }

  const cancel = (index) => (reason) => {
    reasons[index] = { __proto__: null, reason };
    if (isCanceled(1 - index)) canceled.resolve(core.cancel(stream, [reasons[0].reason, reasons[1].reason]));
    return canceled.promise;
  };

  branches[0] = makeByteStream(() => undefined, () => pull(0), cancel(0));
  branches[1] = makeByteStream(() => undefined, () => pull(1), cancel(1));
  watch(reader);
  return [branches[0], branches[1]];
}

module.exports = { __proto__: null, tee };
