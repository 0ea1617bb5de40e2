// Sessions with the real program.
import assert from 'node:assert/strict';

import { CompileError, ConnectionError, Kernel, KernelError, Opaque, Server, ThrewError, TimeoutError } from 'drupe';

import { firstConsole, real, withKernel } from './binary.js';

withKernel('values go both ways, with their types, identity and cycles', async (kernel) => {
  const values = [
    undefined,
    null,
    true,
    -0,
    1.5,
    2 ** 53,
    10n ** 40n,
    -1n,
    'é\ud800',
    new Date(5),
    /a+/gi,
    new Map([[{ k: 1 }, new Set([1, 'x'])]]),
    [1, , undefined],
    new Uint8Array([1, 2]),
    new Float64Array([NaN, 1]),
    new Uint8Array([9]).buffer,
    new DataView(new ArrayBuffer(2)),
    { a: { b: [] }, '': -33 },
    new BigInt64Array([-1n]),
  ];
  for (const value of values) {
    const back = await kernel.evaluate('x', { inputs: { x: value } });
    assert.deepStrictEqual(back, value);
  }
  const shared = [],
    cycle = { left: shared, right: shared };
  cycle.self = cycle;
  const back = await kernel.evaluate('if (c.self !== c || c.left !== c.right) throw 1; c', { inputs: { c: cycle } });
  assert.equal(back.self, back);
  assert.equal(back.left, back.right);
  const error = await kernel.evaluate('new RangeError("far", { cause: new Set([1]) })');
  assert.ok(error instanceof RangeError);
  assert.deepEqual(error.cause, new Set([1]));
  const opaque = await kernel.evaluate('(function named() {})');
  assert.ok(opaque instanceof Opaque);
  assert.match(opaque.text, /named/);
});

withKernel('console output streams while the run goes on, with levels, groups and arguments', async (kernel) => {
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  await kernel.register({ go: () => gate });
  const run = kernel.run(`
    console.log('first', { a: 1 }); console.group('g'); console.warn('in %s', 'it'); console.groupEnd(); console.log();
    process.stdout.write('raw'); await host.go(); console.error('last')`);
  const seen = [];
  for await (const event of run) {
    if (event.type === 'output') go(seen.push([event.stream, event.text])); // The run goes on only now.
    if (event.type === 'console' && event.method !== 'group_end') seen.push([event.level, event.depth, event.text]);
  }
  assert.deepEqual(seen, [
    ['log', 0, 'first { a: 1 }'],
    ['log', 0, 'g'],
    ['warning', 1, 'in it'],
    ['log', 0, ''],
    ['stdout', 'raw'],
    ['error', 0, 'last'],
  ]);
  const report = await run;
  assert.equal(report.outcome, 'value', report.exception?.text);
  assert.equal(report.output, 'first { a: 1 }\ng\n  in it\n\nrawlast\n');
  assert.deepEqual(report.console[0].args, ['first', { a: 1 }]);
});

withKernel(
  'a run that threw, did not compile, or timed out is a report, and an exception on request',
  async (kernel) => {
    await kernel.run('let kept = 1');
    const threw = await kernel.run('class E extends TypeError {}; throw Object.assign(new E("no"), { code: 7 })');
    assert.equal(threw.outcome, 'threw');
    assert.throws(
      () => threw.throwForError(),
      (error) => error instanceof ThrewError && error.cause instanceof Error && error.message === 'no',
    );
    const broken = await kernel.run('let = = 1');
    assert.deepEqual([broken.outcome, broken.ok], ['syntax_error', false]);
    assert.throws(
      () => broken.throwForError(),
      (error) => error instanceof CompileError && error instanceof ThrewError && error.message === broken.exception.text
        && error.thrown instanceof SyntaxError && error.thrown.message !== '',
    );
    const timedOut = await kernel.run('while (true) {}', { vmTimeoutMs: 50 });
    assert.deepEqual([timedOut.outcome, timedOut.state], ['timed_out', 'kept']);
    await assert.rejects(
      kernel.evaluate('await new Promise(() => setTimeout(() => {}, 1e6))', { wallTimeoutMs: 50 }),
      TimeoutError,
    );
    const exited = await kernel.run('process.exit(3)');
    assert.equal(exited.exitCode, 3);
    assert.throws(() => exited.throwForError(), { name: 'ExitedError', message: 'the code called process.exit(3)' });
    const done = await kernel.run('process.exit(0)');
    assert.deepEqual([done.ok, done.hasValue, exited.ok], [true, false, false]);
    assert.equal(done.throwForError().message, 'the code called process.exit(0)');
    assert.equal(await kernel.evaluate('process.exit()'), undefined);
    assert.deepEqual([(await kernel.run('undefined')).hasValue, (await kernel.run('1', { valueLimit: 0 })).hasValue], [true, false]);
    assert.equal(await kernel.evaluate('2 as number'), 2);
  },
);

