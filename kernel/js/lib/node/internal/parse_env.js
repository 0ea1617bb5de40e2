// `util.parseEnv`: the text of an `.env` file.
'use strict';

const {
  ObjectDefineProperty, StringPrototypeIndexOf, StringPrototypeReplaceAll, StringPrototypeSlice, StringPrototypeStartsWith,
  StringPrototypeTrim,
} = primordials;

function parseEnv(content) {
  const values = {};
  let rest = StringPrototypeTrim(StringPrototypeReplaceAll(content, '\r\n', '\n'));
  const put = (key, value) => ObjectDefineProperty(values, key, {
    __proto__: null, value, writable: true, enumerable: true, configurable: true,
  });
  const line = () => {
    const end = StringPrototypeIndexOf(rest, '\n');
    const text = end < 0 ? rest : StringPrototypeSlice(rest, 0, end);
    rest = end < 0 ? '' : StringPrototypeSlice(rest, end + 1);
    return text;
  };
  while (rest.length > 0) {
    if (rest[0] === '\n' || rest[0] === '#') {
      line();
      continue;
    }
    const equal = StringPrototypeIndexOf(rest, '=');
    const newline = StringPrototypeIndexOf(rest, '\n');
    if (equal < 0) break;
    if (newline >= 0 && newline < equal) {
      line();
      continue;
    }
    let key = StringPrototypeTrim(StringPrototypeSlice(rest, 0, equal));
    if (StringPrototypeStartsWith(key, 'export ')) key = StringPrototypeTrim(StringPrototypeSlice(key, 7));
    rest = StringPrototypeSlice(rest, equal + 1);
    if (key === '') {
      line();
      continue;
    }
    // Blanks before the value, but not the end of the line.
    let start = 0;
    while (rest[start] === ' ' || rest[start] === '\t') start++;
    rest = StringPrototypeSlice(rest, start);
    const quote = rest[0];
    const close = quote === '"' || quote === "'" || quote === '`' ? StringPrototypeIndexOf(rest, quote, 1) : -1;
    if (close > 0) {
      const value = StringPrototypeSlice(rest, 1, close);
      put(key, quote === '"' ? StringPrototypeReplaceAll(value, '\\n', '\n') : value);
      rest = StringPrototypeSlice(rest, close + 1);
      line();
      continue;
    }
    let value = line();
    const comment = StringPrototypeIndexOf(value, '#');
    if (comment >= 0) value = StringPrototypeSlice(value, 0, comment);
    put(key, StringPrototypeTrim(value));
  }
  return values;
}

exports.parseEnv = parseEnv;
