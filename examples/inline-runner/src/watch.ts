// The inline runner in a terminal: node dist/watch.js [--once] FILE
import { readFileSync, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { Kernel } from 'drupe';

import { InlineRunner, type Note } from './runner.js';

const { values: { once = false }, positionals: [file] } = parseArgs({ options: { once: { type: 'boolean' } }, allowPositionals: true });
if (file === undefined) throw new Error('usage: node dist/watch.js [--once] FILE');
const path = resolve(file), folder = dirname(path);
let text = '', latest: Note[] = [];

/** Prints the file with its notes. On a terminal it takes the place of what was printed before. */
function print(notes: Note[]): void {
  const lines = text.split(/\r?\n/), width = Math.min(60, Math.max(...lines.map((line) => line.length)));
  const noted = lines.map((line, at) => {
    const texts = notes.filter((note) => note.line === at).map((note) => (note.kind === 'error' ? `✗ ${note.text}` : note.text));
    return texts.length > 0 ? `${line.padEnd(width)} // ${texts.join(' | ')}` : line;
  });
  process.stdout.write(`${process.stdout.isTTY ? '\x1b[2J\x1b[H' : ''}${noted.join('\n').trimEnd()}\n`);
}

const runner = new InlineRunner({
  // The file may read its own folder, and import the packages that lie there.
  open: () => Kernel.open({ folder, permissions: { read: [folder] } }),
  show: (notes) => {
    latest = notes;
    if (!once) print(notes);
  },
});

async function update(): Promise<void> {
  try {
    text = readFileSync(path, 'utf8');
    await runner.update(text);
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`);
    if (once) process.exitCode = 2;
  }
}

if (once) {
  await update();
  print(latest);
  if (latest.some(({ kind }) => kind === 'error')) process.exitCode = 1;
  await runner.close();
} else {
  process.on('SIGINT', () => void runner.close().finally(() => process.exit(0)));
  // Editors replace a file by another, so its folder is watched.
  watch(folder, (_, name) => { if (name === basename(path)) void update(); });
  await update();
}
