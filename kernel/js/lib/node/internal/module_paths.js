// Paths of CommonJS modules: their URLs, their folders, and where packages are looked for.
'use strict';

const {
  ArrayPrototypeJoin, ArrayPrototypePush, StringPrototypeEndsWith, StringPrototypeLastIndexOf, StringPrototypeSlice,
  StringPrototypeSplit, StringPrototypeStartsWith, decodeURIComponent, encodeURI, encodeURIComponent,
} = primordials;

const dirname = (path) => {
  const slash = StringPrototypeLastIndexOf(path, '/');
  return slash <= 0 ? '/' : StringPrototypeSlice(path, 0, slash);
};

function pathOf(url) {
  return StringPrototypeStartsWith(url, 'file://') ? decodeURIComponent(StringPrototypeSlice(url, 7)) : url;
}

function urlOf(path) {
  let url = encodeURI(path);
  const special = ['?', '#'];
  for (let index = 0; index < special.length; index++) {
    url = ArrayPrototypeJoin(StringPrototypeSplit(url, special[index]), encodeURIComponent(special[index]));
  }
  return 'file://' + url;
}

function lookupPaths(folder) {
  const paths = [];
  for (let at = folder; ; at = dirname(at)) {
    if (!StringPrototypeEndsWith(at, '/node_modules')) ArrayPrototypePush(paths, (at === '/' ? '' : at) + '/node_modules');
    if (at === '/' || at === '.' || at === '') return paths;
  }
}

// The file that a path names by its whole name. A plain path of strings: nothing is looked up.
function beside(specifier, folder) {
  let at = folder;
  let rest = specifier;
  for (;;) {
    if (StringPrototypeStartsWith(rest, './')) {
      rest = StringPrototypeSlice(rest, 2);
    } else if (StringPrototypeStartsWith(rest, '../')) {
      rest = StringPrototypeSlice(rest, 3);
      at = dirname(at);
    } else {
      return rest === specifier ? undefined : (at === '/' ? '' : at) + '/' + rest;
    }
  }
}

module.exports = { __proto__: null, beside, dirname, lookupPaths, pathOf, urlOf };
