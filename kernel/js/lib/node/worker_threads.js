// Node's `worker_threads`, of which there is one thread here: channels and shared settings work, a worker cannot be
// started.
'use strict';

const { SafeMap, SymbolFor } = primordials;

const { make, unavailable } = require('node/internal/errors');
const { MessageChannel, MessagePort, isPort, take } = require('web/message');

const worker = {};
const reattach = primordials.detached(worker);

worker.isMainThread = true;
worker.MessagePort = MessagePort;
worker.MessageChannel = MessageChannel;
worker.threadId = 0;
worker.parentPort = null;
worker.workerData = null;
worker.resourceLimits = {};
worker.SHARE_ENV = SymbolFor('nodejs.worker_threads.SHARE_ENV');

worker.receiveMessageOnPort = function receiveMessageOnPort(port) {
  if (!isPort(port)) throw make('ERR_INVALID_ARG_TYPE', 'port', 'MessagePort', port);
  const taken = take(port);
  return taken.length === 0 ? undefined : { message: taken[0] };
};

const settings = new SafeMap();
worker.setEnvironmentData = function setEnvironmentData(key, value) {
  if (value === undefined) settings.delete(key);
  else settings.set(key, value);
};
worker.getEnvironmentData = function getEnvironmentData(key) { return settings.get(key); };

const missing = (what) => unavailable(`drupe's worker_threads has no ${what}: a session is one thread (docs/NODE.md)`);
worker.Worker = class Worker { constructor() { throw missing('Worker'); } };
worker.BroadcastChannel = class BroadcastChannel { constructor() { throw missing('BroadcastChannel'); } };
worker.markAsUntransferable = function markAsUntransferable() { throw missing('markAsUntransferable'); };
worker.moveMessagePortToContext = function moveMessagePortToContext() { throw missing('moveMessagePortToContext'); };
worker.postMessageToThread = function postMessageToThread() { throw missing('postMessageToThread'); };

reattach();
module.exports = worker;
