// A program that the host runs, as a `ChildProcess`: it starts, says what it has to say, ends, and closes.
'use strict';

const {
  ArrayPrototypePush, FunctionPrototypeCall, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectSetPrototypeOf, ReflectApply, SafeWeakMap,
  SymbolDispose,
} = primordials;
const EventEmitter = require('node/events');
const { abortError } = require('node/internal/errors');
const { define, nameOf, request, requireSignal, sourceOf, stdioOf, targetOf } = require('node/internal/child_plan');
const { Input, Output, copy } = require('node/internal/child_streams');

// How often outputs are asked for the rest when a program has ended. A pipe holds two pieces at most.
const ROUNDS = 4;

// The program of each child.
const programs = new SafeWeakMap();

function ChildProcess() {
  FunctionPrototypeCall(EventEmitter, this);
  define(this, {
    __proto__: null, pid: undefined, exitCode: null, signalCode: null, killed: false, connected: false, stdin: null, stdout: null, stderr: null,
    stdio: [null, null, null],
  });
}
ObjectSetPrototypeOf(ChildProcess.prototype, EventEmitter.prototype);
define(ChildProcess.prototype, {
  __proto__: null,
  ref() { programs.get(this)?.keepsAlive(true); },
  unref() { programs.get(this)?.keepsAlive(false); },
  kill(signal) {
    const number = requireSignal(signal);
    const found = programs.get(this)?.signal(number) ?? false;
    if (found) this.killed = true;
    return found;
  },
});
const dispose = { __proto__: null, value() { this.kill(); }, writable: true, enumerable: true, configurable: true };
ObjectDefineProperty(ChildProcess.prototype, SymbolDispose, dispose);

// An own property of what the host says.
const own = (object, key) => ObjectGetOwnPropertyDescriptor(object, key)?.value;

class Program {
  #child;
  #pid;
  #hasEnded = false;
  // The call that lasts as long as the program, and whether the one that started it stays for its sake.
  #call;
  #keepsAlive = true;
  #input;
  #outputs = [null, null, null];
  // Where outputs go that are not the child's own.
  #targets = [null, null, null];
  // What is still open: the program, and each output.
  #open = 1;
  // How many pieces the outputs have brought.
  #pieces = 0;
  #onPiece = () => { this.#pieces++; };

