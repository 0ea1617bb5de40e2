import { inspect, type InspectOptions } from 'node:util';

import {
  CompileError, ExitedError, InterruptedError, MemoryLimitError, ThrewError, TimeoutError, UnknownOutcomeError,
  UnsettledError, type RunError,
} from './errors.js';
import type { Ending, ExceptionEvent, NumberedEvent, OutcomeEvent } from './events.js';
import { printed, printedBy, type PrintedEvent } from './printed.js';
import { describeEnd, notCaught } from './words.js';

const CLASSES: Record<string, new (report: Report) => RunError> = {
  threw: ThrewError, syntax_error: CompileError, interrupted: InterruptedError, timed_out: TimeoutError,
  memory_limit: MemoryLimitError, exited: ExitedError, unsettled: UnsettledError,
};

/** The result of a run that has ended. */
export class Report {
  #lent: () => string[];
  #told: string | undefined;

  /** @param events all events of the run until its end, in order */
  constructor(
    { type: _, seq: __, ...ending }: OutcomeEvent, readonly events: readonly NumberedEvent[],
    lent: () => string[] = () => [],
  ) {
    Object.assign(this, { droppedCalls: 0 }, ending); // An older server does not count them.
    this.#lent = lent;
    this.#told = ending.message;
    const words = [describeEnd(this), notCaught(this.uncaught)].filter(Boolean);
    if (words.length > 0) Object.assign(this, { message: words.join('; ') });
  }

  /** Whether the run gave a value, or exited with status 0. */
  get ok(): boolean { return this.outcome === 'value' || (this.outcome === 'exited' && !this.exitCode); }

  /** Whether the value came. One beyond `valueLimit` has only its `text`. */
  get hasValue(): boolean { return 'value' in this; }

  /** What the run printed, in order: calls of the console, and writes to the standard streams. */
  get console(): PrintedEvent[] { return printedBy(this.events); }

  /** What the run printed, as a terminal would show it. */
  get output(): string { return this.console.map(printed).join(''); }

  /**
   * How many events of the kernel this client missed while it waited for the run: some may be of other runs. `console`
   * and `output` lack what they printed. It is 0 unless the client reads too slowly (`slow`), or was away for too long.
   */
  get missed(): number {
    return this.events.reduce((sum, event) => event.type === 'missed' ? sum + event.last - event.first + 1 : sum, 0);
  }

  /**
   * Errors of the run that nobody caught, of timers and promises, and before its end. Its own end is not among them,
   * and is in `exception`. What fails later is told by events of the kernel.
   */
  get uncaught(): ExceptionEvent[] {
    const all = this.events.filter((event) => event.type === 'exception'), { exception: end } = this;
    // With `untilIdle`, an error of a timer ends the run.
    const last = end === undefined ? -1 : all.findLastIndex(({ text, script, line, column }) =>
      text === end.text && script === end.script && line === end.line && column === end.column);
    return all.filter((_, index) => index !== last);
  }

  /** The functions that this program lends to the kernel. @internal */
  get lent(): string[] { return this.#lent(); }

  /** What the server says of the end. @internal */
  get told(): string | undefined { return this.#told; }

  /** How `console.log` prints it: briefly, without what was printed. @internal */
  [inspect.custom](depth: number | null, options: InspectOptions): string {
    if (depth !== null && depth < 0) return '[Report]';
    const { run, outcome, hasValue, value, text, state, newSession, missed, message } = this;
    const shown = {
      run, outcome, ...(hasValue ? { value } : text !== undefined && { text }), state,
      ...(newSession && { newSession }), ...(missed > 0 && { missed }), ...(message !== undefined && { message }),
    };
    return `Report ${inspect(shown, { ...options, depth })}`;
  }

  /** Returns this report if the run is `ok`. Otherwise throws a `RunError`. */
  throwForError(): this {
    if (!this.ok) throw new (CLASSES[this.outcome] ?? UnknownOutcomeError)(this);
    return this;
  }
}
export interface Report extends Readonly<Ending> {
  /** The number of the run. */
  readonly run: number;
  /** In words how the run ended, what is lost, and what nobody caught. Undefined after a value, if that is nothing. */
  readonly message?: string;
}
