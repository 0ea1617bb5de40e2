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
    // Only the last chunk of a file would say that it came to nothing.
    let values = values.lines().filter(|value| *value != "undefined").collect::<Vec<_>>().join("\n");
    assert_eq!((loaded.out.trim_end().rsplit_once('\n').unwrap().0, &*loaded.err), (&*values, ""));
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
    assert_eq!((said.status, &*said.out), (Some(1), "1\n"));
    assert!(said.err.contains("a.ts:4:1") && said.err.contains("not run: 2 chunks after it"), "{}", said.err);
}

#[test]
fn each_chunk_of_a_file_shows_its_value_and_undefined_only_the_last() {
    let folder = Folder::new("saved-values");
    let file = folder.write("a.ts", "let a = 1\n// %%\na + 1\n// %%\nconsole.log('x')\n// %%\nlet b\n").display().to_string();
    assert_eq!(run_with(&["repl"], &format!(".load {file}\nlet c\n")).out, "2\nx\nundefined\nundefined\n");
    let said = run_with(&["repl", "--events", "json"], &format!(".load {file}\n"));
    assert_eq!(said.out.matches("\"type\":\"result\"").count(), 4, "a program is told of all: {}", said.out);
}

/// As `.load` reads them.
#[test]
fn files_that_run_first_are_read_chunk_by_chunk() {
    let folder = Folder::new("saved-first");
    let file = folder.write("a.ts", "const n = 1\n// %%\nconst n: number = 2\n// %%\n;(n)\n").display().to_string();
    let program = folder.write("p.mjs", "console.log(n)").display().to_string();
    for command in
        [&["repl", "--preload", &*file][..], &["eval", "--preload", &*file, "n"], &["run", "--preload", &*file, &*program]]
    {
        let said = run_with(command, "n\n");
        assert_eq!((said.status, &*said.out, &*said.err), (Some(0), "2\n", ""), "{command:?}");
    }
    let last = folder.write("last.ts", "20\n// %%\nglobalThis.twice = _ * 2\n").display().to_string();
    assert_eq!(run_with(&["repl", "--preload", &*last], "twice\n").out, "40\n");
    let bad = folder.write("bad.ts", "let a = 1\n// %% second\nnothing()\n// %%\nconsole.log('after')\n").display().to_string();
    let said = run_with(&["eval", "--preload", &bad, "1"], "");
    assert_eq!((said.status, &*said.out), (Some(1), ""));
    assert!(said.err.contains("bad.ts:3:1") && said.err.contains("not run: the chunk after it"), "{}", said.err);
}
