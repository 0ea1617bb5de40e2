// Connects the official clients to `drupe mcp`, and checks what every answer must say.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { Client as Legacy } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client as Modern, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';

export const DRUPE = process.env.DRUPE_BIN ?? new URL('../../target/debug/drupe', import.meta.url).pathname;

const INFO = { name: 'drupe-tests', version: '1.0.0' };

/** The two eras of the protocol, each by the official client that speaks it. */
export const ERAS = ['2025-11-25', '2026-07-28'];

/**
 * Connects a client of an era, until the test ends. `person` answers questions; without it the client has no elicitation.
 * `where`: flags of `drupe mcp` for a server of the client's own, or the URL and token of one.
 */
export async function connect(context, era, where, person) {
  const options = person ? { capabilities: { elicitation: { form: {} } } } : {};
  const isModern = era === '2026-07-28';
  const client = isModern ? new Modern(INFO, { ...options, versionNegotiation: { mode: { pin: era } } }) : new Legacy(INFO, options);
  if (person) client.setRequestHandler(isModern ? 'elicitation/create' : ElicitRequestSchema, person);
  const [Stdio, Http] = isModern ? [ModernStdio, ModernHttp] : [LegacyStdio, LegacyHttp];
  const transport = Array.isArray(where)
    ? new Stdio({ command: DRUPE, args: ['mcp', ...where], stderr: 'inherit' })
    : new Http(new URL(where.url), { requestInit: { headers: { Authorization: `Bearer ${where.token}` } } });
  await client.connect(transport);
  context.after(() => client.close());
  return Object.assign(client, {
    tool: (name, args = {}, options) => call(client, isModern, name, args, options),
  });
}

async function call(client, isModern, name, args, options) {
  const params = { name, arguments: args };
  const answer = isModern ? await client.callTool(params, options) : await client.callTool(params, undefined, options);
  return told(answer);
}

/** An answer, with its data and the text of its blocks by part. Every answer says how the call went. */
export function told(answer) {
  const data = answer.structuredContent;
  assert.ok(['ended', 'running', 'refused'].includes(data?.status), JSON.stringify(answer));
  const text = (part) => answer.content.filter((block) => block._meta?.['drupe/part'] === part).map((block) => block.text).join('');
  const images = answer.content.filter((block) => block.type === 'image');
  return { ...data, isError: answer.isError ?? false, data, content: answer.content, printed: text('console'), notice: text('notice'), shown: text('result'), thrown: text('error'), latePrinted: text('late'), images };
}

/** A server over HTTP, on a port of its own. */
export async function serve(...flags) {
  const server = spawn(DRUPE, ['mcp', '--http', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  let [url, token] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    url ??= /listening on (\S+)/.exec(line)?.[1];
    token ??= /token: (\S+)/.exec(line)?.[1];
    if (url && (token || flags.includes('--token-file'))) break;
  }
  assert.ok(url, 'the server does not listen');
  const stop = async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
    return server.exitCode;
  };
  return { url, token, stop };
}

/** A picture of one red pixel. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
