// The command line of the official inspector: each call is a process and a connection of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';

import { DRUPE, PIXEL, serve, told } from './support.js';

const INSPECTOR = new URL('node_modules/.bin/mcp-inspector', import.meta.url).pathname;
const run = promisify(execFile);

/** A folder for the inspector's files. */
function home(context) {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-inspector-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What the inspector prints for a method. It fails where a tool does. */
async function inspect(folder, server, ...args) {
  const env = { ...process.env, HOME: folder, MCP_INSPECTOR_SECRET_STORE: 'memory' };
  const done = await run(INSPECTOR, ['--cli', ...server, ...args], { env }).catch((failed) => failed);
  return { answer: JSON.parse(done.stdout), stderr: done.stderr };
}

test('the inspector lists the tools, and finds nothing about their schemas', async (context) => {
  const folder = home(context);
  const config = join(folder, 'mcp.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { drupe: { command: DRUPE, args: ['mcp'] } } }));
  const { answer, stderr } = await inspect(folder, ['--config', config, '--server', 'drupe'], '--method', 'tools/list', '--strict');
  assert.equal(answer.tools.length, 5);
  assert.doesNotMatch(stderr, /Warning|Issue|Error:/);
});

test('2025-11-25: a session ends with its connection', async (context) => {
  const folder = home(context);
  const call = async (name, args) => {
    const options = ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)];
    return told((await inspect(folder, [DRUPE, 'mcp'], ...options)).answer);
  };
  const ran = await call('js_run', { code: `display(Uint8Array.fromBase64("${PIXEL}")); 6 * 7` });
  assert.deepEqual([ran.value, ran.images[0].data], [42, PIXEL]);
  assert.equal((await call('js_wait', { run: ran.run })).refusal.code, 'unknown_handle');
});

test('2026-07-28: the inspector calls every tool, and handles lead from call to call', async (context) => {
  const folder = home(context);
  const server = await serve();
  context.after(server.stop);
  const where = ['--protocol-era', 'modern', '--server-url', server.url, '--transport', 'http', '--header', `Authorization: Bearer ${server.token}`];
  const call = async (name, args) => {
    const options = ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)];
    return told((await inspect(folder, where, ...options)).answer);
  };
  const { session } = (await call('js_sessions', { action: 'open', profile: 'compute' })).session;
  const slow = await call('js_run', { session, code: 'let n = 1; console.log("going"); for (;;) n = 2', yield_ms: 100 });
  assert.deepEqual([slow.status, slow.state, slow.printed], ['running', 'in_use', 'going\n']);
  assert.equal((await call('js_wait', { run: slow.run, yield_ms: 100 })).status, 'running');
  const stopped = await call('js_interrupt', { session });
  assert.deepEqual([stopped.outcome, stopped.state, stopped.interrupted], ['interrupted', 'kept', true]);
  const names = await call('js_inspect', { what: 'names', session });
  assert.deepEqual(names.names.map((one) => [one.name, one.preview]), [['n', '2']]);
});
