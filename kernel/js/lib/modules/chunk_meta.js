// `import.meta` in chunks: as in a module that lies in the working folder.
'use strict';

const { StringPrototypeEndsWith, encodeURI, StringPrototypeSplit, ArrayPrototypeJoin, encodeURIComponent } = primordials;

const NAME = 'chunk';

let folder = '/';
if (ops.hasLibrary('node/process')) folder = require('node/process').cwd();
const filename = (StringPrototypeEndsWith(folder, '/') ? folder : folder + '/') + NAME;

let path = encodeURI(filename);
const special = ['?', '#'];
for (let index = 0; index < special.length; index++) {
  path = ArrayPrototypeJoin(StringPrototypeSplit(path, special[index]), encodeURIComponent(special[index]));
}

exports.meta = {
  __proto__: null,
  dirname: folder,
  filename,
  main: true,
  resolve: { __proto__: null, resolve: (specifier) => require('modules/loader').resolveUrl(`${specifier}`, undefined) }.resolve,
  url: 'file://' + path,
};
