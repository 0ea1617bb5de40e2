// What controllers of both kinds of readable streams do alike: they call an underlying source, and pull from it while
// something is wanted.
'use strict';

const { ReflectApply } = primordials;
const { attempt, react, resolved } = require('web/streams/promises');
const { isLocked, waiting } = require('web/streams/readable_core');

// The methods of a source as functions: `start` takes the object of the controller, `pull` nothing, `cancel` a reason.
function calling(source, start, pull, cancel) {
  let object;
  return {
    __proto__: null,
    start(controller) {
      object = controller;
      return start === undefined ? undefined : ReflectApply(start, source, [controller]);
    },
    pull: pull === undefined ? () => resolved(undefined) : () => attempt(() => ReflectApply(pull, source, [object])),
    cancel: cancel === undefined ? () => resolved(undefined) : (reason) => attempt(() => ReflectApply(cancel, source, [reason])),
  };
}

const canEnqueue = ({ closeRequested, stream }) => !closeRequested && stream.state === 'readable';

function desiredSize({ stream, highWaterMark, totalSize }) {
  if (stream.state === 'errored') return null;
  return stream.state === 'closed' ? 0 : highWaterMark - totalSize;
}

function shouldPull(controller) {
  const { stream } = controller;
  if (!canEnqueue(controller) || !controller.started) return false;
  return (isLocked(stream) && waiting(stream) > 0) || desiredSize(controller) > 0;
}

// Pulls, unless that is under way: then once more afterwards. `fail(controller, reason)` is what comes of a pull that
// fails.
function pullIfNeeded(controller, fail) {
  if (!shouldPull(controller)) return;
  if (controller.pulling) {
    controller.pullAgain = true;
    return;
  }
  controller.pulling = true;
  react(controller.pull(), () => {
    controller.pulling = false;
    if (controller.pullAgain) {
      controller.pullAgain = false;
      pullIfNeeded(controller, fail);
    }
  }, (reason) => fail(controller, reason));
}

module.exports = { __proto__: null, calling, canEnqueue, desiredSize, pullIfNeeded, shouldPull };
