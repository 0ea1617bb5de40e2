import {
  CompileError, ExitedError, InterruptedError, MemoryLimitError, RunError, ThrewError, TimeoutError, UnsettledError,
} from './errors.js';
import type { ConsoleEvent, ExceptionInfo, Handle, KernelEvent, OutputEvent } from './events.js';

/** How a run can end. A later version of the server may know more words. */
export type Outcome = 'value' | 'threw' | 'syntax_error' | 'interrupted' | 'timed_out' | 'memory_limit' | 'exited'
  | 'unsettled' | 'unknown';

/** The result of a run that has ended. */
export class Report {
  /** The number of the run. */
  declare readonly run: number;
  declare readonly outcome: Outcome;
  /** The value of the last expression; undefined also if it was too large, see `hasValue`. */
  declare readonly value: unknown;
  /** The value as a console prints it. */
  declare readonly text?: string;
  /** Whether the session's variables are kept. */
  declare readonly state: 'kept' | 'lost' | 'unknown';
  /** In words how it ended, if not by a value or an exception. */
  declare readonly message?: string;
  /** What was thrown, or why the code cannot be compiled. */
  declare readonly exception?: ExceptionInfo;
  /** What the run asked for by `preview`, `handle` or `bundle`. */
  declare readonly preview?: unknown;
  declare readonly handle?: Handle;
  declare readonly bundle?: unknown;
  /** What stopped it. */
  declare readonly reason?: string;
  declare readonly budget?: string;
  declare readonly limitMs?: number;
  declare readonly limitBytes?: number;
  declare readonly stopped?: 'javascript' | 'await' | 'timers' | 'queued' | (string & {});
  /** The name of an end that the server does not know. */
  declare readonly end?: string;
  declare readonly exitCode?: number;
  /** What it cost the session. */
  declare readonly generation?: number;
  declare readonly newSession?: boolean;
  declare readonly droppedJobs?: boolean;
  declare readonly droppedTimers?: number;
  declare readonly stoppedCallbacks?: number;
  declare readonly droppedEvents?: number;
  /** What it took. */
  declare readonly wallMs?: number;
  declare readonly cpuMs?: number;
  /** Whether `value` is the result's value. */
  readonly hasValue: boolean;
  /** All events of the run until its end, in order. */
  readonly events: readonly KernelEvent[];

  constructor(outcome: object, events: readonly KernelEvent[]) {
    const { type: _, kernel: __, seq: ___, ...fields } = outcome as Record<string, unknown>;
    Object.assign(this, fields);
    this.hasValue = 'value' in fields;
    this.events = events;
  }

  /** What the run printed, in order: calls of the console, and writes to the standard streams. */
  get console(): (ConsoleEvent | OutputEvent)[] {
    return this.events.filter((event) => event.type === 'console' || event.type === 'output');
  }

  /** What the run printed, as a terminal would show it. */
  get output(): string {
    return this.console.map(printed).join('');
  }

  /** Returns this report, or throws a `RunError` if the run ended otherwise than by a value. */
  throwForError(): this {
    if (this.outcome !== 'value') throw errorOf(this);
    return this;
  }
}

/** The text that an event prints: whole lines for a call of the console, indented by its groups. */
export function printed(event: ConsoleEvent | OutputEvent): string {
  if (event.type === 'output') return event.text;
  if (event.method === 'group_end' || event.method === 'clear') return '';
  return `${event.text.replace(/^/gm, '  '.repeat(event.depth))}\n`;
}

const CLASSES: Record<string, typeof RunError> = {
  syntax_error: CompileError, interrupted: InterruptedError, timed_out: TimeoutError,
  memory_limit: MemoryLimitError, exited: ExitedError, unsettled: UnsettledError,
};

/** Makes the error for a report that has no value. */
function errorOf(report: Report): RunError {
  if (report.outcome === 'threw') return new ThrewError(report);
  const message = report.message ?? report.exception?.text ?? `the run ended: ${report.outcome}`;
  return new (CLASSES[report.outcome] ?? RunError)(report, message);
}
