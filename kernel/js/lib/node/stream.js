// Node's `stream`.
'use strict';

const { ObjectDefineProperty, SymbolFor } = primordials;
const { Stream } = require('node/internal/stream_base');
const { Duplex, PassThrough, Transform, duplexPair } = require('node/internal/stream_duplex');
const { Readable } = require('node/internal/stream_readable');
const { Writable } = require('node/internal/stream_writable');
const { addAbortSignal } = require('node/internal/stream_abort');
const { compose } = require('node/internal/stream_duplexify');
const { finished, finishedPromise } = require('node/internal/stream_finished');
const { destroyAny } = require('node/internal/stream_life');
const { pipeline, pipelinePromise } = require('node/internal/stream_pipeline');
const state = require('node/internal/stream_state');

const promises = { finished: finishedPromise, pipeline: pipelinePromise };
const custom = SymbolFor('nodejs.util.promisify.custom');
ObjectDefineProperty(finished, custom, { __proto__: null, enumerable: true, get: { __proto__: null, get() { return finishedPromise; } }.get });
ObjectDefineProperty(pipeline, custom, { __proto__: null, enumerable: true, get: { __proto__: null, get() { return pipelinePromise; } }.get });

const reattach = primordials.detached(Stream, Readable, Writable, Duplex);
// What web streams are needed for is loaded when it is asked for.
const web = (name) => (...args) => primordials.ReflectApply(require('node/internal/stream_web')[name], undefined, args);
Readable.toWeb = web('readableToWeb');
Readable.fromWeb = web('readableFromWeb');
Writable.toWeb = web('writableToWeb');
Writable.fromWeb = web('writableFromWeb');
Duplex.toWeb = web('duplexToWeb');
Duplex.fromWeb = web('duplexFromWeb');

const parts = {
  __proto__: null,
  isDestroyed: state.isDestroyed, isDisturbed: state.isDisturbed, isErrored: state.isErrored, isReadable: state.isReadable,
  isWritable: state.isWritable,
  Readable, Writable, Duplex, Transform, PassThrough, duplexPair, pipeline, addAbortSignal, finished,
  destroy: destroyAny, compose, setDefaultHighWaterMark: state.setDefaultMark, getDefaultHighWaterMark: state.defaultMark,
  Stream, promises,
};
for (const name in parts) Stream[name] = parts[name];
reattach();

module.exports = Stream;
