import {
  CompileError, ExitedError, InterruptedError, MemoryLimitError, RunError, ThrewError, TimeoutError, UnsettledError,
} from './errors.js';
import type { Ending, NumberedEvent, OutcomeEvent } from './events.js';
import { printed, printedBy, type PrintedEvent } from './printed.js';

const CLASSES: Record<string, new (report: Report) => RunError> = {
  threw: ThrewError, syntax_error: CompileError, interrupted: InterruptedError, timed_out: TimeoutError,
  memory_limit: MemoryLimitError, exited: ExitedError, unsettled: UnsettledError,
};

/** The result of a run that has ended. */
export class Report {
  #lent: () => string[];

  /** @param events all events of the run until its end, in order */
  constructor(
    { type: _, seq: __, ...ending }: OutcomeEvent, readonly events: readonly NumberedEvent[],
    lent: () => string[] = () => [],
  ) {
    Object.assign(this, ending);
    this.#lent = lent;
  }

  /** What the run printed, in order: calls of the console, and writes to the standard streams. */
  get console(): PrintedEvent[] { return printedBy(this.events); }

  /** What the run printed, as a terminal would show it. */
  get output(): string { return this.console.map(printed).join(''); }

  /** The functions that this program lends to the kernel. @internal */
  get lent(): string[] { return this.#lent(); }

  /** Returns this report, or throws a `RunError` if the run ended otherwise than by a value. */
  throwForError(): this {
    if (this.outcome !== 'value') throw new (CLASSES[this.outcome] ?? RunError)(this);
    return this;
  }
}
export interface Report extends Readonly<Ending> {
  /** The number of the run. */
  readonly run: number;
}

