// Where the program is looked for, and what is said where there is none.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'drupe-program-')), packages = join(folder, 'node_modules');
const platform = `@drupe/${process.platform}-${process.arch}`;
after(() => rmSync(folder, { recursive: true }));

// This package as npm installs it, and beside it packages for the platform.
mkdirSync(join(packages, 'drupe'), { recursive: true });
for (const part of ['package.json', 'dist']) cpSync(fileURLToPath(new URL(`../${part}`, import.meta.url)), join(packages, 'drupe', part), { recursive: true });

function install(index) {
  rmSync(join(packages, '@drupe'), { recursive: true, force: true });
  if (index === undefined) return;
  mkdirSync(join(packages, platform, 'bin'), { recursive: true });
  writeFileSync(join(packages, platform, 'package.json'), JSON.stringify({ name: platform, version: '1.2.3', main: 'index.js' }));
  writeFileSync(join(packages, platform, 'index.js'), index);
  program(join(packages, platform, 'bin'), 'of the package');
}

/** A program that says its name, and its arguments, and ends with 7. */
function program(place, name) {
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'drupe'), `#!/bin/sh\necho "${name}: $*" >&2\nexit 7\n`);
  chmodSync(join(place, 'drupe'), 0o755);
  return join(place, 'drupe');
}

const INDEX = "exports.program = require('node:path').join(__dirname, 'bin', 'drupe')";
const given = program(join(folder, 'given'), 'given'), named = program(join(folder, 'named'), 'by the variable');
program(join(folder, 'path'), 'on the PATH');
// Such as the folder of a checkout.
mkdirSync(join(folder, 'folders', 'drupe'), { recursive: true });

/** What a client with these options says of its server, which ends at once. */
function said(options, env, kind) {
  const bring = kind === 'cjs' ? "const { Server } = require('drupe')" : "import { Server } from 'drupe'";
  const code = `${bring};\nServer.start(${JSON.stringify(options)}).catch((error) => console.log(error.code, error.message));\n`;
  const file = join(folder, `start.${kind}`);
  writeFileSync(file, code);
  const ran = spawnSync(process.execPath, [file], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', ...env }, timeout: 60_000 });
  assert.equal(ran.stderr, '');
  return ran.stdout;
}

for (const kind of ['mjs', 'cjs']) {
  test(`the program is the option, the variable, the package, or on the PATH (${kind})`, () => {
    install(INDEX);
    const path = { PATH: `${join(folder, 'path')}:/usr/bin:/bin` }, all = { ...path, DRUPE_BIN: named };
    assert.match(said({ program: given }, all, kind), /^lost .*: given: serve --stdio/);
    assert.match(said({}, all, kind), /: by the variable: serve/);
    assert.match(said({}, { ...path, DRUPE_BIN: '' }, kind), /: of the package: serve/);
    install();
    assert.match(said({}, path, kind), /: on the PATH: serve/);
    const behind = `${join(folder, 'folders')}:${path.PATH}`;
    assert.match(said({}, { PATH: behind }, kind), /: on the PATH: serve/, 'a folder is no program');
  });

  test(`without a program it says what to install (${kind})`, () => {
    install();
    const advice = new RegExp(`^launch .*npm install drupe brings it with the package ${platform},.*DRUPE_BIN`);
    assert.match(said({}, {}, kind), advice);
    assert.match(said({}, { PATH: join(folder, 'folders') }, kind), advice);
    install("throw new Error('half of it')");
    assert.match(said({}, {}, kind), new RegExp(`^launch the package ${platform} is damaged: install it again`));
  });
}

test('the command is the program of the package, and only that', () => {
  const command = (...words) => spawnSync(process.execPath, [join(packages, 'drupe/dist/esm/bin.js'), ...words], {
    encoding: 'utf8', env: { PATH: `${join(folder, 'path')}:/usr/bin:/bin`, DRUPE_BIN: named }, timeout: 60_000,
  });
  install(INDEX);
  const ran = command('-p', '1 + 1');
  assert.deepEqual([ran.status, ran.stderr], [7, 'of the package: -p 1 + 1\n']);
  install();
  const missing = command();
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /^drupe: the command drupe has no program: npm install drupe brings it/);
});
