// alert, confirm and prompt: the front end asks the person, if there is one.
'use strict';

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
    return ask('dialogs.confirm', `${message}`, null) === true;
  },
  prompt(message = '', otherwise = undefined) {
    const answer = ask('dialogs.prompt', `${message}`, otherwise === undefined || otherwise === null ? null : `${otherwise}`);
    return typeof answer === 'string' ? answer : null;
  },
};

module.exports = functions;
