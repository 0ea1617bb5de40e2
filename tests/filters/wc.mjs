#!/usr/bin/env node
// Counts lines, words and bytes of the files that are named, or of standard input.
import { createReadStream } from 'node:fs';

async function count(stream) {
  const counts = { lines: 0, words: 0, bytes: 0 };
  let isInWord = false;
  for await (const chunk of stream) {
    counts.bytes += chunk.length;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === 10) counts.lines++;
      const isSpace = byte === 32 || (byte >= 9 && byte <= 13);
      if (!isSpace && !isInWord) counts.words++;
      isInWord = !isSpace;
    }
  }
  return counts;
}

const show = ({ lines, words, bytes }, name) => console.log(`${lines} ${words} ${bytes}${name === undefined ? '' : ` ${name}`}`);

const names = process.argv.slice(2);
if (names.length === 0) {
  show(await count(process.stdin));
} else {
  for (const name of names) {
    try {
      show(await count(name === '-' ? process.stdin : createReadStream(name)), name);
    } catch (error) {
      console.error(`wc: ${name}: ${error.code}`);
      process.exitCode = 1;
    }
  }
}
