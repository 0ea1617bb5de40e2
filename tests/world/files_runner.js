const compare = async (text, base) => {
  const fs = require('fs');
  const util = require('util');
  const all = [];
  let differs = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('//! differs: ')) differs = line.slice('//! differs: '.length);
    else if (line.startsWith('...')) for (const source of (0, eval)(line.slice(3))) all.push([differs, source]);
    else if (line !== '' && !line.startsWith('//')) all.push([differs, line]);
    if (!line.startsWith('//')) differs = '';
  }
  let count = 0;
  const told = [];
  for (const [why, source] of all) {
    const root = `${base}/c${count++}`;
    fs.mkdirSync(`${root}/dir/sub`, { recursive: true });
    fs.mkdirSync(`${root}/empty`);
    for (const [name, content] of [['a.txt', 'alpha'], ['b.txt', 'beta'], ['dir/c.txt', 'gamma'], ['dir/sub/d.txt', 'delta']]) fs.writeFileSync(`${root}/${name}`, content);
    for (const [name, target] of [['link', 'a.txt'], ['dlink', 'dir'], ['dangling', 'nowhere']]) fs.symlinkSync(target, `${root}/${name}`);
    const p = (name) => `${root}/${name}`;
    const context = {
      fs, require, p,
      rel: (name) => name === undefined ? name : name.replace(`${root}/`, ''),
      later: (f) => new Promise((done, fail) => f((error, ...values) => error ? fail(error) : done(values.filter((value) => value !== undefined)))),
      fd: async (flag, f) => { const open = fs.openSync(p('a.txt'), flag); try { return await f(open); } finally { fs.closeSync(open); } },
      handle: async (flag, f) => { const open = await fs.promises.open(p('a.txt'), flag); try { return await f(open); } finally { await open.close(); } },
      stream: (s, data) => new Promise((done) => {
        const seen = [];
        for (const event of ['open', 'ready', 'end', 'finish', 'error']) s.on(event, (x) => seen.push(event === 'open' ? typeof x : event === 'error' ? `${x.code} ${x.syscall}` : event));
        s.on('close', () => { seen.push(s.bytesRead ?? s.bytesWritten); done(seen); });
        if (s.write) s.end(data);
        else s.on('data', (chunk) => seen.push(String(chunk)));
      }),
    };
    const names = Object.keys(context);
    const plain = (said) => said.replaceAll(root, '');
    let said;
    try {
      const run = (0, eval)(`(async (${names.join(', ')}) => (${source}\n))`);
      said = plain(util.inspect(await run(...names.map((name) => context[name]))));
    } catch (error) {
      const begins = error instanceof TypeError || error instanceof RangeError ? `, ${error.stack.split(':')[0]}` : '';
      said = plain(`threw ${error?.name} ${error?.code} ${error?.syscall}: ${error?.message}${begins}`);
    }
    const tree = [];
    const walk = (folder, at) => {
      for (const name of fs.readdirSync(folder).sort()) {
        const file = `${folder}/${name}`;
        const stats = fs.lstatSync(file);
        if (stats.isSymbolicLink()) tree.push(`${at}${name}->${plain(fs.readlinkSync(file))}`);
        else if (stats.isDirectory()) { tree.push(`${at}${name}/`); walk(file, `${at}${name}/`); }
        else tree.push(`${at}${name}=${fs.readFileSync(file, 'latin1')}`);
      }
    };
    walk(root, '');
    told.push([why, source, said, tree.join(' ').replace(/tmp-\w+/g, 'tmp-')].join('\u0002'));
  }
  return told.join('\u0001');
};
