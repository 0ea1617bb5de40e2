// The real program: the tests that need it are skipped where DRUPE_BIN does not name one.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Kernel } from 'drupe';

export const binary = process.env.DRUPE_BIN;
if (!binary && process.env.DRUPE_REQUIRE_FIXTURES) throw new Error('DRUPE_BIN does not name the program');

/** A test that needs the program. */
export const real = (name, work) =>
  test(name, { skip: binary ? false : 'DRUPE_BIN is not set', timeout: 120_000 }, work);

/** A test with a kernel of its own. */
export const withKernel = (name, work, options) =>
  real(name, async () => {
    const kernel = await Kernel.open(options);
    try {
      await work(kernel);
    } finally {
      await kernel.close();
    }
  });

/** The first call of the console of a run. */
export const firstConsole = async (run) => {
  for await (const event of run) if (event.type === 'console') return event;
  throw new Error('the run printed nothing');
};

/** A server that listens on a socket, or as the flags say: where, and a function that ends it. */
export async function listen(...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-')),
    path = join(folder, 'socket');
  const child = spawn(binary, ['serve', ...(flags.length ? flags : ['--socket', path])], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise((resolve, reject) => {
    const ready = flags.length
      ? /listening on .*\n(?:.*\n)*token: .*\n|token: .*\n(?:.*\n)*listening on .*\n/
      : /listening on/;
    child.stderr.setEncoding('utf8').on('data', (text) => {
      if (ready.test((said += text))) resolve();
    });
    child.once('exit', () => reject(new Error(`the server has ended: ${said}`)));
  });
  const end = async (signal) => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
    rmSync(folder, { recursive: true });
  };
  const [, host, port] = said.match(/listening on (?:.*\/\/)?([\d.]+):(\d+)/) ?? [];
  return { path, address: [host, Number(port)], token: said.match(/token: (\S+)/)?.[1], end };
}
