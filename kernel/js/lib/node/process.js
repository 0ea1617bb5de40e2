// Node's `process`, as far as it makes sense for a session that is no process of its own.
'use strict';

const {
  ArrayIsArray, ArrayPrototypeIncludes, Error, FunctionPrototypeCall, MathFloor, Number, NumberIsInteger, ObjectDefineProperties, ObjectDefineProperty, ObjectFreeze, ObjectKeys,
  ObjectSetPrototypeOf, RangeError, ReflectApply, SymbolToStringTag, TypeError,
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

const wrongType = (name, wanted, value) => coded(
  new TypeError(`The "${name}" argument must be ${wanted}. Received ${ops.brief(value)}`), 'ERR_INVALID_ARG_TYPE');

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
self.debugPort = 0;
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
  if (typeof directory !== 'string') throw wrongType('directory', 'of type string', directory);
  ops.hostCallNow('process.chdir', directory);
  cwd = undefined;
  ops.commonJs?.moved();
};
self.umask = function umask() { return 0o22; };

self.nextTick = function nextTick(callback, ...args) {
  if (typeof callback !== 'function') throw wrongType('callback', 'of type function', callback);
  ops.tick(callback, args);
};

self.hrtime = function hrtime(before) {
  const now = ops.monotonic();
  const time = [Number(now / 1000000000n), Number(now % 1000000000n)];
  if (before === undefined) return time;
  if (!ArrayIsArray(before)) throw wrongType('time', 'an instance of Array', before);
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

// What the whole process takes up, the system tells the host. A kernel without a process of its own knows what V8 takes up.
function resident() {
  let told = null;
  try {
    told = ops.hostCallNow('process.memory');
  } catch {
    // A host that has no processes.
  }
  return typeof told === 'number' ? told : ops.memory()[0];
}
self.memoryUsage = function memoryUsage() {
  const { 1: heapTotal, 2: heapUsed, 3: external } = ops.memory();
  return { rss: resident(), heapTotal, heapUsed, external, arrayBuffers: external };
};
give(self.memoryUsage, 'rss', resident);
self.constrainedMemory = function constrainedMemory() { return 0; };
self.availableMemory = function availableMemory() { return 0; };
self.cpuUsage = function cpuUsage(before) {
  const user = MathFloor(ops.cpuTime());
  return { user: user - (before?.user ?? 0), system: 0 };
};
self.resourceUsage = function resourceUsage() {
  return { userCPUTime: MathFloor(ops.cpuTime()), systemCPUTime: 0, maxRSS: MathFloor(resident() / 1024) };
};

// Whether the flags or the environment want to see no warnings.
const isQuiet = () => ArrayPrototypeIncludes(self.execArgv, '--no-warnings') || self.env.NODE_NO_WARNINGS === '1';
ObjectDefineProperty(self, 'noDeprecation', {
  __proto__: null,
  get: { __proto__: null, get() { return ArrayPrototypeIncludes(self.execArgv, '--no-deprecation') || undefined; } }.get,
  set: { __proto__: null, set(value) { give(self, 'noDeprecation', value); } }.set,
  enumerable: false,
  configurable: true,
});
self.emitWarning = function emitWarning(warning, type, code) {
  let name = type;
  if (typeof type === 'object' && type !== null) {
    name = type.type;
    code = type.code;
  }
  const isError = typeof warning === 'object' && warning !== null;
  const error = isError ? warning : new Error(warning);
  if (!isError) error.name = `${name ?? 'Warning'}`;
  if (code !== undefined) error.code = code;
  if (error.name === 'DeprecationWarning' && self.noDeprecation) return;
  ops.tick(() => {
    const { console } = globalThis;
    if (!isQuiet()) console.warn(`(drupe) ${error.code === undefined ? '' : `[${error.code}] `}${error.name}: ${error.message}`);
    if (Emitter !== undefined) self.emit('warning', error);
  }, []);
};

// The status that a program's run ends with.
let exitCode;
ObjectDefineProperty(self, 'exitCode', {
  __proto__: null,
  get() { return exitCode; },
  set(code) {
    if (code !== undefined && code !== null) {
      const number = typeof code === 'string' && code !== '' ? +code : code;
      if (typeof code !== 'number' && !NumberIsInteger(number)) throw wrongType('code', 'of type number', code);
      if (!NumberIsInteger(number)) {
        throw coded(new RangeError(`The value of "code" is out of range. It must be an integer. Received ${ops.brief(code)}`), 'ERR_OUT_OF_RANGE');
      }
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
  if (code !== undefined) self.exitCode = code;
  if (!self._exiting) sayExit();
  // V8 looks for a stop where loops turn.
  if (ops.exit()) for (;;);
};
self.reallyExit = self.exit;

// A run that lasts until the session is idle ends as a program does.
ops.programEnds = (idle, code) => {
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
ops.rejectionHandled = (promise) => tell(['rejectionHandled', promise]);
ops.handleRejection = (reason, promise) => tell(['unhandledRejection', reason, promise]);
ops.handleRejectionAsError = (reason) => {
  if (require('node/util_types').isNativeError(reason)) return ops.handleUncaught(reason, 'unhandledRejection');
  return ops.handleUncaught(
    coded(new Error(`A promise was rejected, and nothing handles it: ${ops.brief(reason)}`), 'ERR_UNHANDLED_REJECTION'), 'unhandledRejection');
};
const SIGNALS = () => require('node/os').constants.signals;

// What these do by themselves: nothing, or what no program here can do to itself.
const IGNORED = { __proto__: null, SIGCHLD: true, SIGCLD: true, SIGCONT: true, SIGURG: true, SIGWINCH: true };
const STOPPING = { __proto__: null, SIGSTOP: true, SIGTSTP: true, SIGTTIN: true, SIGTTOU: true };

// Ends the run as a signal ends a process: nobody is told of it.
function endBySignal(number) {
  self.exitCode = 128 + number;
  if (ops.exit()) for (;;);
}

function failed(code, errno) {
  const error = coded(new Error(`kill ${code}`), code);
  error.errno = errno;
  error.syscall = 'kill';
  return error;
}

// There is no process of the program's own. A signal that it sends to itself reaches its listeners, or does what such a signal does.
function killSelf(number) {
  let name;
  for (const each in SIGNALS()) if (name === undefined && SIGNALS()[each] === number) name = each;
  if (number === 0 || IGNORED[name]) return;
  if (name === undefined) throw failed('EINVAL', -22);
  if (name !== 'SIGKILL' && self.listenerCount(name) > 0) {
    require('node/timers').setImmediate(() => tell([name, name, number]));
    return;
  }
  if (STOPPING[name]) throw failed('EPERM', -1);
  endBySignal(number);
}

self.abort = function abort() { endBySignal(SIGNALS().SIGABRT); };
self.kill = function kill(pid, signal = 'SIGTERM') {
  if (typeof pid !== 'number') throw wrongType('pid', 'of type number', pid);
  const number = typeof signal === 'number' ? signal : SIGNALS()[signal];
  if (number === undefined) throw coded(new TypeError(`Unknown signal: ${signal}`), 'ERR_UNKNOWN_SIGNAL');
  if (pid === ownId() || pid === 0) killSelf(number);
  else if (!ops.hostCallNow('process.kill', pid, number)) throw failed('ESRCH', -3);
  return true;
};

// The variables that a file lists; those that are there win.
self.loadEnvFile = function loadEnvFile(path = '.env') {
  const values = require('node/internal/parse_env').parseEnv(require('node/fs').readFileSync(path, 'utf8'));
  const { env } = self;
  const names = ObjectKeys(values);
  for (let index = 0; index < names.length; index++) if (env[names[index]] === undefined) env[names[index]] = values[names[index]];
};

self.binding = function binding(name) {
  throw coded(new Error(`No such binding: ${name}`), 'ERR_INVALID_MODULE');
};
self.getBuiltinModule = function getBuiltinModule(id) {
  const builtins = require('node/builtins');
  return builtins.isBuiltin(id) ? builtins.load(id) : undefined;
};
self.setUncaughtExceptionCaptureCallback = function setUncaughtExceptionCaptureCallback(callback) {
  if (callback !== null && typeof callback !== 'function') throw wrongType('fn', 'of type function or null', callback);
  if (callback !== null && capture !== null) {
    throw coded(new Error('`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active'),
      'ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET');
  }
  capture = callback;
};
self.hasUncaughtExceptionCaptureCallback = function hasUncaughtExceptionCaptureCallback() { return capture !== null; };
self.openStdin = function openStdin() {
  self.stdin.resume();
  return self.stdin;
};
self.setSourceMapsEnabled = function setSourceMapsEnabled() {};

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
  const make = () => settle(name, require('node/internal/process_streams')[name]());
  descriptors[name] = lazy(ops.markLazy(make), (value) => settle(name, value));
}
ObjectDefineProperties(self, descriptors);

reattach();
// It adds listeners, which are methods of the prototype.
if (Emitter !== undefined) require('node/internal/process_signals').hear(self, emit);
module.exports = self;
