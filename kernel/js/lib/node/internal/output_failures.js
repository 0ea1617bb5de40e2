// Standard output and error that can no longer be written: nobody reads them, or the device is full.
//
// What is written is told to the host, which writes it later. So the host tells of a failure: by an event, and to who
// waits until all is written. A program hears of it as in Node, by the stream's `error` event, by callbacks, and by
// `fs.writeSync`. An error that nobody catches ends it: silently if nobody reads its output any more.
'use strict';

const { ArrayIsArray, ObjectDefineProperty, Error, SafeWeakSet } = primordials;
const { listenerCount } = require('node/internal/stream_base');

// The status of a program that ends because nobody reads its output: a shell has it for a program that SIGPIPE ended.
const UNREAD = 141;
// How much may be said before it is asked whether that could be written: in calls, and in bytes or UTF-16 units.
const CALLS = 1024;
const LENGTH = 1 << 20;

// How many writes behind a failure are a loop.
const IN_VAIN = 10000;

let inVain = 0;
let listens = false;
// What failed: `{ fd, code, errno, text }`, by its number.
const failed = { __proto__: null };
// The streams of `process`, by their numbers.
const streams = { __proto__: null };
// What was said since it was last asked.
const said = { __proto__: null, 1: { __proto__: null, calls: CALLS, length: 0 }, 2: { __proto__: null, calls: CALLS, length: 0 } };

// Errors that say that nobody reads.
const unread = new SafeWeakSet();

const own = (error, name, value) => {
  ObjectDefineProperty(error, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
};

function make(message, { errno, code }) {
  const error = new Error(message);
  own(error, 'errno', errno);
  own(error, 'code', code);
  own(error, 'syscall', 'write');
  if (code === 'EPIPE') unread.add(error);
  return error;
}
// As `fs` words it, and as the streams do.
const fileError = (failure) => make(`${failure.code}: ${failure.text}, write`, failure);
const streamError = (failure) => failure.code === 'EPIPE' ? make('write EPIPE', failure) : fileError(failure);

const self = () => require('node/process');
const isCaught = () => listenerCount(self(), 'uncaughtException') > 0 || self().hasUncaughtExceptionCaptureCallback();

// Nobody has caught an error. Where it says that nobody reads, the program ends, silently.
ops.endUnread = (error) => {
  if (typeof error !== 'object' || error === null || !unread.has(error)) return false;
  self().exit(UNREAD);
  return true;
};

function know(failure) {
  if (failed[failure.fd] !== undefined) return false;
  failed[failure.fd] = failure;
  ops.hostCallNow('stdio.heard', failure.fd);
  return true;
}

// A failure that no call of the program's is told of.
function tell(failure) {
  const stream = streams[failure.fd];
  if (stream !== undefined && listenerCount(stream, 'error') > 0) stream.destroy(streamError(failure));
  else ops.uncaught(streamError(failure));
}

async function hear() {
  const { 0: call, 1: opened } = ops.hostOpen('stdio.failures', []);
  // No program stays for the sake of it.
  ops.hostUnref(call);
  await opened;
  let item;
  while (ArrayIsArray(item = await ops.hostNext(call))) {
    try {
      if (know(item[0])) tell(item[0]);
    } catch (error) {
      ops.uncaught(error);
    }
  }
}

// From now on the program goes on when an output fails, until it has heard of that.
exports.listen = () => {
  if (listens || !ops.hasStreams()) return;
  listens = true;
  try {
    ops.hostCallNow('stdio.listen');
  } catch {
    // A host that tells of none.
    return;
  }
  ops.settleOutput = () => settle(0);
  hear();
};

// The stream of `process` for `fd`.
exports.attach = (fd, stream) => {
  streams[fd] = stream;
  exports.listen();
};

// Waits until all that was said is written or known to be in vain. What is found out of other streams than `fd` is told
// later.
function settle(fd) {
  const failures = ops.hostCallNow('stdio.settle');
  for (let index = 0; index < failures.length; index++) {
    const failure = failures[index];
    if (!know(failure) || failure.fd === fd) continue;
    if (fd === 0) tell(failure);
    else ops.tick(tell, [failure]);
  }
}

// `length` was said to `fd`. Whether that stream has failed by now, as far as that can be known.
exports.note = (fd, length) => {
  if (!listens || !ops.hasStreams()) return;
  const since = said[fd];
  since.length += length;
  if (++since.calls <= CALLS && since.length < LENGTH) return;
  since.calls = 0;
  since.length = 0;
  settle(fd);
};

// Whether what is written to `fd` is lost.
exports.hasFailed = (fd) => failed[fd] !== undefined;
exports.fileError = (fd) => fileError(failed[fd]);
exports.streamError = (fd) => streamError(failed[fd]);

// Something is about to be written to a stream of `process`. Where that has failed and nobody is there to hear of it, a
// loop of writes that leaves no turn for the error is ended.
exports.endLoop = (fd) => {
  if (failed[fd]?.code !== 'EPIPE' || ++inVain < IN_VAIN) return;
  const isHeard = streams[fd] !== undefined && listenerCount(streams[fd], 'error') > 0;
  if (!isHeard && !isCaught()) self().exit(UNREAD);
};
