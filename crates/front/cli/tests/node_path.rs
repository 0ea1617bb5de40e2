//! Folders that `require` finds packages in beside all `node_modules`: those of `NODE_PATH` and of the home folder.

use crate::common::{Folder, Said, drupe, has_node20, terminal::Terminal};

/// Asks for what is found, one line each.
const PROGRAM: &str = "const found = (name) => { try { return require(name) } catch (error) { return error.code } };
const { globalPaths, _initPaths } = require('module');
console.log(['in-home', 'whole', 'whole/part', 'file', 'near', 'none'].map(found).join());
console.log(globalPaths.slice(0, -1).join(), require.resolve.paths('x').slice(-globalPaths.length - 1, -1).join());
console.log(require.resolve('file'), require.resolve.paths('./x').length, require.resolve.paths('fs'));
import('file').then(() => console.log('found'), (error) => console.log(error.code));
";

/// A program in `app`, a folder `shared` for `NODE_PATH`, and a home.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("home/.node_modules/in-home/index.js", "module.exports = 'home'");
    folder.write("shared/whole/package.json", r#"{"exports": {".": "./main.js", "./part": "./lib/part.js"}}"#);
    folder.write("shared/whole/main.js", "module.exports = 'main'");
    folder.write("shared/whole/lib/part.js", "module.exports = 'part'");
    folder.write("shared/file.js", "module.exports = 'file'");
    folder.write("shared/near.js", "module.exports = 'far'");
    folder.write("app/node_modules/near/index.js", "module.exports = 'near'");
    folder.write("app/main.js", PROGRAM);
    folder
}

/// Runs `program` in the folder of the application.
fn run(folder: &Folder, mut program: std::process::Command, node_path: &str) -> Said {
    let place = folder.0.canonicalize().unwrap();
    let output = program.current_dir(place.join("app")).env("HOME", place.join("home")).env("NODE_PATH", node_path).output();
    let output = output.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

#[test]
fn require_looks_in_the_folders_of_node_path() {
    let folder = folder("node-path");
    let shared = format!("/nowhere::{}", folder.0.canonicalize().unwrap().join("shared").display());
    for node_path in [&*shared, "../shared"] {
        let said = run(&folder, drupe(&["main.js"]), node_path);
        let lines: Vec<_> = said.out.lines().collect();
        assert_eq!(lines.first(), Some(&"home,main,part,file,near,MODULE_NOT_FOUND"), "{said:?}");
        assert_eq!(lines.last(), Some(&"ERR_MODULE_NOT_FOUND"), "import does not look there: {said:?}");
        if has_node20() {
            let mut node = std::process::Command::new("node");
            node.arg("main.js");
            assert_eq!(run(&folder, node, node_path).out, said.out);
        }
    }
}

#[test]
fn the_folders_are_those_that_the_environment_may_tell() {
    let folder = folder("node-path-denied");
    let code = "try { require('file') } catch (error) { console.log(error.code, require('module').globalPaths.length) }";
    for flags in [&["--deny-env"][..], &["--deny-env=NODE_PATH,HOME"], &["--allow-read"]] {
        let said = run(&folder, drupe(&[flags, &["-e", code][..]].concat()), "../shared");
        assert_eq!(said.out, "MODULE_NOT_FOUND 1\n", "{flags:?}: {said:?}");
    }
    let said = run(
        &folder,
        drupe(&["--allow-env", "--allow-read=.", "-p", "try { require('file') } catch (e) { e.code }"]),
        "../shared",
    );
    assert_eq!(said.out, "MODULE_NOT_FOUND\n", "what may not be read is not there: {said:?}");
    folder.write("app/.env", "NODE_PATH=../shared\n");
    let mut program = drupe(&["--env-file", ".env", "-p", "require('file')"]);
    let place = folder.0.canonicalize().unwrap();
    let output = program.current_dir(place.join("app")).env_remove("NODE_PATH").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "file\n", "{output:?}");
}

#[test]
fn a_program_may_name_other_folders() {
    let folder = folder("node-path-set");
    let code = "process.env.NODE_PATH = '../shared';
        require('module')._initPaths();
        console.log(require('file'), require('module').globalPaths[0])";
    assert_eq!(run(&folder, drupe(&["-e", code]), "").out, "file ../shared\n");
}

#[test]
fn tab_offers_what_require_finds() {
    let folder = folder("node-path-tab");
    let shared = folder.0.canonicalize().unwrap().join("shared");
    let Some(terminal) = Terminal::start(&format!("NO_COLOR=1 'NODE_PATH={}'", shared.display())) else { return };
    terminal.type_then("require('whol", &["Tab"]);
    terminal.wait_for("> require('whole");
    terminal.type_then("/p", &["Tab"]);
    terminal.wait_for("> require('whole/part");
    terminal.type_then("')", &["Enter"]);
    terminal.wait_for("\n'part'");
}
