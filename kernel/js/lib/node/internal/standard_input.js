// Standard input as a stream. It is read only while the stream flows or is asked. A program that does not read it can
// end.
//
// **Waiting takes nothing from the input**, so it can be given up at any time: what is not wanted stays for who reads
// next.
//
// A session without streams asks a person for input. **The person is asked only while somebody takes what comes and
// the stream is referenced**: text that is typed meanwhile is for the prompt.
'use strict';

const { FunctionPrototypeCall, ObjectDefineProperty, ReflectApply, SafeWeakMap } = primordials;
const args = require('node/internal/fs_arguments');
const { inherit, method } = require('node/internal/stream_base');
const { Readable } = require('node/internal/stream_readable');

const PIECE = 64 << 10;

// How each of these streams is being read.
const sources = new SafeWeakMap();

class Source {
  #stream;
  // Whether a piece is being fetched, or waited for.
  #isBusy = false;
  // Nobody wants more until it is asked again.
  #isPaused = false;
  // More is wanted, and nobody would take it.
  #isIdle = false;
  #isOver = false;
  // The call that waits until there is something.
  #waiting;
  #keepsAlive = true;

  constructor(stream) {
    this.#stream = stream;
  }

  want() {
    this.#isPaused = false;
    if (this.#isBusy || this.#isOver) return;
    if (!this.#isTaken()) return this.#idle();
    this.#isBusy = true;
    this.#fetch();
  }

  pause() {
    this.#isPaused = true;
    this.#isIdle = false;
    if (this.#waiting !== undefined) this.#rest();
  }

  keepAlive(does) {
    this.#keepsAlive = does;
    if (this.#waiting !== undefined) {
      if (does) ops.hostRef(this.#waiting.id);
      else ops.hostUnref(this.#waiting.id);
    }
    this.readersChanged();
  }

  // Somebody else takes what comes, or nobody does.
  readersChanged() {
    if (this.#isOver) return;
    if (!this.#isTaken()) {
      if (this.#waiting !== undefined) this.#idle();
    } else if (this.#isIdle) {
      this.#isIdle = false;
      this.#stream.read(0);
    }
  }

  // Who reads without a listener does not let it flow. A listener of `end` may wait for nothing else.
  #isTaken() {
    if (ops.hasStreams()) return true;
    const stream = this.#stream;
    const hears = (name) => stream.listenerCount(name) > 0;
    const flows = stream._readableState.flowing === true;
    return this.#keepsAlive && (!flows || hears('data') || hears('readable') || hears('end'));
  }

  #idle() {
    this.#isIdle = true;
    this.#rest();
  }

  close() {
    this.#isOver = true;
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }

  // Nothing is read or waited for: the stream asks again when somebody wants more.
  #rest() {
    this.#waiting?.cancel();
    this.#waiting = undefined;
    this.#isBusy = false;
    this.#stream._readableState.reading = false;
  }

  async #fetch() {
    let piece = null;
    try {
      for (;;) {
        piece = await ops.hostCall('stdio.read', PIECE, null, false);
        if (this.#isOver) return;
        if (piece !== null) break;
        if (this.#isPaused) return this.#rest();
        if (!this.#isTaken()) return this.#idle();
        const waiting = this.#waiting = ops.hostCallWithCancel('stdio.ready');
        if (!this.#keepsAlive) ops.hostUnref(waiting.id);
        // Where it is given up, nothing comes any more.
        await waiting.answer;
        this.#waiting = undefined;
      }
    } catch (error) {
      this.#waiting = undefined;
      this.#isBusy = false;
      ops.tick(() => this.#stream.destroy(error), []);
      return;
    }
    this.#isBusy = false;
    try {
      this.#stream.push(piece.length === 0 ? null : args.buffer(piece));
    } catch (error) {
      // What a listener throws is the program's error, and the stream goes on.
      ops.uncaught(error);
      if (!this.#isPaused) this.#stream.read(0);
    }
  }
}

// What Node's streams of pipes, files and terminals have in common. A terminal is read when somebody asks, and not
// ahead.
function Input(fd, isTerminal) {
  FunctionPrototypeCall(Readable, this, { __proto__: null, highWaterMark: isTerminal ? 0 : PIECE });
  this.fd = fd;
  sources.set(this, new Source(this));
}
inherit(Input, Readable);
ObjectDefineProperty(Input, 'name', { __proto__: null, value: 'ReadStream', configurable: true });
method(Input, '_read', function _read() { sources.get(this).want(); });
method(Input, '_destroy', function _destroy(error, done) {
  sources.get(this).close();
  done(error);
});
// No listener does this: a program may remove all of them.
const { pause: pauseReadable } = Readable.prototype;
method(Input, 'pause', function pause() {
  const flows = this._readableState.flowing !== false;
  FunctionPrototypeCall(pauseReadable, this);
  if (flows) sources.get(this).pause();
  return this;
});
method(Input, 'ref', function ref() {
  sources.get(this).keepAlive(true);
  return this;
});
method(Input, 'unref', function unref() {
  sources.get(this).keepAlive(false);
  return this;
});

// Only when the event that is being emitted is over: `once` removes itself before it reads.
const readersChanged = (stream) => {
  if (!ops.hasStreams()) ops.tick(() => sources.get(stream).readersChanged(), []);
};
const CHANGES = ['on', 'removeListener', 'removeAllListeners'];
for (let index = 0; index < CHANGES.length; index++) {
  const name = CHANGES[index];
  const inherited = Readable.prototype[name];
  method(Input, name, { [name](...given) {
    const result = ReflectApply(inherited, this, given);
    readersChanged(this);
    return result;
  } }[name]);
}
method(Input, 'addListener', Input.prototype.on);
method(Input, 'off', Input.prototype.removeListener);

module.exports = { __proto__: null, Input };
