import * as checks from './checks.js';
import { checkNames, type Answers, type Functions, type HostFunction } from './calls.js';
import type { Fields } from './decode.js';
import { closedBy, ConnectionError, KernelError, RequestError, type DrupeError } from './errors.js';
import type { Events, Handle, KernelEvent, NumberedEvent } from './events.js';
import { Feed } from './feed.js';
import { namesOf, tellToAwait } from './misuse.js';
import {
  checkLent, OPEN_OPTIONS, runFields, type AttachOptions, type Completions, type Global, type Inspection,
  type ModuleOptions, type OpenOptions, type Properties, type RunOptions, type Signature, type Status,
} from './options.js';
import { Run } from './run.js';
import { Server } from './server.js';
import type { ProgramOptions } from './transport.js';

/** Whoever has it may make a kernel. */
const KEY = Symbol('kernel');

/** A process that runs JavaScript and TypeScript, and remembers what runs leave behind. */
export class Kernel {
  readonly id: string;
  /** The number of the session, and of the last event. */
  generation: number;
  seq: number;
  /**
   * Its process. Undefined of a kernel that somebody else has opened, and of a process that has taken the place of
   * another one, unless the server tells it.
   */
  pid?: number | undefined;
  /** Its engine, and how it is confined; undefined of a kernel that somebody else has opened. */
  readonly engine?: { name: string; version: string };
  readonly sandbox?: OpenOptions['sandbox'];
  /** The functions that kernels may call, by their names. @internal */
  readonly lent = new Map<string, { work: HostFunction; reserved: boolean }>();
  #runs = new Map<number, Run[]>();
  #listeners = new Set<(event: KernelEvent) => void>();
  #closed: Error | undefined;
  /** By what this program closes it, if it does. @internal */
  closing: string | undefined;
  #owned: Server | undefined;
  /** The event after which the server goes on: it is before `seq` while events are repeated. */
  #position: number;

  /** @internal */
  static of(server: Server, options: OpenOptions, reply: Fields): Kernel {
    return new Kernel(server, options, reply, KEY);
  }

  private constructor(readonly server: Server, private options: OpenOptions, reply: Fields, key: symbol) {
    if (key !== KEY) throw new TypeError(HOW_TO_OPEN);
    const { kernel, generation, seq = 0, pid, engine, sandbox } = reply;
    this.id = kernel;
    this.generation = generation;
    this.seq = this.#position = seq;
    Object.assign(this, { pid, engine, sandbox });
    this.#lend(options.functions, false);
    this.#lend(options.reserved, true);
  }

  /** Starts a kernel in a server of its own, which ends with it. `Server.open` starts several in one. */
  static open(options: OpenOptions & { server?: ProgramOptions } = {}): Promise<Kernel> {
    return opening(Kernel.#open(options), 'Kernel.open(options)');
  }

  static async #open(options: OpenOptions & { server?: ProgramOptions }): Promise<Kernel> {
    checks.checkOptions('Kernel.open', options, { server: checks.record, ...OPEN_OPTIONS });
    const { server: program, ...rest } = options;
    const server = await Server.start(program);
    const kernel = await server.open(rest).catch(async (error: unknown) => { await server.close(); throw error; });
    kernel.#owned = server;
    return kernel;
  }

