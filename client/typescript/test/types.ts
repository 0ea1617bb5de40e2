// Compiled, and never run: the types that users meet.
import {
  Kernel, Server, ThrewError, type Answers, type ExceptionInfo, type KernelEvent, type Report,
} from 'drupe';
import { VirtualEnv, type Entry } from 'drupe/virtual-env';

export async function use(signal: AbortSignal): Promise<string> {
  await using kernel = await Kernel.open({
    permissions: { read: ['/data'], net: true },
    functions: {
      add: (a: number, b: number) => a + b,
      async *rows() {
        yield this.run;
      },
    },
    answers: { permission: ({ resource }) => (resource === '/data' ? 'once' : 'deny'), prompt: async () => null },
  });
  const run = kernel.run('1', { signal, inputs: { x: new Map() } });
  for await (const event of run) if (event.type === 'console') event.text satisfies string;
  const report: Report = await run;
  const n: number = await kernel.evaluate<number>('1 + 1');
  try {
    report.throwForError();
  } catch (error) {
    if (error instanceof ThrewError) return String(error.thrown);
  }
  await using server = await Server.connect({ host: 'example.com', port: 1, token: 't', tls: true });
  const other = await server.attach(kernel.id, { after: 0, events: ['console', 'outcome'] });
  const events: AsyncIterable<KernelEvent> = other.events();
  const env = new VirtualEnv({ late: (entry: Entry) => void entry.output, consoleCapture: console });
  const entries: Entry[] = await env.run({ code: '1' }, { transpile: false, vmTimeoutMs: 1 });
  const program: Report = await kernel.run({ module: './a.ts', args: ['b'] }).finally(() => {});
  program.missed satisfies number;
  program.uncaught satisfies ExceptionInfo[];
  program.droppedCalls satisfies number | undefined;
  const failed: Report | number = await kernel.run('1').catch(() => 1);
  (await kernel.complete('fail')).items.length satisfies number;
  // @ts-expect-error -- a module has no code besides
  kernel.run('1', { module: './a.ts' });
  // @ts-expect-error -- there is no such option
  kernel.run('1', { timeout: 1 });
  return `${n}${entries.length}${events}${failed}`;
}

/** Answers as people write them: each kind of question, at once and later, in place and beforehand. */
export async function answer(): Promise<void> {
  await Kernel.open({ answers: { permission: async () => 'once' } });
  await Kernel.open({ answers: { permission: async () => { return 'session'; } } });
  await Kernel.open({ answers: { async permission() { return 'deny'; } } });
  await Kernel.open({ answers: { permission: async ({ resource }) => (resource === '/data' ? 'once' : 'deny') } });
  await Kernel.open({ answers: { permission: () => Promise.resolve('once') } });
  await Kernel.open({ answers: { permission: () => 'once', confirm: () => true, prompt: () => 'x' } });
  await Kernel.open({ answers: { confirm: async () => true, prompt: async () => 'x' } });
  await Kernel.open({ answers: { confirm: async (message) => message === '?', prompt: async () => null } });
  await Kernel.open({ answers: { prompt: () => undefined, alert: () => {} } });
  await Kernel.open({ answers: { prompt: async (_, initial) => initial, alert: async () => {} } });
  const shown: string[] = [];
  await Kernel.open({ answers: { alert: (message) => shown.push(message) } });
  const beforehand = { permission: async () => 'once', confirm: async () => true, prompt: async () => 'x' };
  const kernel = await Kernel.open({ answers: beforehand });
  await kernel.server.attach(kernel.id, { answers: { permission: async () => 'once' } });
  const answers: Answers = { permission: async () => 'once' };
  await kernel.server.open({ answers });
  // @ts-expect-error -- it is no answer
  await Kernel.open({ answers: { permission: () => 'yes' } });
  // @ts-expect-error -- it is no text
  await Kernel.open({ answers: { permission: async () => true } });
  // @ts-expect-error -- it is no boolean
  await Kernel.open({ answers: { confirm: async () => 'yes' } });
  // @ts-expect-error -- it is no text
  await Kernel.open({ answers: { prompt: async () => 5 } });
}

/** What is not awaited has nothing of what it will bring, and there is no `new`. */
export function misuse(kernel: Kernel): void {
  // @ts-expect-error -- it is not awaited
  kernel.run('1').value;
  // @ts-expect-error -- it is not awaited
  Kernel.open().run('1');
  // @ts-expect-error -- it is opened
  new Kernel({});
  // @ts-expect-error -- it is started
  new Server({});
}
