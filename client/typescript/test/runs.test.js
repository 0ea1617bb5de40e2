// What a run takes and tells besides its value, and what a kernel says of its process.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { Kernel, KernelError, RequestError, Server } from 'drupe';

import { real, withKernel } from './binary.js';
import { FakeServer } from './fake.js';

withKernel('a process that took the place of another has no old number', async (kernel) => {
  const { pid } = kernel;
  assert.equal(await kernel.evaluate('process.pid > 0'), true);
  await kernel.reset();
  assert.deepEqual([kernel.pid, kernel.generation], [pid, 2]);
  process.kill(pid, 'SIGKILL');
  const { generation } = await kernel.run('1');
  assert.notEqual(kernel.pid, pid);
  assert.equal(kernel.generation, generation);
  await kernel.restart();
  assert.notEqual(kernel.pid, pid);
  assert.equal(kernel.generation, (await kernel.run('1')).generation);
});

withKernel('a death in a run, and a client that wants few events, know no old process either', async (kernel) => {
  const other = await kernel.server.open({ events: ['console'] });
  process.kill(other.pid, 'SIGKILL');
  const { generation } = await other.run('1');
  assert.deepEqual([other.pid, other.generation], [undefined, generation]);
  const run = kernel.run('console.log(1); for (;;);');
  for await (const event of run) if (event.type === 'console') process.kill(kernel.pid, 'SIGKILL');
  await assert.rejects(run.then(), { code: 'signal' });
  assert.equal(kernel.pid, undefined);
});

test('the number of a new process is taken where the server tells it', async () => {
  const fake = await FakeServer.listen((name, body, peer) => {
    if (name === 'restart') peer.reply(body, { generation: 3, pid: 33 });
    return name === 'restart';
  });
  const server = await Server.connect({ path: fake.path });
  const kernel = await server.open();
  fake.event('session', { generation: 2, reason: 'respawned', pid: 22 });
  await kernel.run('1');
  assert.deepEqual([kernel.generation, kernel.pid], [2, 22]);
  await kernel.restart();
  assert.deepEqual([kernel.generation, kernel.pid], [3, 33]);
  await server.close();
  await fake[Symbol.asyncDispose]();
});

withKernel('a kernel that was terminated says what to do', async (kernel) => {
  await kernel.terminate();
  const advice = (Class) => (error) =>
    error instanceof Class && error.code === 'terminated' && /close it and open another$/.test(error.message);
  await assert.rejects(kernel.run('1').then(), advice(KernelError));
  for (const request of ['reset', 'restart', 'status']) await assert.rejects(kernel[request](), advice(RequestError));
});

real('a run of a kernel that this program closes says so', async () => {
  const server = await Server.start();
  for (const kernel of [await Kernel.open(), await server.open()]) {
    const run = kernel.run('console.log(1); for (;;);');
    for await (const event of run) if (event.type === 'console') break;
    const words = { code: 'terminated', message: 'the kernel is gone: this program has closed it, by kernel.close()' };
    await Promise.all([assert.rejects(run.then(), words), kernel.close()]);
  }
  await server.close();
});

withKernel('output beyond the limit is told', async (kernel) => {
  const report = await kernel.run('for (let i = 0; i < 1000; i++) console.log(i)', { consoleLimit: 5000 });
  assert.ok(report.droppedEvents > 0);
  assert.equal(report.message, `${report.droppedEvents} events of its output are dropped: they were beyond the limit`);
});

real('a kernel that is gone says why once', async () => {
  const server = await Server.start();
  const kernel = await server.open();
  const run = kernel.run('1; for (;;);');
  const [closing] = await Promise.all([kernel.close(), assert.rejects(run.then())]);
  assert.equal(closing, undefined);
  await assert.rejects(kernel.run('1').then(), { message: 'the kernel is gone: this program has closed it, by kernel.close()' });
  await server.close();
});

test('a report counts the events that this client missed', async () => {
  const fake = await FakeServer.listen((name, body, peer) => {
    if (name !== 'run' || body.code !== 'much') return false;
    peer.reply(body, { run: 9 });
    peer.send('missed', { kernel: 'k', first: 2, last: 8, types: { console: 7 } });
    peer.send('missed', { kernel: 'k', first: 10, last: 10, types: { console: 1 } });
    peer.send('event', { kernel: 'k', seq: 11, type: 'outcome', run: 9, outcome: 'value', value: 1, state: 'kept' });
    return true;
  });
  const server = await Server.connect({ path: fake.path });
  const kernel = await server.open({ slow: 'drop' });
  assert.equal((await kernel.run('much')).missed, 8);
  await server.close();
  await fake[Symbol.asyncDispose]();
});

test('a report counts the calls that were cancelled with its run', async () => {
  const fake = await FakeServer.listen((name, body, peer) => {
    if (name !== 'run') return false;
    const run = Number(body.code), counted = run === 1 ? { dropped_calls: 3 } : {}; // The other server is older.
    peer.reply(body, { run });
    const fields = { outcome: 'timed_out', state: 'kept', dropped_timers: 1, ...counted };
    peer.send('event', { kernel: 'k', seq: run, type: 'outcome', run, ...fields });
    return true;
  });
  const server = await Server.connect({ path: fake.path });
  const kernel = await server.open();
  const reports = [await kernel.run('1'), await kernel.run('2')];
  assert.deepEqual(reports.map(({ droppedTimers, droppedCalls }) => [droppedTimers, droppedCalls]), [[1, 3], [1, 0]]);
  assert.throws(() => kernel.run('2').droppedCalls, TypeError);
  await server.close();
  await fake[Symbol.asyncDispose]();
});

