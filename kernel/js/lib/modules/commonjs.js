// What the rest of the environment needs of CommonJS.
'use strict';

require('node/module');
module.exports = ops.commonJs;
