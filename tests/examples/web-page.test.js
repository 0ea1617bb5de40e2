// The web page, in Chromium, against a real server.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before } from 'node:test';

import { Browser, CHROMIUM } from './chromium.js';
import { at, isStrict, kernelsOf, serve, serveFiles, test } from './support.js';

/** The picture that docs/EMBEDDING.md shows. */
const PICTURE = at('docs/web-page.png');
const skip = !CHROMIUM && !isStrict && 'there is no Chromium';
const CONTROL = 2;
const { Server } = await import(at('client/typescript/dist/esm/index.js'));

let browser;
before(async () => { if (!skip) browser = await Browser.start(); });
after(async () => { await browser?.close(); });

/** The page, connected. */
async function open(context, { fragment, ...window } = {}) {
  const origin = await serveFiles(context, at('examples/web-page')), server = await serve(context, '--allow-origin', origin);
  const place = fragment ?? `#server=ws://127.0.0.1:${server.port}&token=${server.token}`;
  const page = await browser.open(origin + place, window);
  context.after(() => page.close());
  if (fragment === undefined) await page.until(CONNECTED);
  return { page, server, origin };
}

const CONNECTED = "document.querySelector('#state').innerText === 'connected'";
const ended = (number) => `[...document.querySelectorAll('.end')].filter((end) => end.innerText !== '').length >= ${number}`;

/** Types and runs a text, and waits for the run that it is. */
async function run(page, code) {
  const count = await page.evaluate("document.querySelectorAll('article').length");
  await page.fill('#code', code);
  await page.click('#run');
  await page.until(`document.querySelectorAll('article').length > ${count}`);
}

const last = (page, part) => page.evaluate(`[...document.querySelectorAll('.${part}')].at(-1).innerText`);
const idle = "document.querySelector('#interrupt').disabled && !document.querySelector('#run').disabled";

test('a session: values, output, errors, completion, a loop that is interrupted; and its picture', { skip }, async (context) => {
  const { page } = await open(context, { width: 860, height: 650, scale: 1.25 });
  await run(page, "type Reading = { place: string, degrees: number }\nconst readings: Reading[] = [{ place: 'roof', degrees: 31.5 }, { place: 'cellar', degrees: 14 }]\nreadings");
  await page.until(idle);
  assert.match(await last(page, 'end'), /place: 'roof', degrees: 31\.5/);
  await run(page, "for (const { place, degrees } of readings) {\n  console.log(place, degrees)\n  await new Promise((resume) => setTimeout(resume, 50))\n}\nconsole.warn('that was all')");
  await page.until(idle);
  assert.equal((await last(page, 'output')).trim(), 'roof 31.5\ncellar 14\nthat was all');
  await run(page, 'readings.mop()');
  await page.until(ended(3));
  assert.match(await last(page, 'end'), /^Uncaught TypeError: readings\.mop is not a function/);
  await run(page, "let laps = 0\nconsole.log('off we go')\nwhile (true) laps++");
  await page.until("[...document.querySelectorAll('.output')].at(-1).innerText.includes('off we go')");
  await page.click('#interrupt');
  await page.until(ended(4));
  assert.match(await last(page, 'end'), /nterrupted/);
  await page.fill('#code', 'readings.fi');
  await page.press(' ', 32, CONTROL);
  await page.until("[...document.querySelectorAll('#names button')].some((button) => button.innerText === 'filter')");
  const picture = await page.picture();
  assert.deepEqual(page.faults, []);
  checkPicture(picture);
  await page.click('#names button:nth-of-type(2)');
  assert.match(await page.evaluate("document.querySelector('#code').value"), /^readings\.fi\w+$/);
  await run(page, 'laps > 0');
  await page.until(ended(5));
  assert.equal(await last(page, 'end'), 'true');
});

/** The picture in the docs is of this page, and small. DRUPE_BLESS=1 takes it anew. */
function checkPicture(picture) {
  if (process.env.DRUPE_BLESS) writeFileSync(PICTURE, picture);
  const shown = readFileSync(PICTURE), sizeOf = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];
  assert.equal(shown.toString('latin1', 1, 4), 'PNG');
  assert.deepEqual(sizeOf(shown), sizeOf(picture), 'the picture is of another page: DRUPE_BLESS=1 takes it anew');
  assert.ok(shown.length < 150_000, `${shown.length} bytes`);
}

test('what a program prints stays text', { skip }, async (context) => {
  const { page } = await open(context);
  const markup = '<img src=x onerror="document.title = 1"><script>document.title = 2</script><b>bold</b>';
  await run(page, `console.log(${JSON.stringify(markup)}); console.error(${JSON.stringify(markup)}); throw new Error(${JSON.stringify(markup)})`);
  await page.until(ended(1));
  await run(page, `({ [${JSON.stringify(markup)}]: ${JSON.stringify(`${markup}</pre></article>`)} })`);
  await page.until(ended(2));
  assert.equal(await page.evaluate("document.querySelectorAll('main img, main script, main b').length"), 0);
  assert.equal(await page.evaluate('document.title'), 'drupe in a web page');
  assert.ok((await page.text('.output')).includes(markup));
  // A name that a program chose is completed as text, too.
  await run(page, `globalThis[${JSON.stringify(markup)}] = 1; globalThis.thing = { [${JSON.stringify(markup)}]: 1, a: 2 }; 0`);
  await page.until(ended(3));
  await page.fill('#code', 'thing.');
  await page.press(' ', 32, CONTROL);
  await page.until("document.querySelectorAll('#names button').length > 0 || document.querySelector('#code').value !== 'thing.'");
  assert.equal(await page.evaluate("document.querySelectorAll('#names img').length"), 0);
  assert.deepEqual(page.faults, []);
});

