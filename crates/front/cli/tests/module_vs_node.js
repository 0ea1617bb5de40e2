// Calls of `module` and of `require`, for `library_vs_node.rs`: one a line. A line before it says why one answers otherwise.
Module === require('module') && Module.Module === Module
typeof Module
Module.name
Module.length
Object.keys(Module.prototype).sort().join()
// differs: there is no such class
['_cache', '_extensions', '_load', '_resolveFilename', '_nodeModulePaths', '_initPaths', '_pathCache', '_resolveLookupPaths', '_findPath', '_preloadModules', 'builtinModules', 'createRequire', 'findSourceMap', 'globalPaths', 'isBuiltin', 'runMain', 'syncBuiltinESMExports', 'wrap', 'wrapper', 'SourceMap', 'register', '_debug'].map((name) => `${name}:${typeof Module[name]}`).join()
// differs: a module has its paths from the beginning, and nobody adopts one that a program makes
new Module('a')
new Module('/x/a').path
// differs: a module has its paths from the beginning, and nobody adopts one that a program makes
new Module()
// differs: a module has its paths from the beginning, and nobody adopts one that a program makes
Object.keys(new Module('/x/a', module))
new Module('/x/a', module).parent === module
// differs: a module has its paths from the beginning, and nobody adopts one that a program makes
new Module('/x/a', module).paths
new Module('/x/a').constructor === Module
module instanceof Module
module.constructor === Module
Object.keys(module)
[module.id, module.loaded, module.filename === __filename, module.path === __dirname, module.parent]
// differs: a module has its paths from the beginning, and nobody adopts one that a program makes
module.children
module.paths[0] === path.join(__dirname, 'node_modules')
require.main === module
Object.keys(require)
Object.keys(require.extensions)
require.cache === Module._cache
require.extensions === Module._extensions
Object.getPrototypeOf(require.cache)
__filename in require.cache
require.length
require.name
require.resolve.name
require.resolve.length
Module.isBuiltin('fs')
Module.isBuiltin('node:fs')
Module.isBuiltin('fs/promises')
Module.isBuiltin('node:test')
Module.isBuiltin('test')
Module.isBuiltin('wss')
Module.isBuiltin()
Module.isBuiltin(5)
Module.builtinModules.includes('fs')
Module.builtinModules.includes('node:fs')
Object.isFrozen(Module.builtinModules)
Module.wrap('a')
Module.wrapper
Module.wrapper.length
Module._nodeModulePaths('/a/b/node_modules/c')
Module._nodeModulePaths('/')
Module._nodeModulePaths('/node_modules')
require('./plain.cjs')
// differs: the message says more
require('./plain')
require('./json.json')
require('./json')
require('./folder')
require('./folder/')
require('./main-folder')
require('.')
require('./')
require('./none')
// differs: the message says more
require('none')
require('/none')
require('')
require()
require(5)
require(null)
require({})
// differs: the message says more
require('./bad.json')
require('./throws.cjs')
[1, 2].map(() => { try { require('./throws.cjs') } catch (error) { return error.message } }).join()
require('./cycle-a.cjs')
require('./exports-this.cjs')
require('./returns.cjs')
require('dep')
require('dep/inner')
// differs: the message says more
require('dep/hidden.js')
// differs: the message says more
require('dep/package.json')
require('plain-dep')
require('plain-dep/lib/x')
require('plain-dep/lib/none')
require('@scope/dep')
require('node:fs') === require('fs')
require('node:none')
// differs: there is no such module yet
require('node:test') !== undefined
require('#internal')
// differs: the stack does not say the code
require('#none')
require.resolve('fs')
require.resolve('node:fs')
// differs: the message says more
require.resolve('./plain') === path.join(__dirname, 'plain.cjs')
path.relative(__dirname, require.resolve('./plain.cjs'))
path.relative(__dirname, require.resolve('dep'))
path.relative(__dirname, require.resolve('./folder'))
require.resolve('./none')
// differs: an empty name is refused, and there are no folders for all users
require.resolve('')
require.resolve(5)
path.relative(__dirname, require.resolve('./x', { paths: [path.join(__dirname, 'node_modules/plain-dep/lib')] }))
path.relative(__dirname, require.resolve('plain-dep', { paths: [path.join(__dirname, 'folder')] }))
// differs: the message says more
require.resolve('plain-dep', { paths: ['/'] })
// differs: the message says more
require.resolve('plain-dep', { paths: [] })
require.resolve('plain-dep', { paths: 5 })
require.resolve.paths('fs')
require.resolve.paths('node:fs')
require.resolve.paths('x').slice(0, 2).map((folder) => path.relative(__dirname, folder))
require.resolve.paths('./x').map((folder) => path.relative(__dirname, folder))
require.resolve.paths(5)
// differs: an empty name is refused, and there are no folders for all users
require.resolve.paths('')
Module.createRequire(__filename)('./plain.cjs')
Module.createRequire(__dirname + '/')('./plain.cjs')
Module.createRequire(new URL('file://' + __filename))('./plain.cjs')
Module.createRequire('file://' + __filename)('./plain.cjs')
Module.createRequire('./a')
Module.createRequire('http://a/b')
Module.createRequire(new URL('http://a/b'))
Module.createRequire()
Module.createRequire(5)
Module.createRequire({})
Object.keys(Module.createRequire(__filename))
[delete require.cache[require.resolve('./counts.cjs')], require('./counts.cjs').n, require('./counts.cjs').n, delete require.cache[require.resolve('./counts.cjs')], require('./counts.cjs').n]
[require.cache[require.resolve('./plain.cjs')].exports === require('./plain.cjs'), require.cache[require.resolve('./plain.cjs')].loaded, require.cache[require.resolve('./plain.cjs')].id === require.resolve('./plain.cjs')]
(require.cache[path.join(__dirname, 'virtual.js')] = { exports: 'virtual' }, fs.writeFileSync(path.join(__dirname, 'virtual.js'), ''), require('./virtual.js'))
((m) => { m._compile('module.exports = [__filename, __dirname, typeof require, this === exports, arguments.length]', '/x/y.js'); return m.exports; })(new Module('/x/y.js'))
((m) => { m._compile('module.exports = {', '/x/y.js'); })(new Module('/x/y.js'))
((m) => { m.load(path.join(__dirname, 'plain.cjs')); return [m.exports, m.loaded, m.filename === path.join(__dirname, 'plain.cjs')]; })(new Module('x'))
((m) => m.require('fs') === fs)(new Module('x'))
((m) => m.require(''))(new Module('x'))
Module._load('fs') === fs
Module._load(path.join(__dirname, 'plain.cjs'), module, false)
// differs: the message says more
path.relative(__dirname, Module._resolveFilename('./plain', module))
Module._resolveFilename('fs', module)
// differs: the message says more
Module._resolveFilename('none-such', module)
((old) => { Module._load = function (request, ...rest) { return request === 'hooked' ? 'by hook' : old.call(this, request, ...rest); }; try { return require('hooked'); } finally { Module._load = old; } })(Module._load)
((old) => { Module._resolveFilename = function (request, ...rest) { return request === 'alias' ? path.join(__dirname, 'plain.cjs') : old.call(this, request, ...rest); }; try { return require('alias'); } finally { Module._resolveFilename = old; } })(Module._resolveFilename)
((old) => { Module.prototype.require = function (id) { return id === 'hooked2' ? 'by prototype' : old.call(this, id); }; try { return require('hooked2'); } finally { Module.prototype.require = old; } })(Module.prototype.require)
(require.extensions['.txt'] = (module, filename) => { module.exports = fs.readFileSync(filename, 'utf8'); }, require('./text.txt'))
(require.extensions['.up'] = (module, filename) => { module._compile('module.exports = ' + JSON.stringify(fs.readFileSync(filename, 'utf8').toUpperCase()), filename); }, require('./shout'))
((old) => { require.extensions['.js'] = (module, filename) => { module._compile('module.exports = "compiled by hook"', filename); }; try { return require('./hooked-file.js'); } finally { require.extensions['.js'] = old; } })(require.extensions['.js'])
((old) => { require.extensions['.js'] = (module, filename) => { const compile = module._compile; module._compile = (text, name) => { module._compile = compile; return module._compile(text.replace('pirate', 'Pirate'), name); }; old(module, filename); }; try { return require('./pirate.js'); } finally { require.extensions['.js'] = old; } })(require.extensions['.js'])
((old) => { require.extensions['.json'] = (module, filename) => { old(module, filename); module.exports.hooked = [module.id === filename, module.loaded]; }; try { return require('./hooked.json'); } finally { require.extensions['.json'] = old; } })(require.extensions['.json'])
((old) => { require.extensions['.json'] = () => { throw new Error('by hook'); }; try { require('./again.json'); } catch (error) { return [error.message, path.join(__dirname, 'again.json') in require.cache]; } finally { require.extensions['.json'] = old; } })(require.extensions['.json'])
require('./again.json')
(require.extensions['.two.part'] = (module) => { module.exports = 'two parts'; }, require('./file.two.part'))
failure(() => require('')).code
module.isPreloading
String(require('./parent-of.cjs').parent?.filename === __filename)
Module.findSourceMap('/none')
Module.syncBuiltinESMExports()
// differs: there is no such class
Module.SourceMap.name
// differs: there is no such class
new Module.SourceMap({ version: 3, sources: ['a.js'], names: [], mappings: 'AAAA' }).findEntry(0, 0)
// differs: there is no such class
new Module.SourceMap(5)
