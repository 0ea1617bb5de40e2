import {
  CompileError, ExitedError, InterruptedError, MemoryLimitError, ThrewError, TimeoutError, UnknownOutcomeError,
  UnsettledError, type RunError,
} from './errors.js';
import type { Ending, NumberedEvent, OutcomeEvent } from './events.js';
import { printed, printedBy, type PrintedEvent } from './printed.js';
import { describeEnd } from './words.js';

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
    Object.assign(this, ending);
    this.#lent = lent;
    this.#told = ending.message;
    const message = describeEnd(this, ending.message);
    if (message !== undefined) Object.assign(this, { message });
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

  /** The functions that this program lends to the kernel. @internal */
  get lent(): string[] { return this.#lent(); }

  /** What the server says of the end. @internal */
  get told(): string | undefined { return this.#told; }

  /** Returns this report if the run is `ok`. Otherwise throws a `RunError`. */
  throwForError(): this {
    if (!this.ok) throw new (CLASSES[this.outcome] ?? UnknownOutcomeError)(this);
    return this;
  }
}
export interface Report extends Readonly<Ending> {
  /** The number of the run. */
  readonly run: number;
  /** In words how the run ended, and what is lost. Undefined after a value, if there is nothing to say. */
  readonly message?: string;
}
