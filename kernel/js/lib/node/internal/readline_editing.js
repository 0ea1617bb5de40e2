// A line that a person edits at a terminal: what keys do to it, and how it is shown.
'use strict';

const {
  ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSplice, MathCeil, MathFloor, MathMax, ObjectDefineProperty, PromisePrototypeThen,
  ReflectApply, RegExpPrototypeExec, SafeStringIterator, StringPrototypeRepeat, StringPrototypeSlice,
  StringPrototypeStartsWith, StringPrototypeTrim, Symbol,
} = primordials;
const cursor = require('node/internal/readline_cursor');
const { emitKeypressEvents } = require('node/internal/readline_keys');
const { abortError } = require('node/internal/errors');
const { kRejectQuestion, split } = require('node/internal/readline_lines');

// What was cut last, and what the terminal shows.
const kEditing = Symbol('editing');

const MAX_KILLED = 32;

const editing = { __proto__: null };

// Makes `self` an interface to a terminal.
exports.begin = (self) => {
  const { input, output } = self;
  const names = primordials.ObjectKeys(editing);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    // A class that inherits may have a method of its own.
    if (self[name] === undefined) ObjectDefineProperty(self, name, { __proto__: null, value: editing[name], writable: true, configurable: true });
  }
  self[kEditing] = { __proto__: null, killed: [], wasReturn: false, wasTab: false, draft: '' };
  self.prevRows = 0;
  const onKey = (text, pressed) => self._ttyWrite(text, pressed);
  const onEnd = () => {
    if (self.line.length > 0) self._onLine(self.line);
    self.close();
  };
  const onError = (error) => self.emit('error', error);
  const onResize = () => self._refreshLine();
  emitKeypressEvents(input, self);
  input.on('keypress', onKey);
  input.on('end', onEnd);
  input.on('error', onError);
  output?.on?.('resize', onResize);
  self._setRawMode(true);
  self.once('close', () => {
    input.removeListener('keypress', onKey);
    input.removeListener('end', onEnd);
    input.removeListener('error', onError);
    output?.removeListener?.('resize', onResize);
  });
};

editing._setRawMode = function _setRawMode(mode) {
  const before = this.input.isRaw;
  if (typeof this.input.setRawMode === 'function') this.input.setRawMode(mode);
  return before;
};

const isControl = (code) => code < 32 || (code >= 127 && code < 160);

// Where the cursor stands behind `text`, in a terminal of so many columns.
editing._getDisplayPos = function _getDisplayPos(text) {
  let cols = 0;
  let rows = 0;
  const columns = this.columns;
  text = require('node/util').stripVTControlCharacters(text);
  for (const character of new SafeStringIterator(text)) {
    if (character === '\n') {
      rows += MathCeil(cols / columns) || 1;
      cols = 0;
    } else if (character === '\t') {
      cols += this.tabSize - (cols % this.tabSize);
    } else {
      const width = isControl(primordials.StringPrototypeCharCodeAt(character, 0)) ? 0 : ops.displayWidth(character);
      // A wide character does not begin in the last column.
      if (width === 2 && (cols + 1) % columns === 0) cols++;
      cols += width;
    }
  }
  return { cols: cols % columns, rows: rows + MathFloor(cols / columns) };
};
editing.getCursorPos = function getCursorPos() {
  return this._getDisplayPos(this.getPrompt() + StringPrototypeSlice(this.line, 0, this.cursor));
};
editing._getCursorPos = editing.getCursorPos;

editing._refreshLine = function _refreshLine() {
  const text = this.getPrompt() + this.line;
  const whole = this._getDisplayPos(text);
  const place = this.getCursorPos();
  const { output } = this;
  if (this.prevRows > 0) cursor.moveCursor(output, 0, -this.prevRows);
  cursor.cursorTo(output, 0);
  cursor.clearScreenDown(output);
  this._writeToOutput(text);
  // The terminal moves to the next row with the next character only.
  if (whole.cols === 0) this._writeToOutput(' ');
  cursor.cursorTo(output, place.cols);
  if (whole.rows > place.rows) cursor.moveCursor(output, 0, place.rows - whole.rows);
  this.prevRows = place.rows;
};

