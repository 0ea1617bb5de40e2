// fetch: the host makes the request, hop by hop, as far as it may; what comes is pulled from there.
'use strict';

const {
  Error, ErrorCaptureStackTrace, ObjectDefineProperty, Promise, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeSlice, TypeError,
  TypedArrayPrototypeGetLength, TypedArrayPrototypeSubarray, Uint8Array, NumberParseInt,
} = primordials;
const { list, requireArguments } = require('web/common');
const { whenAborted } = require('web/abort');
const { Request, abortedReason, stateOf } = require('web/request');
const { isNull, makeResponse } = require('web/response');
const bodies = require('web/body');
const headerLists = require('web/headers');
const { handled, react } = require('web/streams/promises');
const streams = require('web/streams/readable');
const streamsCore = require('web/streams/readable_core');
const controllers = require('web/streams/default_controller');

// What is larger goes to the host in pieces, and over the network without a length.
const WHOLE = 64 << 20;
const PIECE = 4 << 20;

const failed = (cause) => new TypeError('fetch failed', { __proto__: null, cause });

// A denial says itself what is denied and what would permit it; anything else is the cause of a failure, as in Node.
const isDenial = (error) => error instanceof Error && error.code === 'EACCES' && error.name === 'PermissionDenied';
const toTermination = (error) => isDenial(error) ? error : new TypeError('terminated', { __proto__: null, cause: error });

async function fetch(input, init = undefined) {
  requireArguments(arguments.length, 'input');
  const request = stateOf(new Request(input, init));
  const aborted = abortedReason(request);
  if (aborted !== undefined) throw aborted.reason;
  const scheme = RegExpPrototypeExec(/^[^:]*/, request.url)[0];
  if (scheme === 'data') return data(request.url);
  if (scheme !== 'http' && scheme !== 'https') throw failed(new Error(`${scheme}: URLs cannot be fetched`));
  if (request.integrity !== '') throw failed(new Error('integrity is not supported yet'));
  return overTheNetwork(request);
}

// One request and its response, from both sides: what is still to come is given up by `stop`.
class Transfer {
  // What is thrown if it fails: it has the stack of the call.
  failure;
  cancel = undefined;
  items = undefined;
  // What waits for the host now.
  reject = undefined;
  stopped = undefined;
  forget = () => {};
  outgoing;
  incoming = undefined;

  constructor(outgoing, failure) {
    this.outgoing = outgoing;
    this.failure = failure;
  }

  fail(cause) {
    ObjectDefineProperty(this.failure, 'cause', { __proto__: null, value: cause, writable: true, enumerable: false, configurable: true });
    return this.failure;
  }

  // What the host answers, unless the transfer is stopped before.
  wait(answer, wrap) {
    return new Promise((resolve, reject) => {
      if (this.stopped !== undefined) reject(this.stopped.reason);
      this.reject = reject;
      react(answer, resolve, (error) => reject(wrap(error)));
    });
  }

  stop(reason) {
    if (this.stopped !== undefined) return;
    this.stopped = { __proto__: null, reason };
    this.forget();
    if (this.items === undefined) this.cancel?.();
    else handled(this.items.return());
    this.reject?.(reason);
    const sent = this.outgoing?.stream;
    if (sent !== undefined) handled(streamsCore.cancel(streams.stateOf(sent), reason));
    const received = this.incoming?.stream;
    if (received !== undefined) controllers.error(streams.stateOf(received).controller, reason);
  }

  // The pieces of the response's body.
  pieces() {
    return {
      __proto__: null,
      next: async () => {
        const result = await this.wait(this.items.next(), toTermination);
        if (result.done) this.forget();
        return result;
      },
      return: async () => {
        this.forget();
        await this.items.return();
      },
    };
  }
}

