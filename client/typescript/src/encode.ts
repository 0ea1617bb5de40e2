import { Buffer } from 'node:buffer';
import { types } from 'node:util';

import { DataError } from './errors.js';
import { writtenName } from './texts.js';
import { Ext, Opaque, viewType } from './values.js';

/** The size of a message, the objects in it, and the nesting of a value: limits of the protocol. */
const MAX_BYTES = 134217728, MAX_OBJECTS = 2097152, MAX_DEPTH = 60;
const EMPTY = new Uint8Array(0);

/** Encodes a message as one frame. Names of fields become snake case; `undefined` is left out, but as a value. */
export function encodeMessage(name: string, body: object): Uint8Array {
  const writer = new Writer();
  writer.message(name, body);
  const frame = writer.bytes.subarray(0, writer.at), size = frame.length - 4;
  if (size > MAX_BYTES) throw new DataError(`a message of ${size} bytes is too large`);
  frame.writeUInt32LE(size, 0);
  return frame;
}

/** The containers whose items have no names, by what an item is called. */
type Kind = 'entry' | 'item';

/** Writes msgpack behind four bytes for the length. */
class Writer {
  bytes = Buffer.allocUnsafe(512);
  at = 4;
  #objects = 0;
  #depth = 0;
  /** The numbers of the containers of a value. */
  #seen = new Map<object, number>();
  /** Where the value stands that is written: the key in each container around it, and what that calls an item. */
  #keys: (string | number)[] = [''];
  #kinds: (Kind | undefined)[] = [undefined];

  message(name: string, body: object): void {
    const fields = body as Record<string, any>;
    const keys = Object.keys(body).filter((key) => fields[key] !== undefined || key === 'value');
    this.#array(2);
    this.#string(name);
    this.#map(keys.length);
    for (const key of keys) {
      const value = fields[key];
      this.#raw(writtenName(key));
      if (key === 'args') {
        this.#array(value.length);
        for (const item of value) this.#root(item);
      } else if (key === 'inputs') {
        this.#map(Object.keys(value).length);
        for (const [input, item] of Object.entries(value)) this.#input(input, item);
      } else this.#root(value);
    }
  }