editing._insertString = function _insertString(text) {
  const isAtEnd = this.cursor >= this.line.length;
  const before = this.getCursorPos();
  this.line = StringPrototypeSlice(this.line, 0, this.cursor) + text + StringPrototypeSlice(this.line, this.cursor);
  this.cursor += text.length;
  // Where nothing else moves, the text alone is written.
  if (isAtEnd && this.getCursorPos().cols > before.cols && this.getCursorPos().rows === before.rows) this._writeToOutput(text);
  else this._refreshLine();
};

editing._line = function _line() {
  const line = this._addHistory();
  this[kEditing].draft = '';
  this.clearLine();
  this._onLine(line);
};
editing.clearLine = function clearLine() {
  this._moveCursor(Infinity);
  this._writeToOutput('\r\n');
  this.line = '';
  this.cursor = 0;
  this.prevRows = 0;
};

editing._addHistory = function _addHistory() {
  const { history, line } = this;
  this.historyIndex = -1;
  if (line.length === 0 || this.historySize === 0 || StringPrototypeTrim(line).length === 0) return line;
  if (history.length === 0 || history[0] !== line) {
    if (this.removeHistoryDuplicates) {
      const same = ArrayPrototypeIndexOf(history, line);
      if (same >= 0) ArrayPrototypeSplice(history, same, 1);
    }
    ArrayPrototypeSplice(history, 0, 0, line);
    if (history.length > this.historySize) history.length = this.historySize;
  }
  this.emit('history', history);
  return line;
};

// Goes to an older line, or a newer one: those that begin with what is before the cursor of a line that is being
// written.
function recall(self, step) {
  const { history } = self;
  const state = self[kEditing];
  if (self.historyIndex < 0) state.draft = self.line;
  let index = self.historyIndex + step;
  while (index >= 0 && index < history.length && (!StringPrototypeStartsWith(history[index], state.draft) || history[index] === self.line)) index += step;
  if (index >= history.length || (step < 0 && self.historyIndex < 0)) return;
  self.historyIndex = index < 0 ? -1 : index;
  self.line = index < 0 ? state.draft : history[index];
  self.cursor = self.line.length;
  self._refreshLine();
}
editing._historyPrev = function _historyPrev() { recall(this, 1); };
editing._historyNext = function _historyNext() { recall(this, -1); };

editing._moveCursor = function _moveCursor(by) {
  const old = this.getCursorPos();
  this.cursor = MathMax(0, primordials.MathMin(this.line.length, this.cursor + by));
  const now = this.getCursorPos();
  if (old.rows === now.rows) cursor.moveCursor(this.output, now.cols - old.cols, 0);
  else this._refreshLine();
};

// How long the character is before a place in the line, and after it.
function lengthBefore(line, at) {
  const pair = at > 1 && RegExpPrototypeExec(/^[\ud800-\udbff][\udc00-\udfff]$/, StringPrototypeSlice(line, at - 2, at)) !== null;
  return pair ? 2 : at > 0 ? 1 : 0;
}
function lengthAfter(line, at) {
  const pair = RegExpPrototypeExec(/^[\ud800-\udbff][\udc00-\udfff]$/, StringPrototypeSlice(line, at, at + 2)) !== null;
  return pair ? 2 : at < line.length ? 1 : 0;
}
function wordBefore(line, at) {
  return RegExpPrototypeExec(/(?:[^\w\s]+|\w+|)\s*$/, StringPrototypeSlice(line, 0, at))[0].length;
}
function wordAfter(line, at) {
  return RegExpPrototypeExec(/^(?:\s+|[^\w\s]+|\w+)\s*/, StringPrototypeSlice(line, at))?.[0].length ?? 0;
}

