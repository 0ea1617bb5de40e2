import { DrupeError } from './errors.js';

/** What is no data, such as a function: its `typeof` or class name, and the text that a console prints of it. */
export class Opaque {
  constructor(readonly className: string, readonly text: string) {}
}

/** The extensions of protocol/WIRE.md, section 10. */
export const Ext = {
  undefined: 0x01, hole: 0x02, bigint: 0x03, utf16: 0x04, date: 0x05, reference: 0x06, buffer: 0x0f,
  map: 0x20, set: 0x21, error: 0x22, regexp: 0x23, opaque: 0x24,
} as const;

/** Typed arrays and `DataView` in the order of their extensions. */
const VIEWS = [
  'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'BigInt64Array', 'BigUint64Array', 'Float16Array', 'Float32Array', 'Float64Array', 'DataView',
];
const FIRST_VIEW = 0x10;

/** The extension of a typed array or `DataView`. */
export function viewType(view: ArrayBufferView): number {
  return FIRST_VIEW + VIEWS.indexOf((view as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag]);
}

/** Makes the typed array of an extension. Where `Float16Array` is missing, its numbers come as a `Float32Array`. */
export function makeView(type: number, bytes: ArrayBuffer): ArrayBufferView {
  const name = VIEWS[type - FIRST_VIEW];
  if (!name) throw new DrupeError('protocol', `unknown extension ${type}`);
  const View = (globalThis as Record<string, any>)[name];
  return View ? new View(bytes) : Float32Array.from(new Uint16Array(bytes), numberOfHalf);
}

function numberOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1, exponent = (half >> 10) & 31, part = half & 1023;
  if (exponent === 31) return part ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + part / 1024) : 2 ** -24 * part);
}

const ERRORS = /^(Eval|Range|Reference|Syntax|Type|URI)Error$/;

/** Makes an error of the class that its name says, or an `Error` with this name. */
export function makeError(name: string, message: string, stack: string | null): Error {
  const Class: ErrorConstructor = ERRORS.test(name) ? (globalThis as Record<string, any>)[name] : Error;
  const error = name === 'AggregateError' ? new AggregateError([], message) : new Class(message);
  if (error.name !== name) hide(error, 'name', name);
  hide(error, 'stack', stack ?? `${name}: ${message}`);
  return error;
}

/** Makes a regular expression, or says what it is if this engine has no such syntax. */
export function makeRegExp(source: string, flags: string): RegExp | Opaque {
  try {
    return new RegExp(source, flags);
  } catch {
    return new Opaque('RegExp', `/${source}/${flags}`);
  }
}

/** Defines a property as JavaScript does for errors: it is not enumerable. */
export function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
}
