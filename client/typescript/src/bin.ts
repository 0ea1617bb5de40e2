#!/usr/bin/env node
// The command `drupe` of this package: the program of the package for this platform, with the same words and streams.
import { spawn } from 'node:child_process';

import { missing, programOfPackage } from './program.js';

/** Ctrl-C goes to the program, too, which decides. The others are passed on. */
const OWN: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'], PASSED_ON: NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

async function main(): Promise<void> {
  const program = await programOfPackage();
  if (program === undefined) throw missing('the command drupe has no program');
  const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
  for (const signal of OWN) process.on(signal, () => {});
  for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
  child.on('error', failed);
  child.on('exit', (status, signal) => {
    if (!signal) process.exit(status ?? 2);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function failed(error: Error): void {
  console.error(`drupe: ${error.message}`);
  process.exitCode = 2;
}

main().catch(failed);
