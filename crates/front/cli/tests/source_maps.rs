//! `--enable-source-maps`: errors of JavaScript that was compiled lead to what it was compiled of.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, Said, run_in};

const ORIGINAL: &str = "type T = string\n\nfunction boom(): never {\n  throw new Error(\"boom\")\n}\nboom()\n";
const COMPILED: &str = "\"use strict\";\nfunction boom() { throw new Error(\"boom\"); }\nboom();\n";
const MAPPINGS: &str = ";AAEA,kBACE,MAAM;AAER";
/// The same map with its original text, within the compiled one.
const INSIDE: &str = concat!(
    "data:application/json;base64,",
    "eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbInNyYy9ib29tLnRzIl0sInNvdXJjZXNDb250ZW50IjpbInR5cGUgVCA9",
    "IHN0cmluZ1xuXG5mdW5jdGlvbiBib29tKCk6IG5ldmVyIHtcbiAgdGhyb3cgbmV3IEVycm9yKFwiYm9vbVwiKVxu",
    "fVxuYm9vbSgpXG4iXSwibWFwcGluZ3MiOiI7QUFFQSxrQkFDRSxNQUFNO0FBRVIifQ==",
);

fn map(source: &str) -> String {
    format!("{{\"version\":3,\"sources\":[\"{source}\"],\"names\":[],\"mappings\":\"{MAPPINGS}\"}}")
}

fn leads_to_original(said: &Said, file: &str) {
    let (boom, main) = (format!("at boom ({file}:4:9)"), format!("{file}:6:1"));
    assert!(said.status == Some(1) && said.err.contains(&boom) && said.err.contains(&main), "{said:?}");
    assert!(said.err.contains("4 |   throw new Error(\"boom\")\n  |         ^"), "{said:?}");
}

fn leads_to_compiled(said: &Said) {
    assert!(said.status == Some(1) && said.err.contains("boom.js:2:25"), "{said:?}");
    assert!(said.err.contains("2 | function boom() { throw new Error(\"boom\"); }"), "{said:?}");
}

#[test]
fn errors_lead_to_the_original_where_a_flag_says_so() {
    let folder = Folder::new("maps");
    std::fs::create_dir_all(folder.0.join("src")).unwrap();
    let original = folder.write("src/boom.ts", ORIGINAL).display().to_string();
    let mentioning = |url: &str| format!("{COMPILED}//# sourceMappingURL={url}\n");
    folder.write("boom.js", &mentioning("boom.js.map"));
    folder.write("boom.mjs", &mentioning("boom.js.map"));
    folder.write("boom.js.map", &map("src/boom.ts"));
    folder.write("inside.js", &mentioning(INSIDE));
    folder.write("requires.cjs", "require('./boom.js')");
    folder.write("imports.mjs", "import './boom.mjs'");
    let run = |file: &str| run_in(&folder, &["--enable-source-maps", file]);
    for file in ["boom.js", "inside.js", "requires.cjs"] {
        leads_to_original(&run(file), &original);
    }
    for file in ["boom.mjs", "imports.mjs"] {
        leads_to_original(&run(file), &format!("file://{original}").replace(' ', "%20"));
    }
    leads_to_compiled(&run_in(&folder, &["boom.js"]));
    // What the program sees of it.
    folder.write("seen.cjs", "try { require('./boom.js') } catch (error) { console.log(error.stack.includes('boom.ts:4:9')) }");
    assert_eq!(run("seen.cjs").out, "true\n");
    assert_eq!(run_in(&folder, &["seen.cjs"]).out, "false\n");
}

#[test]
fn a_map_that_cannot_be_had_is_none() {
    let folder = Folder::new("no-maps");
    let file = folder.write("boom.js", &format!("{COMPILED}//# sourceMappingURL=boom.js.map\n")).display().to_string();
    let run = |flags: &[&str]| run_in(&folder, &[&["--enable-source-maps"], flags, &["boom.js"]].concat());
    leads_to_compiled(&run(&[]));
    for text in ["", "{", "{\"version\":3}", &map("src/boom.ts").replace("AAEA", "A!"), &map("x").replace("kBACE", "kBCCE")] {
        folder.write("boom.js.map", text);
        leads_to_compiled(&run(&[]));
    }
    folder.write("boom.js.map", &map("src/boom.ts"));
    // The original is not there: its place is told without its text.
    let said = run(&[]);
    assert!(said.err.contains("src/boom.ts:4:9") && !said.err.contains(" | "), "{said:?}");
    // Nobody is asked for what is not granted.
    leads_to_compiled(&run(&[&format!("--allow-read={file}")]));
    // One that leads out of the folder names what it names.
    folder.write("boom.js.map", &map("webpack://app/src/boom.ts"));
    assert!(run(&[]).err.contains("webpack://app/src/boom.ts:4:9"));
}