test('20,000 lines of output: the latest are shown, and the page answers', { skip }, async (context) => {
  const { page } = await open(context);
  await run(page, 'for (let i = 0; i < 20000; i++) console.log("row", i); "done"');
  await page.until(ended(1));
  assert.equal(await last(page, 'end'), "'done'");
  assert.equal(await page.evaluate("document.querySelectorAll('.output span').length"), 1000);
  assert.match(await last(page, 'output'), /row 19999\n?$/);
  assert.equal(await page.text('.note'), '19000 earlier outputs are not shown');
  await run(page, 'process.stdout.write("x".repeat(100000)); 1');
  await page.until(ended(2));
  const long = await last(page, 'output');
  assert.match(long, /^x{10000} … \d+ more characters\n/, long.replace(/x{10,}/g, (all) => `[${all.length}]`));
  // Without end, too.
  await run(page, 'while (true) console.log("again")');
  await page.until("document.querySelectorAll('article')[2]?.querySelector('.output').innerText.includes('again')");
  await page.click('#interrupt');
  await page.until(ended(3));
  assert.deepEqual(page.faults, []);
});

test('a wrong token is told, and the right one connects', { skip }, async (context) => {
  const { page, server } = await open(context);
  await page.go('about:blank');
  const origin = await serveFiles(context, at('examples/web-page')), other = await serve(context, '--allow-origin', origin);
  await page.go(`${origin}/#server=ws://127.0.0.1:${other.port}&token=${server.token}`);
  await page.until("document.querySelector('#state').innerText.includes('token')");
  assert.equal(await page.evaluate('location.hash'), '', 'the token stays in the address bar');
  assert.equal(await page.evaluate("document.querySelector('#run').disabled"), true);
  await page.fill('#token', other.token);
  await page.click('#server button');
  await page.until(CONNECTED);
  await run(page, '6 * 7');
  await page.until(ended(1));
  assert.equal(await last(page, 'end'), '42');
});

test('a page of another origin is refused, and a wrong address is told', { skip }, async (context) => {
  const origin = await serveFiles(context, at('examples/web-page')), server = await serve(context, '--allow-origin', 'http://127.0.0.1:1');
  const page = await browser.open(`${origin}/#server=ws://127.0.0.1:${server.port}&token=${server.token}`);
  context.after(() => page.close());
  await page.until(`document.querySelector('#state').innerText.includes('--allow-origin ${origin}')`);
  await page.fill('#address', 'nonsense:');
  await page.fill('#token', 'x');
  await page.click('#server button');
  await page.until("!document.querySelector('#state').innerText.includes('--allow-origin')");
  assert.equal(await page.evaluate("document.querySelector('#run').disabled"), true);
  const right = await serve(context, '--allow-origin', origin);
  await page.fill('#address', `ws://127.0.0.1:${right.port}`);
  await page.fill('#token', right.token);
  await page.click('#server button');
  await page.until(CONNECTED);
});

test('two tabs share a kernel, and see the same', { skip }, async (context) => {
  const { page } = await open(context);
  await run(page, 'let shared = 1; console.log("from the first"); shared');
  await page.until(ended(1));
  const other = await browser.open(await page.evaluate("document.querySelector('#tab').href"));
  context.after(() => other.close());
  await other.until(`${CONNECTED} && ${ended(1)}`);
  assert.equal((await last(other, 'output')).trim(), 'from the first');
  await run(other, 'console.log("from the second"); ++shared');
  await page.until(ended(2));
  assert.equal(await last(page, 'end'), '2');
  assert.equal((await last(page, 'output')).trim(), 'from the second');
  // One stops what the other has started.
  await run(page, 'while (true) {}');
  await other.until("document.querySelectorAll('article').length === 3");
  await other.click('#interrupt');
  await page.until(ended(3));
  assert.match(await last(page, 'end'), /nterrupted/);
  assert.deepEqual([...page.faults, ...other.faults], []);
});

test('a reload finds the kernel again', { skip }, async (context) => {
  const { page } = await open(context);
  await run(page, 'let kept = 41; console.log("printed before")');
  await page.until(idle);
  await page.reload();
  await page.until(`${CONNECTED} && document.querySelector('.output')?.innerText.includes('printed before')`);
  await run(page, 'kept + 1');
  await page.until(ended(2));
  assert.equal(await last(page, 'end'), '42');
});