// Takes a part out of the line; what is `killed` can be put back.
function remove(self, from, to, isKilled = false) {
  if (from >= to) return;
  const text = StringPrototypeSlice(self.line, from, to);
  if (isKilled) {
    const { killed } = self[kEditing];
    ArrayPrototypeSplice(killed, 0, 0, text);
    if (killed.length > MAX_KILLED) killed.length = MAX_KILLED;
  }
  self.line = StringPrototypeSlice(self.line, 0, from) + StringPrototypeSlice(self.line, to);
  self.cursor = from;
  self._refreshLine();
}
editing._deleteLeft = function _deleteLeft() { remove(this, this.cursor - lengthBefore(this.line, this.cursor), this.cursor); };
editing._deleteRight = function _deleteRight() { remove(this, this.cursor, this.cursor + lengthAfter(this.line, this.cursor)); };
editing._deleteWordLeft = function _deleteWordLeft() { remove(this, this.cursor - wordBefore(this.line, this.cursor), this.cursor, true); };
editing._deleteWordRight = function _deleteWordRight() { remove(this, this.cursor, this.cursor + wordAfter(this.line, this.cursor), true); };
editing._deleteLineLeft = function _deleteLineLeft() { remove(this, 0, this.cursor, true); };
editing._deleteLineRight = function _deleteLineRight() { remove(this, this.cursor, this.line.length, true); };
editing._wordLeft = function _wordLeft() { this._moveCursor(-wordBefore(this.line, this.cursor)); };
editing._wordRight = function _wordRight() { this._moveCursor(wordAfter(this.line, this.cursor)); };
editing._yank = function _yank() {
  const { 0: text } = this[kEditing].killed;
  if (text !== undefined) this._insertString(text);
};

// What all of them begin with.
function common(texts) {
  let start = texts[0];
  for (let index = 1; index < texts.length; index++) while (!StringPrototypeStartsWith(texts[index], start)) start = StringPrototypeSlice(start, 0, -1);
  return start;
}

function tableOf(texts, columns) {
  let widest = 0;
  for (let index = 0; index < texts.length; index++) widest = MathMax(widest, ops.displayWidth(texts[index]));
  const each = MathMax(1, MathFloor(columns / (widest + 2)));
  let table = '';
  for (let index = 0; index < texts.length; index++) {
    const isLast = index % each === each - 1 || index === texts.length - 1;
    table += isLast ? `${texts[index]}\r\n` : texts[index] + StringPrototypeRepeat(' ', widest + 2 - ops.displayWidth(texts[index]));
  }
  return table;
}

function complete(self, line, done) {
  const { completer } = self;
  if (completer.length === 2) return void ReflectApply(completer, self, [line, done]);
  const later = async () => ReflectApply(completer, self, [line]);
  PromisePrototypeThen(later(), (found) => done(null, found), (error) => done(error));
}

editing._tabComplete = function _tabComplete(isSecond) {
  this.pause();
  complete(this, StringPrototypeSlice(this.line, 0, this.cursor), (error, found) => {
    this.resume();
    if (error) {
      this._writeToOutput(`tab completion error ${ops.inspect(error)}`);
      return;
    }
    const { 0: given, 1: typed } = found;
    const texts = [];
    for (let index = 0; index < (given?.length ?? 0); index++) if (given[index] !== '') ArrayPrototypePush(texts, given[index]);
    if (texts.length === 0) return;
    const start = common(texts);
    if (StringPrototypeStartsWith(start, typed) && start.length > typed.length) return this._insertString(StringPrototypeSlice(start, typed.length));
    if (!isSecond && texts.length > 1) return;
    if (texts.length === 1) return;
    this._writeToOutput(`\r\n${tableOf(texts, this.columns)}\r\n`);
    this.prevRows = 0;
    this._refreshLine();
  });
};

