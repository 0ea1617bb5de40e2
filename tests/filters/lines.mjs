#!/usr/bin/env node
// Counts the lines of standard input, and the longest of them.
import { createInterface } from 'node:readline';

let count = 0;
let longest = 0;
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  count++;
  if (line.length > longest) longest = line.length;
}
console.log(`${count} lines, the longest has ${longest}`);
