// Where chunks are: `import.meta` in them, as in a module that lies in the working folder or, of a file that runs as a
// chunk, in that file.
'use strict';

const {
  ArrayPrototypeJoin, SafeMap, StringPrototypeEndsWith, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeSplit, decodeURIComponent,
  encodeURI, encodeURIComponent,
} = primordials;

const NAME = 'chunk';

const folderOf = (path) => StringPrototypeSlice(path, 0, StringPrototypeLastIndexOf(path, '/')) || '/';

function urlOf(filename) {
  let path = encodeURI(filename);
  const special = ['?', '#'];
  for (let index = 0; index < special.length; index++) {
    path = ArrayPrototypeJoin(StringPrototypeSplit(path, special[index]), encodeURIComponent(special[index]));
  }
  return 'file://' + path;
}

// The file that whoever asks has run as a chunk: `{ filename, url }`, or nothing.
exports.file = () => {
  const url = ops.chunkFile();
  if (url === undefined) return undefined;
  let filename = StringPrototypeSlice(url, 'file://'.length);
  try {
    filename = decodeURIComponent(filename);
  } catch {
    // A percent sign of its own.
  }
  return { __proto__: null, filename, url: urlOf(filename) };
};

const known = new SafeMap();

// The same object for all that is asked in one file, or in one working folder.
exports.meta = () => {
  const file = exports.file();
  let filename = file?.filename;
  let url = file?.url;
  if (filename === undefined) {
    const hasProcess = ops.hasLibrary('node/process');
    let folder = hasProcess ? require('node/process').cwd() : '/';
    if (!StringPrototypeEndsWith(folder, '/')) folder += '/';
    // Node's name for code that is in no file, which it does not escape.
    const name = hasProcess && require('node/internal/process_command').evaluated() !== undefined ? '[eval1]' : NAME;
    filename = folder + name;
    url = urlOf(folder) + name;
  }
  let meta = known.get(filename);
  if (meta === undefined) {
    meta = {
      __proto__: null,
      dirname: folderOf(filename),
      filename,
      main: true,
      resolve: { __proto__: null, resolve: (specifier) => require('modules/loader').resolveUrl(`${specifier}`, file?.url) }.resolve,
      url,
    };
    known.set(filename, meta);
  }
  return meta;
};
