// Chromium without a screen, driven by its DevTools protocol over a pipe: messages are JSON, each ended by a zero byte.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Inbox } from './support.js';

const NAMES = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean);
/** The browser's program, if there is one. */
export const CHROMIUM = NAMES.find((name) => spawnSync(name, ['--version']).status === 0);

/** A browser. Its pages are closed with it. */
export class Browser {
  #child;
  #profile = mkdtempSync(join(tmpdir(), 'drupe-chromium-'));
  #asked = 0;
  #waiting = new Map();
  #rest = '';
  #pages = new Map();

  static async start() {
    if (!CHROMIUM) throw new Error('there is no Chromium: apt-get install chromium');
    const browser = new Browser();
    await browser.ask('Browser.getVersion');
    return browser;
  }

  constructor() {
    // Its own sandbox needs what containers do not have. Only pages of these tests are opened.
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars',
      '--remote-debugging-pipe', `--user-data-dir=${this.#profile}`, 'about:blank'];
    this.#child = spawn(CHROMIUM, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.#child.stdio[3].on('error', () => {});
    this.#child.stdio[4].setEncoding('utf8').on('data', (text) => {
      const messages = (this.#rest + text).split('\0');
      this.#rest = messages.pop();
      for (const message of messages) this.#take(JSON.parse(message));
    });
    this.#child.once('exit', (status) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the browser has ended with ${status}`));
      this.#waiting.clear();
    });
  }

  ask(method, params = {}, sessionId) {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  #take({ id, result, error, method, params, sessionId }) {
    if (id === undefined) return this.#pages.get(sessionId)?.inbox.push({ method, ...params });
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  }

  async open(url, { width = 900, height = 640, scale = 1 } = {}) {
    const { targetId } = await this.ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page((method, params) => this.ask(method, params, sessionId), targetId);
    this.#pages.set(sessionId, page);
    for (const domain of ['Page', 'Runtime', 'Log']) await page.ask(`${domain}.enable`);
    await page.ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false });
    await page.go(url);
    return page;
  }

  /** Ends it with all its processes, which then write to its folder no more. */
  async close() {
    const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null, ended = once(this.#child, 'exit');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    if (!isOver) {
      this.ask('Browser.close').catch(() => {});
      await ended;
    }
    clearTimeout(timer);
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** A page, as a person uses it. */
class Page {
  inbox = new Inbox();

  constructor(ask, targetId) {
    Object.assign(this, { ask, targetId });
  }

  async go(url) {
    const after = this.inbox.all.length;
    const { errorText } = await this.ask('Page.navigate', { url });
    assert.equal(errorText, undefined);
    await this.inbox.find(({ method }) => method === 'Page.loadEventFired', after);
  }

  async reload() {
    const after = this.inbox.all.length;
    await this.ask('Page.reload');
    await this.inbox.find(({ method }) => method === 'Page.loadEventFired', after);
  }

  /** The value of an expression in the page. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    return result.value;
  }

  /** Waits until an expression is true. It is looked at after each change of the page. */
  async until(expression) {
    const code = `new Promise((resolve, reject) => {
      const look = () => { if (${expression}) { observer.disconnect(); clearTimeout(timer); resolve(); } };
      const observer = new MutationObserver(look);
      const timer = setTimeout(() => reject(new Error('it has not come')), 30000);
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      look();
    })`;
    try {
      await this.evaluate(code);
    } catch (error) {
      const says = await this.evaluate('document.body.innerText.slice(-500)');
      throw new Error(`${expression} is not so: ${error.message.split('\n').at(-2)}; the page says: ${says}`);
    }
  }

  /** Clicks where an element is. */
  async click(selector) {
    await this.until(`document.querySelector(${JSON.stringify(selector)}) && !document.querySelector(${JSON.stringify(selector)}).disabled`);
    const [x, y] = await this.evaluate(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { left, top, width, height } = element.getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    })()`);
    const press = { x, y, button: 'left', clickCount: 1 };
    await this.ask('Input.dispatchMouseEvent', { type: 'mousePressed', ...press });
    await this.ask('Input.dispatchMouseEvent', { type: 'mouseReleased', ...press });
  }

  /** Replaces the text of a field. */
  async fill(selector, text) {
    await this.evaluate(`(() => { const field = document.querySelector(${JSON.stringify(selector)}); field.focus(); field.select(); })()`);
    if (text === '') await this.press('Delete', 46);
    else await this.ask('Input.insertText', { text });
  }

  async press(key, code, modifiers = 0) {
    const event = { key, windowsVirtualKeyCode: code, modifiers };
    await this.ask('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event });
    await this.ask('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  text(selector) {
    return this.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`);
  }

  /** A picture of the window, as PNG. */
  async picture() {
    return Buffer.from((await this.ask('Page.captureScreenshot', { format: 'png' })).data, 'base64');
  }

  /** What went wrong in the page: exceptions, and what the browser says of it. */
  get faults() {
    const thrown = this.inbox.all.filter(({ method }) => method === 'Runtime.exceptionThrown').map(({ exceptionDetails }) => exceptionDetails.exception?.description ?? exceptionDetails.text);
    const logged = this.inbox.all.filter(({ method, entry }) => method === 'Log.entryAdded' && entry.level === 'error').map(({ entry }) => entry.text);
    return [...thrown, ...logged];
  }

  async close() {
    await this.ask('Target.closeTarget', { targetId: this.targetId });
  }
}
