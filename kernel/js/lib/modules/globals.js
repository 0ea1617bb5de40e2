// What chunks have of CommonJS, as in Node's REPL: `require`, `module` and `exports`.
'use strict';

module.exports = require('modules/commonjs').globals;
