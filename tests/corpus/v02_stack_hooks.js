//! threats V2, A2: hooks on stacks
//# the sites of prepareStackTrace are the user's own, and give no function and no receiver away
let told = [];
Error.prepareStackTrace = (error, sites) => { told.push(...sites); return 'mine' };
let caught;
try { setTimeout(1) } catch (error) { caught = error; error.stack }
try { queueMicrotask(1) } catch (error) { error.stack }
const internal = told.filter(site => String(site.getFileName()).startsWith('drupe:') || String(site.getScriptNameOrSourceURL()).startsWith('drupe:'));
verdict(told.length > 0 && internal.length === 0 && told.every(site => [site.getThis(), site.getFunction()].every(value => value === undefined || value === globalThis || powerless(value))))

//# a replaced global Error
const real = Error;
let sites = [];
globalThis.Error = class Error { static prepareStackTrace(error, given) { sites = given; return '' } };
try { null.x } catch (error) { error.stack }
try { setTimeout(1) } catch (error) { error.stack }
globalThis.Error = real;
verdict(sites.every(site => !String(site.getFileName()).startsWith('drupe:')))

//# a replaced global TypeError is not called by the environment
let called = 0;
globalThis.TypeError = class extends Error { constructor(...args) { super(...args); called++ } };
for (const call of [() => setTimeout(1), () => queueMicrotask(1), () => setImmediate(1), () => reportError()]) try { call() } catch {}
verdict(called === 0)

//# an async hook
let sites = [];
Error.prepareStackTrace = async (error, given) => { sites = given; return given };
try { setTimeout(1) } catch (error) { await error.stack }
verdict(sites.every(site => !String(site).includes('drupe:')))

//# a hook that is a getter, or a proxy, is not asked by the kernel itself
let asked = 0;
Object.defineProperty(Error, 'prepareStackTrace', { get() { asked++; return undefined }, configurable: true });
console.log(new Error('x'));
console.dir({ e: new RangeError('y') });
verdict(asked === 0)

//# stacks name no path of the host
const stacks = [new Error().stack];
try { setTimeout(1) } catch (error) { stacks.push(error.stack) }
try { [1].map(() => queueMicrotask(2)) } catch (error) { stacks.push(error.stack) }
await new Promise(resolve => setTimeout(() => { stacks.push(new Error().stack); resolve() }, 1));
const trace = {};
Error.captureStackTrace(trace);
stacks.push(trace.stack);
verdict(stacks.every(stack => !/drupe:|\/(home|tmp|work|root|usr)\//.test(stack)))

//# call sites of a polluted formatter
Error.prepareStackTrace = (error, sites) => sites;
const sites = new Error().stack;
Object.getPrototypeOf(sites[0]).toString = function () { return this.getThis };
Object.getPrototypeOf(sites[0]).getFileName = () => 'drupe:timers.js';
delete Error.prepareStackTrace;
const stack = new Error('after').stack;
verdict(typeof stack === 'string' && stack.startsWith('Error: after') && powerless(sites[0].constructor ?? {}))

//# the receiver and the function of a sloppy frame below the kernel's own
Error.prepareStackTrace = (error, sites) => sites.map(site => [site.getThis(), site.getFunction()]);
let pairs;
setTimeout(new Function('globalThis.pairs = new Error().stack'), 1);
await new Promise(resolve => setTimeout(resolve, 10));
verdict(globalThis.pairs.flat().every(value => value === undefined || value === globalThis || powerless(value)))
