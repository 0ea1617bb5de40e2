// Node's `child_process`: programs that the host runs, where its permissions let it. They end with their session.
'use strict';

const {
  ArrayIsArray, ArrayPrototypeConcat, ArrayPrototypeJoin, ArrayPrototypePush, ArrayPrototypeSlice, Error, FunctionPrototypeCall, ObjectAssign,
  ObjectDefineProperty, ObjectKeys, Promise, SymbolDispose, SymbolFor, TypeError,
} = primordials;
const EventEmitter = require('node/events');
const { Readable, Writable } = require('node/stream');
const args = require('node/internal/fs_arguments');
const { coded } = args;

const signals = () => require('node/os').constants.signals;
const numberOf = (signal) => typeof signal === 'number' ? signal : signals()[signal ?? 'SIGTERM'];
function nameOf(number) {
  const all = signals();
  for (const name in all) if (all[name] === number) return name;
  return null;
}

function normalize(file, given, options) {
  if (typeof file !== 'string') throw args.wrongType('file', 'of type string', file);
  if (file === '') throw args.wrongValue('file', file, 'cannot be empty');
  if (!ArrayIsArray(given)) {
    options = given ?? options;
    given = [];
  }
  options = { __proto__: null, ...options };
  const list = [];
  for (let index = 0; index < given.length; index++) ArrayPrototypePush(list, `${given[index]}`);
  if (options.shell) {
    const command = ArrayPrototypeJoin(ArrayPrototypeConcat([file], list), ' ');
    return shelled(command, options);
  }
  return { file, list, options };
}

const shelled = (command, options) => ({
  file: typeof options.shell === 'string' ? options.shell : '/bin/sh', list: ['-c', command], options,
});

// What the host is to do.
function request({ file, list, options }) {
  const env = options.env ?? require('node/process').env;
  const variables = {};
  const names = ObjectKeys(env);
  for (let index = 0; index < names.length; index++) {
    if (env[names[index]] !== undefined) variables[names[index]] = `${env[names[index]]}`;
  }
  let { cwd } = options;
  if (cwd !== undefined && cwd !== null) cwd = `${args.path(cwd, 'options.cwd')}`;
  const stdin = stdioOf(options, 0);
  return {
    file, args: list, env: variables, cwd, argv0: options.argv0, timeout: options.timeout, killSignal: numberOf(options.killSignal),
    maxBuffer: options.maxBuffer, stdin: stdin === 'ignore' ? 'ignore' : 'pipe', uid: options.uid, gid: options.gid, detached: options.detached === true,
  };
}

function stdioOf({ stdio }, index) {
  if (ArrayIsArray(stdio)) return stdio[index] ?? 'pipe';
  return stdio ?? 'pipe';
}

function ChildProcess() {
  FunctionPrototypeCall(EventEmitter, this);
  this.pid = undefined;
  this.exitCode = null;
  this.signalCode = null;
  this.killed = false;
  this.connected = false;
  this.stdin = this.stdout = this.stderr = null;
  this.stdio = [null, null, null];
}
primordials.ObjectSetPrototypeOf(ChildProcess.prototype, EventEmitter.prototype);
ChildProcess.prototype.ref = function ref() { return this; };
ChildProcess.prototype.unref = function unref() { return this; };
ChildProcess.prototype.kill = function kill(signal) {
  const number = numberOf(signal);
  if (number === undefined) throw coded(new TypeError(`Unknown signal: ${signal}`), 'ERR_UNKNOWN_SIGNAL');
  if (this.exitCode !== null || this.signalCode !== null) return false;
  if (this.pid === undefined) {
    // Until the host has started it, signals wait; there is nothing to be signalled where it could not.
    if (!this._signals) return false;
    if (number !== 0) {
      ArrayPrototypePush(this._signals, number);
      this.killed = true;
    }
    return true;
  }
  const found = ops.hostCallNow('process.kill', this.pid, number);
  if (found && number !== 0) this.killed = true;
  return found;
};
ChildProcess.prototype[SymbolDispose] = function() { this.kill(); };

// Where what a program says goes, by the `stdio` option: a stream, the session's own output, or nowhere.
function outlet(child, index, options) {
  const kind = stdioOf(options, index);
  if (kind === 'ignore') return null;
  if (kind === 'inherit' || kind === index) return require('node/process')[index === 1 ? 'stdout' : 'stderr'];
  let wake;
  const stream = new Readable({ __proto__: null, read() {
    wake?.();
    wake = undefined;
  } });
  // Resolves when somebody wants more.
  stream._room = () => new Promise((resolve) => { wake = resolve; });
  child.stdio[index] = stream;
  return stream;
}

