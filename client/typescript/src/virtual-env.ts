import { ConnectionError, DrupeError } from './errors.js';
import type { ConsoleEvent, KernelEvent } from './events.js';
import { Kernel } from './kernel.js';
import type { OpenOptions } from './options.js';
import { printed } from './report.js';
import type { ProgramOptions } from './transport.js';

/** One call of the console, or an error. */
export interface Entry { type: 'log' | 'info' | 'warn' | 'error' | 'debug'; output: string }

export interface VirtualEnvRunOptions {
  /** Whether the code may be TypeScript; absent: true. */
  transpile?: boolean;
  /** CPU time of each stretch of JavaScript. The variables are kept. */
  vmTimeoutMs?: number;
  /** Wall time of the whole run. */
  wallTimeoutMs?: number;
  /** Whether to kill the process if the run does not stop at `wallTimeoutMs`. */
  killOnTimeout?: boolean;
}

/** Options of `Kernel.open`, and these. Without `permissions`, everything is permitted, as in a child process. */
export interface VirtualEnvOptions extends OpenOptions {
  server?: ProgramOptions;
  /** Takes what a run prints after its end, by its timers for instance. Keeps this program alive until `terminate`. */
  late?: (entry: Entry, run: number | undefined) => void;
  /** Takes all output as it happens: an object with methods like those of `console`. */
  consoleCapture?: Partial<Record<Entry['type'], (output: string) => void>>;
}

const ALL = { read: true, write: true, net: true, env: true, run: true, import: true } as const;

/** A session in a process of its own. Runs resolve to what they have printed. */
export class VirtualEnv {
  #kernel: Promise<Kernel> | undefined;

  constructor(private readonly options: VirtualEnvOptions = {}) {}

  /** Executes source text. Resolves to what it printed, in order; errors are entries, too, and no rejections. */
  async run(chunk: { code: string }, options: VirtualEnvRunOptions = {}): Promise<Entry[]> {
    const { transpile = true, ...limits } = options;
    const entries: Entry[] = [];
    const kernel = await this.#open();
    try {
      const run = kernel.run(chunk.code, { ...limits, valueLimit: 0, ...(!transpile && { language: 'js' }) });
      for await (const event of run) {
        const entry = entryOf(event);
        if (entry) entries.push(entry);
      }
      const { outcome, exception, message } = await run;
      if (outcome !== 'value') entries.push(this.#error(exception?.text ?? message ?? outcome));
    } catch (error) {
      if (!(error instanceof DrupeError)) throw error;
      if (error instanceof ConnectionError) this.#kernel = undefined;
      entries.push(this.#error(error.message));
    }
    return entries;
  }

  /** Forgets all variables and timers. What is running stops. */
  async reset(): Promise<void> {
    if (this.#kernel) await (await this.#open()).reset();
  }

  /** Ends the process. A later run starts another. */
  async terminate(): Promise<void> {
    const kernel = this.#kernel;
    this.#kernel = undefined;
    await (await kernel)?.close();
  }

  [Symbol.asyncDispose](): Promise<void> { return this.terminate(); }

  #open(): Promise<Kernel> {
    if (!this.#kernel) {
      const { late, consoleCapture: _, ...options } = this.options;
      this.#kernel = Kernel.open({
        permissions: ALL, builtinNames: true, events: ['console', 'output', 'exception'], ...options,
      }).then((kernel) => {
        if (late) kernel.server.hold(1);
        kernel.onEvent((event) => {
          if (late && event.type === 'closed') kernel.server.hold(-1);
          this.#hear(kernel, event);
        });
        return kernel;
      });
      this.#kernel.catch(() => { this.#kernel = undefined; });
    }
    return this.#kernel;
  }

  #hear(kernel: Kernel, event: KernelEvent): void {
    const entry = entryOf(event), { run } = event as { run?: number };
    if (!entry) return;
    this.options.consoleCapture?.[entry.type]?.(entry.output);
    if (run === undefined || !kernel.isActive(run)) this.options.late?.(entry, run);
  }

  #error(output: string): Entry {
    this.options.consoleCapture?.error?.(output);
    return { type: 'error', output };
  }
}

function entryOf(event: KernelEvent): Entry | undefined {
  if (event.type === 'exception') return { type: 'error', output: event.text ?? event.message ?? '' };
  if (event.type === 'output') return { type: event.stream === 'stderr' ? 'error' : 'log', output: event.text };
  if (event.type !== 'console') return undefined;
  const output = printed(event);
  return output ? { type: typeOf(event), output: output.slice(0, -1) } : undefined;
}

/** The method of the console that prints alike: `count` and `timeEnd` do what `log` does. */
function typeOf({ level, method }: ConsoleEvent): Entry['type'] {
  if (level === 'warning') return 'warn';
  return level === 'info' && method !== 'info' ? 'log' : level;
}
