// The class of the predecessor, with its own example.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { VirtualEnv } from 'drupe/virtual-env';

import { real } from './binary.js';

const withEnv = (name, work, options) =>
  real(name, async () => {
    const env = new VirtualEnv(options?.());
    try {
      await work(env);
    } finally {
      await env.terminate();
    }
  });

withEnv('variables persist, output comes in order, and errors are entries', async (env) => {
  assert.deepEqual(await env.run({ code: 'let counter: number = 1' }), []);
  assert.deepEqual(
    await env.run({
      code: 'counter += 1; console.log("counter", counter); console.warn("w"); console.info("i"); console.error("e")',
    }),
    [
      { type: 'log', output: 'counter 2' },
      { type: 'warn', output: 'w' },
      { type: 'info', output: 'i' },
      { type: 'error', output: 'e' },
    ],
  );
  const methods =
    'console.count(); console.table([{ a: 1 }]); console.trace("t"); console.assert(false); console.clear()';
  const types = (await env.run({ code: methods })).map(({ type }) => type);
  assert.deepEqual(types, ['log', 'log', 'error', 'error']);
  const exited = await env.run({ code: 'process.exit(3)' });
  assert.deepEqual(exited, [{ type: 'error', output: 'the code called process.exit(3)' }]);
  assert.deepEqual(await env.run({ code: 'process.exit(0)' }), []);
  for (const chunk of [undefined, '1+1', {}, { cod: '1' }]) {
    await assert.rejects(env.run(chunk), /^TypeError: run takes \{ code \}/);
  }
  const failed = await env.run({ code: 'console.log(1); nothing()' });
  assert.deepEqual(
    failed.map(({ type }) => type),
    ['log', 'error'],
  );
  assert.match(
    failed[1].output,
    /^ReferenceError: nothing is not defined|Uncaught ReferenceError: nothing is not defined/,
  );
  const unsettled = await env.run({ code: 'Promise.reject(8); await new Promise(() => {})' });
  assert.deepEqual(unsettled.map(({ output }) => /^8|not caught/.test(output)), [true, false]); // Each error once.
  assert.equal((await env.run({ code: 'let x: number = 1' }, { transpile: false }))[0].type, 'error');
});

real('a package that a session has installed can be required', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-'));
  const env = new VirtualEnv({ folder });
  const installed = await env.run({
    code: `const { execSync } = require('node:child_process');
      execSync('npm i nanoid@3 --no-audit --no-fund', { stdio: 'pipe' }); console.log('installed')`,
  });
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED/.test(installed[0]?.output)) return context.skip('there is no registry');
  assert.deepEqual(installed, [{ type: 'log', output: 'installed' }]);
  const used = await env.run({ code: 'const { nanoid } = require("nanoid"); console.log(nanoid().length)' });
  assert.deepEqual(used, [{ type: 'log', output: '21' }]);
  await env.terminate();
  rmSync(folder, { recursive: true });
});

withEnv('timeouts stop a run, and keep the variables', async (env) => {
  await env.run({ code: 'let kept = 3' });
  const stuck = await env.run({ code: 'console.log("in"); await null; while (true) {}' }, { vmTimeoutMs: 100 });
  assert.deepEqual(
    stuck.map(({ type }) => type),
    ['log', 'error'],
  );
  assert.match(stuck[1].output, /time/i);
  const waited = await env.run(
    { code: 'await new Promise((r) => setTimeout(r, 1e6))' },
    { wallTimeoutMs: 100, killOnTimeout: true },
  );
  assert.deepEqual(
    waited.map(({ type }) => type),
    ['error'],
  );
  assert.deepEqual(await env.run({ code: 'console.log(kept)' }), [{ type: 'log', output: '3' }]);
});

const late = [];
let heard;
withEnv(
  'late output goes to its callback with its run, and reset stops timers',
  async (env) => {
    const waiting = new Promise((resolve) => {
      heard = resolve;
    });
    await env.run({
      code: 'setTimeout(() => console.log("late"), 20); setTimeout(() => { throw new Error("uncaught") }, 21)',
    });
    await waiting;
    assert.deepEqual(
      late.map(({ type, output }) => [type, output.split('\n')[0].replace('Uncaught ', '')]),
      [
        ['log', 'late'],
        ['error', 'Error: uncaught'],
      ],
    );
    late.length = 0;
    const loop = 'for (;;) { console.log("loop"); await new Promise((r) => setTimeout(r, 5)) }';
    const stopped = await env.run({ code: loop }, { wallTimeoutMs: 30 });
    assert.match(stopped.at(-1).output, /time/i);
    assert.deepEqual(await env.run({ code: 'await new Promise((r) => setTimeout(r, 30)); console.log("mine")' }), [
      { type: 'log', output: 'mine' },
    ]);
    await env.reset();
    await env.run({ code: 'let gone = 1; setInterval(() => console.log("tick"), 1)' });
    await env.reset();
    late.length = 0;
    assert.deepEqual(await env.run({ code: 'await new Promise((r) => setTimeout(r, 50)); console.log(typeof gone)' }), [
      { type: 'log', output: 'undefined' },
    ]);
    assert.deepEqual(late, []);
  },
  () => ({
    late: (entry) => {
      if (late.push(entry) === 2) heard();
    },
  }),
);

const captured = [];
withEnv(
  'a sink hears all as it happens; runs at once are apart; a dead process is an entry',
  async (env) => {
    const [one, two] = await Promise.all([
      env.run({ code: 'console.log(1); await null; console.log(2)' }),
      env.run({ code: 'console.debug(3)' }),
    ]);
    assert.deepEqual([one.map(({ output }) => output), two], [['1', '2'], [{ type: 'debug', output: '3' }]]);
    assert.deepEqual(captured, ['log 1', 'log 2', 'debug 3']);
    const died = await env.run({ code: 'console.log("before"); process.abort()' });
    assert.deepEqual(
      died.map(({ type }) => type),
      ['log', 'error'],
    );
    assert.deepEqual(await env.run({ code: 'console.log("again")' }), [{ type: 'log', output: 'again' }]);
    await env.terminate();
    assert.deepEqual(await env.run({ code: 'console.log("anew")' }), [{ type: 'log', output: 'anew' }]);
  },
  () => ({
    consoleCapture: {
      log: (output) => captured.push(`log ${output}`),
      debug: (output) => captured.push(`debug ${output}`),
    },
  }),
);

test('a program that is not there rejects', async () => {
  await assert.rejects(new VirtualEnv({ server: { program: '/no/such' } }).run({ code: '1' }), { code: 'launch' });
});
