const compare = async (text) => {
  const util = require('util');
  const cp = require('child_process');
  const stream = require('stream');
  const uncaught = [];
  const onUncaught = (error) => uncaught.push(error.message);
  process.on('uncaughtException', onUncaught);
  const folder = require('fs').mkdtempSync(`${require('os').tmpdir()}/programs-`);
  const told = [];
  for (const source of text.split('\n')) {
    if (source === '' || source.startsWith('//')) continue;
    const children = [];
    const keep = (child) => { children.push(child); return child; };
    const context = {
      ...cp, cp, keep, require, stream, util, file: `${folder}/file`,
      spawn: (...given) => keep(cp.spawn(...given)),
      sh: (script, options) => keep(cp.spawn('sh', ['-c', script], options)),
      // How a program ended, once all is closed.
      closed: (child) => new Promise((done) => child.on('close', (...how) => done(how))),
      // The same for one that loses its pipe, of which the kind of pipe says how it hears.
      cut: (child) => new Promise((done) => child.on('close', (code, signal) => done(code === 1 || code === 141 || signal === 'SIGPIPE' ? 'cut' : [code, signal]))),
      once: (emitter, name) => new Promise((done) => emitter.once(name, (...given) => done(given))),
      boom: (what) => { throw new Error(what); },
    };
    uncaught.length = 0;
    const names = Object.keys(context);
    let limit;
    const late = new Promise((done) => { limit = setTimeout(done, 8000, 'it never ended'); });
    let said;
    try {
      const run = (0, eval)(`(async (${names.join(', ')}) => (${source}\n))`);
      said = util.inspect(await Promise.race([run(...names.map((name) => context[name])), late]), { breakLength: Infinity });
    } catch (error) {
      said = `threw ${error?.name} ${error?.code}: ${error?.message}`;
    }
    clearTimeout(limit);
    told.push([source, `${said} ${util.inspect(uncaught.sort())}`].join('\u0002'));
    for (const child of children) child.kill('SIGKILL');
  }
  require('fs').rmSync(folder, { recursive: true });
  process.removeListener('uncaughtException', onUncaught);
  return told.join('\u0001');
};
