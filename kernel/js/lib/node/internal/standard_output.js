// What goes to standard output and standard error, as it is and in order with the console.
'use strict';

const { TypedArrayPrototypeSubarray } = primordials;
const failures = require('node/internal/output_failures');

// How many bytes are told at once.
const PIECE = 64 << 10;

// Bytes go out as they are. Who shows text shows what they read as, and the bytes of a character may come in two
// pieces.
const decoders = { __proto__: null };

function tellBytes(fd, bytes) {
  const decoder = decoders[fd] ??= new (require('node/string_decoder').StringDecoder)('utf8');
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = TypedArrayPrototypeSubarray(bytes, at, at + PIECE);
    ops.write(fd, decoder.write(piece), piece);
  }
}

// Writes text or bytes. Whether that can be written, as far as it is known by now.
exports.write = (fd, data) => {
  failures.listen();
  if (failures.hasFailed(fd)) return false;
  if (typeof data === 'string') ops.write(fd, data);
  else tellBytes(fd, data);
  failures.note(fd, data.length);
  return !failures.hasFailed(fd);
};