function inlet(child, options) {
  if (stdioOf(options, 0) !== 'pipe') return null;
  const stream = new Writable({
    __proto__: null,
    write(chunk, encoding, done) {
      child._started.then(() => ops.hostCall('process.write', child.pid, args.bytesOf(chunk))).then(() => done(), done);
    },
    final(done) {
      child._started.then(() => ops.hostCall('process.end', child.pid)).then(() => done(), done);
    },
  });
  child.stdio[0] = stream;
  return stream;
}

async function follow(child, outlets, asked, started) {
  let stream;
  try {
    stream = await ops.hostCall('process.spawn', asked);
    child.pid = (await stream.next()).value.pid;
  } catch (error) {
    child._signals = undefined;
    started.reject(error);
    for (let index = 1; index <= 2; index++) if (child.stdio[index]) child.stdio[index].push(null);
    child.stdin?.destroy();
    child.emit('error', error);
    return;
  }
  started.resolve();
  const signals = child._signals;
  child._signals = undefined;
  for (let index = 0; index < signals.length; index++) ops.hostCallNow('process.kill', child.pid, signals[index]);
  child.emit('spawn');
  for (;;) {
    const { value, done } = await stream.next();
    if (done) break;
    for (let index = 1; index <= 2; index++) {
      const bytes = value[index === 1 ? 'stdout' : 'stderr'];
      const target = outlets[index];
      if (bytes === undefined || target === null) continue;
      const own = child.stdio[index] === target;
      if (bytes === null) {
        if (own) target.push(null);
      } else if (!own) {
        target.write(args.buffer(bytes));
      } else if (!target.destroyed && !target.push(args.buffer(bytes)) && target.readableFlowing !== null) {
        // A slow reader slows the program down; one that has not begun to read is waited for by nobody.
        await target._room();
      }
    }
    if (value.code !== undefined) {
      child.exitCode = value.code;
      child.signalCode = value.signal === null ? null : nameOf(value.signal);
      child.emit('exit', child.exitCode, child.signalCode);
    }
  }
  child.emit('close', child.exitCode, child.signalCode);
}

// Once the signal is aborted, the program is killed, and hears of that as an error.
function killOnAbort(child, { signal, killSignal }) {
  const onAbort = () => {
    if (child.kill(killSignal)) child.emit('error', args.aborted(signal));
  };
  if (signal.aborted) {
    require('node/process').nextTick(onAbort);
    return;
  }
  signal.addEventListener('abort', onAbort, { __proto__: null, once: true });
  child.once('exit', () => signal.removeEventListener('abort', onAbort));
}

function start(plan) {
  const child = new ChildProcess();
  const { options } = plan;
  const asked = request(plan);
  const started = {};
  child._started = new Promise((resolve, reject) => ObjectAssign(started, { resolve, reject }));
  child._started.catch(() => {});
  child.spawnfile = plan.file;
  child.spawnargs = ArrayPrototypeConcat([options.argv0 ?? plan.file], plan.list);
  child.stdin = inlet(child, options);
  const outlets = [null, outlet(child, 1, options), outlet(child, 2, options)];
  child.stdout = child.stdio[1];
  child.stderr = child.stdio[2];
  ObjectDefineProperty(child, '_started', { __proto__: null, value: child._started, enumerable: false });
  ObjectDefineProperty(child, '_signals', { __proto__: null, value: [], enumerable: false, writable: true });
  if (options.signal !== undefined) killOnAbort(child, options);
  follow(child, outlets, asked, started).catch((error) => child.emit('error', error));
  return child;
}

function spawn(file, list, options) {
  return start(normalize(file, list, options));
}

