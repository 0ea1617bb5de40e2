// Consoles that write to streams of a program's own.
'use strict';

const {
  ArrayPrototypePush, DateNow, FunctionPrototypeBind, ObjectDefineProperty, ObjectKeys, ReflectApply, SafeMap,
  StringPrototypeRepeat, StringPrototypeReplaceAll, Symbol,
} = primordials;
const { make } = require('node/internal/errors');
const { format, inspect } = require('node/internal/inspect');
const { validateInteger, validateObject } = require('node/internal/validators');

const kState = Symbol('console');

// A console that writes to `stdout` and `stderr`, which have a method `write`.
function Console(stdout, ...rest) {
  if (!new.target) return ReflectApply((...args) => primordials.ReflectConstruct(Console, args), undefined, [stdout, ...rest]);
  const options = !stdout || typeof stdout.write === 'function' ? { stdout, stderr: rest[0], ignoreErrors: rest[1] } : stdout;
  const { stdout: out, stderr: err = out, ignoreErrors = true, inspectOptions, groupIndentation = 2 } = options;
  if (!out || typeof out.write !== 'function') throw make('ERR_CONSOLE_WRITABLE_STREAM', 'stdout');
  if (!err || typeof err.write !== 'function') throw make('ERR_CONSOLE_WRITABLE_STREAM', 'stderr');
  validateInteger(groupIndentation, 'groupIndentation', 0, 1000);
  if (inspectOptions !== undefined) validateObject(inspectOptions, 'options.inspectOptions');
  ObjectDefineProperty(this, kState, {
    __proto__: null,
    value: { out, err, ignoreErrors, inspectOptions, groupIndentation, indent: '', counts: new SafeMap(), timers: new SafeMap() },
  });
  // The methods may be taken off their console.
  const names = ObjectKeys(methods);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const method = FunctionPrototypeBind(this[name], this);
    ObjectDefineProperty(method, 'name', { __proto__: null, value: name, configurable: true });
    ObjectDefineProperty(this, name, { __proto__: null, value: method, writable: true, enumerable: true, configurable: true });
  }
}

function write(state, stream, text) {
  if (state.indent !== '') text = state.indent + StringPrototypeReplaceAll(text, '\n', `\n${state.indent}`);
  try {
    stream.write(`${text}\n`);
  } catch (error) {
    if (!state.ignoreErrors) throw error;
  }
}

const formatted = (state, args) => state.inspectOptions === undefined ? ReflectApply(format, undefined, args)
  : ops.format(state.inspectOptions, args);

const say = (console, args) => write(console[kState], console[kState].out, formatted(console[kState], args));
const complain = (console, args) => write(console[kState], console[kState].err, formatted(console[kState], args));

function elapsed(state, label) {
  const start = state.timers.get(label);
  if (start === undefined) return undefined;
  const time = globalThis.performance === undefined ? DateNow() - start : globalThis.performance.now() - start;
  return time >= 1000 ? `${primordials.NumberPrototypeToFixed(time / 1000, 3)}s` : `${primordials.Number(primordials.NumberPrototypeToFixed(time, 3))}ms`;
}

const now = () => globalThis.performance === undefined ? DateNow() : globalThis.performance.now();

const methods = {
  log(...args) { say(this, args); },
  warn(...args) { complain(this, args); },
  dir(object, options) {
    const state = this[kState];
    write(state, state.out, inspect(object, { customInspect: false, ...state.inspectOptions, ...options }));
  },
  time(label = 'default') {
    const state = this[kState];
    if (state.timers.has(`${label}`)) complain(this, [`Warning: Label '${label}' already exists for console.time()`]);
    else state.timers.set(`${label}`, now());
  },
  timeEnd(label = 'default') {
    const time = elapsed(this[kState], `${label}`);
    if (time === undefined) return complain(this, [`Warning: No such label '${label}' for console.timeEnd()`]);
    this[kState].timers.delete(`${label}`);
    say(this, ['%s: %s', `${label}`, time]);
  },
  timeLog(label = 'default', ...data) {
    const time = elapsed(this[kState], `${label}`);
    if (time === undefined) return complain(this, [`Warning: No such label '${label}' for console.timeLog()`]);
    const args = ['%s: %s', `${label}`, time];
    for (let index = 0; index < data.length; index++) ArrayPrototypePush(args, data[index]);
    say(this, args);
  },
  trace(...args) {
    const holder = { name: 'Trace', message: formatted(this[kState], args) };
    primordials.ErrorCaptureStackTrace(holder, this.trace);
    complain(this, [holder.stack]);
  },
  assert(expression, ...args) {
    if (expression) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else primordials.ArrayPrototypeUnshift(args, args.length === 0 ? 'Assertion failed' : 'Assertion failed:');
    complain(this, args);
  },
  clear() {},
  count(label = 'default') {
    const { counts } = this[kState];
    const count = (counts.get(`${label}`) ?? 0) + 1;
    counts.set(`${label}`, count);
    say(this, [`${label}: ${count}`]);
  },
  countReset(label = 'default') {
    const { counts } = this[kState];
    if (!counts.has(`${label}`)) return complain(this, [`Warning: Count for '${label}' does not exist`]);
    counts.delete(`${label}`);
  },
  group(...args) {
    if (args.length > 0) say(this, args);
    this[kState].indent += StringPrototypeRepeat(' ', this[kState].groupIndentation);
  },
  groupEnd() {
    const state = this[kState];
    state.indent = primordials.StringPrototypeSlice(state.indent, 0, primordials.MathMax(0, state.indent.length - state.groupIndentation));
  },
  table(data) { say(this, [data]); },
  debug(...args) { say(this, args); },
  info(...args) { say(this, args); },
  dirxml(...args) { say(this, args); },
  error(...args) { complain(this, args); },
  groupCollapsed(...args) { ReflectApply(this.group, this, args); },
};
const names = ObjectKeys(methods);
const reattach = primordials.detached(Console.prototype);
for (let index = 0; index < names.length; index++) Console.prototype[names[index]] = methods[names[index]];
reattach();

module.exports = { __proto__: null, Console };
