import { Buffer } from 'node:buffer';

/** Fields of messages that hold JavaScript values, or keys that are no names of fields. */
const VALUES = new Set(['value', 'preview', 'data', 'properties', 'types']);

/** A short text of messages: a word, or the name of a field. */
export interface Text {
  bytes: Uint8Array;
  text: string;
  /** The name in camel case, and whether the field of this name holds a value. */
  name: string;
  isValue: boolean;
}

/** Longer texts are made anew each time. */
export const LONGEST = 32;
/** The texts that were read last, by a hash. Messages say the same words again and again. */
const READ = new Array<Text | undefined>(512).fill(undefined);
/** The names of fields as msgpack, by their names in camel case. */
const WRITTEN = new Map<string, Uint8Array>();
const MOST = 512;

/** Reads a text of at most `LONGEST` bytes. */
export function readText(bytes: Buffer, at: number, size: number): Text {
  let hash = size;
  for (let index = at; index < at + size; index++) hash = (Math.imul(hash, 31) + bytes[index]!) | 0;
  const slot = hash & (READ.length - 1), last = READ[slot];
  if (last && isAt(last.bytes, bytes, at, size)) return last;
  const text = bytes.toString('utf8', at, at + size);
  const name = text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return READ[slot] = { bytes: Uint8Array.from(bytes.subarray(at, at + size)), text, name, isValue: VALUES.has(name) };
}

function isAt(known: Uint8Array, bytes: Buffer, at: number, size: number): boolean {
  if (known.length !== size) return false;
  for (let index = 0; index < size; index++) if (known[index] !== bytes[at + index]) return false;
  return true;
}

/** The msgpack of a field's name, which is given in camel case. */
export function writtenName(name: string): Uint8Array {
  const known = WRITTEN.get(name);
  if (known) return known;
  const text = Buffer.from(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const head = text.length < 32 ? [0xa0 | text.length] : [0xd9, text.length];
  const written = Uint8Array.from([...head, ...text]);
  if (WRITTEN.size < MOST) WRITTEN.set(name, written);
  return written;
}
