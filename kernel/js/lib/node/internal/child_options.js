// The options of `child_process`, checked as Node checks them, in Node's order.
'use strict';

const { NumberIsInteger } = primordials;
const args = require('node/internal/fs_arguments');
const { make } = require('node/internal/errors');
const { validateAbortSignal, validateBoolean, validateFunction, validateObject, validateString } = require('node/internal/validators');

const BOOLEANS = ['windowsHide', 'windowsVerbatimArguments'];

const isGiven = (value) => value !== undefined && value !== null;
const isInt32 = (value) => value === (value | 0);

// What every program takes.
exports.validate = (options) => {
  const { cwd, detached, uid, gid, shell, argv0 } = options;
  if (isGiven(cwd)) args.path(cwd, 'options.cwd');
  if (isGiven(detached)) validateBoolean(detached, 'options.detached');
  if (isGiven(uid) && !isInt32(uid)) throw make('ERR_INVALID_ARG_TYPE', 'options.uid', 'int32', uid);
  if (isGiven(gid) && !isInt32(gid)) throw make('ERR_INVALID_ARG_TYPE', 'options.gid', 'int32', gid);
  if (isGiven(shell) && typeof shell !== 'boolean' && typeof shell !== 'string') {
    throw make('ERR_INVALID_ARG_TYPE', 'options.shell', ['boolean', 'string'], shell);
  }
  if (isGiven(argv0)) validateString(argv0, 'options.argv0');
  for (let index = 0; index < BOOLEANS.length; index++) {
    const value = options[BOOLEANS[index]];
    if (isGiven(value)) validateBoolean(value, `options.${BOOLEANS[index]}`);
  }
};

// The options that stand in place of a list of arguments, or behind it.
exports.validateList = (given) => {
  if (isGiven(given) && typeof given !== 'object') throw make('ERR_INVALID_ARG_TYPE', 'args', 'object', given);
};
exports.validateObject = (options) => {
  if (options !== undefined) validateObject(options, 'options');
};

exports.validateCallback = (callback) => {
  if (isGiven(callback)) validateFunction(callback, 'callback');
};

// When a program is to be stopped: by time, by the size of its output, by a signal.
exports.validateStops = ({ timeout, maxBuffer, killSignal, signal }, isSync) => {
  if (isGiven(timeout) && !(NumberIsInteger(timeout) && timeout >= 0)) throw make('ERR_OUT_OF_RANGE', 'timeout', 'an unsigned integer', timeout);
  if (isGiven(maxBuffer) && (typeof maxBuffer !== 'number' || !(maxBuffer >= 0))) {
    throw make('ERR_OUT_OF_RANGE', 'options.maxBuffer', 'a positive number', maxBuffer);
  }
  if (isGiven(killSignal) && typeof killSignal !== 'string' && typeof killSignal !== 'number') {
    throw make('ERR_INVALID_ARG_TYPE', 'options.killSignal', ['string', 'number'], killSignal);
  }
  if (!isSync) validateAbortSignal(signal, 'options.signal');
};
