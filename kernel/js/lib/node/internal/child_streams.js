// The standard streams of a program that the host runs.
//
// Each is by itself: a program that waits at one pipe is told what happens at the others. What a program's listeners
// and callbacks throw is an uncaught error. It neither fails the stream nor stops the reading.
'use strict';

const { Readable, Writable } = require('node/stream');
const args = require('node/internal/fs_arguments');

const { ObjectDefineProperty } = primordials;

// Gives a stream `ref` and `unref`, as sockets have them. `hold` is told whether programs wait for the stream.
function defineRefs(stream, hold) {
  const methods = { __proto__: null, ref() { hold(true); return stream; }, unref() { hold(false); return stream; } };
  for (const key in methods) {
    ObjectDefineProperty(stream, key, { __proto__: null, value: methods[key], writable: true, enumerable: false, configurable: true });
  }
}

// What the program writes, read as fast as somebody takes it. A pipe that nobody wants any more is closed.
class Output {
  #source;
  #isWanted = false;
  #isReading = false;
  #isOver = false;
  #holds = true;
  #onPiece;

  stream = new Readable({
    __proto__: null,
    read: () => {
      this.#isWanted = true;
      this.#read();
    },
    destroy: (error, done) => {
      this.#close();
      done(error);
    },
  });

  constructor(onPiece) {
    this.#onPiece = onPiece;
    defineRefs(this.stream, (holds) => {
      this.#holds = holds;
      if (this.#source !== undefined) ops.holdStream(this.#source, holds);
    });
  }

  // The program runs: `source` is the host's stream of what it writes.
  begin(source) {
    this.#source = source;
    if (this.#isOver) return ops.abandon(source);
    if (!this.#holds) ops.holdStream(source, false);
    // As in Node, something is read before somebody asks: the stream hears of an early end.
    this.#isWanted = true;
    this.#read();
  }

  // There is no program.
  fail() {
    this.#isOver = true;
    this.stream.push(null);
  }

  // It has ended: what nobody reads is thrown away, so that the stream closes.
  flush() {
    if (this.stream.readable) this.stream.resume();
  }

  #close() {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#source !== undefined) ops.abandon(this.#source);
  }

  async #read() {
    if (this.#isReading || this.#source === undefined) return;
    this.#isReading = true;
    while (this.#isWanted && !this.#isOver) {
      let item;
      try {
        item = await ops.pull(this.#source);
      } catch (error) {
        this.#isOver = true;
        ops.tick(() => this.stream.destroy(error), []);
        break;
      }
      if (this.#isOver) break;
      if (item.done) this.#isOver = true;
      else this.#onPiece();
      this.#push(item.done ? null : args.buffer(item.value));
    }
    this.#isReading = false;
  }

  #push(chunk) {
    // `push` may ask for more itself.
    this.#isWanted = false;
    try {
      if (this.stream.push(chunk)) this.#isWanted = true;
    } catch (error) {
      ops.uncaught(error);
      // The stream has not said that it is full.
      this.#isWanted = true;
    }
  }
}

// What is written to the program. Until it runs, one write or the end waits.
class Input {
  #pid;
  #waiting;

  stream = new Writable({
    __proto__: null,
    write: (chunk, encoding, done) => this.#soon(() => tell(done, 'process.write', this.#pid, args.bytesOf(chunk))),
    final: (done) => this.#soon(() => tell(done, 'process.end', this.#pid)),
    destroy: (error, done) => {
      this.#soon(() => tell(undefined, 'process.end', this.#pid));
      done(error);
    },
  });

  constructor() {
    // Each write ends soon, and is waited for.
    defineRefs(this.stream, () => {});
  }

  begin(pid) {
    this.#pid = pid;
    const act = this.#waiting;
    this.#waiting = undefined;
    act?.();
  }

  #soon(act) {
    if (this.#pid === undefined) this.#waiting = act;
    else act();
  }
}

async function tell(done, op, pid, bytes) {
  let failure = null;
  try {
    await ops.hostCall(op, pid, bytes);
  } catch (error) {
    failure = error;
  }
  if (done !== undefined) ops.tick(done, [failure]);
}

// Passes on what the program writes, to its end. A target that fails is told once, and the program goes on.
async function copy(source, target, onPiece) {
  let hasFailed = false;
  for (;;) {
    const { value, done } = await ops.pull(source);
    if (done) return;
    onPiece();
    if (hasFailed) continue;
    try {
      target.write(args.buffer(value));
    } catch (error) {
      hasFailed = true;
      ops.uncaught(error);
    }
  }
}

module.exports = { __proto__: null, Input, Output, copy };
