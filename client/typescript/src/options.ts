import {
  answers, checkOptions, flag, heap, inputs, journal, milliseconds, permissions, recordOf, signal, size, text, texts,
  words, work, type Checks,
} from './checks.js';
import type { Answers, Functions } from './calls.js';
import type { Handle, KernelEvent } from './events.js';
import type { Kernel } from './kernel.js';

/** What JavaScript may do outside: true, or rules as the flags of the command spell them. */
export type Permissions = {
  [kind in 'read' | 'write' | 'net' | 'env' | 'run' | 'import']?: boolean | readonly string[];
};

/** Limits of a run. Times are milliseconds, sizes are bytes. */
export interface Limits {
  /** CPU time of each stretch of JavaScript, from one wait to the next. The variables are kept. */
  vmTimeoutMs?: number;
  /** Wall time of the whole run, waits included. */
  wallTimeoutMs?: number;
  /** Whether to kill the kernel if the run does not stop at its `wallTimeoutMs`. */
  killOnTimeout?: boolean;
  /** What the heap may grow to. */
  memoryLimit?: number;
  /** Console output; what exceeds it is dropped, and counted. */
  consoleLimit?: number;
}

/** How a client is attached to a kernel. */
export interface AttachOptions {
  answers?: Answers;
  /** Whether a kernel waits for this client when its journal is full, or goes on without it. */
  slow?: 'wait' | 'drop';
  /** The events that this client wants, by their types; absent: all. */
  events?: readonly KernelEvent['type'][];
}

/** How a kernel is started; see `open` in protocol/SERVE.md. Its limits hold for runs that have none of their own. */
export interface OpenOptions extends AttachOptions, Limits {
  name?: string;
  /** Absent: nothing is permitted. */
  permissions?: Permissions;
  deny?: Permissions;
  sandbox?: 'hardened' | 'strict' | 'best_effort' | 'off';
  /** The folder that relative paths start from. */
  folder?: string;
  env?: Record<string, string>;
  /** Source text that each session begins with. */
  preload?: string;
  /** Functions of this program, by their names below the global `host`. */
  functions?: Functions;
  /** Functions that only runs with a `grant` may call. */
  reserved?: Functions;
  builtinNames?: boolean;
  autoReload?: boolean;
  respawn?: 'on_next_run' | 'never';
  onDisconnect?: 'interrupt' | 'keep';
  lingerMs?: number;
  journalLimit?: number;
}

/** How a run is executed; see `run` in protocol/SERVE.md. */
export interface RunOptions extends Limits {
  /** Global variables to define before. */
  inputs?: Record<string, unknown>;
  /**
   * Interrupts the run. Its outcome is then `interrupted`. A run that has not begun is not executed: it rejects with
   * the signal's reason.
   */
  signal?: AbortSignal;
  /** The name in stack frames. */
  name?: string;
  /** Absent: the first that fits. */
  language?: 'tsx' | 'ts' | 'js';
  /** Your own name of the run. Source text with the same tag is executed once. */
  tag?: string;
  /** Whether the run lasts until no timer of the session is left, as a program does. */
  untilIdle?: boolean;
  /** Whether `_` and `_error` are set, as at a prompt. */
  keepLast?: boolean;
  /** The size up to which the result comes by value. */
  valueLimit?: number;
  /** What the report has besides. */
  preview?: boolean; handle?: boolean; bundle?: boolean;
  inspectHooks?: boolean;
  /** The only functions of clients that the run may call. */
  only?: readonly string[];
  /** Reserved functions that the run may call. */
  grant?: readonly string[];
}

/** How a module is run as a program. */
export interface ModuleOptions extends RunOptions {
  /** Its path, its URL, or as an import names it. */
  module: string;
  /** What it finds in `process.argv`. */
  args?: readonly string[];
}

/** What may stand at a cursor: names for the source text from `start` to `end`. */
export interface Completions { start: number; end: number; items: { name: string; kind: string }[] }
/** What is known of the name at a cursor. */
export interface Inspection {
  start: number; end: number; name?: string; typeName?: string; preview?: string; signature?: string; doc?: string;
  source?: string; members?: unknown;
}
/** The head of the function whose arguments are typed, and which of them is. */
export interface Signature { label: string; parameters: string[]; active?: number; doc?: string }
/** A variable of the session, and the run that has defined it. */
export interface Global { name: string; kind: string; typeName?: string; preview?: string; run?: number }
/** What a kernel does now. `run` is absent if none is active. */
export interface Status {
  run?: number; executing: boolean; elapsedMs: number; cpuMs: number;
  heapUsed: number; heapLimit: number; external: number;
}
/** A page of an object's contents; the following one begins at `next`. */
export interface Properties { total: number; next: number; items: { name: string; text: string; handle?: Handle }[] }
/** A kernel of a server. */
export interface KernelInfo {
  kernel: string; name?: string; clients: number; runs: number[]; generation: number; seq: number;
}

const LIMITS: Checks<Limits> = {
  vmTimeoutMs: milliseconds(1), wallTimeoutMs: milliseconds(1), killOnTimeout: flag, memoryLimit: heap,
  consoleLimit: size,
};
/** @internal */
export const ATTACH_OPTIONS: Checks<AttachOptions> = { answers, slow: words('wait', 'drop'), events: texts };
/** @internal */
export const OPEN_OPTIONS: Checks<OpenOptions> = {
  ...ATTACH_OPTIONS, ...LIMITS, name: text, permissions, deny: permissions, folder: text, env: recordOf(text),
  sandbox: words('hardened', 'strict', 'best_effort', 'off'), preload: text, functions: recordOf(work),
  reserved: recordOf(work), builtinNames: flag, autoReload: flag, respawn: words('on_next_run', 'never'),
  onDisconnect: words('interrupt', 'keep'), lingerMs: milliseconds(0, true), journalLimit: journal,
};
const RUN_OPTIONS: Checks<ModuleOptions> = {
  ...LIMITS, module: text, args: texts, inputs, signal, name: text, language: words('tsx', 'ts', 'js'), tag: text,
  untilIdle: flag, keepLast: flag, valueLimit: size, preview: flag, handle: flag, bundle: flag, inspectHooks: flag,
  only: texts, grant: texts,
};

/** The fields of a request `run`: of source text, or of a `module`. @internal */
export function runFields(
  first: string | ModuleOptions, second: Partial<ModuleOptions>,
): Partial<ModuleOptions> & { code?: string } {
  if (typeof first === 'object' && first !== null && !Array.isArray(first)) {
    checkOptions('Kernel.run', first, RUN_OPTIONS);
    const isWhole = first.module !== undefined && Object.keys(second).length === 0;
    if (!isWhole) throw new TypeError('a run needs code or a module'); // with all options in one object
    return first;
  }
  text('the code', first);
  checkOptions('Kernel.run', second, RUN_OPTIONS);
  const { module, args } = second;
  if (module !== undefined) throw new TypeError('a run has code or a module, not both: write kernel.run({ module })');
  if (args !== undefined) throw new TypeError('args must be of a module, not of code');
  return { ...second, code: first as string };
}

/**
 * Throws a RangeError for a function that a run may call, and that this program does not lend, if nobody else can.
 * @internal
 */
export function checkLent(options: RunOptions, { lent, server }: Kernel): void {
  if (!server.isOwn) return;
  for (const option of ['only', 'grant'] as const) {
    for (const name of options[option] ?? []) {
      if (lent.has(name)) continue;
      const names = [...lent.keys()].join(', ') || 'no functions';
      throw new RangeError(`${option} must be names of functions, not '${name}': this program lends ${names}`);
    }
  }
}
