// navigator, as much of it as tells nothing of the machine.
'use strict';

const { ObjectFreeze } = primordials;
const { expose, illegalConstructor, invalidThis } = require('web/common');

const KEY = { __proto__: null };
let made;

class Navigator {
  constructor(key) {
    if (key !== KEY) throw illegalConstructor();
  }

  get hardwareConcurrency() { check(this); return 1; }
  get language() { check(this); return 'en-US'; }
  get languages() { check(this); return ObjectFreeze(['en-US']); }
  get platform() { check(this); return 'linux'; }
  get userAgent() { check(this); return 'drupe'; }
}
function check(object) {
  if (object !== made) throw invalidThis('Navigator');
}
expose(Navigator, {
  __proto__: null,
  view: (object) => object !== made ? undefined : {
    __proto__: null, hardwareConcurrency: 1, language: 'en-US', languages: ['en-US'], platform: 'linux', userAgent: 'drupe',
  },
});
made = new Navigator(KEY);

module.exports = { __proto__: null, Navigator, navigator: made };
