// What program is to be run, and how: the arguments of `child_process` as the host takes them.
'use strict';

const {
  ArrayIsArray, ArrayPrototypeJoin, ArrayPrototypePush, ObjectDefineProperty, ObjectKeys, StringPrototypeIncludes,
  StringPrototypeToUpperCase, TypeError,
} = primordials;
const args = require('node/internal/fs_arguments');
const { make, makeAs } = require('node/internal/errors');
const check = require('node/internal/child_options');

const signals = () => require('node/os').constants.signals;

// The number of a signal; `undefined` where there is none.
function numberOf(signal = 'SIGTERM') {
  const all = signals();
  const wanted = typeof signal === 'string' ? StringPrototypeToUpperCase(signal) : signal;
  const names = ObjectKeys(all);
  for (let index = 0; index < names.length; index++) {
    if (names[index] === wanted || all[names[index]] === wanted) return all[names[index]];
  }
}

function requireSignal(signal) {
  const number = signal === 0 ? 0 : numberOf(signal);
  if (number === undefined) throw makeAs(TypeError, 'ERR_UNKNOWN_SIGNAL', `Unknown signal: ${typeof signal === 'string' ? signal : ops.brief(signal)}`);
  return number;
}

function nameOf(number) {
  const all = signals();
  const names = ObjectKeys(all);
  for (let index = 0; index < names.length; index++) if (all[names[index]] === number) return names[index];
  return null;
}

const shelled = (command, options) => ({
  __proto__: null, file: typeof options.shell === 'string' ? options.shell : '/bin/sh', list: ['-c', command], options,
});

// The file and its arguments as one text.
function commandOf(file, list) {
  const words = [file];
  for (let index = 0; index < list.length; index++) ArrayPrototypePush(words, list[index]);
  return ArrayPrototypeJoin(words, ' ');
}

function normalize(file, given, options) {
  if (typeof file !== 'string') throw args.wrongType('file', 'of type string', file);
  if (file === '') throw args.wrongValue('file', file, 'cannot be empty');
  if (!ArrayIsArray(given)) {
    check.validateList(given);
    options = given ?? options;
    given = [];
  }
  check.validateObject(options);
  options = { __proto__: null, ...options };
  check.validate(options);
  const list = [];
  for (let index = 0; index < given.length; index++) ArrayPrototypePush(list, `${given[index]}`);
  if (options.shell) return shelled(commandOf(file, list), options);
  return { __proto__: null, file, list, options };
}

// What becomes of a standard stream: `pipe`, `ignore`, `inherit`, or something else that Node knows.
function stdioOf({ stdio }, index) {
  const kind = (ArrayIsArray(stdio) ? stdio[index] : stdio) ?? 'pipe';
  return kind === 'overlapped' ? 'pipe' : kind;
}

// The number of the session's own stream that a program's stream number `index` is to be; `undefined` where it is
// another.
function inherited(kind, index) {
  if (kind === 'inherit') return index;
  const number = typeof kind === 'object' && kind !== null && kind._isStdio === true ? kind.fd : kind;
  return number === 0 || number === 1 || number === 2 ? number : undefined;
}

// What an output is written to, instead of the child's own stream: an output of the session, a file, a stream. `null`:
// there is none.
function targetOf(options, index) {
  const kind = stdioOf(options, index);
  if (kind === 'pipe' || kind === 'ignore') return null;
  const number = inherited(kind, index) ?? kind;
  if (number === 0) return null;
  // Where the host has no such stream to lend, what is written is passed on.
  if (number === 1 || number === 2) return require('node/process')[number === 1 ? 'stdout' : 'stderr'];
  if (typeof number === 'number' && number > 2) {
    return { __proto__: null, write: (bytes) => require('node/fs').writeFileSync(number, bytes) };
  }
  if (typeof kind?.write === 'function') return kind;
  throw args.wrongValue('stdio', kind, 'is invalid');
}

