import { randomUUID } from 'node:crypto';

import { Calls } from './calls.js';
import { Connection } from './connection.js';
import type { Fields, Message } from './decode.js';
import { encodeMessage } from './encode.js';
import { ConnectionError, RequestError } from './errors.js';
import { Kernel } from './kernel.js';
import type { AttachOptions, OpenOptions } from './options.js';
import type { KernelInfo } from './questions.js';
import { connectTo, startProgram, type AddressOptions, type ProgramOptions, type Transport } from './transport.js';

/** The requests without an answer that a server takes at once, less a few. */
const MAX_SENT = 1000;
/** The defaults for connections that can be made again: how long this is tried, and how long kernels wait for it. */
const RECONNECT_MS = 30_000, LONGEST_PAUSE_MS = 1000;

interface Pending {
  frame: Uint8Array;
  /** Whether it may be sent twice. */
  again: boolean;
  /** Takes the reply before any later message is read. */
  now?: ((reply: Fields) => void) | undefined;
  resolve(reply: Fields): void;
  reject(error: Error): void;
}

/** A connection to `drupe serve` for any number of kernels. Only what is awaited keeps this program alive. */
export class Server {
  #connection: Connection | undefined;
  #calls: Calls | undefined;
  #kernels = new Map<string, Kernel>();
  #pending = new Map<number, Pending>();
  #unsent: number[] = [];
  #lastId = 0;
  #held = 0;
  #ended: ConnectionError | undefined;
  #tags: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #instance: string | undefined;

  private constructor(private readonly address?: AddressOptions & { reconnectMs?: number }) {
    if (address) this.#tags = randomUUID();
  }

  /** Starts a server as a child, which ends with this program. */
  static async start(options: ProgramOptions = {}): Promise<Server> {
    const server = new Server();
    await server.#connect(await startProgram(options), options);
    return server;
  }

  /**
   * Connects to a server that listens. A connection that is lost is made again, for `reconnectMs` (30 seconds), and
   * nothing that a kernel did meanwhile is lost, as long as the server remembers it.
   */
  static async connect(options: AddressOptions & { reconnectMs?: number }): Promise<Server> {
    const server = new Server(options);
    await server.#connect(await connectTo(options), options);
    return server;
  }

  /** Starts a kernel. */
  async open(options: OpenOptions = {}): Promise<Kernel> {
    const { answers, slow, events, functions, reserved, ...rest } = options;
    const lasting = this.address && { lingerMs: this.address.reconnectMs ?? RECONNECT_MS, onDisconnect: 'keep' };
    let kernel!: Kernel;
    const body = {
      ...lasting, ...rest, slow, events, answers: answers && Object.keys(answers),
      functions: functions && Object.keys(functions), reserved: reserved && Object.keys(reserved),
    };
    await this.ask('open', body, false, (reply) => {
      kernel = new Kernel(this, reply.kernel, options);
      const { generation, pid, engine, sandbox } = reply;
      Object.assign(kernel, { generation, pid, engine, sandbox });
      kernel.lend(functions);
      kernel.lend(reserved, true);
      this.#kernels.set(kernel.id, kernel);
    });
    return kernel;
  }

  /** Attaches to a kernel that another client has opened: to its events after number `after`, or those to come. */
  async attach(id: string, options: AttachOptions & { after?: number } = {}): Promise<Kernel> {
    const kernel = new Kernel(this, id, options);
    this.#kernels.set(id, kernel);
    try {
      const { after } = options;
      const reply = await this.ask('attach', { kernel: id, after, ...kernel.attachment }, true);
      kernel.generation = reply.generation;
      if (after === undefined) kernel.seq = Math.max(kernel.seq, reply.seq);
    } catch (error) {
      this.#kernels.delete(id);
      throw error;
    }
    return kernel;
  }

  /** Lists the kernels of the server. */
  async list(): Promise<KernelInfo[]> { return (await this.ask('list', {}, true)).kernels; }
  /** Says whether source text is complete, and the indentation of its next line. */
  isComplete(code: string): Promise<{ status: 'complete' | 'incomplete' | 'invalid'; indent: string }> {
    return this.ask('is_complete', { code }, true) as ReturnType<Server['isComplete']>;
  }
  /** Lays out source text anew. */
  async format(code: string): Promise<string> { return (await this.ask('format', { code }, true)).code; }
  /** Waits for a sign of life. */
  async ping(): Promise<void> { await this.ask('ping', {}, true); }

  /** Ends the connection, and the server if it was started by `start`. What still waits fails. */
  async close(): Promise<void> {
    const connection = this.#connection;
    const error = new ConnectionError('closed', 'the connection to the server is closed');
    this.#fail(error, 'closed');
    await connection?.close(error);
  }

  [Symbol.asyncDispose](): Promise<void> { return this.close(); }

