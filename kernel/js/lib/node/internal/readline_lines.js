// Lines: text cut where lines end, and the lines of an interface one by one.
'use strict';

const {
  ArrayPrototypePush, ArrayPrototypeSlice, ObjectDefineProperty, Promise, PromiseReject, PromiseResolve, StringPrototypeIndexOf,
  StringPrototypeSlice, StringPrototypeSplit, Symbol, SymbolAsyncIterator, SymbolToStringTag,
} = primordials;

// The function of an interface that rejects the promise of its open question.
const kRejectQuestion = Symbol('kRejectQuestion');

// What stands between line breaks, of whatever kind.
function split(text) {
  let feed = StringPrototypeIndexOf(text, '\n');
  let back = StringPrototypeIndexOf(text, '\r');
  if (back < 0) return StringPrototypeSplit(text, '\n');
  const lines = [];
  let from = 0;
  while (feed >= 0 || back >= 0) {
    const at = back < 0 || (feed >= 0 && feed < back) ? feed : back;
    ArrayPrototypePush(lines, StringPrototypeSlice(text, from, at));
    from = at === back && feed === at + 1 ? at + 2 : at + 1;
    if (feed >= 0 && feed < from) feed = StringPrototypeIndexOf(text, '\n', from);
    if (back >= 0 && back < from) back = StringPrototypeIndexOf(text, '\r', from);
  }
  ArrayPrototypePush(lines, StringPrototypeSlice(text, from));
  return lines;
}

// Cuts what comes in pieces. A line feed that comes within `delay` milliseconds after a carriage return belongs to it.
class Cutter {
  #rest = '';
  #delay;
  // When a piece ended with a carriage return.
  #returnAt;

  constructor(delay) {
    this.#delay = delay;
  }

  // The lines that end in this piece.
  cut(text) {
    if (this.#returnAt !== undefined) {
      if (text[0] === '\n' && ops.now() - this.#returnAt <= this.#delay) text = StringPrototypeSlice(text, 1);
      this.#returnAt = undefined;
    }
    const lines = split(text);
    if (text[text.length - 1] === '\r') this.#returnAt = ops.now();
    lines[0] = this.#rest + lines[0];
    this.#rest = lines[lines.length - 1];
    lines.length--;
    return lines;
  }

  // What no end of a line follows.
  end() {
    const rest = this.#rest;
    this.#rest = '';
    return rest;
  }
}

// So many lines may wait until somebody takes them. Then the input pauses.
const MARK = 1024;

const settle = (value, done) => ({ value, done });

// The lines of `owner` as an asynchronous iterator.
class LineIterator {
  #owner;
  // Lists of lines, and the place in the first.
  #lists = [];
  #list = 0;
  #at = 0;
  #count = 0;
  // Who asked and has no answer yet.
  #waiting = [];
  #error;
  #hasFailed = false;
  #isOver = false;
  #hasPaused = false;

  constructor(owner) {
    this.#owner = owner;
  }

  static add(iterator, lines) {
    iterator.#add(lines);
  }

  static end(iterator) {
    iterator.#end();
  }

  static fail(iterator, error) {
    iterator.#hasFailed = true;
    iterator.#error = error;
    iterator.#end();
  }

  // Takes lines again after `return`.
  static reopen(iterator) {
    iterator.#isOver = false;
  }

  static takesLines(iterator) {
    return !iterator.#isOver;
  }

  #add(lines) {
    if (this.#isOver || lines.length === 0) return;
    ArrayPrototypePush(this.#lists, lines);
    this.#count += lines.length;
    let answered = 0;
    while (answered < this.#waiting.length && this.#count > 0) this.#waiting[answered++].resolve(settle(this.#take(), false));
    if (answered > 0) this.#waiting = ArrayPrototypeSlice(this.#waiting, answered);
    if (this.#count > MARK && !this.#hasPaused) {
      this.#hasPaused = true;
      this.#owner.pause();
    }
  }

  #take() {
    const list = this.#lists[this.#list];
    const line = list[this.#at++];
    if (this.#at === list.length) {
      this.#lists[this.#list++] = undefined;
      this.#at = 0;
      if (this.#list === this.#lists.length) {
        this.#lists = [];
        this.#list = 0;
      }
    }
    if (--this.#count === 0 && this.#hasPaused) {
      this.#hasPaused = false;
      if (!this.#isOver) this.#owner.resume();
    }
    return line;
  }

  #end() {
    this.#isOver = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let index = 0; index < waiting.length; index++) {
      if (this.#hasFailed) {
        this.#hasFailed = false;
        waiting[index].reject(this.#error);
      } else {
        waiting[index].resolve(settle(undefined, true));
      }
    }
  }

  next() {
    if (this.#count > 0) return PromiseResolve(settle(this.#take(), false));
    if (this.#hasFailed) {
      this.#hasFailed = false;
      return PromiseReject(this.#error);
    }
    if (this.#isOver) return PromiseResolve(settle(undefined, true));
    return new Promise((resolve, reject) => {
      ArrayPrototypePush(this.#waiting, { __proto__: null, resolve, reject });
    });
  }

  // Takes no more lines. Those that wait stay for who asks next.
  return() {
    this.#end();
    return PromiseResolve(settle(undefined, true));
  }

  throw(error) {
    this.return();
    return PromiseReject(error);
  }

  [SymbolAsyncIterator]() {
    return this;
  }
}
ObjectDefineProperty(LineIterator.prototype, SymbolToStringTag, { __proto__: null, value: 'AsyncIterator', configurable: true });
const { add, end, fail, reopen, takesLines } = LineIterator;
delete LineIterator.add;
delete LineIterator.end;
delete LineIterator.fail;
delete LineIterator.reopen;
delete LineIterator.takesLines;

module.exports = { __proto__: null, Cutter, LineIterator, add, end, fail, kRejectQuestion, reopen, split, takesLines };
