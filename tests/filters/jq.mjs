#!/usr/bin/env node
// Takes a part out of each line of JSON: `jq.mjs .user.name`. Status 2 where a line is no JSON.
import { createInterface } from 'node:readline';

const [path = '.'] = process.argv.slice(2);
const steps = [...path.matchAll(/\.?(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));

let number = 0;
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  number++;
  if (line.trim() === '') continue;
  let value;
  try {
    value = JSON.parse(line);
  } catch {
    console.error(`jq: line ${number} is no JSON`);
    process.exit(2);
  }
  for (const step of steps) value = value?.[step];
  process.stdout.write(`${JSON.stringify(value ?? null)}\n`);
}
