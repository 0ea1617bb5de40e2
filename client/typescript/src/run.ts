import { currentCall } from './calls.js';
import { closedBy, KernelError } from './errors.js';
import type { Events, NumberedEvent } from './events.js';
import { Deferred, Feed } from './feed.js';
import type { Kernel } from './kernel.js';
import { tellToAwait } from './misuse.js';
import { Report } from './report.js';

/** Whoever has it may make a run. */
const KEY = Symbol('run');

/**
 * One execution of source text. `await run` gives its `Report`, and `for await (const event of run)` its events as they
 * happen. It goes on if nobody awaits it, as long as this program does.
 */
export class Run implements PromiseLike<Report>, AsyncIterable<NumberedEvent> {
  /** The number that the server gave it; undefined until then. */
  number: number | undefined;
  #feed = new Feed<NumberedEvent>();
  #report = new Deferred<Report>();
  #numbered = new Deferred<void>();
  #ended = false;
  /** Whether it keeps this program alive, because its report is awaited. */
  #held = false;
  /** Events up to this one are known, or are no events of this run. */
  #seq = 0;

  /** @internal */
  static of(kernel: Kernel, signal: AbortSignal | undefined): Run { return new Run(kernel, KEY, signal); }

  private constructor(private readonly kernel: Kernel, key: symbol, signal: AbortSignal | undefined) {
    if (key !== KEY) throw new TypeError('a run is made by `kernel.run(code)`: there is no `new Run`');
    const abort = () => {
      if (!this.#isQueued()) return void this.interrupt().catch(() => {});
      this.fail(signal!.reason); // The caller need not wait for the server.
      this.#withdraw();
    };
    const leave = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort);
    this.#report.promise.then(leave, leave); // A run that nobody awaits may fail.
  }

  then<A = Report, B = never>(
    onReport?: ((report: Report) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const circle = 'a function waits for a run of its kernel, and that run waits for the function';
    if (this.#isDeadlocked()) return Promise.reject(new KernelError('deadlock', circle)).then(onReport, onError);
    this.#hold();
    return this.#report.promise.then(onReport, onError);
  }

  catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<Report | B> {
    return this.then(undefined, onError);
  }

  finally(onEnd?: (() => void) | null): Promise<Report> { return this.then().finally(onEnd); }

  /** Keeps this program alive until the end of the run. */
  #hold(): void {
    if (this.#held || this.#ended) return;
    this.#held = true;
    this.kernel.server.hold(1);
  }

  /** Whether this run waits for the run that has called the function which awaits it. */
  #isDeadlocked(): boolean {
    const { kernel, run } = currentCall.getStore() ?? {};
    return kernel === this.kernel && run !== undefined && kernel.isActive(run) && !this.#ended
      && (this.number ?? run) >= run;
  }

  [Symbol.asyncIterator](): Events<NumberedEvent> {
    return this.#feed.read((change) => this.kernel.server.hold(change));
  }

  /** Stops the run and keeps the session. Resolves when the server has been told. */
  async interrupt(): Promise<void> {
    await this.#numbered.promise;
    if (!this.#ended) await this.kernel.interrupt(this.number);
  }

  /** Whether it has not begun, as far as events tell. */
  #isQueued(): boolean { return this.kernel.tellsStarts && this.#feed.items.length === 0; }

  /** Stops a run that has ended here, but not yet in the server. */
  #withdraw(): void {
    if (this.number !== undefined) this.kernel.interrupt(this.number).catch(() => {});
  }

  /** Whether it has ended here. @internal */
  get ended(): boolean { return this.#ended; }

  /** Takes its number. Its events come after event `seq`. @internal */
  begin(number: number, seq: number): void {
    this.number = number;
    this.#seq = seq;
    this.#numbered.resolve();
    if (this.#ended) this.#withdraw();
  }

  /** @internal */
  take(event: NumberedEvent): void {
    if (event.seq <= this.#seq) return;
    this.#seq = event.seq;
    this.#feed.push(event);
    const lent = () => [...this.kernel.lent.keys()];
    if (event.type === 'outcome') this.#end()?.resolve(new Report(event, this.#feed.items, lent));
    else if (event.type === 'error') this.fail(this.#failure(event));
    else if (event.type === 'missed' && event.ended?.includes(this.number!)) {
      this.fail(new KernelError('journal', 'the server no longer has the end of this run', {}, this.#feed.items));
    }
  }

  #failure(event: NumberedEvent & { type: 'error' }): Error {
    const { closing } = this.kernel;
    const error = new KernelError(event.cause, event.message, event, this.#feed.items);
    if (closing && event.cause === 'terminated') error.message = closedBy('closed', closing);
    return error;
  }

  /** @internal */
  fail(error: unknown): void { this.#end()?.reject(error); }

  #end(): Deferred<Report> | undefined {
    if (this.#ended) return undefined;
    this.#ended = true;
    this.#numbered.resolve();
    this.#feed.end();
    this.kernel.forget(this);
    if (this.#held) this.kernel.server.hold(-1);
    return this.#report;
  }
}

/** What a report has and a run has not: each of them, as the compiler sees to. */
const OF_REPORTS: Record<Exclude<Extract<keyof Report, string>, keyof Run>, true> = {
  run: true, outcome: true, value: true, hasValue: true, text: true, state: true, message: true, ok: true,
  exception: true, events: true, console: true, output: true, missed: true, uncaught: true, lent: true, told: true,
  throwForError: true, preview: true, handle: true, bundle: true, reason: true, budget: true, limitMs: true,
  limitBytes: true, stopped: true, end: true, exitCode: true, exitCodeSet: true, preload: true, generation: true,
  newSession: true, droppedJobs: true, droppedTimers: true, droppedCalls: true, stoppedCallbacks: true,
  droppedEvents: true, wallMs: true, cpuMs: true,
};
const HOW_TO_AWAIT = 'a run may still go on; await its report, as in `(await kernel.run(code)).value`';
tellToAwait(Run.prototype, Object.keys(OF_REPORTS), HOW_TO_AWAIT);
