import type { Answers, Functions, HostFunction } from './calls.js';
import type { Fields } from './decode.js';
import { ConnectionError, KernelError, RequestError } from './errors.js';
import { Feed, placeOf, readEvent, type Events, type Handle, type KernelEvent } from './events.js';
import type { AttachOptions, OpenOptions, RunOptions } from './options.js';
import type { Completions, Global, Inspection, Properties, Signature, Status } from './questions.js';
import { Run } from './run.js';
import { Server } from './server.js';
import type { ProgramOptions } from './transport.js';

/** A process that runs JavaScript and TypeScript, and remembers what runs leave behind. */
export class Kernel {
  /** The number of the session, and of the last event. */
  generation = 0;
  seq = 0;
  /** Its process, its engine, and how it is confined; undefined of a kernel that somebody else has opened. */
  pid: number | undefined;
  engine: { name: string; version: string } | undefined;
  sandbox: OpenOptions['sandbox'];
  readonly functions = new Map<string, HostFunction>();
  readonly answers: Answers;
  #reserved = new Set<string>();
  #runs = new Map<number, Run>();
  #submitting = 0;
  #early = new Map<number, KernelEvent[]>();
  #listeners = new Set<(event: KernelEvent) => void>();
  #closed: Error | undefined;
  #owned: Server | undefined;

  /** Use `Kernel.open` or `Server.open`. */
  constructor(readonly server: Server, readonly id: string, private readonly options: AttachOptions) {
    this.answers = options.answers ?? {};
  }

