// Mistakes of people who begin: each is told where it is made, in words that say what to do.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { ConnectionError, DataError, Kernel, Report, Run, Server, UnknownOutcomeError } from 'drupe';

import { listen, real, withKernel } from './binary.js';

const OF_REPORTS = [
  'value', 'hasValue', 'outcome', 'text', 'state', 'message', 'ok', 'exception', 'console', 'output', 'newSession',
  'exitCode', 'throwForError',
];

withKernel('a run that is taken for its report says to await it', async (kernel) => {
  const run = kernel.run('6 * 7');
  for (const name of OF_REPORTS) {
    const message = `no "${name}" here: a run may still go on; await its report, as in \`(await kernel.run(code)).value\``;
    assert.throws(() => run[name], { name: 'TypeError', message });
  }
  assert.equal(run.valeu, undefined);
  // What shows, copies or compares a run reads none of them.
  assert.match(inspect(run, { depth: 0 }), /^Run \{ kernel: \[Kernel\], number: undefined \}$/);
  inspect(run, { showHidden: true, getters: true, depth: 1 });
  const all = [];
  for (const name in run) all.push(name);
  assert.deepEqual([all, Object.keys({ ...run })], [['kernel', 'number'], ['kernel', 'number']]);
  assert.ok(!JSON.stringify(run).includes('"value"'));
  assert.equal((await run).value, 42);
  assert.equal((await Promise.all([run]))[0].value, 42);
  assert.throws(() => run.value, TypeError); // Also when it has ended.
});

real('a kernel and a server that are not awaited yet say so', async () => {
  const told = (call, what) => ({
    name: 'TypeError',
    message: `no "close" here: \`${call}\` gives a promise; await it, as in \`const ${what} = await ${call}\``,
  });
  const opening = Kernel.open();
  assert.throws(() => opening.run('1'), /^TypeError: no "run" here: `Kernel.open\(options\)` gives a promise/);
  assert.throws(() => opening.id, TypeError);
  assert.throws(() => opening.close(), told('Kernel.open(options)', 'kernel'));
  await (await opening).close();
  const starting = Server.start();
  assert.throws(() => starting.close(), told('Server.start(options)', 'server'));
  const server = await starting;
  const kernel = server.open();
  assert.throws(() => kernel.close(), told('server.open(options)', 'kernel'));
  const attaching = server.attach((await kernel).id);
  assert.throws(() => attaching.close(), told('server.attach(id)', 'kernel'));
  await attaching;
  await server.close();
});

test('there is no `new` for what is opened, started or run', () => {
  for (const given of [[{}], [], [{ permissions: {} }, {}, {}]]) {
    assert.throws(() => new Kernel(...given), {
      name: 'TypeError',
      message: 'a kernel is opened by `await Kernel.open(options)`, or in a server of several by '
        + '`await server.open(options)`: there is no `new Kernel`',
    });
    assert.throws(() => new Server(...given), {
      name: 'TypeError',
      message: 'a server is started by `await Server.start(options)`, or reached by `await Server.connect(options)`: '
        + 'there is no `new Server`',
    });
    assert.throws(() => new Run(...given), {
      name: 'TypeError', message: 'a run is made by `kernel.run(code)`: there is no `new Run`',
    });
  }
});

withKernel('each end that is no value is told in words', async (kernel) => {
  const said = async (code, options) => (await kernel.run(code, options)).message;
  assert.equal(await said('1'), undefined);
  assert.match(await said('null.x'), /^TypeError: Cannot read properties of null \(reading 'x'\)\n    at chunk/);
  assert.equal(await said('throw 7'), '7');
  assert.match(await said('let let'), /^SyntaxError: /);
  assert.match(await said('await new Promise(() => {})'), /^Unsettled top-level await: .*; state kept$/);
  assert.match(await said('for (;;);', { vmTimeoutMs: 50 }), /^Timed out: .*; state kept$/);
  assert.equal(await said('process.exit(3)'), 'the code called process.exit(3)');
  assert.match(await said('host.nope()'), /is not defined\n    at .*\nthis program lends no functions$/);
  process.kill(kernel.pid, 'SIGKILL');
  assert.match(await said('null.x'), /^TypeError: [^]*\nstate lost: the kernel was ended by signal 9/);
  await kernel.restart();
  process.kill((await kernel.run('1'), kernel.pid), 'SIGKILL');
  assert.match(await said('process.exit(2)'), /^the code called process\.exit\(2\)\nstate lost: /);
});

