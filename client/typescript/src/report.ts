import {
  CompileError, ExitedError, InterruptedError, MemoryLimitError, RunError, ThrewError, TimeoutError, UnsettledError,
} from './errors.js';
import type { ConsoleEvent, Ending, NumberedEvent, OutcomeEvent, OutputEvent } from './events.js';

const CLASSES: Record<string, new (report: Report) => RunError> = {
  threw: ThrewError, syntax_error: CompileError, interrupted: InterruptedError, timed_out: TimeoutError,
  memory_limit: MemoryLimitError, exited: ExitedError, unsettled: UnsettledError,
};

/** The result of a run that has ended. */
export class Report {
  /** @param events all events of the run until its end, in order */
  constructor({ type: _, seq: __, ...ending }: OutcomeEvent, readonly events: readonly NumberedEvent[]) {
    Object.assign(this, ending);
  }

  /** What the run printed, in order: calls of the console, and writes to the standard streams. */
  get console(): (ConsoleEvent | OutputEvent)[] {
    return this.events.filter((event) => event.type === 'console' || event.type === 'output');
  }

  /** What the run printed, as a terminal would show it. */
  get output(): string { return this.console.map(printed).join(''); }

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

/** The text that an event prints: whole lines for a call of the console, indented by its groups. */
export function printed(event: ConsoleEvent | OutputEvent): string {
  if (event.type === 'output') return event.text;
  if (event.method === 'group_end' || event.method === 'clear') return '';
  return `${event.text.replace(/^/gm, '  '.repeat(event.depth))}\n`;
}
