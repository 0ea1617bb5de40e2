import type { Fields } from './decode.js';

/** An object that stays in the kernel: generation and number. */
export type Handle = [generation: number, number: number];

/** What all events have. `run` is the run that caused the event, also after that run's end. */
interface Base { seq: number; run?: number }

/** A call of the console. `text` is what it prints, without the indentation of its groups. */
export interface ConsoleEvent extends Base {
  type: 'console'; method: string; level: 'debug' | 'log' | 'info' | 'warning' | 'error';
  depth: number; text: string; args: unknown[]; time: number; script?: string; line?: number; column?: number;
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
  type: 'permission'; permission: string; resource: string; api: string; granted: boolean; by: 'policy' | 'person';
}
export interface ReloadedEvent extends Base { type: 'reloaded'; modules: string[] }
export interface UnknownEvent extends Base { type: 'unknown'; event: string }
/** Events that the server no longer has; `ended` are the runs whose end is among them. */
export interface MissedEvent {
  type: 'missed'; first: number; last: number; types: Record<string, number>; ended: number[];
}
/** The kernel is gone: `closed`, `shutdown`, or `lost` if the server is. */
export interface ClosedEvent { type: 'closed'; reason: string }
/** The end of a run: its fields are those of a `Report`. */
export interface OutcomeEvent extends Base { type: 'outcome'; outcome: string; [field: string]: unknown }
/** The end of a run for a reason that its code did not give. */
export interface ErrorEvent extends Base { type: 'error'; cause: string; message: string }

/** What happens in a kernel, in its order. */
export type KernelEvent = ConsoleEvent | OutputEvent | ExceptionEvent | SessionEvent | StartedEvent | PermissionEvent
  | ReloadedEvent | UnknownEvent | MissedEvent | ClosedEvent | OutcomeEvent | ErrorEvent;

export type Events = AsyncGenerator<KernelEvent, void, undefined>;

/** The number and the run of an event. */
export function placeOf(event: KernelEvent): { seq: number; run?: number } {
  return event.type === 'missed' ? { seq: event.last } : event as { seq: number; run?: number };
}

/** Gives fields without content, which the server leaves out, their empty values. */
export function readEvent(body: Fields): KernelEvent {
  if (body.type === 'console') {
    body.text ??= '';
    body.depth ??= 0;
    body.args ??= [];
  } else if (body.type === 'output') body.text ??= '';
  return body as KernelEvent;
}

/** A list of items that grows, and that readers follow until its end. */
export class Feed<T> {
  readonly items: T[] = [];
  #ended = false;
  #waiting: (() => void)[] = [];

  push(item: T): void {
    this.items.push(item);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Reads all items from the first on. With `take`, items that are read are forgotten. */
  async *read(take = false): AsyncGenerator<T, void, undefined> {
    for (let index = 0; ; ) {
      while (index < this.items.length) {
        if (take) yield* this.items.splice(0);
        else yield this.items[index++]!;
      }
      if (this.#ended) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
