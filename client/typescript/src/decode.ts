import { Buffer } from 'node:buffer';

import { ConnectionError } from './errors.js';
import { LONGEST, readText } from './texts.js';
import { Ext, Opaque, hide, makeError, makeRegExp, makeView } from './values.js';

/** Fields of a message in camel case. */
export type Fields = Record<string, any>;
/** A message of the server: its name, its body, and the kernel that it is about. A reply has that in its body. */
export type Message = [name: string, body: Fields, kernel: string | undefined];

const HOLE = Symbol('hole');
const MAX_DEPTH = 128;

/** Decodes the msgpack of one message. Throws a `ConnectionError` if it is none. */
export function decodeMessage(bytes: Buffer, start: number, end: number): Message {
  const reader = new Reader(bytes, start, end);
  try {
    return reader.message();
  } catch (cause) {
    throw new ConnectionError('protocol', 'the server sent a damaged message', { cause });
  }
}

class Reader {
  /** The containers of the value that is read; undefined while fields of a message are read. */
  #seen: unknown[] | undefined;
  #depth = 0;
  /** The kernel that the message is about, if that is no field of its body. */
  #kernel: string | undefined;
  #keepsKernel = false;

  constructor(readonly bytes: Buffer, public at: number, readonly end: number) {}

  message(): Message {
    const isPair = this.#uint(1) === 0x92, name = this.read();
    this.#keepsKernel = name === 'reply';
    const body = this.read() as Fields;
    if (!isPair || typeof name !== 'string' || typeof body !== 'object' || !body || this.at !== this.end) {
      throw new RangeError('it is no message');
    }
    return [name, body, this.#kernel];
  }

  read(): unknown {
    if (++this.#depth > MAX_DEPTH) throw new RangeError('the message nests too deep');
    const value = this.#any();
    this.#depth--;
    return value;
  }

  #any(): unknown {
    const tag = this.bytes[this.#take(1)]!;
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.#map(tag & 15);
    if (tag < 0xa0) return this.#array(tag & 15);
    if (tag < 0xc0) return this.#string(tag & 31);
    if (tag >= 0xe0) return tag - 256;
    switch (tag) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc7: case 0xc8: case 0xc9: return this.#ext(this.#uint(1 << (tag - 0xc7)));
      case 0xca: return this.bytes.readFloatBE(this.#take(4));
      case 0xcb: return this.bytes.readDoubleBE(this.#take(8));
      case 0xcc: case 0xcd: case 0xce: return this.#uint(1 << (tag - 0xcc));
      case 0xcf: return Number(this.bytes.readBigUInt64BE(this.#take(8)));
      case 0xd0: case 0xd1: case 0xd2: return this.bytes.readIntBE(this.#take(1 << (tag - 0xd0)), 1 << (tag - 0xd0));
      case 0xd3: return Number(this.bytes.readBigInt64BE(this.#take(8)));
      case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return this.#ext(1 << (tag - 0xd4));
      case 0xd9: case 0xda: case 0xdb: return this.#string(this.#uint(1 << (tag - 0xd9)));
      case 0xdc: case 0xdd: return this.#array(this.#uint(1 << (tag - 0xdb)));
      case 0xde: case 0xdf: return this.#map(this.#uint(1 << (tag - 0xdd)));
      default: throw new RangeError(`unknown tag ${tag}`);
    }
  }

  /** Steps over bytes. Returns where they begin. */
  #take(size: number): number {
    const at = this.at;
    if (at + size > this.end) throw new RangeError('the message ends too early');
    this.at += size;
    return at;
  }

  #uint(width: number): number {
    return this.bytes.readUIntBE(this.#take(width), width);
  }

  #string(size: number): string {
    const at = this.#take(size);
    if (!this.#seen && size <= LONGEST) return readText(this.bytes, at, size).text;
    return this.bytes.toString('utf8', at, at + size);
  }

  /** Gives a container its number. */
  #open<T>(container: T): T {
    this.#seen?.push(container);
    return container;
  }

  #map(size: number): object {
    if (!this.#seen) return this.#fields(size);
    const object = this.#open<Fields>({});
    while (size--) {
      const key = this.read();
      if (typeof key !== 'string') throw new RangeError('a key is no string');
      define(object, key, this.read());
    }
    return object;
  }

  /** Reads the fields of a message, or of a part of it. */
  #fields(size: number): object {
    const fields: Fields = {};
    while (size--) {
      const { name, isValue } = this.#name();
      const value = isValue ? this.#root() : this.#field(name);
      if (name === 'kernel' && this.#depth === 1 && !this.#keepsKernel) this.#kernel = value as string;
      else define(fields, name, value);
    }
    return fields;
  }

  #name(): { name: string; isValue: boolean } {
    const tag = this.bytes[this.at]!, size = tag & 31;
    if (tag >= 0xa0 && tag < 0xc0) return readText(this.bytes, this.#take(1 + size) + 1, size);
    const name = this.read();
    if (typeof name !== 'string') throw new RangeError('the name of a field is no string');
    return { name, isValue: false };
  }

  /** Reads a field of a message. Null is the same as absent, but for values. */
  #field(name: string): unknown {
    const tag = this.bytes[this.at]!;
    if (name !== 'args' || tag === 0xc0) return this.read() ?? undefined;
    this.at++;
    const size = tag < 0xdc ? tag & 15 : this.#uint(1 << (tag - 0xdb)), items: unknown[] = [];
    while (items.length < size) items.push(this.#root());
    return items;
  }

  /** Reads a value that has a numbering of its own for references. */
  #root(): unknown {
    this.#seen = [];
    const value = this.read();
    this.#seen = undefined;
    return value;
  }

  #array(size: number): unknown {
    const { bytes, at } = this;
    const isHeaded = size > 0 && bytes[at] === 0xc7 && bytes[at + 1] === 0 && bytes[at + 2]! >= Ext.map;
    if (isHeaded) return this.#headed(bytes[this.#take(3) + 2]!, size - 1);
    const array = this.#open<unknown[]>([]);
    while (size--) {
      const item = this.read();
      if (item === HOLE) array.length++;
      else array.push(item);
    }
    return array;
  }

  #headed(type: number, size: number): unknown {
    if (type === Ext.regexp && size === 2) return makeRegExp(this.#text(), this.#text());
    if (type === Ext.opaque && size === 2) return new Opaque(this.#text(), this.#text());
    if (type === Ext.error && size === 5) return this.#error();
    if (type === Ext.set) {
      const set = this.#open(new Set());
      while (size--) set.add(this.read());
      return set;
    }
    if (type !== Ext.map || size % 2) throw new RangeError(`a wrong head ${type} of ${size} values`);
    const map = this.#open(new Map());
    for (; size; size -= 2) map.set(this.read(), this.read());
    return map;
  }

  #error(): Error {
    const error = this.#open(makeError(this.#text(), this.#text(), this.read() as string | null));
    for (const key of ['cause', 'errors']) {
      const value = this.read();
      if (value !== HOLE) hide(error, key, value);
    }
    return error;
  }

  #text(): string { return String(this.read()); }

  #ext(size: number): unknown {
    const type = this.#uint(1), at = this.#take(size), end = at + size, { bytes } = this;
    switch (type) {
      case Ext.undefined: return undefined;
      case Ext.hole: return HOLE;
      case Ext.bigint: {
        const magnitude = BigInt(`0x0${Buffer.from(bytes.subarray(at + 1, end)).reverse().toString('hex')}`);
        return bytes[at] ? -magnitude : magnitude;
      }
      case Ext.utf16: return bytes.toString('utf16le', at, end);
      case Ext.date: return new Date(bytes.readDoubleLE(at));
      case Ext.reference: {
        const number = bytes.readUInt32LE(at);
        if (!this.#seen || number >= this.#seen.length) throw new RangeError(`a wrong reference ${number}`);
        return this.#seen[number];
      }
    }
    const copy = bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + end) as ArrayBuffer;
    return type === Ext.buffer ? copy : makeView(type, copy);
  }
}

/** Sets a property as an own one, also of the name `__proto__`. */
function define(object: Fields, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: true });
}