// Stops the process as a shell expects it: the terminal is as before, and a line that is begun is shown again when the
// process goes on.
function suspend(self) {
  const process = require('node/process');
  const goOn = () => {
    // As in Node: who listens resumes the input, for instance by `prompt`.
    if (!self.paused) {
      self.pause();
      self.emit('SIGCONT');
    }
    self._setRawMode(true);
    self._refreshLine();
  };
  process.once('SIGCONT', goOn);
  self._setRawMode(false);
  try {
    process.kill(process.pid, 'SIGTSTP');
  } catch {
    // Who runs the program lets nobody stop it.
    process.removeListener('SIGCONT', goOn);
    self._setRawMode(true);
  }
}

// Closes the interface. The promise of an open question is rejected.
function abandon(self, message) {
  self.close();
  self[kRejectQuestion]?.(abortError(undefined, message));
}

const CONTROL = {
  __proto__: null,
  a: (self) => self._moveCursor(-Infinity), b: (self) => self._moveCursor(-lengthBefore(self.line, self.cursor)),
  e: (self) => self._moveCursor(Infinity), f: (self) => self._moveCursor(lengthAfter(self.line, self.cursor)),
  h: (self) => self._deleteLeft(), k: (self) => self._deleteLineRight(), n: (self) => self._historyNext(), p: (self) => self._historyPrev(),
  u: (self) => self._deleteLineLeft(), w: (self) => self._deleteWordLeft(), y: (self) => self._yank(), backspace: (self) => self._deleteWordLeft(),
  delete: (self) => self._deleteWordRight(), left: (self) => self._wordLeft(), right: (self) => self._wordRight(),
  c: (self) => {
    if (self.listenerCount('SIGINT') > 0) self.emit('SIGINT');
    else abandon(self, 'Aborted with Ctrl+C');
  },
  d: (self) => {
    if (self.cursor === 0 && self.line.length === 0) abandon(self, 'Aborted with Ctrl+D');
    else self._deleteRight();
  },
  l: (self) => {
    cursor.cursorTo(self.output, 0, 0);
    cursor.clearScreenDown(self.output);
    self.prevRows = 0;
    self._refreshLine();
  },
  z: (self) => {
    if (self.listenerCount('SIGTSTP') > 0) self.emit('SIGTSTP');
    else suspend(self);
  },
};
const META = {
  __proto__: null, b: (self) => self._wordLeft(), f: (self) => self._wordRight(), d: (self) => self._deleteWordRight(),
  delete: (self) => self._deleteWordRight(), backspace: (self) => self._deleteWordLeft(), left: (self) => self._wordLeft(), right: (self) => self._wordRight(),
};
const PLAIN = {
  __proto__: null,
  backspace: CONTROL.h, delete: (self) => self._deleteRight(), left: CONTROL.b, right: CONTROL.f, home: CONTROL.a, end: CONTROL.e, up: CONTROL.p, down: CONTROL.n,
};

editing._ttyWrite = function _ttyWrite(text, pressed = { __proto__: null }) {
  const state = this[kEditing];
  const { name } = pressed;
  const wasReturn = state.wasReturn && name === 'enter';
  const isSecondTab = state.wasTab;
  state.wasReturn = name === 'return';
  state.wasTab = name === 'tab';
  if (name === 'escape') return;
  if (pressed.ctrl && !pressed.meta) return void CONTROL[name]?.(this);
  if (pressed.meta && name !== undefined && META[name] !== undefined) return META[name](this);
  if (name === 'return') return this._line();
  // The two of one line break.
  if (name === 'enter') return wasReturn ? undefined : this._line();
  if (PLAIN[name] !== undefined) return PLAIN[name](this);
  if (name === 'tab' && typeof this.completer === 'function' && this.isCompletionEnabled) return this._tabComplete(isSecondTab);
  if (typeof text !== 'string' || text === '') return;
  // Several lines at once: each that is ended is told.
  const parts = split(text);
  for (let index = 0; index < parts.length; index++) {
    if (index > 0) this._line();
    if (parts[index] !== '') this._insertString(parts[index]);
  }
};
