// As much of the module `vscode` as the inline runner's extension uses, for its test.
import { EventEmitter } from 'node:events';

const emitter = new EventEmitter();
const on = (name) => (work) => {
  emitter.on(name, work);
  return { dispose: () => emitter.off(name, work) };
};
const registered = new Map();

export class ThemeColor {
  constructor(id) { this.id = id; }
}
export class MarkdownString {
  value = '';
  appendCodeblock(text) {
    this.value += text;
    return this;
  }
}
/** An editor of one document, whose decorations can be read. */
export class Editor {
  decorations = new Map();
  constructor(fsPath, text) {
    const lines = () => this.text.split('\n');
    this.text = text;
    this.document = {
      uri: { fsPath },
      getText: () => this.text,
      get lineCount() { return lines().length; },
      lineAt: (line) => {
        if (!(line >= 0 && line < lines().length)) throw new RangeError('Illegal value for `line`');
        return { range: { line } };
      },
    };
  }
  setDecorations(type, options) {
    this.decorations.set(type, options);
    emitter.emit('drawn');
  }
  /** What stands at the ends of lines: `LINE TEXT`. */
  get shown() {
    const all = [...this.decorations.values()].flat();
    return all.map(({ range, renderOptions }) => `${range.line} ${renderOptions.after.contentText}`).sort();
  }
  edit(text) {
    this.text = text;
    emitter.emit('change', { document: this.document });
  }
  /** Waits until something is shown. */
  async until(fits) {
    while (!fits(this.shown)) await new Promise((resolve) => emitter.once('drawn', resolve));
    return this.shown;
  }
}
export const window = {
  visibleTextEditors: [],
  activeTextEditor: undefined,
  createTextEditorDecorationType: (options) => ({ options, dispose() {} }),
  showErrorMessage: (text) => emitter.emit('error message', text),
};
export const workspace = {
  isTrusted: true,
  getWorkspaceFolder: () => undefined,
  onDidChangeTextDocument: on('change'),
  onDidCloseTextDocument: on('close'),
};
export const commands = {
  registerCommand: (name, work) => {
    registered.set(name, work);
    return { dispose: () => registered.delete(name) };
  },
  executeCommand: (name) => registered.get(name)(),
};
