// How a writable stream comes to its end: `prefinish`, `_final`, `finish`, and the callbacks of `end`.
'use strict';

const { Symbol } = primordials;
const { make } = require('node/internal/errors');
const { fail } = require('node/internal/stream_life');

// Callbacks of `end` that wait.
const kOnFinished = Symbol('kOnFinished');

function tellFinished(state, reason) {
  const waiting = state[kOnFinished];
  state[kOnFinished] = [];
  for (let index = 0; index < waiting.length; index++) waiting[index](reason());
}

const canFinish = (state) => state.ending && !state.destroyed && state.constructed && state.length === 0 && !state.errored &&
  state.buffered.length === 0 && !state.finished && !state.writing && !state.errorEmitted && !state.closeEmitted;

function finishMaybe(stream, state, sync = false) {
  if (!canFinish(state)) return;
  prefinish(stream, state);
  if (state.pendingcb > 0) return;
  if (sync) {
    state.pendingcb++;
    ops.tick(() => {
      if (canFinish(state)) finish(stream, state);
      else state.pendingcb--;
    }, []);
  } else if (canFinish(state)) {
    state.pendingcb++;
    finish(stream, state);
  }
}

function prefinish(stream, state) {
  if (state.prefinished || state.finalCalled) return;
  if (typeof stream._final === 'function' && !state.destroyed) {
    state.finalCalled = true;
    callFinal(stream, state);
  } else {
    state.prefinished = true;
    stream.emit('prefinish');
  }
}

function callFinal(stream, state) {
  let called = false;
  const done = (error) => {
    if (called) return fail(stream, error ?? make('ERR_MULTIPLE_CALLBACK'));
    called = true;
    state.pendingcb--;
    if (error) {
      tellFinished(state, () => error);
      fail(stream, error, state.sync);
    } else if (canFinish(state)) {
      state.prefinished = true;
      stream.emit('prefinish');
      // A finish that somebody waits for even so.
      state.pendingcb++;
      ops.tick(finish, [stream, state]);
    }
  };
  state.sync = true;
  state.pendingcb++;
  try {
    stream._final(done);
  } catch (error) {
    done(error);
  }
  state.sync = false;
}

function finish(stream, state) {
  state.pendingcb--;
  state.finished = true;
  tellFinished(state, () => null);
  stream.emit('finish');
  if (!state.autoDestroy) return;
  const readable = stream._readableState;
  if (!readable || (readable.autoDestroy && (readable.endEmitted || readable.readable === false))) stream.destroy();
}

module.exports = { __proto__: null, finishMaybe, kOnFinished, tellFinished };
