// Signals that destroy streams.
'use strict';

const { SymbolDispose } = primordials;
const { abortError, make } = require('node/internal/errors');
const { isNodeStream, isWebStream } = require('node/internal/stream_state');
const { validateAbortSignal } = require('node/internal/validators');

function abortWith(signal, stream) {
  if (signal === null || typeof signal !== 'object' || !('aborted' in signal)) return stream;
  const abort = () => {
    if (isNodeStream(stream)) stream.destroy(abortError(signal.reason));
    else require('node/internal/stream_web').abort(stream, abortError(signal.reason));
  };
  if (signal.aborted) {
    abort();
    return stream;
  }
  const { addAbortListener } = require('node/internal/events_waiting');
  const listening = addAbortListener(signal, abort);
  // The signal may live much longer.
  require('node/internal/stream_finished').finished(stream, () => listening[SymbolDispose]());
  return stream;
}

function addAbortSignal(signal, stream) {
  validateAbortSignal(signal, 'signal');
  if (signal === undefined) throw make('ERR_INVALID_ARG_TYPE', 'signal', 'AbortSignal', signal);
  if (!isNodeStream(stream) && !isWebStream(stream)) {
    throw make('ERR_INVALID_ARG_TYPE', 'stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }
  return abortWith(signal, stream);
}

module.exports = { __proto__: null, abortWith, addAbortSignal };
