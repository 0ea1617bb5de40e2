// What moves the cursor of a terminal and clears parts of its screen.
'use strict';

const { NumberIsNaN } = primordials;
const { make } = require('node/internal/errors');
const { validateFunction } = require('node/internal/validators');

const CSI = '\x1b[';

function write(stream, text, callback) {
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (stream === null || stream === undefined || text === '') {
    if (callback !== undefined) ops.tick(callback, [null]);
    return true;
  }
  return stream.write(text, callback);
}

exports.cursorTo = function cursorTo(stream, x, y, callback) {
  if (typeof y === 'function') {
    callback = y;
    y = undefined;
  }
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (NumberIsNaN(x)) throw make('ERR_INVALID_ARG_VALUE', 'x', x);
  if (NumberIsNaN(y)) throw make('ERR_INVALID_ARG_VALUE', 'y', y);
  if (stream === null || stream === undefined || (typeof x !== 'number' && typeof y !== 'number')) return write(null, '', callback);
  if (typeof x !== 'number') throw make('ERR_INVALID_CURSOR_POS');
  return write(stream, typeof y === 'number' ? `${CSI}${y + 1};${x + 1}H` : `${CSI}${x + 1}G`, callback);
};

exports.moveCursor = function moveCursor(stream, dx, dy, callback) {
  let text = '';
  if (dx < 0) text += `${CSI}${-dx}D`;
  else if (dx > 0) text += `${CSI}${dx}C`;
  if (dy < 0) text += `${CSI}${-dy}A`;
  else if (dy > 0) text += `${CSI}${dy}B`;
  return write(stream, text, callback);
};

// To the left of the cursor, to its right, or both.
exports.clearLine = function clearLine(stream, direction, callback) {
  return write(stream, `${CSI}${direction < 0 ? '1' : direction > 0 ? '0' : '2'}K`, callback);
};

exports.clearScreenDown = function clearScreenDown(stream, callback) {
  return write(stream, `${CSI}0J`, callback);
};
