//! `require` and CommonJS modules.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::common::{TestKernel, files::Files};

fn setup() -> (TestKernel, Files) {
    (TestKernel::new(), Files::default())
}

#[test]
fn chunks_require() {
    let (mut kernel, mut files) = setup();
    files
        .cjs(
            "/app/node_modules/p/index.js",
            "module.exports = { name: __filename, dir: __dirname, inner: require('./lib'), data: require('./data') }",
            &[],
        )
        .cjs(
            "/app/node_modules/p/lib.js",
            "exports.parent = module.parent === undefined ? 'none' : module.paths[0]; exports.id = module.id",
            &[],
        )
        .add("/app/node_modules/p/data.json", "json", "[1,2]", &[]);
    assert_eq!(
        files.text(&mut kernel, "const p = require('p'); [p.name, p.dir, p.inner.id, p.data.length, require('p') === p]"),
        "[\n  '/app/node_modules/p/index.js',\n  '/app/node_modules/p',\n  '/app/node_modules/p/lib.js',\n  2,\n  true\n]"
    );
    assert_eq!(files.text(&mut kernel, "require.resolve('p')"), "'/app/node_modules/p/index.js'");
    assert_eq!(files.text(&mut kernel, "Object.keys(require.cache).length"), "3");
    // What is taken out of the cache is loaded again.
    files.cjs("/app/node_modules/p/index.js", "module.exports = 'new'", &[]);
    assert_eq!(files.text(&mut kernel, "delete require.cache[require.resolve('p')]; require('p')"), "'new'");
    assert_eq!(
        files.text(&mut kernel, "[typeof module, typeof exports, module.id, module.exports === exports]"),
        "[ 'object', 'object', '<repl>', true ]"
    );
}

#[test]
fn what_a_path_names_in_full_is_asked_for_once() {
    let (mut kernel, mut files) = setup();
    files
        .cjs("/app/shared.js", "exports.self = module", &[])
        .cjs("/app/a/one.js", "module.exports = require('../shared.js')", &[])
        .cjs(
            "/app/a/b/two.js",
            "module.exports = [require('../../shared.js'), require('.././../shared.js'), require('../one.js')]",
            &[],
        )
        .cjs("/app/a/three.js", "module.exports = require('../shared')", &[]);
    let code =
        "const shared = require('./shared.js'); [require('./a/one.js'), ...require('./a/b/two.js')].every((it) => it === shared)";
    assert_eq!(files.text(&mut kernel, code), "true");
    let asked = ["./shared.js", "./a/one.js", "./a/b/two.js"].map(|path| format!("module.require {path}"));
    assert_eq!(files.asked, asked);
    // What is left out of a name is not guessed, and what is no longer loaded is asked for.
    assert_eq!(files.text(&mut kernel, "require('./a/three.js') === shared"), "true");
    assert_eq!(files.asked[3..], ["module.require ./a/three.js", "module.require ../shared"]);
    let code =
        "['shared.js', 'a/one.js'].forEach((path) => delete require.cache['/app/' + path]); require('./a/one.js') === shared";
    assert_eq!(files.text(&mut kernel, code), "false");
    assert_eq!(files.asked[5..], ["module.require ./a/one.js", "module.require ../shared.js"]);
}

#[test]
fn circles_see_what_is_there_so_far() {
    let (mut kernel, mut files) = setup();
    files.cjs("/app/a.js", "exports.early = 1; exports.b = require('./b').seen; exports.late = 2", &[]).cjs(
        "/app/b.js",
        "const a = require('./a'); exports.seen = [a.early, a.late]",
        &[],
    );
    assert_eq!(files.text(&mut kernel, "require('./a').b"), "[ 1, undefined ]");
}