withKernel(
  'runs are interrupted by themselves, by a signal and by the kernel, and the variables are kept',
  async (kernel) => {
    await kernel.run('let n = 5');
    const first = kernel.run('console.log(1); for (;;);');
    await firstConsole(first);
    await first.interrupt();
    assert.deepEqual([(await first).outcome, (await first).state], ['interrupted', 'kept']);
    const control = new AbortController();
    const second = kernel.run('console.log(1); for (;;);', { signal: control.signal });
    await firstConsole(second);
    control.abort();
    assert.equal((await second).outcome, 'interrupted');
    await assert.rejects(kernel.run('n = 0', { signal: control.signal }).then(), { name: 'AbortError' });
    const third = kernel.run('console.log(1); for (;;);');
    await firstConsole(third);
    assert.equal(await kernel.interrupt(), true);
    assert.equal((await third).outcome, 'interrupted');
    assert.equal(await kernel.evaluate('n'), 5);
  },
);

withKernel('reset and restart make new sessions', async (kernel) => {
  await kernel.run('let n = 5');
  const before = kernel.generation;
  await kernel.reset();
  assert.equal(await kernel.evaluate('typeof n'), 'undefined');
  assert.ok(kernel.generation > before);
  await kernel.run('let n = 6');
  await kernel.restart();
  assert.equal(await kernel.evaluate('typeof n'), 'undefined');
});

withKernel('functions are called with values, fail with their errors, stream, and may be reserved', async (kernel) => {
  let ended = 0;
  await kernel.register({
    'math.add': (a, b) => a + b,
    later: async (value) => value,
    bad() {
      throw Object.assign(new RangeError('too far'), { code: 'E_FAR', limit: 3 });
    },
    async *count(to) {
      try {
        for (let n = 1; n <= to; n++) yield n;
      } finally {
        ended++;
      }
    },
  });
  await kernel.register({ secret: () => 42 }, { reserved: true });
  assert.equal(await kernel.evaluate('await host.math.add(2n, 3n)'), 5n);
  assert.deepEqual(await kernel.evaluate('await host.later(new Map([[1, [2]]]))'), new Map([[1, [2]]]));
  assert.deepEqual(
    await kernel.evaluate('await host.bad().catch((e) => [e instanceof RangeError, e.message, e.code, e.limit])'),
    [true, 'too far', 'E_FAR', 3],
  );
  assert.equal(await kernel.evaluate('let sum = 0; for await (const n of host.count(100)) sum += n; sum'), 5050);
  assert.equal(await kernel.evaluate('for await (const n of host.count(100)) if (n === 3) break; 1'), 1);
  assert.equal((await kernel.run('await host.secret()')).outcome, 'threw');
  assert.equal(await kernel.evaluate('await host.secret()', { grant: ['secret'] }), 42);
  assert.equal(ended, 2);
});

withKernel('a function that awaits a run of its kernel is told of the circle', async (kernel) => {
  await kernel.register({
    circle: () => kernel.evaluate('1'),
    async *stream() {
      yield await kernel.evaluate('2');
    },
  });
  for (const code of ['await host.circle()', 'for await (const item of host.stream());']) {
    const { outcome, exception } = await kernel.run(code);
    assert.equal(outcome, 'threw');
    assert.match(exception.text, /waits for the function/);
  }
  const events = kernel.events(); // No run waits for a timer that calls.
  await kernel.run('setTimeout(() => host.circle().then(console.log), 1)');
  for await (const event of events) {
    if (event.type !== 'console') continue;
    assert.equal(event.text, '1');
    break;
  }
  const other = await kernel.server.open({ functions: { ask: () => kernel.evaluate('4') } });
  assert.equal(await other.evaluate('await host.ask()'), 4);
});

withKernel('what is not permitted is denied, and told; a person may be asked', async (kernel) => {
  const denied = [];
  kernel.onEvent((event) => {
    if (event.type === 'permission') denied.push([event.permission, event.granted]);
  });
  const report = await kernel.run('await (await import("node:fs/promises")).readFile("/etc/hostname", "utf8")');
  assert.equal(report.outcome, 'threw');
  assert.match(report.exception.text, /read/);
  assert.deepEqual(denied[0], ['read', false]);
});

real('a question for a permission goes to the client that answers it', async () => {
  const asked = [];
  const answers = {
    permission: (question) => {
      asked.push(question.permission);
      return 'once';
    },
    confirm: () => true,
  };
  const kernel = await Kernel.open({ answers });
  assert.equal(
    typeof (await kernel.evaluate('(await import("node:fs")).readFileSync("/etc/passwd", "utf8")')),
    'string',
  );
  assert.equal(await kernel.evaluate('confirm("sure?")'), true);
  assert.deepEqual(asked, ['read']);
  await kernel.close();
});

