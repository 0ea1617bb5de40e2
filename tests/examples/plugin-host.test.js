// The plugin host, as an editor uses it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { at, childrenOf, DRUPE, kernelsOf, talk, test } from './support.js';

const HOST = at('examples/plugin-host/host.py');

/** An editor: it numbers runs, and keeps the texts beside lines. */
function editor(context, env) {
  const host = talk(context, 'python3', [HOST], { env });
  let last = 0;
  const start = (...lines) => {
    host.send({ do: 'run', run: ++last, lines });
    return last;
  };
  const end = async (run) => (await host.inbox.find((answer) => answer.run === run && answer.ended)).ended;
  const texts = (run) => Object.fromEntries(host.inbox.all.filter((answer) => answer.run === run && answer.line).map(({ line, chunks }) => [line, chunks]));
  const run = async (...lines) => {
    const number = start(...lines);
    return { ended: await end(number), ...texts(number) };
  };
  const shows = (number, kind, wanted) => host.inbox.find((answer) => answer.run === number && answer.chunks?.some(([of, text]) => of === kind && wanted.test(text)));
  const note = (wanted) => host.inbox.find((answer) => wanted.test(answer.note ?? ''));
  return { ...host, start, end, texts, run, shows, note };
}

test('values, output and errors stand beside the lines that they come from', async (context) => {
  const { run } = editor(context);
  assert.deepEqual(await run('let x: number = 6', 'console.log("six", x)', 'x * 7'), { ended: 'value', 2: [['output', 'six 6']], 3: [['value', '42']] });
  assert.deepEqual(await run('const y = x'), { ended: 'value', 1: [] });
  const thrown = await run('y', 'null.z', '1');
  assert.equal(thrown.ended, 'threw');
  assert.match(thrown[2][0].join(), /^error,TypeError: Cannot read properties of null/);
  const wrong = await run('1', 'let let = 1', '2');
  assert.equal(wrong.ended, 'syntax_error');
  assert.equal(wrong[2][0][0], 'error');
  // A function of other lines prints beside the lines that call it.
  await run('', '', '', 'function shout() { console.log("!") }');
  assert.deepEqual(await run('shout()', '"x\\ny"'), { ended: 'value', 2: [['output', '!'], ['value', "'x\\ny'"]] });
  assert.deepEqual(await run(), { ended: 'value', 1: [] });
});

test('output streams, a loop is interrupted with all that waits, and the variables are kept', async (context) => {
  const { send, start, end, shows, run } = editor(context);
  const loop = start('let laps = 0', 'while (true) console.log("lap", ++laps)'), waits = start('laps = -1');
  await shows(loop, 'output', /lap 1\d/);
  await shows(loop, 'output', /lap \d{3}/);
  send({ do: 'interrupt' });
  assert.deepEqual([await end(loop), await end(waits)], ['interrupted', 'interrupted']);
  assert.equal((await run('laps > 100'))[1][0][1], 'true');
  // Whatever it waits for.
  const waiting = start('await new Promise((done) => setTimeout(done, 1e6))');
  send({ do: 'interrupt' });
  assert.equal(await end(waiting), 'interrupted');
});

test('20,000 lines of output are shown in few answers', async (context) => {
  const { run, inbox, note } = editor(context);
  const shown = await run('for (let i = 0; i < 20000; i++) console.log("row", i)');
  assert.deepEqual(shown[1], [['output', '(20000×) row 19999']]);
  assert.ok(inbox.all.length < 300, `${inbox.all.length} answers`);
  const before = inbox.all.length, begun = Date.now();
  await run('for (let i = 0; i < 500; i++) { console.log(i); await new Promise((resume) => setTimeout(resume, 1)) }');
  const answers = inbox.all.length - before, most = (Date.now() - begun) / 50 + 3;
  assert.ok(answers <= most, `${answers} answers, and not at most ${most}`);
  const more = await run('for (let i = 0; i < 20000; i++) console.log("x".repeat(1000))');
  assert.equal(more.ended, 'value');
  await note(/^\d+ more outputs are left out$/);
});

test('names are completed, also while code runs, and behind text that counts twice', async (context) => {
  const { send, inbox, start, shows, run } = editor(context);
  await run('const beginning = { middle: 1 }');
  const loop = start('console.log("runs"); for (;;);');
  await shows(loop, 'output', /runs/);
  send({ do: 'complete', ask: 1, before: '"🦀".length + beginning.mid' });
  assert.deepEqual(await inbox.find(({ ask }) => ask === 1), { ask: 1, replaces: 'mid', names: ['middle'] });
  send({ do: 'complete', ask: 2, before: 'begi' });
  assert.deepEqual(await inbox.find(({ ask }) => ask === 2), { ask: 2, replaces: 'begi', names: ['beginning'] });
  send({ do: 'complete', ask: 3, before: '"nothing here' });
  assert.deepEqual((await inbox.find(({ ask }) => ask === 3)).names, []);
  send({ do: 'interrupt' });
});

