// What a terminal sends when keys are pressed, as events: `keypress`, with what the key is called.
'use strict';

const {
  NumberParseInt, RegExpPrototypeExec, StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeSlice, StringPrototypeToLowerCase, SafeWeakSet,
  SafeStringIterator,
} = primordials;

const ESCAPE = '\x1b';
// How long an escape may be the beginning of a sequence, in milliseconds.
const PATIENCE = 500;
// No key sends more.
const LONGEST = 32;

const LETTERS = {
  __proto__: null, A: 'up', B: 'down', C: 'right', D: 'left', E: 'clear', F: 'end', H: 'home', P: 'f1', Q: 'f2', R: 'f3', S: 'f4', Z: 'tab',
};
const NUMBERS = {
  __proto__: null, 1: 'home', 2: 'insert', 3: 'delete', 4: 'end', 5: 'pageup', 6: 'pagedown', 7: 'home', 8: 'end', 11: 'f1', 12: 'f2', 13: 'f3',
  14: 'f4', 15: 'f5', 17: 'f6', 18: 'f7', 19: 'f8', 20: 'f9', 21: 'f10', 23: 'f11', 24: 'f12', 200: 'paste-start', 201: 'paste-end',
};
// Of the console of Linux, after `[[`.
const LINUX = { __proto__: null, A: 'f1', B: 'f2', C: 'f3', D: 'f4', E: 'f5' };
const PLAIN = { __proto__: null, '\r': 'return', '\n': 'enter', '\t': 'tab', '\b': 'backspace', '\x7f': 'backspace', '\x1b': 'escape', ' ': 'space' };

// Introducer, numbers, and what ends it.
const SEQUENCE = /^\x1b+(?:(O)([0-9;]*)([A-Za-z])|\[(\[)([A-E])|(\[)([0-9;]*)([~^$@A-Za-z]))$/;
const BEGUN = /^\x1b+(?:O[0-9;]*|\[[0-9;[]*)?$/;

const key = (sequence, name, { ctrl = false, meta = false, shift = false } = { __proto__: null }) => ({ sequence, name, ctrl, meta, shift });

// A key of more than one byte.
function sequenceKey(sequence, found) {
  if (found[4] !== undefined) return { ...key(sequence, LINUX[found[5]]), code: `[[${found[5]}` };
  const introducer = found[1] ?? found[6];
  const numbers = found[2] ?? found[7];
  const last = found[3] ?? found[8];
  const parts = RegExpPrototypeExec(/^([0-9]*);?([0-9]*)/, numbers);
  let first = parts[1];
  let modifier = parts[2] === '' ? 0 : NumberParseInt(parts[2], 10) - 1;
  // `[5C` is how some write the modifier of a letter.
  const isLetter = RegExpPrototypeExec(/^[A-Za-z]$/, last) !== null;
  if (isLetter && parts[2] === '' && first !== '') modifier = NumberParseInt(first, 10) - 1;
  if (isLetter) first = '';
  let shift = (modifier & 1) !== 0;
  let ctrl = (modifier & 4) !== 0;
  let name;
  if (isLetter) {
    name = LETTERS[last];
    if (last === 'Z') shift = true;
    if (last >= 'a' && last <= 'e') {
      // As rxvt has them.
      name = LETTERS[StringFromCharCode(StringPrototypeCharCodeAt(last, 0) - 32)];
      if (introducer === 'O') ctrl = true;
      else shift = true;
    }
  } else {
    name = NUMBERS[first];
    if (last === '$') shift = true;
    if (last === '^') ctrl = true;
  }
  return { ...key(sequence, name ?? 'undefined', { ctrl, meta: (modifier & 10) !== 0, shift }), code: `${introducer}${first}${last}` };
}

function plainKey(sequence) {
  const meta = sequence.length > 1 && sequence[0] === ESCAPE;
  const text = meta ? StringPrototypeSlice(sequence, 1) : sequence;
  const name = PLAIN[text];
  if (name !== undefined) return key(sequence, name, { meta });
  const code = StringPrototypeCharCodeAt(text, 0);
  if (text.length === 1 && code <= 26) return key(sequence, code === 0 ? '`' : StringFromCharCode(code + 96), { ctrl: true, meta });
  if (text.length === 1 && RegExpPrototypeExec(/^[0-9A-Za-z]$/, text) !== null) {
    return key(sequence, StringPrototypeToLowerCase(text), { meta, shift: text >= 'A' && text <= 'Z' });
  }
  return key(sequence, undefined, { meta });
}

// Keys out of what comes, character after character.
class Keys {
  #begun = '';
  #tell;

  constructor(tell) {
    this.#tell = tell;
  }

  get isWaiting() { return this.#begun !== ''; }

  add(character) {
    const sequence = this.#begun + character;
    if (sequence[0] !== ESCAPE) return this.#tell(sequence, plainKey(sequence));
    const found = RegExpPrototypeExec(SEQUENCE, sequence);
    this.#begun = '';
    if (found !== null) return this.#tell(undefined, sequenceKey(sequence, found));
    // Another escape begins a sequence that a meta key precedes, but no third.
    const isMore = RegExpPrototypeExec(BEGUN, sequence) !== null && sequence.length < LONGEST && sequence !== '\x1b\x1b\x1b';
    if (isMore) this.#begun = sequence;
    else if (sequence.length === 2 || sequence === '\x1b\x1b\x1b') this.#tell(undefined, plainKey(sequence.length === 2 ? sequence : '\x1b\x1b'));
    else this.#tell(undefined, key(sequence, 'undefined'));
  }

  // Nothing came in time.
  end() {
    const sequence = this.#begun;
    if (sequence === '') return;
    this.#begun = '';
    this.#tell(undefined, plainKey(sequence));
  }
}

// The streams that tell of keys.
const telling = new SafeWeakSet();

// Lets `stream` emit `keypress` as long as somebody listens. `owner`: an interface that completes what is typed, but
// not what is pasted.
function emitKeypressEvents(stream, owner = { __proto__: null }) {
  if (telling.has(stream)) return;
  telling.add(stream);
  const { StringDecoder } = require('node/string_decoder');
  const timers = require('node/timers');
  const decoder = new StringDecoder('utf8');
  const keys = new Keys((text, pressed) => stream.emit('keypress', text, pressed));
  let timer;
  const onData = (input) => {
    if (stream.listenerCount('keypress') === 0) {
      stream.removeListener('data', onData);
      stream.on('newListener', onListener);
      return;
    }
    const text = decoder.write(input);
    if (timer !== undefined) timers.clearTimeout(timer);
    timer = undefined;
    owner._sawKey?.(text);
    let count = 0;
    for (const character of new SafeStringIterator(text)) {
      count += character.length;
      if (count === text.length) owner.isCompletionEnabled = true;
      else if (text.length > 1) owner.isCompletionEnabled = false;
      try {
        keys.add(character);
      } catch (error) {
        // What a listener throws is the program's error.
        ops.uncaught(error);
      }
    }
    owner.isCompletionEnabled = true;
    if (keys.isWaiting) timer = timers.setTimeout(() => keys.end(), owner.escapeCodeTimeout ?? PATIENCE);
  };
  const onListener = (name) => {
    if (name !== 'keypress') return;
    stream.removeListener('newListener', onListener);
    stream.on('data', onData);
  };
  if (stream.listenerCount('keypress') > 0) stream.on('data', onData);
  else stream.on('newListener', onListener);
}

module.exports = { __proto__: null, emitKeypressEvents };
