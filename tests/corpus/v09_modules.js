//! threats V9, A10: names of modules, in all their disguises
//# built-in modules by every name
const names = ['fs', 'node:fs', 'node:node:fs', 'NODE:fs', 'fs/promises', 'child_process', 'node:child_process', 'module', 'node:module', 'inspector', 'node:inspector', 'vm', 'worker_threads', 'process', 'os', '_http_agent', 'internal/bootstrap', './fs', 'fs/', 'node%3Afs', 'ext:core/ops', 'bun:ffi', 'npm:x', 'jsr:x'];
const got = [];
for (const name of names) try { got.push(await import(name)) } catch (error) { if (!(error instanceof Error) || !powerless(error)) got.push(error) }
verdict(got.length === 0)

//# files, devices, and schemes
const names = ['file:///etc/passwd', '/etc/passwd', '../../etc/passwd', 'data:text/javascript,export default 1', 'http://127.0.0.1/x.js', 'https://localhost/', 'blob:x', 'javascript:1', '\0', '//etc/passwd', 'file:///proc/self/environ', 'FILE:///etc/passwd', 'file://localhost/etc/passwd'];
const got = [];
for (const name of names) for (const options of [undefined, { with: { type: 'json' } }, { with: { type: 'text' } }])
  try { got.push(await import(name, options)) } catch (error) { if (!powerless(error)) got.push(error) }
verdict(got.length === 0)

//# import() from made functions, from eval, from callbacks
const got = [];
const attempts = [() => new Function('return import("fs")')(), () => eval('import("node:fs")'), () => (0, eval)('import("fs")'), () => new (async () => {}).constructor('return await import("fs")')(), () => setTimeout.constructor('return import("fs")')()];
for (const attempt of attempts) try { got.push(await attempt()) } catch (error) { if (!powerless(error)) got.push(error) }
await new Promise(resolve => setTimeout(() => import('fs').then(module => got.push(module), () => {}).then(resolve), 1));
verdict(got.length === 0)

//# specifiers that change, and options that are traps
let looks = 0;
const got = [], seen = [];
const shifty = { toString() { return looks++ ? 'fs' : 'nothing' } };
const trap = new Proxy({}, { get(target, key, receiver) { seen.push(receiver); return undefined }, ownKeys() { return [] } });
try { got.push(await import(shifty)) } catch {}
try { got.push(await import('fs', trap)) } catch {}
try { got.push(await import('fs', { with: trap })) } catch {}
verdict(got.length === 0 && looks <= 1 && seen.every(value => value === trap || powerless(value)))

//# require, and what brings it
const names = ['require', 'module', 'exports', '__filename', '__dirname', 'importScripts', 'process', 'global'];
verdict(names.filter(name => name !== 'global').every(name => { try { return (0, eval)('typeof ' + name) === 'undefined' } catch { return true } }))
