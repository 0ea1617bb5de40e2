// An isolate of `isolated-vm` inside the process that measures: it does what `Child` of `node_parent.mjs` does.

import { createRequire } from 'node:module';

// `require` looks in the folders of NODE_PATH, `import` does not.
const require = createRequire(import.meta.url);
const ivm = require('isolated-vm');

export const version = `isolated-vm ${require('isolated-vm/package.json').version}`;

/** An isolate with one context. */
export class Isolate {
  #isolate = new ivm.Isolate();
  #context = this.#newContext();
  lines = 0;

  /** The isolate is a part of this process. */
  get pid() {
    return process.pid;
  }

  #newContext() {
    const context = this.#isolate.createContextSync();
    context.global.setSync('send', new ivm.Callback(() => void (this.lines += 1)));
    context.evalSync('globalThis.console = { log: (...args) => send("log", args.join(" "), Date.now()) }');
    return context;
  }

  async request(method) {
    if (method !== 'reset') throw new Error(`an isolate cannot ${method}`);
    this.#context.release();
    this.#context = this.#newContext();
    return {};
  }

  async eval(code, { inputs = {}, timeout } = {}) {
    for (const [name, value] of Object.entries(inputs)) {
      await this.#context.global.set(name, value, { copy: true });
    }
    return this.#context.eval(code, { copy: true, promise: true, timeout });
  }

  async end() {
    this.#isolate.dispose();
  }
}
