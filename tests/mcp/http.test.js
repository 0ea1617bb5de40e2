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

/** A server with two callers. */
async function serveTwo(context, ...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'drupe-mcp-'));
  const file = join(folder, 'tokens');
  writeFileSync(file, TOKENS.join('\n'));
  const server = await serve('--token-file', file, ...flags);
  context.after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  return server;
}

/** Sends a body as it is, and returns the status, the message of the answer, and the connection of the protocol. */
async function send(server, body, headers, method = 'POST') {
  const usual = { Accept: 'application/json, text/event-stream', Authorization: `Bearer ${server.token ?? TOKENS[0]}` };
  if (method === 'POST') usual['Content-Type'] = 'application/json';
  const answer = await fetch(server.url, { method, body, headers: { ...usual, ...headers } });
  const text = await answer.text();
  const data = text.split('\n').findLast((line) => line.startsWith('data:') && line.length > 6)?.slice(5) ?? text;
  let message;
  try {
    message = JSON.parse(data);
  } catch {
    message = undefined;
  }
  return { status: answer.status, message, session: answer.headers.get('mcp-session-id') };
}

const INFO = { name: 'raw', version: '1' };
const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: INFO } };
/** What a request that stands alone says of itself. */
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': INFO,
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
};
const alone = (server, method, params, headers) =>
  send(server, JSON.stringify({ jsonrpc: '2.0', id: 5, method, params: { ...params, _meta: META } }), {
    'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, ...(params.name && { 'Mcp-Name': params.name }), ...headers,
  });

test('a connection of another caller is none, in every verb', async (context) => {
  const server = await serveTwo(context);
  const { session } = await send(server, JSON.stringify(INITIALIZE));
  const as = (token) => ({ 'Mcp-Session-Id': session, Authorization: `Bearer ${TOKENS[token]}` });
  const list = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
  const cancelled = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } });
  const none = { ...as(0), 'Mcp-Session-Id': session.replaceAll(/[0-9a-f]/g, '0') };
  for (const headers of [as(1), none]) {
    assert.equal((await send(server, list, headers)).status, 404);
    assert.equal((await send(server, cancelled, headers)).status, 404);
    assert.equal((await send(server, undefined, headers, 'GET')).status, 404);
    assert.equal((await send(server, undefined, headers, 'DELETE')).status, 404);
  }
  const { status, message } = await send(server, list, as(0));
  assert.deepEqual([status, message.result.tools.length], [200, 5]);
  assert.equal((await send(server, undefined, as(0), 'DELETE')).status, 204); // the SDKs take 200 and 204
  assert.equal((await send(server, list, as(0))).status, 404);
  assert.equal((await send(server, undefined, as(0), 'DELETE')).status, 404);
});

test('a body that is no message is refused with the reason', async (context) => {
  const server = await serve();
  context.after(server.stop);
  const { session } = await send(server, JSON.stringify(INITIALIZE));
  const headers = { 'Mcp-Session-Id': session };
  const request = (params) => `{"jsonrpc":"2.0","id":7,"method":"ping","params":${params}}`;
  for (const [body, id, code] of [
    ['nonsense', undefined, -32700],
    ['', undefined, -32700],
    ['[]', undefined, -32600],
    [request('{"a":"\\ud800"}'), 7, -32600],
    [request(`{"a":${'['.repeat(130)}${']'.repeat(130)}}`), 7, -32600],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', undefined, -32600],
    ['{"jsonrpc":"2.0","method":"x","params":"\\ud800"}', undefined, -32600],
  ]) {
    const { status, message } = await send(server, body, headers);
    assert.deepEqual([status, message.id, message.error.code], [400, id, code], body);
  }
  const large = await send(server, request(`{"a":"${'x'.repeat(33 << 20)}"}`), headers);
  assert.deepEqual([large.status, large.message.error.code], [413, -32600]);
  assert.equal((await send(server, request('{}'), { ...headers, 'Content-Type': 'text/plain' })).status, 415);
  assert.equal((await send(server, request('{}'), { ...headers, 'Content-Type': 'application/json-patch+json' })).status, 415);
  assert.equal((await send(server, request('{}'), { ...headers, 'Content-Type': 'Application/JSON; charset=utf-8' })).status, 200);
  assert.equal((await send(server, request('{}'), { ...headers, Accept: 'text/html' })).status, 406);
  assert.equal((await send(server, request('{}'))).status, 400);
  assert.deepEqual((await send(server, request('{}'), headers)).message, { jsonrpc: '2.0', id: 7, result: {} });
});

