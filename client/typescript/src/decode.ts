import type { Buffer } from 'node:buffer';

import { ConnectionError } from './errors.js';
import { Ext, Opaque, hide, makeError, makeRegExp, makeView } from './values.js';

/** Fields of a message in camel case. */
export type Fields = Record<string, any>;
/** A message of the server: its name and its body. */
export type Message = [name: string, body: Fields];

/** The fields of messages that hold JavaScript values, or keys that are no names of fields. */
const VALUE = new Set(['value', 'preview', 'data', 'properties', 'types']);
const HOLE = Symbol('hole');
const MAX_DEPTH = 128;

const camels = new Map<string, string>();
function camel(key: string): string {
  let name = camels.get(key);
  if (name === undefined) {
    name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (camels.size < 1024) camels.set(key, name);
  }
  return name;
}

/** Decodes the msgpack of one message. Throws a `ConnectionError` if it is none. */
export function decodeMessage(bytes: Buffer, start: number, end: number): Message {
  const reader = new Reader(bytes, start, end);
  try {
    const message = reader.read();
    const whole = Array.isArray(message) && message.length === 2 && typeof message[0] === 'string'
      && typeof message[1] === 'object' && message[1] !== null && reader.at === end;
    if (whole) return message as Message;
  } catch (error) {
    throw new ConnectionError('protocol', 'the server sent a damaged message', { cause: error });
  }
  throw new ConnectionError('protocol', 'the server sent what is no message');
}

class Reader {
  /** The containers of the value that is read; undefined while fields of a message are read. */
  #seen: unknown[] | undefined;
  #depth = 0;

  constructor(readonly bytes: Buffer, public at: number, readonly end: number) {}

