// `util.inspect` and `util.format`: the kernel's own inspector and the console's own formatter.
'use strict';

const { ObjectAssign, ObjectDefineProperty, SymbolFor } = primordials;
const { validateObject } = require('node/internal/validators');

let defaults = {
  __proto__: null, showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100,
  maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false,
};
// Whether a program has changed them.
let changed = false;

function inspect(value, options, depth, colors) {
  if (options !== null && typeof options === 'object') {
    return ops.inspect(value, changed ? { __proto__: null, ...defaults, ...options } : options);
  }
  const all = { __proto__: null, ...defaults };
  if (typeof options === 'boolean') all.showHidden = options;
  if (depth !== undefined) all.depth = depth;
  if (colors !== undefined) all.colors = colors;
  return ops.inspect(value, all);
}

ObjectDefineProperty(inspect, 'custom', { __proto__: null, value: SymbolFor('nodejs.util.inspect.custom'), enumerable: true });
ObjectDefineProperty(inspect, 'defaultOptions', {
  __proto__: null,
  get() { return { ...defaults }; },
  set(options) {
    validateObject(options, 'options');
    changed = true;
    defaults = ObjectAssign({ __proto__: null }, defaults, options);
  },
  enumerable: true,
});
const reattach = primordials.detached(inspect);
inspect.colors = {
  __proto__: null, reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], blink: [5, 25], inverse: [7, 27],
  hidden: [8, 28], strikethrough: [9, 29], doubleunderline: [21, 24], black: [30, 39], red: [31, 39], green: [32, 39], yellow: [33, 39],
  blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39], bgBlack: [40, 49], bgRed: [41, 49], bgGreen: [42, 49],
  bgYellow: [43, 49], bgBlue: [44, 49], bgMagenta: [45, 49], bgCyan: [46, 49], bgWhite: [47, 49], framed: [51, 54], overlined: [53, 55],
  gray: [90, 39], redBright: [91, 39], greenBright: [92, 39], yellowBright: [93, 39], blueBright: [94, 39], magentaBright: [95, 39],
  cyanBright: [96, 39], whiteBright: [97, 39], bgGray: [100, 49], bgRedBright: [101, 49], bgGreenBright: [102, 49],
  bgYellowBright: [103, 49], bgBlueBright: [104, 49], bgMagentaBright: [105, 49], bgCyanBright: [106, 49], bgWhiteBright: [107, 49],
};
const aliases = {
  __proto__: null, grey: 'gray', blackBright: 'gray', bgGrey: 'bgGray', bgBlackBright: 'bgGray', conceal: 'hidden', crossedOut: 'strikethrough',
  crossedout: 'strikethrough', doubleUnderline: 'doubleunderline', faint: 'dim', strikeThrough: 'strikethrough', swapColors: 'inverse',
  swapcolors: 'inverse',
};
for (const name in aliases) {
  ObjectDefineProperty(inspect.colors, name, {
    __proto__: null,
    get() { return this[aliases[name]]; },
    set(value) { this[aliases[name]] = value; },
    configurable: true,
  });
}
inspect.styles = ObjectAssign({ __proto__: null }, {
  special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold', string: 'green',
  symbol: 'green', date: 'magenta', regexp: 'red', module: 'underline',
});
reattach();

function format(...args) {
  return ops.format(undefined, args);
}

function formatWithOptions(inspectOptions, ...args) {
  validateObject(inspectOptions, 'inspectOptions');
  return ops.format(inspectOptions, args);
}

module.exports = { __proto__: null, format, formatWithOptions, inspect };
