import { KernelError } from './errors.js';
import { Feed, type KernelEvent } from './events.js';
import type { Kernel } from './kernel.js';
import { Report } from './report.js';

/** How a run is executed. Times are milliseconds, sizes are bytes. */
export interface RunOptions {
  /** Global variables to define before. */
  inputs?: Record<string, unknown>;
  /** CPU time of each stretch of JavaScript, from one wait to the next. The variables are kept. */
  vmTimeoutMs?: number;
  /** Wall time of the whole run, waits included. */
  wallTimeoutMs?: number;
  /** Whether to kill the kernel if the run does not stop at its `wallTimeoutMs`. */
  killOnTimeout?: boolean;
  memoryLimit?: number;
  /** Console output; what exceeds it is dropped, and counted. */
  consoleLimit?: number;
  /** Interrupts the run. Its outcome is then `interrupted`. */
  signal?: AbortSignal;
  /** The name in stack frames. */
  name?: string;
  /** Absent: the first that fits. */
  language?: 'tsx' | 'ts' | 'js';
  /** Your own name of the run. Source text with the same tag is executed once. */
  tag?: string;
  /** What a `module` finds in `process.argv`. */
  args?: readonly string[];
  /** Whether the run lasts until its timers are done, as a program does. */
  untilIdle?: boolean;
  /** Whether `_` and `_error` are set, as at a prompt. */
  keepLast?: boolean;
  /** The size up to which the result comes by value. */
  valueLimit?: number;
  preview?: boolean;
  handle?: boolean;
  bundle?: boolean;
  inspectHooks?: boolean;
  /** The only functions of clients that the run may call. */
  only?: readonly string[];
  /** Reserved functions that the run may call. */
  grant?: readonly string[];
}

/**
 * One execution of source text. `await run` gives its `Report`, and `for await (const event of run)` its events as they
 * happen. It goes on if nobody waits for it.
 */
export class Run implements PromiseLike<Report>, AsyncIterable<KernelEvent> {
  /** The number that the server gave it; undefined until then. */
  number: number | undefined;
  #feed = new Feed<KernelEvent>();
  #settle!: { resolve(report: Report): void; reject(error: unknown): void };
  #report = new Promise<Report>((resolve, reject) => { this.#settle = { resolve, reject }; });
  #numbered!: (number: number | undefined) => void;
  #number = new Promise<number | undefined>((resolve) => { this.#numbered = resolve; });
  #stopListening: (() => void) | undefined;
  #ended = false;
  #seq = 0;
  #same: Run | undefined;

  /** @internal */
  constructor(private readonly kernel: Kernel, signal?: AbortSignal) {
    this.#report.catch(() => {}); // A run that nobody awaits may fail.
    if (!signal) return;
    const interrupt = () => void this.interrupt().catch(() => {});
    signal.addEventListener('abort', interrupt, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', interrupt);
  }

  then<A = Report, B = never>(
    onReport?: ((report: Report) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#report.then(onReport, onError);
  }

  [Symbol.asyncIterator](): AsyncGenerator<KernelEvent, void, undefined> {
    return this.#feed.read();
  }

  /** Stops the run and keeps the session. Resolves when the server has been told. */
  async interrupt(): Promise<void> {
    const number = await this.#number;
    if (number !== undefined && !this.#ended) await this.kernel.interrupt(number);
  }

  /** The events until now, in order. */
  get events(): readonly KernelEvent[] { return this.#feed.items; }

  /** Takes the run's number, and another object for the same run, which gets its events from this one. @internal */
  begin(number: number, same?: Run): void {
    this.number = number;
    this.#same = same;
    this.#numbered(number);
  }

  /** Takes an event. Returns whether the run has ended by it. @internal */
  take(event: KernelEvent): boolean {
    const seq = event.type === 'missed' ? event.last : (event as { seq: number }).seq;
    this.#same?.take(event);
    if (this.#ended || seq <= this.#seq) return this.#ended;
    this.#seq = seq;
    this.#feed.push(event);
    if (event.type === 'outcome') this.#end().resolve(new Report(event, this.#feed.items));
    else if (event.type === 'error') this.fail(new KernelError(event.cause, event.message, event));
    else if (event.type === 'missed' && event.ended?.includes(this.number!)) {
      this.fail(new KernelError('journal', 'the server no longer has the end of this run'));
    }
    return this.#ended;
  }

  /** @internal */
  fail(error: unknown): void {
    this.#same?.fail(error);
    this.#end().reject(error);
  }

  #end(): { resolve(report: Report): void; reject(error: unknown): void } {
    this.#ended = true;
    this.#stopListening?.();
    this.#numbered(undefined);
    this.#feed.end();
    return this.#settle;
  }
}
