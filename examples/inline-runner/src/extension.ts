// The inline runner in VS Code. All that this file knows is where texts come from, and where notes go.
import { Kernel } from 'drupe';
import * as vscode from 'vscode';

import { InlineRunner, type Note } from './runner.js';

/** How long nobody types before a change is run. */
const QUIET_MS = 300;
const COLORS: Record<Note['kind'], string> = {
  value: 'charts.blue', output: 'editorCodeLens.foreground', error: 'errorForeground', info: 'disabledForeground',
};

interface Session { runner: InlineRunner; timer?: NodeJS.Timeout }

export function activate(context: vscode.ExtensionContext): void {
  const sessions = new Map<vscode.TextDocument, Session>();
  const types = new Map(Object.entries(COLORS).map(([kind, color]) => {
    const after = { color: new vscode.ThemeColor(color), margin: '0 0 0 2em' };
    return [kind, vscode.window.createTextEditorDecorationType({ after })];
  }));
  const draw = (document: vscode.TextDocument, notes: Note[]) => {
    for (const editor of vscode.window.visibleTextEditors.filter((editor) => editor.document === document)) {
      for (const [kind, type] of types) {
        editor.setDecorations(type, notes.filter((note) => note.kind === kind).map((note) => ({
          range: document.lineAt(Math.min(note.line, document.lineCount - 1)).range,
          hoverMessage: new vscode.MarkdownString().appendCodeblock(note.detail, 'text'),
          renderOptions: { after: { contentText: note.text } },
        })));
      }
    }
  };
  const update = (document: vscode.TextDocument, { runner }: Session) => {
    runner.update(document.getText()).catch((error: Error) => vscode.window.showErrorMessage(`drupe: ${error.message}`));
  };
  const stop = async (document: vscode.TextDocument) => {
    const session = sessions.get(document);
    sessions.delete(document);
    clearTimeout(session?.timer);
    draw(document, []);
    await session?.runner.close();
  };
  const start = (document: vscode.TextDocument) => {
    const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath;
    // Only a workspace that the person trusts may be read.
    const permissions = folder && vscode.workspace.isTrusted ? { read: [folder] } : {};
    const open = () => Kernel.open({ ...(folder && { folder }), permissions });
    const session = { runner: new InlineRunner({ open, show: (notes) => draw(document, notes), vmTimeoutMs: 10_000 }) };
    sessions.set(document, session);
    update(document, session);
  };
  const command = (name: string, work: (document: vscode.TextDocument) => unknown) =>
    vscode.commands.registerCommand(name, () => {
      const document = vscode.window.activeTextEditor?.document;
      return document && work(document);
    });
  context.subscriptions.push(
    ...types.values(),
    command('drupe.runFile', (document) => (sessions.has(document) ? stop(document) : start(document))),
    command('drupe.runAgain', (document) => sessions.get(document)?.runner.again()),
    command('drupe.interrupt', (document) => sessions.get(document)?.runner.interrupt()),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      const session: Session | undefined = sessions.get(document);
      if (!session) return;
      clearTimeout(session.timer);
      session.timer = setTimeout(() => update(document, session), QUIET_MS);
    }),
    vscode.workspace.onDidCloseTextDocument(stop),
    { dispose: () => { for (const document of [...sessions.keys()]) void stop(document); } },
  );
}
