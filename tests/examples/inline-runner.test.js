// The inline runner: its core, its program for the terminal, and its extension with a stand-in for the module `vscode`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { at, DRUPE, Inbox, kernelsOf, test } from './support.js';

process.env.DRUPE_BIN = DRUPE;
const DIST = at('examples/inline-runner/dist');
const { InlineRunner } = await import(`${DIST}/runner.js`);
const { split } = await import(`${DIST}/blocks.js`);
const { Kernel, Server } = await import(at('client/typescript/dist/esm/index.js'));

/** A runner, and what it shows: `LINE KIND TEXT`. */
function runner(context, options) {
  const shown = new Inbox(), kernels = [];
  const open = async () => {
    const kernel = await Kernel.open({ consoleLimit: 4_000_000, ...options });
    kernels.push(kernel);
    return kernel;
  };
  const show = (notes) => shown.push(notes.map(({ line, kind, text }) => `${line} ${kind} ${text}`).sort());
  const inline = new InlineRunner({ open, show });
  context.after(() => inline.close());
  const run = async (...lines) => {
    await inline.update(lines.join('\n'));
    return shown.all.at(-1);
  };
  const until = (wanted) => shown.find((notes) => notes.some((note) => wanted.test(note)));
  return { inline, run, shown, until, kernels };
}

test('a file is cut into blocks', async (context) => {
  const server = await Server.start();
  context.after(() => server.close());
  const cut = async (text) => (await split(text, async (code) => (await server.isComplete(code)).status)).map(({ first, last, isComplete }) => `${first}-${last}${isComplete ? '' : ' open'}`);
  const cases = [
    ['', []],
    ['\n\n// nothing\n', []],
    ['let a = 1\nlet b = 2', ['0-0', '1-1']],
    ['let a = 1\r\nlet b = 2\r\n', ['0-0', '1-1']],
    ['if (x) {\n  a()\n}\nelse {\n  b()\n}\nc()', ['0-5', '6-6']],
    ['try {\n}\ncatch {\n}\n\nfinally {\n}\n1', ['0-6', '7-7']],
    ['rows\n  .map(f)\n\n  .filter(g)\nlast', ['0-3', '4-4']],
    ['rows\n.map(f)\nlast', ['0-1', '2-2']],
    ['a\n+ b\n++c', ['0-1', '2-2']],
    ['let a = b\n(f)()', ['0-1']],
    ['let a = b;\n(f)()', ['0-0', '1-1']],
    ['a\n/b/.c', ['0-1']],
    ['a\n// b\nc', ['0-0', '2-2']],
    ['const text = `\nlet a = 1\n`\n1', ['0-2', '3-3']],
    ['type A =\n  | 1\n  | 2\n1', ['0-2', '3-3']],
    ['class A\n{\n  b = 1\n\n  c() {}\n}\nnew A()', ['0-5', '6-6']],
    ['@d\nclass A {}\n1', ['0-1', '2-2']],
    ['const f = (\n  a: number,\n) => a\nf(1)', ['0-2', '3-3']],
    ['<div>\n  <b/>\n</div>\n1', ['0-2', '3-3']],
    ['let let = 1\n2', ['0-0', '1-1']],
    ['f(\n\nlet a = 1\n2', ['0-0 open', '2-2', '3-3']],
    ['1\nf(', ['0-0', '1-1 open']],
    ['f(\nlet a = 1\n2', ['0-1', '2-2']],
    ['f(\n  a,\n\nlet a = 1', ['0-1 open', '3-3']],
    ['let let = (\n\nb', ['0-0', '2-2']],
    ['/* a\n\nb */\n1', ['0-2', '3-3']],
  ];
  for (const [text, wanted] of cases) assert.deepEqual(await cut(text), wanted, JSON.stringify(text));
});

test('values, names and output stand at the ends of lines', async (context) => {
  const { run } = runner(context);
  const shown = await run('const prices: number[] = [3, 4, 5]', 'const total = prices.reduce((a, b) => a + b)', 'for (const price of prices) {', '  console.log(price / total)', '}', '', 'total.toFixed(2)', 'function f() {}', 'null.x', 'let let = 1', 'f(');
  assert.deepEqual(shown, [
    '0 value prices = [ 3, 4, 5 ]', '1 value total = 12', '10 info not complete', "3 output (3×) 0.4166666666666667", "6 value '12.00'",
    shown.find((note) => note.startsWith('8 ')), shown.find((note) => note.startsWith('9 ')),
  ].sort());
  assert.match(shown.find((note) => note.startsWith('8 ')), /^8 error TypeError: Cannot read properties of null/);
  assert.match(shown.find((note) => note.startsWith('9 ')), /^9 error /);
});

