import { AsyncLocalStorage } from 'node:async_hooks';

import { ANSWERS } from './checks.js';
import type { Connection } from './connection.js';
import type { Fields } from './decode.js';
import { DrupeError, RequestError } from './errors.js';
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

/** How long a permission is given: for this time, for the session, or not. */
export type PermissionAnswer = 'once' | 'session' | 'deny';

/**
 * What an asynchronous function resolves to may be any string for the compiler: it takes the type of
 * `async () => 'once'` for `Promise<string>`. Another word than those of `T` is a denial, as `Answers` says.
 */
type Word<T extends string> = T | Promise<T | (string & {})>;

/** What JavaScript wants to do, and the function that it calls for that. */
export interface PermissionQuestion { permission: string; resource: string; api: string; run?: number }

/**
 * Answers to questions that JavaScript asks a person. What is absent is denied, and so is an answer that is none: then
 * the process emits a warning.
 */
export interface Answers {
  permission?(question: PermissionQuestion): Word<PermissionAnswer>;
  /** What it returns is only awaited. */
  alert?(message: string): unknown;
  confirm?(message: string): boolean | Promise<boolean>;
  /** `null` and `undefined`: the person has entered nothing. */
  prompt?(message: string, initial?: string): string | null | undefined | Promise<string | null | undefined>;
}

type AnyIterator = AsyncIterator<unknown> | Iterator<unknown>;
interface Active { call: Call; control: AbortController; items?: AnyIterator | undefined }

/** The call that the code which asks is a part of. */
export const currentCall = new AsyncLocalStorage<Call>();

/** The calls of a connection that have no answer yet. */
export class Calls {
  #active = new Map<number, Active>();

  constructor(private readonly connection: Connection) {}

  begin(kernel: Kernel, body: Fields): Promise<void> {
    const control = new AbortController(), { run } = body;
    const active: Active = { control, call: { kernel, signal: control.signal, ...(run !== undefined && { run }) } };
    this.#active.set(body.call, active);
    return this.#answer(body.call, active, async () => {
      const value = await ask(active.call, body);
      active.items = iteratorOf(value);
      return active.items ? ['stream'] : ['answer', { value }];
    });
  }

  /** Sends the next item of a stream. */
  async next(call: number): Promise<void> {
    const active = this.#active.get(call), items = active?.items;
    if (items) await this.#answer(call, active, async () => {
      const { done, value } = await items.next();
      return done ? ['end'] : ['item', { value }];
    });
  }

  cancel(call: number): void {
    const active = this.#active.get(call);
    this.#active.delete(call);
    active?.control.abort();
    void close(active?.items);
  }

  cancelAll(): void {
    for (const call of this.#active.keys()) this.cancel(call);
  }

  async #answer(call: number, active: Active, work: () => Promise<[name: string, body?: object]>): Promise<void> {
    try {
      const [name, body] = await currentCall.run(active.call, work);
      if (!this.#active.has(call)) return await close(active.items);
      this.connection.send(name, { call, ...body });
      if (name === 'answer' || name === 'end') this.#active.delete(call);
    } catch (error) {
      if (this.#active.has(call)) this.#fail(call, error);
      this.cancel(call);
    }
  }

  /** Sends an error, with its `cause` and its `errors` if they are data. */
  #fail(call: number, error: unknown): void {
    const told = failure(error), linked = linksOf(error);
    try {
      this.connection.send('fail', { call, ...told, properties: { ...told.properties, ...linked } });
    } catch {
      this.connection.send('fail', { call, ...told });
    }
  }
}

/** The names that the server takes for functions: words that dots join. */
const NAME = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/;

/** Throws what the server would answer for a name of `added` beside the names of `present`. */
export function checkNames(present: string[], added: string[]): void {
  const wrong = (message: string) => new RequestError('bad_name', message, 'functions');
  for (const name of added) {
    if (!NAME.test(name) || name.split('.').includes('__proto__')) {
      throw wrong(`${JSON.stringify(name)} is no name for a function: it takes words joined by dots, such as db.query`);
    }
    const other = [...present, ...added].find((one) => one.startsWith(`${name}.`) || name.startsWith(`${one}.`));
    if (other !== undefined) {
      throw wrong(`"${name}" and "${other}" cannot both be functions: one would be inside the other`);
    }
  }
}

async function close(items: AnyIterator | undefined): Promise<void> {
  try {
    await items?.return?.();
  } catch {
    // Nobody waits for this error.
  }
}

async function ask(call: Call, body: Fields): Promise<unknown> {
  const { op, message = '' } = body, { answers, lent } = call.kernel;
  switch (op) {
    case 'function':
      if (!lent.has(body.function)) throw new ReferenceError(`no function ${body.function}`);
      return lent.get(body.function)!.work.apply(call, body.args ?? []);
    case 'permission': return answered(op, await answers.permission?.(body as PermissionQuestion) ?? 'deny');
    case 'alert': await answers.alert?.(message); return null;
    case 'confirm': return answered(op, await answers.confirm?.(message) ?? false);
    case 'prompt': return answered(op, await answers.prompt?.(message, body.default) ?? null);
    default: throw new DrupeError('unsupported', `this client cannot answer ${op}`);
  }
}

/** What the server is told. Who wrote the function is warned of an answer that is none; JavaScript is told of it, too. */
function answered(question: string, answer: unknown): unknown {
  try {
    ANSWERS[question]!(`the answer to '${question}'`, answer);
  } catch (error) {
    process.emitWarning((error as Error).message, 'DrupeWarning');
    throw error;
  }
  return answer;
}

function iteratorOf(value: unknown): AnyIterator | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const source = value as Partial<AsyncIterable<unknown> & Iterable<unknown> & Iterator<unknown>>;
  if (source[Symbol.asyncIterator]) return source[Symbol.asyncIterator]?.();
  return typeof source.next === 'function' ? source[Symbol.iterator]?.() : undefined;
}

/** What JavaScript in the kernel is told of an error: its class, message, code, and properties that are data. */
function failure(error: unknown): { name: string; message: string; code?: string; properties?: Fields } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, code, stack: _, ...rest } = error as Error & { code?: unknown };
  const data = Object.entries(rest).filter(([, value]) => /string|number|boolean|bigint/.test(typeof value));
  return {
    name, message, ...(typeof code === 'string' && { code }),
    ...(data.length > 0 && { properties: Object.fromEntries(data) }),
  };
}

/** Other errors that belong to an error. */
function linksOf(error: unknown): Fields {
  if (!(error instanceof Error)) return {};
  const { cause, errors } = error as Error & { errors?: unknown };
  return { ...(cause !== undefined && { cause }), ...(errors !== undefined && { errors }) };
}