test('an end that this version does not know, or that a server does not describe, has words, too', () => {
  const report = (outcome, more) => new Report({ type: 'outcome', seq: 1, run: 1, outcome, state: 'kept', ...more }, []);
  for (const outcome of ['interrupted', 'timed_out', 'memory_limit', 'unsettled', 'threw', 'evaporated']) {
    assert.equal(report(outcome).message, `the run ended: ${outcome}`);
    assert.throws(() => report(outcome).throwForError(), { code: outcome });
  }
  assert.equal(report('threw', { exception: { message: 'no' } }).message, 'no');
  assert.equal(report('threw', { exception: {} }).message, 'the code threw');
  assert.throws(() => report('evaporated').throwForError(), UnknownOutcomeError);
});

withKernel('the first run of a session says so, however the session began', async (kernel) => {
  const isNew = async () => {
    const [first, second] = [await kernel.run('1'), await kernel.run('2')];
    assert.equal(second.newSession, false);
    return [first.newSession, first.state];
  };
  assert.deepEqual(await isNew(), [true, 'kept']);
  await kernel.reset();
  assert.deepEqual(await isNew(), [true, 'kept']);
  await kernel.restart();
  assert.deepEqual(await isNew(), [true, 'kept']);
  process.kill(kernel.pid, 'SIGKILL');
  assert.deepEqual(await isNew(), [true, 'lost']);
});

/** Each method that asks something of a kernel. */
const OF_KERNELS = {
  run: (kernel) => kernel.run('1').then(),
  module: (kernel) => kernel.run({ module: './a.ts' }).then(),
  evaluate: (kernel) => kernel.evaluate('1'),
  onEvent: async (kernel) => kernel.onEvent(() => {}),
  register: (kernel) => kernel.register({ f: () => 1 }),
  complete: (kernel) => kernel.complete('a'),
  properties: (kernel) => kernel.properties([1, 1]),
  release: (kernel) => kernel.release([1, 1]),
};
for (const name of ['interrupt', 'reset', 'restart', 'terminate', 'globals', 'status']) {
  OF_KERNELS[name] = (kernel) => kernel[name]();
}
for (const name of ['inspect', 'signature', 'preview']) OF_KERNELS[name] = (kernel) => kernel[name]('a');

async function isClosed(kernel, words) {
  for (const [name, call] of Object.entries(OF_KERNELS)) {
    const told = (error) => error instanceof ConnectionError && error.code === 'closed' && error.message === words;
    await assert.rejects(call(kernel), told, name);
  }
  await kernel.close(); // A second time it does nothing.
}

real('each method of what this program has closed names what has closed it', async () => {
  const own = await Kernel.open();
  await own.close();
  await isClosed(own, 'the kernel is gone: this program has closed it, by kernel.close()');
  const gone = 'the connection to the server is gone: this program has closed it, by ';
  const of = (what) => ({ code: 'closed', message: gone + what });
  await assert.rejects(own.server.open(), of('kernel.close()'));

  const used = await Kernel.open();
  await used[Symbol.asyncDispose]();
  await isClosed(used, 'the kernel is gone: this program has closed it, by the end of its `await using`');

  const server = await Server.start();
  const [one, two] = [await server.open(), await server.open()];
  await one.close();
  await isClosed(one, 'the kernel is gone: this program has closed it, by kernel.close()');
  await server.close();
  await isClosed(two, of('server.close()').message);
  for (const name of ['open', 'list', 'ping']) await assert.rejects(server[name](), of('server.close()'), name);
  for (const name of ['attach', 'isComplete', 'format']) {
    await assert.rejects(server[name]('a'), of('server.close()'), name);
  }
  await server.close();
});

