//! Published JavaScript, evaluated as chunks and used.
//!
//! The bundles are fetched by `npm ci --prefix tests/npm`. Without them the test is skipped, and says so; with
//! `DRUPE_REQUIRE_FIXTURES` set (as in CI) it fails.

use std::{fs, path::PathBuf};

use drupe_client::{Chunk, Kernel, Outcome, Value};

use crate::support::{block_on, spawn, text};

/// The bundles, each with the global variable that it defines.
const BUNDLES: &[(&str, &str)] = &[
    ("typescript/lib/typescript.js", "ts"),
    ("acorn/dist/acorn.js", "acorn"),
    ("lodash/lodash.js", "_"),
    ("mathjs/lib/browser/math.js", "math"),
    ("d3/dist/d3.js", "d3"),
];

fn read(bundle: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("npm/node_modules").join(bundle);
    match fs::read_to_string(&path) {
        Ok(source) => Some(source),
        Err(error) if std::env::var_os("DRUPE_REQUIRE_FIXTURES").is_some() => panic!("{}: {error}", path.display()),
        Err(_) => {
            eprintln!("skipped: {} is not there; run `npm ci --prefix tests/npm`", path.display());
            None
        }
    }
}

#[test]
fn published_bundles_run_in_one_kernel_and_again_after_a_reset() {
    let Some(sources) = BUNDLES.iter().map(|(path, _)| read(path)).collect::<Option<Vec<_>>>() else { return };
    block_on(async {
        let kernel = spawn().await;
        for round in 0..2 {
            for ((path, global), source) in BUNDLES.iter().zip(&sources) {
                // As in a page: what finds `require` and `module` takes itself for a CommonJS module.
                let chunk = ["require", "module", "exports"]
                    .iter()
                    .fold(Chunk::new(source.as_str()).value_limit(0), |chunk, name| chunk.input(*name, Value::Undefined));
                let report = kernel.run(chunk).await.unwrap();
                assert!(report.outcome.is_value(), "{path}: {:?}", report.outcome);
                assert_ne!(text(&kernel, &format!("typeof {global}")).await, "'undefined'", "{path}");
            }
            use_typescript(&kernel).await;
            use_acorn(&kernel, &sources[1]).await;
            assert_eq!(text(&kernel, "_.chunk(_.range(6), 4).map(_.sum)").await, "[ 6, 9 ]");
            assert_eq!(text(&kernel, "math.format(math.evaluate('det([1, 2; 3, 4])'), 4)").await, "'-2'");
            assert_eq!(text(&kernel, "math.simplify('2x + 3x').toString()").await, "'5 * x'");
            assert_eq!(text(&kernel, "d3.scaleLinear([0, 10], [0, 100])(3.5)").await, "35");
            assert_eq!(text(&kernel, "d3.group([['a', 1], ['b', 2], ['a', 3]], ([key]) => key).get('a').length").await, "2");
            if round == 0 {
                kernel.reset().await.unwrap();
                assert_eq!(text(&kernel, "[typeof ts, typeof d3]").await, "[ 'undefined', 'undefined' ]");
            }
        }
    });
}

/// Compiles a program with the compiler in the kernel, and runs what comes out.
async fn use_typescript(kernel: &Kernel) {
    let program = "enum Colour { Red = 1, Blue }\nexport const name = (c: Colour): string => Colour[c];\n";
    let chunk = Chunk::new(
        "ts.transpileModule(program, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2020 } }).outputText",
    );
    let report = kernel.run(chunk.input("program", program)).await.unwrap();
    let Outcome::Value { value: Some(Value::String(compiled)), .. } = report.outcome else { panic!("{report:?}") };
    assert_eq!(
        compiled,
        "\"use strict\";\nObject.defineProperty(exports, \"__esModule\", { value: true });\nexports.name = void 0;\nvar Colour;\n(function (Colour) {\n    Colour[Colour[\"Red\"] = 1] = \"Red\";\n    Colour[Colour[\"Blue\"] = 2] = \"Blue\";\n})(Colour || (Colour = {}));\nconst name = (c) => Colour[c];\nexports.name = name;\n"
    );
    let run = Chunk::new("{ const exports = {}; new Function('exports', compiled)(exports); exports.name(2) }")
        .input("compiled", compiled);
    assert_eq!(crate::support::value_text(&kernel.run(run).await.unwrap()), "'Blue'");
    let diagnostics =
        "ts.createSourceFile('a.ts', 'let x: = 1', ts.ScriptTarget.Latest).parseDiagnostics.map(d => d.messageText)";
    assert_eq!(text(kernel, diagnostics).await, "[ 'Type expected.' ]");
}

/// Parses acorn's own source with acorn.
async fn use_acorn(kernel: &Kernel, source: &str) {
    let chunk = Chunk::new(
        "const tree = acorn.parse(source, { ecmaVersion: 'latest' }); [tree.type, tree.body.length > 0, tree.end === source.length]",
    );
    let report = kernel.run(chunk.input("source", source)).await.unwrap();
    assert_eq!(crate::support::value_text(&report), "[ 'Program', true, true ]");
}
