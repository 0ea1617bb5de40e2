import { randomUUID } from 'node:crypto';

import { checkNames } from './calls.js';
import { checkOptions, size, text } from './checks.js';
import { Connection } from './connection.js';
import type { Fields, Message } from './decode.js';
import { encodeMessage } from './encode.js';
import { closedBy, ConnectionError, RequestError } from './errors.js';
import { Deferred } from './feed.js';
import { attachmentOf, Kernel, opening } from './kernel.js';
import { namesOf, tellToAwait } from './misuse.js';
import {
  ATTACH_OPTIONS, OPEN_OPTIONS, type AttachOptions, type KernelInfo, type OpenOptions,
} from './options.js';
import {
  ADDRESS_OPTIONS, connectTo, PROGRAM_OPTIONS, startProgram, type AddressOptions, type ProgramOptions, type Transport,
} from './transport.js';

/** The requests without an answer that a server takes at once, less a few. */
const MAX_SENT = 1000;
/** How long a lost connection is tried to be made again, and how long kernels wait for that. */
const RECONNECT_MS = 30_000, LONGEST_PAUSE_MS = 1000;
/** Requests that may not be sent twice. */
const ONCE = new Set(['open', 'reset', 'restart', 'terminate']);

interface Request extends Deferred<any> {
  id: number;
  frame: Uint8Array;
  once: boolean;
  /** Takes the reply before any later message is read. */
  read(reply: Fields): unknown;
}

/** Whoever has it may make a server. */
const KEY = Symbol('server');

/** A connection to `drupe serve` for any number of kernels. Only what is awaited keeps this program alive. */
export class Server {
  #connection: Connection | undefined;
  #instance: string | undefined;
  #kernels = new Map<string, Kernel>();
  /** Kernels that it is about to attach to. */
  #attaching = new Map<string, Promise<Kernel>>();
  #queue: Request[] = [];
  #sent = new Map<number, Request>();
  #lastId = 0;
  #held = 0;
  #ended: ConnectionError | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The beginning of the names of runs, if the connection can be made again. */
  #tags: string | undefined;

  private constructor(private readonly options: AddressOptions, key: symbol) {
    if (key !== KEY) throw new TypeError(HOW_TO_START);
  }

  /** Starts a server as a child, which ends with this program. */
  static start(options: ProgramOptions = {}): Promise<Server> {
    return later(Server.#start(options), 'Server.start(options)');
  }

  static async #start(options: ProgramOptions): Promise<Server> {
    checkOptions('Server.start', options, PROGRAM_OPTIONS);
    const server = new Server(options, KEY);
    await server.#connect(await startProgram(options));
    return server;
  }

  /**
   * Connects to a server that listens. A connection that is lost is made again, and nothing that a kernel did meanwhile
   * is lost, as long as the server remembers it.
   */
  static connect(options: AddressOptions): Promise<Server> {
    return later(Server.#reach(options), 'Server.connect(options)');
  }

  static async #reach(options: AddressOptions): Promise<Server> {
    checkOptions('Server.connect', options, ADDRESS_OPTIONS);
    const server = new Server({ reconnectMs: RECONNECT_MS, ...options }, KEY);
    server.#tags = randomUUID();
    await server.#connect(await connectTo(options));
    return server;
  }

