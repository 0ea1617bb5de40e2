#!/usr/bin/env node
// A server on standard streams that speaks to order. FAKE says what it sends, after how many bytes it dies, and how.
import { encodeMessage } from '../dist/esm/encode.js';

const { send, status = 0, cut = Infinity, says = '' } = JSON.parse(process.env.FAKE);
const outcome = { kernel: 'k', seq: 1, type: 'outcome', run: 1, outcome: 'value', value: 7, state: 'kept' };
const answers =
  send !== undefined
    ? [Buffer.from(send, 'hex')]
    : [
        encodeMessage('welcome', { version: 1, instance: 'i' }),
        encodeMessage('reply', { id: 1, kernel: 'k', generation: 1 }),
        Buffer.concat([encodeMessage('reply', { id: 2, run: 1 }), encodeMessage('event', outcome)]),
      ];
process.stderr.write(says);
let left = cut,
  held = Buffer.alloc(0);
process.stdin.on('data', (bytes) => {
  held = Buffer.concat([held, bytes]);
  while (held.length >= 4 && held.length >= 4 + held.readUInt32LE()) {
    held = held.subarray(4 + held.readUInt32LE());
    const answer = answers.shift();
    if (!answer) return process.exit(status);
    const part = answer.subarray(0, left);
    left -= part.length;
    process.stdout.write(part, () => {
      if (left === 0) process.exit(status);
    });
  }
});
process.stdin.on('end', () => process.exit(0));
if (left === 0) process.exit(status);
