// Writing what comes in pieces: the content of an iterable, one piece after the other.
'use strict';

const { SymbolAsyncIterator, SymbolIterator } = primordials;
const args = require('node/internal/fs_arguments');
const { awaiting } = require('node/internal/fs_forms');
const operations = require('node/internal/fs_operations');

function* writeAll(fd, pieces, encoding, signal) {
  const items = pieces[SymbolAsyncIterator] === undefined ? pieces[SymbolIterator]() : pieces[SymbolAsyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const { value, done } = yield awaiting(items.next());
      isOver = done;
      if (done) return;
      if (signal?.aborted) throw require('node/internal/errors').abortError(signal.reason);
      const bytes = args.data(yield awaiting(value), encoding);
      yield* operations.write(fd, typeof bytes === 'string' ? args.bytesOf(require('node/buffer').Buffer.from(bytes)) : bytes);
    }
  } finally {
    // Who gives pieces is told that nobody wants more.
    if (!isOver && typeof items.return === 'function') yield awaiting(items.return());
  }
}

exports.writePieces = function* writePieces(file, pieces, options) {
  const { encoding, mode, flag, signal } = args.options(options, { __proto__: null, encoding: 'utf8', mode: 0o666, flag: 'w' });
  if (args.isDescriptor(file)) return yield* writeAll(args.descriptor(file), pieces, encoding, signal);
  const fd = yield* operations.open(file, flag, mode);
  try {
    return yield* writeAll(fd, pieces, encoding, signal);
  } finally {
    yield* operations.close(fd);
  }
};
