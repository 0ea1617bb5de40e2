/// <reference types="node" preserve="true" />
import { checkOptions, flag, record, work, type Checks } from './checks.js';
import { ConnectionError, DrupeError } from './errors.js';
import type { KernelEvent } from './events.js';
import { Kernel } from './kernel.js';
import { OPEN_OPTIONS, type Limits, type OpenOptions } from './options.js';
import { printed } from './printed.js';
import type { ProgramOptions } from './transport.js';
import { describeEnd, exited } from './words.js';

/** One call of the console, or an error. */
export interface Entry { type: 'log' | 'info' | 'warn' | 'error' | 'debug'; output: string }

export interface VirtualEnvRunOptions extends Limits {
  /** Whether the code may be TypeScript; absent: true. */
  transpile?: boolean;
}

/** Options of `Kernel.open`, and these. Without `permissions`, everything is permitted, as in a child process. */
export interface VirtualEnvOptions extends OpenOptions {
  server?: ProgramOptions;
  /** Takes what a run prints after its end, by its timers for instance. Keeps this program alive until `terminate`. */
  late?: (entry: Entry, run: number | undefined) => void;
  /** Takes all output as it happens: an object with methods like those of `console`. */
  consoleCapture?: Partial<Record<Entry['type'], (output: string) => void>>;
}

const OPTIONS: Checks<VirtualEnvOptions> = { server: record, late: work, consoleCapture: record, ...OPEN_OPTIONS };
const ALL = { read: true, write: true, net: true, env: true, run: true, import: true } as const;

/** A session in a process of its own. Runs resolve to what they have printed. */
export class VirtualEnv {
  #kernel: Promise<Kernel> | undefined;

  constructor(private readonly options: VirtualEnvOptions = {}) {
    checkOptions('VirtualEnv', options, OPTIONS);
  }

  /** Executes source text. Resolves to what it printed, in order; errors are entries, too, and no rejections. */
  async run(chunk: { code: string }, options: VirtualEnvRunOptions = {}): Promise<Entry[]> {
    if (typeof chunk?.code !== 'string') throw new TypeError('run takes { code }, and the code is a string');
    const { transpile = true, ...limits } = options;
    flag('transpile', transpile);
    const entries: Entry[] = [];
    const fail = (output: string) => {
      this.options.consoleCapture?.error?.(output);
      entries.push({ type: 'error', output });
    };
    const kernel = await (this.#kernel ??= this.#open().catch((error: unknown) => {
      this.#kernel = undefined;
      throw error;
    }));
    try {
      const run = kernel.run(chunk.code, { ...limits, valueLimit: 0, ...(!transpile && { language: 'js' }) });
      for await (const event of run) entries.push(...entriesOf(event));
      const report = await run;
      const { outcome, exception } = report;
      if (!report.ok) fail(exception?.text ?? (outcome === 'exited' ? exited(report) : describeEnd(report) ?? outcome));
    } catch (error) {
      if (!(error instanceof DrupeError)) throw error;
      if (error instanceof ConnectionError) this.#kernel = undefined;
      fail(error.message);
    }
    return entries;
  }

  /** Forgets all variables and timers. What is running stops. */
  async reset(): Promise<void> { await (await this.#kernel)?.reset(); }

  /** Ends the process. A later run starts another. */
  async terminate(): Promise<void> {
    const kernel = this.#kernel;
    this.#kernel = undefined;
    await (await kernel)?.close();
  }

  [Symbol.asyncDispose](): Promise<void> { return this.terminate(); }

  async #open(): Promise<Kernel> {
    const { late, consoleCapture, ...options } = this.options;
    const wanted = { permissions: ALL, builtinNames: true, events: ['console', 'output', 'exception'] as const };
    const kernel = await Kernel.open({ ...wanted, ...options });
    if (late) kernel.server.hold(1);
    kernel.onEvent((event) => {
      if (event.type === 'closed') return late && kernel.server.hold(-1);
      for (const entry of entriesOf(event)) {
        consoleCapture?.[entry.type]?.(entry.output);
        if (event.run === undefined || !kernel.isActive(event.run)) late?.(entry, event.run);
      }
    });
    return kernel;
  }
}

/** What an event prints, if it does: one entry. */
function entriesOf(event: KernelEvent): Entry[] {
  if (event.type === 'exception') return [{ type: 'error', output: event.text ?? event.message ?? '' }];
  if (event.type === 'output') return [{ type: event.stream === 'stderr' ? 'error' : 'log', output: event.text }];
  const output = event.type === 'console' && printed(event);
  if (!output) return [];
  // Methods such as `count` and `timeEnd` do what `log` does.
  const { level, method } = event;
  const type = level === 'warning' ? 'warn' : level === 'info' && method !== 'info' ? 'log' : level;
  return [{ type, output: output.slice(0, -1) }];
}
