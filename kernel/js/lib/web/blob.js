// Blob and File: bytes that do not change.
'use strict';

const {
  ArrayBufferIsView, DateNow, MathMax, MathMin, NumberIsNaN, StringPrototypeCharCodeAt, StringPrototypeReplaceAll,
  StringPrototypeToLowerCase, StringPrototypeToWellFormed: wellFormed, SymbolIterator, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength: lengthOf, TypedArrayPrototypeSet, Uint8Array,
} = primordials;
const {
  clampedInteger, dictionary, expose, integer, invalidArgument, invalidThis, isObject, list, requireArguments,
} = require('web/common');
const { rejected, resolved } = require('web/streams/promises');
const { teachClone } = require('web/structured_clone');
const { copied, viewOf } = require('web/streams/views');

const KEY = { __proto__: null };
const STEP = 65536;

class Blob {
  #bytes;
  #type;

  constructor(parts = undefined, options = undefined) {
    if (parts === KEY) {
      this.#bytes = options.bytes;
      this.#type = options.type;
      return;
    }
    if (parts !== undefined && (!isObject(parts) || typeof parts[SymbolIterator] !== 'function')) {
      throw invalidArgument('sources', 'a sequence', parts);
    }
    const { type, endings } = dictionary(options, 'options');
    const ending = endings === undefined ? 'transparent' : `${endings}`;
    if (ending !== 'transparent' && ending !== 'native') {
      throw invalidArgument('options.endings', "'transparent' or 'native'", endings);
    }
    this.#bytes = joined(parts, ending === 'native');
    this.#type = normalized(type === undefined ? '' : `${type}`);
  }

  static bytes(blob) {
    if (!isBlob(blob)) throw invalidThis('Blob');
    return blob.#bytes;
  }

  static is(blob) {
    return isObject(blob) && #bytes in blob;
  }

  static type(blob) {
    return blob.#type;
  }

  get size() {
    return lengthOf(bytesOf(this));
  }

  get type() {
    bytesOf(this);
    return this.#type;
  }

  slice(start = 0, end = undefined, contentType = '') {
    const bytes = bytesOf(this);
    const size = lengthOf(bytes);
    const from = relative(clampedInteger(start), size);
    const to = relative(end === undefined ? size : clampedInteger(end), size);
    return new Blob(KEY, { __proto__: null, bytes: copied(bytes, from, MathMax(from, to)), type: normalized(`${contentType}`) });
  }

  text() {
    return later(this, (bytes) => ops.decode('utf-8', bytes, false, true));
  }

  arrayBuffer() {
    return later(this, (bytes) => TypedArrayPrototypeGetBuffer(copied(bytes)));
  }

  bytes() {
    return later(this, (bytes) => copied(bytes));
  }

  stream() {
    const bytes = bytesOf(this);
    const { makeByteStream, stateOf } = require('web/streams/readable');
    const { close, enqueue, respond } = require('web/streams/byte_core');
    let at = 0;
    let stream;
    const pull = () => {
      const { controller } = stateOf(stream);
      if (at === lengthOf(bytes)) {
        close(controller);
        if (controller.pending.length > 0) respond(controller, 0);
      } else {
        const end = MathMin(lengthOf(bytes), at + STEP);
        enqueue(controller, copied(bytes, at, end));
        at = end;
      }
      return resolved(undefined);
    };
    stream = makeByteStream(() => undefined, pull, () => resolved(undefined));
    return stream;
  }
}
const { bytes: bytesOf, is: isBlob, type: typeOf } = Blob;
delete Blob.bytes;
delete Blob.is;
delete Blob.type;
expose(Blob, {
  __proto__: null,
  view: (blob) => isBlob(blob) ? { __proto__: null, size: lengthOf(bytesOf(blob)), type: typeOf(blob) } : undefined,
  compared: (blob) => isBlob(blob) ? { __proto__: null, bytes: bytesOf(blob), type: typeOf(blob) } : undefined,
});

function relative(index, size) {
  return index < 0 ? MathMax(size + index, 0) : MathMin(index, size);
}

