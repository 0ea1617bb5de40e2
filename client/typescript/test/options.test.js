// Values that an option cannot have, and what people read of other mistakes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import {
  DataError, ExitedError, Kernel, KernelError, Report, RequestError, Server, ThrewError, UnknownOutcomeError, UnsettledError,
} from 'drupe';
import { VirtualEnv } from 'drupe/virtual-env';

import { real, withKernel } from './binary.js';

const not = (name, kind = 'TypeError') => ({ name: kind, message: new RegExp(`^(a key of )?${name}.* must be .+, not .`) });

/** Options of runs, and values of wrong types. */
const LIMITS = {
  vmTimeoutMs: ['1s', null, true, [1]],
  wallTimeoutMs: ['1000', {}],
  killOnTimeout: ['yes', 1],
  memoryLimit: ['256M', null, 5n],
  consoleLimit: ['1'],
};
const RUN = {
  ...LIMITS,
  inputs: [[1], 'x', new Map([['a', 1]]), null, () => {}],
  signal: [true, {}],
  name: [1],
  language: [1, true],
  tag: [5, null],
  untilIdle: ['x'],
  keepLast: [0],
  valueLimit: ['x'],
  preview: [1],
  handle: ['x'],
  bundle: [1],
  inspectHooks: [null],
  only: ['add', [1]],
  grant: [{}],
};
const OPEN = {
  ...LIMITS,
  answers: [() => 'once', { permission: 'once' }, null],
  slow: [1],
  events: ['console', [1]],
  name: [1],
  permissions: ['all', ['read'], { read: '/usr' }, { read: 1 }, { read: [1] }],
  deny: [true, { net: 'x' }],
  sandbox: [false],
  folder: [1, null],
  env: [{ A: 1 }, ['A=1']],
  preload: [1],
  functions: [[() => {}], { add: 1 }, null],
  reserved: [{ add: 'x' }],
  builtinNames: ['yes'],
  autoReload: [1],
  respawn: [1],
  onDisconnect: [false],
  lingerMs: ['10'],
  journalLimit: [true],
};
/** Values that are out of range. */
const RUN_RANGES = { vmTimeoutMs: [-1, 0, NaN, Infinity, 0.5], memoryLimit: [-1, 1.5, NaN, 1, 8388607], language: ['py'] };
RUN_RANGES.inputs = ['a b', '', '1a', 'a-b', 'class', 'undefined'].map((name) => ({ [name]: 1 }));
RUN_RANGES.only = [['nope']];
RUN_RANGES.grant = [['nope']];
const OPEN_RANGES = {
  ...RUN_RANGES,
  lingerMs: [-1, 1.5, NaN],
  journalLimit: [-5, 1, 4095],
  slow: ['never'],
  sandbox: ['on'],
  respawn: ['always'],
  onDisconnect: ['stop'],
  permissions: [{ files: true }],
  answers: [{ ask: () => {} }],
};
for (const name of ['language', 'inputs', 'only', 'grant']) delete OPEN_RANGES[name];

withKernel('a value that an option of a run cannot have is told at the call', async (kernel) => {
  for (const [table, kind] of [
    [RUN, 'TypeError'],
    [RUN_RANGES, 'RangeError'],
  ]) {
    for (const [name, values] of Object.entries(table)) {
      for (const value of values) assert.throws(() => kernel.run('1', { [name]: value }), not(name, kind));
    }
  }
  for (const code of [5, null, undefined, ['1']]) assert.throws(() => kernel.run(code), not('the code'));
  const neither = { name: 'TypeError', message: /^a run (needs|has) code or a module/ };
  for (const given of [[{}], [{ module: 'x' }, { name: 'n' }], ['1', { module: 'x' }]]) {
    assert.throws(() => kernel.run(...given), neither);
  }
  assert.throws(() => kernel.run('1', { args: [] }), not('args'));
  assert.throws(() => kernel.run({ module: 5 }), not('module'));
  assert.throws(() => kernel.run('1', []), not('the options of Kernel.run'));
  for (const functions of [null, [], { add: 1 }]) await assert.rejects(kernel.register(functions), not('functions'));
  assert.throws(() => kernel.onEvent('console'), not('the listener'));
  assert.equal(await kernel.evaluate('1', { memoryLimit: 2 ** 28, vmTimeoutMs: 1000.5, only: [] }), 1);
  const names = { é: 1, $: 1, _a: 1, async: 1, a\u0301: 1 };
  assert.equal(await kernel.evaluate('é + $ + _a', { inputs: names }), 3);
  assert.equal((await kernel.run('1')).run, 3); // nothing else was sent
});