test('what there is none of is told by the codes of each era', async (context) => {
  const server = await serve();
  context.after(server.stop);
  const { session } = await send(server, JSON.stringify(INITIALIZE));
  for (const [method, params, code, status] of [
    ['tools/call', { name: 'js_fly', arguments: {} }, -32602, 200],
    ['tools/call', { arguments: {} }, -32602, 200],
    ['dance', {}, -32601, 404],
    ['resources/list', {}, -32601, 404],
  ]) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 3, method, params });
    const before = await send(server, body, { 'Mcp-Session-Id': session });
    assert.deepEqual([before.status, before.message.id, before.message.error.code], [200, 3, code], method);
    const since = await alone(server, method, params);
    assert.deepEqual([since.status, since.message.id, since.message.error.code], [status, 5, code], method);
  }
});

test('two requests with one id do not get one another\'s answers', async (context) => {
  const server = await serve();
  context.after(server.stop);
  const { session } = await send(server, JSON.stringify(INITIALIZE));
  const call = (id, name, args) =>
    send(server, JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } }), { 'Mcp-Session-Id': session });
  const opened = (await call(2, 'js_sessions', { action: 'open' })).message.result.structuredContent.session;
  const slow = call(7, 'js_run', { session: opened.session, code: 'for (;;);' });
  // Until the loop is there.
  for (let id = 10, run; !run; id += 1) run = (await call(id, 'js_sessions', { action: 'list' })).message.result.structuredContent.sessions[0].run;
  const same = await call(7, 'js_run', { code: '2' });
  assert.deepEqual([same.status, same.message.id, same.message.error.code], [400, 7, -32600]);
  await call(8, 'js_interrupt', { session: opened.session });
  assert.equal((await slow).message.result.structuredContent.outcome, 'interrupted');
  // It is free again.
  assert.equal((await call(7, 'js_run', { code: '2' })).message.result.structuredContent.value, 2);
});

test('a request that stands alone is of no connection, whatever it says', async (context) => {
  const server = await serve();
  context.after(server.stop);
  const { session } = await send(server, JSON.stringify(INITIALIZE));
  const call = (args, headers) => alone(server, 'tools/call', { name: 'js_run', arguments: args }, headers);
  const first = await call({ code: 'let kept = 7' }, { 'Mcp-Session-Id': session });
  const told = first.message.result.structuredContent;
  assert.equal(told.outcome, 'value');
  assert.equal((await call({ session: told.session, code: 'kept' })).message.result.structuredContent.value, 7);
});

test('an answer that is none, to a question that was an answer, is told as the client\'s', async (context) => {
  const server = await serveTwo(context, '--ask=read');
  const call = (params, token = 0) =>
    alone(server, 'tools/call', { name: 'js_run', arguments: { code: `require('fs').readFileSync('/etc/passwd')` }, ...params }, { Authorization: `Bearer ${TOKENS[token]}` });
  for (const [response, why] of [
    [{ action: 'perhaps' }, /perhaps/],
    [7, /./],
    [{ action: 'accept' }, /"decision" must be/],
    [{ action: 'accept', content: { decision: 'yes' } }, /"decision" must be/],
  ]) {
    const { requestState, resultType } = (await call({})).message.result;
    assert.equal(resultType, 'input_required');
    // Another caller cannot answer it.
    const other = await call({ requestState, inputResponses: { question: { action: 'accept', content: { decision: 'once' } } } }, 1);
    assert.equal(other.message.result.structuredContent.refusal.code, 'unknown_handle');
    // What says nothing is asked again.
    assert.equal((await call({ requestState, inputResponses: {} })).message.result.resultType, 'input_required');
    const answered = await call({ requestState, inputResponses: { question: response } });
    const told = answered.message.result.structuredContent;
    assert.deepEqual([told.outcome, told.questions[0].by, told.questions[0].answer], ['threw', 'client_error', 'denied']);
    assert.match(told.questions[0].error, why);
    assert.match(told.error.message, /got no valid answer$/);
  }
  const { requestState } = (await call({})).message.result;
  const wrong = await call({ requestState, inputResponses: 'yes' });
  assert.equal(wrong.message.error.code, -32602);
  const once = { question: { action: 'accept', content: { decision: 'once' } } };
  assert.equal((await call({ requestState, inputResponses: once })).message.result.structuredContent.outcome, 'value');
});

