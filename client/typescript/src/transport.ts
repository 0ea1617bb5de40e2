import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

import { milliseconds, port, recordOf, text, texts, tls, type Checks } from './checks.js';
import { ConnectionError } from './errors.js';
import { findProgram, type Found } from './program.js';

/** Two byte streams to a server. */
export interface Transport {
  input: Readable;
  output: Writable;
  /** Whether the streams keep this program alive. */
  keepAlive(on: boolean): void;
  /** Ends the connection, and a server that was started for it. Resolves when that is done. */
  close(): Promise<void>;
  /** Resolves with the reason when the server is gone. */
  gone: Promise<ConnectionError>;
}

export const CONNECT_MS = 30_000;

/** How a server of one's own is started. */
export interface ProgramOptions {
  /** The command `drupe`; absent: the variable `DRUPE_BIN`, the package for this platform, or `drupe` on the `PATH`. */
  program?: string;
  /** Flags of `drupe serve`, which bound what kernels may ask for; absent: `--allow-all`. */
  flags?: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** How long to wait for a connection, and then for the server's welcome; absent: 30 seconds. */
  connectMs?: number;
}

/** Where a server listens that somebody else has started: the `path` of its socket, or its TCP address. */
export interface AddressOptions extends Pick<ProgramOptions, 'connectMs'> {
  path?: string;
  host?: string;
  port?: number;
  /** What a server on TCP has printed. */
  token?: string;
  /** TLS: true, or options of `node:tls`. */
  tls?: boolean | ConnectionOptions;
  /** How long to try to make a connection again that was lost; absent: 30 seconds. */
  reconnectMs?: number;
}

/** @internal */
export const PROGRAM_OPTIONS: Checks<ProgramOptions> = {
  program: text, flags: texts, env: recordOf(text), cwd: text, connectMs: milliseconds(0),
};
/** @internal */
export const ADDRESS_OPTIONS: Checks<AddressOptions> = {
  path: text, host: text, port, token: text, tls, connectMs: milliseconds(0), reconnectMs: milliseconds(0, true),
};

/** The end of a server's standard error that an error repeats. */
const STDERR_KEPT = 2000;
/** How long a server may take to end. */
const END_MS = 2000;

/** Starts `drupe serve --stdio` as a child. It ends with this program, and does not keep it alive. */
export async function startProgram(options: ProgramOptions): Promise<Transport> {
  const { flags = ['--allow-all'], env, cwd } = options;
  const found = await findProgram(options.program, env);
  const child = spawn(found.program, ['serve', '--stdio', ...flags], { env: env ?? process.env, cwd, windowsHide: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-STDERR_KEPT); });
  child.stdin.on('error', () => {}); // The end of the child tells more.
  const gone = new Promise<ConnectionError>((resolve) => {
    child.once('close', (status, signal) => {
      const how = signal ? `by ${signal}` : `with status ${status}`;
      resolve(new ConnectionError('lost', `the server has ended ${how}${said && `: ${said.trim()}`}`));
    });
  });
  await once(child, 'spawn').catch((cause: Error) => {
    throw new ConnectionError('launch', cannotStart(found, cwd, cause), { cause });
  });
  // Streams of Bun lack `unref`.
  const sockets = [child, child.stdin, child.stdout, child.stderr] as unknown as Partial<Socket>[];
  const keepAlive = (on: boolean) => { for (const socket of sockets) on ? socket.ref?.() : socket.unref?.(); };
  const close = async () => {
    keepAlive(true);
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await gone;
    clearTimeout(timer);
  };
  return { input: child.stdout, output: child.stdin, keepAlive, close, gone };
}

/** Why a program was not started, in words. A folder that is not there is told as a program that is not. */
function cannotStart({ program, by }: Found, cwd: string | undefined, { message, code }: NodeJS.ErrnoException): string {
  const isFolder = cwd === undefined || statSync(cwd, { throwIfNoEntry: false })?.isDirectory();
  const why = !isFolder ? `the option cwd must be a folder, and ${cwd} is none`
    : code === 'ENOENT' ? 'there is no such program'
    : code === 'EACCES' ? 'it is no program that may be executed' : message;
  return `cannot start ${program}, which ${by} names: ${why}`;
}

/** Connects to a server that listens. */
export async function connectTo(options: AddressOptions): Promise<Transport> {
  const { path, host = '127.0.0.1', connectMs = CONNECT_MS } = options;
  if (path === undefined && options.port === undefined) throw new TypeError('the path of a socket or a port is missing');
  if (path !== undefined && options.tls) throw new TypeError('tls is for a host and a port, not for the path of a socket');
  const secure = options.tls, where = path ?? `${host}:${options.port}`;
  const socket = path !== undefined ? connectSocket(path)
    : secure ? connectTls({ servername: host, ...(secure !== true && secure), host, port: options.port! })
    : connectSocket(options.port!, host);
  let cause: Error | undefined;
  socket.on('error', (error) => { cause = error; });
  const lost = (what: string) => new ConnectionError('lost', cause ? `${what}: ${cause.message}` : what, { cause });
  const gone = new Promise<ConnectionError>((resolve) => {
    socket.once('close', () => resolve(lost(`the connection to ${where} was lost`)));
  });
  socket.setNoDelay(true);
  socket.setTimeout(connectMs, () => socket.destroy(new Error('nobody answers')));
  await once(socket, secure ? 'secureConnect' : 'connect').catch(() => { throw lost(`cannot connect to ${where}`); });
  socket.setTimeout(0);
  const close = async () => { socket.ref().destroy(); await gone; };
  return { input: socket, output: socket, keepAlive: (on) => { on ? socket.ref() : socket.unref(); }, close, gone };
}