withKernel('a value that an option of a kernel cannot have is told at the call', async ({ server, id }) => {
  for (const [table, kind] of [
    [OPEN, 'TypeError'],
    [OPEN_RANGES, 'RangeError'],
  ]) {
    for (const [name, values] of Object.entries(table)) {
      for (const value of values) {
        await assert.rejects(server.open({ [name]: value }), not(name, kind));
        await assert.rejects(Kernel.open({ [name]: value }), not(name, kind));
      }
    }
  }
  await assert.rejects(server.attach(5), not('the id of the kernel'));
  for (const after of ['1', null]) await assert.rejects(server.attach(id, { after }), not('after'));
  assert.equal((await server.list()).length, 1);
});

test('a value that an option of a server cannot have is told at the call', async () => {
  const start = { program: [5], flags: ['--allow-all', [1]], env: [[], { A: 1 }], cwd: [5], connectMs: ['1s'] };
  const connect = { path: [5], host: [5], port: ['80'], token: [5], tls: ['yes', 1], reconnectMs: ['1s'] };
  for (const [method, options] of Object.entries({ start, connect })) {
    for (const [name, values] of Object.entries(options)) {
      for (const value of values) await assert.rejects(Server[method]({ [name]: value }), not(name));
    }
  }
  await assert.rejects(Kernel.open({ server: '/usr/bin/drupe' }), not('server'));
  for (const port of [0, 65536, 1.5, NaN]) await assert.rejects(Server.connect({ port }), not('port', 'RangeError'));
  await assert.rejects(Server.connect({ port: 1, connectMs: -1 }), not('connectMs', 'RangeError'));
  for (const name of ['late', 'consoleCapture', 'server', 'permissions']) {
    assert.throws(() => new VirtualEnv({ [name]: 'all' }), not(name));
  }
  assert.throws(() => new VirtualEnv({ timeout: 1 }), { message: /has no option "timeout"/ });
  await assert.rejects(new VirtualEnv().run({ code: '1' }, { transpile: 'no' }), not('transpile'));
});

withKernel('an input that is no data is named', async (kernel) => {
  for (const bad of [() => 1, { deep: [Symbol('s')] }, Promise.resolve()]) {
    const told = (error) => error instanceof DataError && /^inputs\.bad: a \w+ is no data/.test(error.message);
    await assert.rejects(kernel.run('1', { inputs: { good: 1, bad } }).then(), told);
  }
});

test('a way to end that this version does not know is no success', () => {
  const report = new Report({ type: 'outcome', seq: 1, run: 1, outcome: 'evaporated', state: 'kept' }, []);
  assert.equal(report.ok, false);
  assert.throws(() => report.throwForError(), (error) => error instanceof UnknownOutcomeError && error.code === 'evaporated');
});

withKernel('a run that awaits what cannot come ends', async (kernel) => {
  const report = await kernel.run('let kept = 1; await new Promise(() => {})');
  assert.deepEqual([report.outcome, report.state], ['unsettled', 'kept']);
  assert.throws(
    () => report.throwForError(),
    (error) => error instanceof UnsettledError && /nothing is left that could settle it/.test(error.message),
  );
  assert.equal(await kernel.evaluate('await new Promise((done) => setTimeout(done, 20, kept))'), 1);
});

