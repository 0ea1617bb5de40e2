// What drupe is compared with: a forked process that keeps one `vm` context and evaluates what it is sent. Written as somebody would
// who needs persistent evaluation and has only Node's own modules; `node_parent.mjs` is its other half. Deno and Bun run it as well.

import { format } from 'node:util';
import vm from 'node:vm';

let context = newContext();
let run = 0;

// The context's console sends each call to the parent at once, formatted, under the number of the run.
function newContext() {
  const console = {};
  for (const method of ['log', 'info', 'debug', 'warn', 'error']) {
    console[method] = (...args) => {
      process.send({ event: 'console', id: run, method, text: format(...args), time: Date.now() });
    };
  }
  return vm.createContext({ console, setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask });
}

const requests = {
  // Runs a chunk. What is not data crosses as its text.
  async eval({ code, timeout, inputs }) {
    Object.assign(context, inputs);
    const value = await vm.runInContext(code, context, timeout ? { timeout } : undefined);
    return isData(value) ? { value } : { text: format(value) };
  },

  // The modules are this process's own: what a `vm` context imports would need a loader written for it.
  async import({ url }) {
    return { value: (await import(url)).sum(1) };
  },

  // A new context: what was there is left to the garbage collector.
  reset() {
    context = newContext();
    return {};
  },
};

function isData(value) {
  return value === null || !['function', 'symbol', 'object'].includes(typeof value) || isBytes(value);
}

// Made in another context: `instanceof` would not know it.
function isBytes(value) {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

process.on('message', async ({ id, method, ...parameters }) => {
  run = id;
  let answer;
  try {
    answer = await requests[method](parameters);
  } catch (error) {
    answer = { error: String(error?.code ?? error) };
  }
  process.send({ id, ...answer });
});

process.on('disconnect', () => process.exit());
