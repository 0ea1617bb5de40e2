// DOMException: a true error, whose name and message are its own.
'use strict';

const { Error, ErrorCaptureStackTrace, ObjectDefineProperty, ObjectSetPrototypeOf, ObjectFreeze } = primordials;
const { expose, invalidThis, isObject } = require('web/common');

const CODES = {
  __proto__: null, IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4, InvalidCharacterError: 5,
  NoModificationAllowedError: 7, NotFoundError: 8, NotSupportedError: 9, InUseAttributeError: 10, InvalidStateError: 11, SyntaxError: 12,
  InvalidModificationError: 13, NamespaceError: 14, InvalidAccessError: 15, TypeMismatchError: 17, SecurityError: 18, NetworkError: 19,
  AbortError: 20, URLMismatchError: 21, QuotaExceededError: 22, TimeoutError: 23, InvalidNodeTypeError: 24, DataCloneError: 25,
};

class Given {
  constructor(object) {
    return object;
  }
}

// Private fields for errors that V8 has made.
class Fields extends Given {
  #name;
  #message;

  constructor(error, name, message) {
    super(error);
    this.#name = name;
    this.#message = message;
  }

  static is(value) {
    return isObject(value) && #name in value;
  }

  static nameOf(value) {
    if (!Fields.is(value)) throw invalidThis('DOMException');
    return value.#name;
  }

  static messageOf(value) {
    if (!Fields.is(value)) throw invalidThis('DOMException');
    return value.#message;
  }
}
// A constructor looks at the prototype of its class each time, and this one is ours alone.
ObjectFreeze(Fields);
const { is, nameOf, messageOf } = Fields;

class DOMException {
  constructor(message = '', options = 'Error') {
    let name = options;
    const error = new Error();
    ObjectSetPrototypeOf(error, new.target.prototype);
    message = `${message}`;
    if (isObject(options)) {
      name = options.name;
      name = name === undefined ? 'Error' : `${name}`;
      if ('cause' in options) own(error, 'cause', options.cause);
    } else {
      name = `${name}`;
    }
    // The inspector, which runs no getters, shows these.
    own(error, 'name', name);
    own(error, 'message', message);
    ErrorCaptureStackTrace(error, new.target);
    return new Fields(error, name, message);
  }

  get name() {
    return nameOf(this);
  }

  get message() {
    return messageOf(this);
  }

  get code() {
    return CODES[nameOf(this)] ?? 0;
  }
}
ObjectSetPrototypeOf(DOMException.prototype, Error.prototype);

function own(error, key, value) {
  ObjectDefineProperty(error, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

expose(DOMException, {
  __proto__: null,
  constants: {
    __proto__: null, INDEX_SIZE_ERR: 1, DOMSTRING_SIZE_ERR: 2, HIERARCHY_REQUEST_ERR: 3, WRONG_DOCUMENT_ERR: 4, INVALID_CHARACTER_ERR: 5,
    NO_DATA_ALLOWED_ERR: 6, NO_MODIFICATION_ALLOWED_ERR: 7, NOT_FOUND_ERR: 8, NOT_SUPPORTED_ERR: 9, INUSE_ATTRIBUTE_ERR: 10,
    INVALID_STATE_ERR: 11, SYNTAX_ERR: 12, INVALID_MODIFICATION_ERR: 13, NAMESPACE_ERR: 14, INVALID_ACCESS_ERR: 15, VALIDATION_ERR: 16,
    TYPE_MISMATCH_ERR: 17, SECURITY_ERR: 18, NETWORK_ERR: 19, ABORT_ERR: 20, URL_MISMATCH_ERR: 21, QUOTA_EXCEEDED_ERR: 22, TIMEOUT_ERR: 23,
    INVALID_NODE_TYPE_ERR: 24, DATA_CLONE_ERR: 25,
  },
});

// Hosts name this class, too: the error's `code` is its name.
module.exports = { __proto__: null, DOMException, isDOMException: is };