test('what changes is run again, with what follows it; what stands before it is not', async (context) => {
  const { run, inline } = runner(context);
  const first = 'globalThis.runs = (globalThis.runs ?? 0) + 1';
  assert.deepEqual(await run(first, 'let a = 1', 'a + 1'), ['0 value 1', '1 value a = 1', '2 value 2']);
  assert.deepEqual(await run(first, 'let a = 10', 'a + 1'), ['0 value 1', '1 value a = 10', '2 value 11']);
  // Notes move with their lines, and nothing is run.
  assert.deepEqual(await run('', '// a comment', first, 'let a = 10', 'a + 1'), ['2 value 1', '3 value a = 10', '4 value 11']);
  assert.deepEqual(await run(first, 'let a = 10', 'a + 1', 'runs'), ['0 value 1', '1 value a = 10', '2 value 11', '3 value 1']);
  assert.deepEqual(await run(first), ['0 value 1']);
  await run(first, 'let a = 1', 'runs + typeof b');
  await inline.again();
  assert.deepEqual(await run(first, 'let a = 1', 'runs'), ['0 value 1', '1 value a = 1', '2 value 1']);
  assert.deepEqual(await run(''), []);
});

test('a run that nobody needs any more is interrupted', async (context) => {
  const { inline, run, until, shown, kernels } = runner(context);
  const stale = inline.update('let laps = 0\nfor (;;) console.log("lap", ++laps)\n"never"');
  await until(/1 output \(\d+×\) lap \d\d/);
  const later = run('let laps = 0', '"changed"');
  assert.deepEqual(await later, ['0 value laps = 0', "1 value 'changed'"]);
  await stale;
  assert.ok(!shown.all.flat().some((note) => note.includes('never')));
  assert.equal(await kernels[0].evaluate('laps > 10'), true, 'the block above the change is kept');
  // Many changes at once: the last one counts.
  const all = Array.from({ length: 50 }, (_, index) => inline.update(`let n = ${index}\nawait new Promise((resume) => setTimeout(resume, 1000)); "waited"\nn`));
  await run('let n = "last"', 'n');
  await Promise.all(all);
  assert.deepEqual(shown.all.at(-1), ["0 value n = 'last'", "1 value 'last'"]);
});

test('a person interrupts; what follows waits for the next change', async (context) => {
  const { inline, until, shown, run } = runner(context);
  const working = inline.update('let a = 1\nconsole.log("runs"); for (;;);\na + 1');
  await until(/1 output runs/);
  await inline.interrupt();
  await working;
  assert.match(shown.all.at(-1).join(), /1 error .*nterrupted/);
  assert.ok(!shown.all.at(-1).some((note) => note.startsWith('2 value')));
  const after = await run('let a = 1', 'console.log("runs"); for (;;);', 'a + 1', 'a + 2');
  assert.ok(after.includes('2 value 2') && after.includes('3 value 3'), after.join());
  await inline.interrupt(); // Nothing runs.
});

test('a block that costs the kernel runs once; the others run again in a new kernel', async (context) => {
  const { inline, until, shown, kernels, run } = runner(context);
  const working = inline.update('let kept = 5\nconsole.log("runs"); for (;;);\nkept + 1');
  await until(/1 output runs/);
  process.kill(kernels[0].pid, 'SIGKILL');
  await working;
  const notes = shown.all.at(-1);
  assert.ok(notes.includes('0 value kept = 5') && notes.includes('2 value 6'), notes.join());
  assert.ok(notes.some((note) => note.startsWith('1 error')), notes.join());
  // It is not run again by a change above it, and is by a change of its own.
  const again = await run('let kept = 6', 'console.log("runs"); for (;;);', 'kept + 1');
  assert.ok(again.includes('1 error not run again: it has cost the variables') && again.includes('2 value 7'), again.join());
  assert.ok((await run('let kept = 6', '"harmless"', 'kept + 1')).includes("1 value 'harmless'"));
  assert.equal(kernels.length, 1);
});

