// Both eras of the protocol over standard streams: every tool, a loop that is cancelled, a question to a person, an image.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';

import { ERAS, PIXEL, connect } from './support.js';

const TOOLS = ['js_inspect', 'js_interrupt', 'js_run', 'js_sessions', 'js_wait'];

for (const era of ERAS) {
  test(`${era}: tools are listed and called`, async (context) => {
    const client = await connect(context, era, []);
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name).sort(), TOOLS);
    const run = tools.find((tool) => tool.name === 'js_run');
    assert.match(run.description, /it computes, and nothing else/);
    assert.ok(tools.every((tool) => tool.inputSchema.type === 'object' && tool.outputSchema.type === 'object'));

    const opened = await client.tool('js_sessions', { action: 'open', profile: 'compute', memory_limit_mib: 64 });
    const { session } = opened.session;
    assert.match(session, /^s-[0-9a-f]{32}$/);
    assert.deepEqual(opened.session.permissions, []);
    const first = await client.tool('js_run', { session, code: 'const rows = [1, 2, 3]; console.log("n", rows.length); rows' });
    assert.deepEqual(first.value, [1, 2, 3]);
    assert.equal(first.printed, 'n 3\n');
    const names = await client.tool('js_inspect', { what: 'names', session });
    assert.deepEqual(names.names.map((one) => [one.name, one.kind, one.size]), [['rows', 'const', 3]]);
    const complete = await client.tool('js_inspect', { what: 'complete', session, code: 'rows.fla' });
    assert.deepEqual(complete.completions.map((one) => one.text).sort(), ['flat', 'flatMap']);
    const page = await client.tool('js_inspect', { what: 'page', handle: first.result_handle, from: 1, count: 1 });
    assert.deepEqual(page.page.items.map((item) => [item.key, item.value]), [['1', '2']]);

    const slow = await client.tool('js_run', { session, code: 'await new Promise(done => setTimeout(done, 60000))', yield_ms: 50 });
    assert.deepEqual([slow.status, slow.state], ['running', 'in_use']);
    const listed = await client.tool('js_sessions', { action: 'list' });
    assert.equal(listed.sessions[0].run, slow.run);
    const stopped = await client.tool('js_interrupt', { run: slow.run });
    assert.deepEqual([stopped.outcome, stopped.state, stopped.stopped.by, stopped.stopped.what], ['interrupted', 'kept', 'interrupt', 'await']);
    const waited = await client.tool('js_wait', { run: slow.run });
    assert.equal(waited.outcome, 'interrupted');
    const reset = await client.tool('js_sessions', { action: 'reset', session });
    assert.equal(reset.session.generation, 2);
    const gone = await client.tool('js_run', { session, code: 'typeof rows' });
    assert.deepEqual([gone.value, gone.new_session], ['undefined', 'the session was reset']);
    await client.tool('js_sessions', { action: 'close', session });
    const closed = await client.tool('js_run', { session, code: '1' });
    assert.deepEqual([closed.status, closed.refusal.code, closed.isError], ['refused', 'unknown_handle', true]);
  });

  test(`${era}: a call that is cancelled stops its loop, and the session stays`, async (context) => {
    const client = await connect(context, era, []);
    const { session } = (await client.tool('js_sessions', { action: 'open' })).session;
    await client.tool('js_run', { session, code: 'let n = 41' });
    const cancel = new AbortController();
    const progress = [];
    const loop = client.tool('js_run', { session, code: 'console.log("going"); for (;;) n = 42' }, {
      signal: cancel.signal,
      onprogress: (told) => {
        progress.push(told);
        cancel.abort('enough');
      },
    });
    await assert.rejects(loop);
    assert.equal(progress[0].message, 'going');
    const after = await client.tool('js_run', { session, code: 'n' });
    assert.deepEqual([after.value, after.state, after.generation], [42, 'kept', 1]);
  });

  test(`${era}: a person answers while the run waits, and the wait costs no CPU time`, async (context) => {
    const asked = [];
    const person = async ({ params }) => {
      asked.push(params);
      await sleep(400);
      const answers = { decision: 'once', yes: true, answer: 'Ada' };
      const [name] = Object.keys(params.requestedSchema.properties);
      return { action: 'accept', content: { [name]: answers[name] } };
    };
    const client = await connect(context, era, ['--ask=read'], person);
    const code = `globalThis.runs = (globalThis.runs ?? 0) + 1;
      const text = require('fs').readFileSync('/etc/passwd', 'utf8');
      [text.includes('root'), confirm('go on?'), prompt('your name', 'nobody'), runs]`;
    // The budget is less than any of the waits.
    const run = await client.tool('js_run', { code, vm_timeout_ms: 300, yield_ms: 5000 });
    assert.deepEqual(run.value, [true, true, 'Ada', 1], run.notice);
    assert.ok(run.cost.wall_ms > 1000 && run.cost.cpu_ms < 300, run.notice);
    assert.match(asked[0].message, /permission to read \/etc\/passwd/);
    assert.deepEqual(asked.slice(1).map((params) => params.message), ['The program asks: go on?', 'The program asks: your name']);
    assert.deepEqual(run.questions.map((one) => [one.kind, one.answer, one.by]), [
      ['permission', 'once', 'person'],
      ['confirm', 'true', 'person'],
      ['prompt', 'Ada', 'person'],
    ]);
  });

  test(`${era}: a person says no, and a question ends with its run`, async (context) => {
    let answer = async () => ({ action: 'decline' });
    const client = await connect(context, era, ['--ask'], (request) => answer(request));
    const denied = await client.tool('js_run', { code: `require('fs').readFileSync('/etc/passwd')` });
    assert.deepEqual([denied.outcome, denied.error.name, denied.state], ['threw', 'PermissionDenied', 'kept']);
    assert.deepEqual(denied.permissions.map((one) => [one.permission, one.resource, one.granted]), [['read', '/etc/passwd', false]]);
    answer = async () => {
      await sleep(700);
      return { action: 'accept', content: { answer: 'late' } };
    };
    const late = await client.tool('js_run', { session: denied.session, code: `prompt('?')`, wall_timeout_ms: 200 });
    assert.deepEqual([late.outcome, late.stopped.by, late.state], ['timed_out', 'wall_timeout', 'kept']);
    assert.deepEqual(late.questions.map((one) => [one.answer, one.by]), [['null', 'taken_back']]);
  });

  test(`${era}: many questions of one run are answered, and no answer leaves a model without a way on`, async (context) => {
    const client = await connect(context, era, [], async () => ({ action: 'accept', content: { answer: 'x' } }));
    const code = `let all = ''; for (let i = 0; i < 25; i++) all += prompt('next'); all`;
    let told = await client.tool('js_run', { code });
    let calls = 1;
    for (; told.status === 'running' && calls < 10; calls += 1) {
      assert.deepEqual(told.waits_for, { kind: 'prompt', run: told.run });
      assert.match(told.notice, new RegExp(`js_wait with run ${told.run} has the person asked.*js_interrupt with run ${told.run} stops`));
      told = await client.tool('js_wait', { run: told.run });
    }
    assert.deepEqual([told.value, calls], ['x'.repeat(25), era === '2026-07-28' ? 4 : 1], told.notice);
  });

  test(`${era}: a client that fails to ask leaves a session that says what it waits for`, async (context) => {
    let answer = async () => {
      throw new Error('no window');
    };
    const client = await connect(context, era, [], (request) => answer(request));
    const { session } = (await client.tool('js_sessions', { action: 'open' })).session;
    if (era !== '2026-07-28') {
      // The client's error is an answer of its own.
      const failed = await client.tool('js_run', { session, code: `prompt('name')` });
      assert.deepEqual([failed.value, failed.questions[0].by], [null, 'client_error']);
      return;
    }
    // The server hears nothing of it.
    await assert.rejects(client.tool('js_run', { session, code: `prompt('name')` }), /no window/);
    const behind = await client.tool('js_run', { session, code: '2', yield_ms: 200 });
    assert.deepEqual([behind.status, behind.waits_for.kind], ['running', 'prompt']);
    const { run } = behind.waits_for;
    assert.match(behind.notice, new RegExp(`another run of the session.*js_wait with run ${run} has the person asked`));
    const listed = await client.tool('js_sessions', { action: 'list' });
    assert.deepEqual([listed.sessions[0].state, listed.sessions[0].waits_for.run], ['asks', run]);
    assert.ok(listed.notice.includes(run), listed.notice);
    answer = async () => ({ action: 'accept', content: { answer: 'Ada' } });
    assert.equal((await client.tool('js_wait', { run })).value, 'Ada');
    assert.equal((await client.tool('js_wait', { run: behind.run })).value, 2);
  });

  test(`${era}: a question that comes while nobody waits is asked by the next call`, async (context) => {
    const client = await connect(context, era, [], async () => ({ action: 'accept', content: { answer: 'Ada' } }));
    const code = `await new Promise(done => setTimeout(done, 200)); prompt('your name')`;
    const going = await client.tool('js_run', { code, yield_ms: 0 });
    assert.deepEqual([going.status, going.state, going.session_opened], ['running', 'in_use', true]);
    const waited = await client.tool('js_wait', { run: going.run });
    assert.deepEqual([waited.status, waited.value, waited.questions[0].by], ['ended', 'Ada', 'person']);
  });

  test(`${era}: two calls wait for one question, and a person is asked once`, async (context) => {
    let asked = 0;
    const person = async () => {
      asked += 1;
      await sleep(300);
      return { action: 'accept', content: { answer: 'Ada' } };
    };
    const client = await connect(context, era, [], person);
    const { session } = (await client.tool('js_sessions', { action: 'open' })).session;
    const code = `await new Promise(done => setTimeout(done, 300)); prompt('your name')`;
    const [one, two, three] = await Promise.all([
      client.tool('js_run', { session, code }),
      client.tool('js_run', { session, code: '2' }),
      client.tool('js_run', { session, code: '3' }),
    ]);
    assert.deepEqual([one.value, two.value, three.value, asked], ['Ada', 2, 3, 1], one.notice);
  });

  test(`${era}: a question of a callback is asked by the next js_wait of its run`, async (context) => {
    const client = await connect(context, era, [], async () => ({ action: 'accept', content: { answer: 'Ada' } }));
    const code = `var name; setTimeout(() => { name = prompt('your name') }, 100); 1`;
    const { run, session } = await client.tool('js_run', { code });
    await sleep(400);
    assert.equal((await client.tool('js_wait', { run })).status, 'ended');
    assert.equal((await client.tool('js_run', { session, code: 'name' })).value, 'Ada');
  });

  test(`${era}: a run that ended by itself was not interrupted`, async (context) => {
    const client = await connect(context, era, []);
    const { run, session } = await client.tool('js_run', { code: '1' });
    const late = await client.tool('js_interrupt', { run });
    assert.deepEqual([late.interrupted, late.outcome], [false, 'value']);
    const idle = await client.tool('js_interrupt', { session });
    assert.deepEqual([idle.interrupted, idle.state], [false, 'kept'], idle.notice);
  });

  test(`${era}: where nobody can be asked, the answer is no, and the answer says so`, async (context) => {
    const client = await connect(context, era, ['--ask']);
    const run = await client.tool('js_run', { code: `[confirm('sure?'), prompt('name?')]` });
    assert.deepEqual(run.value, [false, null]);
    assert.deepEqual(run.questions.map((one) => [one.kind, one.answer, one.by]), [
      ['confirm', 'false', 'nobody'],
      ['prompt', 'null', 'nobody'],
    ]);
    const denied = await client.tool('js_run', { session: run.session, code: `require('fs').readFileSync('/etc/passwd')` });
    assert.deepEqual(denied.questions.map((one) => [one.question, one.answer, one.by]), [['read /etc/passwd (open)', 'denied', 'nobody']]);
  });

  test(`${era}: images are image blocks`, async (context) => {
    const client = await connect(context, era, []);
    const code = `const png = Uint8Array.fromBase64('${PIXEL}'); display(png); display('<svg xmlns="http://www.w3.org/2000/svg"/>'); display('none');
      ({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'a pixel', 'image/png': png }) })`;
    const run = await client.tool('js_run', { code });
    assert.deepEqual(run.images.map((image) => image.mimeType), ['image/png', 'image/svg+xml', 'image/png']);
    assert.deepEqual([run.images[0].data, run.images[2].data], [PIXEL, PIXEL]);
    assert.equal(run.data.images, 3);
    assert.deepEqual(run.images_left_out, ['display: these bytes are no PNG, JPEG, GIF, WebP or SVG']);
  });
}