// What standard input is read from, instead of the child's own stream: a file, or a stream. `null`: there is none.
function sourceOf(options) {
  const kind = stdioOf(options, 0);
  if (kind === 'pipe' || kind === 'ignore' || inherited(kind, 0) !== undefined) return null;
  if (typeof kind === 'number' && kind > 2) return require('node/fs').createReadStream(null, { __proto__: null, fd: kind, autoClose: false });
  if (typeof kind?.pipe === 'function') return kind;
  throw args.wrongValue('stdio', kind, 'is invalid');
}

// What the host is to do.
// The system ends strings at the first NUL.
function requireNoNul(value, name) {
  if (typeof value === 'string' && StringPrototypeIncludes(value, '\0')) {
    throw make('ERR_INVALID_ARG_VALUE', name, value, 'must be a string without null bytes');
  }
}

// A program has no other channels here. One that is asked for is not left out in silence.
function requireThree({ stdio }) {
  if (!ArrayIsArray(stdio)) return;
  for (let index = 3; index < stdio.length; index++) {
    const kind = stdio[index];
    if (kind === undefined || kind === null || kind === 'ignore') continue;
    const error = new TypeError(`options.stdio[${index}] is not supported: a program has standard input, output and error`);
    throw define(error, { __proto__: null, code: 'ERR_NOT_SUPPORTED' });
  }
}

let isTold = false;

// Where there is no standard input to inherit, a program gets an empty one. That is told: once, or each time where a
// person types.
function tellOfNoInput(options) {
  if (isTold || inherited(stdioOf(options, 0), 0) !== 0 || ops.hasStreams()) return;
  // A person types for JavaScript alone.
  let reason = ': at the prompt, !command gives a program the terminal';
  try {
    ops.hostCallNow('stdio.fstat', 0);
  } catch (error) {
    isTold = true;
    reason = `: ${error.message}`;
  }
  require('node/process').emitWarning(`a program that inherits standard input gets an empty one${reason}`, { __proto__: null, code: 'ERR_NO_STDIN' });
}

function request({ file, list, options }) {
  requireThree(options);
  tellOfNoInput(options);
  requireNoNul(file, 'file');
  for (let index = 0; index < list.length; index++) requireNoNul(list[index], `args[${index}]`);
  requireNoNul(options.argv0, 'options.argv0');
  const env = options.env ?? require('node/process').env;
  const variables = { __proto__: null };
  const names = ObjectKeys(env);
  for (let index = 0; index < names.length; index++) {
    const value = env[names[index]];
    if (value === undefined) continue;
    variables[names[index]] = `${value}`;
    requireNoNul(names[index], `options.env['${names[index]}']`);
    requireNoNul(variables[names[index]], `options.env['${names[index]}']`);
  }
  let { cwd } = options;
  if (cwd !== undefined && cwd !== null) cwd = `${args.path(cwd, 'options.cwd')}`;
  const stream = (index) => stdioOf(options, index) === 'ignore' ? 'ignore' : inherited(stdioOf(options, index), index) ?? 'pipe';
  const hasInput = options.input !== undefined && options.input !== null;
  return {
    __proto__: null, file, args: list, env: variables, ownEnv: (options.env ?? null) !== null, cwd, argv0: options.argv0, timeout: options.timeout,
    killSignal: requireSignal(options.killSignal ?? undefined), maxBuffer: options.maxBuffer,
    stdin: stream(0), stdout: stream(1), stderr: stream(2),
    uid: options.uid, gid: options.gid, detached: options.detached === true,
    input: !hasInput ? undefined : args.data(options.input, undefined, 'options.input'),
  };
}

// Gives `target` own properties, whatever setters it inherits.
function define(target, properties) {
  const names = ObjectKeys(properties);
  for (let index = 0; index < names.length; index++) {
    const value = properties[names[index]];
    ObjectDefineProperty(target, names[index], { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  }
  return target;
}

module.exports = { __proto__: null, commandOf, define, nameOf, normalize, numberOf, request, requireSignal, shelled, sourceOf, stdioOf, targetOf };