#[test]
fn failures_are_those_of_the_module_or_the_host_and_may_be_tried_again() {
    let (mut kernel, mut files) = setup();
    files
        .cjs("/app/bad.js", "exports.x = 1; throw new RangeError('on purpose')", &[])
        .cjs("/app/syntax.js", "let x = ;", &[])
        .add("/app/bad.json", "json", "{,}", &[]);
    let thrown = files.run(&mut kernel, "require('./bad')").thrown();
    assert!(
        thrown.contains("RangeError: on purpose") && thrown.contains("/app/bad.js:1:22") && !thrown.contains("drupe:"),
        "{thrown}"
    );
    assert!(files.run(&mut kernel, "require('./syntax')").thrown().contains("SyntaxError: Unexpected token ';'"));
    assert!(files.run(&mut kernel, "require('./bad.json')").thrown().contains("SyntaxError: /app/bad.json: "));
    let thrown = files.run(&mut kernel, "require('nowhere')").thrown();
    assert!(thrown.contains("Cannot find module 'nowhere'") && thrown.contains("ERR_MODULE_NOT_FOUND"), "{thrown}");
    assert!(files.run(&mut kernel, "require(5)").thrown().contains("ERR_INVALID_ARG_TYPE"));
    assert!(files.run(&mut kernel, "require('http')").thrown().contains("drupe has no built-in 'http' yet"));
    files.cjs("/app/bad.js", "module.exports = 'mended'", &[]);
    assert_eq!(files.text(&mut kernel, "require('./bad')"), "'mended'");
}

#[test]
fn es_modules_are_required_where_nothing_is_awaited() {
    let (mut kernel, mut files) = setup();
    files
        .esm("/app/m.js", "import { n } from './n.js'; export default n + 1; export const x = 1", &["./n.js"])
        .esm("/app/n.js", "export const n = 41", &[])
        .esm("/app/only.js", "const f = () => 'f'; export { f as 'module.exports' }", &[])
        .esm("/app/late.js", "await 0; export const x = 1", &[])
        .esm("/app/fails.js", "throw new Error('on purpose')", &[]);
    assert_eq!(files.text(&mut kernel, "const m = require('./m.js'); [m.default, m.x, m.__esModule]"), "[ 42, 1, true ]");
    assert_eq!(files.text(&mut kernel, "(await import('./m.js')).default === m.default && require('./n.js').n"), "41");
    assert_eq!(files.text(&mut kernel, "require('./only.js')()"), "'f'");
    assert!(files.run(&mut kernel, "require('./late.js')").thrown().contains("ERR_REQUIRE_ASYNC_MODULE"));
    let log = files.run(&mut kernel, "require('./fails.js')");
    assert!(log.thrown().contains("on purpose"), "{log:?}");
}

#[test]
fn node_module_has_its_functions() {
    let (mut kernel, mut files) = setup();
    files.cjs("/lib/x.js", "module.exports = 'x of lib'", &[]);
    assert_eq!(
        files.text(
            &mut kernel,
            "const { createRequire, builtinModules, isBuiltin } = require('node:module'); createRequire('/lib/main.js')('./x')"
        ),
        "'x of lib'"
    );
    assert_eq!(files.text(&mut kernel, "createRequire('file:///lib/main.js').resolve('./x')"), "'/lib/x.js'");
    assert_eq!(files.text(&mut kernel, "[isBuiltin('fs'), isBuiltin('node:test'), isBuiltin('test'), isBuiltin('node:node:fs'), builtinModules.includes('path')]"), "[ true, true, false, false, true ]");
    assert_eq!(files.text(&mut kernel, "(await import('node:module')).default === require('module')"), "true");
    assert!(files.run(&mut kernel, "createRequire('relative')").thrown().contains("ERR_INVALID_ARG_VALUE"));
}

/// The accessor runs in the midst of V8's making of a stack.
#[test]
fn an_accessor_of_an_error_may_load_a_module() {
    let (mut kernel, mut files) = setup();
    files.cjs("/app/node_modules/first/index.js", "exports.text = 'loaded'", &[]).cjs(
        "/app/node_modules/second/index.js",
        "exports.text = 'again'",
        &[],
    );
    let class = "class Said extends Error { constructor(file) { super(); this.file = file } get message() { return require(this.file).text } }";
    let code = format!("{class}; new Said('first').stack.split('\\n')[0]");
    assert_eq!(files.text(&mut kernel, &code), "'Error: loaded'");
    // And one that is read in the midst of a stack of another.
    let nested =
        "(() => { try { throw new Said('second') } catch (error) { return new Error(error.stack.split('\\n')[0]).message } })()";
    assert_eq!(files.text(&mut kernel, nested), "'Error: again'");
}
