// What the tests of the examples share: the program, its servers, and waiting for events.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test as begin } from 'node:test';
import { fileURLToPath } from 'node:url';

/** A path in the checkout. */
export const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const DRUPE = process.env.DRUPE_BIN ?? at('target/debug/drupe');
if (!existsSync(DRUPE)) throw new Error(`there is no ${DRUPE}: cargo build builds it, or DRUPE_BIN names another`);
/** A Python that has what the client in Python needs. */
export const PYTHON = process.env.DRUPE_PYTHON ?? 'python3';
/** Whether a missing program of somebody else is a failure. */
export const isStrict = Boolean(process.env.DRUPE_REQUIRE_FIXTURES);

const LONGEST = 60_000;

/** A test that ends, and waits: the clients keep no process alive by themselves. */
export const test = (name, ...rest) => {
  const [options, work] = rest.length > 1 ? rest : [{}, ...rest];
  return begin(name, { timeout: LONGEST, ...options }, async (context) => {
    const timer = setTimeout(() => {}, LONGEST);
    try {
      await work(context);
    } finally {
      clearTimeout(timer);
    }
  });
};

/** Messages that come one after another. */
export class Inbox {
  all = [];
  #wanted = new Set();
  #end;

  push(message) {
    this.all.push(message);
    for (const look of [...this.#wanted]) look();
  }

  /** No more will come. */
  end(why) {
    this.#end = why;
    for (const look of [...this.#wanted]) look();
  }

  /** The first message from number `after` on that fits. Waits for it. */
  async find(fits, after = 0) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.all.slice(after).find(fits);
        if (found === undefined && this.#end === undefined) return;
        this.#wanted.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`${this.#end}: no such message in ${JSON.stringify(this.all).slice(0, 2000)}`));
      };
      this.#wanted.add(look);
      look();
    });
  }
}

/** Starts a program whose output is lines of JSON, and ends it with the test. */
export function talk(context, command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options, env: { ...process.env, DRUPE_BIN: DRUPE, ...options.env } });
  const inbox = new Inbox(), ended = once(child, 'close').then(([status]) => status);
  createInterface({ input: child.stdout }).on('line', (line) => inbox.push(JSON.parse(line)));
  child.stdin.on('error', () => {}); // Its end tells more.
  void ended.then((status) => inbox.end(`${command} has ended with ${status}`));
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  const close = async () => {
    child.stdin.end();
    return ended;
  };
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, inbox, send, close };
}

/** `drupe serve` with `--listen`, until the test ends. */
export async function serve(context, ...flags) {
  const child = spawn(DRUPE, ['serve', '--listen', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let [port, token] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    port ??= /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    token ??= /token: (\S+)/.exec(line)?.[1];
    if (port && (token || flags.includes('--token-file'))) break;
  }
  assert.ok(port, 'the server does not listen');
  const stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    await ended;
  };
  context.after(() => stop('SIGKILL'));
  return { port: Number(port), token, pid: child.pid, stop };
}

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' };

/** Serves the files of a folder over HTTP, until the test ends. Returns their origin. */
export async function serveFiles(context, folder) {
  const server = createServer(({ url }, answer) => {
    const name = url === '/' ? 'index.html' : url.slice(1);
    try {
      answer.writeHead(200, { 'Content-Type': TYPES[extname(name)] }).end(readFileSync(join(folder, name)));
    } catch {
      answer.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

/** The processes that a process has started. */
export function childrenOf(pid) {
  const parentOf = (other) => {
    try {
      return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${other}/status`, 'utf8'))[1]);
    } catch {
      return undefined; // It has ended meanwhile.
    }
  };
  return readdirSync('/proc').map(Number).filter((other) => other > 0 && parentOf(other) === pid);
}
/** The kernels of a server. */
export function kernelsOf(pid) {
  const below = childrenOf(pid);
  return [...below, ...below.flatMap(kernelsOf)];
}
