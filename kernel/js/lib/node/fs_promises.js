// Node's `fs/promises`.
'use strict';

const { constants } = require('node/internal/fs_arguments');
const forms = require('node/internal/fs_forms');
const operations = require('node/internal/fs_operations');

const promises = {};
const NAMES = [
  'access', 'appendFile', 'chmod', 'copyFile', 'link', 'lstat', 'lutimes', 'mkdir', 'mkdtemp', 'readFile', 'readdir', 'readlink',
  'realpath', 'rename', 'rm', 'rmdir', 'stat', 'statfs', 'symlink', 'truncate', 'unlink', 'utimes', 'writeFile',
];
for (let index = 0; index < NAMES.length; index++) promises[NAMES[index]] = forms.promised(NAMES[index], operations[NAMES[index]]);

promises.constants = { ...constants };
promises.open = async function open(path, flags = 'r', mode = 0o666) {
  const { FileHandle } = require('node/internal/fs_file_handle');
  return new FileHandle(await forms.later(operations.open(path, flags, mode)));
};
promises.cp = function cp(...args) {
  return require('node/internal/fs_cp').cpPromise(...args);
};
promises.opendir = function opendir(...args) {
  return require('node/internal/fs_dir').opendirPromise(...args);
};

module.exports = promises;
