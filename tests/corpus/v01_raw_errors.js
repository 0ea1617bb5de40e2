//! threats V1, A1: errors of the host, raw in user code's hands
//# the RangeError of a stack overflow inside a native function
let caught;
function deep() { try { deep() } catch (error) { caught = error; try { console.log({}) } catch (inner) { caught = inner } throw error } }
try { deep() } catch {}
verdict(caught instanceof RangeError && powerless(caught))

//# stack overflow at the edge, in every function of the environment
const found = [];
function edge(call) { try { edge(call); call() } catch (error) { found.push(error) } }
for (const call of [
  () => setTimeout(() => {}, 1e6), () => queueMicrotask(() => {}), () => console.table([[1]]), () => reportError(1),
  () => setImmediate(() => {}), () => clearTimeout(setTimeout(() => {}, 1e6)), () => console.dir({ a: { b: 1 } }),
]) edge(call);
verdict(found.length > 0 && found.every(powerless))

//# errors of native functions that refuse their arguments
const errors = [];
for (const call of [
  () => setTimeout(1), () => queueMicrotask(), () => new console.log(), () => reportError(), () => structuredClone?.(() => {}),
  () => new ArrayBuffer(-1), () => JSON.parse('{'), () => new RegExp('('), () => eval('}'), () => Atomics.wait(new Int32Array(4), 0, 0),
  () => new WebAssembly.Module(new Uint8Array(3)), () => Intl.NumberFormat('xx-invalid-locale-name-too-long'),
]) try { call() } catch (error) { errors.push(error) }
verdict(errors.length > 8 && errors.every(powerless))

//# an error from the formatting of stacks
const error = new Error();
error.name = { toString() { throw new Error('from name') } };
Error.prepareStackTrace = () => { throw new Error('from the hook') };
let seen;
try { error.stack; new Error().stack } catch (inner) { seen = inner }
verdict(seen === undefined || powerless(seen))

//# the fields of SuppressedError and AggregateError
const errors = [];
try { await Promise.any([Promise.reject(1), import('nowhere:at-all')]) } catch (error) { errors.push(error, ...error.errors) }
try { { using a = { [Symbol.dispose]() { setTimeout(1) } }; queueMicrotask(1) } } catch (error) { errors.push(error, error.error, error.suppressed) }
verdict(errors.length >= 4 && errors.every(powerless))

//# a thrown object without a prototype, and one with a cyclic cause
const bare = Object.create(null);
bare.cause = bare;
setTimeout(() => { throw bare }, 1);
const aggregate = new AggregateError([]);
aggregate.errors.push(aggregate);
aggregate.cause = aggregate;
Promise.reject(aggregate);
await new Promise(resolve => setTimeout(resolve, 20));
verdict(powers({}) === '')

//# what WebAssembly catches by its JavaScript tag
const tag = WebAssembly.JSTag;
const kept = [];
try { setTimeout(1) } catch (error) {
  kept.push(error);
  try { kept.push(new WebAssembly.Exception(tag, [error]).getArg(tag, 0)) } catch (error) { kept.push(error) }
}
const own = new WebAssembly.Tag({ parameters: ['externref'] });
try { queueMicrotask(1) } catch (error) { kept.push(new WebAssembly.Exception(own, [error], { traceStack: true }).getArg(own, 0)) }
verdict(kept.length === 3 && kept.every(powerless))

//# an async generator whose return throws
async function* generator() { try { yield 1 } finally { queueMicrotask(1) } }
const iterator = generator();
await iterator.next();
let seen;
try { await iterator.return(Promise.reject(2)) } catch (error) { seen = error }
verdict(typeof seen !== 'undefined' && (typeof seen !== 'object' || powerless(seen)))

//# a proxy's trap inside what describes an uncaught error
const seen = [];
const trap = new Proxy({}, { get(target, key, receiver) { seen.push(receiver); throw new Proxy({}, this) }, getPrototypeOf(target) { seen.push(target); return null } });
setTimeout(() => { throw trap }, 1);
Promise.reject(trap);
await new Promise(resolve => setTimeout(resolve, 20));
verdict(seen.every(powerless))

//# import() of what is not there
const errors = [];
for (const name of ['node:none', 'file:///etc/passwd', 'drupe:timers.js', 'ops', '', 'data:text/javascript,throw new Error'])
  try { const module = await import(name); errors.push(module) } catch (error) { errors.push(error) }
verdict(errors.length === 6 && errors.every(error => error instanceof Error && powerless(error)))
