//! Inputs of chunks: they win over whatever earlier chunks declared by their names, and what is no name is refused.

use drupe_client::{Chunk, Error, Kernel, Outcome};

use crate::support::{block_on, memory, text};

async fn with_input(kernel: &Kernel, source: &str, name: &str, value: i32) -> String {
    match kernel.run(Chunk::new(source).input(name, value)).await.unwrap().outcome {
        Outcome::Value { text, .. } => text,
        other => panic!("{source}: {other:?}"),
    }
}

#[test]
fn an_input_wins_over_what_was_declared_by_its_name() {
    block_on(async {
        let declarations = [
            "const rows = 'mine'",
            "let rows = 'mine'",
            "var rows = 'mine'",
            "class rows {}",
            "function rows() {}",
            "enum rows { A }",
            "const { rows } = { rows: 'mine' }",
            "import rows from 'node:path'",
            "import { join as rows } from 'node:path'",
            "let rows = null.x",
            "const rows = null.x",
            "rows = 'assigned'",
        ];
        for declaration in declarations {
            let kernel = memory::spawn().await;
            kernel.run(declaration).await.unwrap();
            let seen = with_input(&kernel, "[rows, globalThis.rows]", "rows", 2).await;
            assert_eq!(seen, "[ 2, 2 ]", "{declaration}");
            assert_eq!(text(&kernel, "rows").await, "2", "{declaration}: later chunks see it");
            assert_eq!(text(&kernel, "rows = 3; rows").await, "3", "{declaration}: it is no constant");
            assert_eq!(text(&kernel, "const rows = 4; rows").await, "4", "{declaration}: it can be declared again");
            assert_eq!(with_input(&kernel, "(() => rows)()", "rows", 5).await, "5", "{declaration}: and be an input again");
        }
    });
}

#[test]
fn an_input_wins_over_a_global_that_was_imported() {
    block_on(async {
        let kernel = memory::spawn().await;
        kernel.run("import { join as URL } from 'node:path'").await.unwrap();
        assert_eq!(with_input(&kernel, "URL", "URL", 1).await, "1");
        assert_eq!(text(&kernel, "URL").await, "1");
    });
}

#[test]
fn what_the_chunk_declares_itself_is_its_own() {
    block_on(async {
        let kernel = memory::spawn().await;
        kernel.run("let zz = 0").await.unwrap();
        assert_eq!(with_input(&kernel, "const zz = 1; zz", "zz", 5).await, "1");
        assert_eq!(with_input(&kernel, "var zz; zz", "zz", 6).await, "6");
        assert_eq!(with_input(&kernel, "var zz = zz + 1; zz", "zz", 7).await, "8");
        assert_eq!(with_input(&kernel, "'use strict'; zz", "zz", 9).await, "9");
        assert_eq!(with_input(&kernel, "enum E { A = zz } E.A", "zz", 10).await, "10");
        assert_eq!(with_input(&kernel, "{ a: zz }", "zz", 11).await, "{ a: 11 }");
        assert_eq!(with_input(&kernel, "using r = { [Symbol.dispose]() {} }; zz", "zz", 12).await, "12");
    });
}

#[test]
fn names_of_inputs_are_those_of_variables() {
    block_on(async {
        let kernel = memory::spawn().await;
        for name in ["", "a b", "1a", "a-b", "__proto__", "class", "undefined", "await", "a\0", "\u{2028}", "a.b"] {
            let error = kernel.run(Chunk::new("1").input(name, 1)).await.unwrap_err();
            assert!(matches!(&error, Error::InputName(given) if given == name), "{name:?}: {error}");
        }
        for name in ["a", "_", "$", "ünïcödé", "变量", "of", "async", "process"] {
            assert_eq!(with_input(&kernel, name, name, 1).await, "1", "{name}");
        }
    });
}
