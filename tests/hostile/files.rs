//! A folder that was granted, and what is in it: modules, packages, links, archives of names.

use std::{fs, os::unix::fs::symlink, path::Path};

use crate::case::{Act, Case, World, list, nest};

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const IMPORT: &str = "await import('NAME').then((all) => Object.keys(all).length, (error) => String(error).slice(0, 80))";
const REQUIRE: &str = "try { typeof require('NAME') } catch (error) { String(error).slice(0, 80) }";

/// What is in the folder, and what is run there.
const CASES: &[(&str, fn(&Path), &str, &str)] = &[
    // Graphs.
    (
        "5,000 modules in a row",
        |f| (0..5_000).for_each(|n| write(f, &format!("m{n}.js"), format!("export * from './m{}.js'", n + 1))),
        IMPORT,
        "./m0.js",
    ),
    (
        "diamonds of export *, 24 layers",
        |f| {
            for n in 0..24 {
                for side in ["a", "b"] {
                    write(f, &format!("{side}{n}.js"), format!("export * from './a{0}.js'; export * from './b{0}.js'", n + 1));
                }
            }
            write(f, "a24.js", "export let x = 1");
            write(f, "b24.js", "export let y = 1");
        },
        IMPORT,
        "./a0.js",
    ),
    (
        "diamonds of export * that end in CommonJS",
        |f| {
            for n in 0..24 {
                for side in ["a", "b"] {
                    write(f, &format!("{side}{n}.js"), format!("export * from './a{0}.js'; export * from './b{0}.js'", n + 1));
                }
            }
            write(f, "a24.js", "exports.x = 1");
            write(f, "b24.js", "module.exports = require('./a24.js')");
        },
        IMPORT,
        "./a0.js",
    ),
    (
        "diamonds of CommonJS reexports, 24 layers",
        |f| {
            for n in 0..24 {
                for side in ["a", "b"] {
                    let text = format!(
                        "exports.n=0; __exportStar(require('./a{0}.js'), exports); __exportStar(require('./b{0}.js'), exports);",
                        n + 1
                    );
                    write(f, &format!("{side}{n}.cjs"), text.replace(".js'", ".cjs'"));
                }
            }
            write(f, "a24.cjs", "exports.x = 1");
            write(f, "b24.cjs", "exports.y = 1");
            write(f, "main.mjs", "export * from './a0.cjs'");
        },
        IMPORT,
        "./main.mjs",
    ),
    (
        "CommonJS that reexports in a circle",
        |f| {
            (0..300).for_each(|n| {
                let others = (0..10).map(|k| format!("__exportStar(require('./c{}.cjs'), exports);", (n * 7 + k * 13) % 300));
                write(f, &format!("c{n}.cjs"), others.collect::<String>());
            });
            write(f, "main.mjs", "export * from './c0.cjs'");
        },
        IMPORT,
        "./main.mjs",
    ),
    (
        "a complete graph of 150 modules",
        |f| {
            let all = (0..150).map(|n| format!("import './k{n}.js';")).collect::<String>();
            (0..150).for_each(|n| write(f, &format!("k{n}.js"), &all));
        },
        IMPORT,
        "./k0.js",
    ),
    (
        "20,000 imports of what is not there",
        |f| write(f, "m.js", list(20_000, |n| format!("import './n{n}.js';\n"))),
        IMPORT,
        "./m.js",
    ),
    ("30,000 imports of one file", |f| write(f, "m.js", list(30_000, |n| format!("import './m.js?{n}';\n"))), IMPORT, "./m.js"),
    ("20,000 imports of packages", |f| write(f, "m.js", list(20_000, |n| format!("import 'package-{n}';\n"))), IMPORT, "./m.js"),
    (
        "20,000 imports of #names",
        |f| {
            write(f, "package.json", "{\"type\":\"module\",\"imports\":{\"#a/*\":\"./*.js\"}}");
            write(f, "m.js", list(20_000, |n| format!("import '#a/{n}';\n")));
        },
        IMPORT,
        "./m.js",
    ),
    (
        "20,000 requires",
        |f| write(f, "m.cjs", list(20_000, |n| format!("try{{require('./n{n}')}}catch{{}}\n"))),
        REQUIRE,
        "./m.cjs",
    ),
    // CommonJS names.
    (
        "60,000 exports of CommonJS",
        |f| {
            write(f, "c.cjs", list(60_000, |n| format!("exports.e{n}={n};")));
            write(f, "m.mjs", "export * from './c.cjs'");
        },
        IMPORT,
        "./m.mjs",
    ),
    (
        "CommonJS in parentheses",
        |f| {
            write(f, "c.cjs", nest("(", "exports.a=1", ")", 90_000, false));
            write(f, "m.mjs", "export * from './c.cjs'");
        },
        IMPORT,
        "./m.mjs",
    ),
    ("CommonJS that guesses", |f| write(f, "c.cjs", nest("a<(b=", "1", ")>c", 40, false)), REQUIRE, "./c.cjs"),
    ("TypeScript that guesses", |f| write(f, "c.ts", nest("(infer U extends ", "T", " ? 1 : 2)", 40, false)), IMPORT, "./c.ts"),
    ("TSX that guesses", |f| write(f, "c.tsx", nest("<a>", "", "", 9_000, true)), IMPORT, "./c.tsx"),
    (
        "CommonJS that reexports 40,000 names",
        |f| {
            write(f, "c.cjs", list(40_000, |n| format!("exports.e{n}={n};")));
            write(f, "d.cjs", "__exportStar(require('./c.cjs'), exports)");
            write(f, "m.mjs", "export * from './d.cjs'");
        },
        IMPORT,
        "./m.mjs",
    ),
    (
        "200 CommonJS modules that reexport each other, imported by one",
        |f| {
            let all = (0..200).map(|n| format!("__exportStar(require('./c{n}.cjs'), exports);")).collect::<String>();
            (0..200).for_each(|n| {
                write(f, &format!("c{n}.cjs"), format!("exports.e{n}=1;{all}").chars().take(5_000).collect::<String>())
            });
            write(f, "m.mjs", (0..200).map(|n| format!("import './c{n}.cjs';")).collect::<String>());
        },
        IMPORT,
        "./m.mjs",
    ),
    (
        "requires by a file with a name of 500,000 folders",
        |_| {},
        "try { require('module').createRequire('/' + 'a/'.repeat(5e5))('x') } catch (error) { String(error).slice(0, 80) }",
        "",
    ),
    (
        "requires of a path by a file with a name of 500,000 folders",
        |_| {},
        "try { require('module').createRequire('/' + 'a/'.repeat(5e5))('./x') } catch (error) { String(error).slice(0, 80) }",
        "",
    ),
    (
        "requires by a file in the folder, 1,000 folders deep",
        |_| {},
        "try { require('module').createRequire(folder + '/a'.repeat(1000))('x') } catch (error) { String(error).slice(0, 80) }",
        "",
    ),
    // Names that are almost there.
    (
        "a name beside 10,000 files",
        |f| (0..10_000).for_each(|n| write(f, &format!("module-{n}.js"), "")),
        IMPORT,
        "./modul-77.js",
    ),
    (
        "a name of 200 letters beside 4,000 of 200",
        |f| (0..4_000).for_each(|n| write(f, &format!("{}{n:04}.js", "x".repeat(190)), "")),
        IMPORT,
        "./WORD.js",
    ),
    (
        "a required name beside 10,000 files",
        |f| (0..10_000).for_each(|n| write(f, &format!("module-{n}.js"), "")),
        REQUIRE,
        "./modul-77",
    ),
    (
        "an export beside 40,000 others",
        |f| {
            write(f, "e.js", list(40_000, |n| format!("export let name{n};")));
            write(f, "m.js", "import { nam77 } from './e.js'");
        },
        IMPORT,
        "./m.js",
    ),
    (
        "300 exports beside 30,000 others",
        |f| {
            write(f, "e.js", list(30_000, |n| format!("export let name{n};")));
            write(f, "m.js", format!("import {{ {} }} from './e.js'", list(300, |n| format!("nam{n},"))));
        },
        IMPORT,
        "./m.js",
    ),
    // Packages.
    (
        "a package.json nested",
        |f| {
            write(f, "node_modules/p/package.json", format!("{{\"exports\":{}", "{\"a\":".repeat(150_000)));
        },
        IMPORT,
        "p",
    ),
    (
        "exports nested 60,000 deep",
        |f| {
            let exports = nest("{\"default\":", "\"./a.js\"", "}", 60_000, false);
            write(f, "node_modules/p/package.json", format!("{{\"exports\":{exports}}}"));
        },
        IMPORT,
        "p",
    ),
    (
        "exports nested 100 deep",
        |f| {
            let exports = nest("{\"default\":", "\"./a.js\"", "}", 100, false);
            write(f, "node_modules/p/package.json", format!("{{\"exports\":{exports}}}"));
            write(f, "node_modules/p/a.js", "");
        },
        IMPORT,
        "p",
    ),
    (
        "30,000 exports",
        |f| {
            let exports = list(30_000, |n| format!("\"./e{n}\":\"./a.js\","));
            write(f, "node_modules/p/package.json", format!("{{\"exports\":{{{exports}\".\":\"./a.js\"}}}}"));
        },
        IMPORT,
        "p/e",
    ),
    (
        "30,000 patterns",
        |f| {
            let exports = list(30_000, |n| format!("\"./{n}*\":\"./*.js\","));
            write(f, "node_modules/p/package.json", format!("{{\"exports\":{{{exports}\".\":\"./a.js\"}}}}"));
        },
        IMPORT,
        "p/1/2/3",
    ),
    (
        "patterns with long keys",
        |f| {
            let exports = list(900, |n| format!("\"./{}*{n}\":\"./*.js\",", "a".repeat(1_000)));
            write(f, "node_modules/p/package.json", format!("{{\"exports\":{{{exports}\".\":\"./a.js\"}}}}"));
        },
        IMPORT,
        "p/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ),
    (
        "30,000 conditions",
        |f| {
            let exports = list(30_000, |n| format!("\"c{n}\":\"./a.js\","));
            write(f, "node_modules/p/package.json", format!("{{\"exports\":{{{exports}\"x\":\"./a.js\"}}}}"));
        },
        IMPORT,
        "p",
    ),
    (
        "an array of 100,000 targets",
        |f| {
            write(f, "node_modules/p/package.json", format!("{{\"exports\":[{}\"./a.js\"]}}", "\"a\",".repeat(100_000)));
        },
        IMPORT,
        "p",
    ),
    (
        "targets with many stars",
        |f| {
            let stars = "*".repeat(2_000);
            write(f, "node_modules/p/package.json", format!("{{\"exports\":{{\"./*\":\"./{stars}\"}}}}"));
            write(f, "m.js", format!("import 'p/{}'", "a".repeat(100_000)));
        },
        IMPORT,
        "./m.js",
    ),
    (
        "a long main",
        |f| {
            write(f, "node_modules/p/package.json", format!("{{\"main\":\"{}\"}}", "a/".repeat(400_000)));
        },
        REQUIRE,
        "p",
    ),
    ("a package.json of spaces", |f| write(f, "node_modules/p/package.json", " ".repeat(1_000_000)), REQUIRE, "p"),
    (
        "imports in a circle",
        |f| {
            write(f, "package.json", "{\"imports\":{\"#a\":\"#b\",\"#b\":\"#a\"}}");
            write(f, "m.mjs", "import '#a'");
        },
        IMPORT,
        "./m.mjs",
    ),
    ("a folder 400 deep", |f| write(f, &format!("{}m.mjs", "d/".repeat(400)), "import 'x'"), IMPORT, "./LONG"),
    // Links.
    (
        "links in a circle",
        |f| {
            symlink("b", f.join("a")).unwrap();
            symlink("a", f.join("b")).unwrap();
        },
        IMPORT,
        "./a/b/c.js",
    ),
    (
        "a row of 5,000 links",
        |f| {
            (0..5_000).for_each(|n| symlink(format!("l{}", n + 1), f.join(format!("l{n}"))).unwrap());
            write(f, "l5000", "");
        },
        IMPORT,
        "./l0",
    ),
    (
        "links that double",
        |f| {
            fs::create_dir_all(f.join("e0")).unwrap();
            for n in 1..30 {
                fs::create_dir_all(f.join(format!("e{n}"))).unwrap();
                symlink(format!("../e{}/s/../../e{}/s", n - 1, n - 1), f.join(format!("e{n}/s"))).unwrap();
            }
            symlink(".", f.join("e0/s")).unwrap();
        },
        IMPORT,
        "./e29/s/x.js",
    ),
    (
        "a folder that links to itself",
        |f| symlink(".", f.join("s")).unwrap(),
        IMPORT,
        "./s/s/s/s/s/s/s/s/s/s/s/s/s/s/s/s/s/s/s/s/x.js",
    ),
];

/// Calls of `fs` there.
const CALLS: &[(&str, fn(&Path), &str)] = &[
    (
        "readdir of 10,000 names",
        |f| (0..10_000).for_each(|n| write(f, &format!("n{n}"), "")),
        "require('fs').readdirSync(folder).length",
    ),
    (
        "readdir, recursive, of links in circles",
        |f| {
            fs::create_dir_all(f.join("d")).unwrap();
            (0..200).for_each(|n| symlink("..", f.join(format!("d/s{n}"))).unwrap());
        },
        "require('fs').readdirSync(folder, { recursive: true }).length",
    ),
    (
        "readdir, recursive, 400 deep",
        |f| write(f, &format!("{}m", "d/".repeat(400)), ""),
        "require('fs').readdirSync(folder, { recursive: true }).length",
    ),
    (
        "readdir with types, 100 times at once",
        |f| (0..2_000).for_each(|n| write(f, &format!("n{n}"), "")),
        "await Promise.all(Array.from({ length: 100 }, () => require('fs').promises.readdir(folder, { withFileTypes: true }))).then((all) => all.length)",
    ),
    (
        "60 reads of 1 MiB at once",
        |f| write(f, "m", "x".repeat(1_000_000)),
        "await Promise.allSettled(Array.from({ length: 60 }, () => require('fs').promises.readFile(folder + '/m'))).then((all) => all.length)",
    ),
    (
        "stat of a path of links",
        |f| symlink(".", f.join("s")).unwrap(),
        "try { require('fs').statSync(folder + '/s'.repeat(2000)).size } catch (error) { error.code }",
    ),
    (
        "completion beside 10,000 files",
        |f| (0..10_000).for_each(|n| write(f, &format!("module-{n}.js"), "")),
        "COMPLETE import('./m",
    ),
];

pub(crate) fn cases() -> Vec<Case> {
    let modules = CASES.iter().map(|&(name, fill, code, specifier)| {
        let specifier =
            specifier.replace("LONG", &format!("{}m.mjs", "d/".repeat(400))).replace("WORD", &format!("{}abcd", "x".repeat(190)));
        Case::new(format!("folder: {name}"), World::Folder(fill), move || Act::run(code.replace("NAME", &specifier)))
    });
    let calls = CALLS.iter().map(|&(name, fill, code)| {
        Case::new(format!("folder: {name}"), World::Folder(fill), move || match code.strip_prefix("COMPLETE ") {
            Some(code) => Act::Complete(code.to_owned()),
            None => Act::run(code),
        })
    });
    modules.chain(calls).collect()
}
