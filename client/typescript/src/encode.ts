import { Buffer } from 'node:buffer';
import { types } from 'node:util';

import { DataError } from './errors.js';
import { Ext, Opaque, VIEWS } from './values.js';

/** The size of a message, the objects in it, and the nesting of a value: limits of the protocol. */
const MAX_BYTES = 134217728, MAX_OBJECTS = 2097152, MAX_DEPTH = 60;
const EMPTY = new Uint8Array(0);

/** The fields of messages that hold JavaScript values: one, a list of them, or a map of them. */
const VALUE = new Set(['value', 'properties']), LIST = new Set(['args']), MAP = new Set(['inputs']);
/** The fields whose own keys are not names of fields. */
const RAW = new Set(['env', 'permissions', 'deny']);

const snakes = new Map<string, string>();
function snake(key: string): string {
  let name = snakes.get(key);
  if (name === undefined) snakes.set(key, (name = key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)));
  return name;
}

/** Encodes a message as one frame. Names of fields become snake case; `undefined` is left out, but as a value. */
export function encodeMessage(name: string, body: object): Uint8Array {
  const writer = new Writer();
  writer.byte(0x92);
  writer.string(name);
  writer.fields(body);
  const frame = writer.bytes.subarray(0, writer.at);
  if (frame.length - 4 > MAX_BYTES) throw new DataError(`a message of ${frame.length - 4} bytes is too large`);
  frame.writeUInt32LE(frame.length - 4, 0);
  return frame;
}

/** Writes msgpack. It copies nothing twice and has no state that getters of user objects could disturb. */
class Writer {
  bytes = Buffer.allocUnsafe(512);
  at = 4;
  #objects = 0;
  #depth = 0;
  #seen: Map<object, number> | undefined;

  fields(body: object): void {
    const entries = Object.entries(body).filter(([key, value]) => value !== undefined || VALUE.has(key));
    this.#head(entries.length, 0x80, 16, 0xde);
    for (const [key, value] of entries) {
      this.string(snake(key));
      if (VALUE.has(key)) this.#scope(value);
      else if (LIST.has(key)) {
        this.#head((value as unknown[]).length, 0x90, 16, 0xdc);
        for (const item of value as unknown[]) this.#scope(item);
      } else if (MAP.has(key)) {
        const inputs = Object.entries(value as object);
        this.#head(inputs.length, 0x80, 16, 0xde);
        for (const [input, item] of inputs) { this.string(input); this.#scope(item); }
      } else if (value && typeof value === 'object' && !Array.isArray(value) && !RAW.has(key)) this.fields(value);
      else this.#scope(value);
    }
  }

  byte(byte: number): void {
    if (this.at === this.bytes.length) this.#room(1);
    this.bytes[this.at++] = byte;
  }

  string(text: string): void {
    const length = text.length;
    if (length < 32) {
      this.#room(1 + length);
      const { bytes, at } = this;
      let index = 0;
      for (; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code > 127) break;
        bytes[at + 1 + index] = code;
      }
      if (index === length) {
        this.#count();
        bytes[at] = 0xa0 | length;
        this.at += 1 + length;
        return;
      }
    }
    const size = Buffer.byteLength(text);
    if (size < 32) this.#head(size, 0xa0, 32, 0);
    else this.#sized(size, 0xd9);
    this.#room(size);
    this.at += this.bytes.write(text, this.at);
  }

