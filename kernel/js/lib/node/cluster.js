// Node's `cluster`, as the primary process sees it before it has a worker: none can be started here.
'use strict';

const { ArrayPrototypeSlice } = primordials;
const EventEmitter = require('node/events');
const { missing } = require('node/internal/missing');

const cluster = new EventEmitter();
const reattach = primordials.detached(cluster);
cluster.isWorker = false;
cluster.isMaster = true;
cluster.isPrimary = true;
cluster.workers = {};
cluster.settings = {};
cluster.SCHED_NONE = 1;
cluster.SCHED_RR = 2;
cluster.schedulingPolicy = 2;

cluster.setupPrimary = function setupPrimary(options) {
  const { argv, execArgv } = globalThis.process;
  cluster.settings = { args: ArrayPrototypeSlice(argv, 2), exec: argv[1], execArgv, silent: false, ...cluster.settings, ...options };
  ops.tick(() => cluster.emit('setup', cluster.settings), []);
};
cluster.setupMaster = cluster.setupPrimary;

cluster.disconnect = function disconnect(callback) {
  if (typeof callback === 'function') ops.tick(() => callback(), []);
};
missing(cluster, 'cluster', ['Worker', 'fork'], 'a session is one process');

reattach();
module.exports = cluster;
