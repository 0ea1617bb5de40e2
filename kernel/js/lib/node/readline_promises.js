// Node's `readline/promises`.
'use strict';

const { ArrayPrototypeJoin, ArrayPrototypePush, FunctionPrototypeCall, Promise } = primordials;
const base = require('node/internal/readline_interface');
const cursor = require('node/internal/readline_cursor');
const { abortError, make } = require('node/internal/errors');
const { kRejectQuestion } = require('node/internal/readline_lines');
const { inherit, method } = require('node/internal/stream_base');
const { validateAbortSignal, validateBoolean, validateInteger } = require('node/internal/validators');

function Interface(input, output, completer, terminal) {
  if (!(this instanceof Interface)) return new Interface(input, output, completer, terminal);
  FunctionPrototypeCall(base.Interface, this, input, output, completer, terminal);
}
inherit(Interface, base.Interface);

method(Interface, 'question', function question(query, options) {
  return new Promise((resolve, reject) => {
    const signal = options?.signal;
    this[kRejectQuestion] = reject;
    if (!signal) return this._ask(query, resolve);
    validateAbortSignal(signal, 'options.signal');
    if (signal.aborted) return reject(abortError(signal.reason));
    const onAbort = () => {
      this._takeBack();
      reject(abortError(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { __proto__: null, once: true });
    this._ask(query, (answer) => {
      signal.removeEventListener('abort', onAbort);
      resolve(answer);
    });
  });
});

// Movements of the cursor that are written together.
class Readline {
  #stream;
  #writesAtOnce;
  #texts = [];

  constructor(stream, options) {
    if (typeof stream?.write !== 'function') throw make('ERR_INVALID_ARG_TYPE', 'stream', 'Writable', stream);
    this.#stream = stream;
    if (options?.autoCommit !== undefined) validateBoolean(options.autoCommit, 'options.autoCommit');
    this.#writesAtOnce = options?.autoCommit === true;
  }

  #add(move) {
    const target = { __proto__: null, write: (text) => {
      if (this.#writesAtOnce) ops.tick(() => this.#stream.write(text), []);
      else ArrayPrototypePush(this.#texts, text);
    } };
    move(target);
    return this;
  }

  cursorTo(x, y) {
    validateInteger(x, 'x');
    if (y !== undefined && y !== null) validateInteger(y, 'y');
    return this.#add((target) => cursor.cursorTo(target, x, y ?? undefined));
  }

  moveCursor(dx, dy) {
    return this.#add((target) => cursor.moveCursor(target, dx, dy));
  }

  clearLine(direction) {
    validateInteger(direction, 'dir', -1, 1);
    return this.#add((target) => cursor.clearLine(target, direction));
  }

  clearScreenDown() {
    return this.#add((target) => cursor.clearScreenDown(target));
  }

  commit() {
    return new Promise((resolve) => {
      this.#stream.write(ArrayPrototypeJoin(this.#texts, ''), () => resolve());
      this.#texts = [];
    });
  }

  rollback() {
    this.#texts = [];
    return this;
  }
}

module.exports = {
  Interface, Readline,
  createInterface: function createInterface(input, output, completer, terminal) { return new Interface(input, output, completer, terminal); },
};
