// Connections that break, servers that die or send damage: each is a typed error, and nothing hangs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ConnectionError, Kernel, KernelError, RequestError, Server } from 'drupe';

import { encodeMessage } from '../dist/esm/encode.js';
import { FakeServer } from './fake.js';

const program = fileURLToPath(new URL('fake-program.js', import.meta.url));
const fake = (says) => ({ program, env: { ...process.env, FAKE: JSON.stringify(says) } });
const lost = (error) => error instanceof ConnectionError && error.code === 'lost';

async function withFake(work, behave, options) {
  const fakeServer = await FakeServer.listen(behave);
  const server = await Server.connect({ path: fakeServer.path, ...options });
  try {
    await work(server, fakeServer);
  } finally {
    await server.close();
    await fakeServer[Symbol.asyncDispose]();
  }
}

test('a program that is not there is a ConnectionError that names it', async () => {
  await assert.rejects(
    Kernel.open({ server: { program: '/no/such/drupe' } }),
    (error) => error instanceof ConnectionError && error.code === 'launch' && error.message.includes('/no/such/drupe'),
  );
});

test('a server that refuses says why', async () => {
  const refuse = (name, body, peer) =>
    name === 'hello' && (peer.send('refused', { code: 'token', message: 'wrong token' }), true);
  const server = await FakeServer.listen(refuse);
  await assert.rejects(Server.connect({ path: server.path }), {
    name: 'ConnectionError',
    code: 'token',
    message: 'wrong token: this client has given none; the option token must be what `drupe serve --listen` printed '
      + 'after "token:", or what is in its --token-file',
  });
  await server[Symbol.asyncDispose]();
  await assert.rejects(Server.connect({ path: server.path }), lost);
});

test('a server that is silent is not waited for', async () => {
  const server = await FakeServer.listen((name) => name === 'hello');
  await assert.rejects(Server.connect({ path: server.path, connectMs: 1000 }), /no welcome within 1000 ms/);
  await server[Symbol.asyncDispose]();
});

test('the end of a server tells its status and what it wrote to standard error', async () => {
  await assert.rejects(Kernel.open({ server: fake({ cut: 0, status: 3, says: 'no disk' }) }), /status 3: no disk/);
});

test('a server that dies at any byte fails each waiting call', async () => {
  let value,
    cut = 0;
  for (; value === undefined; cut += 7) {
    try {
      const kernel = await Kernel.open({ server: fake({ cut, status: 0 }) });
      ({ value } = await kernel.run('7'));
      await assert.rejects(kernel.run('8').then(), lost);
      await assert.rejects(kernel.reset(), lost);
      await kernel.close();
    } catch (error) {
      assert.ok(lost(error), `after ${cut} bytes: ${error.stack}`);
    }
  }
  assert.equal(value, 7);
  assert.ok(cut > 100);
});

test('damage is a protocol error', async () => {
  const welcome = Buffer.from(encodeMessage('welcome', { version: 1, instance: 'i' })).toString('hex');
  const damaged = ['ffffffff', '00000000', '0100000001', '0300000092a16d', '0400000092a1c1c1', `${welcome}ffffffff`];
  for (const send of damaged) {
    await assert.rejects(Kernel.open({ server: fake({ send }) }), { name: 'ConnectionError', code: 'protocol' }, send);
  }
  await withFake(async (server, fakeServer) => {
    const kernel = await server.open();
    const run = kernel.run('wait');
    await fakeServer.received('run');
    for (const { socket } of fakeServer.peers) socket.write(Buffer.from('0300000092a16d', 'hex'));
    await assert.rejects(run.then(), { code: 'protocol' });
    await assert.rejects(kernel.globals(), { code: 'protocol' });
  });
});

