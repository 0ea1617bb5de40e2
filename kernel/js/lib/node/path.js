// `path`: the posix one. The kernel's host may run elsewhere; paths that cross to it are written with slashes.
'use strict';

module.exports = require('node/path_posix');