  /** Starts a kernel in a server of its own, which ends with it. `Server.open` starts several in one. */
  static async open(options: OpenOptions & { server?: ProgramOptions } = {}): Promise<Kernel> {
    const { server: program, ...rest } = options;
    const server = await Server.start(program);
    try {
      const kernel = await server.open(rest);
      kernel.#owned = server;
      return kernel;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Executes source text, after the runs before it. What the code does is told by the report, and is no exception. */
  run(code: string, options: RunOptions = {}): Run {
    return this.#submit({ code }, options);
  }

  /** Runs a module as a program, by its path, its URL or as an import names it. */
  runModule(module: string, options: RunOptions = {}): Run {
    return this.#submit({ module }, options);
  }

  /** Executes source text and returns its value. Throws a `RunError` if it ends in another way. */
  async evaluate<T = unknown>(code: string, options: RunOptions = {}): Promise<T> {
    return (await this.run(code, options)).throwForError().value as T;
  }

  /** Stops a run, or without a number what is executing. Resolves to whether there was anything to stop. */
  async interrupt(run?: number): Promise<boolean> {
    return (await this.#ask('interrupt', { run }, run !== undefined)).stopped ?? true;
  }

  /** Replaces the session by an empty one, in the same process. */
  async reset(): Promise<void> { this.generation = (await this.#ask('reset')).generation; }
  /** Replaces the process. */
  async restart(): Promise<void> { this.generation = (await this.#ask('restart')).generation; }
  /** Kills the process for good. */
  async terminate(): Promise<void> { await this.#ask('terminate'); }

  /** Lends more functions to the kernel. */
  async register(functions: Functions, options: { reserved?: boolean } = {}): Promise<void> {
    this.lend(functions, options.reserved);
    await this.#ask('register', { functions: Object.keys(functions), ...options }, true);
  }

  // Questions about the session. They are answered at once, also while a run is busy.
  /** Completes the name at a cursor, which counts UTF-16 code units from 0. */
  complete(code: string, cursor: number): Promise<Completions> {
    return this.#query('complete', { code, cursor });
  }
  /** Describes the name at a cursor. */
  async inspect(code: string, cursor: number): Promise<Inspection | undefined> {
    return (await this.#query('inspect', { code, cursor })).found ?? undefined;
  }
  /** Describes the function whose arguments stand at a cursor. */
  async signature(code: string, cursor: number): Promise<Signature | undefined> {
    return (await this.#query('signature', { code, cursor })).found ?? undefined;
  }
  /** Lists the variables that runs have defined. */
  async globals(): Promise<Global[]> {
    return (await this.#query('globals')).items;
  }
  /** Says what the kernel does, and what memory it uses. */
  status(): Promise<Status> { return this.#query('status'); }
  /** Evaluates code that has no side effects to text; undefined for other code, or while the kernel cannot. */
  async preview(code: string): Promise<string | undefined> {
    return (await this.#query('preview', { code })).text ?? undefined;
  }
  /** Lists the contents of an object. */
  properties(handle: Handle, start = 0, count = 100): Promise<Properties> {
    return this.#query('properties', { handle, start, count });
  }
  /** Forgets handles. */
  async release(...handles: Handle[]): Promise<void> { await this.#ask('release', { handles }, true); }

  /** Calls a function for each event of the kernel. Returns a function that stops this. */
  onEvent(listener: (event: KernelEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  /** The events of the kernel from now on, those of all its clients included. They end when the kernel is gone. */
  events(): Events {
    const feed = new Feed<KernelEvent>();
    const stop = this.onEvent((event) => {
      feed.push(event);
      if (event.type === 'closed') feed.end();
    });
    if (this.#closed) feed.end();
    return follow(feed, stop, this.server);
  }

  /** Leaves the kernel to its other clients, or to its `lingerMs`. */
  async detach(): Promise<void> {
    await this.#ask('detach', {}, true);
    this.fail(new ConnectionError('closed', 'this client is detached from the kernel'), 'detached');
  }

  /** Ends the kernel, and the server that was started for it alone. */
  async close(): Promise<void> {
    try {
      if (!this.#closed) await this.#ask('close', {}, true);
    } catch (error) {
      const gone = error instanceof RequestError && error.code === 'unknown_kernel';
      if (!gone && !(error instanceof ConnectionError)) throw error;
    } finally {
      this.fail(new ConnectionError('closed', 'the kernel is closed'), 'closed');
      await this.#owned?.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> { return this.close(); }

  /** Whether a run of this client has not ended. */
  isActive(run: number): boolean { return this.#runs.has(run); }

  /** @internal */
  lend(functions: Functions = {}, reserved = false): void {
    for (const [name, lent] of Object.entries(functions)) {
      this.functions.set(name, lent);
      if (reserved) this.#reserved.add(name);
      else this.#reserved.delete(name);
    }
  }

  /** The fields of `open` and `attach` that say what this client is told. @internal */
  get attachment(): object {
    const { answers, slow, events } = this.options;
    return { slow, events, answers: answers && Object.keys(answers) };
  }

  /** Takes an event, or what was missed. Events that the server repeats concern only runs that lack them. @internal */
  take(body: Fields): void {
    const event = readEvent(body), { seq, run } = placeOf(event);
    if (event.type === 'missed') {
      for (const lacking of new Set([...this.#runs.keys(), ...event.ended ?? []])) this.#deliver(lacking, event);
    } else if (run !== undefined) this.#deliver(run, event);
    if (seq <= this.seq) return;
    this.seq = seq;
    if (event.type === 'session') this.generation = event.generation;
    this.#tell(event);
  }

  /** Attaches to the kernel again, after the connection was lost. @internal */
  reattach(): void {
    const lent = [...this.functions.keys()];
    const register = (functions: string[], reserved: boolean) => {
      if (functions.length > 0) this.#ask('register', { functions, reserved }).catch(() => {});
    };
    this.#ask('attach', { after: this.seq, ...this.attachment }).catch((error: unknown) => {
      if (error instanceof RequestError) this.fail(new KernelError(error.code, error.message), 'lost');
    });
    register(lent.filter((name) => !this.#reserved.has(name)), false);
    register(lent.filter((name) => this.#reserved.has(name)), true);
  }

  /** Ends all runs. @internal */
  fail(error: Error, reason: string): void {
    if (this.#closed) return;
    this.#closed = error;
    this.server.forget(this);
    for (const run of this.#runs.values()) { run.fail(error); this.server.hold(-1); }
    this.#runs.clear();
    this.#tell({ type: 'closed', reason });
  }

  #submit(what: object, { signal, ...options }: RunOptions): Run {
    const run = new Run(this, signal);
    if (signal?.aborted) {
      run.fail(signal.reason);
      return run;
    }
    const tag = options.tag ?? this.server.newTag();
    this.#submitting++;
    this.server.hold(1);
    const begin = ({ run: number, again }: Fields) => {
      const first = this.#runs.get(number), early = first?.events ?? this.#early.get(number) ?? [];
      run.begin(number, first);
      if (first) this.server.hold(-1);
      this.#runs.set(number, run);
      for (const event of [...early]) this.#deliver(number, event);
      // Its end may be among the events before this client was attached.
      if (again && early.length === 0) this.#ask('attach', { after: 0, ...this.attachment }, true).catch(() => {});
      this.#submitted();
    };
    this.#ask('run', { ...what, ...options, tag }, true, begin).catch((error: unknown) => {
      run.fail(error);
      if (run.number === undefined) { this.#submitted(); this.server.hold(-1); }
    });
    return run;
  }

  #submitted(): void {
    if (--this.#submitting === 0) this.#early.clear();
  }

  #deliver(number: number, event: KernelEvent): void {
    const run = this.#runs.get(number);
    if (!run) {
      // The run may be one whose reply was lost with a connection.
      if (this.#submitting > 0) this.#early.set(number, [...this.#early.get(number) ?? [], event]);
    } else if (run.take(event)) {
      this.#runs.delete(number);
      this.server.hold(-1);
    }
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

  #query(name: string, body: object = {}): Promise<any> {
    return this.#ask(name, body, true);
  }

  async #ask(name: string, body: object = {}, again = false, now?: (reply: Fields) => void): Promise<Fields> {
    if (this.#closed) throw this.#closed;
    return this.server.ask(name, { kernel: this.id, ...body }, again, now);
  }
}

async function* follow(feed: Feed<KernelEvent>, stop: () => void, server: Server): Events {
  server.hold(1);
  try {
    yield* feed.read(true);
  } finally {
    server.hold(-1);
    stop();
  }
}