function gathered(plan, callback, command) {
  const { options } = plan;
  const child = start(plan);
  const limit = options.maxBuffer ?? 1024 * 1024;
  const encoding = options.encoding === undefined ? 'utf8' : options.encoding;
  const texts = { __proto__: null, stdout: [], stderr: [] };
  let failure = null;
  let over = false;
  const finish = (code, signal) => {
    if (over) return;
    over = true;
    const { Buffer } = require('node/buffer');
    const told = (name) => {
      const whole = Buffer.concat(texts[name]);
      return encoding === null || encoding === 'buffer' ? whole : whole.toString(encoding);
    };
    const [stdout, stderr] = [told('stdout'), told('stderr')];
    if (failure === null && (code !== 0 || signal !== null)) {
      failure = new Error(`Command failed: ${command}\n${stderr}`);
      failure.code = code;
      failure.killed = child.killed || (options.timeout > 0 && signal !== null);
      failure.signal = signal;
    }
    if (failure !== null) {
      failure.cmd = command;
      failure.stdout = stdout;
      failure.stderr = stderr;
    }
    callback?.(failure, stdout, stderr);
  };
  for (const name in texts) {
    let total = 0;
    child[name]?.on('data', (chunk) => {
      total += chunk.length;
      if (total > limit && failure === null) {
        failure = coded(new primordials.RangeError(`${name} maxBuffer length exceeded`), 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER');
        child.kill(options.killSignal);
      } else if (total <= limit) {
        ArrayPrototypePush(texts[name], chunk);
      }
    });
  }
  child.on('error', (error) => {
    failure ??= error;
    finish(null, null);
  });
  child.on('close', finish);
  return child;
}

function execFile(file, ...rest) {
  const callback = typeof rest[rest.length - 1] === 'function' ? rest[rest.length - 1] : undefined;
  const given = callback === undefined ? rest : ArrayPrototypeSlice(rest, 0, -1);
  const plan = normalize(file, given[0], given[1]);
  return gathered(plan, callback, ArrayPrototypeJoin(ArrayPrototypeConcat([plan.file], plan.list), ' '));
}

function exec(command, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  if (typeof command !== 'string') throw args.wrongType('command', 'of type string', command);
  return gathered(shelled(command, { __proto__: null, shell: true, ...options }), callback, command);
}

const promisified = (fn) => (...given) => {
  let child;
  const promise = new Promise((resolve, reject) => {
    child = fn(...given, (error, stdout, stderr) => error ? reject(error) : resolve({ stdout, stderr }));
  });
  promise.child = child;
  return promise;
};
const custom = SymbolFor('nodejs.util.promisify.custom');
ObjectDefineProperty(exec, custom, { __proto__: null, value: promisified(exec) });
ObjectDefineProperty(execFile, custom, { __proto__: null, value: promisified(execFile) });

function runNow(plan) {
  const { options } = plan;
  const asked = request(plan);
  if (options.input !== undefined) asked.input = args.data(options.input, undefined, 'options.input');
  const encoding = options.encoding === undefined || options.encoding === 'buffer' ? null : options.encoding;
  const told = (bytes, index) => {
    const kind = stdioOf(options, index);
    if (kind === 'inherit') require('node/process')[index === 1 ? 'stdout' : 'stderr'].write(args.buffer(bytes));
    return kind === 'pipe' ? args.decoded(bytes, encoding) : null;
  };
  let done;
  try {
    done = ops.hostCallNow('process.run', asked);
  } catch (error) {
    return { error, status: null, signal: null, output: null, pid: 0, stdout: null, stderr: null };
  }
  const [stdout, stderr] = [told(done.stdout, 1), told(done.stderr, 2)];
  const result = {
    pid: done.pid, output: [null, stdout, stderr], stdout, stderr, status: done.code, signal: done.signal === null ? null : nameOf(done.signal),
  };
  if (done.problem !== null) {
    const error = coded(new Error(`spawnSync ${plan.file} ${done.problem}`), done.problem);
    error.errno = done.problem === 'ETIMEDOUT' ? -110 : -105;
    error.syscall = `spawnSync ${plan.file}`;
    error.path = plan.file;
    error.spawnargs = plan.list;
    result.error = error;
  }
  return result;
}

function spawnSync(file, list, options) {
  return runNow(normalize(file, list, options));
}

function checked(plan, command) {
  const result = runNow(plan);
  if (result.error) throw ObjectAssign(result.error, result, { error: undefined });
  // As Node: what it complains of is shown, unless somebody asked for it.
  if (plan.options.stdio === undefined && result.stderr?.length > 0) require('node/process').stderr.write(result.stderr);
  if (result.status !== 0) {
    const text = result.stderr === null ? '' : `${result.stderr}`;
    const error = new Error(`Command failed: ${command}${text === '' ? '' : `\n${text}`}`);
    throw ObjectAssign(error, result);
  }
  return result.stdout;
}

function execFileSync(file, list, options) {
  const plan = normalize(file, list, options);
  return checked(plan, ArrayPrototypeJoin(ArrayPrototypeConcat([plan.file], plan.list), ' '));
}

function execSync(command, options) {
  if (typeof command !== 'string') throw args.wrongType('command', 'of type string', command);
  return checked(shelled(command, { __proto__: null, shell: true, ...options }), command);
}

function fork() {
  throw coded(new Error('drupe cannot fork: a kernel runs no second JavaScript; start a program with spawn'), 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
}

module.exports = { ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync };
