// The methods of readable streams that work on their chunks as those of arrays do: `map`, `filter`, `reduce` and the
// like.
'use strict';

const {
  ArrayPrototypePush, ArrayPrototypeShift, MathFloor, Number, Promise, PromisePrototypeThen, PromiseReject, SymbolDispose,
} = primordials;
const { abortError, make } = require('node/internal/errors');
const { method } = require('node/internal/stream_base');
const { Readable } = require('node/internal/stream_readable');
const { validateAbortSignal, validateInteger, validateObject } = require('node/internal/validators');

const kEmpty = primordials.Symbol('kEmpty');
const kEnd = primordials.Symbol('kEof');

function check(fn, options) {
  if (typeof fn !== 'function') throw make('ERR_INVALID_ARG_TYPE', 'fn', ['Function', 'AsyncFunction'], fn);
  checkOptions(options);
}

function checkOptions(options) {
  if (options !== undefined && options !== null) validateObject(options, 'options');
  if (options?.signal !== undefined && options?.signal !== null) validateAbortSignal(options.signal, 'options.signal');
}

// A signal that ends when the given one does, or when `abort` is called.
function ownSignal(outer) {
  const own = new (require('web/abort').AbortController)();
  const listening = outer ? require('node/internal/events_waiting').addAbortListener(outer, () => own.abort(outer.reason)) : undefined;
  if (outer?.aborted) own.abort(outer.reason);
  return { __proto__: null, signal: own.signal, abort: () => own.abort(), stop: () => listening?.[SymbolDispose]() };
}

const aborted = (options) => abortError(options?.signal?.reason);

method(Readable, 'map', function map(fn, options) {
  check(fn, options);
  const concurrency = options?.concurrency === undefined || options.concurrency === null ? 1 : MathFloor(options.concurrency);
  const waiting = options?.highWaterMark === undefined || options.highWaterMark === null ? concurrency - 1 : MathFloor(options.highWaterMark);
  validateInteger(concurrency, 'options.concurrency', 1);
  validateInteger(waiting, 'options.highWaterMark', 0);
  return mapped(this, fn, options, concurrency, waiting + concurrency);
});

// Calls are made ahead, `concurrency` at once, and their results come in order.
async function* mapped(stream, fn, options, concurrency, most) {
  const own = ownSignal(options?.signal);
  const queue = [];
  const context = { signal: own.signal };
  let wakeReader;
  let wakeSource;
  let over = false;
  let running = 0;
  const settled = () => {
    running--;
    ahead();
  };
  const failed = () => {
    over = true;
    settled();
  };
  const ahead = () => {
    if (wakeSource === undefined || over || running >= concurrency || queue.length >= most) return;
    const wake = wakeSource;
    wakeSource = undefined;
    wake();
  };
  const arrived = () => {
    const wake = wakeReader;
    wakeReader = undefined;
    wake?.();
  };
  const pump = async () => {
    try {
      for await (let value of stream) {
        if (over) return;
        if (own.signal.aborted) throw aborted(options);
        try {
          value = fn(value, context);
          if (value === kEmpty) continue;
          value = primordials.PromiseResolve(value);
        } catch (error) {
          value = PromiseReject(error);
        }
        running++;
        PromisePrototypeThen(value, settled, failed);
        ArrayPrototypePush(queue, value);
        arrived();
        if (!over && (queue.length >= most || running >= concurrency)) await new Promise((resolve) => { wakeSource = resolve; });
      }
      ArrayPrototypePush(queue, kEnd);
    } catch (error) {
      const value = PromiseReject(error);
      PromisePrototypeThen(value, settled, failed);
      ArrayPrototypePush(queue, value);
    } finally {
      over = true;
      arrived();
    }
  };
  pump();
  try {
    for (;;) {
      while (queue.length > 0) {
        const value = await queue[0];
        if (value === kEnd) return;
        if (own.signal.aborted) throw aborted(options);
        if (value !== kEmpty) yield value;
        ArrayPrototypeShift(queue);
        ahead();
      }
      await new Promise((resolve) => { wakeReader = resolve; });
    }
  } finally {
    own.abort();
    own.stop();
    over = true;
    const wake = wakeSource;
    wakeSource = undefined;
    wake?.();
  }
}

function filtered(stream, fn, options) {
  check(fn, options);
  return call(stream, 'map', async (value, context) => await fn(value, context) ? value : kEmpty, options);
}

// A method of this file, whatever became of the prototype.
const own = { __proto__: null };
const call = (stream, name, ...args) => primordials.ReflectApply(own[name], stream, args);

