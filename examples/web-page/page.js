// Runs the text of a page in a kernel of `drupe serve --listen`, by the JSON of protocol/SERVE.md over a WebSocket.
// The first half keeps the connection; the second half is the page.

/** What the page asks of a kernel. It lives on for a minute without a page, so that a reload finds it. */
const KERNEL = { name: 'web page', vm_timeout_ms: 60_000, console_limit: 4_000_000, on_disconnect: 'keep', linger_ms: 60_000 };
const FIRST_PAUSE = 250, LONGEST_PAUSE = 8000;

/** A kernel, by a connection that is made again when it is lost. `told` is called with each event, and each change of state. */
class Kernel {
  #socket;
  #asked = 0;
  #waiting = new Map(); // what to do with the answer to each request, by its id
  #runs = new Map(); // the runs that the server may not know yet, by their tags
  #seq = 0;
  #pause = FIRST_PAUSE;
  #retry;

  constructor(address, token, id, told) {
    Object.assign(this, { address, token, id, told, isReady: false });
    this.#connect();
  }

  /** Runs source text. Resolves to its number; its events are told. Text that was sent is never run twice. */
  run(code) {
    const tag = crypto.randomUUID?.() ?? String(Math.random());
    return new Promise((resolve, reject) => {
      this.#runs.set(tag, { code, resolve, reject });
      if (this.isReady) this.#sendRun(tag);
    });
  }

