import type { Handle } from './events.js';

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