/** Opens a session as soon as there is room. Returns what was said before. */
async function openPatiently(client) {
  const lists = [];
  for (;;) {
    const told = await client.tool('js_sessions', { action: 'open' });
    if (told.status !== 'refused' || lists.length === 300) return { ...told, lists };
    assert.equal(told.refusal.code, 'limit');
    assert.match(told.notice, /There is 1 session, which is the most, none of them yours\. .* when no call has used it for 2 s: try again later/);
    lists.push((await client.tool('js_sessions', { action: 'list' })).notice);
    await new Promise((done) => setTimeout(done, 100));
  }
}

for (const era of ERAS) {
  test(`${era}: the sessions of a client that is gone are closed`, async (context) => {
    const server = await serveTwo(context, '--idle-timeout', '2s', '--max-sessions', '1');
    const [one, other] = await Promise.all(TOKENS.map((token) => connect(context, era, { url: server.url, token })));
    // It says no more, and does not end its connection.
    const { session } = await one.tool('js_run', { code: 'for (;;);', yield_ms: 0 });
    assert.ok(session);
    const opened = await openPatiently(other);
    assert.ok(opened.session, opened.notice);
    assert.match(opened.lists[0], /^Sessions: 0\. The server has as many sessions as it may, those of other callers included\./);
    const closed = await one.tool('js_run', { session, code: '1' });
    assert.match(closed.notice, /is closed, and its variables are lost: no call has used it for 2 s\./);
  });

  test(`${era}: a call that waits keeps its connection and its session`, async (context) => {
    const server = await serveTwo(context, '--idle-timeout', '1s');
    const one = await connect(context, era, { url: server.url, token: TOKENS[0] });
    const { session } = await one.tool('js_run', { code: 'let a = 1' });
    const code = 'a++; await new Promise((done) => setTimeout(done, 2500)); a';
    const told = await one.tool('js_run', { session, code, yield_ms: 60000 });
    assert.deepEqual([told.status, told.value], ['ended', 2], told.notice);
    assert.equal((await one.tool('js_run', { session, code: 'a' })).value, 2);
  });

  test(`${era}: a handle of another caller is refused by the words for an unknown one`, async (context) => {
    const server = await serveTwo(context);
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
      ['js_interrupt', {}, 'session', secret.session],
      ['js_sessions', { action: 'reset' }, 'session', secret.session],
      ['js_sessions', { action: 'close' }, 'session', secret.session],
      ['js_inspect', { what: 'names' }, 'session', secret.session],
      ['js_inspect', { what: 'complete', code: 'sec' }, 'session', secret.session],
      ['js_inspect', { what: 'page' }, 'handle', secret.result_handle],
    ];
    for (const [name, args, key, handle] of calls) {
      const unknown = `${handle[0]}-${'0'.repeat(32)}`;
      const refused = words(await other.tool(name, { ...args, [key]: handle }), handle);
      assert.equal(refused, words(await other.tool(name, { ...args, [key]: unknown }), unknown), name);
    }
    assert.deepEqual((await other.tool('js_sessions', { action: 'list' })).sessions, []);
    assert.equal((await one.tool('js_sessions', { action: 'list' })).sessions.length, 1);
    assert.equal((await one.tool('js_run', { session: secret.session, code: 'secret' })).value, 7);
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
