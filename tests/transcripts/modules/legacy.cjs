exports.legacy = true; exports.load = (name) => require(name);
