// Who listens to a readable stream, and whether it flows: `data` and `readable`, `pause` and `resume`; and old streams,
// which only flow.
'use strict';

const { FunctionPrototypeBind, FunctionPrototypeCall, ObjectKeys, ReflectApply } = primordials;
const { Stream, assign, method } = require('node/internal/stream_base');
const { fail } = require('node/internal/stream_life');
const { Readable, flow, kPaused, tellReadableSoon } = require('node/internal/stream_readable');

method(Readable, 'on', function on(name, listener) {
  const result = FunctionPrototypeCall(Stream.prototype.on, this, name, listener);
  const state = this._readableState;
  if (name === 'data') {
    // Who listens to `readable` reads; nothing flows beside that.
    state.dataListening = true;
    if (this.listenerCount('readable') > 0) state.readableListening = true;
    if (state.flowing !== false) this.resume();
  } else if (name === 'readable' && !state.endEmitted && !state.readableListening) {
    state.readableListening = state.needReadable = true;
    state.flowing = false;
    state.emittedReadable = false;
    if (state.length) tellReadableSoon(this);
    else if (!state.reading) ops.tick(() => this.read(0), []);
  }
  return result;
});
method(Readable, 'addListener', Readable.prototype.on);

method(Readable, 'removeListener', function removeListener(name, listener) {
  const result = FunctionPrototypeCall(Stream.prototype.removeListener, this, name, listener);
  // Only when the event that is being emitted is over: `once` removes itself before it reads.
  if (name === 'readable') ops.tick(listenersChanged, [this]);
  else if (name === 'data' && this.listenerCount('data') === 0) this._readableState.dataListening = false;
  return result;
});
method(Readable, 'off', Readable.prototype.removeListener);

method(Readable, 'removeAllListeners', function removeAllListeners(...names) {
  const result = ReflectApply(Stream.prototype.removeAllListeners, this, names);
  if (names[0] === 'readable' || names[0] === undefined) ops.tick(listenersChanged, [this]);
  return result;
});

function listenersChanged(stream) {
  const state = stream._readableState;
  state.readableListening = stream.listenerCount('readable') > 0;
  if (state.resumeScheduled && state[kPaused] === false) state.flowing = true;
  else if (state.dataListening) stream.resume();
  else if (!state.readableListening) state.flowing = null;
}

method(Readable, 'resume', function resume() {
  const state = this._readableState;
  if (!state.flowing) {
    state.flowing = !state.readableListening;
    if (!state.resumeScheduled) {
      state.resumeScheduled = true;
      ops.tick(goOn, [this, state]);
    }
  }
  state[kPaused] = false;
  return this;
});

function goOn(stream, state) {
  if (!state.reading) stream.read(0);
  state.resumeScheduled = false;
  stream.emit('resume');
  flow(stream);
  if (state.flowing && !state.reading) stream.read(0);
}

method(Readable, 'pause', function pause() {
  const state = this._readableState;
  if (state.flowing !== false) {
    state.flowing = false;
    this.emit('pause');
  }
  state[kPaused] = true;
  return this;
});

method(Readable, 'isPaused', function isPaused() {
  return this._readableState[kPaused] === true || this._readableState.flowing === false;
});

// A stream of the oldest kind, which only emits, as a Readable.
method(Readable, 'wrap', function wrap(old) {
  let paused = false;
  const goAhead = () => {
    if (paused && old.resume) {
      paused = false;
      old.resume();
    }
  };
  old.on('data', (chunk) => {
    if (!this.push(chunk) && old.pause) {
      paused = true;
      old.pause();
    }
  });
  old.on('end', () => this.push(null));
  old.on('error', (error) => fail(this, error));
  old.on('close', () => this.destroy());
  old.on('destroy', () => this.destroy());
  this._read = goAhead;
  const names = ObjectKeys(old);
  for (let index = 1; index < names.length; index++) {
    const name = names[index];
    if (this[name] === undefined && typeof old[name] === 'function') this[name] = FunctionPrototypeBind(old[name], old);
  }
  return this;
});
assign(Readable, 'wrap', (source, options) => new Readable({
  __proto__: null,
  objectMode: source.readableObjectMode ?? source.objectMode ?? true,
  ...options,
  destroy(error, done) {
    require('node/internal/stream_life').destroyAny(source, error);
    done(error);
  },
}).wrap(source));
