// `assert`.
'use strict';

const { ArrayPrototypePush, Error, ObjectAssign, ObjectIs, ObjectKeys, ReflectApply, RegExpPrototypeExec, String } = primordials;
const { make } = require('node/internal/errors');
const { AssertionError } = require('node/internal/assertion_error');
const { isDeepEqual } = require('node/internal/deep_equal');
const { isPromise, isRegExp } = require('node/util_types');

const isError = (value) => ops.isError(value);

function fail(given, operator, stackStartFn) {
  if (given.message !== undefined && isError(given.message)) throw given.message;
  throw new AssertionError({ ...given, operator, stackStartFn });
}

function truthy(fn, count, value, message) {
  if (value) return;
  let generated = false;
  if (count === 0) {
    generated = true;
    message = 'No value argument passed to `assert.ok()`';
  } else if (message == null) {
    generated = true;
    message = 'The expression evaluated to a falsy value';
  } else if (isError(message)) {
    throw message;
  }
  const error = new AssertionError({ actual: value, expected: true, message, operator: '==', stackStartFn: fn });
  error.generatedMessage = generated;
  throw error;
}

function assert(...args) {
  truthy(assert, args.length, args[0], args[1]);
}

function needTwo(count) {
  if (count < 2) throw make('ERR_MISSING_ARGS', 'actual', 'expected');
}

// eslint-disable-next-line eqeqeq
const looselyEqual = (a, b) => a == b || (a !== a && b !== b);

// A function that throws unless `holds(actual, expected)`.
function comparison(name, operator, holds) {
  const fn = {
    [name](actual, expected, message) {
      needTwo(arguments.length);
      if (!holds(actual, expected)) fail({ actual, expected, message }, operator, fn);
    },
  }[name];
  return fn;
}

const reattach = primordials.detached(assert, strict);
assert.fail = function fail_(message, ...rest) {
  let generated = false;
  if (message === undefined && rest.length === 0) {
    message = 'Failed';
    generated = true;
  }
  if (isError(message)) throw message;
  const given = { stackStartFn: assert.fail, operator: 'fail' };
  if (rest.length > 0) {
    given.actual = message;
    given.expected = rest[0];
    given.operator = rest[2] === undefined ? (rest.length === 1 ? '!=' : 'fail') : rest[2];
    message = rest[1];
    if (isError(message)) throw message;
  }
  if (message !== undefined) given.message = message;
  const error = new AssertionError(given);
  if (generated) error.generatedMessage = true;
  throw error;
};
primordials.ObjectDefineProperty(assert.fail, 'name', { __proto__: null, value: 'fail', configurable: true });
assert.AssertionError = AssertionError;
assert.ok = function ok(...args) {
  truthy(ok, args.length, args[0], args[1]);
};
assert.equal = comparison('equal', '==', looselyEqual);
assert.notEqual = comparison('notEqual', '!=', (a, b) => !looselyEqual(a, b));
assert.deepEqual = comparison('deepEqual', 'deepEqual', (a, b) => isDeepEqual(a, b, false));
assert.notDeepEqual = comparison('notDeepEqual', 'notDeepEqual', (a, b) => !isDeepEqual(a, b, false));
assert.deepStrictEqual = comparison('deepStrictEqual', 'deepStrictEqual', (a, b) => isDeepEqual(a, b, true));
assert.notDeepStrictEqual = comparison('notDeepStrictEqual', 'notDeepStrictEqual', (a, b) => !isDeepEqual(a, b, true));
assert.strictEqual = comparison('strictEqual', 'strictEqual', ObjectIs);
assert.notStrictEqual = comparison('notStrictEqual', 'notStrictEqual', (a, b) => !ObjectIs(a, b));

const NONE = { __proto__: null };

function thrownBy(fn) {
  if (typeof fn !== 'function') throw make('ERR_INVALID_ARG_TYPE', 'fn', 'function', fn);
  try {
    fn();
  } catch (error) {
    return error;
  }
  return NONE;
}

const isThenable = (value) => isPromise(value)
  || (value !== null && typeof value === 'object' && typeof value.then === 'function' && typeof value.catch === 'function');