  /** Sends a request, and waits for its answer. @internal */
  async ask(name: string, body: object, again = false, now?: Pending['now']): Promise<Fields> {
    if (this.#ended) throw this.#ended;
    const id = ++this.#lastId, frame = encodeMessage(name, { id, ...body });
    this.hold(1);
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { frame, again, now, resolve, reject });
        this.#unsent.push(id);
        this.#flush();
      });
    } finally {
      this.hold(-1);
    }
  }

  /** Keeps this program alive while more is awaited than was released. @internal */
  hold(change: 1 | -1): void {
    this.#held += change;
    if (this.#held > 1 || (this.#held === 1 && change < 0)) return;
    this.#connection?.transport.keepAlive(this.#held > 0);
    if (this.#held > 0) this.#timer?.ref();
    else this.#timer?.unref();
  }

  /** A name for a run, if its connection may be lost and made again. @internal */
  newTag(): string | undefined {
    return this.#tags && `${this.#tags}:${++this.#lastId}`;
  }

  /** @internal */
  forget(kernel: Kernel): void {
    this.#kernels.delete(kernel.id);
  }

  async #connect(transport: Transport, options: AddressOptions): Promise<void> {
    const connection = await Connection.open(transport, options, {
      message: (from, message) => this.#take(from, message),
      lost: (from, error) => this.#lost(from, error),
    });
    if (connection.lost) throw connection.lost;
    this.#instance ??= connection.instance;
    if (this.#instance !== connection.instance) {
      const error = new ConnectionError('instance', 'another server has taken the place of the one before');
      void connection.close(error);
      throw error;
    }
    const before = this.#unsent;
    this.#unsent = [];
    for (const kernel of this.#kernels.values()) kernel.reattach();
    this.#unsent.push(...before);
    this.#connection = connection;
    this.#calls = new Calls(connection);
    transport.keepAlive(this.#held > 0);
    this.#flush();
  }

  #flush(): void {
    while (this.#connection && this.#unsent.length > 0 && this.#pending.size - this.#unsent.length < MAX_SENT) {
      const pending = this.#pending.get(this.#unsent.shift()!);
      if (pending) this.#connection.write(pending.frame);
    }
  }

  #take(connection: Connection, [name, body]: Message): void {
    const kernel = this.#kernels.get(body.kernel);
    switch (name) {
      case 'event': return kernel?.take(body);
      case 'missed': return kernel?.take({ ...body, type: 'missed' });
      case 'closed':
        return kernel?.fail(new ConnectionError('closed', `the kernel is gone: ${body.reason}`), body.reason);
      case 'reply': case 'error': return this.#answer(body, name === 'error');
      case 'call':
        if (kernel) void this.#calls?.begin(kernel, body);
        else connection.send('fail', { call: body.call, name: 'Error', message: 'no such kernel' });
        return;
      case 'next': return void this.#calls?.next(body.call);
      case 'cancel': return this.#calls?.cancel(body.call);
    }
  }

  #answer(body: Fields, failed: boolean): void {
    const pending = this.#pending.get(body.id);
    if (!pending) return;
    this.#pending.delete(body.id);
    const { id: _, ...fields } = body;
    if (failed) pending.reject(new RequestError(body.code, body.message, body.field));
    else {
      pending.now?.(fields);
      pending.resolve(fields);
    }
    if (this.#unsent.length > 0) this.#flush();
  }

  #lost(connection: Connection, error: ConnectionError): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#calls?.cancelAll();
    if (!this.address || error.code !== 'lost') return this.#fail(error, 'lost');
    const unsent = new Set(this.#unsent);
    for (const [id, pending] of this.#pending) {
      if (pending.again || unsent.has(id)) continue;
      this.#pending.delete(id);
      pending.reject(error);
    }
    this.#unsent = [...this.#pending.keys()];
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const until = Date.now() + (this.address!.reconnectMs ?? RECONNECT_MS);
    for (let pause = 10; !this.#ended; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        const transport = await connectTo(this.address!);
        if (this.#ended) return void transport.close();
        return await this.#connect(transport, this.address!);
      } catch (error) {
        const { code } = error as ConnectionError;
        if (code !== 'lost' || Date.now() + pause > until) return this.#fail(error as ConnectionError, 'lost');
      }
      await new Promise<void>((resolve) => {
        this.#timer = setTimeout(resolve, pause);
        if (this.#held === 0) this.#timer.unref();
      });
    }
  }

  #fail(error: ConnectionError, reason: string): void {
    this.#ended ??= error;
    this.#connection = undefined;
    this.#calls?.cancelAll();
    this.#timer?.unref();
    for (const kernel of [...this.#kernels.values()]) kernel.fail(error, reason);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    this.#unsent = [];
  }
}
