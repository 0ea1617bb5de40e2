// Globals whose files are loaded when somebody first looks at them. One line a file; enumerable where they are in Node.
'use strict';

const define = (file, names, enumerable) => ops.defineLazily(globalThis, file, names, enumerable);

define('modules/globals', ['require', 'module', 'exports'], false);
define('web/dom_exception', ['DOMException'], false);
define('web/events', ['Event', 'EventTarget', 'CustomEvent'], false);
define('web/message', ['MessageChannel', 'MessageEvent', 'MessagePort'], false);
define('web/abort', ['AbortController', 'AbortSignal'], false);
define('web/streams/readable', ['ReadableStream'], false);
define('web/streams/default_controller', ['ReadableStreamDefaultController'], false);
define('web/streams/readers', ['ReadableStreamDefaultReader'], false);
define('web/streams/byte_controller', ['ReadableByteStreamController', 'ReadableStreamBYOBRequest'], false);
define('web/streams/byob_reader', ['ReadableStreamBYOBReader'], false);
define('web/streams/writable', ['WritableStream', 'WritableStreamDefaultController', 'WritableStreamDefaultWriter'], false);
define('web/streams/transform', ['TransformStream', 'TransformStreamDefaultController'], false);
define('web/streams/strategies', ['ByteLengthQueuingStrategy', 'CountQueuingStrategy'], false);
define('web/streams/text', ['TextDecoderStream', 'TextEncoderStream'], false);
define('web/encoding', ['TextDecoder', 'TextEncoder'], false);
define('web/url', ['URL'], false);
define('web/url_search_params', ['URLSearchParams'], false);
define('web/base64', ['atob', 'btoa'], true);
define('web/structured_clone', ['structuredClone'], true);
define('web/blob', ['Blob', 'File'], false);
define('web/performance', ['performance'], true);
define('web/performance', ['Performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure'], false);
define('web/crypto', ['crypto'], true);
define('web/crypto', ['Crypto', 'CryptoKey', 'SubtleCrypto'], false);
define('web/navigator', ['navigator'], true);
define('web/navigator', ['Navigator'], false);
define('web/dialogs', ['alert', 'confirm', 'prompt'], true);
define('node/buffer', ['Buffer'], false);
define('web/headers', ['Headers'], false);
define('web/form_data', ['FormData'], false);
define('web/request', ['Request'], false);
define('web/response', ['Response'], false);
define('web/fetch', ['fetch'], true);
define('node/internal/process_global', ['process'], false);
ops.defineLazily(console, 'node/internal/console_class', ['Console'], true);

// What `import.meta` becomes in a chunk (`crates/base/transpile/src/decide/meta.rs`).
Object.defineProperty(globalThis, 'importmeta\u01c3', {
  __proto__: null, get: { __proto__: null, get() { return ops.library('modules/chunk_meta').meta(); } }.get, enumerable: false, configurable: false,
});

Object.defineProperty(globalThis, Symbol.toStringTag, {
  __proto__: null, value: 'global', writable: false, enumerable: false, configurable: true,
});

// The key of what decorators note of a class, for the transpiler's helpers. Programs may replace it, as polyfills do.
Object.defineProperty(Symbol, 'metadata', {
  __proto__: null, value: Symbol.for('Symbol.metadata'), writable: true, enumerable: false, configurable: true,
});

// The other names of the global object: Node's, and the web's.
for (const name of ['global', 'self']) {
  Object.defineProperty(globalThis, name, { __proto__: null, value: globalThis, writable: true, enumerable: false, configurable: true });
}
