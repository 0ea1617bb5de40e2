// Node's `child_process`: programs that the host runs, where its permissions let it. They end with their session.
'use strict';

const {
  ArrayPrototypeJoin, ArrayPrototypePush, ArrayPrototypeSlice, Error, ObjectDefineProperty, Promise, RangeError, ReflectApply, StringPrototypeSlice,
  SymbolFor,
} = primordials;
const args = require('node/internal/fs_arguments');
const { ChildProcess, start } = require('node/internal/child');
const { commandOf, define, nameOf, normalize, request, shelled, stdioOf, targetOf } = require('node/internal/child_plan');
const check = require('node/internal/child_options');
const { makeAs } = require('node/internal/errors');
const { coded } = args;

function spawn(file, list, options) {
  const plan = normalize(file, list, options);
  check.validateStops({ __proto__: null, ...plan.options, maxBuffer: undefined }, false);
  return start(plan);
}

// What a program wrote on one output, up to a limit. As in Node, it is text where the stream gives text.
class Kept {
  #pieces = [];
  #left;
  #encoding;
  #stream;

  constructor(stream, limit, encoding) {
    this.#stream = stream;
    this.#left = limit;
    this.#encoding = encoding !== 'buffer' && require('node/buffer').Buffer.isEncoding(encoding) ? encoding : null;
    if (this.#encoding !== null) stream?.setEncoding(encoding);
  }

  // Whether there was room for all of it.
  add(chunk) {
    const encoding = this.#stream.readableEncoding;
    const length = encoding ? require('node/buffer').Buffer.byteLength(chunk, encoding) : chunk.length;
    const hasRoom = length <= this.#left;
    if (!hasRoom) chunk = encoding ? StringPrototypeSlice(chunk, 0, this.#left) : chunk.subarray(0, this.#left);
    ArrayPrototypePush(this.#pieces, chunk);
    this.#left = hasRoom ? this.#left - length : 0;
    return hasRoom;
  }

  value() {
    const isText = this.#encoding !== null || Boolean(this.#stream?.readableEncoding);
    return isText ? ArrayPrototypeJoin(this.#pieces, '') : require('node/buffer').Buffer.concat(this.#pieces);
  }
}

// Runs a program and gives `callback` all that it wrote.
function gathered(plan, callback, command) {
  const { options } = plan;
  check.validateStops(options, false);
  const { timeout, killSignal } = options;
  // The time is up here, and not where the program runs: what it has left running may hold its outputs. As in Node,
  // these are always pipes.
  const child = start({ __proto__: null, ...plan, options: { __proto__: null, ...options, timeout: undefined, stdio: 'pipe' } });
  const limit = options.maxBuffer ?? 1024 * 1024;
  const encoding = options.encoding === undefined ? 'utf8' : options.encoding;
  const kept = { __proto__: null, stdout: new Kept(child.stdout, limit, encoding), stderr: new Kept(child.stderr, limit, encoding) };
  let failure = null;
  let wasKilled = false;
  let timer;
  let isOver = false;
  const finish = (code, signal) => {
    if (isOver) return;
    isOver = true;
    if (timer !== undefined) require('node/timers').clearTimeout(timer);
    const stdout = kept.stdout.value();
    const stderr = kept.stderr.value();
    if (failure === null && (code !== 0 || signal !== null)) {
      failure = define(new Error(`Command failed: ${command}\n${stderr}`), { __proto__: null, code, killed: child.killed || wasKilled, signal });
    }
    if (failure !== null) define(failure, { __proto__: null, cmd: command });
    callback?.(failure, stdout, stderr);
  };
  const stop = () => {
    wasKilled = true;
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill(killSignal);
  };
  for (const name in kept) {
    child[name]?.on('data', (chunk) => {
      if (kept[name].add(chunk) || failure !== null) return;
      failure = makeAs(RangeError, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', `${name} maxBuffer length exceeded`);
      stop();
    });
  }
  if (timeout > 0) timer = require('node/timers').setTimeout(stop, timeout);
  child.on('error', (error) => {
    failure ??= error;
    child.stdout?.destroy();
    child.stderr?.destroy();
    finish(null, null);
  });
  child.on('close', finish);
  return child;
}

function execFile(file, ...rest) {
  const callback = typeof rest[rest.length - 1] === 'function' ? rest[rest.length - 1] : undefined;
  const given = callback === undefined ? rest : ArrayPrototypeSlice(rest, 0, -1);
  const plan = normalize(file, given[0], given[1] ?? undefined);
  if (callback === undefined) check.validateCallback(rest[2]);
  return gathered(plan, callback, commandOf(plan.file, plan.list));
}

// The plan of a command for the shell.
function ofShell(command, options) {
  if (command === '') throw args.wrongValue('file', command, 'cannot be empty');
  const whole = { __proto__: null, ...options, shell: typeof options?.shell === 'string' ? options.shell : true };
  check.validate(whole);
  return shelled(command, whole);
}

function exec(command, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  if (typeof command !== 'string') throw args.wrongType('command', 'of type string', command);
  check.validateCallback(callback);
  return gathered(ofShell(command, options), callback, command);
}

const promisified = (fn) => (...given) => {
  let child;
  const promise = new Promise((resolve, reject) => {
    ArrayPrototypePush(given, (error, stdout, stderr) => {
      if (error) reject(define(error, { __proto__: null, stdout, stderr }));
      else resolve({ stdout, stderr });
    });
    child = ReflectApply(fn, undefined, given);
  });
  return define(promise, { __proto__: null, child });
};
const custom = SymbolFor('nodejs.util.promisify.custom');
ObjectDefineProperty(exec, custom, { __proto__: null, value: promisified(exec) });
ObjectDefineProperty(execFile, custom, { __proto__: null, value: promisified(execFile) });

function runNow(plan) {
  const { options } = plan;
  check.validateStops(options, true);
  const asked = request(plan);
  const stdin = stdioOf(options, 0);
  if (typeof stdin === 'number' && stdin > 2) asked.input = args.bytesOf(require('node/fs').readFileSync(stdin));
  const encoding = options.encoding === undefined || options.encoding === 'buffer' ? null : options.encoding;
  const targets = { __proto__: null, 1: targetOf(options, 1), 2: targetOf(options, 2) };
  const told = (bytes, index) => {
    targets[index]?.write(args.buffer(bytes));
    return stdioOf(options, index) === 'pipe' ? args.decoded(bytes, encoding) : null;
  };
  let done;
  try {
    done = ops.hostCallNow('process.run', asked);
  } catch (error) {
    return { error, status: null, signal: null, output: null, pid: 0, stdout: null, stderr: null };
  }
  // What the host leaves out is not there, whatever the object inherits.
  const { pid, code, signal, stdout: out, stderr: err, problem } = { __proto__: null, ...done };
  const stdout = told(out, 1);
  const stderr = told(err, 2);
  const result = { status: code, signal: signal === null ? null : nameOf(signal), output: [null, stdout, stderr], pid, stdout, stderr };
  if (problem === null) return result;
  const error = define(coded(new Error(`spawnSync ${plan.file} ${problem}`), problem), {
    __proto__: null, errno: problem === 'ETIMEDOUT' ? -110 : -105, syscall: `spawnSync ${plan.file}`, path: plan.file, spawnargs: plan.list,
  });
  return { error, ...result };
}

function spawnSync(file, list, options) {
  return runNow(normalize(file, list, options));
}

function checked(plan, command) {
  const result = { __proto__: null, ...runNow(plan) };
  if (result.error !== undefined) throw define(result.error, { __proto__: null, ...result, error: undefined });
  // As Node: what it complains of is shown, unless somebody asked for it.
  if (plan.options.stdio === undefined && result.stderr?.length > 0) require('node/process').stderr.write(result.stderr);
  if (result.status !== 0) {
    const text = result.stderr === null ? '' : `${result.stderr}`;
    throw define(new Error(`Command failed: ${command}${text === '' ? '' : `\n${text}`}`), result);
  }
  return result.stdout;
}

function execFileSync(file, list, options) {
  const plan = normalize(file, list, options);
  return checked(plan, commandOf(plan.file, plan.list));
}

function execSync(command, options) {
  if (typeof command !== 'string') throw args.wrongType('command', 'of type string', command);
  return checked(ofShell(command, options), command);
}

function fork() {
  throw coded(new Error('drupe cannot fork: a kernel runs no second JavaScript; start a program with spawn'), 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
}

module.exports = { ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync };
