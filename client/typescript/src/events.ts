/** An object that stays in the kernel: generation and number. */
export type Handle = [generation: number, number: number];

/** What all events have. `run` is the run that caused the event, also after that run's end. */
interface Base { seq: number; run?: number }

/** A call of the console. `text` is what it prints, without the indentation of its groups. */
export interface ConsoleEvent extends Base {
  type: 'console'; method: string; level: 'debug' | 'log' | 'info' | 'warning' | 'error';
  depth: number; text: string; args: unknown[]; time: number; script?: string; line?: number; column?: number;
  /** Of a text that was cut after 1 MiB: its bytes that are not here, and the arguments that were not shown at all. */
  cutBytes?: number; cutArgs?: number;
}
/** Text that was written to a standard stream. It need not be a whole line. */
export interface OutputEvent extends Base {
  type: 'output'; stream: 'stdout' | 'stderr'; text: string; time: number; hex?: string;
}
/** An error, as a console shows it, and where it was thrown. */
export interface ExceptionInfo {
  name?: string; message?: string; text?: string; script?: string; line?: number; column?: number; value?: unknown;
  frames?: { function?: string; script?: string; line?: number; column?: number }[];
  codeFrame?: { script?: string; line: number; column: number; lines: string[]; mark?: string; marked?: number };
}
/** An error that nobody caught, outside of the run's own end. */
export interface ExceptionEvent extends Base, ExceptionInfo { type: 'exception'; origin: string }
/** A new session: the variables of the one before are lost. */
export interface SessionEvent extends Base { type: 'session'; generation: number; reason: string; message?: string }
export interface StartedEvent extends Base { type: 'started'; generation: number }
export interface PermissionEvent extends Base {
  type: 'permission'; permission: string; resource: string; api: string; granted: boolean; by: 'policy' | 'person'; rule?: string;
}
export interface ReloadedEvent extends Base { type: 'reloaded'; modules: string[] }
export interface UnknownEvent extends Base { type: 'unknown'; event: string }
/** Events up to `seq` that the server no longer has; `ended` are the runs whose end is among them. */
export interface MissedEvent extends Base {
  type: 'missed'; first: number; last: number; types: Record<string, number>; ended?: number[];
}
/** The kernel is gone: `closed`, `shutdown`, or `lost` if the server is. */
export interface ClosedEvent { type: 'closed'; reason: string }
/** The end of a run. */
export interface OutcomeEvent extends Base, Ending { type: 'outcome' }
/** The end of a run for a reason that its code did not give. */
export interface ErrorEvent extends Base, Death { type: 'error'; cause: string; message: string }

/** How a kernel's process ended, whether the run had begun, and the end of what was written to standard error. */
export interface Death { status?: number; signal?: string | number; started?: boolean; stderr?: string }

/** How a run can end. A later version of the server may know more words. */
export type Outcome = 'value' | 'threw' | 'syntax_error' | 'interrupted' | 'timed_out' | 'memory_limit' | 'exited'
  | 'unsettled' | 'unknown';

/** How a run ended; see `outcome` in protocol/SERVE.md. */
export interface Ending {
  outcome: Outcome;
  /** The value of the last expression; undefined also if it was too large. */
  value?: unknown;
  /** The value as a console prints it. */
  text?: string;
  /** Whether the session's variables are kept. The first run after a death says `lost`, too. */
  state: 'kept' | 'lost' | 'unknown';
  /** What the server says of the end, if it was no value and no exception alone, and of what is lost. */
  message?: string;
  /** What was thrown, or why the code cannot be compiled. */
  exception?: ExceptionInfo;
  /** What the run asked for by options of these names. */
  preview?: unknown; handle?: Handle; bundle?: unknown;
  /** What stopped it, by which limit, and what it was doing. */
  reason?: string; budget?: string; limitMs?: number; limitBytes?: number; stopped?: string; end?: string;
  /** The status that `process.exitCode` has set in the session, or `process.exit`; and whether this run has set it. */
  exitCode?: number; exitCodeSet?: boolean;
  /** The name of what the session begins with, if the run ended in that: none of its own code was executed. */
  preload?: string;
  /** What it cost the session. */
  generation?: number; newSession?: boolean; droppedJobs?: boolean; droppedTimers?: number; droppedCalls?: number;
  stoppedCallbacks?: number; droppedEvents?: number;
  /** What it took. */
  wallMs?: number; cpuMs?: number;
}

/** What happens in a kernel, in its order. */
export type KernelEvent = NumberedEvent | ClosedEvent;
export type NumberedEvent = ConsoleEvent | OutputEvent | ExceptionEvent | SessionEvent | StartedEvent
  | PermissionEvent | ReloadedEvent | UnknownEvent | MissedEvent | OutcomeEvent | ErrorEvent;
export type Events<E = KernelEvent> = AsyncGenerator<E, void, undefined>;