test('a lost connection is made again: events and runs are not doubled, functions are lent again', async () => {
  let drop = true;
  const behave = (name, body, peer) => {
    if (name !== 'run' || body.code !== 'unanswered' || !drop) return false;
    // The server executes the run, and the connection breaks before the reply.
    drop = false;
    fakeServer.tags.set(body.tag, ++fakeServer.runs);
    peer.socket.destroy();
    peer.attached = false;
    fakeServer.execute(fakeServer.runs, body);
    return true;
  };
  let fakeServer;
  await withFake(async (server, started) => {
    fakeServer = started;
    const kernel = await server.open({ functions: { f: () => 1 }, reserved: { g: () => 2 } });
    await fakeServer.received('open');
    const waiting = kernel.run('wait');
    assert.equal((await waiting[Symbol.asyncIterator]().next()).value.type, 'started');
    const seen = [];
    kernel.onEvent((event) => seen.push(event.seq));
    await fakeServer.pause();
    fakeServer.event('console', { run: 1, method: 'log', level: 'log', text: 'meanwhile' });
    const queued = kernel.run('while away');
    await fakeServer.resume();
    const attach = await fakeServer.received('attach');
    assert.equal(attach.after, 1);
    assert.deepEqual((await fakeServer.received('register')).functions, ['f']);
    assert.deepEqual((await fakeServer.received('register')).reserved, true);
    assert.equal((await queued).value, 'while away');
    const unanswered = await kernel.run('unanswered');
    assert.equal(unanswered.value, 'unanswered');
    assert.equal(unanswered.output, 'unanswered\n');
    assert.equal(fakeServer.runs, 3);
    fakeServer.event('outcome', { run: 1, outcome: 'value', value: 5 });
    const report = await waiting;
    assert.equal(report.value, 5);
    assert.equal(report.output, 'meanwhile\n');
    assert.deepEqual(
      seen,
      seen.map((_, index) => index + 2),
    );
  }, behave);
});

test('a connection that breaks while events are repeated loses none of them', { timeout: 60_000 }, async () => {
  const behave = (name, body, peer) => {
    if (name === 'run' && body.tag === 'known') return void peer.reply(body, { run: 1, again: true }) ?? true;
    if (name !== 'attach' || body.after !== 0) return false;
    // The events of the run are cut off behind the first.
    peer.reply(body, { generation: 1, seq: fakeServer.journal.length, runs: [], first: 1 });
    peer.send('event', fakeServer.journal[0]);
    peer.socket.end();
    return true;
  };
  let fakeServer;
  await withFake(async (server, started) => {
    fakeServer = started;
    const kernel = await server.open();
    await kernel.run('all');
    const seen = [];
    kernel.onEvent((event) => seen.push(event.seq));
    const { value, output, events } = await kernel.run('all', { tag: 'known' });
    assert.deepEqual([value, output, events.length, seen], ['all', 'all\n', 3, []]);
  }, behave);
});

test('requests that may not be sent twice fail with the connection, and so do runs whose end is missed', async () => {
  const behave = (name, body, peer) => {
    if (name === 'reset') return true;
    if (name !== 'attach') return false;
    peer.reply(body, { generation: 1, seq: 9, runs: [], first: 8 });
    peer.send('missed', { kernel: 'k', first: 2, last: 9, types: { outcome: 1 }, ended: [1] });
    return true;
  };
  await withFake(async (server, fakeServer) => {
    const kernel = await server.open();
    const run = kernel.run('wait');
    await fakeServer.received('run');
    const reset = kernel.reset();
    await fakeServer.received('reset');
    fakeServer.cut();
    await assert.rejects(reset, lost);
    await assert.rejects(run.then(), (error) => error instanceof KernelError && error.code === 'journal');
    assert.equal(kernel.seq, 9);
  }, behave);
});