withKernel('a killed kernel fails its run with its cause, and the next run has a new session', async (kernel) => {
  const run = kernel.run('let n = 1; console.log("up"); for (;;);');
  await firstConsole(run);
  process.kill(kernel.pid, 'SIGKILL');
  await assert.rejects(run.then(), (error) => error instanceof KernelError && error.code === 'signal');
  const report = await kernel.run('typeof n');
  assert.equal(report.value, 'undefined');
  await kernel.terminate();
  await assert.rejects(kernel.run('1').then(), { code: 'terminated' });
});

withKernel('50 MB of output arrive whole and in order', async (kernel) => {
  const lines = 50,
    run = kernel.run(`for (let n = 0; n < ${lines}; n++) { console.log(String(n).padEnd(1 << 20, '.')); await null }`);
  let next = 0,
    size = 0;
  for await (const event of run) {
    if (event.type !== 'console') continue;
    assert.equal(parseInt(event.text, 10), next++);
    size += event.text.length;
  }
  assert.deepEqual([next, size, (await run).outcome], [lines, lines << 20, 'value']);
  const big = await kernel.evaluate('new Uint8Array(5e7).fill(7)');
  assert.deepEqual([big.length, big[49_999_999]], [50_000_000, 7]);
});

real('20 kernels of one server work at once, and apart', async () => {
  const server = await Server.start();
  const kernels = await Promise.all(Array.from({ length: 20 }, () => server.open()));
  const values = await Promise.all(
    kernels.map((kernel, n) => kernel.run(`let mine = ${n}`).then(() => kernel.evaluate('mine * 2'))),
  );
  assert.deepEqual(
    values,
    kernels.map((_, n) => n * 2),
  );
  assert.equal((await server.list()).length, 20);
  await Promise.all(kernels.slice(10).map((kernel) => kernel.close()));
  assert.equal((await server.list()).length, 10);
  await server.close();
  await assert.rejects(kernels[0].run('1').then(), ConnectionError);
});

withKernel('1,000 runs in a session keep state, order and counts', async (kernel) => {
  await kernel.run('let count = 0');
  const reports = await Promise.all(Array.from({ length: 1000 }, (_, n) => kernel.run(`console.log(${n}); ++count`)));
  reports.forEach((report, n) => assert.deepEqual([report.value, report.output], [n + 1, `${n}\n`]));
});

withKernel('a tag is executed once, and each who asks gets the report', async (kernel) => {
  await kernel.run('let n = 0');
  const seen = [];
  kernel.onEvent((event) => seen.push(event.seq));
  const [one, two] = [1, 2].map(() =>
    kernel.run('console.log("in"); await new Promise((r) => setTimeout(r, 50)); ++n', { tag: 'a' }),
  );
  assert.deepEqual([(await one).value, (await two).value, (await two).output], [1, 1, 'in\n']);
  const later = await kernel.run('++n', { tag: 'a' });
  assert.deepEqual([later.value, later.output, later.run], [1, 'in\n', one.number]);
  assert.equal(await kernel.evaluate('n'), 1);
  assert.deepEqual(seen, [...new Set(seen)]);
});

withKernel('questions about a session are answered, also while it is busy', async (kernel) => {
  await kernel.run('const answer = { alpha: 1, beta: [2] }');
  const busy = kernel.run('console.log("busy"); for (;;);');
  await firstConsole(busy);
  assert.deepEqual(
    (await kernel.complete('answer.al', 9)).items.map(({ name }) => name),
    ['alpha'],
  );
  assert.equal((await kernel.globals()).find(({ name }) => name === 'answer').kind, 'const');
  assert.equal((await kernel.status()).executing, true);
  assert.equal((await kernel.inspect('answer', 3)).typeName, 'Object');
  assert.deepEqual(
    await kernel.signature('parseInt(', 9).then(({ active, parameters }) => [active, parameters.length]),
    [0, 2],
  );
  await busy.interrupt();
  await busy;
  assert.equal(await kernel.preview('answer.alpha + 1'), '2');
  assert.equal(await kernel.preview('sideEffect()'), undefined);
  const { handle } = await kernel.run('answer', { handle: true });
  assert.deepEqual(
    (await kernel.properties(handle)).items.slice(0, 2).map(({ name }) => name),
    ['alpha', 'beta'],
  );
  await kernel.release(handle);
  assert.equal((await kernel.server.isComplete('if (1) {')).status, 'incomplete');
  assert.match(await kernel.server.format('let   x=1'), /let x = 1/);
});

withKernel('closing ends what runs and what waits', async (kernel) => {
  const runs = ['console.log("up"); for (;;);', '1'].map((code) => kernel.run(code));
  await firstConsole(runs[0]);
  await kernel.close();
  for (const run of runs)
    await assert.rejects(run.then(), (error) => error instanceof KernelError && error.code === 'terminated');
  await assert.rejects(kernel.globals(), { code: 'closed' });
});