test('events that the server has forgotten are told, and no run is left open', { skip }, async (context) => {
  const { page, server, origin } = await open(context);
  const client = await Server.connect({ host: '127.0.0.1', port: server.port, token: server.token });
  context.after(() => client.close());
  const kernel = await client.open({ journalLimit: 4096, lingerMs: 60_000 });
  await kernel.run('"the first"');
  await kernel.run('for (let i = 0; i < 1000; i++) console.log("row", i); "the second"');
  await page.go('about:blank');
  await page.go(`${origin}/#server=ws://127.0.0.1:${server.port}&token=${server.token}&kernel=${kernel.id}`);
  await page.until(`${CONNECTED} && /\\d+ events are missing/.test(document.querySelector('.output').innerText)`);
  await page.until(`document.querySelector('#runs').innerText.includes('the second') && ${idle}`);
  assert.match(await page.text('#runs'), /the end of this run is missing/);
});

test('a kernel that is killed costs its run and the variables, and is told', { skip }, async (context) => {
  const { page, server } = await open(context);
  await run(page, 'let kept = 1; console.log("runs"); while (true) {}');
  await page.until("document.querySelector('.output').innerText.includes('runs')");
  const [kernel] = kernelsOf(server.pid);
  process.kill(kernel, 'SIGKILL');
  await page.until(ended(1));
  assert.match(await last(page, 'end'), /\(signal\)$/);
  await run(page, 'typeof kept');
  await page.until(ended(2));
  assert.equal(await last(page, 'end'), "'undefined'");
  assert.match(await last(page, 'output'), /the variables are lost/);
});

test('a kernel that another client closes is told, and the page gets another', { skip }, async (context) => {
  const { page, server } = await open(context);
  await run(page, 'let kept = 1; console.log("runs"); while (true) {}');
  await page.until("document.querySelector('.output').innerText.includes('runs')");
  const client = await Server.connect({ host: '127.0.0.1', port: server.port, token: server.token });
  context.after(() => client.close());
  const [{ kernel }] = await client.list();
  await (await client.attach(kernel)).close();
  await page.until("document.querySelector('#state').innerText === 'a new kernel: the variables are lost'");
  await page.until(ended(1));
  await run(page, 'typeof kept');
  await page.until(ended(2));
  assert.equal(await last(page, 'end'), "'undefined'");
  assert.deepEqual(page.faults, []);
});

test('what the server does not grant is told', { skip }, async (context) => {
  const origin = await serveFiles(context, at('examples/web-page')), server = await serve(context, '--allow-origin', origin, '--max-kernels', '1');
  const place = `${origin}/#server=ws://127.0.0.1:${server.port}&token=${server.token}`;
  const first = await browser.open(place), second = await browser.open(place);
  context.after(() => Promise.all([first.close(), second.close()]));
  const refused = (page) => page.evaluate("document.querySelector('#run').disabled");
  await Promise.any([first.until(CONNECTED), second.until(CONNECTED)]);
  const other = (await refused(first)) ? first : second;
  await other.until("/kernels/.test(document.querySelector('#state').innerText)");
});

test('a server that is gone is told, and the next one is found', { skip }, async (context) => {
  const { page, server, origin } = await open(context);
  await run(page, 'let kept = 1; while (true) {}');
  await server.stop('SIGKILL');
  await page.until("document.querySelector('#state').innerText.startsWith('no connection')");
  assert.equal(await page.evaluate("document.querySelector('#run').disabled"), true);
  // Another server, at another address: the page asks for it.
  const next = await serve(context, '--allow-origin', origin);
  await page.fill('#address', `ws://127.0.0.1:${next.port}`);
  await page.fill('#token', next.token);
  await page.click('#server button');
  await page.until(`${CONNECTED} || document.querySelector('#state').innerText.includes('variables are lost')`);
  await run(page, 'typeof kept');
  await page.until(`[...document.querySelectorAll('.end')].at(-1).innerText === "'undefined'"`);
});

test('a connection that is lost is made again, and nothing is missing or run twice', { skip }, async (context) => {
  const { page, server } = await open(context);
  await run(page, 'let ticks = 0; const timer = setInterval(() => console.log("tick", ++ticks), 20); 0');
  await page.until(ended(1));
  await page.until("document.querySelector('.output').innerText.includes('tick 3')");
  // The page loses its socket as if the network had; a run is sent meanwhile.
  await page.evaluate(`(() => {
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (text) {
      send.call(this, text);
      if (JSON.parse(text)[0] === 'run') { this.close(); WebSocket.prototype.send = send; }
    };
  })()`);
  await page.fill('#code', 'clearInterval(timer); globalThis.times = (globalThis.times ?? 0) + 1; ticks');
  await page.click('#run');
  await page.until(ended(2));
  const ticks = Number(await last(page, 'end'));
  // Output of timers may be numbered a little later.
  await page.until(`document.querySelector('.output').innerText.includes('tick ${ticks}\\n')`);
  const lines = (await page.text('.output')).trim().split('\n');
  assert.deepEqual(lines, Array.from({ length: ticks }, (_, index) => `tick ${index + 1}`));
  await run(page, 'times');
  await page.until(ended(3));
  assert.equal(await last(page, 'end'), '1');
});
