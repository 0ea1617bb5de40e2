// Readable streams and iterables: `for await` over a stream, and `Readable.from` an iterable.
'use strict';

const { ObjectDefineProperty, Promise, PromisePrototypeThen, SymbolAsyncIterator, SymbolIterator } = primordials;
const { make } = require('node/internal/errors');
const { assign, isBuffer, method } = require('node/internal/stream_base');
const { bothErrors, destroyAny } = require('node/internal/stream_life');
const { Readable } = require('node/internal/stream_readable');

const nothing = () => {};

function iterator(stream, options) {
  const source = typeof stream.read === 'function' ? stream : Readable.wrap(stream, { __proto__: null, objectMode: true });
  const chunks = iterate(source, options);
  return ObjectDefineProperty(chunks, 'stream', { __proto__: null, value: source, writable: true, enumerable: true, configurable: true });
}

async function* iterate(stream, options) {
  const { finished } = require('node/internal/stream_finished');
  let wake = nothing;
  const onReadable = () => {
    wake();
    wake = nothing;
  };
  stream.on('readable', onReadable);
  // Undefined while it goes on, null at its end.
  let error;
  const cleanUp = finished(stream, { __proto__: null, writable: false }, (reason) => {
    error = reason ? bothErrors(error, reason) : null;
    onReadable();
  });
  try {
    for (;;) {
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) yield chunk;
      else if (error) throw error;
      else if (error === null) return;
      else await new Promise((resolve) => { wake = resolve; });
    }
  } catch (thrown) {
    error = bothErrors(error, thrown);
    throw error;
  } finally {
    const mayStay = options?.destroyOnReturn === false && !error;
    if (!mayStay && (error === undefined || stream._readableState.autoDestroy)) {
      destroyAny(stream, null);
    } else {
      stream.removeListener('readable', onReadable);
      cleanUp();
    }
  }
}

method(Readable, SymbolAsyncIterator, function() { return iterator(this); });
method(Readable, 'iterator', function(options) {
  if (options !== undefined) require('node/internal/validators').validateObject(options, 'options');
  return iterator(this, options);
});

// A stream of class `Class` that gives what the iterable does.
function from(Class, iterable, options) {
  if (typeof iterable === 'string' || isBuffer(iterable)) {
    return new Class({
      __proto__: null,
      objectMode: true,
      ...options,
      read() {
        this.push(iterable);
        this.push(null);
      },
    });
  }
  const isAsync = typeof iterable?.[SymbolAsyncIterator] === 'function';
  if (!isAsync && typeof iterable?.[SymbolIterator] !== 'function') throw make('ERR_INVALID_ARG_TYPE', 'iterable', ['Iterable'], iterable);
  const items = isAsync ? iterable[SymbolAsyncIterator]() : iterable[SymbolIterator]();
  const stream = new Class({ __proto__: null, objectMode: true, highWaterMark: 1, ...options });
  let busy = false;
  stream._read = () => {
    if (busy) return;
    busy = true;
    pump();
  };
  const pump = async () => {
    try {
      for (;;) {
        const { value, done } = isAsync ? await items.next() : items.next();
        if (done) return void stream.push(null);
        const item = value && typeof value.then === 'function' ? await value : value;
        if (item === null) {
          busy = false;
          throw make('ERR_STREAM_NULL_VALUES');
        }
        if (!stream.push(item)) break;
      }
      busy = false;
    } catch (error) {
      stream.destroy(error);
    }
  };
  stream._destroy = (error, done) => {
    PromisePrototypeThen(close(items, error), () => ops.tick(done, [error]), (other) => ops.tick(done, [other || error]));
  };
  return stream;
}

// The iterator is told that nobody wants more of it, and why.
async function close(items, error) {
  if (error !== undefined && error !== null && typeof items.throw === 'function') {
    const { value, done } = await items.throw(error);
    await value;
    if (done) return;
  }
  if (typeof items.return !== 'function') return;
  const { value } = await items.return();
  await value;
}

assign(Readable, 'from', (iterable, options) => from(Readable, iterable, options));

module.exports = { __proto__: null, from, iterator };