  /**
   * Executes source text, or a `module`, after the runs before it. What the code does is told by the report, and is no
   * exception.
   */
  run(code: string, options?: RunOptions): Run;
  run(options: ModuleOptions): Run;
  run(first: string | ModuleOptions, second: RunOptions = {}): Run {
    const { code, ...given } = runFields(first, second);
    checkLent(given, this);
    const { signal, ...options } = given;
    const run = Run.of(this, signal), tag = options.tag ?? this.server.newTag();
    if (signal?.aborted) {
      run.fail(signal.reason);
      return run;
    }
    const begin = (number: number, seq: number) => {
      if (!run.ended) this.#runs.set(number, [...this.#runs.get(number) ?? [], run]);
      run.begin(number, seq);
    };
    const before = options.tag === undefined ? this.seq : 0;
    this.#ask('run', { code, ...options, tag }, ({ run: number, again }) => {
      if (!again) return begin(number, this.seq);
      // Events of the run may have come before its number did: the server repeats them.
      return this.#attach(before, () => begin(number, before));
    }).catch((error: unknown) => run.fail(error));
    return run;
  }

  /** Executes source text and returns its value; undefined if it exits with status 0. Throws a `RunError` if it fails. */
  async evaluate<T = unknown>(code: string, options: RunOptions = {}): Promise<T> {
    return (await this.run(code, options)).throwForError().value as T;
  }

  /** Stops a run, or without a number what is executing. Resolves to whether there was anything to stop. */
  interrupt(run?: number): Promise<boolean> {
    return this.#ask('interrupt', { run }, ({ stopped = true }) => stopped, run === undefined);
  }

  /** Replaces the session by an empty one, in the same process. */
  reset(): Promise<void> { return this.#ask('reset', {}, ({ generation }) => { this.generation = generation; }); }
  /** Replaces the process. */
  restart(): Promise<void> {
    return this.#ask('restart', {}, ({ generation, pid }) => { Object.assign(this, { generation, pid }); });
  }
  /** Kills the process for good. */
  async terminate(): Promise<void> { await this.#ask('terminate'); }

  /** Lends more functions to the kernel; those that are reserved only to runs with a `grant`. */
  async register(functions: Functions, { reserved = false }: { reserved?: boolean } = {}): Promise<void> {
    OPEN_OPTIONS.functions('functions', functions);
    checkNames([...this.lent.keys()], Object.keys(functions));
    this.#lend(functions, reserved);
    await this.#ask('register', { functions: Object.keys(functions), reserved });
  }

  // Questions about the session. They are answered at once, also while a run is busy.
  /** Completes the name at a cursor, which counts UTF-16 code units from 0. Absent, here and below: at the end. */
  complete(code: string, cursor = code.length): Promise<Completions> { return this.#ask('complete', { code, cursor }); }
  /** Describes the name at a cursor. */
  inspect(code: string, cursor = code.length): Promise<Inspection | undefined> {
    return this.#ask('inspect', { code, cursor }, (reply) => reply.found);
  }
  /** Describes the function whose arguments stand at a cursor. */
  signature(code: string, cursor = code.length): Promise<Signature | undefined> {
    return this.#ask('signature', { code, cursor }, (reply) => reply.found);
  }
  /** Lists the variables that runs have defined. */
  globals(): Promise<Global[]> { return this.#ask('globals', {}, (reply) => reply.items); }
  /** Says what the kernel does, and what memory it uses. */
  status(): Promise<Status> { return this.#ask('status'); }
  /** Evaluates code that has no side effects to text; undefined for other code, or while the kernel cannot. */
  preview(code: string): Promise<string | undefined> { return this.#ask('preview', { code }, (reply) => reply.text); }
  /** Lists the contents of an object. */
  properties(handle: Handle, start = 0, count = 100): Promise<Properties> {
    return this.#ask('properties', { handle, start, count });
  }
  /** Forgets handles. */
  async release(...handles: Handle[]): Promise<void> { await this.#ask('release', { handles }); }

  /** Calls a function for each event of the kernel. Returns a function that stops this. */
  onEvent(listener: (event: KernelEvent) => void): () => void {
    checks.work('the listener', listener);
    if (this.#closed) throw this.#closed;
    return this.#listen(listener);
  }

  /** The events of the kernel from now on, those of all its clients included. They end when the kernel is gone. */
  events(): Events {
    const feed = new Feed<KernelEvent>();
    const stop = this.#listen((event) => {
      feed.push(event);
      if (event.type === 'closed') feed.end();
    });
    if (this.#closed) feed.end();
    return follow(feed, stop, this.server);
  }

  /** Ends the kernel, and the server that was started for it alone. */
  close(): Promise<void> { return this.#close('kernel.close()'); }

  [Symbol.asyncDispose](): Promise<void> { return this.#close('the end of its `await using`'); }

  async #close(method: string): Promise<void> {
    this.closing ??= method;
    try {
      if (!this.#closed) await this.#ask('close');
    } catch (error) {
      if (!(error instanceof ConnectionError) && (error as DrupeError).code !== 'unknown_kernel') throw error;
    } finally {
      this.fail(new ConnectionError('closed', closedBy('closed', this.closing)), 'closed');
      await this.#owned?.end(this.closing);
    }
  }

  /** Whether a run of this client has not ended. */
  isActive(run: number): boolean { return this.#runs.has(run); }

  /** Whether it is told of each run that begins. @internal */
  get tellsStarts(): boolean { return this.options.events?.includes('started') ?? true; }

  /** @internal */
  get answers(): Answers { return this.options.answers ?? {}; }

  /** Takes an event. Those that the server repeats concern only runs that lack them. @internal */
  take(body: Fields): void {
    if (body.type === 'console' || body.type === 'output') body.text ??= ''; // Empty fields are left out.
    if (body.type === 'console') Object.assign(body, { depth: body.depth ?? 0, args: body.args ?? [] });
    const event = body as NumberedEvent, { seq, run } = event;
    this.#position = seq;
    const concerned = event.type === 'missed' ? this.#active() : this.#runs.get(run!) ?? [];
    for (const each of concerned) each.take(event);
    if (seq <= this.seq) return;
    this.seq = seq;
    this.#renew(event);
    this.#tell(event);
  }

  /** Attaches to the kernel again, after the connection was lost. @internal */
  reattach(): void {
    this.#attach(this.#position, () => {}, true).catch((error: unknown) => {
      if (error instanceof RequestError) this.fail(new KernelError(error.code, error.message), 'lost');
    });
    for (const reserved of [false, true]) {
      const functions = [...this.lent.keys()].filter((name) => this.lent.get(name)!.reserved === reserved);
      if (functions.length > 0) this.#ask('register', { functions, reserved }, () => {}, true).catch(() => {});
    }
  }

  /** Attaches anew, with more options. @internal */
  async join(options: AttachOptions): Promise<this> {
    const answers = { ...this.options.answers, ...options.answers };
    this.options = { ...this.options, ...options, ...(Object.keys(answers).length > 0 && { answers }) };
    await this.#attach(this.#position, () => {});
    return this;
  }

  /** @internal */
  forget(run: Run): void {
    const others = this.#runs.get(run.number!)?.filter((other) => other !== run) ?? [];
    if (others.length > 0) this.#runs.set(run.number!, others);
    else this.#runs.delete(run.number!);
  }

  /** Ends all runs. @internal */
  fail(error: Error, reason: string): void {
    if (this.#closed) return;
    this.#closed = error;
    this.server.forget(this);
    for (const run of this.#active()) run.fail(error);
    this.#tell({ type: 'closed', reason });
  }

  /** Takes what an event tells of the session and its process. Not every client is told of `session`. */
  #renew(event: NumberedEvent & { pid?: number }): void {
    if (event.type === 'session') {
      this.generation = event.generation;
      if (event.reason === 'respawned' || event.reason === 'restarted') this.pid = event.pid;
    } else if (event.type === 'outcome' && (event.generation ?? 0) > this.generation) {
      Object.assign(this, { generation: event.generation, pid: undefined });
    } else if (event.type === 'error' && (event.status ?? event.signal) !== undefined) this.pid = undefined;
  }

  #listen(listener: (event: KernelEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  #lend(functions: Functions = {}, reserved: boolean): void {
    for (const [name, work] of Object.entries(functions)) this.lent.set(name, { work, reserved });
  }

  #active(): Run[] { return [...this.#runs.values()].flat(); }

  /** Has the server go on after an event. */
  #attach(after: number, read: () => void, once = false): Promise<void> {
    return this.#ask('attach', { after, ...attachmentOf(this.options) }, () => {
      this.#position = after;
      read();
    }, once);
  }

  #tell(event: KernelEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => { throw error; });
      }
    }
  }

  async #ask<T>(
    name: string, body: object = {}, read?: (reply: Fields) => T | Promise<T>, once?: boolean,
  ): Promise<T> {
    if (this.#closed) throw this.#closed;
    return this.server.ask(name, { kernel: this.id, ...body }, read, once);
  }
}

const HOW_TO_OPEN = 'a kernel is opened by `await Kernel.open(options)`, or in a server of several by '
  + '`await server.open(options)`: there is no `new Kernel`';

/** A promise of a kernel, which says so to who takes it for the kernel. @internal */
export function opening(kernel: Promise<Kernel>, call: string): Promise<Kernel> {
  const names = ['id', 'pid', 'generation', 'seq', 'server', 'engine', 'sandbox', ...namesOf(Kernel)];
  return tellToAwait(kernel, names, `\`${call}\` gives a promise; await it, as in \`const kernel = await ${call}\``);
}

/** The fields of `open` and `attach` that say what this client is told. @internal */
export function attachmentOf({ answers, slow, events }: AttachOptions): object {
  return { slow, events, answers: answers && Object.keys(answers) };
}

async function* follow(feed: Feed<KernelEvent>, stop: () => void, server: Server): Events {
  try {
    yield* feed.read((change) => server.hold(change), true);
  } finally {
    stop();
  }
}