const operators = {
  __proto__: null,
  filter(fn, options) { return filtered(this, fn, options); },
  flatMap(fn, options) {
    const values = call(this, 'map', fn, options);
    return (async function* () {
      for await (const value of values) yield* value;
    })();
  },
  drop(count, options) {
    checkOptions(options);
    count = wholeNumber(count);
    return dropped(this, count, options);
  },
  take(count, options) {
    checkOptions(options);
    count = wholeNumber(count);
    return taken(this, count, options);
  },
  asIndexedPairs(options) {
    checkOptions(options);
    return paired(this, options);
  },
  compose(stage, options) {
    checkOptions(options);
    const { isNodeStream, isWritable } = require('node/internal/stream_state');
    if (isNodeStream(stage) && !isWritable(stage)) throw make('ERR_INVALID_ARG_VALUE', 'stream', stage, 'must be writable');
    const made = require('node/internal/stream_duplexify').compose(this, stage);
    if (options?.signal) require('node/internal/stream_abort').abortWith(options.signal, made);
    return made;
  },
};

function wholeNumber(count) {
  count = Number(count);
  if (count !== count) return 0;
  if (count < 0) throw make('ERR_OUT_OF_RANGE', 'number', '>= 0', count);
  return count;
}

async function* dropped(stream, count, options) {
  if (options?.signal?.aborted) throw abortError();
  for await (const value of stream) {
    if (options?.signal?.aborted) throw abortError();
    if (count-- <= 0) yield value;
  }
}

async function* taken(stream, count, options) {
  if (options?.signal?.aborted) throw abortError();
  for await (const value of stream) {
    if (options?.signal?.aborted) throw abortError();
    if (count-- > 0) yield value;
    if (count <= 0) return;
  }
}

async function* paired(stream, options) {
  let index = 0;
  for await (const value of stream) {
    if (options?.signal?.aborted) throw aborted(options);
    yield [index++, value];
  }
}

const promises = {
  __proto__: null,
  async forEach(fn, options) {
    if (typeof fn !== 'function') throw make('ERR_INVALID_ARG_TYPE', 'fn', ['Function', 'AsyncFunction'], fn);
    const visit = async (value, context) => {
      await fn(value, context);
      return kEmpty;
    };
    for await (const nothing of call(this, 'map', visit, options)) void nothing;
  },
  async toArray(options) {
    checkOptions(options);
    const all = [];
    for await (const value of this) {
      if (options?.signal?.aborted) throw aborted(options);
      ArrayPrototypePush(all, value);
    }
    return all;
  },
  async some(fn, options) {
    for await (const value of filtered(this, fn, options)) {
      void value;
      return true;
    }
    return false;
  },
  async every(fn, options) {
    if (typeof fn !== 'function') throw make('ERR_INVALID_ARG_TYPE', 'fn', ['Function', 'AsyncFunction'], fn);
    return !(await call(this, 'some', async (value, context) => !(await fn(value, context)), options));
  },
  async find(fn, options) {
    for await (const value of filtered(this, fn, options)) return value;
    return undefined;
  },
  async reduce(fn, ...rest) {
    return reduced(this, fn, rest);
  },
};

async function reduced(stream, fn, rest) {
  let { 0: initial } = rest;
  const { 1: options } = rest;
  if (typeof fn !== 'function') throw make('ERR_INVALID_ARG_TYPE', 'reducer', ['Function', 'AsyncFunction'], fn);
  checkOptions(options);
  let hasInitial = rest.length > 0;
  if (options?.signal?.aborted) {
    const error = abortError(options.signal.reason);
    stream.once('error', () => {});
    await require('node/internal/stream_finished').finishedPromise(stream.destroy(error));
    throw error;
  }
  const inner = ownSignal(options?.signal);
  const context = { signal: inner.signal };
  let isEmpty = true;
  try {
    for await (const value of stream) {
      isEmpty = false;
      if (options?.signal?.aborted) throw abortError();
      if (hasInitial) {
        initial = await fn(initial, value, context);
      } else {
        initial = value;
        hasInitial = true;
      }
    }
    if (isEmpty && !hasInitial) throw emptyReduce();
  } finally {
    inner.abort();
    inner.stop();
  }
  return initial;
}

function emptyReduce() {
  const error = make('ERR_MISSING_ARGS', 'reduce');
  error.message = 'Reduce of an empty stream requires an initial value';
  return error;
}

own.map = Readable.prototype.map;
// These answer with a stream of what comes.
const streaming = ['filter', 'flatMap', 'drop', 'take', 'asIndexedPairs', 'compose'];
function asStream(name, fn) {
  const made = { [name](...args) { return Readable.from(primordials.ReflectApply(fn, this, args)); } }[name];
  primordials.ObjectDefineProperty(made, 'length', { __proto__: null, value: fn.length, configurable: true });
  return made;
}
for (let index = 0; index < streaming.length; index++) {
  const name = streaming[index];
  method(Readable, name, name === 'compose' ? operators.compose : asStream(name, operators[name]));
}
method(Readable, 'map', asStream('map', own.map));
for (const name in promises) {
  own[name] = promises[name];
  method(Readable, name, promises[name]);
}