withKernel('a queued run that is aborted settles at once, and is not executed', async (kernel) => {
  const control = new AbortController(),
    busy = kernel.run('console.log(1); await new Promise(() => setTimeout(() => {}, 60000))');
  const queued = kernel.run('globalThis.executed = true', { signal: control.signal });
  await firstConsole(busy);
  control.abort();
  await assert.rejects(queued.then(), { name: 'AbortError' });
  await busy.interrupt();
  assert.equal((await busy).outcome, 'interrupted');
  assert.equal(await kernel.evaluate('typeof executed'), 'undefined');
});

withKernel('a run that is interrupted before it began ends at once', async (kernel) => {
  const busy = kernel.run('let kept = 1; console.log(1); while (true) {}');
  const queued = kernel.run('globalThis.executed = true');
  await firstConsole(busy);
  await queued.interrupt();
  const { outcome, stopped, state, message } = await queued;
  assert.deepEqual([outcome, stopped, state], ['interrupted', 'queued', 'kept']);
  assert.equal(message, 'Interrupted before it began; state kept');
  await busy.interrupt();
  assert.equal((await busy).stopped, 'javascript');
  assert.deepEqual(await kernel.evaluate('[kept, typeof executed]'), [1, 'undefined']);
});

withKernel('a preload that fails is told as such', async ({ server }) => {
  await assert.rejects(server.open({ preload: 'let let' }), (error) => {
    assert.match(error.message, /^preload: the preload does not compile: [^]*no kernel was opened$/);
    return error.code === 'preload' && error.field === 'preload';
  });
  const preload = `globalThis.tries = (globalThis.tries ?? 0) + 1; if (tries < 2) throw new Error('not yet')`;
  const kernel = await server.open({ preload });
  const report = await kernel.run('1');
  assert.deepEqual([report.outcome, report.preload, report.state], ['threw', 'preload', 'kept']);
  assert.throws(() => report.throwForError(), /not yet\nThe preload "preload" failed: none of the run's own code/);
  assert.equal(await kernel.evaluate('tries'), 2);
});

withKernel('two handles of a kernel are one, and both work', async (kernel) => {
  const { server } = kernel;
  const one = await server.open({ answers: { confirm: () => true } });
  const answers = { prompt: () => 'asked' };
  const [two, three] = await Promise.all([server.attach(one.id, { answers }), server.attach(one.id)]);
  assert.equal(two, one);
  assert.equal(three, one);
  assert.deepEqual(await one.evaluate('[confirm("a"), prompt("b")]'), [true, 'asked']);
  assert.equal(await two.evaluate('1'), 1);
  const nobody = [server.attach('nobody'), server.attach('nobody')];
  for (const attached of await Promise.allSettled(nobody)) assert.equal(attached.reason?.code, 'unknown_kernel');
});

withKernel('a bad name of a function is told at once, and harms nothing', async (kernel) => {
  await kernel.register({ taken: () => 1, 'group.one': () => 2 });
  for (const name of ['a b', '', 'db.', '1st', 'a.__proto__', 'naïve', 'taken.more', 'group', 'a\n']) {
    const told = { name: 'RequestError', code: 'bad_name', field: 'functions' };
    await assert.rejects(kernel.register({ [name]: () => 1 }), told, name);
    assert.equal(kernel.lent.has(name), false);
    // The rule is the server's.
    await assert.rejects(kernel.server.ask('register', { kernel: kernel.id, functions: [name] }), told, name);
  }
  await assert.rejects(kernel.server.open({ functions: { 'a b': () => 1 } }), { code: 'bad_name' });
  assert.equal(await kernel.evaluate('await host.taken() + await host.group.one()'), 3);
});

withKernel('an option that there is not is refused by its name', async (kernel) => {
  const unknown = (name) => ({ name: 'TypeError', message: new RegExp(`has no option "${name}"`) });
  assert.throws(() => kernel.run('1', { timeout: 1 }), unknown('timeout'));
  await assert.rejects(kernel.evaluate('1', { vm_timeout_ms: 1 }), unknown('vm_timeout_ms'));
  await assert.rejects(Kernel.open({ program: '/bin/true' }), unknown('program'));
  await assert.rejects(kernel.server.open({ permission: {} }), unknown('permission'));
  await assert.rejects(kernel.server.attach(kernel.id, { from: 1 }), unknown('from'));
  await assert.rejects(Server.start({ binary: 'drupe' }), unknown('binary'));
  await assert.rejects(Server.connect({ address: '/x' }), unknown('address'));
  assert.equal(await kernel.evaluate('1', { vmTimeoutMs: 1000, signal: undefined }), 1);
});