test('a run is interrupted although the connection breaks meanwhile', async () => {
  let cuts = 0;
  const behave = (name, body, peer) => {
    if (name !== 'interrupt' || cuts++ > 0) return false;
    peer.socket.destroy();
    return true;
  };
  await withFake(async (server, fakeServer) => {
    const kernel = await server.open(),
      control = new AbortController();
    const run = kernel.run('wait', { signal: control.signal });
    await fakeServer.received('run');
    fakeServer.event('started', { run: 1, generation: 1 });
    await once(run);
    control.abort();
    await fakeServer.received('interrupt');
    assert.equal((await fakeServer.received('interrupt')).run, 1);
    fakeServer.event('outcome', { run: 1, outcome: 'interrupted', state: 'kept' });
    assert.equal((await run).outcome, 'interrupted');
  }, behave);
});

test('a run that is aborted before it has a number is withdrawn once it has one', async () => {
  let held;
  const behave = (name, body, peer) => {
    if (name !== 'run' || held) return false;
    held = () => peer.reply(body, { run: 7 });
    return true;
  };
  await withFake(async (server, fakeServer) => {
    const kernel = await server.open(),
      control = new AbortController();
    const run = kernel.run('wait', { signal: control.signal });
    await fakeServer.received('run');
    control.abort();
    await assert.rejects(run.then(), { name: 'AbortError' });
    held();
    assert.equal((await fakeServer.received('interrupt')).run, 7);
    assert.equal(kernel.isActive(7), false);
  }, behave);
});

test('another server, a kernel that is gone, and a server that stays away are told', async () => {
  await withFake(async (server, fakeServer) => {
    const kernel = await server.open();
    const run = kernel.run('wait');
    await fakeServer.received('run');
    fakeServer.instance = 'two';
    fakeServer.cut();
    await assert.rejects(run.then(), { code: 'instance' });
  });
  const unknown = (name, { id }, peer) =>
    name === 'attach' && (peer.send('error', { id, code: 'unknown_kernel', message: 'no such kernel' }), true);
  await withFake(async (server, fakeServer) => {
    const kernel = await server.open();
    const run = kernel.run('wait'),
      events = kernel.events();
    await fakeServer.received('run');
    fakeServer.cut();
    await assert.rejects(run.then(), { code: 'unknown_kernel' });
    let last;
    for await (const event of events) last = event;
    assert.deepEqual(last, { type: 'closed', reason: 'lost' });
  }, unknown);
  await withFake(
    async (server, fakeServer) => {
      const kernel = await server.open();
      const run = kernel.run('wait');
      await fakeServer.received('run');
      await fakeServer.pause();
      await assert.rejects(run.then(), lost);
    },
    undefined,
    { reconnectMs: 50 },
  );
});

test('5,000 requests at once never exceed what a server takes without an answer', async () => {
  let waiting = [],
    most = 0;
  const behave = (name, body, peer) => {
    if (name !== 'globals') return false;
    most = Math.max(most, waiting.push(body));
    setImmediate(() => {
      for (const asked of waiting.splice(0)) peer.reply(asked, { items: [asked.id] });
    });
    return true;
  };
  await withFake(async (server) => {
    const kernel = await server.open();
    const answers = await Promise.all(Array.from({ length: 5000 }, () => kernel.globals()));
    assert.equal(new Set(answers.flat()).size, 5000);
    assert.ok(most <= 1024);
  }, behave);
});

