// `pipe` and `unpipe`: what a readable stream gives goes to any number of writable ones, at the pace of the slowest.
'use strict';

const { ArrayPrototypeIncludes, ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSplice, SafeSet } = primordials;
const { listenFirst, listenerCount, method, standardStreams } = require('node/internal/stream_base');
const { fail } = require('node/internal/stream_life');
const { Readable } = require('node/internal/stream_readable');

// Whether anybody asked for a pause: one target is told by itself, several by the set of them.
const isAwaited = (state) => state.awaitDrainWriters !== null && (!state.multiAwaitDrain || state.awaitDrainWriters.size > 0);

// One source and one target: what is listened to while they are joined.
class Pipe {
  #source;
  #target;
  #isOver = false;
  #waitsForDrain = false;

  constructor(source, target) {
    this.#source = source;
    this.#target = target;
  }

  #onData = (chunk) => {
    if (this.#target.write(chunk) === false) this.#wait();
  };

  #onDrain = () => {
    const state = this.#source._readableState;
    if (state.awaitDrainWriters === this.#target) state.awaitDrainWriters = null;
    else if (state.multiAwaitDrain) state.awaitDrainWriters.delete(this.#target);
    // The others may be full still.
    if (!isAwaited(state) && state.dataListening) this.#source.resume();
  };

  #onError = (error) => {
    const target = this.#target;
    this.#unpipe();
    target.removeListener('error', this.#onError);
    if (listenerCount(target, 'error') > 0) return;
    // Nobody else listens: it is an error that nobody caught.
    const state = target._writableState || target._readableState;
    if (state && !state.errorEmitted) fail(target, error);
    else target.emit('error', error);
  };

  #onClose = () => {
    this.#target.removeListener('finish', this.#onFinish);
    this.#unpipe();
  };

  #onFinish = () => {
    this.#target.removeListener('close', this.#onClose);
    this.#unpipe();
  };

  #onUnpipe = (source, info) => {
    if (source !== this.#source || info?.hasUnpiped !== false) return;
    info.hasUnpiped = true;
    this.#stop();
  };

  #onEnd = () => this.#target.end();

  #unpipe = () => this.#source.unpipe(this.#target);

  start(ends) {
    const { _readableState: state } = this.#source;
    const target = this.#target;
    const atEnd = ends ? this.#onEnd : this.#unpipe;
    if (state.endEmitted) ops.tick(atEnd, []);
    else this.#source.once('end', atEnd);
    target.on('unpipe', this.#onUnpipe);
    this.#source.on('data', this.#onData);
    listenFirst(target, 'error', this.#onError);
    target.once('close', this.#onClose);
    target.once('finish', this.#onFinish);
    target.emit('pipe', this.#source);
    if (target.writableNeedDrain === true) this.#wait();
    else if (!state.flowing) this.#source.resume();
  }

  #wait() {
    const state = this.#source._readableState;
    if (!this.#isOver) {
      if (state.pipes.length === 1 && state.pipes[0] === this.#target) {
        state.awaitDrainWriters = this.#target;
        state.multiAwaitDrain = false;
      } else if (state.pipes.length > 1 && ArrayPrototypeIncludes(state.pipes, this.#target)) {
        state.awaitDrainWriters.add(this.#target);
      }
      this.#source.pause();
    }
    if (this.#waitsForDrain) return;
    this.#waitsForDrain = true;
    this.#target.on('drain', this.#onDrain);
  }

  #stop() {
    const target = this.#target;
    const source = this.#source;
    target.removeListener('close', this.#onClose);
    target.removeListener('finish', this.#onFinish);
    if (this.#waitsForDrain) target.removeListener('drain', this.#onDrain);
    target.removeListener('error', this.#onError);
    target.removeListener('unpipe', this.#onUnpipe);
    source.removeListener('end', this.#onEnd);
    source.removeListener('end', this.#unpipe);
    source.removeListener('data', this.#onData);
    this.#isOver = true;
    // Others must not wait for one that has gone.
    if (this.#waitsForDrain && source._readableState.awaitDrainWriters && (!target._writableState || target._writableState.needDrain)) this.#onDrain();
  }
}

method(Readable, 'pipe', function pipe(target, options) {
  const state = this._readableState;
  if (state.pipes.length === 1 && !state.multiAwaitDrain) {
    state.multiAwaitDrain = true;
    const waiting = new SafeSet();
    if (state.awaitDrainWriters) waiting.add(state.awaitDrainWriters);
    state.awaitDrainWriters = waiting;
  }
  ArrayPrototypePush(state.pipes, target);
  new Pipe(this, target).start(options?.end !== false && !standardStreams.has(target));
  return target;
});

method(Readable, 'unpipe', function unpipe(target) {
  const state = this._readableState;
  if (state.pipes.length === 0) return this;
  if (!target) {
    const all = state.pipes;
    state.pipes = [];
    this.pause();
    for (let index = 0; index < all.length; index++) all[index].emit('unpipe', this, { hasUnpiped: false });
    return this;
  }
  const at = ArrayPrototypeIndexOf(state.pipes, target);
  if (at < 0) return this;
  ArrayPrototypeSplice(state.pipes, at, 1);
  if (state.pipes.length === 0) this.pause();
  target.emit('unpipe', this, { hasUnpiped: false });
  return this;
});