  /** Writes an input. What cannot be one is named. */
  #input(name: string, value: unknown): void {
    this.#string(name);
    try {
      this.#root(value);
    } catch (error) {
      throw error instanceof DataError ? new DataError(`inputs.${name}: ${error.message}`) : error;
    }
  }

  /** Writes a value that has a numbering of its own for references. */
  #root(value: unknown): void {
    this.#seen.clear();
    this.#value(value);
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return value.isWellFormed() ? this.#string(value) : this.#ext(Ext.utf16, Buffer.from(value, 'utf16le'));
      case 'number': return this.#number(value);
      case 'boolean': return this.#head(value ? 0xc3 : 0xc2);
      case 'undefined': return this.#ext(Ext.undefined, EMPTY);
      case 'bigint': return this.#ext(Ext.bigint, bytesOfBigInt(value));
      case 'object': break;
      default: this.#refuse(`a ${typeof value} is no data`);
    }
    if (value === null) return this.#head(0xc0);
    if (this.#depth === MAX_DEPTH) this.#refuse(`a value nests deeper than ${MAX_DEPTH} levels`);
    this.#object(value);
  }

  /** Throws for a value, and says where it stands in what is sent. */
  #refuse(message: string): never {
    const place = this.#keys.slice(1, this.#depth + 1).map((key, index) => step(key, this.#kinds[index + 1])).join('');
    throw new DataError(place ? `${message} (at ${place.replace(/^\./, '')})` : message);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#head(0xcb);
      this.at = this.bytes.writeDoubleBE(value, this.at);
    } else if (value >= -32 && value < 128) this.#head(value & 0xff);
    else if (value > 0 && value <= 0xffffffff) this.#sized(0xcc, value);
    else {
      this.#head(value > 0 ? 0xcf : 0xd3);
      this.at = this.bytes.writeBigInt64BE(BigInt(value), this.at);
    }
  }

  /** Writes what references do not number, or a container. */
  #object(value: object): void {
    if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) this.#container(value);
    else if (ArrayBuffer.isView(value)) {
      this.#ext(viewType(value), this.#bytes(value.buffer, value.byteOffset, value.byteLength));
    } else if (types.isAnyArrayBuffer(value)) this.#ext(Ext.buffer, this.#bytes(value));
    else if (types.isDate(value)) this.#ext(Ext.date, bytesOf(Float64Array.of(value.getTime())));
    else if (types.isRegExp(value)) this.#headed(Ext.regexp, [value.source, value.flags]);
    else if (value instanceof Opaque) this.#headed(Ext.opaque, [value.className, value.text]);
    else if (types.isBoxedPrimitive(value)) this.#value(value.valueOf());
    else if (isStructure(value)) this.#container(value);
    else if (types.isPromise(value)) this.#refuse('a promise is no data: await it first');
    else if ('then' in value && typeof value.then === 'function') {
      this.#refuse(`${named(value)} is no data: await it first`);
    } else if (Object.keys(value).length === 0) {
      const advice = 'it has no enumerable properties of its own; give its text or a plain object';
      this.#refuse(`${named(value)} is no data: ${advice}`);
    } else this.#container(value);
  }

  /** The bytes of a buffer, which may have been given to another thread. */
  #bytes(buffer: ArrayBufferLike, start?: number, size?: number): Uint8Array {
    try {
      return new Uint8Array(buffer, start, size);
    } catch {
      return this.#refuse('an ArrayBuffer that is detached is no data');
    }
  }

  #container(value: object): void {
    const number = this.#seen.get(value);
    if (number !== undefined) return this.#ext(Ext.reference, bytesOf(Uint32Array.of(number)));
    this.#seen.set(value, this.#seen.size);
    this.#kinds[++this.#depth] = types.isMap(value) ? 'entry' : types.isSet(value) ? 'item' : undefined;
    this.#contents(value);
    this.#depth--;
  }

  #contents(value: object): void {
    if (Array.isArray(value)) {
      this.#array(value.length);
      for (let index = 0; index < value.length; index++) this.#property(value, index);
    } else if (types.isMap(value)) this.#headed(Ext.map, [...value].flat(1));
    else if (types.isSet(value)) this.#headed(Ext.set, [...value]);
    else if (isError(value)) {
      const { name, message, stack } = value;
      const texts = [name, message, ...(typeof stack === 'string' ? [stack] : [])];
      this.#headed(Ext.error, texts.map((text) => String(text).toWellFormed()), 5);
      if (texts.length === 2) this.#value(null);
      for (const key of ['cause', 'errors']) this.#property(value, key);
    } else {
      const keys = Object.keys(value);
      this.#map(keys.length);
      for (const key of keys) {
        if (!key.isWellFormed()) this.#refuse('the name of a property has a lone surrogate');
        this.#string(key);
        this.#keys[this.#depth] = key;
        this.#value((value as Record<string, unknown>)[key]);
      }
    }
  }

  /** Writes the value of an own property, or a hole. */
  #property(object: object, key: string | number): void {
    this.#keys[this.#depth] = key;
    if (Object.hasOwn(object, key)) this.#value((object as Record<string | number, unknown>)[key]);
    else this.#ext(Ext.hole, EMPTY);
  }

  /** Writes an array of `size` items that a head begins. */
  #headed(head: number, items: unknown[], size = items.length): void {
    this.#array(size + 1);
    this.#ext(head, EMPTY);
    for (let index = 0; index < items.length; index++) {
      this.#keys[this.#depth] = index;
      this.#value(items[index]);
    }
  }

  /** Writes an object that is msgpack already. */
  #raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    for (let index = 0; index < bytes.length; index++) this.bytes[this.at++] = bytes[index]!;
  }

  #string(text: string): void {
    const size = Buffer.byteLength(text);
    if (size < 32) this.#head(0xa0 | size);
    else this.#sized(0xd9, size);
    this.#room(size);
    this.at += this.bytes.write(text, this.at);
  }

  #ext(type: number, data: Uint8Array): void {
    const power = [1, 2, 4, 8, 16].indexOf(data.length);
    if (power >= 0) this.#head(0xd4 + power);
    else this.#sized(0xc7, data.length);
    this.#room(1 + data.length);
    this.bytes[this.at++] = type;
    this.bytes.set(data, this.at);
    this.at += data.length;
  }

  #array(size: number): void { size < 16 ? this.#head(0x90 | size) : this.#sized(0xdb, size, 1); }
  #map(size: number): void { size < 16 ? this.#head(0x80 | size) : this.#sized(0xdd, size, 1); }

  /** Writes a number in the fewest of 8, 16 and 32 bits, after a tag: those for these follow each other. */
  #sized(tag: number, size: number, least = 0): void {
    const power = Math.max(least, size < 0x100 ? 0 : size < 0x10000 ? 1 : 2);
    this.#head(tag + power);
    this.at = this.bytes.writeUIntBE(size, this.at, 1 << power);
  }

  /** Writes the first byte of an object, and makes room for a number. */
  #head(tag: number): void {
    if (++this.#objects > MAX_OBJECTS) throw new DataError(`a message has more than ${MAX_OBJECTS} objects`);
    this.#room(9);
    this.bytes[this.at++] = tag;
  }

  #room(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + size));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}

const isError = (value: object): value is Error => types.isNativeError(value) || value instanceof Error;

/** Whether it is more than an instance of some class: an object as a literal makes it, also of another realm. */
function isStructure(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null || types.isMap(value) || types.isSet(value)
    || isError(value);
}

/** An instance of a class, in words. */
function named(value: object): string {
  const tag: unknown = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  const name = typeof tag === 'string' && tag !== '' ? tag : value.constructor?.name || 'object';
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** A part of the place of a value. */
function step(key: string | number, kind: Kind | undefined): string {
  // The entries of a Map are written as keys and values in turn.
  if (kind !== undefined) return `<${kind} ${kind === 'entry' ? Number(key) >> 1 : key}>`;
  if (typeof key === 'number') return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** The sign, and the magnitude in little-endian order. */
function bytesOfBigInt(value: bigint): Uint8Array {
  const digits = value === 0n ? '' : (value < 0n ? -value : value).toString(16);
  return Buffer.from((digits.length % 2 ? '0' : '') + digits + (value < 0n ? '01' : '00'), 'hex').reverse();
}