async function overTheNetwork(request) {
  const { body } = request;
  const failure = new TypeError('fetch failed');
  ErrorCaptureStackTrace(failure, fetch);
  const transfer = new Transfer(body, failure);
  const toFailure = (error) => isDenial(error) ? error : transfer.fail(error);
  transfer.forget = whenAborted(request.signal, (reason) => transfer.stop(reason));
  try {
    let given;
    if (body !== null) {
      given = wholeOf(body);
      if (given === undefined) {
        given = await ops.hostCall('net.upload');
        handled(send(given, body, transfer));
      }
    }
    if (transfer.stopped !== undefined) throw transfer.stopped.reason;
    const headers = pairsOf(request.headers);
    const { answer, cancel } = ops.hostCallWithCancel('net.fetch', request.method, request.url, headers, given, request.redirect);
    transfer.cancel = cancel;
    transfer.items = await transfer.wait(answer, toFailure);
    const { value: head } = await transfer.wait(transfer.items.next(), toFailure);
    const { status, statusText, url, redirected } = head;
    if (request.method === 'HEAD' || isNull(status)) {
      transfer.forget();
      handled(transfer.items.return());
    } else {
      transfer.incoming = bodies.makeBody({ __proto__: null, items: transfer.pieces() });
    }
    return makeResponse({ __proto__: null, status, statusText, url, redirected, body: transfer.incoming ?? null }, head.headers);
  } catch (error) {
    transfer.stop(error);
    throw error;
  }
}

// The bytes of a body that are all there, unless they are too many.
function wholeOf(body) {
  if (body.stream !== undefined || body.bytes === undefined || TypedArrayPrototypeGetLength(body.bytes) > WHOLE) return undefined;
  body.used = true;
  return body.bytes;
}

// Gives the host one piece after the other, each when the connection wants it.
async function send(id, body, transfer) {
  try {
    await bodies.each(body, async (chunk) => {
      const size = TypedArrayPrototypeGetLength(chunk);
      for (let at = 0; at < size; at += PIECE) {
        const piece = size <= PIECE ? chunk : TypedArrayPrototypeSubarray(chunk, at, at + PIECE);
        if (!await ops.hostCall('net.write', id, piece)) return false;
      }
      return true;
    });
    await ops.hostCall(transfer.stopped === undefined ? 'net.end' : 'net.abort', id);
  } catch (error) {
    transfer.stop(transfer.fail(error));
    await ops.hostCall('net.abort', id);
  }
}

function pairsOf(headers) {
  const pairs = headerLists.sorted(headers);
  const flat = list();
  for (let index = 0; index < pairs.length; index++) {
    flat[flat.length] = pairs[index][0];
    flat[flat.length] = pairs[index][1];
  }
  return flat;
}

// What a data: URL holds.
function data(url) {
  const broken = () => failed(new Error('invalid URL'));
  const match = RegExpPrototypeExec(/^data:([^,]*),([^#]*)/, url);
  if (match === null) throw broken();
  let bytes = percentDecoded(match[2]);
  let type = RegExpPrototypeExec(/^\s*(.*?)\s*$/, match[1])[1];
  const base64 = RegExpPrototypeExec(/; *base64$/i, type);
  if (base64 !== null) {
    type = StringPrototypeSlice(type, 0, base64.index);
    const { decode, TextDecoder } = require('web/encoding');
    bytes = ops.base64Decode(decode(new TextDecoder('latin1'), bytes));
    if (bytes === undefined) throw broken();
    if (typeof bytes === 'string') bytes = byteCodes(bytes);
  }
  if (type === '' || type[0] === ';') type = `text/plain${type === '' ? ';charset=US-ASCII' : type}`;
  const body = bodies.makeBody({ __proto__: null, bytes });
  return makeResponse({ __proto__: null, statusText: 'OK', url, body }, ['content-type', type]);
}

function byteCodes(text) {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = StringPrototypeCharCodeAt(text, index);
  return bytes;
}

function percentDecoded(text) {
  const bytes = new Uint8Array(text.length);
  let end = 0;
  for (let index = 0; index < text.length; index++) {
    const hex = text[index] === '%' ? StringPrototypeSlice(text, index + 1, index + 3) : '';
    if (RegExpPrototypeExec(/^[0-9a-fA-F]{2}$/, hex) === null) {
      bytes[end++] = StringPrototypeCharCodeAt(text, index);
    } else {
      bytes[end++] = NumberParseInt(hex, 16);
      index += 2;
    }
  }
  return TypedArrayPrototypeSubarray(bytes, 0, end);
}

module.exports = { __proto__: null, fetch };
