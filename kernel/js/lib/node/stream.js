// Node's `stream`.
'use strict';

const { ObjectDefineProperty, SymbolFor } = primordials;
const { Stream } = require('node/internal/stream_base');
const { Readable } = require('node/internal/stream_readable');
const { Writable } = require('node/internal/stream_writable');
const { Duplex, PassThrough, Transform } = require('node/internal/stream_duplex');
const { addAbortSignal, finished, pipeline, promises } = require('node/internal/stream_pipeline');

const parts = { __proto__: null, Stream, Readable, Writable, Duplex, Transform, PassThrough, addAbortSignal, finished, pipeline, promises };
for (const name in parts) Stream[name] = parts[name];
const custom = SymbolFor('nodejs.util.promisify.custom');
ObjectDefineProperty(finished, custom, { __proto__: null, value: promises.finished });
ObjectDefineProperty(pipeline, custom, { __proto__: null, value: promises.pipeline });
Stream.getDefaultHighWaterMark = (objectMode) => objectMode ? 16 : 65536;
Stream.isReadable = (stream) => stream?.readable === true;
Stream.isWritable = (stream) => stream?.writable === true;
Stream.isErrored = (stream) => Boolean(stream?.errored);
Stream.isDisturbed = (stream) => Boolean(stream?.readableDidRead || stream?.readableAborted);
Stream.isDestroyed = (stream) => stream?.destroyed === true;

module.exports = Stream;