test('functions answer, fail and stream; what is no data fails; a cancelled call stops', async () => {
  const sent = [];
  const behave = (name, body) =>
    ['answer', 'fail', 'stream', 'item', 'end'].includes(name) && (sent.push([name, body]), true);
  await withFake(async (server, fakeServer) => {
    let closed = 0,
      aborted;
    const functions = {
      add: (a, b) => a + b,
      bad() {
        throw Object.assign(new RangeError('no'), { code: 'E_NO', limit: 3 });
      },
      odd: () => () => 1,
      async *rows() {
        try {
          yield 1;
          yield 2;
        } finally {
          closed++;
        }
      },
      slow() {
        aborted = new Promise((resolve) => this.signal.addEventListener('abort', resolve));
        return new Promise(() => {});
      },
    };
    await server.open({ functions, answers: { confirm: (message) => message === 'sure?' } });
    const peer = [...fakeServer.peers][0];
    const call = async (body, name = 'call') => {
      peer.send(name, { kernel: 'k', op: 'function', args: [], ...body });
      while (sent.length === 0) await new Promise((resolve) => fakeServer.once('message', resolve));
      return sent.shift();
    };
    assert.deepEqual(await call({ call: 1, function: 'add', args: [1, 2n] }).then(([name]) => name), 'fail');
    assert.deepEqual(await call({ call: 2, function: 'add', args: ['a', 'b'] }), ['answer', { call: 2, value: 'ab' }]);
    assert.deepEqual(await call({ call: 3, function: 'bad' }), [
      'fail',
      { call: 3, name: 'RangeError', message: 'no', code: 'E_NO', properties: { limit: 3 } },
    ]);
    assert.equal((await call({ call: 4, function: 'odd' }))[1].message, 'a function is no data');
    assert.equal((await call({ call: 5, function: 'none' }))[1].name, 'ReferenceError');
    assert.deepEqual(await call({ call: 6, op: 'confirm', message: 'sure?' }), ['answer', { call: 6, value: true }]);
    assert.deepEqual(await call({ call: 7, op: 'prompt', message: 'name?' }), ['answer', { call: 7, value: null }]);
    assert.deepEqual(await call({ call: 8, function: 'rows' }), ['stream', { call: 8 }]);
    assert.deepEqual(await call({ call: 8 }, 'next'), ['item', { call: 8, value: 1 }]);
    assert.deepEqual(await call({ call: 8 }, 'next'), ['item', { call: 8, value: 2 }]);
    assert.deepEqual(await call({ call: 8 }, 'next'), ['end', { call: 8 }]);
    assert.deepEqual(await call({ call: 9, function: 'rows' }), ['stream', { call: 9 }]);
    assert.deepEqual(await call({ call: 9 }, 'next'), ['item', { call: 9, value: 1 }]);
    peer.send('cancel', { call: 9 });
    peer.send('call', { kernel: 'k', op: 'function', call: 10, function: 'slow' });
    assert.deepEqual(await call({ call: 11, function: 'add', args: [1, 1] }), ['answer', { call: 11, value: 2 }]);
    assert.equal(closed, 2);
    peer.send('cancel', { call: 10 });
    await aborted;
  }, behave);
});

test('a wrong request is a RequestError with its field', async () => {
  const behave = (name, { id }, peer) =>
    name === 'complete' &&
    (peer.send('error', { id, code: 'bad_message', message: 'cursor is missing', field: 'cursor' }), true);
  await withFake(async (server) => {
    const kernel = await server.open();
    await assert.rejects(
      kernel.complete('x', -1),
      (error) => error instanceof RequestError && error.field === 'cursor',
    );
    await assert.rejects(kernel.evaluate('1', { inputs: { f() {} } }), { code: 'encode' });
    assert.equal(await kernel.evaluate('still there'), 'still there');
  }, behave);
});

test('an idle client lets its program end, and a busy one keeps it', () => {
  const run = (code) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      encoding: 'utf8',
      timeout: 30000,
      env: { ...process.env, FAKE: '{}' },
    });
  const open = `import { Kernel } from 'drupe';
    const k = await Kernel.open({ server: { program: ${JSON.stringify(program)} } });`;
  const idle = run(`${open} console.log((await k.run('7')).value)`);
  assert.deepEqual([idle.status, idle.stdout, idle.stderr], [0, '7\n', '']);
  const closed = run(`${open} await k.run('7'); k.server.close().then(() => console.log('closed'))`);
  assert.deepEqual([closed.status, closed.stdout.includes('closed'), closed.stderr], [0, true, '']);
});

/** Waits for the first event of a run. */
async function once(run) {
  for await (const event of run) return event;
}
