//! threats V10, I4: state of the process
//# what belongs to a process is not there
const names = ['performance_hooks', 'GLOBAL', 'root', 'XMLHttpRequest', 'Worker', 'SharedWorker', 'localStorage', 'indexedDB', 'caches', 'location', 'Deno', 'Bun', 'print', 'load', 'os', 'std'];
const there = names.filter(name => name in globalThis);
// A `process`, where there is one, is the session's own: nothing of the kernel's environment, arguments or descriptors.
const told = typeof process === 'undefined' ? '' : JSON.stringify([process.env, process.argv, process.execArgv]);
verdict(there.length === 0 && !/GLIBC_TUNABLES|CARGO|PATH=|drupe-kernel|test-kernel/.test(told))

//# locale, time zone and environment cannot be set, nor the host's names read
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const text = JSON.stringify([zone, new Date(0).toString(), Intl.DateTimeFormat().resolvedOptions().locale]);
verdict(!/\/(home|root|tmp)\//.test(text) && !text.includes('DRUPE_CANARY'))

//# nothing tells of other sessions in the process
Symbol.for('left behind');
globalThis.left = Symbol.keyFor(Symbol.for('left behind'));
verdict(typeof leftByAnother === 'undefined')

//# flags of V8 are out of reach
const out = [];
for (const code of ['v8.setFlagsFromString("--expose-gc")', '%SetFlags', 'setFlags("--allow-natives-syntax")', 'd8.file.read("/etc/passwd")'])
  try { out.push((0, eval)(code)) } catch (error) { out.push(error) }
verdict(out.every(value => value instanceof Error) && typeof gc === 'undefined')
