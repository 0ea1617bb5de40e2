import { AsyncLocalStorage } from 'node:async_hooks';

import type { Connection } from './connection.js';
import type { Fields } from './decode.js';
import { DrupeError } from './errors.js';
import type { Kernel } from './kernel.js';

/** What a function of this program finds in `this` when JavaScript in a kernel calls it. */
export interface Call {
  kernel: Kernel;
  /** The run that calls. */
  run?: number;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

/** A function that is lent to a kernel. A generator or another async iterable that it returns is a stream. */
export type HostFunction = (this: Call, ...args: any[]) => unknown;
export type Functions = Record<string, HostFunction>;

type Awaitable<T> = T | Promise<T>;

/** What JavaScript wants to do, and the function that it calls for that. */
export interface PermissionQuestion { permission: string; resource: string; api: string; run?: number }

/** Answers to questions that JavaScript asks a person. What is absent is denied. */
export interface Answers {
  permission?(question: PermissionQuestion): Awaitable<'once' | 'session' | 'deny'>;
  alert?(message: string): Awaitable<void>;
  confirm?(message: string): Awaitable<boolean>;
  prompt?(message: string, initial?: string): Awaitable<string | null>;
}

interface Active { call: Call; control: AbortController; iterator?: AsyncIterator<unknown> | Iterator<unknown> }

/** The call that the code which asks is a part of. */
export const currentCall = new AsyncLocalStorage<Call>();

/** The calls of a connection that have no answer yet. */
export class Calls {
  #active = new Map<number, Active>();

  constructor(private readonly connection: Connection) {}

  async begin(kernel: Kernel, body: Fields): Promise<void> {
    const { call, run } = body as { call: number; run?: number };
    const control = new AbortController();
    const active: Active = { control, call: { kernel, signal: control.signal, ...(run !== undefined && { run }) } };
    this.#active.set(call, active);
    try {
      const value = await currentCall.run(active.call, ask, active.call, body);
      const iterator = iteratorOf(value);
      if (!this.#active.has(call)) return void (await iterator?.return?.());
      if (iterator) {
        active.iterator = iterator;
        return this.connection.send('stream', { call });
      }
      this.connection.send('answer', { call, value });
    } catch (error) {
      this.#fail(call, error);
    }
    this.#active.delete(call);
  }

  /** Sends the next item of a stream. */
  async next(call: number): Promise<void> {
    const active = this.#active.get(call);
    if (!active?.iterator) return;
    const { iterator } = active;
    try {
      const { done, value } = await currentCall.run(active.call, () => iterator.next());
      if (!this.#active.has(call)) return;
      if (!done) return this.connection.send('item', { call, value });
      this.connection.send('end', { call });
    } catch (error) {
      this.#fail(call, error);
      void stop(active);
    }
    this.#active.delete(call);
  }

  cancel(call: number): void {
    const active = this.#active.get(call);
    this.#active.delete(call);
    if (active) void stop(active);
  }

  cancelAll(): void {
    for (const call of [...this.#active.keys()]) this.cancel(call);
  }

  #fail(call: number, error: unknown): void {
    if (this.#active.has(call)) this.connection.send('fail', { call, ...failure(error) });
  }
}

async function stop({ control, iterator }: Active): Promise<void> {
  control.abort();
  try {
    await iterator?.return?.();
  } catch {
    // Nobody waits for this error.
  }
}

function ask(call: Call, body: Fields): unknown {
  const { op, message } = body, { answers, functions } = call.kernel;
  switch (op) {
    case 'function': {
      const found = functions.get(body.function);
      if (!found) throw new ReferenceError(`no function ${body.function}`);
      return found.apply(call, body.args ?? []);
    }
    case 'permission': return answers.permission?.(body as PermissionQuestion) ?? 'deny';
    case 'alert': return Promise.resolve(answers.alert?.(message ?? '')).then(() => null);
    case 'confirm': return answers.confirm?.(message ?? '') ?? false;
    case 'prompt': return answers.prompt?.(message ?? '', body.default ?? undefined) ?? null;
    default: throw new DrupeError('unsupported', `this client cannot answer ${op}`);
  }
}

function iteratorOf(value: unknown): Active['iterator'] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const source = value as Partial<AsyncIterable<unknown> & Iterable<unknown> & Iterator<unknown>>;
  if (source[Symbol.asyncIterator]) return source[Symbol.asyncIterator]?.();
  return typeof source.next === 'function' ? source[Symbol.iterator]?.() : undefined;
}

/** What JavaScript in the kernel is told of an error: its class, message, code, and properties that are data. */
function failure(error: unknown): object {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { code, ...rest } = error as Error & { code?: unknown };
  const properties = Object.fromEntries(Object.entries(rest).filter(([key, value]) =>
    !['name', 'message', 'stack'].includes(key) && ['string', 'number', 'boolean', 'bigint'].includes(typeof value)));
  return {
    name: error.name, message: error.message, code: typeof code === 'string' ? code : undefined,
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}
