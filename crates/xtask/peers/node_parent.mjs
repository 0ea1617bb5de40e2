// Measures `node_child.mjs` over `child_process.fork`, or with the argument `isolate` the isolates of `isolate.mjs`. `cargo xtask peers`
// starts this script under node, deno and bun, and drives it: each line of standard input is a task, each line of standard output its
// samples, in the units that `src/peers/task.rs` names.

import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('node_child.mjs', import.meta.url));

/** A forked child, and the requests that it has not answered. */
class Forked {
  #process;
  #last = 0;
  #waiting = new Map();
  lines = 0;

  /** `advanced` is needed for typed arrays; small messages are quicker as `json`, which is Node's default. */
  constructor(serialization = 'json') {
    this.#process = fork(CHILD, [], { serialization, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#process.on('message', (message) => {
      if (message.event === 'console') {
        this.lines += 1;
      } else {
        this.#waiting.get(message.id)(message);
        this.#waiting.delete(message.id);
      }
    });
  }

  get pid() {
    return this.#process.pid;
  }

  request(method, parameters) {
    return new Promise((resolve) => {
      const id = ++this.#last;
      this.#waiting.set(id, resolve);
      this.#process.send({ id, method, ...parameters });
    });
  }

  async eval(code, more) {
    const { value, error } = await this.request('eval', { code, ...more });
    if (error) throw new Error(error);
    return value;
  }

  end() {
    return new Promise((resolve) => {
      this.#process.once('exit', resolve);
      this.#process.kill('SIGKILL');
    });
  }
}

const isolate = process.argv[2] === 'isolate' ? await import('./isolate.mjs') : null;
const Child = isolate?.Isolate ?? Forked;

// The children that live as long as this process.
let warm;
let bytes;

const tasks = {
  /** Evaluates definitions once in the warm child, so that what calls them later finds them compiled. */
  async prepare({ chunks }) {
    warm = new Child();
    for (const code of chunks) await warm.eval(code);
    return [];
  },

  async spawn() {
    const start = performance.now();
    const child = new Child();
    await child.eval('1+1');
    const time = since(start);
    await child.end();
    return [time];
  },

  async eval({ code, expected, count }) {
    const samples = [];
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      const value = await warm.eval(code);
      samples.push(since(start));
      if (value !== expected) throw new Error(`${code} is ${value}, not ${expected}`);
    }
    return samples;
  },

  async console({ lines }) {
    warm.lines = 0;
    const start = performance.now();
    await warm.eval(`for (let i = 0; i < ${lines}; i++) console.log('line', i)`);
    const time = since(start);
    if (warm.lines !== lines) throw new Error(`${warm.lines} of ${lines} lines arrived`);
    return [lines / time];
  },

  /** A fresh child that has evaluated something; who asked reads its memory, and then says `release`. */
  async hold({ resets }) {
    held = new Child();
    await held.eval('1+1');
    return samplesOfResets(held, resets);
  },

  async reset({ count }) {
    const child = new Child();
    await child.eval('1+1');
    const samples = await samplesOfResets(child, count);
    await child.end();
    return samples;
  },

  /** A module, and all that it imports, into a fresh child that is up. */
  async import({ url, expected }) {
    const child = new Child();
    await child.eval('1+1');
    const start = performance.now();
    const { value, error } = await child.request('import', { url });
    const time = since(start);
    await child.end();
    if (value !== expected) throw new Error(error ?? `the package's sum is ${value}, not ${expected}`);
    return [time];
  },

  async interrupt({ limit }) {
    const start = performance.now();
    const error = await warm.eval('while (true) {}', { timeout: limit * 1e3 }).catch((error) => error);
    if (!(error instanceof Error)) throw new Error('it was not stopped');
    return [since(start) - limit];
  },

  async send({ size }) {
    bytes ??= new Child('advanced');
    const data = new Uint8Array(size).fill(7);
    const start = performance.now();
    const length = await bytes.eval('data.length', { inputs: { data } });
    const time = since(start);
    if (length !== size) throw new Error(`${length} of ${size} bytes arrived`);
    return [size / time];
  },

  async receive({ size }) {
    bytes ??= new Child('advanced');
    const start = performance.now();
    const value = await bytes.eval(`new Uint8Array(${size})`);
    const time = since(start);
    if (value?.length !== size) throw new Error('other bytes arrived than were asked for');
    return [size / time];
  },
};

let held;

async function samplesOfResets(child, count) {
  const samples = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await child.request('reset');
    samples.push(since(start));
  }
  return samples;
}

function since(start) {
  return (performance.now() - start) / 1e3;
}

async function answer(line) {
  const { task, ...parameters } = JSON.parse(line);
  if (task === 'more') return { pid: held.pid, samples: await samplesOfResets(held, parameters.resets) };
  if (task === 'release') return { samples: [void (await held.end())].slice(1) };
  const samples = await tasks[task](parameters);
  if (task === 'prepare') return { samples, pid: warm.pid };
  return { samples, pid: task === 'hold' ? held.pid : undefined };
}

const { node, v8, deno, bun, webkit } = process.versions;
const version = deno ? `Deno ${deno}, V8 ${v8}` : bun ? `Bun ${bun}, JavaScriptCore ${webkit ?? ''}` : `Node ${node}, V8 ${v8}`;
const library = isolate ? [isolate.version] : [];
console.log(JSON.stringify({ version: [...library, version.trim()].join(', '), v8: bun ? null : v8 }));
for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(line).catch((error) => ({ error: String(error?.message ?? error) }));
  console.log(JSON.stringify(reply));
}
process.exit();