withKernel('an error that nobody caught is in the report', async (kernel) => {
  const report = await kernel.run(`async function save() { throw new Error('disk full') }; save(); 'saved'`);
  assert.deepEqual([report.ok, report.value, report.output], [true, 'saved', '']);
  assert.equal(report.message, '1 error of a timer or promise was not caught: Error: disk full');
  const [{ origin, name, message, text, value }, ...more] = report.uncaught;
  assert.deepEqual([origin, name, message, more], ['rejection', 'Error', 'disk full', []]);
  assert.match(text, /^Error: disk full\n    at save \(chunk:1:1:31\)/);
  assert.equal(value.message, 'disk full');
  assert.equal(report.throwForError(), report);
  const pause = 'await new Promise((r) => setTimeout(r, 20))';
  const two = await kernel.run(`setTimeout(() => { throw { a: 1 } }); reportError(8); ${pause}`);
  assert.equal(two.message, '2 errors of timers or promises were not caught, the first: 8');
  assert.deepEqual(two.uncaught.map((error) => [error.origin, error.value]), [['report', 8], ['callback', { a: 1 }]]);
  assert.equal((await kernel.run('Promise.reject(1).catch(() => 2); 3')).message, undefined);
  assert.deepEqual((await kernel.run(`setTimeout(() => { throw new Error('late') }, 20); 1`)).uncaught, []);
  assert.deepEqual((await kernel.run('await new Promise((r) => setTimeout(r, 60))')).uncaught, []);
});

withKernel('an error that nobody caught is told beside the end of its run', async (kernel) => {
  const report = await kernel.run(`Promise.reject(new Error('no')); await new Promise(() => {})`);
  const words = '; 1 error of a timer or promise was not caught: Error: no';
  // The error says only how the run ended.
  assert.throws(() => report.throwForError(), ({ message }) => message !== '' && report.message === message + words);
  // What ends a run is its exception, and no other one.
  const rejects = `Promise.reject(8); setTimeout(() => { throw new Error('end') }, 20)`;
  const ended = await kernel.run(rejects, { untilIdle: true });
  assert.deepEqual([ended.exception.value, ended.uncaught], [8, []]);
  const code = `reportError(new Error('a')); setTimeout(() => { throw new Error('end') }, 20)`;
  assert.deepEqual((await kernel.run(code, { untilIdle: true })).uncaught.map(({ message }) => message), ['a']);
});

withKernel('a report is printed in short, and with its message', async (kernel) => {
  const report = await kernel.run(`console.log('a'); Promise.reject(new Error('no')); ({ a: 1 })`);
  assert.equal(inspect(report), `Report {
  run: 1,
  outcome: 'value',
  value: { a: 1 },
  state: 'kept',
  newSession: true,
  message: '1 error of a timer or promise was not caught: Error: no'
}`);
  const threw = await kernel.run('throw 8');
  assert.equal(inspect(threw), "Report { run: 2, outcome: 'threw', state: 'kept', message: '8' }");
  assert.match(inspect(await kernel.run('[1, 2]', { valueLimit: 0 })), /text: '\[ 1, 2 \]'/);
  assert.equal(inspect({ a: { b: { report } } }, { depth: 1 }), '{ a: { b: [Object] } }');
  assert.equal(inspect({ a: { b: { report } } }, { depth: 2 }), '{ a: { b: { report: [Report] } } }');
});

real('a module is run as a program, with its arguments', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-')), module = join(folder, 'a.ts');
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(module, 'const rest: string[] = process.argv.slice(2); console.log(rest.join())');
  const server = await Server.start();
  const kernel = await server.open({ permissions: { read: [folder] } });
  const report = await kernel.run({ module, args: ['a', 'b'] });
  assert.equal(report.output, 'a,b\n', report.exception?.text ?? report.message);
  await server.close();
});

withKernel('a run has what a promise has, and a cursor may be left out', async (kernel) => {
  let ended = 0;
  assert.equal((await kernel.run('6 * 7').finally(() => ended++)).value, 42);
  assert.equal((await kernel.run('1').catch(() => 0)).value, 1);
  assert.equal(ended, 1);
  await kernel.run('let seen = 1');
  assert.ok((await kernel.complete('see')).items.some(({ name }) => name === 'seen'));
  assert.equal((await kernel.inspect('seen')).name, 'seen');
  assert.match((await kernel.signature('parseInt(')).label, /parseInt/);
  await kernel.close();
  assert.equal(await kernel.run('1').catch(({ code }) => code), 'closed');
});

withKernel('the cause and the errors of an error reach JavaScript, if they are data', async (kernel) => {
  await kernel.register({
    fail: () => { throw new AggregateError([new TypeError('a'), 7], 'many', { cause: new RangeError('why') }); },
    odd: () => { throw new Error('odd', { cause: () => {} }); },
  });
  const code = `const told = async (f) => { try { await f() } catch (e) {
    return [e.name, e.message, e.cause instanceof RangeError, e.cause?.message, e.errors?.map(String)] } };
    [await told(host.fail), await told(host.odd)]`;
  assert.deepEqual(await kernel.evaluate(code), [
    ['AggregateError', 'many', true, 'why', ['TypeError: a', '7']],
    ['Error', 'odd', false, undefined, undefined],
  ]);
});
