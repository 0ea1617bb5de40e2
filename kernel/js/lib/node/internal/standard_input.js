// Standard input as a stream. It is read only while the stream flows or is asked. A program that does not read it can
// end.
//
// **Waiting takes nothing from the input**, so it can be given up at any time: what is not wanted stays for who reads
// next.
'use strict';

const { FunctionPrototypeCall, ObjectDefineProperty, SafeWeakMap } = primordials;
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
    this.#isBusy = true;
    this.#fetch();
  }

  pause() {
    this.#isPaused = true;
    if (this.#waiting !== undefined) this.#rest();
  }

  keepAlive(does) {
    this.#keepsAlive = does;
    if (this.#waiting === undefined) return;
    if (does) ops.hostRef(this.#waiting.id);
    else ops.hostUnref(this.#waiting.id);
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
  const source = new Source(this);
  sources.set(this, source);
  this.on('pause', () => source.pause());
}
inherit(Input, Readable);
ObjectDefineProperty(Input, 'name', { __proto__: null, value: 'ReadStream', configurable: true });
method(Input, '_read', function _read() { sources.get(this).want(); });
method(Input, '_destroy', function _destroy(error, done) {
  sources.get(this).close();
  done(error);
});
method(Input, 'ref', function ref() {
  sources.get(this).keepAlive(true);
  return this;
});
method(Input, 'unref', function unref() {
  sources.get(this).keepAlive(false);
  return this;
});

module.exports = { __proto__: null, Input };