  constructor(child, options) {
    this.#child = child;
    programs.set(child, this);
    const source = sourceOf(options);
    if (source !== null) {
      this.#input = new Input();
      // The program need not read it all.
      this.#input.stream.on('error', () => {});
      source.pipe(this.#input.stream);
    } else if (stdioOf(options, 0) === 'pipe') {
      this.#input = new Input();
      child.stdio[0] = child.stdin = this.#input.stream;
    }
    for (let index = 1; index <= 2; index++) {
      this.#targets[index] = targetOf(options, index);
      if (this.#targets[index] !== null) this.#open++;
      if (stdioOf(options, index) !== 'pipe') continue;
      const name = index === 1 ? 'stdout' : 'stderr';
      const output = this.#outputs[index] = new Output(this.#onPiece);
      this.#open++;
      output.stream.once('close', () => this.#close());
      child.stdio[index] = child[name] = output.stream;
    }
  }

  // Whether there is a program to be signalled.
  signal(number) {
    return !this.#hasEnded && ops.hostCallNow('process.kill', this.#pid, number);
  }

  keepsAlive(does) {
    this.#keepsAlive = does;
    if (this.#call === undefined) return;
    if (does) ops.hostRef(this.#call);
    else ops.hostUnref(this.#call);
  }

  // What listeners throw is an uncaught error, and the program goes on.
  #emit(event) {
    try {
      ReflectApply(this.#child.emit, this.#child, event);
    } catch (error) {
      ops.uncaught(error);
    }
  }

  // Starts the program. As in Node, it has its number at once, and what keeps it from starting is told later.
  start(asked) {
    let following;
    try {
      this.#pid = ops.hostCallNow('process.start', asked);
      following = ops.hostCallWithCancel('process.follow', this.#pid);
    } catch (error) {
      this.#hasEnded = true;
      ops.tick(() => this.#fail(error), []);
      return;
    }
    this.#child.pid = this.#pid;
    this.#call = following.id;
    this.keepsAlive(this.#keepsAlive);
    ops.tick(() => this.#emit(['spawn']), []);
    this.#input?.begin(this.#pid);
    for (let index = 1; index <= 2; index++) {
      if (this.#outputs[index] !== null || this.#targets[index] !== null) this.#pass(index);
    }
    this.#run(following.answer);
  }

  // Tells of all that happens until the end of the program.
  async #run(answer) {
    let said;
    try {
      said = await answer;
    } catch (error) {
      ops.tick(() => this.#fail(error), []);
      return;
    }
    try {
      const { value, done } = await ops.pull(said);
      if (done) return;
      await this.#readRest();
      this.#end(own(value, 'code') ?? null, own(value, 'signal') ?? null);
      // Until the outputs are over, the host ends nothing that the program has left running.
      await ops.pull(said);
    } catch (error) {
      this.#emit(['error', error]);
    }
  }

  // As in Node, what the pipes hold at the end of the program comes before `exit`, if somebody reads it: the answer to
  // a call comes after what the host could read before it. What the program has left running may write for ever, so
  // there are few rounds.
  async #readRest() {
    for (let round = 0; round < ROUNDS; round++) {
      const before = this.#pieces;
      await ops.hostCall('process.kill', this.#pid, 0);
      // In the first round the outputs may have been opened.
      if (round > 0 && this.#pieces === before) return;
    }
  }

  async #pass(index) {
    const output = this.#outputs[index];
    try {
      const source = await ops.hostCall('process.output', this.#pid, index);
      if (output !== null) return output.begin(source);
      await copy(source, this.#targets[index], this.#onPiece);
    } catch {
      // There is no such pipe any more: its program is gone.
      if (output !== null) return output.fail();
    }
    this.#close();
  }

  #end(code, signal) {
    const child = this.#child;
    this.#hasEnded = true;
    child.exitCode = code;
    child.signalCode = signal === null ? null : nameOf(signal);
    this.#input?.stream.destroy();
    this.#emit(['exit', child.exitCode, child.signalCode]);
    ops.tick(() => {
      for (let index = 1; index <= 2; index++) this.#outputs[index]?.flush();
    }, []);
    this.#close();
  }

  #close() {
    if (--this.#open === 0) this.#emit(['close', this.#child.exitCode, this.#child.signalCode]);
  }

  // The program could not be started.
  #fail(error) {
    const child = this.#child;
    this.#hasEnded = true;
    const errno = own(error, 'errno');
    child.exitCode = typeof errno === 'number' ? errno : -1;
    this.#input?.stream.destroy();
    for (let index = 1; index <= 2; index++) this.#outputs[index]?.fail();
    // As in Node, nothing else is waited for.
    this.#open = 1;
    child.emit('error', error);
    this.#close();
  }
}

// Once the signal is aborted, the program is killed, and hears of that as an error.
function killOnAbort(child, { signal, killSignal }) {
  const onAbort = () => {
    if (child.kill(killSignal)) child.emit('error', abortError(signal.reason));
  };
  if (signal.aborted) {
    ops.tick(onAbort, []);
    return;
  }
  signal.addEventListener('abort', onAbort, { __proto__: null, once: true });
  child.once('exit', () => signal.removeEventListener('abort', onAbort));
}

// Starts what is planned.
function start(plan) {
  const { file, list, options } = plan;
  const asked = request(plan);
  const child = new ChildProcess();
  const spawnargs = [options.argv0 ?? file];
  for (let index = 0; index < list.length; index++) ArrayPrototypePush(spawnargs, list[index]);
  define(child, { __proto__: null, spawnfile: file, spawnargs });
  const program = new Program(child, options);
  program.start(asked);
  if (options.signal !== undefined) killOnAbort(child, options);
  return child;
}

module.exports = { __proto__: null, ChildProcess, start };
