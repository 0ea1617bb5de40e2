// The package as others meet it: its README, and both kinds of modules.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as esm from 'drupe';

import { real } from './binary.js';

const at = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const readme = readFileSync(at('README.md'), 'utf8');
const examples = [...readme.matchAll(/^```js\n([^]*?)^```\n\n^```text\n([^]*?)^```/gm)];

test('each example of the README has its output', () => {
  assert.deepEqual([examples.length, readme.match(/^```(js|ts|mjs|mts|javascript|typescript)$/gm).length], [3, 3]);
});

examples.forEach(([, code, output], number) => {
  real(`example ${number + 1} of the README prints what it says, as the README runs it`, () => {
    const file = at('dist/first.mjs');
    writeFileSync(file, code);
    const ran = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
    rmSync(file);
    assert.deepEqual([ran.stdout, ran.stderr, ran.status], [output, '', 0]);
  });

  test(`example ${number + 1} of the README is TypeScript, too`, () => {
    const [, command] = readme.match(/`npx tsc (.*) first\.mts`/);
    const file = at('dist/first.mts');
    writeFileSync(file, code);
    const flags = [...command.split(' '), '--ignoreConfig']; // This folder has one of its own.
    const ran = spawnSync(process.execPath, [at('node_modules/typescript/bin/tsc'), ...flags, file], { encoding: 'utf8' });
    const written = existsSync(at('dist/first.mjs'));
    for (const one of [file, at('dist/first.mjs')]) rmSync(one, { force: true });
    assert.deepEqual([ran.stdout, ran.status, written], ['', 0, true]);
  });
});

test('CommonJS gets the same names', () => {
  const require = createRequire(import.meta.url);
  assert.deepEqual(Object.keys(require('drupe')).sort(), Object.keys(esm).sort());
  assert.equal(typeof require('drupe/virtual-env').VirtualEnv, 'function');
});

test('the types are found where nothing says that they use those of Node', () => {
  const file = at('dist/types-example.mts');
  writeFileSync(file, "import { Kernel } from 'drupe';\nimport { VirtualEnv } from 'drupe/virtual-env';\nvoid Kernel, VirtualEnv;\n");
  const flags = ['--noEmit', '--strict', '--ignoreConfig', '--module', 'nodenext', '--lib', 'es2023,esnext.disposable'];
  const ran = spawnSync(process.execPath, [at('node_modules/typescript/bin/tsc'), ...flags, file], { encoding: 'utf8' });
  rmSync(file);
  assert.deepEqual([ran.stdout, ran.status], ['', 0]);
});
