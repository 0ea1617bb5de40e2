// Node's `readline`: lines from a stream, and a line that a person edits at a terminal.
'use strict';

const { FunctionPrototypeCall, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, Promise, SymbolFor } = primordials;
const base = require('node/internal/readline_interface');
const { clearLine, clearScreenDown, cursorTo, moveCursor } = require('node/internal/readline_cursor');
const { emitKeypressEvents } = require('node/internal/readline_keys');
const { abortError } = require('node/internal/errors');
const { inherit, method } = require('node/internal/stream_base');
const { validateAbortSignal } = require('node/internal/validators');

function Interface(input, output, completer, terminal) {
  if (!(this instanceof Interface)) return new Interface(input, output, completer, terminal);
  FunctionPrototypeCall(base.Interface, this, input, output, completer, terminal);
}
inherit(Interface, base.Interface);

method(Interface, 'question', function question(query, options, answered) {
  if (typeof options === 'function') {
    answered = options;
    options = undefined;
  }
  const signal = options?.signal;
  if (signal) {
    validateAbortSignal(signal, 'options.signal');
    if (signal.aborted) return;
    const onAbort = () => this._takeBack();
    signal.addEventListener('abort', onAbort, { __proto__: null, once: true });
    const told = answered;
    if (typeof told === 'function') {
      answered = (answer) => {
        signal.removeEventListener('abort', onAbort);
        told(answer);
      };
    }
  }
  if (typeof answered === 'function') this._ask(query, answered);
});
ObjectDefineProperty(Interface.prototype.question, SymbolFor('nodejs.util.promisify.custom'), {
  __proto__: null,
  value: { __proto__: null, question(query, options) {
    const signal = options?.signal;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(signal.reason));
      signal?.addEventListener('abort', () => reject(abortError(signal.reason)), { __proto__: null, once: true });
      this.question(query, options, resolve);
    });
  } }.question,
});

function createInterface(input, output, completer, terminal) {
  return new Interface(input, output, completer, terminal);
}

const exported = {
  Interface, clearLine, clearScreenDown, createInterface, cursorTo, emitKeypressEvents, moveCursor,
  get promises() { return require('node/readline_promises'); },
};
ops.markLazy(ObjectGetOwnPropertyDescriptor(exported, 'promises').get);
module.exports = exported;