  /** Starts a kernel. */
  open(options: OpenOptions = {}): Promise<Kernel> { return opening(this.#open(options), 'server.open(options)'); }

  async #open(options: OpenOptions): Promise<Kernel> {
    checkOptions('Server.open', options, OPEN_OPTIONS);
    const { functions = {}, reserved = {} } = options;
    checkNames([], [...Object.keys(functions), ...Object.keys(reserved)]);
    const lasting = this.#tags && { lingerMs: this.options.reconnectMs, onDisconnect: 'keep' };
    const lent = { functions: Object.keys(functions), reserved: Object.keys(reserved) };
    const body = { ...lasting, ...options, ...attachmentOf(options), ...lent };
    return this.ask('open', body, (reply) => this.#join(options, reply));
  }

  /**
   * Attaches to a kernel that another client has opened: to its events after number `after`, or those to come. Of a
   * kernel that this server object has already, it gives the same object: it then has these options, too, and no event
   * comes again.
   */
  attach(id: string, options: AttachOptions & { after?: number } = {}): Promise<Kernel> {
    return opening(this.#attachOnce(id, options), 'server.attach(id)');
  }

  async #attachOnce(id: string, given: AttachOptions & { after?: number }): Promise<Kernel> {
    text('the id of the kernel', id);
    checkOptions('Server.attach', given, { after: size, ...ATTACH_OPTIONS });
    const { after, ...options } = given;
    const known = this.#kernels.get(id) ?? await this.#attaching.get(id);
    if (known) return known.join(options);
    const attaching = this.#attach(id, after, options).finally(() => this.#attaching.delete(id));
    this.#attaching.set(id, attaching);
    return attaching;
  }

  #attach(id: string, after: number | undefined, options: AttachOptions): Promise<Kernel> {
    const read = ({ seq, generation }: Fields) => this.#join(options, { kernel: id, generation, seq: after ?? seq });
    return this.ask('attach', { kernel: id, after, ...attachmentOf(options) }, read);
  }

  /** Lists the kernels of the server. */
  list(): Promise<KernelInfo[]> { return this.ask('list', {}, (reply) => reply.kernels); }
  /** Says whether source text is complete, and the indentation of its next line. */
  isComplete(code: string): Promise<{ status: 'complete' | 'incomplete' | 'invalid'; indent: string }> {
    return this.ask('is_complete', { code });
  }
  /** Lays out source text anew. */
  format(code: string): Promise<string> { return this.ask('format', { code }, (reply) => reply.code); }
  /** Waits for a sign of life. */
  async ping(): Promise<void> { await this.ask('ping', {}); }

  /** Ends the connection, and the server if it was started by `start`. What still waits fails. */
  close(): Promise<void> { return this.end('server.close()'); }

  [Symbol.asyncDispose](): Promise<void> { return this.end('the end of its `await using`'); }

  /** Closes it; `method` is by what. @internal */
  async end(method: string): Promise<void> {
    const connection = this.#connection;
    const words = `the connection to the server is gone: this program has closed it, by ${method}`;
    const error = new ConnectionError('closed', words);
    this.#fail(error, 'closed');
    await connection?.close(error);
  }

  /** Sends a request, and resolves to what `read` makes of its reply. @internal */
  async ask<T>(
    name: string, body: object, read: (reply: Fields) => T | Promise<T> = (reply) => reply as T, once = ONCE.has(name),
  ): Promise<T> {
    if (this.#ended) throw this.#ended;
    const id = ++this.#lastId, frame = encodeMessage(name, { id, ...body });
    const request = Object.assign(new Deferred<T>(), { id, frame, once, read });
    this.hold(1);
    this.#queue.push(request);
    this.#flush();
    return request.promise.finally(() => this.hold(-1));
  }

  /** Keeps this program alive while more is awaited than was released. @internal */
  hold(change: 1 | -1): void {
    this.#held += change;
    if (this.#held === (change > 0 ? 1 : 0)) this.#keepAlive();
  }

  /** Whether this program has started it, and nobody else can reach it. @internal */
  get isOwn(): boolean { return !this.#tags; }

  /** A name for a run, if its connection may be lost and made again. @internal */
  newTag(): string | undefined { return this.#tags && `${this.#tags}:${++this.#lastId}`; }

  /** @internal */
  forget(kernel: Kernel): void { this.#kernels.delete(kernel.id); }

  #join(options: OpenOptions, reply: Fields): Kernel {
    const kernel = Kernel.of(this, options, reply);
    this.#kernels.set(kernel.id, kernel);
    return kernel;
  }

  #keepAlive(): void {
    this.#connection?.transport.keepAlive(this.#held > 0);
    if (this.#held > 0) this.#timer?.ref();
    else this.#timer?.unref();
  }

  async #connect(transport: Transport): Promise<void> {
    const connection: Connection = new Connection(
      transport, (message) => this.#take(connection, message),
      (error) => { if (connection === this.#connection) this.#lost(error); },
    );
    const instance = await connection.hello(this.options);
    if (connection.lost) throw connection.lost;
    this.#instance ??= instance;
    if (this.#instance !== instance) {
      const error = new ConnectionError('instance', 'another server has taken the place of the one before');
      void connection.close(error);
      throw error;
    }
    const waiting = this.#queue.splice(0);
    for (const kernel of this.#kernels.values()) kernel.reattach();
    this.#queue.push(...waiting);
    this.#connection = connection;
    this.#keepAlive();
    this.#flush();
  }

  #flush(): void {
    while (this.#connection && this.#queue.length > 0 && this.#sent.size < MAX_SENT) {
      const request = this.#queue.shift()!;
      this.#sent.set(request.id, request);
      this.#connection.write(request.frame);
    }
  }

  #take(connection: Connection, [name, body, id]: Message): void {
    const kernel = this.#kernels.get(id!);
    switch (name) {
      case 'event': return kernel?.take(body);
      case 'missed': return kernel?.take({ ...body, type: 'missed', seq: body.last });
      case 'closed':
        if (kernel) kernel.fail(new ConnectionError('closed', closedBy(body.reason, kernel.closing)), body.reason);
        return;
      case 'reply': case 'error': return this.#answer(body, name === 'error');
      case 'call':
        if (kernel) return void connection.calls.begin(kernel, body);
        return connection.send('fail', { call: body.call, name: 'Error', message: 'no such kernel' });
      case 'next': return void connection.calls.next(body.call);
      case 'cancel': return connection.calls.cancel(body.call);
    }
  }

  #answer({ id, ...reply }: Fields, failed: boolean): void {
    const request = this.#sent.get(id);
    if (!request) return;
    this.#sent.delete(id);
    if (failed) request.reject(new RequestError(reply.code, reply.message, reply.field));
    else request.resolve(request.read(reply));
    this.#flush();
  }

  #lost(error: ConnectionError): void {
    this.#connection = undefined;
    if (!this.#tags || error.code !== 'lost') return this.#fail(error, 'lost');
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    this.#queue.unshift(...sent.filter((request) => !request.once));
    for (const request of sent) if (request.once) request.reject(error);
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const until = Date.now() + this.options.reconnectMs!;
    for (let pause = 10; !this.#ended; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        const transport = await connectTo(this.options);
        return await (this.#ended ? transport.close() : this.#connect(transport));
      } catch (error) {
        const { code } = error as ConnectionError;
        if (code !== 'lost' || Date.now() + pause > until) return this.#fail(error as ConnectionError, 'lost');
      }
      await new Promise<void>((resolve) => {
        this.#timer = setTimeout(resolve, pause);
        this.#keepAlive();
      });
    }
  }

  #fail(error: ConnectionError, reason: string): void {
    this.#ended ??= error;
    this.#connection = undefined;
    this.#timer?.unref();
    for (const kernel of [...this.#kernels.values()]) kernel.fail(error, reason);
    for (const request of [...this.#sent.values(), ...this.#queue]) request.reject(error);
    this.#sent.clear();
    this.#queue = [];
  }
}

const HOW_TO_START = 'a server is started by `await Server.start(options)`, or reached by '
  + '`await Server.connect(options)`: there is no `new Server`';

/** A promise of a server, which says so to who takes it for the server. */
function later(server: Promise<Server>, call: string): Promise<Server> {
  const advice = `\`${call}\` gives a promise; await it, as in \`const server = await ${call}\``;
  return tellToAwait(server, namesOf(Server), advice);
}