class Private {
  #hidden = 1;
  get shown() { return this.#hidden; }
}

withKernel('an input that would come as an empty object is refused, with its place', async (kernel) => {
  const none = 'it has no enumerable properties of its own; give its text or a plain object';
  const detached = new Uint8Array(4);
  structuredClone(detached, { transfer: [detached.buffer] });
  for (const [bad, words] of [
    [new WeakMap(), `a WeakMap is no data: ${none}`],
    [new WeakSet(), `a WeakSet is no data: ${none}`],
    [new WeakRef({}), `a WeakRef is no data: ${none}`],
    [new URL('http://a/b'), `a URL is no data: ${none}`],
    [new URLSearchParams('a=1'), `a URLSearchParams is no data: ${none}`],
    [new Headers({ a: 'b' }), `a Headers is no data: ${none}`],
    [new Blob(['x']), `a Blob is no data: ${none}`],
    [new Intl.NumberFormat(), `an Intl.NumberFormat is no data: ${none}`],
    [new AbortController(), `an AbortController is no data: ${none}`],
    [(function* () {})(), `a Generator is no data: ${none}`],
    [[1].values(), `an Array Iterator is no data: ${none}`],
    [new Private(), `a Private is no data: ${none}`],
    [Object.create({ inherited: 1 }), `an Object is no data: ${none}`],
    [Promise.resolve(1), 'a promise is no data: await it first'],
    [kernel.run('1'), 'a Run is no data: await it first'],
    [() => 1, 'a function is no data'],
    [class {}, 'a function is no data'],
    [Symbol('s'), 'a symbol is no data'],
    [detached, 'an ArrayBuffer that is detached is no data'],
    [detached.buffer, 'an ArrayBuffer that is detached is no data'],
  ]) {
    for (const [input, place] of [
      [bad, ''],
      [{ a: [0, { b: bad }] }, ' (at a[1].b)'],
      [{ 'a b': bad }, ' (at ["a b"])'],
      [new Map([[1, 2], ['k', { c: bad }]]), ' (at <entry 1>.c)'],
      [[new Set([0, bad])], ' (at [0]<item 1>)'],
      [{ e: new Error('no', { cause: bad }) }, ' (at e.cause)'],
    ]) {
      const message = `inputs.bad: ${words}${place}`, inputs = { good: { x: [1] }, bad: input };
      const told = (error) => error instanceof DataError && error.code === 'encode' && error.message === message;
      await assert.rejects(kernel.evaluate('1', { inputs }), told, message);
    }
  }
  await kernel.register({ f: () => ({ a: [new URL('http://a/')] }) });
  assert.equal(await kernel.evaluate('await host.f().catch((e) => e.message)'), `a URL is no data: ${none} (at a[0])`);
  // What has properties of its own comes, and so does what has none and is plain.
  const shown = Object.assign(new Private(), { x: 1 }), bare = Object.create(null);
  const inputs = { all: [shown, bare, {}, [], new Map()] };
  assert.deepEqual(await kernel.evaluate('all', { inputs }), [{ x: 1 }, {}, {}, [], new Map()]);
});

test('a program that cannot be started is named, and so is who names it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-misuse-')), text = join(folder, 'text'), script = join(folder, 'script');
  const before = process.env.DRUPE_BIN;
  t.after(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.DRUPE_BIN;
    else process.env.DRUPE_BIN = before;
  });
  writeFileSync(text, 'no program');
  writeFileSync(script, '#!/bin/sh\n');
  chmodSync(script, 0o755);
  const fails = (options, message) =>
    assert.rejects(Server.start(options), { name: 'ConnectionError', code: 'launch', message });
  const by = (program, who) => `cannot start ${program}, which ${who} names: `;
  await fails({ program: '/no/such' }, `${by('/no/such', 'the option program')}there is no such program`);
  for (const program of [text, folder]) {
    await fails({ program }, `${by(program, 'the option program')}it is no program that may be executed`);
  }
  const cwd = '/no/such/folder';
  const isNone = `the option cwd must be a folder, and ${cwd} is none`;
  await fails({ program: script, cwd }, by(script, 'the option program') + isNone);
  process.env.DRUPE_BIN = '/no/such/drupe';
  await fails({}, `${by('/no/such/drupe', 'the variable DRUPE_BIN')}there is no such program`);
  await assert.rejects(Kernel.open(), { code: 'launch', message: /DRUPE_BIN/ });
});

test('TLS that fails is a ConnectionError with its cause, and a socket has none', async (t) => {
  const plain = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await once(plain.listen(0, '127.0.0.1'), 'listening');
  t.after(() => plain.close());
  const { port } = plain.address();
  await assert.rejects(Server.connect({ port, tls: true }), (error) => {
    assert.match(error.message, new RegExp(`^cannot connect to 127\\.0\\.0\\.1:${port}: `));
    return error instanceof ConnectionError && error.code === 'lost' && error.cause instanceof Error;
  });
  const told = { name: 'TypeError', message: 'tls is for a host and a port, not for the path of a socket' };
  await assert.rejects(Server.connect({ path: '/run/socket', tls: true }), told);
});

real('a token that is refused, or missing, says where it comes from', async () => {
  const { address: [host, port], end } = await listen('--listen', '127.0.0.1:0');
  const source = 'what `drupe serve --listen` printed after "token:", or what is in its --token-file';
  const told = (which) => (error) => error instanceof ConnectionError && error.code === 'token'
    && error.message.endsWith(`: ${which}; the option token must be ${source}`);
  const refused = 'it refuses the one that this client has given';
  await assert.rejects(Server.connect({ host, port, token: 'no' }), told(refused));
  await assert.rejects(Server.connect({ host, port }), told('this client has given none'));
  await end();
});
