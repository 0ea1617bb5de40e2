//! What the documents tell people to type does what they say.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Where documents are.
const FOLDERS: [&str; 6] = [".", "docs", "protocol", "protocol/fuzz", "client", "third_party/v8"];

/// The document whose programs `tests/examples/embedding.test.js` runs.
const EMBEDDING: &str = "docs/EMBEDDING.md";

/// The programs that build and test, which this test is part of.
const CHORES: [&str; 6] = ["cargo", "bash", "npm", "pip", "apt-get", "lab"];

pub(crate) struct Block {
    page: String,
    /// What stands behind the opening fence.
    pub(crate) info: String,
    pub(crate) text: String,
}

pub(crate) fn blocks() -> Vec<Block> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let mut blocks = Vec::new();
    for folder in FOLDERS {
        let pages = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        for path in pages.filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
            let page = path.strip_prefix(root).unwrap().display().to_string();
            let text = fs::read_to_string(&path).unwrap();
            let mut lines = text.lines();
            while let Some(line) = lines.next() {
                let Some(info) = line.strip_prefix("```") else { continue };
                let body = lines.by_ref().take_while(|line| *line != "```").map(|line| line.to_owned() + "\n").collect();
                blocks.push(Block { page: page.clone(), info: info.to_owned(), text: body });
            }
        }
    }
    assert!(blocks.len() > 10);
    blocks
}

/// Every block of code is of a kind that some test compiles, runs or reads.
#[test]
fn every_block_of_code_is_tried() {
    for Block { page, info, .. } in blocks() {
        let tried = match info.split([' ', ',']).next().unwrap() {
            // A drawing.
            "" => true,
            // `client/src/lib.rs` has it compiled.
            "rust" => page.ends_with("README.md") || page == EMBEDDING,
            // Below; the clients' own tests run it.
            "ts" if page.ends_with("NOTEBOOKS.md") => true,
            "python" | "ts" | "js" => page == "README.md" || page == EMBEDDING,
            "html" => page == EMBEDDING,
            // Below.
            "sh" => true,
            // `session.rs` types it.
            "console" if page.ends_with("README.md") => true,
            // Below.
            "console" => page.ends_with("REPL.md"),
            // Below; and `settings_of_the_document_are_right` of `crates/front/repl`.
            // That of `MCP.md`: `describe.rs` of `crates/front/mcp` reads it.
            "toml" => page.ends_with("README.md") || page.ends_with("REPL.md") || page.ends_with("MCP.md"),
            // `mcp.rs` starts what they name.
            "json" => page == "README.md" || page.ends_with("MCP.md"),
            // `session.rs` types it; `tests/tracing.rs` looks for its fields.
            "text" => page.ends_with("SESSION.md") || page.ends_with("README.md") || page == EMBEDDING,
            // `protocol/tests/wire_md.rs` decodes it.
            "hex" => page.ends_with("WIRE.md"),
            _ => false,
        };
        assert!(tried, "{page}: no test tries a block of {info:?}");
    }
}

/// Examples for other languages are those of the clients, whose tests run them.
#[test]
fn examples_in_other_languages_are_those_of_the_clients() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    for (infos, folder) in [(&["python"][..], "client/python"), (&["ts", "js"], "client/typescript")] {
        let page = fs::read_to_string(root.join(folder).join("README.md")).unwrap();
        let of_it = |block: &Block| block.page == "README.md" && infos.contains(&block.info.as_str());
        let examples = blocks().into_iter().filter(of_it).collect::<Vec<_>>();
        assert!(!examples.is_empty(), "{folder}");
        for example in examples {
            assert!(page.contains(&example.text), "{folder} has no {}", example.text);
        }
    }
}

/// What a stranger's crate is to depend on: a folder of this repository, and features that Tokio has.
#[test]
fn the_dependencies_of_the_readme_are_there() {
    let is_manifest = |block: &Block| block.info == "toml" && block.page.ends_with("README.md");
    let block = blocks().into_iter().find(is_manifest).unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let path = block.text.split("path = \"../drupe/").nth(1).unwrap().split('"').next().unwrap();
    let manifest = std::fs::read_to_string(root.join(path).join("Cargo.toml")).unwrap();
    let name = block.text.lines().nth(1).unwrap().split(' ').next().unwrap();
    assert!(manifest.contains(&format!("name = \"{name}\"")), "{manifest}");
    assert!(block.text.contains(r#"features = ["macros", "rt-multi-thread"]"#), "{}", block.text);
}

/// Commands with their output: `…` stands for what is left out.
#[test]
fn transcripts_of_the_shell_are_right() {
    let mut tried = 0;
    for Block { page, text, .. } in
        blocks().into_iter().filter(|block| block.info == "console" && block.page.ends_with("REPL.md"))
    {
        let (command, wanted) = text.strip_prefix("$ ").unwrap().split_once('\n').unwrap();
        let folder = tempfile::tempdir().unwrap();
        let output = shell(command, folder.path());
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.lines().count(), wanted.lines().count(), "{page}: {said}");
        for (said, wanted) in said.lines().zip(wanted.lines()) {
            let mut rest = said;
            for part in wanted.split('…').map(str::trim) {
                let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("{page}: {wanted}\n{said}"));
                rest = after;
            }
        }
        tried += 1;
    }
    assert!(tried > 0);
}

/// Runs a line of the shell in `folder`, with `drupe` on the `PATH`.
fn shell(command: &str, folder: &Path) -> Output {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_drupe"));
    let mut places = vec![program.parent().unwrap().to_owned()];
    places.extend(env::split_paths(&env::var_os("PATH").unwrap()));
    Command::new("timeout")
        .args(["60", "bash", "-o", "pipefail", "-c", command])
        .current_dir(folder)
        .env("PATH", env::join_paths(places).unwrap())
        .env("DRUPE_HISTORY", "")
        // `drupe jupyter install` writes there.
        .env("JUPYTER_DATA_DIR", folder.join("jupyter"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Cells of a notebook, one after the other.
#[test]
fn cells_of_notebooks_run() {
    let cells = blocks().into_iter().filter(|block| block.info == "ts" && block.page.ends_with("NOTEBOOKS.md"));
    let code: Vec<_> = cells.map(|cell| cell.text).collect();
    assert!(code.len() > 1);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cells.ts"), code.join("\n;\n")).unwrap();
    let output = shell("drupe eval \"$(cat cells.ts)\"", folder.path());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("vega-lite") && shown.contains("celsius"), "{shown}");
}

#[test]
fn commands_in_the_documents_end_as_they_say() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("script.ts"), "const word: string = 'done'\nconsole.log(word)\n").unwrap();
    let filter = "for await (const piece of process.stdin) process.stdout.write(String(piece).toUpperCase())\n";
    fs::write(folder.path().join("filter.ts"), filter).unwrap();
    fs::write(folder.path().join("in.csv"), "b,2\na,1\n").unwrap();
    let mut tried = 0;
    for Block { page, text, .. } in blocks().into_iter().filter(|block| block.info == "sh") {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
            if command.split(' ').any(|word| CHORES.contains(&word)) {
                continue;
            }
            let status = comment.split_once("exits with ").map_or(0, |(_, status)| status.trim().parse().unwrap());
            let output = shell(command, folder.path());
            assert_eq!(output.status.code(), Some(status), "{page}: {command}\n{}", String::from_utf8_lossy(&output.stderr));
            tried += 1;
        }
    }
    assert!(tried > 5, "{tried}");
}
