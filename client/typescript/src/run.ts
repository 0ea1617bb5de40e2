import { currentCall } from './calls.js';
import { KernelError } from './errors.js';
import { Feed, placeOf, type Events, type KernelEvent } from './events.js';
import type { Kernel } from './kernel.js';
import { Report } from './report.js';

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

  /** Use `Kernel.run`. */
  constructor(private readonly kernel: Kernel, signal?: AbortSignal) {
    this.#report.catch(() => {}); // A run that nobody awaits may fail.
    if (!signal) return;
    const interrupt = () => void this.interrupt().catch(() => {});
    signal.addEventListener('abort', interrupt, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', interrupt);
  }

  then<A = Report, B = never>(
    onReport?: ((report: Report) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (this.#isDeadlocked() ? Promise.reject(deadlock()) : this.#report).then(onReport, onError);
  }

  /** Whether this run waits for the run that has called the function which awaits it. */
  #isDeadlocked(): boolean {
    const { kernel, run } = currentCall.getStore() ?? {};
    return kernel === this.kernel && run !== undefined && kernel.isActive(run) && !this.#ended
      && (this.number === undefined || this.number >= run);
  }

  [Symbol.asyncIterator](): Events {
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
    const { seq } = placeOf(event);
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

function deadlock(): KernelError {
  return new KernelError('deadlock', 'a function waits for a run of its kernel, and that run waits for the function');
}
