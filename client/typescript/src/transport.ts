import { spawn } from 'node:child_process';
import { connect as connectSocket, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

import { ConnectionError } from './errors.js';

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

/** How long to wait for a connection, and then for the server's welcome; absent: 30 seconds. */
export interface Patience { connectMs?: number }
export const CONNECT_MS = 30_000;

/** How a server of one's own is started. */
export interface ProgramOptions extends Patience {
  /** The command `drupe`; absent: the variable `DRUPE_BIN`, else `drupe` on the `PATH`. */
  program?: string;
  /** Flags of `drupe serve`, which bound what kernels may ask for; absent: `--allow-all`. */
  flags?: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** Where a server listens that somebody else has started. */
export interface AddressOptions extends Patience {
  /** The path of its Unix domain socket. */
  path?: string;
  /** Its TCP address, which needs the token that it printed. */
  host?: string;
  port?: number;
  token?: string;
  /** TLS: true, or options of `node:tls`. */
  tls?: boolean | ConnectionOptions;
}

/** The end of a server's standard error that an error repeats. */
const STDERR_KEPT = 2000;

/** Starts `drupe serve --stdio` as a child. It ends with this program, and does not keep it alive. */
export async function startProgram(options: ProgramOptions): Promise<Transport> {
  const program = options.program ?? process.env.DRUPE_BIN ?? 'drupe';
  const child = spawn(program, ['serve', '--stdio', ...(options.flags ?? ['--allow-all'])], {
    stdio: ['pipe', 'pipe', 'pipe'], env: options.env ?? process.env, cwd: options.cwd, windowsHide: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-STDERR_KEPT); });
  child.stdin.on('error', () => {}); // The end of the child tells more.
  const read = new Promise((resolve) => child.stdout.once('close', resolve));
  const gone = new Promise<ConnectionError>((resolve) => {
    child.once('exit', (status, signal) => {
      const how = signal ? `by ${signal}` : `with status ${status}`;
      void read.then(() => {
        resolve(new ConnectionError('lost', `the server has ended ${how}${said && `: ${said.trim()}`}`));
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(new ConnectionError('launch', `cannot start ${program}: ${cause.message}`, { cause }));
    });
  });
  // Streams of Bun lack `unref`.
  const sockets = [child, child.stdin, child.stdout, child.stderr] as unknown as Partial<Socket>[];
  const keepAlive = (on: boolean) => { for (const socket of sockets) on ? socket.ref?.() : socket.unref?.(); };
  const close = async () => {
    keepAlive(true);
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
    await gone;
    clearTimeout(timer);
  };
  return { input: child.stdout, output: child.stdin, keepAlive, close, gone };
}

/** Connects to a server that listens. */
export async function connectTo(options: AddressOptions): Promise<Transport> {
  const { path, host = '127.0.0.1', port, tls } = options;
  if (path === undefined && port === undefined) throw new TypeError('the path of a socket or a port is missing');
  const where = path ?? `${host}:${port}`;
  const secure = typeof tls === 'object' ? tls : {};
  const socket = path !== undefined ? connectSocket(path)
    : tls ? connectTls({ servername: host, ...secure, host, port: port! }) : connectSocket(port!, host);
  socket.setNoDelay(true);
  socket.setTimeout(options.connectMs ?? CONNECT_MS, () => socket.destroy(new Error('nobody answers')));
  await new Promise<void>((resolve, reject) => {
    socket.once(tls && path === undefined ? 'secureConnect' : 'connect', resolve);
    socket.once('error', (cause) => {
      reject(new ConnectionError('lost', `cannot connect to ${where}: ${cause.message}`, { cause }));
    });
  });
  socket.setTimeout(0);
  let cause: Error | undefined;
  socket.on('error', (error) => { cause = error; });
  const gone = new Promise<ConnectionError>((resolve) => {
    socket.once('close', () => {
      const why = cause ? `: ${cause.message}` : '';
      resolve(new ConnectionError('lost', `the connection to ${where} was lost${why}`, { cause }));
    });
  });
  const close = async () => { socket.ref().destroy(); await gone; };
  return { input: socket, output: socket, keepAlive: (on) => { on ? socket.ref() : socket.unref(); }, close, gone };
}
