// `process.env`: a plain object with the variables that the host lets this session see, and what the session has set
// itself.
//
// It is brought up to date when it is first looked at in a run. So a variable that is granted meanwhile appears, and
// the object stays what it seems to be: nothing in it asks the host. What is assigned becomes a string, and `TZ` is the
// time zone of `Date`.
'use strict';

const { Error, ObjectDefineProperty, ObjectKeys, ReflectDeleteProperty } = primordials;

const env = ops.newEnvironment();
ops.environment = env;
// What the host has told, to know what the user has changed since.
let told = { __proto__: null };
let run = -1;

function define(name, value) {
  ObjectDefineProperty(env, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

function has(object, name) {
  return primordials.ObjectPrototypeHasOwnProperty(object, name);
}

function refresh() {
  let now;
  try {
    now = ops.hostCallNow('env.all');
  } catch {
    // A host without an environment.
    now = {};
  }
  const names = ObjectKeys(now);
  const next = { __proto__: null };
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    next[name] = now[name];
    // What was told before and is not there any more, the user has deleted.
    const isOwn = has(env, name) ? env[name] !== told[name] : told[name] !== undefined;
    if (!isOwn) define(name, now[name]);
  }
  for (const name in told) {
    if (next[name] === undefined && has(env, name) && env[name] === told[name]) ReflectDeleteProperty(env, name);
  }
  told = next;
}

exports.env = () => {
  const current = ops.currentRun();
  if (current !== run) {
    run = current;
    refresh();
  }
  return env;
};

// As Node: all other variables go.
exports.replace = (value) => {
  if (typeof value !== 'object' || value === null) throw new Error('process.env must be an object');
  const names = ObjectKeys(exports.env());
  for (let index = 0; index < names.length; index++) ReflectDeleteProperty(env, names[index]);
  const own = ObjectKeys(value);
  for (let index = 0; index < own.length; index++) define(own[index], `${value[own[index]]}`);
};
