// Calls to the host, awaited or blocking, and the functions that an embedder lends: the global `host`.
'use strict';

const { defineProperty, keys, setPrototypeOf } = Object;
const { deleteProperty, getOwnPropertyDescriptor } = Reflect;
const { asyncIterator, asyncDispose, toStringTag } = Symbol;
const { split } = String.prototype;
const { call } = Function.prototype;
const splitAt = call.bind(split);
const { register, unregister } = FinalizationRegistry.prototype;
const registerFor = call.bind(register);
const unregisterFor = call.bind(unregister);

// Errors that hosts name by their class.
const classes = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

// What the host says when a call fails. It becomes an error where somebody awaits it, so that the error has a stack.
class Failure {
  #name;
  #message;
  #code;
  #properties;

  constructor(name, message, code, properties) {
    this.#name = name;
    this.#message = message;
    this.#code = code;
    this.#properties = properties;
  }

  static is(value) {
    return typeof value === 'object' && value !== null && #name in value;
  }

  static toError(failure) {
    const name = failure.#name;
    const Class = classes[name];
    const error = new (Class ?? Error)(failure.#message);
    const define = (key, value, enumerable) => {
      defineProperty(error, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
    };
    if (Class === undefined) define('name', name, false);
    const properties = failure.#properties;
    if (properties !== undefined) {
      const names = keys(properties);
      for (let index = 0; index < names.length; index++) {
        const value = properties[names[index]];
        // Where in a module it is wrong: no property of the error.
        if (names[index] === 'drupe:at') ops.locateError(error, value[0], value[1], value[2]);
        else define(names[index], value, true);
      }
    }
    if (failure.#code !== undefined) define('code', failure.#code, true);
    return error;
  }
}
const { is: isFailure, toError } = Failure;
// A promise that it settles asks it for `then`: it inherits from nothing, so that no getter of the program's is called
// with it.
setPrototypeOf(Failure.prototype, null);
delete Failure.prototype.constructor;

ops.failure = (name, message, code, properties) => new Failure(name, message, code, properties);

// The answer to a call, awaited. Calls that awaited it are told of a failure by the error that it becomes.
const answered = async (op, args) => {
  const opened = ops.hostOpen(op, args);
  const answer = await opened[1];
  if (isFailure(answer)) throw toError(answer);
  return answer;
};
ops.hostCall = (op, ...args) => answered(op, args);

// The answer to a call, for which JavaScript blocks.
ops.hostCallNow = (op, ...args) => {
  const answer = ops.hostCallSync(op, args);
  if (isFailure(answer)) throw toError(answer);
  return answer;
};

// A call that can be given up: `{ id, answer, cancel }`. After `cancel` the answer never comes.
ops.hostCallWithCancel = (op, ...args) => {
  const opened = ops.hostOpen(op, args);
  const answer = (async () => {
    const value = await opened[1];
    if (isFailure(value)) throw toError(value);
    return value;
  })();
  return { __proto__: null, id: opened[0], answer, cancel: () => ops.hostCancel(opened[0]) };
};

// When a stream is collected, the host is told that it is over.
const abandoned = new FinalizationRegistry((id) => ops.hostCancel(id));

const plainItem = (value, done) => ({ value, done });
// A promise that this settles finds no `then` of the program's.
const bareItem = (value, done) => ({ __proto__: null, value, done });

class HostStream {
  #id;
  #over = false;
  // Items come in the order in which they were asked for, each when the one before has come.
  #last = undefined;

  constructor(id) {
    this.#id = id;
    registerFor(abandoned, this, id, this);
  }

  next() {
    return this.#last = this.#step(this.#last, plainItem);
  }

  async #step(before, result) {
    try {
      await before;
    } catch {
      // The caller that asked for that item got the error.
    }
    if (this.#over) return result(undefined, true);
    const item = await ops.hostNext(this.#id);
    if (isFailure(item)) {
      this.#close();
      throw toError(item);
    }
    if (item === undefined) {
      this.#close();
      return result(undefined, true);
    }
    return result(item[0], false);
  }

  #close() {
    this.#over = true;
    unregisterFor(abandoned, this);
  }

  static is(value) {
    return typeof value === 'object' && value !== null && #id in value;
  }

  static pull(stream) {
    return stream.#last = stream.#step(stream.#last, bareItem);
  }

  // Whether programs wait for what the stream brings.
  static hold(stream, holds) {
    if (stream.#over) return;
    if (holds) ops.hostRef(stream.#id);
    else ops.hostUnref(stream.#id);
  }

  static abandon(stream) {
    if (stream.#over) return;
    stream.#close();
    ops.hostCancel(stream.#id);
  }

  async return(value) {
    ops.abandon(this);
    return { value, done: true };
  }

  [asyncIterator]() {
    return this;
  }

  async [asyncDispose]() {
    await this.return();
  }
}
defineProperty(HostStream.prototype, toStringTag, { __proto__: null, value: 'HostStream', configurable: true });
// A promise that a stream settles finds no `then` of the program's.
defineProperty(HostStream.prototype, 'then', { __proto__: null, value: undefined, writable: true, configurable: true });
// A stream's class is no way to make more of them.
delete HostStream.prototype.constructor;

// The next item of a stream, whatever became of its `next`; and what gives a stream up.
ops.pull = HostStream.pull;
ops.abandon = HostStream.abandon;
ops.holdStream = HostStream.hold;
const { is: isStream } = HostStream;
const nextOf = call.bind(HostStream.prototype.next);
const endOf = call.bind(HostStream.prototype.return);
delete HostStream.is;
delete HostStream.hold;
delete HostStream.pull;
delete HostStream.abandon;

ops.stream = (id) => new HostStream(id);

// What a function of the embedder's answers is a promise, and an async iterable besides:
// `for await (const row of host.rows())` needs no `await` of its own.
const withItems = (answer) => {
  return defineProperty(answer, asyncIterator, { __proto__: null, value: iterate, writable: true, configurable: true });
};
// Its iterator, made when somebody iterates.
const { iterate } = { iterate() {
  const open = async () => {
    const stream = await this;
    if (!isStream(stream)) throw new TypeError('The host function answers a value, not a stream: await it');
    return stream;
  };
  const items = {
    __proto__: null,
    next: async () => nextOf(await open()),
    return: async (value) => endOf(await open(), value),
    [asyncIterator]: () => items,
  };
  return items;
} };

// What stands in `globalThis.host`, if anything.
let defined;

// Makes the functions of these names, words joined by dots, the global `host`.
ops.defineFunctions = (names) => {
  const now = getOwnPropertyDescriptor(globalThis, 'host');
  // A variable of the user's own is the user's.
  if (now !== undefined && (defined === undefined || now.value !== defined)) return;
  defined = undefined;
  if (names.length === 0) {
    deleteProperty(globalThis, 'host');
    return;
  }
  defined = {};
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const words = splitAt(name, '.');
    let place = defined;
    for (let word = 0; word < words.length - 1; word++) {
      const below = getOwnPropertyDescriptor(place, words[word])?.value ?? {};
      defineProperty(place, words[word], { __proto__: null, value: below, writable: true, enumerable: true, configurable: true });
      place = below;
    }
    const last = words[words.length - 1];
    const op = 'fn.' + name;
    const made = { __proto__: null, [last](...args) { return withItems(answered(op, args)); } };
    defineProperty(place, last, { __proto__: null, value: made[last], writable: true, enumerable: true, configurable: true });
  }
  defineProperty(globalThis, 'host', { __proto__: null, value: defined, writable: true, enumerable: false, configurable: true });
};
