// What every session of a notebook begins with: displays, comms, and the interfaces of other kernels for them.
// It calls nothing of the host before a cell uses it.
(() => {
  const { emit, inbox } = host.jupyter;
  const DISPLAY = Symbol.for('Jupyter.display');
  // Returns a function that calls a global function. A cell may replace the global later: the returned function calls the
  // first one. The environment loads some globals on first use: this loads none before the first call.
  const { apply } = Reflect;
  const own = (name) => {
    const { get, value } = Object.getOwnPropertyDescriptor(globalThis, name);
    return (...args) => apply(get === undefined ? value : apply(get, globalThis, []), undefined, args);
  };
  const require_ = own('require');
  // What the front end calls; `packages.js` adds to it.
  const jupyter = { own };
  const define = (object, values) => {
    for (const [name, value] of Object.entries(values)) {
      Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false });
    }
  };
  const inspect = (value, depth = 4) => typeof value === 'string' ? value : require_('util').inspect(value, { depth });
  const send = (kind, said) => emit(kind, said).catch(() => {});
  let last = 0;
  const newId = (kind) => `${kind}-${Date.now().toString(36)}-${(last += 1).toString(36)}-${Math.random().toString(36).slice(2, 10)}`;

  // A value with formats of its own: what `html` and its like return.
  class Rich {
    #data;
    constructor(data) {
      this.#data = data;
    }
    [DISPLAY]() {
      return this.#data;
    }
    [Symbol.for('nodejs.util.inspect.custom')]() {
      return this.#data['text/plain'] ?? Object.values(this.#data)[0];
    }
  }
  const template = (mime) => (strings, ...values) => {
    if (!Array.isArray(strings?.raw)) return new Rich({ [mime]: String(strings) });
    const source = mime === 'text/latex' ? strings.raw : strings;
    const text = source.reduce((text, part, index) => {
      const value = values[index - 1];
      return text + (Array.isArray(value) ? value.join('') : String(value)) + part;
    });
    return new Rich({ [mime]: text });
  };
  const html = template('text/html');
  const md = template('text/markdown');
  const svg = template('image/svg+xml');
  const latex = template('text/latex');
  const js = template('application/javascript');
  const json = (strings, ...values) => {
    const value = Array.isArray(strings?.raw) ? JSON.parse(String.raw({ raw: strings }, ...values)) : strings;
    return new Rich({ 'application/json': value, 'text/plain': JSON.stringify(value, null, 2) });
  };

  const formatOf = (bytes) => {
    const starts = (...expected) => expected.every((byte, index) => bytes[index] === byte);
    if (starts(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
    if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
    if (starts(0x47, 0x49, 0x46, 0x38)) return 'image/gif';
    if (starts(0x52, 0x49, 0x46, 0x46)) return 'image/webp';
    throw new TypeError('these bytes are no PNG, JPEG, GIF or WebP');
  };
  const image = (source) => {
    const bytes = typeof source === 'string' || source instanceof URL ? require_('fs').readFileSync(source) : source;
    if (typeof source === 'string' && source.endsWith('.svg')) return svg(bytes.toString());
    const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
    const mime = formatOf(view);
    return new Rich({ [mime]: view, 'text/plain': `[${mime}, ${view.length} bytes]` });
  };

  // What is shown of a value: its formats, or itself.
  const shown = (value, depth) => {
    const own = value !== null && value !== undefined ? value[DISPLAY] : undefined;
    if (typeof own === 'function') return { data: own.call(value) };
    const known = jupyter.formats(value);
    if (known !== undefined) return { data: known };
    if (value instanceof Blob) {
      return { data: value.arrayBuffer().then((bytes) => image(bytes)[DISPLAY]()), text: inspect(value) };
    }
    const rows = Array.isArray(value) && value.length > 1000 ? value.slice(0, 1000) : value;
    return { value: rows, text: inspect(value, depth) };
  };

  // Shows a value; `depth`: how many levels of objects. With `raw` it is an object from formats to contents. Returns a
  // promise that has the display's `id`, and `update(value)`.
  const display = (value, { id, raw = false, update = false, metadata, depth } = {}) => {
    const name = id ?? newId('display');
    const what = raw ? { data: value } : shown(value, depth);
    const tell = (data) => send('display', { ...what, data, id: name, update, metadata });
    const done = typeof what.data?.then === 'function' ? Promise.resolve(what.data).then(tell) : tell(what.data);
    // As the result of a cell it is not shown once more.
    Object.defineProperty(done, DISPLAY, { value: () => ({ 'application/vnd.drupe.nothing': '' }) });
    define(done, {
      id: name,
      update: (value, options) => display(value, { ...options, id: name, update: true }),
    });
    return done;
  };
  const clearOutput = (wait = false) => send('clear', { wait: Boolean(wait) });

  // Goes through a list, and shows how far it is. What brings its items later is gone through by `for await`.
  const progress = (iterable, { total = iterable.length ?? iterable.size, label = '' } = {}) => {
    let [begun, told, done, drawn, shown] = [0, 0, 0, 0, undefined];
    const bar = () => {
      const seconds = ((Date.now() - begun) / 1000).toFixed(1);
      const count = total === undefined ? String(done) : `${done}/${total}`;
      const part = total ? done / total : 0;
      const filled = Math.round(part * 30);
      const text = `${label && `${label} `}${total === undefined ? '' : `${'█'.repeat(filled)}${'░'.repeat(30 - filled)} `}${count} ${seconds} s`;
      const max = total === undefined ? '' : ` value="${done}" max="${total}"`;
      const name = String(label).replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
      return { 'text/html': `<label>${name} <progress${max}></progress> ${count} ${seconds} s</label>`, 'text/plain': text };
    };
    const begin = () => {
      begun = told = Date.now();
      shown = display(bar(), { raw: true });
    };
    // Shows what it has not shown yet.
    const show = () => {
      if (drawn === done) return;
      drawn = done;
      shown.update(bar(), { raw: true });
    };
    const step = () => {
      done += 1;
      const now = Date.now();
      if (now - told < 100) return;
      told = now;
      show();
    };
    const atOnce = function* () {
      begin();
      try {
        for (const item of iterable) {
          yield item;
          step();
        }
      } finally {
        show();
      }
    };
    const later = async function* () {
      begin();
      try {
        for await (const item of iterable) {
          yield item;
          step();
        }
      } finally {
        show();
      }
    };
    const has = (symbol) => typeof iterable?.[symbol] === 'function';
    return !has(Symbol.iterator) && has(Symbol.asyncIterator) ? later() : atOnce();
  };

  // Comms: conversations with objects of the front end.
  const targets = new Map();
  const comms = new Map();
  class Comm {
    #listeners = new Set();
    #closers = new Set();
    constructor(id, target) {
      Object.defineProperties(this, { id: { value: id, enumerable: true }, target: { value: target, enumerable: true } });
      comms.set(id, this);
    }
    send(data = {}, { metadata, buffers } = {}) {
      return send('comm_msg', { comm_id: this.id, data, metadata, buffers });
    }
    close(data = {}) {
      comms.delete(this.id);
      return send('comm_close', { comm_id: this.id, data });
    }
    // Returns a function that takes the listener away.
    onMessage(listener) {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    }
    onClose(listener) {
      this.#closers.add(listener);
      return () => this.#closers.delete(listener);
    }
    static async deliver(comm, kind, data, buffers) {
      for (const listener of kind === 'close' ? comm.#closers : comm.#listeners) await listener(data, buffers, comm);
    }
  }
  const { deliver } = Comm;
  delete Comm.deliver;
  const comm = {
    // `handler(comm, data, buffers)` is called when a front end opens a comm of this name.
    registerTarget(name, handler) {
      targets.set(String(name), handler);
    },
    unregisterTarget(name) {
      targets.delete(String(name));
    },
    open(target, data = {}, { metadata, buffers, id = newId('comm') } = {}) {
      const opened = new Comm(id, target);
      send('comm_open', { comm_id: id, target_name: target, data, metadata, buffers });
      return opened;
    },
    get(id) {
      return comms.get(id);
    },
  };
  const heard = async (kind, id, target, data, buffers) => {
    if (kind === 'open') {
      const handler = targets.get(target);
      if (handler === undefined) return send('comm_close', { comm_id: id, data: {} });
      return handler(new Comm(id, target), data, buffers);
    }
    const known = comms.get(id);
    if (known === undefined) return undefined;
    if (kind === 'close') comms.delete(id);
    return deliver(known, kind, data, buffers);
  };
  const listen = () => {
    (async () => {
      for await (const [number, ...message] of inbox()) {
        try {
          await heard(...message);
        } catch (error) {
          reportError(error);
        }
        send('handled', number);
      }
    })();
  };

  // An anywidget: a module for the page, and a state that both sides change.
  const widget = ({ esm, css, ...state }) => {
    const values = { ...state };
    const listeners = new Map();
    const data = {
      state: {
        _model_module: 'anywidget', _model_name: 'AnyModel', _model_module_version: '>=0.9.0',
        _view_module: 'anywidget', _view_name: 'AnyView', _view_module_version: '>=0.9.0',
        _view_count: null, _dom_classes: [], _anywidget_id: newId('widget'), _esm: esm, ...(css === undefined ? {} : { _css: css }),
        ...values,
      },
      buffer_paths: [],
    };
    const opened = comm.open('jupyter.widget', data, { metadata: { version: '2.1.0' } });
    const changed = (name, value) => {
      values[name] = value;
      for (const listener of listeners.get(name) ?? []) listener(value);
    };
    opened.onMessage((message) => {
      if (message.method === 'update') {
        for (const [name, value] of Object.entries(message.state)) changed(name, value);
        opened.send({ method: 'echo_update', state: message.state, buffer_paths: [] });
      } else if (message.method === 'request_state') {
        opened.send({ method: 'update', state: { ...data.state, ...values }, buffer_paths: [] });
      }
    });
    return {
      comm: opened,
      get: (name) => values[name],
      set(name, value) {
        changed(name, value);
        return opened.send({ method: 'update', state: { [name]: value }, buffer_paths: [] });
      },
      // Returns a function that takes the listener away.
      onChange(name, listener) {
        listeners.set(name, new Set(listeners.get(name)).add(listener));
        return () => listeners.get(name).delete(listener);
      },
      [DISPLAY]: () => ({
        'application/vnd.jupyter.widget-view+json': { version_major: 2, version_minor: 1, model_id: opened.id },
        'text/plain': 'a widget, which this front end does not show',
      }),
    };
  };

  // What `%timeit`, `%npm` and `!` run.
  const timeit = async (run) => {
    let runs = 1;
    for (;;) {
      const begun = performance.now();
      for (let index = 0; index < runs; index++) await run();
      const took = performance.now() - begun;
      if (took > 200 || runs >= 1e7) {
        const each = took / runs;
        const text = each >= 1 ? `${each.toFixed(3)} ms` : each >= 1e-3 ? `${(each * 1e3).toFixed(3)} µs` : `${(each * 1e6).toFixed(1)} ns`;
        console.log(`${text} each, of ${runs} runs`);
        return;
      }
      runs *= took > 20 ? Math.ceil(250 / took) : 10;
    }
  };
  // Resolves to how the program ended, in words; to nothing if it succeeded.
  const shell = (words) => new Promise((resolve, reject) => {
    const [program, ...rest] = words;
    const child = require_('child_process').spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (text) => process.stdout.write(text));
    child.stderr.on('data', (text) => process.stderr.write(text));
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status === 0 ? undefined : signal ? `signal: ${signal}` : `exit status: ${status}`));
  });
  const run = async (words) => {
    const ended = await shell(words);
    if (ended !== undefined) throw new Error(`${words.join(' ')} failed with ${ended}`);
  };
  const npm = (words) => run(['npm', ...words]);

  // The interfaces of other kernels.
  const raw = (mime) => (content) => {
    display({ [mime]: content }, { raw: true });
  };
  const tslab = {
    display: {
      html: raw('text/html'), markdown: raw('text/markdown'), svg: raw('image/svg+xml'), latex: raw('text/latex'),
      text: raw('text/plain'), javascript: raw('application/javascript'), png: raw('image/png'), jpeg: raw('image/jpeg'),
      gif: raw('image/gif'), pdf: raw('application/pdf'), raw: (mime, content) => raw(mime)(content),
    },
    newDisplay() {
      const id = newId('display');
      let begun = false;
      const show = (mime) => (content) => {
        display({ [mime]: content }, { raw: true, id, update: begun });
        begun = true;
      };
      return {
        html: show('text/html'), markdown: show('text/markdown'), svg: show('image/svg+xml'), latex: show('text/latex'),
        text: show('text/plain'), javascript: show('application/javascript'), png: show('image/png'),
        jpeg: show('image/jpeg'), gif: show('image/gif'), raw: (mime, content) => show(mime)(content),
      };
    },
  };
  const deno = {
    $display: DISPLAY, display, html, md, svg, image,
    format: async (value) => (await shown(value).data) ?? { 'text/plain': inspect(value) },
    async broadcast(kind, content, { metadata, buffers } = {}) {
      if (kind === 'display_data' || kind === 'update_display_data') {
        const { data, metadata, transient } = content;
        return display(data, { raw: true, metadata, id: transient?.display_id, update: kind === 'update_display_data' });
      }
      if (kind === 'clear_output') return clearOutput(content.wait);
      if (kind.startsWith('comm_')) return send(kind, { ...content, metadata, buffers });
      throw new TypeError(`a message ${JSON.stringify(kind)} cannot be broadcast here`);
    },
  };
  const ijavascript = {
    async: () => {}, done: () => {}, sendResult: display, display: (id) => ({ ...mimes(id) }), mime: (data) => display(data, { raw: true }),
    ...mimesOf((mime) => raw(mime)),
  };
  function mimesOf(show) {
    return { html: show('text/html'), svg: show('image/svg+xml'), png: show('image/png'), jpeg: show('image/jpeg'), text: show('text/plain') };
  }
  function mimes(id) {
    let begun = false;
    return mimesOf((mime) => (content) => {
      display({ [mime]: content }, { raw: true, id, update: begun });
      begun = true;
    });
  }

  define(globalThis, {
    display, html, md, svg, latex, json, js, progress, clearOutput, $$: ijavascript,
    Jupyter: { display, html, md, svg, latex, json, js, image, progress, clearOutput, comm, widget, tslab, deno },
  });
  Object.assign(jupyter, { listen, timeit, npm, run, shell: async (words) => {
    const ended = await shell(words);
    if (ended !== undefined) console.error(ended);
  } });
  // If an interrupt hits this, it is evaluated again.
  Object.defineProperty(globalThis, Symbol.for('drupe.jupyter'), { value: jupyter, configurable: true });
})();