withKernel('after a death the state is lost, and the error has what was printed', async (kernel) => {
  assert.equal((await kernel.run('let n = 1')).state, 'kept');
  await kernel.reset();
  assert.equal((await kernel.run('1')).state, 'kept'); // This program has asked for it.
  const run = kernel.run('console.group("g"); console.log("up"); for (;;);');
  for await (const event of run) if (event.type === 'console' && event.text === 'up') process.kill(kernel.pid, 'SIGKILL');
  await assert.rejects(run.then(), (error) => {
    assert.ok(error instanceof KernelError);
    assert.deepEqual([error.output, error.console.map(({ text }) => text)], ['g\n  up\n', ['g', 'up']]);
    return true;
  });
  const report = await kernel.run('typeof n');
  assert.deepEqual([report.value, report.state, report.newSession], ['undefined', 'lost', true]);
  assert.match(report.message, /^state lost: the kernel was ended by signal 9/);
  assert.equal((await kernel.run('1')).state, 'kept');
});

withKernel('a function that nobody lends is told what is lent', async (kernel) => {
  const told = (message) => (error) => error instanceof ThrewError && error.message === message;
  await assert.rejects(kernel.evaluate('host.nope()'), told('host is not defined; this program lends no functions'));
  await kernel.register({ 'db.query': () => 1, now: () => 2 });
  for (const name of ['host.nope', 'host.db.nope']) {
    const message = `${name} is not a function; this program lends db.query, now`;
    await assert.rejects(kernel.evaluate(`await ${name}()`), told(message));
  }
  await assert.rejects(kernel.evaluate('nope.f()'), told('nope is not defined'));
  const exited = await kernel.run('process.exit(3)');
  assert.throws(
    () => exited.throwForError(),
    (error) => error instanceof ExitedError && /exit\(3\)/.test(error.message),
  );
});

for (const [question, answer, call] of [
  ['confirm', 'yes', 'confirm("?")'],
  ['prompt', 5, 'prompt("?")'],
  ['permission', true, 'require("fs").readFileSync("/etc/hostname")'],
  ['permission', 'yes', 'require("fs").readFileSync("/etc/hostname")'],
]) {
  real(`the wrong answer ${JSON.stringify(answer)} to ${question} is told to the one who gives it`, async () => {
    const kernel = await Kernel.open({ answers: { [question]: () => answer } });
    const warned = once(process, 'warning');
    const report = await kernel.run(call);
    assert.ok(!report.value);
    const [{ name, message }] = await warned;
    assert.equal(name, 'DrupeWarning');
    assert.match(message, new RegExp(`^the answer to '${question}' must be .+, not ${JSON.stringify(answer).replace(/"/g, "'")}`));
    await kernel.close();
  });
}

withKernel('groups without a name print nothing', async (kernel) => {
  const code = 'console.group(); console.groupCollapsed(); console.time(); console.log(1); console.group("a")';
  assert.equal((await kernel.run(code)).output, '    1\n    a\n');
  assert.equal((await kernel.run('console.groupEnd(); console.group(""); console.log()')).output.split('\n').length, 3);
});

test('an endless nesting of groups costs no memory', () => {
  const event = { seq: 1, type: 'console', method: 'log', level: 'log', depth: 2 ** 32, text: 'x\ny', args: [], time: 0 };
  const { output } = new KernelError('signal', 'gone', {}, [event]);
  assert.equal(output, `${'  '.repeat(32)}x\n${'  '.repeat(32)}y\n`);
});

withKernel('an error of the server names the field', async (kernel) => {
  await assert.rejects(
    kernel.server.open({ journalLimit: 2 ** 50 }),
    (error) => error instanceof RequestError && /^journal_limit: a journal has from/.test(error.message),
  );
});
