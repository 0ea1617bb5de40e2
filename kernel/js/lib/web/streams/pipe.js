// pipeTo: from a readable stream into a writable one, until one of them is closed, fails, or is told to stop.
'use strict';

const { invalidState } = require('web/common');
const { whenAborted } = require('web/abort');
const { deferred, handled, react, resolved } = require('web/streams/promises');
const readable = require('web/streams/readable_core');
const writable = require('web/streams/writable_core');

function pipeTo(source, destination, { preventAbort, preventCancel, preventClose, signal }) {
  const reader = readable.newReader(source, false);
  const writer = writable.newWriter(destination);
  source.disturbed = true;
  const result = deferred();
  let shuttingDown = false;
  let lastWrite = resolved(undefined);
  let forgetSignal = () => {};

  function finish(failed, reason) {
    writable.release(writer);
    readable.release(reader);
    forgetSignal();
    if (failed) result.reject(reason);
    else result.resolve(undefined);
  }

  // What was read is written before anything else.
  const written = () => {
    const last = lastWrite;
    return react(last, () => last === lastWrite ? undefined : written());
  };

  function shutDown(action, failed, reason) {
    if (shuttingDown) return;
    shuttingDown = true;
    const act = () => {
      if (action === undefined) return finish(failed, reason);
      react(action(), () => finish(failed, reason), (other) => finish(true, other));
    };
    if (destination.state === 'writable' && !writable.closeQueuedOrInFlight(destination)) react(written(), act, act);
    else act();
  }

  if (signal !== undefined) {
    const stop = (reason) => {
      shutDown(() => {
        const first = preventAbort || destination.state !== 'writable' ? resolved(undefined) : writable.abort(destination, reason);
        const second = preventCancel || source.state !== 'readable' ? resolved(undefined) : readable.cancel(source, reason);
        return react(first, () => second, (failure) => react(second, () => { throw failure; }, () => { throw failure; }));
      }, true, reason);
    };
    forgetSignal = whenAborted(signal, stop);
    if (shuttingDown) return result.promise;
  }

  const whenSourceFails = (reason) => {
    shutDown(preventAbort ? undefined : () => writable.abort(destination, reason), true, reason);
  };
  const whenDestinationFails = (reason) => {
    shutDown(preventCancel ? undefined : () => readable.cancel(source, reason), true, reason);
  };
  const closeDestination = () => {
    if (writable.closeQueuedOrInFlight(destination) || destination.state === 'closed') return resolved(undefined);
    if (destination.state === 'errored') return react(resolved(undefined), () => { throw destination.storedError; });
    return writable.close(destination);
  };
  const whenSourceCloses = () => shutDown(preventClose ? undefined : closeDestination, false);

  if (source.state === 'errored') whenSourceFails(source.storedError);
  else if (source.state === 'closed') whenSourceCloses();
  else react(reader.closed.promise, whenSourceCloses, whenSourceFails);

  if (destination.state === 'errored') {
    whenDestinationFails(destination.storedError);
  } else if (writable.closeQueuedOrInFlight(destination) || destination.state === 'closed') {
    const reason = invalidState('The destination WritableStream is closed');
    shutDown(preventCancel ? undefined : () => readable.cancel(source, reason), true, reason);
  } else {
    react(writer.closed.promise, undefined, whenDestinationFails);
  }

  function step() {
    if (shuttingDown) return;
    react(writer.ready.promise, () => {
      if (shuttingDown) return;
      readable.read(reader, {
        __proto__: null,
        chunk(value) {
          // Not at once: reads may be answered while the source is in the midst of enqueuing.
          lastWrite = react(resolved(undefined), () => {
            const done = writer.stream === undefined ? resolved(undefined) : writable.write(writer, value);
            handled(done);
            step();
            return done;
          });
          handled(lastWrite);
        },
        close() {},
        error() {},
      });
    }, () => {});
  }
  step();
  return result.promise;
}

module.exports = { __proto__: null, pipeTo };
