// Streamable HTTP: tokens, origins, both eras, and handles that belong to their callers.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { ERAS, connect, serve } from './support.js';

const TOKENS = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210'];

test('a request needs a token, and a web page an origin that is allowed', async (context) => {
  const server = await serve('--allow-origin', 'https://app.example:443');
  context.after(server.stop);
  const post = (headers) =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } } }),
    });
  const known = { Authorization: `Bearer ${server.token}` };
  assert.equal((await post({})).status, 401);
  assert.equal((await post({ Authorization: 'Bearer wrong' })).status, 401);
  assert.equal((await post({ ...known, Origin: 'https://evil.example' })).status, 403);
  assert.equal((await post({ ...known, Origin: 'https://app.example' })).status, 200);
  assert.equal((await post(known)).status, 200);
  assert.equal((await fetch(new URL('/', server.url))).status, 404);
});

test('a browser is told before it sends a token which pages may call', async (context) => {
  const server = await serve('--allow-origin', 'https://app.example:443');
  context.after(server.stop);
  const headers = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization, content-type, mcp-method' };
  const preflight = (Origin) => fetch(server.url, { method: 'OPTIONS', headers: { ...headers, Origin } });
  const good = await preflight('https://app.example');
  assert.deepEqual([good.status, good.headers.get('access-control-allow-origin'), good.headers.get('vary')], [204, 'https://app.example', 'Origin']);
  assert.match(good.headers.get('access-control-allow-methods'), /\bPOST\b/);
  const allowed = good.headers.get('access-control-allow-headers').toLowerCase().split(', ');
  const sent = ['authorization', 'content-type', 'accept', 'mcp-session-id', 'mcp-protocol-version', 'last-event-id', 'mcp-method', 'mcp-name'];
  assert.deepEqual(sent.filter((name) => !allowed.includes(name)), []);
  const bad = await preflight('https://evil.example');
  assert.deepEqual([bad.status, bad.headers.get('access-control-allow-origin'), bad.headers.get('vary')], [403, null, 'Origin']);
  // The page can read other answers too, a refusal included.
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } } });
  const post = (more) =>
    fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...more } });
  const refused = await post({ Origin: 'https://app.example' });
  assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [401, 'https://app.example']);
  const begun = await post({ Origin: 'https://app.example', Authorization: `Bearer ${server.token}` });
  assert.deepEqual([begun.status, begun.headers.get('access-control-allow-origin')], [200, 'https://app.example']);
  assert.match(begun.headers.get('access-control-expose-headers'), /Mcp-Session-Id/);
  assert.ok(begun.headers.get('mcp-session-id'));
  await begun.body.cancel();
  const plain = await post({});
  assert.deepEqual([plain.status, plain.headers.get('access-control-allow-origin')], [401, null]);
});

for (const era of ERAS) {
  test(`${era}: a handle of another caller is refused by the words for an unknown one`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'drupe-mcp-'));
    const file = join(folder, 'tokens');
    writeFileSync(file, TOKENS.join('\n'));
    const server = await serve('--token-file', file);
    context.after(async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    });
    const [one, other] = await Promise.all(TOKENS.map((token) => connect(context, era, { url: server.url, token })));
    const secret = await one.tool('js_run', { code: 'const secret = 7; Array(200).fill(0)' });
    assert.equal((await one.tool('js_run', { session: secret.session, code: 'secret' })).value, 7);
    const words = (told, handle) => {
      assert.deepEqual([told.status, told.refusal.code], ['refused', 'unknown_handle']);
      return told.message.replace(handle, 'HANDLE');
    };
    const calls = [
      ['js_run', { code: 'secret' }, 'session', secret.session],
      ['js_wait', {}, 'run', secret.run],
      ['js_interrupt', {}, 'run', secret.run],
      ['js_sessions', { action: 'close' }, 'session', secret.session],
      ['js_inspect', { what: 'names' }, 'session', secret.session],
      ['js_inspect', { what: 'page' }, 'handle', secret.result_handle],
    ];
    for (const [name, args, key, handle] of calls) {
      const unknown = `${handle[0]}-${'0'.repeat(32)}`;
      const refused = words(await other.tool(name, { ...args, [key]: handle }), handle);
      assert.equal(refused, words(await other.tool(name, { ...args, [key]: unknown }), unknown), name);
    }
    assert.deepEqual((await other.tool('js_sessions', { action: 'list' })).sessions, []);
    assert.equal((await one.tool('js_sessions', { action: 'list' })).sessions.length, 1);
  });

  test(`${era}: a run that goes on is waited for, a loop cancelled, a person asked, over HTTP`, async (context) => {
    const server = await serve('--ask=read');
    context.after(server.stop);
    const person = async () => ({ action: 'accept', content: { decision: 'session', answer: 'yes' } });
    const client = await connect(context, era, server, person);
    const slow = await client.tool('js_run', { code: 'await new Promise(done => setTimeout(done, 500)); "there"', yield_ms: 50 });
    assert.equal(slow.status, 'running');
    assert.equal((await client.tool('js_wait', { run: slow.run })).value, 'there');
    const { session } = slow;
    const asked = await client.tool('js_run', { session, code: `[prompt('?'), require('fs').readFileSync('/etc/passwd').length > 0]` });
    assert.deepEqual(asked.value, ['yes', true], asked.notice);
    const cancel = new AbortController();
    const loop = client.tool('js_run', { session, code: 'var going = 1; console.log("going"); for (;;);' }, {
      signal: cancel.signal,
      onprogress: () => cancel.abort('enough'),
    });
    await assert.rejects(loop);
    assert.equal((await client.tool('js_run', { session, code: 'going' })).value, 1);
  });
}
