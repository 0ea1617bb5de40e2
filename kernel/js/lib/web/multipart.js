// Forms as multipart/form-data, and back.
'use strict';

const {
  MathFloor, MathRandom, RegExpPrototypeExec, RegExpPrototypeSymbolReplace, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase, TypeError, TypedArrayPrototypeGetLength, TypedArrayPrototypeSet, TypedArrayPrototypeSubarray, Uint8Array,
} = primordials;
const { File, bytesOf, typeOf } = require('web/blob');
const { list } = require('web/common');
const { FormData, stateOf } = require('web/form_data');

const replace = (text, pattern, by) => RegExpPrototypeSymbolReplace(pattern, text, by);
const lines = (text) => replace(text, /\r\n|\r|\n/g, '\r\n');
const escaped = (text) => replace(replace(replace(text, /\n/g, '%0A'), /\r/g, '%0D'), /"/g, '%22');
const unescaped = (text) => replace(replace(replace(text, /%0A/gi, '\n'), /%0D/gi, '\r'), /%22/g, '"');

const lengthOf = (bytes) => TypedArrayPrototypeGetLength(bytes);

function joined(pieces) {
  let size = 0;
  for (let index = 0; index < pieces.length; index++) size += lengthOf(pieces[index]);
  const whole = new Uint8Array(size);
  let at = 0;
  for (let index = 0; index < pieces.length; index++) {
    TypedArrayPrototypeSet(whole, pieces[index], at);
    at += lengthOf(pieces[index]);
  }
  return whole;
}

function newBoundary() {
  let digits = '';
  for (let index = 0; index < 16; index++) digits += MathFloor(MathRandom() * 10);
  return `----formdata-drupe-${digits}`;
}

// The bytes of the body, and its boundary.
function encode(form) {
  const boundary = newBoundary();
  const pieces = list();
  const entries = stateOf(form);
  for (let index = 0; index < entries.length; index++) {
    const { name, value } = entries[index];
    const start = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(lines(name))}"`;
    if (typeof value === 'string') {
      pieces[pieces.length] = ops.utf8Encode(`${start}\r\n\r\n${lines(value)}\r\n`);
      continue;
    }
    const type = typeOf(value) || 'application/octet-stream';
    pieces[pieces.length] = ops.utf8Encode(`${start}; filename="${escaped(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`);
    pieces[pieces.length] = bytesOf(value);
    pieces[pieces.length] = ops.utf8Encode('\r\n');
  }
  pieces[pieces.length] = ops.utf8Encode(`--${boundary}--\r\n`);
  return { __proto__: null, bytes: joined(pieces), boundary };
}

const failed = () => new TypeError('Failed to parse body as FormData.');

// Where `needle` is in `bytes` from `from` on, or -1.
function find(bytes, needle, from) {
  const last = lengthOf(bytes) - lengthOf(needle);
  const first = needle[0];
  outer: for (let at = from; at <= last; at++) {
    if (bytes[at] !== first) continue;
    for (let index = 1; index < lengthOf(needle); index++) {
      if (bytes[at + index] !== needle[index]) continue outer;
    }
    return at;
  }
  return -1;
}

function startsWith(bytes, needle, at) {
  for (let index = 0; index < lengthOf(needle); index++) {
    if (bytes[at + index] !== needle[index]) return false;
  }
  return true;
}

const text = (bytes) => {
  const { decode, TextDecoder } = require('web/encoding');
  return decode(new TextDecoder('utf-8', { __proto__: null, ignoreBOM: true }), bytes);
};

// The form that a body is, `contentType` says how.
function decode(bytes, contentType) {
  const match = RegExpPrototypeExec(/^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]*)"|([^\s;]+))/i, contentType);
  if (match === null) throw failed();
  const boundary = ops.utf8Encode(`--${match[1] ?? match[2]}`);
  const newLine = ops.utf8Encode('\r\n');
  const gap = ops.utf8Encode('\r\n\r\n');
  const dashes = ops.utf8Encode('--');
  const between = joined([newLine, boundary]);
  const form = new FormData();
  const entries = stateOf(form);
  let at = 0;
  // What comes before the first boundary is left out.
  if (!startsWith(bytes, boundary, 0)) {
    at = find(bytes, between, 0);
    if (at < 0) throw failed();
    at += 2;
  }
  for (;;) {
    at += lengthOf(boundary);
    if (startsWith(bytes, dashes, at)) return form;
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
    if (!startsWith(bytes, newLine, at)) throw failed();
    const headEnd = find(bytes, gap, at);
    if (headEnd < 0) throw failed();
    const head = readHead(text(TypedArrayPrototypeSubarray(bytes, at + 2, headEnd < at + 2 ? at + 2 : headEnd)));
    const start = headEnd + 4;
    const end = find(bytes, between, start - 2);
    if (end < 0) throw failed();
    const content = TypedArrayPrototypeSubarray(bytes, start, end < start ? start : end);
    entries[entries.length] = { __proto__: null, name: head.name, value: valueOf(head, content) };
    at = end + 2;
  }
}

function valueOf({ filename, type }, content) {
  if (filename === undefined) return text(content);
  return new File([content], filename, { __proto__: null, type: type ?? 'text/plain' });
}

function readHead(source) {
  const head = { __proto__: null, name: undefined, filename: undefined, type: undefined };
  let rest = source;
  while (rest !== '') {
    const end = StringPrototypeIndexOf(rest, '\r\n');
    const line = end < 0 ? rest : StringPrototypeSlice(rest, 0, end);
    rest = end < 0 ? '' : StringPrototypeSlice(rest, end + 2);
    const colon = StringPrototypeIndexOf(line, ':');
    if (colon < 0) throw failed();
    const name = StringPrototypeToLowerCase(StringPrototypeSlice(line, 0, colon));
    const value = RegExpPrototypeExec(/^[ \t]*(.*?)[ \t]*$/s, StringPrototypeSlice(line, colon + 1))[1];
    if (name === 'content-type') head.type = value;
    if (name !== 'content-disposition') continue;
    if (RegExpPrototypeExec(/^form-data\b/i, value) === null) throw failed();
    const own = RegExpPrototypeExec(/;\s*name="([^"]*)"/i, value);
    const file = RegExpPrototypeExec(/;\s*filename="([^"]*)"/i, value);
    if (own !== null) head.name = unescaped(own[1]);
    if (file !== null) head.filename = unescaped(file[1]);
  }
  if (head.name === undefined) throw failed();
  return head;
}

module.exports = { __proto__: null, decode, encode, joined };
