// alert, confirm and prompt: the front end asks the person, if there is one.
'use strict';

const { emitOnce } = require('node/internal/warnings');

// Says once that nobody was asked.
const warn = (name, value) => emitOnce(name, `${name}() asks nobody here, and returns ${value}: no person is at a terminal`);

// What the front end answers; `undefined` where there is none.
function ask(op, message, otherwise) {
  try {
    return ops.hostCallNow(op, message, otherwise);
  } catch (error) {
    if (error.code === 'ERR_NOT_SUPPORTED') return undefined;
    throw error;
  }
}

const functions = {
  __proto__: null,
  alert(message = '') {
    if (ask('dialogs.alert', `${message}`, null) === undefined) ops.consoleLog(`${message}`);
  },
  confirm(message = '') {
    const answer = ask('dialogs.confirm', `${message}`, null);
    if (answer === undefined) warn('confirm', false);
    return answer === true;
  },
  prompt(message = '', otherwise = undefined) {
    const answer = ask('dialogs.prompt', `${message}`, otherwise === undefined || otherwise === null ? null : `${otherwise}`);
    if (answer === undefined) warn('prompt', null);
    return typeof answer === 'string' ? answer : null;
  },
};

module.exports = functions;