test('a kernel that dies costs its run and the variables, and is told', async (context) => {
  const { child, start, end, shows, run, note } = editor(context);
  const loop = start('let kept = 1', 'console.log("runs"); for (;;);');
  await shows(loop, 'output', /runs/);
  const [server] = childrenOf(child.pid), [kernel] = kernelsOf(server);
  process.kill(kernel, 'SIGKILL');
  assert.equal(await end(loop), 'signal');
  assert.equal((await run('typeof kept'))[1][0][1], "'undefined'");
  await note(/the variables are lost/);
});

test('a server that is gone is started again, and the editor is told', async (context) => {
  const { child, start, end, shows, run, inbox } = editor(context);
  await run('let kept = 1');
  const loop = start('console.log("runs"); for (;;);'), waits = start('2');
  await shows(loop, 'output', /runs/);
  process.kill(childrenOf(child.pid)[0], 'SIGKILL');
  assert.deepEqual([await end(loop), await end(waits)], ['gone', 'gone']);
  assert.equal((await run('typeof kept'))[1][0][1], "'undefined'");
  assert.equal(inbox.all.filter(({ note }) => /there are no variables/.test(note ?? '')).length, 2);
  // A run that has ended before keeps its texts.
  assert.deepEqual(inbox.all.filter((answer) => answer.run === 1 && answer.line).at(-1).chunks, []);
});

test('timers print after the end of their run', async (context) => {
  const { run, shows } = editor(context);
  await run('setTimeout(() => console.log("late"), 50)', 'setTimeout(() => { throw new Error("later") }, 60)', '0');
  await shows(1, 'output', /^late$/);
  await shows(1, 'error', /Error: later/);
});

test('a command that is wrong is answered, and the next one is carried out', async (context) => {
  const { child, inbox, run, note } = editor(context);
  for (const line of ['nonsense', '[1]', '{}', '{"do": "fly"}', '{"do": "run"}', '{"do": "run", "run": 98, "lines": 5}', '"\\ud800"', '7']) {
    const before = inbox.all.length;
    child.stdin.write(`${line}\n`);
    await inbox.find((answer) => /Error/.test(answer.note ?? ''), before);
  }
  child.stdin.write('{"do": "run", "run": 99, "lines": ["1", 2]}\n');
  assert.equal((await inbox.find((answer) => answer.run === 99 && answer.ended)).ended, 'refused');
  assert.equal((await run('1 + 1'))[1][0][1], '2');
  await note(/fly/);
});

test('where there is no program, each command says so', async (context) => {
  const { send, inbox } = editor(context, { DRUPE_BIN: '/nowhere/drupe' });
  send({ do: 'run', run: 1, lines: ['1'] });
  assert.equal((await inbox.find(({ run, ended }) => run === 1 && ended)).ended, 'refused');
  await inbox.find(({ note }) => /\/nowhere\/drupe/.test(note ?? ''));
  // Another program stands there.
  for (const program of ['/bin/echo', '/bin/true']) {
    const other = editor(context, { DRUPE_BIN: program });
    assert.equal((await other.run('1')).ended, 'refused');
    await other.note(/OSError: the server has ended/);
  }
});

test('the end of the editor is the end of all', async (context) => {
  const { child, close, start, shows } = editor(context);
  await shows(start('console.log("runs"); for (;;);'), 'output', /runs/);
  const [server] = childrenOf(child.pid), below = [server, ...kernelsOf(server)];
  assert.equal(await close(), 0);
  for (const pid of below) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

const hasNeovim = spawnSync('nvim', ['--version']).status === 0;
test('Neovim shows texts beside lines that move, and completes', { skip: !hasNeovim && 'there is no nvim' }, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-neovim-')), out = join(folder, 'out.json');
  context.after(() => rmSync(folder, { recursive: true }));
  const args = ['--headless', '-u', 'NONE', '-i', 'NONE', '-n', '-S', at('tests/examples/neovim.lua')];
  const env = { ...process.env, DRUPE_BIN: DRUPE, PLUGIN: at('examples/plugin-host/drupe.lua'), OUT: out };
  const ran = spawnSync('nvim', args, { encoding: 'utf8', timeout: 50_000, env });
  assert.deepEqual([ran.status, ran.error], [0, undefined], ran.stderr);
  const { first, moved, busy, stopped, failed, line } = JSON.parse(readFileSync(out, 'utf8'));
  assert.deepEqual(first, ['1  hi', '2  42']);
  assert.deepEqual(moved, ['2  hi', '3  42']);
  assert.deepEqual(busy, ['2  hi', '3  42', '4  …']);
  assert.match(stopped, /^4  .*nterrupted/);
  assert.equal(line, 'answer');
  assert.equal(failed, '');
});
