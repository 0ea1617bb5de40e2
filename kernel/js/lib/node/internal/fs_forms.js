// Makes of an operation, a generator that yields calls to the host, the three forms that Node has.
'use strict';

const { GeneratorPrototypeNext, GeneratorPrototypeThrow, ObjectDefineProperty, ReflectApply } = primordials;
const { make } = require('node/internal/errors');

function named(name, length, form) {
  ObjectDefineProperty(form, 'name', { __proto__: null, value: name, configurable: true });
  ObjectDefineProperty(form, 'length', { __proto__: null, value: length, configurable: true });
  return form;
}

// What an operation yields to wait for a promise of the program's.
class Awaiting {
  constructor(promise) {
    this.promise = promise;
  }
}
exports.awaiting = (promise) => new Awaiting(promise);

// Does all of it while JavaScript waits.
function now(generator) {
  let step = GeneratorPrototypeNext(generator);
  while (!step.done) {
    let answer;
    try {
      if (step.value instanceof Awaiting) throw make('ERR_INVALID_RETURN_VALUE', 'boolean', 'filter', step.value.promise);
      answer = ReflectApply(ops.hostCallNow, undefined, step.value);
    } catch (error) {
      step = GeneratorPrototypeThrow(generator, error);
      continue;
    }
    step = GeneratorPrototypeNext(generator, answer);
  }
  return step.value;
}

// Does the rest after `step`.
async function later(generator, step) {
  while (!step.done) {
    let answer;
    try {
      answer = await (step.value instanceof Awaiting ? step.value.promise : ReflectApply(ops.hostCall, undefined, step.value));
    } catch (error) {
      step = GeneratorPrototypeThrow(generator, error);
      continue;
    }
    step = GeneratorPrototypeNext(generator, answer);
  }
  return step.value;
}

exports.now = now;
// `await` does not ask a promise for its `then`, as returning it would.
exports.later = async (generator) => await later(generator, GeneratorPrototypeNext(generator));

exports.sync = (name, operation) => named(name, operation.length, { __proto__: null, form(...args) {
  return now(ReflectApply(operation, this, args));
} }.form);

exports.promised = (name, operation) => named(name, operation.length, { __proto__: null, async form(...args) {
  const generator = ReflectApply(operation, this, args);
  return await later(generator, GeneratorPrototypeNext(generator));
} }.form);

function callbackOf(name, args) {
  let callback = args[args.length - 1];
  // The last argument is none where it is one that there must be.
  if (typeof callback !== 'function' && args.length <= require('node/internal/heads').needed(name)) callback = undefined;
  if (typeof callback !== 'function') throw make('ERR_INVALID_ARG_TYPE', 'cb', 'Function', callback);
  args.length--;
  return callback;
}

// `more` makes of the value what else the callback is given.
exports.callback = (name, operation, more) => named(name, operation.length + 1, { __proto__: null, form(...args) {
  const callback = callbackOf(name, args);
  const generator = ReflectApply(operation, undefined, args);
  // What is wrong with the arguments is thrown here and now.
  const step = GeneratorPrototypeNext(generator);
  finish(later(generator, step), callback, more === undefined ? undefined : more(args));
} }.form);

async function finish(promise, callback, extra) {
  let answer;
  try {
    const value = await promise;
    answer = value === undefined && extra === undefined ? [null] : [null, value];
  } catch (error) {
    answer = [error];
  }
  if (extra !== undefined && answer.length === 2) answer[2] = extra;
  // What it throws is an uncaught error, not a rejection.
  ops.tick(callback, answer);
}
exports.finish = finish;
