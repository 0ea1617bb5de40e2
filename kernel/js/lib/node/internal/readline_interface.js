// An interface to a stream of lines: what Node's `readline` and `readline/promises` have in common. `readline_editing`
// is what a person types.
'use strict';

const {
  ArrayPrototypeSlice, FunctionPrototypeCall, MathMax, NumberIsFinite, NumberIsNaN, ObjectDefineProperty, Symbol, SymbolAsyncIterator, SymbolDispose,
} = primordials;
const EventEmitter = require('node/events');
const { make } = require('node/internal/errors');
const { inherit, method } = require('node/internal/stream_base');
const { validateAbortSignal, validateArray, validateString, validateUint32 } = require('node/internal/validators');
const { Cutter, LineIterator, add, end, fail, reopen, takesLines } = require('node/internal/readline_lines');

// How soon a line feed must follow a carriage return to belong to it, in milliseconds, at least.
const SOON = 100;
const HISTORY = 30;

// What an interface keeps to itself.
const kState = Symbol('state');

function readOptions(input, output, completer, terminal) {
  if (input?.input !== undefined && input.input !== null) return { __proto__: null, ...input };
  return { __proto__: null, input, output, completer, terminal };
}

function checked(options) {
  const { completer, history, historySize, signal, escapeCodeTimeout, tabSize } = options;
  if (signal) validateAbortSignal(signal, 'options.signal');
  if (completer !== undefined && completer !== null && typeof completer !== 'function') throw make('ERR_INVALID_ARG_VALUE', 'completer', completer);
  if (history !== undefined) validateArray(history, 'history');
  if (historySize !== undefined && (typeof historySize !== 'number' || NumberIsNaN(historySize) || historySize < 0)) {
    throw make('ERR_INVALID_ARG_VALUE_RANGE', 'historySize', historySize);
  }
  if (escapeCodeTimeout !== undefined && !NumberIsFinite(escapeCodeTimeout)) {
    throw make('ERR_INVALID_ARG_VALUE', 'input.escapeCodeTimeout', escapeCodeTimeout);
  }
  if (tabSize !== undefined) validateUint32(tabSize, 'tabSize', true);
  return options;
}

function Interface(input, output, completer, terminal) {
  FunctionPrototypeCall(EventEmitter, this);
  const options = checked(readOptions(input, output, completer, terminal));
  this.input = options.input;
  this.output = options.output;
  this.terminal = Boolean(options.terminal ?? options.output?.isTTY);
  this.line = '';
  this.cursor = 0;
  this.closed = false;
  this.paused = false;
  this.crlfDelay = options.crlfDelay ? MathMax(SOON, options.crlfDelay) : SOON;
  this.escapeCodeTimeout = options.escapeCodeTimeout ?? 500;
  this.tabSize = options.tabSize ?? 8;
  this.isCompletionEnabled = true;
  this.historySize = this.terminal ? options.historySize ?? HISTORY : 0;
  this.history = options.history ?? [];
  this.historyIndex = -1;
  this.removeHistoryDuplicates = Boolean(options.removeHistoryDuplicates);
  if (options.completer) this.completer = options.completer;
  // The answer to a question goes to who asked it.
  this[kState] = {
    __proto__: null, prompt: options.prompt === undefined ? '> ' : `${options.prompt}`, asked: undefined, before: '', iterator: undefined, take: undefined,
  };
  if (this.terminal) require('node/internal/readline_editing').begin(this);
  else readLines(this);
  if (options.signal) closeOnAbort(this, options.signal);
  this.input.resume();
}
inherit(Interface, EventEmitter);

function readLines(self) {
  const { input } = self;
  const cutter = new Cutter(self.crlfDelay);
  const { StringDecoder } = require('node/string_decoder');
  const decoder = new StringDecoder('utf8');
  self[kState].take = (data) => {
    const lines = cutter.cut(decoder.write(data));
    if (lines.length > 0) tellAll(self, lines);
  };
  const onError = (error) => tellError(self, error);
  const onEnd = () => {
    const rest = cutter.end() + decoder.end();
    // As in Node, a line without a line break answers no question.
    if (rest !== '') tellLine(self, rest);
    self.close();
  };
  input.on('error', onError);
  input.on('data', self[kState].take);
  input.on('end', onEnd);
  self.once('close', () => {
    input.removeListener('data', self[kState].take);
    input.removeListener('error', onError);
    input.removeListener('end', onEnd);
  });
}

