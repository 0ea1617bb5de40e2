// Packages of the user: formats of their objects that do not say themselves how they are shown, and what their imports
// need before a cell runs. It calls nothing of the host, and loads nothing, before a cell uses it.
(() => {
  const jupyter = globalThis[Symbol.for('drupe.jupyter')];
  const { own } = jupyter;
  delete jupyter.own;
  const [require_, confirm_] = [own('require'), own('confirm')];
  const MAX_ROWS = 50;
  const MAX_COLUMNS = 50;
  const ARROW = ['Table', 'RecordBatch', 'Vector'].map((name) => Symbol.for(`apache-arrow/${name}`));

  // A property of an object, or of what it inherits from, as it is stored. Getters are not called.
  const property = (object, key) => {
    let holder = object;
    for (let level = 0; holder !== null && level < 20; level += 1) {
      const found = Object.getOwnPropertyDescriptor(holder, key);
      if (found !== undefined) return found;
      holder = Object.getPrototypeOf(holder);
    }
    return undefined;
  };
  const stored = (object, key) => property(object, key)?.value;
  const has = (object, ...methods) => methods.every((name) => typeof stored(object, name) === 'function');
  // Whether an object is an element of some DOM: its class has a getter for its markup.
  const isElement = (object) => {
    const markup = property(object, 'outerHTML');
    const isMarkup = markup?.get !== undefined || typeof markup?.value === 'string';
    return isMarkup && typeof object.tagName === 'string';
  };

  const cell = (value) => {
    switch (typeof value) {
      case 'string': case 'number': case 'boolean': return value;
      case 'undefined': return undefined;
      case 'bigint': return `${value}`;
    }
    if (value === null) return null;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value;
    // Lists and records of Arrow.
    if (ARROW.some((symbol) => stored(value, symbol))) return `${value}`;
    return require_('util').inspect(value, { depth: 1, breakLength: Infinity });
  };
  // The first rows of a table. The front end makes HTML and text of them. `rows(most)`: lists of values.
  const table = ({ columns, rows, total, labels }) => ({
    'application/vnd.drupe.table': {
      columns: columns.slice(0, MAX_COLUMNS).map(String),
      rows: rows(MAX_ROWS).map((row) => Array.from(row).slice(0, MAX_COLUMNS).map(cell)),
      total: { rows: total, columns: columns.length },
      labels: labels?.slice(0, MAX_ROWS).map(String),
    },
  });
  const range = (most, get) => Array.from({ length: most }, (_, index) => get(index));

  const arrowTable = (value) => {
    const columns = value.schema.fields.map((field) => field.name);
    const vectors = columns.map((_, index) => value.getChildAt(index));
    const rows = (most) => range(Math.min(most, value.numRows), (row) => vectors.map((vector) => vector.get(row)));
    return table({ columns, rows, total: value.numRows });
  };
  const arrowVector = (value) => {
    const rows = (most) => range(Math.min(most, value.length), (row) => [value.get(row)]);
    return table({ columns: [`${value.type}`], rows, total: value.length });
  };
  const arquero = (value) => {
    const columns = value.columnNames();
    const rows = (most) => value.objects({ limit: most }).map((row) => columns.map((name) => row[name]));
    return table({ columns, rows, total: value.numRows() });
  };
  const danfo = (value) => {
    const isSeries = value.$isSeries === true;
    const rows = (most) => value.values.slice(0, most).map((row) => isSeries ? [row] : row);
    return table({ columns: value.columns, rows, total: value.shape[0], labels: value.index });
  };

  const element = (value) => {
    const tag = value.tagName.toLowerCase();
    let markup = value.outerHTML;
    if (tag !== 'svg') {
      // A part of a drawing is no page.
      const isPart = value.namespaceURI === 'http://www.w3.org/2000/svg';
      return isPart ? { 'text/plain': markup } : { 'text/html': markup, 'text/plain': `<${tag}>` };
    }
    const names = [['xmlns', 'http://www.w3.org/2000/svg'], ['xmlns:xlink', 'http://www.w3.org/1999/xlink']];
    for (const [name, uri] of names) {
      const isUsed = name === 'xmlns' || markup.includes('xlink:');
      const head = markup.slice(0, markup.indexOf('>'));
      if (!isUsed || head.includes(`${name}=`)) continue;
      markup = `<svg ${name}="${uri}"${markup.slice('<svg'.length)}`;
    }
    const [width, height] = ['width', 'height'].map((name) => value.getAttribute?.(name));
    const size = width && height ? ` ${width} × ${height}` : '';
    return { 'image/svg+xml': markup, 'text/plain': `<svg>${size}` };
  };
  const selection = (value) => {
    const nodes = value.nodes();
    return nodes.length === 1 && nodes[0] !== null && isElement(nodes[0]) ? element(nodes[0]) : undefined;
  };

  // The formats of an object, if it is of a package that is known.
  const formats = (value) => {
    if (value === null || typeof value !== 'object') return undefined;
    const prototype = Object.getPrototypeOf(value);
    const isPlain = prototype === null || prototype === Object.prototype || prototype === Array.prototype;
    if (isPlain && !Object.hasOwn(value, 'outerHTML')) return undefined;
    try {
      const [isArrow, isBatch, isVector] = ARROW.map((symbol) => stored(value, symbol) !== undefined);
      if (isArrow || isBatch) return arrowTable(value);
      if (isVector) return arrowVector(value);
      if (has(value, 'columnNames', 'numRows', 'objects', 'scan')) return arquero(value);
      if (typeof stored(value, '$isSeries') === 'boolean' && stored(value, '$config') !== undefined) return danfo(value);
      if (Array.isArray(stored(value, '_groups')) && has(value, 'nodes', 'selectAll')) return selection(value);
      return isElement(value) ? element(value) : undefined;
    } catch {
      // It only looks like one of them.
      return undefined;
    }
  };

  // Packages that are not installed: their names as a cell has them, and the words of the command that installs them.
  const missing = (specifiers) => specifiers.flatMap((specifier) => {
    try {
      import.meta.resolve(specifier);
      return [];
    } catch (error) {
      const command = /Not installed: (.+)/.exec(error?.message)?.[1];
      return command === undefined ? [] : [[specifier, command]];
    }
  });
  const offer = async (specifiers) => {
    for (const [specifier, command] of missing(specifiers)) {
      const question = `${specifier} is not installed for ${process.cwd()}. Install it by ${command}?`;
      if (!confirm_(question)) continue;
      const words = Array.from(command.matchAll(/(?:"[^"]*"|\S)+/g), ([word]) => word.replaceAll('"', ''));
      try {
        await jupyter.run(words);
      } catch (error) {
        // The import tells what is missing.
        console.error(error.message);
      }
    }
  };

  // A DOM for packages that draw, if one is installed.
  const dom = () => {
    if ('document' in globalThis || 'window' in globalThis) return;
    let linkedom;
    try {
      linkedom = require_('linkedom');
    } catch {
      return;
    }
    const { document } = linkedom.parseHTML('<!doctype html><html><head></head><body></body></html>');
    for (const [name, value] of Object.entries({ document, window: document.defaultView })) {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
    }
  };

  const prepare = async ({ packages, draws }) => {
    if (packages.length > 0) await offer(packages);
    if (draws) dom();
  };

  Object.assign(jupyter, { formats, prepare });
  Object.defineProperty(globalThis, Symbol.for('drupe.bundle'), { value: formats, configurable: true });
})();