  read(): unknown {
    if (this.at >= this.end) throw new RangeError('the message ends too early');
    const tag = this.bytes[this.at++]!;
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 256;
    if (tag < 0x90) return this.#map(tag & 15);
    if (tag < 0xa0) return this.#array(tag & 15);
    if (tag < 0xc0) return this.#string(tag & 31);
    switch (tag) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: case 0xc5: case 0xc6: return this.#slice(this.#uint(tag - 0xc4));
      case 0xc7: case 0xc8: case 0xc9: return this.#ext(this.#uint(tag - 0xc7));
      case 0xca: return this.bytes.readFloatBE(this.#take(4));
      case 0xcb: return this.bytes.readDoubleBE(this.#take(8));
      case 0xcc: case 0xcd: case 0xce: return this.#uint(tag - 0xcc);
      case 0xcf: return Number(this.bytes.readBigUInt64BE(this.#take(8)));
      case 0xd0: case 0xd1: case 0xd2: return this.bytes.readIntBE(this.#take(1 << (tag - 0xd0)), 1 << (tag - 0xd0));
      case 0xd3: return Number(this.bytes.readBigInt64BE(this.#take(8)));
      case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return this.#ext(1 << (tag - 0xd4));
      case 0xd9: case 0xda: case 0xdb: return this.#string(this.#uint(tag - 0xd9));
      case 0xdc: case 0xdd: return this.#array(this.#uint(tag - 0xdb));
      case 0xde: case 0xdf: return this.#map(this.#uint(tag - 0xdd));
      default: throw new RangeError(`unknown tag ${tag}`);
    }
  }

  #take(size: number): number {
    const at = this.at;
    if (at + size > this.end) throw new RangeError('the message ends too early');
    this.at += size;
    return at;
  }

  #uint(width: number): number {
    const at = this.#take(1 << width), { bytes } = this;
    return width === 0 ? bytes[at]! : width === 1 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at);
  }

  #string(size: number): string {
    const at = this.#take(size), { bytes } = this;
    if (size < 16) {
      let text = '';
      for (let index = at; index < at + size; index++) {
        const code = bytes[index]!;
        if (code > 127) return bytes.toString('utf8', at, at + size);
        text += String.fromCharCode(code);
      }
      return text;
    }
    return bytes.toString('utf8', at, at + size);
  }

  #slice(size: number): Uint8Array {
    const at = this.#take(size);
    return new Uint8Array(this.bytes.subarray(at, at + size));
  }

  #map(size: number): object {
    if (++this.#depth > MAX_DEPTH) throw new RangeError('the message nests too deep');
    const object: Record<string, unknown> = {};
    this.#seen?.push(object);
    for (let index = 0; index < size; index++) {
      const name = this.read();
      if (typeof name !== 'string') throw new RangeError('a key is no string');
      const key = this.#seen ? name : camel(name);
      const value = this.#seen ? this.read() : this.#field(key);
      if (key !== '__proto__') object[key] = value;
      else Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable: true });
    }
    this.#depth--;
    return object;
  }

  #field(key: string): unknown {
    if (VALUE.has(key)) return this.#scope();
    if (key !== 'args' || this.bytes[this.at] === 0xc0) return this.read();
    const tag = this.bytes[this.#take(1)]!;
    const size = tag < 0xdc ? tag & 15 : this.#uint(tag - 0xdb), items: unknown[] = [];
    while (items.length < size) items.push(this.#scope());
    return items;
  }

  /** Reads a value that has a numbering of its own for references. */
  #scope(): unknown {
    this.#seen = [];
    const value = this.read();
    this.#seen = undefined;
    return value;
  }

  #array(size: number): unknown {
    if (++this.#depth > MAX_DEPTH) throw new RangeError('the message nests too deep');
    const { bytes, at } = this;
    const head = size > 0 && bytes[at] === 0xc7 && bytes[at + 1] === 0 && bytes[at + 2]! >= 0x20;
    const value = head ? this.#headed(bytes[this.#take(3) + 2]!, size - 1) : this.#items(size);
    this.#depth--;
    return value;
  }

  #items(size: number): unknown[] {
    const array: unknown[] = [];
    this.#seen?.push(array);
    for (let index = 0; index < size; index++) {
      const item = this.read();
      if (item === HOLE) array.length++;
      else array.push(item);
    }
    return array;
  }

  #headed(type: number, size: number): unknown {
    if (type === Ext.regexp && size === 2) return makeRegExp(this.read() as string, this.read() as string);
    if (type === Ext.opaque && size === 2) return new Opaque(this.read() as string, this.read() as string);
    if (type === Ext.error && size === 5) return this.#error();
    if (type === Ext.set) {
      const set = new Set();
      this.#seen?.push(set);
      while (size--) set.add(this.read());
      return set;
    }
    if (type !== Ext.map || size % 2) throw new RangeError(`a wrong head ${type} of ${size} values`);
    const map = new Map();
    this.#seen?.push(map);
    for (; size; size -= 2) map.set(this.read(), this.read());
    return map;
  }

  #error(): Error {
    const place = this.#seen ? this.#seen.push(undefined) - 1 : 0;
    const error = makeError(this.read() as string, this.read() as string, this.read() as string | null);
    if (this.#seen) this.#seen[place] = error;
    for (const key of ['cause', 'errors']) {
      const value = this.read();
      if (value !== HOLE) hide(error, key, value);
    }
    return error;
  }

  #ext(size: number): unknown {
    const type = this.bytes[this.#take(1)]!, at = this.#take(size), { bytes } = this;
    switch (type) {
      case Ext.undefined: return undefined;
      case Ext.hole: return HOLE;
      case Ext.bigint: {
        const digits = bytes.toString('hex', at + 1, at + size).match(/../g);
        const magnitude = digits ? BigInt(`0x${digits.reverse().join('')}`) : 0n;
        return bytes[at] ? -magnitude : magnitude;
      }
      case Ext.utf16: return bytes.toString('utf16le', at, at + size);
      case Ext.date: return new Date(bytes.readDoubleLE(at));
      case Ext.reference: {
        const number = bytes.readUInt32LE(at);
        if (!this.#seen || number >= this.#seen.length) throw new RangeError(`a wrong reference ${number}`);
        return this.#seen[number];
      }
    }
    const copy = bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + size) as ArrayBuffer;
    return type === Ext.buffer ? copy : makeView(type, copy);
  }
}
