// Globals whose files are loaded when somebody first looks at them. One line a file.
'use strict';

ops.defineLazily(globalThis, 'modules/globals', ['require', 'module', 'exports']);