async function rejectionOf(promiseOrFn) {
  let promise = promiseOrFn;
  if (typeof promiseOrFn === 'function') {
    promise = promiseOrFn();
    if (!isThenable(promise)) throw make('ERR_INVALID_RETURN_VALUE', 'instance of Promise', 'promiseFn', promise);
  } else if (!isThenable(promise)) {
    throw make('ERR_INVALID_ARG_TYPE', 'promiseFn', ['Function', 'Promise'], promise);
  }
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return NONE;
}

// What is shown of an error that was expected to have certain properties.
class Comparison {}

function matchesKey(actual, expected, key, message, keys, fn) {
  if (key in actual && isDeepEqual(actual[key], expected[key], true)) return;
  if (message) fail({ actual, expected, message }, fn.name, fn);
  const shownActual = new Comparison();
  const shownExpected = new Comparison();
  for (let index = 0; index < keys.length; index++) {
    const name = keys[index];
    if (name in actual) {
      const matched = typeof actual[name] === 'string' && isRegExp(expected[name]) && RegExpPrototypeExec(expected[name], actual[name]) !== null;
      shownActual[name] = matched ? expected[name] : actual[name];
    }
    shownExpected[name] = expected[name];
  }
  const error = new AssertionError({ actual: shownActual, expected: shownExpected, operator: 'deepStrictEqual', stackStartFn: fn });
  error.actual = actual;
  error.expected = expected;
  error.operator = fn.name;
  throw error;
}

// Throws unless what was thrown is what was expected: a class, a pattern, an object of properties, or a function that
// decides.
function checkThrown(actual, expected, message, fn) {
  let generated = false;
  let problem;
  if (typeof expected !== 'function') {
    if (isRegExp(expected)) {
      const text = String(actual);
      if (RegExpPrototypeExec(expected, text) !== null) return;
      if (!message) {
        generated = true;
        message = `The input did not match the regular expression ${ops.inspect(expected)}. Input:\n\n${ops.inspect(text)}\n`;
      }
      problem = true;
    } else if (typeof actual !== 'object' || actual === null) {
      const error = new AssertionError({ actual, expected, message, operator: 'deepStrictEqual', stackStartFn: fn });
      error.operator = fn.name;
      throw error;
    } else {
      const keys = ObjectKeys(expected);
      if (isError(expected)) {
        ArrayPrototypePush(keys, 'name');
        ArrayPrototypePush(keys, 'message');
      } else if (keys.length === 0) {
        throw make('ERR_INVALID_ARG_VALUE', 'error', expected, 'may not be an empty object');
      }
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index];
        if (typeof actual[key] === 'string' && isRegExp(expected[key]) && RegExpPrototypeExec(expected[key], actual[key]) !== null) continue;
        matchesKey(actual, expected, key, message, keys, fn);
      }
      return;
    }
  } else if (expected.prototype !== undefined && actual instanceof expected) {
    return;
  } else if (expected === Error || primordials.ObjectPrototypeIsPrototypeOf(Error, expected)) {
    if (!message) {
      generated = true;
      message = `The error is expected to be an instance of "${expected.name}". Received `;
      message += isError(actual) ? `"${actual.name}"` : `"${ops.inspect(actual, { __proto__: null, depth: -1 })}"`;
    }
    problem = true;
  } else {
    const answer = ReflectApply(expected, {}, [actual]);
    if (answer === true) return;
    if (!message) {
      generated = true;
      message = `The ${expected.name ? `"${expected.name}" ` : ''}validation function is expected to return "true". Received ${ops.inspect(answer)}`;
    }
    problem = true;
  }
  if (isError(actual) && generated) message += `${message[message.length - 1] === '\n' ? '' : ''}${causeText(actual, expected)}`;
  const error = new AssertionError({ actual, expected, message, operator: fn.name, stackStartFn: fn });
  error.generatedMessage = generated;
  if (problem) throw error;
}

const causeText = (actual, expected) => isRegExp(expected) ? '' : `\n\nCaught error:\n\n${actual.message && typeof expected === 'function'
  && (expected === Error || primordials.ObjectPrototypeIsPrototypeOf(Error, expected)) ? '' : ''}${actual.stack ?? actual}`;

