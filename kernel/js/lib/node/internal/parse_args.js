// `util.parseArgs`.
'use strict';

const {
  ArrayPrototypePush, ArrayPrototypeSlice, ObjectKeys, ObjectPrototypeHasOwnProperty, StringPrototypeIndexOf,
  StringPrototypeSlice, StringPrototypeStartsWith,
} = primordials;
const { make } = require('node/internal/errors');
const { validateArray, validateBoolean, validateObject, validateString } = require('node/internal/validators');

const own = (object, key) => ObjectPrototypeHasOwnProperty(object, key) ? object[key] : undefined;

function checkDefault(value, type, multiple, name) {
  const one = (item, place) => {
    if (type === 'string') validateString(item, place);
    else validateBoolean(item, place);
  };
  if (!multiple) return one(value, name);
  validateArray(value, name);
  for (let index = 0; index < value.length; index++) one(value[index], `${name}[${index}]`);
}

function checkOptions(options) {
  const names = ObjectKeys(options);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const option = options[name];
    validateObject(option, `options.${name}`);
    const type = own(option, 'type');
    if (type !== 'string' && type !== 'boolean') {
      throw make('ERR_INVALID_ARG_TYPE', `options.${name}.type`, "('string|boolean')", type);
    }
    const short = own(option, 'short');
    if (ObjectPrototypeHasOwnProperty(option, 'short')) {
      validateString(short, `options.${name}.short`);
      if (short.length !== 1) throw make('ERR_INVALID_ARG_VALUE', `options.${name}.short`, short, 'must be a single character');
    }
    const multiple = own(option, 'multiple');
    if (ObjectPrototypeHasOwnProperty(option, 'multiple')) validateBoolean(multiple, `options.${name}.multiple`);
    if (own(option, 'default') !== undefined) checkDefault(option.default, option.type, multiple, `options.${name}.default`);
  }
}

function longOf(short, options) {
  const names = ObjectKeys(options);
  for (let index = 0; index < names.length; index++) if (own(options[names[index]], 'short') === short) return names[index];
  return short;
}

const isValue = (arg) => arg !== undefined;

// The words of the command line as tokens.
function tokenize(args, options) {
  const tokens = [];
  const rest = ArrayPrototypeSlice(args);
  let position = -1;
  // Letters that came from one group share its position.
  let groupCount = 0;
  const option = (name, rawName, index, value, inlineValue) => ArrayPrototypePush(tokens, {
    kind: 'option', name, rawName, index, value, inlineValue,
  });
  for (let at = 0; at < rest.length; at++) {
    const arg = rest[at];
    // An option that stands alone: one that takes a value takes what follows it, if that can be one.
    const lone = (name) => {
      const takes = own(own(options, name) ?? {}, 'type') === 'string' && isValue(rest[at + 1]);
      const value = takes ? rest[++at] : undefined;
      option(name, arg, position, value, takes ? false : undefined);
      if (value !== undefined) position++;
    };
    if (groupCount > 0) groupCount--;
    else position++;
    if (arg === '--') {
      ArrayPrototypePush(tokens, { kind: 'option-terminator', index: position });
      for (let left = at + 1; left < rest.length; left++) {
        ArrayPrototypePush(tokens, { kind: 'positional', index: ++position, value: rest[left] });
      }
      break;
    }
    if (arg.length === 2 && arg[0] === '-' && arg[1] !== '-') {
      lone(longOf(arg[1], options));
    } else if (arg.length > 2 && arg[0] === '-' && arg[1] !== '-') {
      const first = longOf(arg[1], options);
      if (own(own(options, first) ?? {}, 'type') === 'string') {
        option(first, `-${arg[1]}`, position, StringPrototypeSlice(arg, 2), true);
        continue;
      }
      // `-abc` is `-a -b -c`, of which a letter that takes a value takes what follows it.
      const expanded = [];
      for (let index = 1; index < arg.length; index++) {
        const name = longOf(arg[index], options);
        if (own(own(options, name) ?? {}, 'type') !== 'string' || index === arg.length - 1) {
          ArrayPrototypePush(expanded, `-${arg[index]}`);
        } else {
          ArrayPrototypePush(expanded, `-${StringPrototypeSlice(arg, index)}`);
          break;
        }
      }
      const after = ArrayPrototypeSlice(rest, at + 1);
      rest.length = at + 1;
      for (let index = 0; index < expanded.length; index++) ArrayPrototypePush(rest, expanded[index]);
      for (let index = 0; index < after.length; index++) ArrayPrototypePush(rest, after[index]);
      groupCount = expanded.length;
    } else if (StringPrototypeStartsWith(arg, '--')) {
      const equal = StringPrototypeIndexOf(arg, '=', 3);
      if (equal >= 0) {
        const name = StringPrototypeSlice(arg, 2, equal);
        option(name, `--${name}`, position, StringPrototypeSlice(arg, equal + 1), true);
        continue;
      }
      lone(StringPrototypeSlice(arg, 2));
    } else {
      ArrayPrototypePush(tokens, { kind: 'positional', index: position, value: arg });
    }
  }
  return tokens;
}

