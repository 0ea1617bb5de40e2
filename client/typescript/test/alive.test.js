// What keeps a program alive: what it awaits, and nothing else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { real } from './binary.js';

const LONGEST_MS = 30_000;
const WAIT = "new Promise((done) => setTimeout(done, 500, 'late'))";
const LATE = `k.run("console.log(await ${WAIT})")`;

/** Runs a program with a kernel `k`. Resolves to its status and what it printed. */
async function program(code) {
  const source = `import { Kernel } from 'drupe'; const k = await Kernel.open(); ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LONGEST_MS,
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const status = await new Promise((resolve) => child.once('close', resolve));
  return [status, said];
}

for (const [what, code] of [
  ['a run of an endless loop', "k.run('while (1);'); console.log('end')"],
  ['a run that awaits', "k.run('await new Promise((done) => setTimeout(done, 60000))'); console.log('end')"],
  ['a run whose first event was awaited', "await k.run('while (1);')[Symbol.asyncIterator]().next(); console.log('end')"],
  ['events that nobody reads', "k.events(); console.log('end')"],
  ['an event that was read', "const events = k.events(); k.run('while (1);'); await events.next(); console.log('end')"],
  ['a listener', "k.onEvent(() => {}); k.run('while (1);'); console.log('end')"],
]) {
  real(`${what} keeps no program alive`, async () => assert.deepEqual(await program(code), [0, 'end\n']));
}

for (const [what, code] of [
  ['a run with `await`', `const run = k.run("await ${WAIT}"); console.log((await run).value)`],
  ['a run with `then`', `k.run("await ${WAIT}").then((report) => console.log(report.value))`],
  ['a run with `finally`', `k.run("await ${WAIT}").finally(() => console.log('late'))`],
  ['the events of a run', `for await (const e of ${LATE}) if (e.type === 'console') console.log(e.text)`],
  ['the events of a kernel', `${LATE}; for await (const e of k.events()) if (e.type === 'console') { console.log(e.text); break }`],
]) {
  real(`${what} keeps its program alive`, async () => assert.deepEqual(await program(code), [0, 'late\n']));
}