function expectThrow(fn, actual, args) {
  let { 0: error, 1: message } = args;
  if (typeof error === 'string') {
    if (args.length >= 2) throw make('ERR_INVALID_ARG_TYPE', 'error', ['Object', 'Error', 'Function', 'RegExp'], error);
    if (typeof actual === 'object' && actual !== null && actual !== NONE ? actual.message === error : actual === error) {
      throw make('ERR_AMBIGUOUS_ARGUMENT', 'error/message', typeof actual === 'object'
        ? `The error message "${actual.message}" is identical to the message.` : `The error "${actual}" is identical to the message.`);
    }
    message = error;
    error = undefined;
  } else if (error != null && typeof error !== 'object' && typeof error !== 'function') {
    throw make('ERR_INVALID_ARG_TYPE', 'error', ['Object', 'Error', 'Function', 'RegExp'], error);
  }
  if (actual === NONE) {
    const details = `${error?.name ? ` (${error.name})` : ''}${message ? `: ${message}` : '.'}`;
    fail({ actual: undefined, expected: error, message: `Missing expected ${fn.name === 'rejects' ? 'rejection' : 'exception'}${details}` }, fn.name, fn);
  }
  if (error) checkThrown(actual, error, message, fn);
}

function expectNone(fn, actual, error, message) {
  if (actual === NONE) return;
  if (typeof error === 'string') {
    message = error;
    error = undefined;
  }
  const matched = error === undefined || (isRegExp(error) ? RegExpPrototypeExec(error, String(actual)) !== null
    : typeof error === 'function' && (actual instanceof error || (error.prototype === undefined && error(actual) === true)));
  if (!matched) throw actual;
  const kind = fn.name === 'doesNotReject' ? 'rejection' : 'exception';
  fail({ actual, expected: error, message: `Got unwanted ${kind}${message ? `: ${message}` : '.'}\nActual message: "${actual?.message}"` }, fn.name, fn);
}

assert.throws = function throws(fn, ...args) {
  expectThrow(throws, thrownBy(fn), args);
};
assert.rejects = async function rejects(promiseFn, ...args) {
  expectThrow(rejects, await rejectionOf(promiseFn), args);
};
assert.doesNotThrow = function doesNotThrow(fn, error, message) {
  expectNone(doesNotThrow, thrownBy(fn), error, message);
};
assert.doesNotReject = async function doesNotReject(fn, error, message) {
  expectNone(doesNotReject, await rejectionOf(fn), error, message);
};

assert.ifError = function ifError(err) {
  if (err === null || err === undefined) return;
  let message = 'ifError got unwanted exception: ';
  if (typeof err === 'object' && typeof err.message === 'string') {
    message += err.message.length === 0 && err.constructor ? err.constructor.name : err.message;
  } else {
    message += ops.inspect(err);
  }
  const error = new AssertionError({ actual: err, expected: null, operator: 'ifError', message, stackStartFn: ifError });
  error.generatedMessage = true;
  throw error;
};

function matching(fn, string, regexp, message) {
  if (!isRegExp(regexp)) throw make('ERR_INVALID_ARG_TYPE', 'regexp', 'RegExp', regexp);
  const wanted = fn === assert.match;
  if (typeof string === 'string' && (RegExpPrototypeExec(regexp, string) !== null) === wanted) return;
  if (isError(message)) throw message;
  const generated = !message;
  message ||= typeof string !== 'string'
    ? `The "string" argument must be of type string. Received type ${typeof string} (${ops.inspect(string)})`
    : `${wanted ? 'The input did not match the regular expression ' : 'The input was expected to not match the regular expression '}${
      ops.inspect(regexp)}. Input:\n\n${ops.inspect(string)}\n`;
  const error = new AssertionError({ actual: string, expected: regexp, message, operator: fn.name, stackStartFn: fn });
  error.generatedMessage = generated;
  throw error;
}
assert.match = function match(string, regexp, message) {
  matching(match, string, regexp, message);
};
assert.doesNotMatch = function doesNotMatch(string, regexp, message) {
  matching(doesNotMatch, string, regexp, message);
};

function strict(...args) {
  truthy(strict, args.length, args[0], args[1]);
}
assert.strict = ObjectAssign(strict, assert, {
  equal: assert.strictEqual, deepEqual: assert.deepStrictEqual, notEqual: assert.notStrictEqual, notDeepEqual: assert.notDeepStrictEqual,
});
assert.strict.strict = assert.strict;
reattach();
require('node/internal/missing').missing(assert, 'assert', ['CallTracker']);

module.exports = assert;
