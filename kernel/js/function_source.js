// `Function.prototype.toString`: the source of a function of a chunk has the names that were written, not those that
// the transpiler has made of them (`kernel/src/isolate/marked.rs`).
'use strict';

const { apply } = Reflect;
const { defineProperty } = Object;
const { prototype } = Function;
const { toString: engines } = prototype;
const { includes } = String.prototype;
const MARK = '\u01c3';

const { toString } = {
  toString() {
    if (this === toString) return 'function toString() { [native code] }';
    const source = apply(engines, this, []);
    return apply(includes, source, [MARK]) ? ops.writtenSource(source) : source;
  },
};
defineProperty(prototype, 'toString', { __proto__: null, value: toString, writable: true, enumerable: false, configurable: true });

// For those who show the source of a function; the second has the engine's text.
ops.functionToString = toString;
ops.functionText = engines;
