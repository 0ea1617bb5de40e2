// Errors as Node makes them: a code, and the code in the first line of the stack.
'use strict';

const {
  ArrayPrototypeJoin, ArrayPrototypePush, ArrayPrototypeSlice, Error, ErrorCaptureStackTrace, MathAbs, NumberIsInteger,
  ObjectDefineProperty, RangeError, ReflectDeleteProperty, String, StringPrototypeEndsWith, StringPrototypeIncludes,
  StringPrototypeSlice, StringPrototypeToLowerCase, SyntaxError, TypeError, URIError,
} = primordials;

const classes = { __proto__: null, Error, RangeError, SyntaxError, TypeError, URIError };

// One line about any value.
const short = (value, options) => ops.inspect(value, options);

function received(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const name = value.constructor?.name;
    return name ? `an instance of ${name}` : short(value, { __proto__: null, depth: -1 });
  }
  let text = short(value);
  if (text.length > 28) text = `${StringPrototypeSlice(text, 0, 25)}...`;
  return `type ${typeof value} (${text})`;
}

function list(words, last = 'or') {
  const { length } = words;
  if (length === 1) return words[0];
  if (length === 2) return `${words[0]} ${last} ${words[1]}`;
  return `${ArrayPrototypeJoin(ArrayPrototypeSlice(words, 0, -1), ', ')}, ${last} ${words[length - 1]}`;
}

const PRIMITIVES = {
  __proto__: null, string: 1, function: 1, number: 1, object: 1, Function: 1, Object: 1, boolean: 1, bigint: 1, symbol: 1,
};

// "of type string or an instance of Buffer": what was expected, in Node's words.
function expectation(expected) {
  if (typeof expected === 'string') expected = [expected];
  const types = [];
  const instances = [];
  const others = [];
  for (let index = 0; index < expected.length; index++) {
    const word = expected[index];
    if (PRIMITIVES[word] === 1) ArrayPrototypePush(types, StringPrototypeToLowerCase(word));
    else if (isClassName(word)) ArrayPrototypePush(instances, word);
    else ArrayPrototypePush(others, word);
  }
  // "Object" is a class where it stands beside other classes.
  if (instances.length > 0) {
    for (let index = 0; index < types.length; index++) {
      if (types[index] !== 'object') continue;
      ArrayPrototypePush(instances, 'Object');
      for (let at = index; at < types.length - 1; at++) types[at] = types[at + 1];
      types.length--;
    }
  }
  let text = '';
  if (types.length > 0) text = `${types.length > 1 ? 'one of type' : 'of type'} ${list(types)}`;
  if (instances.length > 0) text += `${text && ' or '}an instance of ${list(instances)}`;
  if (others.length > 0) {
    if (text) text += ' or ';
    if (others.length > 1) text += `one of ${list(others)}`;
    else text += (StringPrototypeToLowerCase(others[0]) !== others[0] ? 'an ' : '') + others[0];
  }
  return text;
}

function isClassName(word) {
  const first = word[0];
  if (first < 'A' || first > 'Z') return false;
  for (let index = 1; index < word.length; index++) {
    const c = word[index];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) return false;
  }
  return true;
}

function separated(digits) {
  let text = '';
  let end = digits.length;
  const start = digits[0] === '-' ? 1 : 0;
  for (; end >= start + 4; end -= 3) text = `_${StringPrototypeSlice(digits, end - 3, end)}${text}`;
  return StringPrototypeSlice(digits, 0, end) + text;
}

function outOfRange(value) {
  if (NumberIsInteger(value) && MathAbs(value) > 2 ** 32) return separated(`${value}`);
  if (typeof value === 'bigint') {
    const text = `${value}`;
    return `${value > 2n ** 32n || value < -(2n ** 32n) ? separated(text) : text}n`;
  }
  return short(value);
}

const place = (name) => StringPrototypeIncludes(name, '.') ? 'property' : 'argument';

