// `util.styleText` and `util.stripVTControlCharacters`.
'use strict';

const { ArrayIsArray, ArrayPrototypeIncludes, ObjectKeys, StringPrototypeCharCodeAt, StringPrototypeSlice } = primordials;
const { inspect } = require('node/internal/inspect');
const { make } = require('node/internal/errors');
const { isNodeStream, isWebStream } = require('node/internal/stream_state');
const { validateBoolean, validateOneOf, validateString } = require('node/internal/validators');

// Whether what is written to a stream is to have colours.
function isColored(stream) {
  const { env } = require('node/process');
  if (env.FORCE_COLOR !== undefined) return require('node/tty').WriteStream.prototype.getColorDepth(env) > 2;
  return Boolean(stream?.isTTY) && (typeof stream.getColorDepth !== 'function' || stream.getColorDepth() > 2);
}

// As newer versions of Node: where the stream has no colours, there are none. A session without standard streams leaves
// that to who prints.
function styleText(format, text, { validateStream = true, stream } = { __proto__: null }) {
  validateString(text, 'text');
  validateBoolean(validateStream, 'options.validateStream');
  const looks = validateStream && (stream !== undefined || ops.hasStreams());
  if (looks) {
    if (stream === undefined) stream = require('node/process').stdout;
    if (!isNodeStream(stream) && !isWebStream(stream)) {
      throw make('ERR_INVALID_ARG_TYPE', 'stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
    }
  }
  const formats = ArrayIsArray(format) ? format : [format];
  let before = '';
  let after = '';
  for (let index = 0; index < formats.length; index++) {
    const codes = inspect.colors[formats[index]];
    if (codes == null) validateOneOf(formats[index], 'format', ObjectKeys(inspect.colors));
    before += `\u001b[${codes[0]}m`;
    after = `\u001b[${codes[1]}m${after}`;
  }
  return looks && !isColored(stream) ? text : `${before}${text}${after}`;
}

const ESCAPE = 0x1b;
const CSI = 0x9b;

// Where the sequence that begins at `start` ends; `start` if there is none.
function sequenceEnd(text, start) {
  let at = start + 1;
  const code = (index) => index < text.length ? StringPrototypeCharCodeAt(text, index) : -1;
  if (code(start) === ESCAPE && code(at) === 93) {
    // An operating system command ends with a bell or a string terminator.
    for (let index = at + 1; index < text.length; index++) {
      const c = code(index);
      if (c === 7 || c === 0x9c) return index + 1;
      if (c === ESCAPE && code(index + 1) === 92) return index + 2;
    }
    return start;
  }
  let any = code(start) === CSI;
  while (ArrayPrototypeIncludes([91, 93, 40, 41, 35, 59, 63], code(at))) {
    any = true;
    at++;
  }
  while ((code(at) >= 48 && code(at) <= 57) || code(at) === 59 || code(at) === 58) at++;
  const last = code(at);
  const isFinal = (last >= 65 && last <= 90) || (last >= 97 && last <= 122) || last === 126 || last === 61 || last === 62 || last === 60;
  if (!isFinal) return start;
  return any || at === start + 1 ? at + 1 : start;
}

function strip(text) {
  let out = '';
  let from = 0;
  for (let index = 0; index < text.length; index++) {
    const code = StringPrototypeCharCodeAt(text, index);
    if (code !== ESCAPE && code !== CSI) continue;
    const end = sequenceEnd(text, index);
    if (end === index) continue;
    out += StringPrototypeSlice(text, from, index);
    from = end;
    index = end - 1;
  }
  return from === 0 ? text : out + StringPrototypeSlice(text, from);
}

module.exports = { __proto__: null, strip, styleText };