function checkStrict(token, options, allowPositionals, allowNegative) {
  const { rawName, value, inlineValue } = token;
  let { name } = token;
  if (!ObjectPrototypeHasOwnProperty(options, name)) {
    // `--no-color` is `color` set to false.
    const negated = allowNegative && StringPrototypeStartsWith(name, 'no-') ? StringPrototypeSlice(name, 3) : undefined;
    if (negated === undefined || own(own(options, negated) ?? {}, 'type') !== 'boolean') {
      throw make('ERR_PARSE_ARGS_UNKNOWN_OPTION', rawName, allowPositionals);
    }
    name = negated;
  }
  const short = own(options[name], 'short');
  const shown = `${short ? `-${short}, ` : ''}--${name}`;
  const type = own(options[name], 'type');
  if (type === 'string' && typeof value !== 'string') {
    throw make('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${shown} <value>' argument missing`);
  }
  if (type === 'boolean' && value != null) {
    throw make('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${shown}' does not take an argument`);
  }
  if (inlineValue === false && value.length > 1 && value[0] === '-') {
    const example = StringPrototypeStartsWith(rawName, '--') ? `'${rawName}=-XYZ'` : `'--${name}=-XYZ' or '${rawName}-XYZ'`;
    throw make('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${rawName}' argument is ambiguous.
Did you forget to specify the option argument for '${rawName}'?
To specify an option argument starting with a dash use ${example}.`);
  }
}

function parseArgs(config = { __proto__: null }) {
  const args = own(config, 'args') ?? require('node/internal/process_command').programArguments();
  const strict = own(config, 'strict') ?? true;
  const allowPositionals = own(config, 'allowPositionals') ?? !strict;
  const returnTokens = own(config, 'tokens') ?? false;
  const allowNegative = own(config, 'allowNegative') ?? false;
  const options = own(config, 'options') ?? { __proto__: null };
  validateArray(args, 'args');
  validateBoolean(strict, 'strict');
  validateBoolean(allowPositionals, 'allowPositionals');
  validateBoolean(returnTokens, 'tokens');
  validateBoolean(allowNegative, 'allowNegative');
  validateObject(options, 'options');
  checkOptions(options);
  const tokens = tokenize(args, options);
  const result = { values: { __proto__: null }, positionals: [] };
  if (returnTokens) result.tokens = tokens;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token.kind === 'option') {
      if (strict) checkStrict(token, options, allowPositionals, allowNegative);
      store(token, options, result.values, allowNegative);
    } else if (token.kind === 'positional') {
      if (!allowPositionals) throw make('ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL', token.value);
      ArrayPrototypePush(result.positionals, token.value);
    }
  }
  const names = ObjectKeys(options);
  for (let index = 0; index < names.length; index++) {
    const fallback = own(options[names[index]], 'default');
    if (fallback !== undefined && result.values[names[index]] === undefined) result.values[names[index]] = fallback;
  }
  return result;
}

function store(token, options, values, allowNegative) {
  const isNegative = allowNegative && token.value === undefined && StringPrototypeStartsWith(token.name, 'no-');
  if (isNegative) token.name = StringPrototypeSlice(token.name, 3);
  const { name } = token;
  const stored = isNegative ? false : token.value ?? true;
  if (name === '__proto__') return;
  if (!own(own(options, name) ?? {}, 'multiple')) values[name] = stored;
  else if (values[name]) ArrayPrototypePush(values[name], stored);
  else values[name] = [stored];
}

exports.parseArgs = parseArgs;
