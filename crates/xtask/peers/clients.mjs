// A contender of `cargo xtask peers --clients`: the TypeScript client of drupe, or the predecessor's way, a forked Node with `vm`.
// Reads {"task", "count"} a line from standard input, and answers {"samples"} in seconds.
import { fork } from 'node:child_process';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const CODE = '1+1';

if (process.send) {
  // The forked child: one context, code in, the value out.
  const context = vm.createContext({});
  process.on('message', ({ code }) => process.send({ value: vm.runInContext(code, context, { timeout: 60_000 }) }));
} else {
  const [name] = process.argv.slice(2);
  const { version, run, close } = name === 'fork' ? forked() : await client();
  console.log(JSON.stringify({ version }));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { count } = JSON.parse(line);
    const samples = [];
    for (let index = 0; index < count; index++) {
      const start = performance.now();
      const value = await run(CODE);
      samples.push((performance.now() - start) / 1000);
      if (value !== 2) throw new Error(`${CODE} is ${value}`);
    }
    console.log(JSON.stringify({ samples }));
  }
  await close();
}

function forked() {
  const child = fork(fileURLToPath(import.meta.url));
  let answered;
  child.on('message', ({ value }) => answered(value));
  const run = (code) => {
    child.send({ code });
    return new Promise((resolve) => (answered = resolve));
  };
  return { version: `Node ${process.versions.node}, fork and vm`, run, close: () => child.kill() };
}

async function client() {
  const { Kernel } = await import('../../../client/typescript/dist/esm/index.js');
  const kernel = await Kernel.open();
  const run = async (code) => (await kernel.run(code)).value;
  return { version: `Node ${process.versions.node}, drupe serve`, run, close: () => kernel.close() };
}
