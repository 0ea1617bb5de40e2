// `util.MIMEType` and `util.MIMEParams`.
'use strict';

const {
  ObjectDefineProperty, SafeMap, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase, StringPrototypeTrimEnd,
  SymbolIterator,
} = primordials;
const { make } = require('node/internal/errors');

const between = (c, first, last) => c >= first && c <= last;
const isTokenChar = (c) => between(c, 'a', 'z') || between(c, 'A', 'Z') || between(c, '0', '9')
  || StringPrototypeIndexOf("!#$%&'*+-.^_`|~", c) >= 0;
const isSpace = (c) => c === ' ' || c === '\t' || c === '\n' || c === '\r';

// The position of the first character that is not of a token.
function badToken(text) {
  for (let index = 0; index < text.length; index++) if (!isTokenChar(text[index])) return index;
  return -1;
}

function checked(text, production) {
  text = `${text}`;
  const at = badToken(text);
  if (text.length === 0 || at !== -1) throw make('ERR_INVALID_MIME_SYNTAX', production, text, at);
  return StringPrototypeToLowerCase(text);
}

function badValue(text) {
  for (let index = 0; index < text.length; index++) {
    const c = text[index];
    if (!(c === '\t' || between(c, ' ', '~') || between(c, '\u0080', '\u00ff'))) return index;
  }
  return -1;
}

function quoted(value) {
  if (value.length > 0 && badToken(value) === -1) return value;
  let out = '"';
  for (let index = 0; index < value.length; index++) out += value[index] === '"' || value[index] === '\\' ? `\\${value[index]}` : value[index];
  return `${out}"`;
}

let fill;

class MIMEParams {
  #data = new SafeMap();

  static {
    fill = (params, text) => params.#parse(text);
  }

  delete(name) {
    this.#data.delete(`${name}`);
  }

  get(name) {
    name = `${name}`;
    return this.#data.has(name) ? this.#data.get(name) : null;
  }

  has(name) {
    return this.#data.has(`${name}`);
  }

  set(name, value) {
    name = `${name}`;
    value = `${value}`;
    const badName = badToken(name);
    if (name.length === 0 || badName !== -1) throw make('ERR_INVALID_MIME_SYNTAX', 'parameter name', name, badName);
    const bad = badValue(value);
    if (bad !== -1) throw make('ERR_INVALID_MIME_SYNTAX', 'parameter value', value, bad);
    this.#data.set(name, value);
  }

  * entries() {
    yield* this.#data.entries();
  }

  * keys() {
    yield* this.#data.keys();
  }

  * values() {
    yield* this.#data.values();
  }

  toString() {
    let out = '';
    const entries = this.#data.entries();
    for (let step = entries.next(); !step.done; step = entries.next()) {
      out += `${out === '' ? '' : ';'}${step.value[0]}=${quoted(step.value[1])}`;
    }
    return out;
  }

  #parse(text) {
    let at = 0;
    const { length } = text;
    while (at < length) {
      while (isSpace(text[at])) at++;
      const start = at;
      while (at < length && text[at] !== ';' && text[at] !== '=') at++;
      const name = StringPrototypeToLowerCase(StringPrototypeSlice(text, start, at));
      if (at >= length) break;
      if (text[at++] === ';') continue;
      let value = '';
      if (text[at] === '"') {
        at++;
        while (at < length && text[at] !== '"') {
          if (text[at] === '\\' && at + 1 < length) at++;
          value += text[at++];
        }
        while (at < length && text[at] !== ';') at++;
        at++;
      } else {
        const from = at;
        while (at < length && text[at] !== ';') at++;
        value = StringPrototypeTrimEnd(StringPrototypeSlice(text, from, at));
        at++;
        if (value === '') continue;
      }
      if (name !== '' && badToken(name) === -1 && badValue(value) === -1 && !this.#data.has(name)) this.#data.set(name, value);
    }
  }
}
ObjectDefineProperty(MIMEParams.prototype, SymbolIterator, {
  __proto__: null, value: MIMEParams.prototype.entries, writable: true, configurable: true,
});
ObjectDefineProperty(MIMEParams.prototype, 'toJSON', {
  __proto__: null, value: MIMEParams.prototype.toString, writable: true, configurable: true,
});

class MIMEType {
  #type;
  #subtype;
  #params = new MIMEParams();

  constructor(input) {
    const text = `${input}`;
    let at = 0;
    while (isSpace(text[at])) at++;
    const slash = StringPrototypeIndexOf(text, '/', at);
    const type = slash < 0 ? StringPrototypeSlice(text, at) : StringPrototypeSlice(text, at, slash);
    const badType = badToken(type);
    if (slash < 0 || type === '' || badType !== -1) throw make('ERR_INVALID_MIME_SYNTAX', 'type', text, slash < 0 ? -1 : badType);
    const semicolon = StringPrototypeIndexOf(text, ';', slash);
    const rest = semicolon < 0 ? StringPrototypeSlice(text, slash + 1) : StringPrototypeSlice(text, slash + 1, semicolon);
    const subtype = StringPrototypeTrimEnd(rest);
    const badSubtype = badToken(subtype);
    if (subtype === '' || badSubtype !== -1) throw make('ERR_INVALID_MIME_SYNTAX', 'subtype', text, badSubtype);
    this.#type = StringPrototypeToLowerCase(type);
    this.#subtype = StringPrototypeToLowerCase(subtype);
    if (semicolon >= 0) fill(this.#params, StringPrototypeSlice(text, semicolon + 1));
  }

  get type() { return this.#type; }

  set type(value) { this.#type = checked(value, 'type'); }

  get subtype() { return this.#subtype; }

  set subtype(value) { this.#subtype = checked(value, 'subtype'); }

  get essence() { return `${this.#type}/${this.#subtype}`; }

  get params() { return this.#params; }

  toString() {
    const params = this.#params.toString();
    return `${this.#type}/${this.#subtype}${params === '' ? '' : `;${params}`}`;
  }
}
ObjectDefineProperty(MIMEType.prototype, 'toJSON', {
  __proto__: null, value: MIMEType.prototype.toString, writable: true, configurable: true,
});

module.exports = { __proto__: null, MIMEParams, MIMEType };
