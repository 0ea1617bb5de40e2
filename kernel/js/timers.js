// Timers, with the objects that Node returns, which also convert to the numbers that browsers return.
'use strict';

const { defineProperty } = Object;
const { toPrimitive, dispose, toStringTag } = Symbol;

function requireFunction(callback) {
  if (typeof callback !== 'function') {
    const error = new TypeError('The "callback" argument must be of type function. Received ' + ops.brief(callback));
    error.code = 'ERR_INVALID_ARG_TYPE';
    throw error;
  }
}

class Timeout {
  #id;
  #referenced = true;

  constructor(callback, delay, repeat, args) {
    this.#id = ops.schedule(callback, +delay, repeat, args);
  }

  static idOf(timer) {
    return typeof timer === 'object' && timer !== null && #id in timer ? timer.#id : timer;
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

  refresh() {
    ops.refresh(this.#id);
    return this;
  }

  close() {
    ops.cancel(this.#id);
    return this;
  }

  [toPrimitive]() {
    return this.#id;
  }

  [dispose]() {
    ops.cancel(this.#id);
  }
}

class Immediate {
  #id;
  #referenced = true;

  constructor(callback, args) {
    this.#id = ops.immediate(callback, args);
  }

  static idOf(immediate) {
    return typeof immediate === 'object' && immediate !== null && #id in immediate ? immediate.#id : immediate;
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
    ops.cancel(this.#id);
  }
}

// Taken before user code can add its own; `constructor.idOf` stays out of reach.
const { idOf: timeoutId } = Timeout;
const { idOf: immediateId } = Immediate;
delete Timeout.idOf;
delete Immediate.idOf;

function cancel(id) {
  if (typeof id === 'number') ops.cancel(id);
  else if (typeof id === 'string') ops.cancel(+id);
}

const functions = {
  __proto__: null,
  setTimeout(callback, delay, ...args) {
    requireFunction(callback);
    return new Timeout(callback, delay, false, args);
  },
  setInterval(callback, delay, ...args) {
    requireFunction(callback);
    return new Timeout(callback, delay, true, args);
  },
  setImmediate(callback, ...args) {
    requireFunction(callback);
    return new Immediate(callback, args);
  },
  clearTimeout(timer) {
    cancel(timeoutId(timer));
  },
  clearInterval(timer) {
    cancel(timeoutId(timer));
  },
  clearImmediate(immediate) {
    cancel(immediateId(immediate));
  },
};

for (const name in functions) {
  defineProperty(globalThis, name, {
    __proto__: null, value: functions[name], writable: true, enumerable: true, configurable: true,
  });
}
for (const Class of [Timeout, Immediate]) {
  defineProperty(Class.prototype, toStringTag, { __proto__: null, value: Class.name, configurable: true });
}
