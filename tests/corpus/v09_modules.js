//! threats V9, A10: names of modules, in all their disguises
//# built-in modules by every name
const names = ['fs', 'node:fs', 'fs/promises', 'child_process', 'node:child_process', 'module', 'node:module', 'process', 'os'];
const disguises = ['node:node:fs', 'internal/bootstrap', './fs', 'fs/', 'node%3Afs', 'ext:core/ops', 'bun:ffi', 'npm:x', 'jsr:x', 'inspector', 'node:inspector', 'vm', '_http_agent'];
const got = [];
// What the environment has may be imported, and is of this realm; what it could do, it must ask for. Disguises lead nowhere.
for (const name of names) try { const { default: module } = await import(name); if (!powerless(module)) got.push(name) } catch (error) { if (!(error instanceof Error) || !powerless(error)) got.push(error) }
for (const name of disguises) try { got.push(await import(name)) } catch (error) { if (!(error instanceof Error) || !powerless(error)) got.push(error) }
verdict(got.length === 0)

//# files, devices, and schemes
const names = ['file:///etc/passwd', '/etc/passwd', '../../etc/passwd', 'http://127.0.0.1/x.js', 'https://localhost/', 'blob:x', 'javascript:1', '\0', '//etc/passwd', 'file:///proc/self/environ', 'FILE:///etc/passwd', 'file://localhost/etc/passwd', 'data:text/javascript,import "/etc/passwd"', 'data:text/javascript,import "./x.js"'];
const got = [];
for (const name of names) for (const options of [undefined, { with: { type: 'json' } }, { with: { type: 'text' } }])
  try { const module = await import(name, options); if (!name.startsWith('data:') || options === undefined) got.push(module) } catch (error) { if (!powerless(error)) got.push(error) }
// What is in the name itself needs no permission, and is of this realm.
const data = await import('data:text/javascript,export default () => globalThis');
verdict(got.length === 0 && data.default() === globalThis && powerless(data.default))

//# import() from made functions, from eval, from callbacks
const got = [];
const acts = module => { try { module.readFileSync(canary, 'utf8'); return true } catch (error) { return error.code !== 'EACCES' || !powerless(error) } };
const attempts = [() => new Function('return import("fs")')(), () => eval('import("node:fs")'), () => (0, eval)('import("fs")'), () => new (async () => {}).constructor('return await import("fs")')(), () => setTimeout.constructor('return import("fs")')()];
for (const attempt of attempts) try { if (acts(await attempt())) got.push(String(attempt)) } catch (error) { if (!powerless(error)) got.push(error) }
await new Promise(resolve => setTimeout(() => import('fs').then(module => { if (acts(module)) got.push('timer') }, () => {}).then(resolve), 1));
verdict(got.length === 0)

//# specifiers that change, and options that are traps
let looks = 0;
const got = [], seen = [];
const acts = module => { try { module.readFileSync(canary, 'utf8'); return true } catch (error) { return !powerless(error) } };
const shifty = { toString() { return looks++ ? 'fs' : 'nothing' } };
const trap = new Proxy({}, { get(target, key, receiver) { seen.push(receiver); return undefined }, ownKeys() { return [] } });
for (const attempt of [() => import(shifty), () => import('fs', trap), () => import('fs', { with: trap })]) try { if (acts(await attempt())) got.push(attempt) } catch {}
verdict(got.length === 0 && looks <= 1 && seen.every(value => value === trap || powerless(value)))

//# require reaches no file and no power of the host
const names = ['/etc/passwd', canary, './' + canary, '../../../../../..' + canary, 'file://' + canary, '/proc/self/environ', '/dev/stdin', 'child_process', 'node:child_process', 'worker_threads', 'inspector', '_http_agent', 'internal/bootstrap/loaders', 'node:node:fs', '\0', canary + '\0.js'];
const got = [];
for (const name of names) for (const load of [require, require.resolve, module.constructor?._load, module.require?.bind(module)])
  try {
    const found = load?.(name);
    // A module of the environment may be there; what it could do, it must ask for.
    if (typeof found === 'string' ? found !== name && found !== 'node:' + name : found && /passwd|canary|environ|stdin/.test(name)) got.push(name);
  } catch (error) { if (!powerless(error)) got.push(error) }
verdict(got.length === 0)

//# modules of the host, where there are any, do nothing that was not permitted
const attempts = [
  () => require('fs').readFileSync(canary, 'utf8'), () => require('node:fs').writeFileSync(canary, 'x'), () => require('fs').readdirSync('/'),
  () => require('fs').openSync('/etc/passwd'), () => require('fs/promises').readFile(canary, 'utf8'), () => require('fs').promises.unlink(canary),
  () => require('child_process').execSync('id'), () => require('child_process').spawnSync('/bin/id'), () => require('net').connect(80, '127.0.0.1'),
  () => require('vm').runInNewContext('1'), () => new (require('worker_threads').Worker)('data:text/javascript,1'), () => require('process').binding('fs'),
  () => process.binding('fs'), () => process.dlopen({}, '/lib/libc.so'), () => process.kill(1, 0), () => process.chdir('/'), () => process.mainModule.require('fs'),
];
const got = [];
for (const attempt of attempts) try { const value = await attempt(); if (value !== undefined && value.error?.code !== 'EACCES') got.push(String(attempt)) } catch (error) { if (!powerless(error)) got.push(error) }
verdict(got.length === 0)