test('a server that is gone is told; the next change starts another', async (context) => {
  const { inline, until, shown, kernels, run } = runner(context);
  const working = inline.update('let kept = 5\nconsole.log("runs"); for (;;);\nkept');
  await until(/1 output runs/);
  process.kill(Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${kernels[0].pid}/status`, 'utf8'))[1]), 'SIGKILL');
  await working;
  assert.match(shown.all.at(-1).join(), /1 error .*server/);
  assert.deepEqual(await run('let kept = 5', 'kept'), ['0 value kept = 5', '1 value 5']);
  assert.equal(kernels.length, 2);
});

test('much output is shown in few steps, and cannot move the cursor', async (context) => {
  const { run, shown } = runner(context);
  const notes = await run('for (let i = 0; i < 20000; i++) console.log("row", i)', 'console.log("\\x1b[2J\\u202e", "x".repeat(1000))');
  assert.equal(notes.find((note) => note.startsWith('0 ')), '0 output (20000×) row 19999');
  assert.match(notes.find((note) => note.startsWith('1 ')), /^1 output ·\[2J· x{100,}…$/);
  const before = shown.all.length, begun = Date.now();
  await run('for (let i = 0; i < 500; i++) { console.log(i); await new Promise((resume) => setTimeout(resume, 1)) }');
  const steps = shown.all.length - before, most = (Date.now() - begun) / 50 + 3;
  assert.ok(steps <= most, `${steps} steps, and not at most ${most}`);
});

test('timers print beside their lines later on', async (context) => {
  const { run, until } = runner(context);
  await run('setTimeout(() => {', '  console.log("late")', '}, 100); 0');
  await until(/^1 output late$/);
});

/** A folder with a file, which ends with the test. */
function folderOf(context, text) {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-inline-')), file = join(folder, 'notes.ts');
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules/tens'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/tens/index.js'), 'export const ten = 10');
  writeFileSync(join(folder, 'node_modules/tens/package.json'), '{"type": "module", "exports": "./index.js"}');
  writeFileSync(file, text);
  return { folder, file };
}

test('the terminal shows a file once, or as it changes', async (context) => {
  const { folder, file } = folderOf(context, "import { ten } from 'tens'\nten * 2\n");
  const program = `${DIST}/watch.js`;
  const once_ = (...args) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', timeout: 30_000 });
  const shown = once_('--once', file);
  assert.deepEqual([shown.stdout, shown.stderr, shown.status], ["import { ten } from 'tens'\nten * 2                    // 20\n", '', 0]);
  assert.equal(once_('--once', join(folder, 'missing.ts')).status, 2);
  writeFileSync(join(folder, 'outside.ts'), "require('fs').readFileSync('/etc/passwd')");
  const denied = once_('--once', join(folder, 'outside.ts'));
  assert.deepEqual([denied.status, /✗ .*PermissionDenied/.test(denied.stdout)], [1, true], denied.stdout);
  const watching = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => watching.kill('SIGKILL'));
  const inbox = new Inbox();
  let said = '';
  watching.stdout.setEncoding('utf8').on('data', (text) => inbox.push(said += text));
  await inbox.find((text) => text.includes('// 20'));
  // As editors do it: a new file in place of the old one.
  writeFileSync(join(folder, 'new'), "import { ten } from 'tens'\nten * 3\n");
  renameSync(join(folder, 'new'), file);
  await inbox.find((text) => text.includes('// 30'));
  const ended = once(watching, 'exit');
  watching.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
});

test('the README shows what the terminal shows', (context) => {
  const [, shown] = /```text\n([^]*?)```/.exec(readFileSync(at('examples/inline-runner/README.md'), 'utf8'));
  const { file } = folderOf(context, shown.replace(/ +\/\/ .*$/gm, ''));
  const ran = spawnSync(process.execPath, [`${DIST}/watch.js`, '--once', file], { encoding: 'utf8', timeout: 30_000 });
  assert.deepEqual([ran.stdout, ran.stderr, ran.status], [shown, '', 0]);
});

test('the extension shows notes in an editor, follows its text, and stops', async (context) => {
  register(`data:text/javascript,${encodeURIComponent(`
    export const resolve = (name, context, next) =>
      name === 'vscode' ? { url: ${JSON.stringify(new URL('vscode.js', import.meta.url).href)}, shortCircuit: true } : next(name, context);
  `)}`);
  const vscode = await import('./vscode.js'), { activate } = await import(`${DIST}/extension.js`);
  const { folder, file } = folderOf(context, '');
  const extension = { subscriptions: [] };
  activate(extension);
  const editor = new vscode.Editor(file, "import { ten } from 'tens'\nlet a = ten\na + 1");
  vscode.window.visibleTextEditors = [editor];
  await vscode.commands.executeCommand('drupe.runFile'); // No editor has the focus.
  assert.deepEqual(editor.shown, []);
  vscode.window.activeTextEditor = editor;
  vscode.workspace.getWorkspaceFolder = () => ({ uri: { fsPath: folder } });
  await vscode.commands.executeCommand('drupe.runFile');
  await editor.until((shown) => shown.join() === '1 a = 10,2 11');
  editor.edit("import { ten } from 'tens'\nlet a = 5\na + 1\nfor (;;);");
  await editor.until((shown) => shown.join() === '1 a = 5,2 6,3 …');
  await vscode.commands.executeCommand('drupe.interrupt');
  await editor.until((shown) => /3 .*nterrupted/.test(shown.join()));
  // Lines that are gone have no notes, also before the text is run.
  editor.edit('7');
  await editor.until((shown) => shown.join() === '0 7');
  await vscode.commands.executeCommand('drupe.runAgain');
  await editor.until((shown) => shown.join() === '0 7');
  const kernels = kernelsOf(process.pid);
  assert.ok(kernels.length >= 2, `${kernels}`);
  await vscode.commands.executeCommand('drupe.runFile');
  assert.deepEqual(editor.shown, []);
  for (const pid of kernels) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  // Without trust the folder is not read.
  vscode.workspace.isTrusted = false;
  editor.text = "require('fs').readdirSync('.').length";
  await vscode.commands.executeCommand('drupe.runFile');
  await editor.until((shown) => /PermissionDenied/.test(shown.join()));
  for (const each of extension.subscriptions) each.dispose();
});
