// tee: two streams of what is in one.
'use strict';

const { list } = require('web/common');
const { deferred, react, resolved } = require('web/streams/promises');
const core = require('web/streams/readable_core');
const controllers = require('web/streams/default_controller');

function tee(stream) {
  if (stream.controller.bytes) return require('web/streams/byte_tee').tee(stream);
  const { makeStream, stateOf } = require('web/streams/readable');
  const reader = core.newReader(stream, false);
  const branches = list();
  const reasons = list();
  const canceled = deferred();
  let reading = false;
  let readAgain = false;

  const each = (act) => {
    for (let index = 0; index < 2; index++) {
      if (reasons[index] === undefined) act(stateOf(branches[index]).controller);
    }
  };
  function pull() {
    if (reading) {
      readAgain = true;
      return resolved(undefined);
    }
    reading = true;
    core.read(reader, {
      __proto__: null,
      chunk(value) {
        react(resolved(undefined), () => {
          readAgain = false;
          each((controller) => controllers.enqueue(controller, value));
          reading = false;
          if (readAgain) pull();
        });
      },
      close() {
        reading = false;
        each((controller) => controllers.close(controller));
        if (reasons[0] === undefined || reasons[1] === undefined) canceled.resolve(undefined);
      },
      error() {
        reading = false;
      },
    });
    return resolved(undefined);
  }
  const cancel = (index) => (reason) => {
    reasons[index] = { __proto__: null, reason };
    if (reasons[1 - index] !== undefined) canceled.resolve(core.cancel(stream, [reasons[0].reason, reasons[1].reason]));
    return canceled.promise;
  };
  branches[0] = makeStream(() => undefined, pull, cancel(0));
  branches[1] = makeStream(() => undefined, pull, cancel(1));
  react(reader.closed.promise, undefined, (reason) => {
    for (let index = 0; index < 2; index++) controllers.error(stateOf(branches[index]).controller, reason);
    if (reasons[0] === undefined || reasons[1] === undefined) canceled.resolve(undefined);
  });
  return [branches[0], branches[1]];
}

module.exports = { __proto__: null, tee };
