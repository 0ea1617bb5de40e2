// Compares the round trip of a run with that of a forked Node that uses `vm`. Give the program in DRUPE_BIN.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

import { Kernel } from 'drupe';
import { VirtualEnv } from 'drupe/virtual-env';

const RUNS = 2000,
  WARM = 200;

if (process.send) {
  const output = [];
  const context = vm.createContext({
    console: { log: (...args) => output.push({ type: 'log', output: args.join(' ') }) },
  });
  process.on('message', ({ code }) => {
    vm.runInContext(code, context, { timeout: 1000 });
    process.send(output.splice(0));
  });
} else await main();

async function main() {
  const child = fork(fileURLToPath(import.meta.url));
  let answered;
  child.on('message', (entries) => answered(entries));
  const forked = (code) =>
    new Promise((resolve) => {
      answered = resolve;
      child.send({ code, options: {} });
    });
  const env = new VirtualEnv();
  const kernel = await Kernel.open();
  for (const code of ['n += 1', 'console.log(n)']) {
    for (const [name, run] of [
      ['fork + vm', forked],
      ['VirtualEnv', (text) => env.run({ code: text })],
      ['VirtualEnv, js', (text) => env.run({ code: text }, { transpile: false, vmTimeoutMs: 1000 })],
      ['Kernel', (text) => kernel.run(text)],
    ]) {
      await run('globalThis.n = 0');
      const times = [];
      for (let index = 0; index < WARM + RUNS; index++) {
        const start = performance.now();
        await run(code);
        times.push(performance.now() - start);
      }
      const sorted = times.slice(WARM).sort((a, b) => a - b),
        at = (part) => (1000 * sorted[Math.floor(part * RUNS)]).toFixed(0);
      console.log(`${code.padEnd(16)} ${name.padEnd(16)} p50 ${at(0.5)} us, p99 ${at(0.99)} us`);
    }
  }
  child.kill();
  await env.terminate();
  await kernel.close();
}
