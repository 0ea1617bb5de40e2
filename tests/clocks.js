// Finds the clocks that there are: see `every_clock_that_there_is_is_coarse` in residue.rs. Each function is called, and each property read, that
// could be about time; each number that only goes up while time passes is taken for a clock, whatever its name and unit.
(() => {
  const fs = require('fs'), os = require('os'), hooks = require('perf_hooks'), path = require('path');
  const { Console } = require('console'), { Writable } = require('stream');
  const file = path.join(folder, 'written');
  // They end the session, wait, or leave traces; how much memory is used is no time.
  const SKIP = /^(exit|reallyExit|abort|kill|chdir|emit|memoryUsage|memory|binding|nextTick|dlopen|constructor|exitCode|stdin|stdout|stderr|send|disconnect|userInfo|hostname|cpus|freemem|totalmem|add.*|on.*|once|off|prepend.*|remove.*|set.*|emitWarning|umask|getBuiltinModule|mainModule|mark|measure|clear.*|getEntries.*|timeline|env|cwd|argv|eventNames|rawListeners|list.*|dispatchEvent|release|version.*|report|Performance.*|create.*|monitor.*|timerify|maxRSS)$/;
  const sources = new Map();
  const walk = (name, object) => {
    const keys = new Set();
    for (let one = object; one && one !== Object.prototype && one !== Function.prototype; one = Object.getPrototypeOf(one)) Reflect.ownKeys(one).forEach((key) => keys.add(key));
    for (const key of keys) {
      if (typeof key !== 'string' || SKIP.test(key)) continue;
      let value;
      try { value = object[key] } catch { continue }
      if (typeof value === 'function') {
        sources.set(`${name}.${key}()`, () => value.call(object));
        for (const inner of Object.keys(value)) {
          if (typeof value[inner] === 'function' && !SKIP.test(inner) && !SKIP.test(key)) sources.set(`${name}.${key}.${inner}()`, () => value[inner]());
        }
      } else sources.set(`${name}.${key}`, () => object[key]);
    }
  };
  walk('process', process);
  walk('performance', performance);
  walk('perf_hooks', hooks);
  walk('os', os);
  walk('Temporal.Now', Temporal.Now);
  walk('Date', { now: Date.now, made: () => new Date().getTime(), called: () => Date.parse(Date()) });
  sources.set('Event.timeStamp', () => new Event('x').timeStamp);
  sources.set('performance.mark', () => performance.mark('x').startTime);
  sources.set('performance.measure', () => performance.measure('x').duration);
  sources.set('CustomEvent', () => new CustomEvent('x').timeStamp);
  sources.set('File.lastModified', () => new File([], 'x').lastModified);
  sources.set('process.hrtime(before)', () => process.hrtime([0, 0]));
  sources.set('process.cpuUsage(before)', () => process.cpuUsage({ user: 0, system: 0 }));
  const stat = (options) => () => {
    fs.writeFileSync(file, 'x');
    const { mtimeMs, ctimeMs, mtimeNs, ctimeNs } = fs.statSync(file, options);
    return mtimeNs === undefined ? [mtimeMs, ctimeMs] : [mtimeNs, ctimeNs];
  };
  sources.set('stat', stat());
  sources.set('stat, bigint', stat({ bigint: true }));
  sources.set('birth', () => {
    fs.rmSync(file, { force: true });
    fs.writeFileSync(file, 'x');
    return fs.lstatSync(file, { bigint: true }).birthtimeNs;
  });
  let printed = '';
  const timed = new Console(new Writable({ write(chunk, _, done) { printed = String(chunk); done() } }));
  timed.time('t');
  sources.set('console.timeLog', () => {
    timed.timeLog('t');
    const [, number, unit] = /([0-9.]+)(ms|s)/.exec(printed);
    return unit === 's' ? number * 1000 : +number;
  });
  // The numbers in what a source tells, each by where it is; `[seconds, nanoseconds]` is one of them.
  const numbers = (value, at, found) => {
    if (typeof value === 'bigint') found[at] = Number(value % 1000000000000000n);
    else if (typeof value === 'number') found[at] = value;
    else if (Array.isArray(value) && value.length === 2 && at === '' && value[1] < 1e9 && value[0] < 1e6 && Number.isInteger(value[0])) found[at] = value[0] * 1e9 + value[1];
    else if (typeof value === 'object' && value !== null && at.length < 40) {
      if (typeof value.epochNanoseconds === 'bigint') return numbers(value.epochNanoseconds, `${at}.epochNanoseconds`, found);
      if (typeof value.microsecond === 'number') found[`${at}.time`] = value.second * 1e9 + value.millisecond * 1e6 + value.microsecond * 1e3 + value.nanosecond;
      else for (const key of Object.keys(value)) if (!SKIP.test(key)) numbers(value[key], `${at}.${key}`, found);
    }
    return found;
  };
  const clocks = {};
  for (const [name, source] of sources) {
    const seen = {}, start = Date.now();
    try {
      for (let rounds = 0; rounds < 20 || Date.now() < start + 25; rounds++) {
        const now = numbers(source(), '', {});
        for (const at of Object.keys(now)) (seen[at] ??= []).push(now[at]);
      }
    } catch { continue }
    const elapsed = Date.now() - start;
    for (const at of Object.keys(seen)) {
      const all = seen[at];
      let least = Infinity, back = 0;
      for (let index = 1; index < all.length; index++) {
        const step = all[index] - all[index - 1];
        if (step > 0) least = Math.min(least, step);
        if (step < 0) back++;
      }
      const whole = all[all.length - 1] - all[0];
      if (back > 1 || !(whole > 0) || elapsed === 0) continue;
      // What its smallest step is of its whole way, that is of the time that passed meanwhile: in microseconds.
      clocks[name + at] = Math.round(least / whole * elapsed * 1000);
    }
  }
  return clocks;
})()
