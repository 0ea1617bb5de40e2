// ReadableByteStreamController and ReadableStreamBYOBRequest.
'use strict';

const { ArrayBufferIsView, ArrayBufferPrototypeGetByteLength: lengthOf, ArrayBufferPrototypeGetDetached: isDetached } = primordials;
const {
  enforcedUnsigned, expose, illegalConstructor, invalidArgument, invalidState, invalidThis, isObject, onlyItself, requireArguments,
} = require('web/common');
const { byobRequest, close, desiredSize, enqueue, error, respond, respondWithNewView } = require('web/streams/byte_core');
const { viewOf } = require('web/streams/views');

const KEY = { __proto__: null };

class ReadableByteStreamController {
  #state;

  constructor(key, state) {
    if (key !== KEY) throw illegalConstructor();
    this.#state = state;
  }

  static state(controller) {
    if (!isObject(controller) || !(#state in controller)) throw invalidThis('ReadableByteStreamController');
    return controller.#state;
  }

  get byobRequest() {
    return byobRequest(state(this));
  }

  get desiredSize() {
    return desiredSize(state(this));
  }

  close() {
    const controller = state(this);
    if (controller.closeRequested || controller.stream.state !== 'readable') throw invalidState('Controller is already closed');
    close(controller);
  }

  enqueue(chunk) {
    const controller = state(this);
    requireArguments(arguments.length, 'chunk');
    if (!isObject(chunk) || !ArrayBufferIsView(chunk)) throw invalidArgument('chunk', 'an instance of Buffer, TypedArray, or DataView', chunk);
    const { buffer, length } = viewOf(chunk);
    if (length === 0 || lengthOf(buffer) === 0) throw invalidState('chunk ArrayBuffer is zero-length or detached');
    if (controller.closeRequested || controller.stream.state !== 'readable') throw invalidState('Controller is already closed');
    enqueue(controller, chunk);
  }

  error(reason = undefined) {
    error(state(this), reason);
  }
}
const { state } = ReadableByteStreamController;
delete ReadableByteStreamController.state;
expose(ReadableByteStreamController, { __proto__: null, compared: onlyItself, view: (controller) => { state(controller); return { __proto__: null }; } });

class ReadableStreamBYOBRequest {
  #state;

  constructor(key, state) {
    if (key !== KEY) throw illegalConstructor();
    this.#state = state;
  }

  static state(request) {
    if (!isObject(request) || !(#state in request)) throw invalidThis('ReadableStreamBYOBRequest');
    return request.#state;
  }

  get view() {
    return requestState(this).view;
  }

  respond(bytesWritten) {
    const request = requestState(this);
    requireArguments(arguments.length, 'bytesWritten');
    const count = enforcedUnsigned(bytesWritten);
    if (request.controller === undefined) throw invalidState('This BYOB request has been invalidated');
    if (isDetached(viewOf(request.view).buffer)) throw invalidState('Viewed ArrayBuffer is detached');
    respond(request.controller, count);
  }

  respondWithNewView(view) {
    const request = requestState(this);
    requireArguments(arguments.length, 'view');
    if (!isObject(view) || !ArrayBufferIsView(view)) throw invalidArgument('view', 'an instance of Buffer, TypedArray, or DataView', view);
    if (request.controller === undefined) throw invalidState('This BYOB request has been invalidated');
    if (isDetached(viewOf(view).buffer)) throw invalidState('Viewed ArrayBuffer is detached');
    respondWithNewView(request.controller, viewOf(view));
  }
}
const { state: requestState } = ReadableStreamBYOBRequest;
delete ReadableStreamBYOBRequest.state;
expose(ReadableStreamBYOBRequest, { __proto__: null, compared: onlyItself, view: (request) => ({ __proto__: null, view: requestState(request).view }) });

module.exports = {
  __proto__: null, ReadableByteStreamController, ReadableStreamBYOBRequest,
  newController: (state) => new ReadableByteStreamController(KEY, state), newRequest: (state) => new ReadableStreamBYOBRequest(KEY, state),
  requestState,
};