  /** Sends a request, and resolves to the body of its reply. */
  ask(name, fields = {}) {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send(name, { id, kernel: this.id, ...fields });
    });
  }

  /** Leaves the server for good. */
  leave() {
    clearTimeout(this.#retry);
    if (this.#socket) this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket?.close();
    this.isReady = false;
  }

  #send(name, body) {
    this.#socket.send(JSON.stringify([name, body]));
  }

  async #sendRun(tag) {
    const { code, resolve, reject } = this.#runs.get(tag);
    try {
      const { run } = await this.ask('run', { code, tag, value_limit: 0 });
      this.#runs.delete(tag);
      resolve(run);
    } catch (error) {
      if (error.code === 'lost') return; // It is sent again.
      this.#runs.delete(tag);
      reject(error);
    }
  }

  #connect() {
    this.told({ type: 'state', text: 'connecting …' });
    this.#socket = new WebSocket(this.address);
    this.#socket.onopen = () => this.#send('hello', { versions: [1], token: this.token, client: 'web page' });
    this.#socket.onmessage = ({ data }) => this.#take(...JSON.parse(data));
    this.#socket.onclose = () => this.#lost();
  }

  #take(name, body) {
    if (name === 'welcome') return void this.#begin();
    if (name === 'refused') {
      this.leave();
      this.told({ type: 'refused', text: body.message });
    } else if (name === 'event') {
      this.#seq = body.seq;
      this.told(body);
    } else if (name === 'missed') {
      this.#seq = body.last;
      this.told({ type: 'missed', ...body });
    } else if (name === 'closed') {
      this.isReady = false;
      if (body.reason !== 'shutdown') void this.#begin(); // Another client has closed it.
    } else if (this.#waiting.has(body.id)) {
      const { resolve, reject } = this.#waiting.get(body.id);
      this.#waiting.delete(body.id);
      if (name === 'reply') resolve(body);
      else reject(Object.assign(new Error(body.message), { code: body.code }));
    }
  }

  /** Attaches to the kernel that there was, or opens one. */
  async #begin() {
    try {
      const isNew = !(await this.#attach()), isOther = isNew && this.id !== undefined;
      if (isNew) {
        this.id = (await this.ask('open', KERNEL)).kernel;
        this.#seq = 0;
      }
      this.isReady = true;
      this.#pause = FIRST_PAUSE;
      this.told({ type: 'ready', isOther });
      // Nobody knows whether the kernel that is gone has run them.
      if (isOther) for (const run of this.#runs.values()) run.reject(new Error('the server is gone, perhaps before this run'));
      if (isOther) this.#runs.clear();
      for (const tag of this.#runs.keys()) void this.#sendRun(tag);
    } catch (error) {
      if (error.code === 'lost') return; // It begins again.
      this.leave();
      this.told({ type: 'refused', text: error.message });
    }
  }

  async #attach() {
    try {
      if (this.id !== undefined) await this.ask('attach', { after: this.#seq });
      return this.id !== undefined;
    } catch (error) {
      if (error.code !== 'unknown_kernel') throw error;
      return false;
    }
  }

  #lost() {
    this.isReady = false;
    for (const { reject } of this.#waiting.values()) reject(Object.assign(new Error('the connection is lost'), { code: 'lost' }));
    this.#waiting.clear();
    // A browser does not tell a page why.
    const advice = `is the server running, with --allow-origin ${location.origin}?`;
    this.told({ type: 'state', text: `no connection to ${this.address}: ${advice}` });
    this.#retry = setTimeout(() => this.#connect(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }
}

/** What no run has caused stands where its output would stand. */
const NO_RUN = 0;
const MOST_PIECES = 1000, LONGEST_PIECE = 10_000, MOST_RUNS = 100, MOST_NAMES = 60;
const page = Object.fromEntries([...document.querySelectorAll('[id]')].map((element) => [element.id, element]));
const views = new Map(); // what the page shows of each run, by its number
const changed = new Set();
let kernel, timer;

/** What a program prints is text. It never becomes markup. */
function element(name, className = '', text = '') {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

function viewOf(number) {
  let view = views.get(number);
  if (!view) {
    const [article, more] = [element('article'), element('div', 'note')];
    const [source, output, end] = [element('pre', 'source', number === NO_RUN ? '' : `run ${number}`), element('pre', 'output'), element('pre', 'end')];
    article.append(source, more, output, end);
    page.runs.append(article);
    view = { source, more, output, end, pieces: [], dropped: 0, isOver: number === NO_RUN };
    views.set(number, view);
    if (page.runs.childElementCount > MOST_RUNS) page.runs.firstElementChild.remove();
    if (views.size > MOST_RUNS) views.delete(views.keys().next().value);
  }
  return view;
}

/** Adds a piece of text to a run. The page changes at most 20 times a second, and shows the latest pieces. */
function print(view, text, kind) {
  const left = text.length - LONGEST_PIECE;
  view.pieces.push([left > 0 ? `${text.slice(0, LONGEST_PIECE)} … ${left} more characters\n` : text, kind]);
  if (view.pieces.length > 2 * MOST_PIECES) view.dropped += view.pieces.splice(0, MOST_PIECES).length;
  changed.add(view);
  timer ??= setTimeout(show, 50);
}

function show() {
  timer = undefined;
  const isAtEnd = innerHeight + scrollY >= document.body.scrollHeight - 50;
  for (const view of changed) {
    view.output.append(...view.pieces.splice(0).map(([text, kind]) => element('span', kind, text)));
    for (; view.output.childElementCount > MOST_PIECES; view.dropped++) view.output.firstElementChild.remove();
    view.more.textContent = view.dropped > 0 ? `${view.dropped} earlier outputs are not shown` : '';
  }
  changed.clear();
  if (isAtEnd) scrollTo(0, document.body.scrollHeight);
  showState();
}

function showState(text) {
  const isReady = kernel?.isReady ?? false, isBusy = [...views.values()].some((view) => !view.isOver);
  page.run.disabled = page.reset.disabled = !isReady;
  page.interrupt.disabled = !isReady || !isBusy;
  page.server.hidden = isReady;
  page.tab.hidden = !isReady;
  if (text !== undefined) page.state.textContent = text;
}

/** Whether a call of the console prints nothing. */
function isSilent({ method, text = '', args = [] }) {
  if (method === 'group' || method === 'group_collapsed') return args.length === 0;
  return method === 'group_end' || method === 'clear' || (method === 'time' && text === '');
}

/** Takes an event of the kernel, or of the connection. */
function take(event) {
  const { type, text = '' } = event;
  if (type === 'state' || type === 'refused') return showState(text);
  if (type === 'ready') return ready(event);
  if (type === 'missed') return missed(event);
  const view = viewOf(event.run ?? NO_RUN);
  if (type === 'started') return showState(); // Another tab may have sent it.
  if (type === 'console') {
    if (isSilent(event)) return;
    const cut = event.cut_bytes ? ` … ${event.cut_bytes} more bytes` : '';
    print(view, `${text.replace(/^/gm, '  '.repeat(Math.min(event.depth ?? 0, 32)))}${cut}\n`, event.level);
  } else if (type === 'output') {
    print(view, text, event.stream === 'stderr' ? 'warning' : '');
  } else if (type === 'exception') {
    print(view, `Uncaught ${text}\n`, 'error');
  } else if (type === 'session' && event.reason !== 'spawned') {
    print(view, `a new session: the variables are lost (${event.reason})\n`, 'note');
  } else if (type === 'outcome' || type === 'error') {
    end(view, event);
  }
}

/** The server has forgotten events that this page was too slow to read. */
function missed({ first, last, ended = [] }) {
  print(viewOf(NO_RUN), `${last - first + 1} events are missing\n`, 'note');
  for (const run of ended) end(viewOf(run), { message: 'the end of this run is missing' });
}

function end(view, event) {
  const { outcome = 'error', text, exception, message, cause, dropped_events: dropped } = event;
  view.isOver = true;
  view.end.className = outcome === 'value' ? 'end value' : 'end error';
  const thrown = exception && `Uncaught ${exception.text ?? exception.message}`;
  view.end.textContent = outcome === 'value' ? text ?? '' : thrown ?? `${message ?? outcome}${cause ? ` (${cause})` : ''}`;
  if (dropped) print(view, `${dropped} more outputs were dropped\n`, 'note');
  changed.add(view);
  show();
}

/** Another kernel follows, whose runs are numbered from 1, too. */
function endViews() {
  for (const view of views.values()) if (!view.isOver) end(view, { message: 'the kernel is gone, and this run with it' });
  views.clear();
}

function ready({ isOther }) {
  if (isOther) endViews();
  const { address, token, id } = kernel, place = new URLSearchParams({ server: address, token, kernel: id });
  sessionStorage.setItem('place', String(place));
  page.tab.href = `#${place}`;
  showState(isOther ? 'a new kernel: the variables are lost' : 'connected');
}

function connect(address, token, id) {
  kernel?.leave();
  endViews();
  page.address.value = address;
  try {
    kernel = new Kernel(address, token, id, take);
  } catch (error) {
    showState(error.message); // It is no address of a WebSocket.
  }
}

async function run() {
  const code = page.code.value;
  try {
    const view = viewOf(await kernel.run(code));
    view.source.textContent = code;
  } catch (error) {
    showState(error.message);
  }
  showState();
}

async function complete() {
  const { value: code, selectionStart: cursor } = page.code;
  const { start, end, items = [] } = await kernel.ask('complete', { code, cursor });
  if (page.code.value !== code) return;
  const insert = (name) => {
    page.code.setRangeText(name, start, end, 'end');
    page.names.replaceChildren();
    page.code.focus();
  };
  if (items.length === 1) return insert(items[0].name);
  const buttons = items.slice(0, MOST_NAMES).map(({ name }) => Object.assign(element('button', '', name), { onclick: () => insert(name) }));
  page.names.replaceChildren(...buttons);
}

/** Asks the kernel. What fails is told in the state. */
const asking = (work) => () => kernel?.isReady && work().catch((error) => showState(error.message));

page.run.onclick = run;
page.interrupt.onclick = asking(() => kernel.ask('interrupt'));
page.reset.onclick = asking(() => kernel.ask('reset'));
page.code.oninput = () => page.names.replaceChildren();
page.code.onkeydown = (event) => {
  const work = event.ctrlKey && { Enter: () => page.run.click(), ' ': asking(complete) }[event.key];
  if (!work) return;
  event.preventDefault();
  work();
};
page.server.onsubmit = (event) => {
  event.preventDefault();
  connect(page.address.value, page.token.value);
};

// The place behind `#` holds the token: it leaves the address bar, and stays with this tab.
const given = new URLSearchParams(location.hash.slice(1)), kept = new URLSearchParams(sessionStorage.getItem('place') ?? '');
const place = given.has('server') ? given : kept;
history.replaceState(null, '', location.pathname + location.search);
showState('');
if (place.has('server')) connect(place.get('server'), place.get('token') ?? '', place.get('kernel') ?? undefined);
