// atob and btoa.
'use strict';

const { requireArguments } = require('web/common');

const functions = {
  __proto__: null,
  atob(data) {
    requireArguments(arguments.length, 'data');
    const decoded = ops.base64Decode(`${data}`);
    if (decoded === undefined) throw invalid('The string to be decoded is not correctly encoded.');
    return decoded;
  },
  btoa(data) {
    requireArguments(arguments.length, 'data');
    const encoded = ops.base64Encode(`${data}`);
    if (encoded === undefined) throw invalid('Invalid character');
    return encoded;
  },
};

function invalid(message) {
  const { DOMException } = require('web/dom_exception');
  return new DOMException(message, 'InvalidCharacterError');
}

module.exports = functions;
