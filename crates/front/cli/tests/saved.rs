//! The files that `.save` writes and `.load` reads, chunk by chunk.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, run_with};

/// What is saved runs again as it has run: chunk by chunk, with the same values.
#[test]
fn a_saved_session_is_loaded_as_it_was() {
    let folder = Folder::new("saved");
    let saved = folder.0.join("saved.ts");
    let chunks = [
        "const n = 1",
        "{ a: n, b: [1] }",
        "[n, 2].length",
        "const n = 3",
        "(n + 1)",
        "_ * 2",
        "+n",
        "`${n}`",
        "/3/.test(n)",
        "`a\n// %%\nb`",
        "const f = () => 'old'",
        "f()",
        "function f() { return 'new' }",
        "{ let inner = n; inner * 2 }",
    ];
    let typed = run_with(&["repl"], &format!("{}\n.save {}\n", chunks.join("\n"), saved.display()));
    let (values, told) = typed.out.trim_end().rsplit_once('\n').unwrap();
    assert_eq!((told, &*typed.err), (&*format!("wrote 14 chunks to {}", saved.display()), ""));
    let again = folder.0.join("again.ts");
    let loaded = run_with(&["repl"], &format!(".load {}\n.save {}\n", saved.display(), again.display()));
    assert_eq!((loaded.out.trim_end().rsplit_once('\n').unwrap().0, &*loaded.err), (values, ""));
    assert_eq!(std::fs::read_to_string(again).unwrap(), std::fs::read_to_string(&saved).unwrap());
    // A chunk that would read differently among statements: the file is a program, too.
    let (file, text) = (folder.0.join("program.js"), "let n = 2\n{ a: n, b: [1] }\n[n].length\n(n)\n");
    run_with(&["repl"], &format!("{text}.save {}\n", file.display()));
    assert_eq!(run_with(&[file.to_str().unwrap()], "").status, Some(0));
}

#[test]
fn a_chunk_of_a_file_that_fails_ends_it_and_is_told_where_it_stands() {
    let folder = Folder::new("saved-fails");
    let file = folder.write("a.ts", "let a = 1\n// %% second\n\nnothing()\n// %%\na = 2\n// %%\na = 3\n");
    let said = run_with(&["repl"], &format!(".load {}\na\n", file.display()));
    assert_eq!((said.status, &*said.out), (Some(1), "undefined\n1\n"));
    assert!(said.err.contains("a.ts:4:1") && said.err.contains("not run: 2 chunks after it"), "{}", said.err);
}