// By code: the class, then what makes the message of what `make` is given.
const messages = {
  __proto__: null,
  ERR_AMBIGUOUS_ARGUMENT: ['TypeError', (name, reason) => `The "${name}" argument is ambiguous. ${reason}`],
  ERR_BUFFER_OUT_OF_BOUNDS: ['RangeError', (name) => name ? `"${name}" is outside of buffer bounds` : 'Attempt to access memory outside buffer bounds'],
  ERR_BUFFER_TOO_LARGE: ['RangeError', (size) => `Cannot create a Buffer larger than ${size} bytes`],
  ERR_CONSOLE_WRITABLE_STREAM: ['TypeError', (name) => `Console expects a writable stream instance for ${name}`],
  ERR_CRYPTO_HASH_FINALIZED: ['Error', () => 'Digest already called'],
  ERR_CRYPTO_INVALID_DIGEST: ['TypeError', (name) => `Invalid digest: ${name}`],
  ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH: ['RangeError', () => 'Input buffers must have the same byte length'],
  ERR_EVENT_RECURSION: ['Error', (name) => `The event "${name}" is already being dispatched`],
  ERR_FALSY_VALUE_REJECTION: ['Error', () => 'Promise was rejected with falsy value'],
  ERR_FEATURE_UNAVAILABLE: ['Error', (what) => `drupe has no ${what} yet`],
  ERR_ILLEGAL_CONSTRUCTOR: ['TypeError', () => 'Illegal constructor'],
  ERR_INVALID_ARG_TYPE: ['TypeError', (name, expected, value) => {
    const what = StringPrototypeEndsWith(name, ' argument') ? name : `"${name}" ${place(name)}`;
    return `The ${what} must be ${expectation(expected)}. Received ${received(value)}`;
  }],
  ERR_INVALID_ARG_VALUE: ['TypeError', (name, value, reason = 'is invalid') => {
    let text = short(value);
    if (text.length > 128) text = `${StringPrototypeSlice(text, 0, 128)}...`;
    return `The ${place(name)} '${name}' ${reason}. Received ${text}`;
  }],
  ERR_INVALID_ARG_VALUE_RANGE: ['RangeError', (...args) => messages.ERR_INVALID_ARG_VALUE[1](args[0], args[1], args[2])],
  ERR_INVALID_ASYNC_ID: ['RangeError', (name, value) => `Invalid ${name} value: ${value}`],
  ERR_INVALID_BUFFER_SIZE: ['RangeError', (bits) => `Buffer size must be a multiple of ${bits}`],
  ERR_INVALID_CALLBACK: ['TypeError', (value) => `Callback must be a function. Received ${short(value)}`],
  ERR_INVALID_CURSOR_POS: ['TypeError', () => 'Cannot set cursor row without setting its column'],
  ERR_INVALID_FD: ['RangeError', (fd) => `"fd" must be a positive integer: ${fd}`],
  ERR_INVALID_FILE_URL_HOST: ['TypeError', (platform) => `File URL host must be "localhost" or empty on ${platform}`],
  ERR_INVALID_FILE_URL_PATH: ['TypeError', (reason) => `File URL path ${reason}`],
  ERR_INVALID_MIME_SYNTAX: ['TypeError', (production, text, at) =>
    `The MIME syntax for a ${production} in "${text}" is invalid${at === -1 ? '' : ` at ${at}`}`],
  ERR_INVALID_RETURN_VALUE: ['TypeError', (expected, name, value) =>
    `Expected ${expected} to be returned from the "${name}" function but got ${received(value)}.`],
  ERR_INVALID_THIS: ['TypeError', (name) => `Value of "this" must be of type ${name}`],
  ERR_INVALID_URI: ['URIError', () => 'URI malformed'],
  ERR_INVALID_URL: ['TypeError', () => 'Invalid URL'],
  ERR_INVALID_URL_SCHEME: ['TypeError', (expected) => `The URL must be of scheme ${expected}`],
  ERR_METHOD_NOT_IMPLEMENTED: ['Error', (name) => `The ${name} method is not implemented`],
  ERR_MISSING_ARGS: ['TypeError', (...names) => {
    const words = [];
    for (let index = 0; index < names.length; index++) {
      ArrayPrototypePush(words, typeof names[index] === 'string' ? `"${names[index]}"` : list(quoted(names[index])));
    }
    return `The ${list(words, 'and')} argument${words.length > 1 ? 's' : ''} must be specified`;
  }],
  ERR_MULTIPLE_CALLBACK: ['Error', () => 'Callback called multiple times'],
  ERR_OUT_OF_RANGE: ['RangeError', (name, range, value) =>
    `The value of "${name}" is out of range. It must be ${range}. Received ${outOfRange(value)}`],
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: ['TypeError', (message) => message],
  ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: ['TypeError', (positional) =>
    `Unexpected argument '${positional}'. This command does not take positional arguments`],
  ERR_PARSE_ARGS_UNKNOWN_OPTION: ['TypeError', (option, positionals) => `Unknown option '${option}'${positionals
    ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- "${option}"` : ''}`],
  ERR_STREAM_ALREADY_FINISHED: ['Error', (method) => `Cannot call ${method} after a stream was finished`],
  ERR_STREAM_CANNOT_PIPE: ['Error', () => 'Cannot pipe, not readable'],
  ERR_STREAM_DESTROYED: ['Error', (method) => `Cannot call ${method} after a stream was destroyed`],
  ERR_STREAM_NULL_VALUES: ['TypeError', () => 'May not write null values to stream'],
  ERR_STREAM_PREMATURE_CLOSE: ['Error', () => 'Premature close'],
  ERR_STREAM_PUSH_AFTER_EOF: ['Error', () => 'stream.push() after EOF'],
  ERR_STREAM_UNSHIFT_AFTER_END_EVENT: ['Error', () => 'stream.unshift() after end event'],
  ERR_STREAM_WRITE_AFTER_END: ['Error', () => 'write after end'],
  ERR_STRING_TOO_LONG: ['Error', () => 'Cannot create a string longer than 0x1fffffe8 characters'],
  ERR_UNAVAILABLE_DURING_EXIT: ['Error', () => 'Cannot call function in process exit handler'],
  ERR_UNHANDLED_ERROR: ['Error', (value) => value === undefined ? 'Unhandled error.' : `Unhandled error. (${value})`],
  ERR_UNKNOWN_BUILTIN_MODULE: ['Error', (name) => `No such built-in module: ${name}`],
  ERR_UNKNOWN_ENCODING: ['TypeError', (name) => `Unknown encoding: ${name}`],
  ERR_USE_AFTER_CLOSE: ['Error', (name) => `${name} was closed`],
};

function quoted(names) {
  const words = [];
  for (let index = 0; index < names.length; index++) ArrayPrototypePush(words, `"${names[index]}"`);
  return words;
}

// A new error of `Class`, whose stack begins where `hidden` was called.
function makeAs(Class, code, message, hidden = makeAs) {
  const error = new Class(message);
  const { name } = error;
  const define = (key, value, enumerable) => {
    ObjectDefineProperty(error, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
  };
  // The stack is written when it is first looked at, with the name of that moment.
  define('name', `${name} [${code}]`, false);
  ErrorCaptureStackTrace(error, hidden);
  void error.stack;
  ReflectDeleteProperty(error, 'name');
  define('toString', { toString() { return `${this.name} [${code}]: ${this.message}`; } }.toString, false);
  define('code', code, true);
  return error;
}

// The error of `code`, with Node's message made of the other arguments.
function make(code, ...args) {
  const { 0: Class, 1: message } = messages[code];
  const text = primordials.ReflectApply(message, undefined, args);
  if (code === 'ERR_INVALID_ARG_VALUE_RANGE') code = 'ERR_INVALID_ARG_VALUE';
  return makeAs(classes[Class], code, text, make);
}

// An AbortError, as Node throws where an operation is given up.
class AbortError extends Error {
  constructor(message, options) {
    super(message, options);
    ObjectDefineProperty(this, 'code', { __proto__: null, value: 'ABORT_ERR', writable: true, enumerable: true, configurable: true });
    ObjectDefineProperty(this, 'name', { __proto__: null, value: 'AbortError', writable: true, enumerable: true, configurable: true });
  }
}

function abortError(cause, message = 'The operation was aborted') {
  const error = new AbortError(message, cause === undefined ? undefined : { __proto__: null, cause });
  ErrorCaptureStackTrace(error, abortError);
  void error.stack;
  return error;
}

// The error of what Node has and drupe has not, or not yet.
function unavailable(message) {
  const error = new Error(message);
  ObjectDefineProperty(error, 'code', {
    __proto__: null, value: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', writable: true, enumerable: true, configurable: true,
  });
  return error;
}

// By what it is, or by what it inherits from.
ops.isError ??= (value) => ops.types.isNativeError(value) || value instanceof Error;

exports.make = make;
exports.makeAs = makeAs;
exports.abortError = abortError;
exports.unavailable = unavailable;
exports.received = received;
exports.list = list;
