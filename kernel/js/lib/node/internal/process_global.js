// The global `process`.
'use strict';

exports.process = require('node/process');
