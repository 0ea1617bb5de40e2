// Forgets modules, so that the next import gets them as they are then.
'use strict';

const { ArrayPrototypePush, SafeSet } = primordials;

const FAILED = 5;

// How the host says that there is no such file.
const ABSENT = { __proto__: null, ERR_MODULE_NOT_FOUND: true, ERR_UNSUPPORTED_DIR_IMPORT: true };

// Calls `each` with the key and the record of every module.
function forEachOf(registry, each) {
  const keys = registry.keys();
  for (let step = keys.next(); !step.done; step = keys.next()) each(step.value, registry.get(step.value));
}

// Whether there is a module of this URL, whatever attributes it was imported with.
function isRegistered(url, registry) {
  let isThere = false;
  forEachOf(registry, (key, record) => { isThere ||= record.url === url; });
  return isThere;
}

// The URL that a specifier means. A file that is gone can be forgotten, too, if it was loaded.
async function urlToForget(specifier, registry, commonjs) {
  const isLoaded = (url) => isRegistered(url, registry) || commonjs.has(url);
  if (isLoaded(specifier)) return specifier;
  try {
    return await ops.hostCall('module.resolve', specifier, undefined, 'import');
  } catch (error) {
    const { url } = error;
    if (ABSENT[error.code] && typeof url === 'string' && isLoaded(url)) return url;
    throw error;
  }
}

// Adds what imports one of these modules, directly or not.
function spread(stale, registry, commonjs) {
  let grown = true;
  while (grown) {
    grown = commonjs.spread(stale);
    forEachOf(registry, (key, record) => {
      if (stale.has(record.url)) return;
      for (let edge = 0; edge < record.edges.length; edge++) {
        if (!stale.has(record.edges[edge][2])) continue;
        stale.add(record.url);
        grown = true;
        return;
      }
    });
  }
}

// Forgets the module that a specifier means and what imports it; with `null`, all of them. Modules whose evaluation
// failed are forgotten in any case: what they failed of may have been corrected, also where no import tells what that
// was.
exports.reload = async (specifier, registry) => {
  const commonjs = require('modules/commonjs');
  if (specifier === null) {
    registry.clear();
    commonjs.forget(undefined);
    return;
  }
  const stale = new SafeSet();
  stale.add(await urlToForget(specifier, registry, commonjs));
  forEachOf(registry, (key, record) => {
    if (ops.moduleStatus(record.id) === FAILED) stale.add(record.url);
  });
  spread(stale, registry, commonjs);
  const gone = [];
  forEachOf(registry, (key, record) => {
    if (stale.has(record.url)) ArrayPrototypePush(gone, key);
  });
  for (let index = 0; index < gone.length; index++) registry.delete(gone[index]);
  commonjs.forget(stale);
};