// Who iterates takes whole lists, where nobody else wants to hear of the lines.
function tellAll(self, lines) {
  const state = self[kState];
  let from = 0;
  while (from < lines.length && (state.asked !== undefined || self.listenerCount('line') > 0 || self._onLine !== onLine)) self._onLine(lines[from++]);
  if (from > 0 && from < lines.length) lines = ArrayPrototypeSlice(lines, from);
  if (from < lines.length || from === 0) passOn(state, lines);
}

function passOn({ iterator }, lines) {
  if (iterator !== undefined) add(iterator, lines);
}

function tellLine(self, line) {
  passOn(self[kState], [line]);
  self.emit('line', line);
}

function onLine(line) {
  const state = this[kState];
  const { asked } = state;
  if (asked !== undefined) {
    state.asked = undefined;
    this.setPrompt(state.before);
    asked(line);
    return;
  }
  tellLine(this, line);
}
method(Interface, '_onLine', onLine);

function tellError(self, error) {
  const { iterator } = self[kState];
  if (iterator !== undefined && takesLines(iterator) && self.listenerCount('error') === 0) {
    fail(iterator, error);
    return;
  }
  self.emit('error', error);
}

function closeOnAbort(self, signal) {
  const onAbort = () => self.close();
  if (signal.aborted) {
    ops.tick(onAbort, []);
    return;
  }
  signal.addEventListener('abort', onAbort, { __proto__: null, once: true });
  self.once('close', () => signal.removeEventListener('abort', onAbort));
}

const closedError = () => make('ERR_USE_AFTER_CLOSE', 'readline');

method(Interface, 'getPrompt', function getPrompt() { return this[kState].prompt; });
method(Interface, 'setPrompt', function setPrompt(prompt) { this[kState].prompt = prompt; });
ObjectDefineProperty(Interface.prototype, '_prompt', {
  __proto__: null, get() { return this[kState].prompt; }, set(prompt) { this[kState].prompt = prompt; }, configurable: true,
});
ObjectDefineProperty(Interface.prototype, 'columns', {
  __proto__: null, get() { return this.output?.columns || Infinity; }, configurable: true,
});
method(Interface, 'prompt', function prompt(keepsCursor) {
  if (this.paused) this.resume();
  if (this.terminal) {
    if (!keepsCursor) this.cursor = 0;
    this._refreshLine();
  } else {
    this._writeToOutput(this[kState].prompt);
  }
});
method(Interface, '_writeToOutput', function _writeToOutput(text) {
  validateString(text, 'stringToWrite');
  if (this.output !== null && this.output !== undefined) this.output.write(text);
});

// Asks; a further question while one is open only shows the prompt again.
method(Interface, '_ask', function _ask(query, answered) {
  if (this.closed) throw closedError();
  const state = this[kState];
  if (state.asked === undefined) {
    state.before = state.prompt;
    this.setPrompt(query);
    state.asked = answered;
  }
  this.prompt();
});
method(Interface, '_takeBack', function _takeBack() {
  const state = this[kState];
  if (state.asked === undefined) return;
  state.asked = undefined;
  this.setPrompt(state.before);
  this.clearLine?.();
});

method(Interface, 'pause', function pause() {
  if (this.paused) return this;
  this.input.pause();
  this.paused = true;
  this.emit('pause');
  return this;
});
method(Interface, 'resume', function resume() {
  if (!this.paused) return this;
  this.input.resume();
  this.paused = false;
  this.emit('resume');
  return this;
});
method(Interface, 'close', function close() {
  if (this.closed) return;
  this.pause();
  if (this.terminal) this._setRawMode(false);
  this.closed = true;
  const { iterator } = this[kState];
  if (iterator !== undefined) end(iterator);
  this.emit('close');
});
method(Interface, SymbolDispose, function() { this.close(); });
method(Interface, 'write', function write(data, pressed) {
  if (this.paused) this.resume();
  if (this.terminal) this._ttyWrite(data, pressed);
  else if (data !== undefined) this[kState].take(data);
});

// Lines that come from now on, and those that no loop before has taken: an interface has one iterator. A loop that ends
// early leaves the interface open. Node's iterator takes no new lines after that; this one does when it is asked for
// again.
method(Interface, SymbolAsyncIterator, function() {
  const state = this[kState];
  const iterator = state.iterator ??= new LineIterator(this);
  if (this.closed) end(iterator);
  else reopen(iterator);
  return iterator;
});

module.exports = { __proto__: null, Interface };
