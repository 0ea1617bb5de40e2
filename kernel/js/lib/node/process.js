// Node's `process`, as far as it makes sense for a session that is no process of its own.
'use strict';

const {
  ArrayIsArray, Error, FunctionPrototypeCall, Number, NumberIsInteger, ObjectDefineProperties, ObjectDefineProperty, ObjectFreeze,
  ObjectKeys, ObjectSetPrototypeOf, RangeError, ReflectApply, SymbolToStringTag, TypeError,
} = primordials;

// The version of Node whose library this one resembles.
const NODE = '24.11.0';

const { 0: v8, 1: drupe, 2: platform, 3: arch } = ops.versions();

function process() {}
ObjectDefineProperty(process, 'name', { __proto__: null, value: 'process' });
ObjectDefineProperty(process.prototype, SymbolToStringTag, { __proto__: null, value: 'process', configurable: true });
const self = new process();

let Emitter;
if (ops.hasLibrary('node/events')) {
  Emitter = require('node/events');
  ObjectSetPrototypeOf(process.prototype, Emitter.prototype);
  FunctionPrototypeCall(Emitter, self);
}

const reattach = primordials.detached(self);

const give = (target, key, value) => {
  ObjectDefineProperty(target, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
};

function coded(error, code) {
  ObjectDefineProperty(error, 'code', { __proto__: null, value: code, writable: true, enumerable: true, configurable: true });
  return error;
}

const { make } = require('node/internal/errors');
const wrongType = (name, wanted, value) => make('ERR_INVALID_ARG_TYPE', name, wanted, value);

self.version = `v${NODE}`;
self.versions = ObjectFreeze({ node: NODE, v8, drupe, modules: '137', uv: '1.51.0', unicode: '16.0' });
self.arch = arch;
self.platform = platform;
self.release = { name: 'node', lts: 'Krypton' };
self.title = 'drupe';
require('node/internal/process_command').attach(self);
self.argv0 = 'drupe';
// The command's process, where there is one: whose signals the program hears. Else the kernel's own.
let pid;
const ownId = () => pid ??= hostNumber('process.self') || ops.processId();
ObjectDefineProperty(self, 'pid', {
  __proto__: null, get: { __proto__: null, get() { return ownId(); } }.get, enumerable: true, configurable: true,
});
ObjectDefineProperty(self, 'ppid', {
  __proto__: null, get: { __proto__: null, get() { return hostNumber('process.parent'); } }.get, enumerable: true, configurable: true,
});
self.debugPort = 9229;
self.domain = null;
self.sourceMapsEnabled = true;
self.features = ObjectFreeze({
  inspector: false, debug: false, uv: false, ipv6: true, tls_alpn: false, tls_sni: false, tls_ocsp: false, tls: false,
  cached_builtins: true, require_module: true, typescript: 'transform',
});
self.config = ObjectFreeze({ target_defaults: {}, variables: {} });
self.allowedNodeEnvironmentFlags = new primordials.Set();
self.report = undefined;

// The host knows the working folder, and tells it if the program may read it.
let cwd;
self.cwd = function cwd_() {
  if (cwd !== undefined) return cwd;
  let now = null;
  try {
    now = ops.hostCallNow('process.cwd');
  } catch {
    // A host that has none.
  }
  if (typeof now !== 'string') return '/';
  return cwd = now;
};
ObjectDefineProperty(self.cwd, 'name', { __proto__: null, value: 'cwd' });
ops.cwd = self.cwd;
self.chdir = function chdir(directory) {
  if (typeof directory !== 'string') throw wrongType('directory', 'string', directory);
  const left = self.cwd();
  ops.hostCallNow('process.chdir', directory);
  ops.firstFolder ??= left;
  cwd = undefined;
  ops.commonJs?.moved();
};
require('node/internal/process_ids').attach(self, give);

self.nextTick = function nextTick(callback, ...args) {
  if (typeof callback !== 'function') throw wrongType('callback', 'Function', callback);
  ops.tick(callback, args);
};

self.hrtime = function hrtime(before) {
  const now = ops.monotonic();
  const time = [Number(now / 1000000000n), Number(now % 1000000000n)];
  if (before === undefined) return time;
  if (!ArrayIsArray(before)) throw wrongType('time', 'Array', before);
  if (before.length !== 2) throw make('ERR_OUT_OF_RANGE', 'time', '2', before.length);
  let seconds = time[0] - before[0];
  let nanos = time[1] - before[1];
  if (nanos < 0) {
    seconds--;
    nanos += 1e9;
  }
  return [seconds, nanos];
};
give(self.hrtime, 'bigint', { __proto__: null, bigint() { return ops.monotonic(); } }.bigint);
self.uptime = function uptime() { return Number(ops.monotonic()) / 1e9; };

// What the host says of its processes.
function hostNumber(op) {
  try {
    return ops.hostCallNow(op);
  } catch {
    // A host that has no processes.
    return 0;
  }
}

require('node/internal/process_usage').attach(self, give);
require('node/internal/process_warnings').attach(self, give);

// The status that a program's run ends with.
let exitCode;
// What it was before `exit`, which ends its run alone.
let codeBefore;
const forgetExit = () => { if (ops.hasExited()) exitCode = codeBefore; };
ObjectDefineProperty(self, 'exitCode', {
  __proto__: null,
  get() {
    forgetExit();
    return exitCode;
  },
  set(code) {
    forgetExit();
    if (code !== undefined && code !== null) {
      const number = typeof code === 'string' && code !== '' ? +code : code;
      if (typeof number !== 'number' || number !== number) throw wrongType('code', 'number', code);
      if (!NumberIsInteger(number)) throw make('ERR_OUT_OF_RANGE', 'code', 'an integer', number);
      ops.setExitCode(number);
    } else {
      ops.setExitCode(undefined);
    }
    exitCode = code;
  },
  enumerable: true,
  configurable: false,
});

// What listeners there are, whatever becomes of the user's `process.emit`.
const emit = Emitter === undefined ? () => false : Emitter.prototype.emit;
const tell = (event) => ReflectApply(emit, self, event);

function sayExit(code = +(exitCode ?? 0)) {
  self._exiting = true;
  try {
    return tell(['exit', code]);
  } catch (error) {
    ops.uncaught(error);
    return true;
  } finally {
    self._exiting = false;
  }
}

// Ends the run. There is no process of the user's that could end: the session stays, as in a REPL.
self.exit = function exit(code) {
  if (!self._exiting) {
    codeBefore = self.exitCode;
    ops.exiting();
  }
  if (code !== undefined) self.exitCode = code;
  if (!self._exiting) sayExit();
  // V8 looks for a stop where loops turn.
  if (ops.exit()) for (;;);
};
self.reallyExit = function reallyExit(code) { self.exit(code); };

// A run that lasts until the session is idle ends as a program does.
ops.programEnds = (idle, code) => {
  forgetExit();
  if (idle) {
    ops.settleOutput?.();
    return tell(['beforeExit', +(exitCode ?? 0)]);
  }
  // Of what the top level waits for in vain, Node tells by the status alone.
  const told = code === 1 ? code : +(exitCode ?? 0);
  // Where the program has set one, that is its status, unless it fails.
  if (code !== undefined && (code === 1 || exitCode === undefined)) self.exitCode = code;
  return sayExit(told);
};

// Nobody caught an error: the handlers of `exit` are called, unless one of them threw it.
ops.programFails = (code) => {
  forgetExit();
  if (code !== 1) {
    self.exitCode = code;
  } else if (!self._exiting) {
    self.exitCode = code;
    sayExit();
  } else {
    exitCode ?? (self.exitCode = code);
  }
};

let capture = null;
ops.handleUncaught = (error, origin = 'uncaughtException') => {
  tell(['uncaughtExceptionMonitor', error, origin]);
  if (capture !== null) {
    capture(error);
    return true;
  }
  return tell(['uncaughtException', error, origin]) || (ops.endUnread?.(error) ?? false);
};
ops.handleMainRejection = (error) => ops.handleUncaught(error, 'unhandledRejection');
ops.rejectionHandled = (promise) => tell(['rejectionHandled', promise]);
ops.handleRejection = (reason, promise) => tell(['unhandledRejection', reason, promise]);
ops.handleRejectionAsError = (reason) => {
  if (require('node/util_types').isNativeError(reason)) return ops.handleUncaught(reason, 'unhandledRejection');
  return ops.handleUncaught(
    coded(new Error(`A promise was rejected, and nothing handles it: ${ops.brief(reason)}`), 'ERR_UNHANDLED_REJECTION'), 'unhandledRejection');
};
require('node/internal/process_kill').attach(self, tell, ownId);

// The variables that a file lists; those that are there win.
self.loadEnvFile = function loadEnvFile(path) {
  const file = require('node/internal/fs_arguments').path(path ?? '.env');
  const values = require('node/internal/parse_env').parseEnv(require('node/fs').readFileSync(file, 'utf8'));
  const { env } = self;
  const names = ObjectKeys(values);
  for (let index = 0; index < names.length; index++) if (env[names[index]] === undefined) env[names[index]] = values[names[index]];
};

self.binding = function binding(name) {
  throw new Error(`No such module: ${name}`);
};
self.getBuiltinModule = function getBuiltinModule(id) {
  if (typeof id !== 'string') throw wrongType('id', 'string', id);
  const builtins = require('node/builtins');
  return builtins.isBuiltin(id) ? builtins.load(id) : undefined;
};
self.setUncaughtExceptionCaptureCallback = function setUncaughtExceptionCaptureCallback(callback) {
  if (callback !== null && typeof callback !== 'function') throw wrongType('fn', ['Function', 'null'], callback);
  if (callback !== null && capture !== null) {
    throw coded(new Error('`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active'),
      'ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET');
  }
  capture = callback;
};
self.hasUncaughtExceptionCaptureCallback = function hasUncaughtExceptionCaptureCallback() { return capture !== null; };
self._rawDebug = function _rawDebug(...values) {
  require('node/process').stderr.write(`${require('node/util').format(...values)}\n`);
};
self.openStdin = function openStdin() {
  self.stdin.resume();
  return self.stdin;
};
// Errors lead to the text of TypeScript in any case. The map of a file of JavaScript is never read.
self.setSourceMapsEnabled = function setSourceMapsEnabled(val) {
  if (typeof val !== 'boolean') throw wrongType('val', 'boolean', val);
};

const lazy = (get, set) => ({ __proto__: null, get, set, enumerable: true, configurable: true });
const settle = (name, value) => {
  ObjectDefineProperty(self, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  return value;
};
const environment = require('node/internal/process_env');
const descriptors = { __proto__: null, env: lazy(() => environment.env(), (value) => environment.replace(value)) };
// The one getter that asks the host: a completion takes the object as it is.
ops.environmentGetter = descriptors.env.get;
const streams = ['stdin', 'stdout', 'stderr'];
for (let index = 0; index < streams.length; index++) {
  const name = streams[index];
  const make = () => {
    const stream = require('node/internal/process_streams')[name]();
    // A session without streams tells everybody who reads that there is none, and not the first alone.
    return name === 'stdin' && !ops.hasStreams() ? stream : settle(name, stream);
  };
  descriptors[name] = lazy(ops.markLazy(make), (value) => settle(name, value));
}
ObjectDefineProperties(self, descriptors);

reattach();
// It adds listeners, which are methods of the prototype.
if (Emitter !== undefined) require('node/internal/process_signals').hear(self, emit);
module.exports = self;