  /** Writes a value that has a numbering of its own for references. */
  #scope(value: unknown): void {
    const [seen, depth] = [this.#seen, this.#depth];
    this.#seen = undefined;
    this.#depth = 0;
    this.#value(value);
    [this.#seen, this.#depth] = [seen, depth];
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string': return value.isWellFormed() ? this.string(value) : this.#ext(Ext.utf16, utf16(value));
      case 'number': return this.#number(value);
      case 'boolean': this.#count(); return this.byte(value ? 0xc3 : 0xc2);
      case 'undefined': return this.#ext(Ext.undefined, EMPTY);
      case 'bigint': return this.#ext(Ext.bigint, bigint(value));
      case 'object': break;
      default: throw new DataError(`a ${typeof value} is no data`);
    }
    if (value === null) { this.#count(); return this.byte(0xc0); }
    if (++this.#depth > MAX_DEPTH) throw new DataError(`a value nests deeper than ${MAX_DEPTH} levels`);
    if (!this.#leaf(value)) this.#container(value);
    this.#depth--;
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#count();
      this.byte(0xcb);
      this.#room(8);
      this.at = this.bytes.writeDoubleBE(value, this.at);
    } else if (value >= 0) {
      if (value < 128) { this.#count(); this.byte(value); } else if (value <= 0xffffffff) this.#sized(value, 0xcc);
      else this.#long(0xcf, value);
    } else if (value >= -32) { this.#count(); this.byte(value & 0xff); } else this.#long(0xd3, value);
  }

  #long(tag: number, value: number): void {
    this.#count();
    this.byte(tag);
    this.#room(8);
    this.at = this.bytes.writeBigInt64BE(BigInt(value), this.at);
  }

  /** Writes what references do not number. Returns false if the object is a container. */
  #leaf(value: object): boolean {
    if (Array.isArray(value)) return false;
    const proto: unknown = Object.getPrototypeOf(value);
    if (proto === Object.prototype || proto === null) return false;
    if (ArrayBuffer.isView(value)) {
      const type = VIEWS.get((value as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag]);
      this.#ext(type!, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (types.isAnyArrayBuffer(value)) this.#ext(Ext.buffer, new Uint8Array(value));
    else if (types.isDate(value)) {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value.getTime());
      this.#ext(Ext.date, bytes);
    } else if (types.isRegExp(value)) this.#list(Ext.regexp, [value.source, value.flags]);
    else if (value instanceof Opaque) this.#list(Ext.opaque, [value.className, value.text]);
    else if (types.isBoxedPrimitive(value)) this.#value(value.valueOf());
    else if (types.isPromise(value)) throw new DataError('a promise is no data: await it first');
    else return false;
    return true;
  }

  #container(value: object): void {
    this.#seen ??= new Map();
    const number = this.#seen.get(value);
    if (number !== undefined) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(number);
      return this.#ext(Ext.reference, bytes);
    }
    this.#seen.set(value, this.#seen.size);
    if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 16, 0xdc);
      for (let index = 0; index < value.length; index++) {
        const item: unknown = value[index];
        if (item === undefined && !(index in value)) this.#ext(Ext.hole, EMPTY);
        else this.#value(item);
      }
    } else if (types.isMap(value)) this.#list(Ext.map, [...value].flat(1));
    else if (types.isSet(value)) this.#list(Ext.set, [...value]);
    else if (types.isNativeError(value) || value instanceof Error) this.#error(value);
    else {
      const keys = Object.keys(value);
      this.#head(keys.length, 0x80, 16, 0xde);
      for (const key of keys) {
        if (!key.isWellFormed()) throw new DataError('the name of a property has a lone surrogate');
        this.string(key);
        this.#value((value as Record<string, unknown>)[key]);
      }
    }
  }

  #error(error: Error): void {
    this.#head(6, 0x90, 16, 0xdc);
    this.#ext(Ext.error, EMPTY);
    this.string(String(error.name).toWellFormed());
    this.string(String(error.message).toWellFormed());
    this.#value(typeof error.stack === 'string' ? error.stack.toWellFormed() : null);
    for (const key of ['cause', 'errors'] as const) {
      if (Object.hasOwn(error, key)) this.#value((error as { cause?: unknown; errors?: unknown })[key]);
      else this.#ext(Ext.hole, EMPTY);
    }
  }

  /** Writes an array that begins with a head. */
  #list(head: number, items: unknown[]): void {
    this.#head(items.length + 1, 0x90, 16, 0xdc);
    this.#ext(head, EMPTY);
    for (const item of items) this.#value(item);
  }

  #ext(type: number, data: Uint8Array): void {
    const fixed = [1, 2, 4, 8, 16].indexOf(data.length);
    if (fixed >= 0) { this.#count(); this.byte(0xd4 + fixed); } else this.#sized(data.length, 0xc7);
    this.byte(type);
    this.#room(data.length);
    this.bytes.set(data, this.at);
    this.at += data.length;
  }

  /** Writes the head of a map, an array or a short string: in one byte, or in 16 or 32 bits after `tag`. */
  #head(size: number, short: number, limit: number, tag: number): void {
    if (size >= limit) return this.#sized(size, tag - 1, 1);
    this.#count();
    this.byte(short | size);
  }

  /** Writes a tag and a number in the fewest of 8, 16 and 32 bits; the tags of these follow each other. */
  #sized(size: number, tag: number, least = 0): void {
    this.#count();
    this.#room(5);
    const width = Math.max(least, size < 0x100 ? 0 : size < 0x10000 ? 1 : 2);
    this.bytes[this.at] = tag + width;
    this.at = this.bytes.writeUIntBE(size, this.at + 1, 1 << width);
  }

  #count(): void {
    if (++this.#objects > MAX_OBJECTS) throw new DataError(`a message has more than ${MAX_OBJECTS} objects`);
  }

  #room(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + size));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}

function utf16(text: string): Uint8Array {
  return Buffer.from(text, 'utf16le');
}

function bigint(value: bigint): Uint8Array {
  const digits = value === 0n ? '' : (value < 0n ? -value : value).toString(16);
  const bytes = Buffer.from((digits.length % 2 ? '0' : '') + digits + (value < 0n ? '01' : '00'), 'hex');
  return bytes.reverse();
}