// Whether there is anything but printable ASCII in the text.
function hasOther(text) {
  for (let index = 0; index < text.length; index++) {
    const unit = StringPrototypeCharCodeAt(text, index);
    if (unit < 0x20 || unit > 0x7e) return true;
  }
  return false;
}

function normalized(type) {
  return hasOther(type) ? '' : StringPrototypeToLowerCase(type);
}

function later(blob, read) {
  try {
    return resolved(read(bytesOf(blob)));
  } catch (error) {
    return rejected(error);
  }
}

// All parts in one array of bytes.
function joined(parts, native) {
  const pieces = list();
  let size = 0;
  if (parts !== undefined) {
    for (const part of parts) {
      const piece = bytesOfPart(part, native);
      pieces[pieces.length] = piece;
      size += lengthOf(piece);
    }
  }
  if (pieces.length === 1) return pieces[0];
  const all = new Uint8Array(size);
  let at = 0;
  for (let index = 0; index < pieces.length; index++) {
    TypedArrayPrototypeSet(all, pieces[index], at);
    at += lengthOf(pieces[index]);
  }
  return all;
}

// Bytes that nobody else holds.
function bytesOfPart(part, native) {
  if (isBlob(part)) return bytesOf(part);
  if (isObject(part) && ArrayBufferIsView(part)) {
    const { buffer, offset, length } = viewOf(part);
    return copied(new Uint8Array(buffer, offset, length));
  }
  if (isObject(part) && ops.isAnyArrayBuffer(part)) return copied(new Uint8Array(part));
  let text = wellFormed(`${part}`);
  if (native) text = StringPrototypeReplaceAll(StringPrototypeReplaceAll(text, '\r\n', '\n'), '\r', '\n');
  return ops.utf8Encode(text);
}

class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, options = undefined) {
    if (parts === KEY) {
      super(KEY, name);
      this.#name = options.name;
      this.#lastModified = options.lastModified;
      return;
    }
    requireArguments(arguments.length, 'sources', 'fileName');
    if (parts === undefined) throw invalidArgument('sources', 'a sequence', parts);
    super(parts, options);
    const { lastModified } = dictionary(options, 'options');
    this.#name = wellFormed(`${name}`);
    const time = lastModified === undefined ? DateNow() : integer(lastModified, -(2 ** 53), 2 ** 53 - 1);
    this.#lastModified = NumberIsNaN(time) ? 0 : time;
  }

  static inside(file) {
    if (!isFile(file)) throw invalidThis('File');
    return { __proto__: null, name: file.#name, lastModified: file.#lastModified };
  }

  static is(file) {
    return isObject(file) && #name in file;
  }

  get name() {
    return insideFile(this).name;
  }

  get lastModified() {
    return insideFile(this).lastModified;
  }
}
const { inside: insideFile, is: isFile } = File;
delete File.inside;
delete File.is;
expose(File, {
  __proto__: null,
  view(file) {
    if (!isFile(file)) return undefined;
    const { name, lastModified } = insideFile(file);
    return { __proto__: null, size: lengthOf(bytesOf(file)), type: typeOf(file), name, lastModified };
  },
  compared(file) {
    if (!isFile(file)) return undefined;
    const { name, lastModified } = insideFile(file);
    return { __proto__: null, bytes: bytesOf(file), type: typeOf(file), name, lastModified };
  },
});

// A blob of bytes that nobody else holds.
const makeBlob = (bytes, type) => new Blob(KEY, { __proto__: null, bytes, type: normalized(type) });
const makeFile = (blob, name, lastModified) => {
  return new File(KEY, { __proto__: null, bytes: bytesOf(blob), type: typeOf(blob) }, { __proto__: null, name, lastModified });
};

teachClone(Blob.prototype, (object) => {
  if (isFile(object)) {
    const { name, lastModified } = insideFile(object);
    return makeFile(object, name, lastModified);
  }
  return isBlob(object) ? makeBlob(bytesOf(object), typeOf(object)) : undefined;
});

module.exports = { __proto__: null, Blob, File, bytesOf, isBlob, isFile, makeBlob, makeFile, typeOf };
