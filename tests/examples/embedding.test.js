// The programs of docs/EMBEDDING.md, as they stand there. `client/src/lib.rs` has that in Rust run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { Browser, CHROMIUM } from './chromium.js';
import { at, DRUPE, isStrict, PYTHON, serve, serveFiles, test } from './support.js';

/** What the client in Python depends on. */
const isReady = isStrict || spawnSync(PYTHON, ['-c', 'import msgpack']).status === 0;
const python = { skip: !isReady && 'there is no msgpack: pip install it, or name such a Python by DRUPE_PYTHON' };
const PAGE = readFileSync(at('docs/EMBEDDING.md'), 'utf8');

/** The blocks of a section: their kind and their text. */
function blocksOf(title) {
  const section = PAGE.split(/^## /m).find((section) => section.startsWith(`${title}\n`));
  assert.ok(section, `there is no section ${title}`);
  return [...section.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, kind, text]) => ({ kind, text }));
}

/** A folder with the program on the PATH, which ends with the test. */
function folderOf(context) {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-embedding-'));
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(DRUPE, join(folder, 'bin/drupe'));
  const env = { ...process.env, DRUPE_BIN: DRUPE, PATH: join(folder, 'bin') + delimiter + process.env.PATH };
  const ran = (command, ...args) => {
    const { stdout, stderr, status, error } = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8', timeout: 50_000 });
    assert.deepEqual([status, error], [0, undefined], stdout + stderr);
    return stdout;
  };
  return { folder, env, ran };
}

test('all blocks are those that are tried', () => {
  const kinds = [...PAGE.matchAll(/^```(\w+)$/gm)].map(([, kind]) => kind);
  assert.deepEqual(kinds, ['rust', 'python', 'text', 'ts', 'text', 'python', 'text', 'html']);
  for (const [block] of PAGE.matchAll(/^```(?!text)\w+\n[^]*?^```$/gm)) assert.ok(block.split('\n').length <= 26, block);
});

test('Python', python, (context) => {
  const [program, output] = blocksOf('Python'), { ran, env } = folderOf(context);
  env.PYTHONPATH = at('client/python/src');
  assert.equal(ran(PYTHON, '-c', program.text), output.text);
});

test('TypeScript', (context) => {
  const [program, output] = blocksOf('TypeScript'), { folder, ran } = folderOf(context);
  const modules = at('examples/inline-runner/node_modules');
  symlinkSync(modules, join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'program.ts'), program.text);
  ran(process.execPath, join(modules, 'typescript/bin/tsc'), '--module', 'nodenext', '--target', 'es2022', '--strict', '--types', 'node', 'program.ts');
  assert.equal(ran(process.execPath, 'program.js'), output.text);
});

test('any language, over pipes', (context) => {
  const [program, output] = blocksOf('Any language, over pipes'), { ran } = folderOf(context);
  // Of Python alone.
  assert.equal(ran('python3', '-I', '-c', program.text), output.text);
});

test('a web page', { skip: !CHROMIUM && !isStrict && 'there is no Chromium' }, async (context) => {
  const [program] = blocksOf('A web page'), { folder } = folderOf(context);
  writeFileSync(join(folder, 'index.html'), program.text);
  const origin = await serveFiles(context, folder), server = await serve(context, '--allow-origin', origin);
  const browser = await Browser.start();
  context.after(() => browser.close());
  const page = await browser.open(`${origin}/#ws://127.0.0.1:${server.port},${server.token}`);
  await page.until("document.querySelector('#log').innerText === 'hi\\n42\\n'");
  const wrong = await browser.open(`${origin}/#ws://127.0.0.1:${server.port},wrong`);
  await wrong.until("document.querySelector('#log').innerText.includes('token')");
});

test('rules of customers', python, (context) => {
  const { ran, env } = folderOf(context);
  env.PYTHONPATH = at('client/python/src');
  const said = ran(PYTHON, at('examples/rules/rules.py')).trimEnd().split('\n');
  const [, shown] = readFileSync(at('examples/rules/README.md'), 'utf8').match(/```text\n([^]*?)\n```/);
  for (const [index, line] of shown.split('\n').entries()) {
    const [before, after] = line.split('…');
    assert.ok(after === undefined ? said[index] === line : said[index].startsWith(before), `${line}: ${said[index]}`);
  }
  assert.equal(said.length, shown.split('\n').length);
});

test('the documents of the examples name what is there', () => {
  for (const name of ['rules', 'plugin-host', 'web-page', 'inline-runner']) {
    assert.ok(PAGE.includes(`../examples/${name}/README.md`), name);
    assert.ok(readFileSync(at(`examples/${name}/README.md`), 'utf8').startsWith('# '), name);
  }
});
