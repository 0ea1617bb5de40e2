//! WebAssembly modules, by `data:` URL and from a folder.

use drupe_client::{Value, value::TypedArrayKind};

use crate::case::{Act, Case, LARGEST, World};

const HEAD: &[u8] = b"\0asm\x01\0\0\0";

/// An unsigned number as WebAssembly has it.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len()), content].concat()
}

fn name(text: &str) -> Vec<u8> {
    [&leb(text.len())[..], text.as_bytes()].concat()
}

/// A module with sections.
fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [HEAD.to_vec(), sections.concat()].concat()
}

/// The type of a function without parameters and results.
fn types() -> Vec<u8> {
    section(1, &[1, 0x60, 0, 0])
}

fn counted(count: usize, item: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut content = leb(count);
    (0..count).for_each(|index| content.extend(item(index)));
    content
}

/// A module that imports a function of each of so many others.
pub(crate) fn imports(count: usize) -> Vec<u8> {
    module(&[types(), section(2, &counted(count, |index| [name(&format!("m{index}")), name(""), vec![0, 0]].concat()))])
}

fn exports(count: usize, names: impl Fn(usize) -> String) -> Vec<u8> {
    let functions = section(3, &[1, 0]);
    let list = section(7, &counted(count, |index| [name(&names(index)), vec![0, 0]].concat()));
    module(&[types(), functions, list, section(10, &[1, 2, 0, 0x0b])])
}

fn made(what: &str) -> Vec<u8> {
    match what {
        "90,000 imports" => imports(90_000),
        "60,000 imports of one module" => {
            let list = counted(60_000, |index| [name("./a.js"), name(&format!("{index}")), vec![0, 0]].concat());
            module(&[types(), section(2, &list)])
        }
        "2,000 imports with names of 500 bytes" => {
            let list = counted(2_000, |index| [name(&format!("{index:0>500}")), name(""), vec![0, 0]].concat());
            module(&[types(), section(2, &list)])
        }
        "an import with a name of 1 MiB" => {
            let list = counted(1, |_| [name(&"n".repeat(1_000_000)), name("f"), vec![0, 0]].concat());
            module(&[types(), section(2, &list)])
        }
        "20,000 imports of files" => {
            let list = counted(20_000, |index| [name(&format!("file:///x/{index}")), name(""), vec![0, 0]].concat());
            module(&[types(), section(2, &list)])
        }
        "20,000 imports of data URLs" => {
            let list = counted(20_000, |index| [name(&format!("data:text/javascript,{index}")), name(""), vec![0, 0]].concat());
            module(&[types(), section(2, &list)])
        }
        "60,000 imports of memories" => {
            let list = counted(60_000, |index| [name(&format!("m{index}")), name(""), vec![2, 0, 0]].concat());
            module(&[section(2, &list)])
        }
        "90,000 exports" => exports(90_000, |index| format!("e{index}")),
        "one export 200,000 times" => exports(200_000, |_| "e".into()),
        "exports with names of 100,000 bytes" => exports(9, |index| format!("{index}{}", "e".repeat(100_000))),
        "a count of 2^32 imports" => module(&[types(), section(2, &[0xff, 0xff, 0xff, 0xff, 0x0f])]),
        "a count of 2^63 imports" => module(&[types(), section(2, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])]),
        "numbers without end" => [HEAD.to_vec(), vec![0xff; LARGEST - 1024]].concat(),
        "a section longer than the file" => module(&[vec![2, 0xff, 0xff, 0xff, 0x7f]]),
        "500,000 empty sections" => [HEAD.to_vec(), [0, 1, 0].repeat(300_000)].concat(),
        "300,000 import sections" => [HEAD.to_vec(), [2, 1, 0].repeat(300_000)].concat(),
        "a custom section of 1 MiB" => module(&[section(0, &[name("x"), vec![0; 1_000_000]].concat())]),
        "100,000 functions" => {
            module(&[types(), section(3, &counted(100_000, |_| vec![0])), section(10, &counted(100_000, |_| vec![2, 0, 0x0b]))])
        }
        "blocks nested 300,000 deep" => {
            let body = [vec![0], [2, 0x40].repeat(300_000), [0x0b].repeat(300_001)].concat();
            module(&[types(), section(3, &[1, 0]), section(10, &[leb(1), leb(body.len()), body].concat())])
        }
        "only its head" => HEAD.to_vec(),
        "zeros" => [HEAD.to_vec(), vec![0; LARGEST - 1024]].concat(),
        other => panic!("no module with {other}"),
    }
}

const MODULES: &[&str] = &[
    "90,000 imports",
    "60,000 imports of one module",
    "2,000 imports with names of 500 bytes",
    "an import with a name of 1 MiB",
    "20,000 imports of files",
    "20,000 imports of data URLs",
    "60,000 imports of memories",
    "90,000 exports",
    "one export 200,000 times",
    "exports with names of 100,000 bytes",
    "a count of 2^32 imports",
    "a count of 2^63 imports",
    "numbers without end",
    "a section longer than the file",
    "500,000 empty sections",
    "300,000 import sections",
    "a custom section of 1 MiB",
    "100,000 functions",
    "blocks nested 300,000 deep",
    "only its head",
    "zeros",
];

/// As its own text in base64, which is what a kernel without any permission can offer.
const IMPORT: &str = "await import('data:application/wasm;base64,' + Buffer.from(text).toString('base64'))\
                      .then(() => 'imported', (error) => String(error).slice(0, 80))";

/// Several at once.
const IMPORT_12: &str = "await Promise.allSettled(Array.from({ length: 12 }, (_, n) => import('data:application/wasm;base64,' + \
                         Buffer.from(text).toString('base64') + '#' + n))).then((all) => String(all[0].reason).slice(0, 80))";

pub(crate) fn cases() -> Vec<Case> {
    let bytes = |what: &str| Value::TypedArray(TypedArrayKind::Uint8, made(what).into());
    let one =
        MODULES.iter().map(|what| Case::new(format!("wasm {what}"), World::Denied, move || Act::given(IMPORT, bytes(what))));
    let twelve = ["90,000 imports", "20,000 imports of data URLs", "90,000 exports"]
        .into_iter()
        .map(|what| Case::new(format!("wasm {what}, 12 at once"), World::Denied, move || Act::given(IMPORT_12, bytes(what))));
    one.chain(twelve).collect()
}
