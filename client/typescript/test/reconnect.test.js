// Sockets, with the real program: connections that break, servers that die, and TCP.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { ConnectionError, KernelError, Server } from 'drupe';

import { firstConsole, listen, real } from './binary.js';

/** A way to a socket that can be cut. */
async function breakable(path) {
  const links = new Set();
  const proxy = createServer((near) => {
    const far = connect(path);
    for (const socket of [near, far]) {
      links.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return { proxy, links, port: proxy.address().port };
}

real('a lost connection is made again, and nothing of a run is lost', async () => {
  const { path, end } = await listen();
  const { proxy, links, port } = await breakable(path);
  const server = await Server.connect({ port });
  const kernel = await server.open({
    functions: {
      cut: () => {
        for (const link of links) link.destroy();
        return new Promise(() => {});
      },
    },
  });
  const printed = [];
  kernel.onEvent((event) => {
    if (event.type === 'console') printed.push(event.text);
  });
  const report = await kernel.run(
    'let n = 0; for (; n < 1000; n++) { console.log(n); if (n === 500) await host.cut().catch((e) => e) } n',
  );
  assert.equal(report.value, 1000);
  assert.deepEqual(
    printed,
    Array.from({ length: 1000 }, (_, n) => String(n)),
  );
  for (let round = 0; round < 10; round++) {
    const runs = Array.from({ length: 10 }, () => kernel.run('++n'));
    for (const link of links) link.destroy();
    assert.deepEqual(
      (await Promise.all(runs)).map(({ value }) => value),
      Array.from({ length: 10 }, (_, k) => 1001 + round * 10 + k),
    );
  }
  const other = await (await Server.connect({ path })).attach(kernel.id);
  assert.equal(await other.evaluate('n'), 1100);
  const closed = other.events();
  await kernel.close();
  for await (const event of closed) assert.notEqual(event.type, 'error');
  await assert.rejects(other.run('1').then(), { code: 'closed' });
  await Promise.all([server.close(), other.server.close()]);
  proxy.close();
  await end();
});

real('events that the server no longer has are told, and runs whose end is among them fail', async () => {
  const { path, end } = await listen();
  const { proxy, links, port } = await breakable(path);
  const server = await Server.connect({ port }),
    near = await Server.connect({ path });
  const kernel = await server.open({ journalLimit: 1 << 16, name: 'small' });
  const events = [],
    other = await near.attach(kernel.id, { slow: 'drop' });
  kernel.onEvent((event) => events.push(event));
  let go;
  const called = new Promise((resolve) => other.register({ go: () => (resolve(), new Promise((r) => (go = r))) }));
  await near.ping();
  const run = kernel.run(
    'await host.go(); for (let n = 0; n < 300; n++) { console.log("x".repeat(999)); await null }',
  );
  await called;
  const closed = new Promise((resolve) => proxy.close(resolve));
  for (const link of links) link.destroy();
  await closed;
  go(); // The run goes on when nobody reads for its client.
  await other.evaluate('1'); // The first run has ended.
  proxy.listen(port, '127.0.0.1');
  const report = await run.then(
    (report) => report,
    (error) => error,
  );
  assert.ok(
    report instanceof KernelError ? report.code === 'journal' : report.events.some(({ type }) => type === 'missed'),
    report,
  );
  const missed = events.find(({ type }) => type === 'missed');
  assert.ok(missed.types.console > 100);
  await Promise.all([server.close(), near.close()]);
  proxy.close();
  await end();
});

real('a server that is killed fails what waits', async () => {
  const { path, end } = await listen();
  const server = await Server.connect({ path, reconnectMs: 100 });
  const kernel = await server.open();
  const run = kernel.run('console.log("up"); for (;;);');
  await firstConsole(run);
  await end('SIGKILL');
  await assert.rejects(run.then(), (error) => error instanceof ConnectionError && error.code === 'lost');
  await assert.rejects(kernel.run('1').then(), ConnectionError);
  await kernel.close();
  await server.close();
});

real('TCP needs the token', async () => {
  const {
    address: [host, port],
    token,
    end,
  } = await listen('--listen', '127.0.0.1:0');
  await assert.rejects(Server.connect({ host, port, token: 'no' }), { name: 'ConnectionError', code: 'token' });
  const server = await Server.connect({ host, port, token });
  assert.equal(await (await server.open()).evaluate('6 * 7'), 42);
  await server.close();
  await end();
});
