// Timers, with the objects that Node returns, which also convert to the numbers that browsers return.
'use strict';

const { defineProperty } = Object;
const { apply, set } = Reflect;
const { toPrimitive, dispose, toStringTag } = Symbol;

// Longer delays, in milliseconds, become 1, as in Node.
const MAX_DELAY = 2 ** 31 - 1;

// What Node says where a delay is longer.
function warnOfOverflow(delay) {
  const message = `${delay} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`;
  ops.library('node/internal/warnings').emitWarning(message, 'TimeoutOverflowWarning');
}

function requireFunction(callback) {
  if (typeof callback !== 'function') {
    throw ops.library('node/internal/errors').make('ERR_INVALID_ARG_TYPE', 'callback', 'Function', callback);
  }
}

class Timer {
  #id;
  #referenced = true;

  static idOf(timer) {
    return typeof timer === 'object' && timer !== null && #id in timer ? timer.#id : timer;
  }

  static start(timer, id) {
    timer.#id = id;
    if (!timer.#referenced) ops.reference(id, false);
  }

  ref() {
    this.#referenced = true;
    ops.reference(this.#id, true);
    return this;
  }

  unref() {
    this.#referenced = false;
    ops.reference(this.#id, false);
    return this;
  }

  hasRef() {
    return this.#referenced;
  }

  [dispose]() {
    cancel(this);
  }
}

// Taken before user code can add its own; through a timer's constructor it would be within reach.
const { idOf, start } = Timer;
delete Timer.idOf;
delete Timer.start;

class Timeout extends Timer {
  #callback;
  #delay;
  #repeat;
  #args;
  // Whether it has called, and is not to call again by itself.
  #isOver = false;
  // What Node's timers tell of themselves. Only `_destroyed` changes, and nothing is read from here.
  _idleTimeout;
  _onTimeout;
  _timerArgs;
  _repeat;
  _destroyed = false;

  constructor(callback, delay, repeat, args) {
    super();
    if (delay > MAX_DELAY) warnOfOverflow(delay);
    this._idleTimeout = delay >= 1 && delay <= MAX_DELAY ? delay : 1;
    this._onTimeout = callback;
    this._timerArgs = args.length > 0 ? args : undefined;
    this._repeat = repeat ? this._idleTimeout : null;
    this.#callback = callback;
    this.#delay = delay;
    this.#repeat = repeat;
    this.#args = args;
    this.#schedule();
  }

  // The callback's `this` is the timer, so that it can end it.
  #call = () => {
    if (!this.#repeat) {
      this.#isOver = true;
      set(this, '_destroyed', true);
    }
    return apply(this.#callback, this, this.#args);
  };

  #schedule() {
    this.#isOver = false;
    set(this, '_destroyed', false);
    start(this, ops.schedule(this.#call, this.#delay, this.#repeat, []));
  }

  static end(timer) {
    if (typeof timer !== 'object' || timer === null || !(#isOver in timer)) return;
    timer.#isOver = false;
    set(timer, '_destroyed', true);
  }

  refresh() {
    if (this.#isOver) this.#schedule();
    else ops.refresh(idOf(this));
    return this;
  }

  close() {
    cancel(this);
    return this;
  }

  [toPrimitive]() {
    return idOf(this);
  }
}
const { end } = Timeout;
delete Timeout.end;

class Immediate extends Timer {
  #isImmediate;
  // As those of a timeout.
  _onImmediate;
  _argv;
  _destroyed = false;

  constructor(callback, args) {
    super();
    this._onImmediate = callback;
    this._argv = args.length > 0 ? args : undefined;
    start(this, ops.immediate(() => {
      set(this, '_destroyed', true);
      return apply(callback, this, args);
    }, []));
  }

  static end(immediate) {
    if (typeof immediate === 'object' && immediate !== null && #isImmediate in immediate) set(immediate, '_destroyed', true);
  }
}
const { end: endImmediate } = Immediate;
delete Immediate.end;

function cancel(timer) {
  // One that was cancelled in its own callback does not begin again.
  end(timer);
  endImmediate(timer);
  const id = idOf(timer);
  if (typeof id === 'number') ops.cancel(id);
  else if (typeof id === 'string') ops.cancel(+id);
}

const functions = {
  __proto__: null,
  setTimeout(callback, delay, ...args) {
    requireFunction(callback);
    return new Timeout(callback, +delay, false, args);
  },
  setInterval(callback, delay, ...args) {
    requireFunction(callback);
    return new Timeout(callback, +delay, true, args);
  },
  setImmediate(callback, ...args) {
    requireFunction(callback);
    return new Immediate(callback, args);
  },
  clearTimeout(timer) {
    cancel(timer);
  },
  clearInterval(timer) {
    cancel(timer);
  },
  clearImmediate(immediate) {
    cancel(immediate);
  },
};

// For the library, whatever becomes of the globals.
ops.timers = functions;

for (const name in functions) {
  defineProperty(globalThis, name, {
    __proto__: null, value: functions[name], writable: true, enumerable: true, configurable: true,
  });
}
// What `promisify` makes of them; the file is compiled when that is asked for.
for (const name of ['setTimeout', 'setImmediate']) {
  defineProperty(functions[name], Symbol.for('nodejs.util.promisify.custom'), {
    __proto__: null, get: { __proto__: null, get() { return ops.library('node/timers_promises')[name]; } }.get, enumerable: true,
  });
}
for (const Class of [Timeout, Immediate]) {
  defineProperty(Class.prototype, toStringTag, { __proto__: null, value: Class.name, configurable: true });
}
