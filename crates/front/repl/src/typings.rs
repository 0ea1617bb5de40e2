//! Finds a name in the type declarations of a package (`.d.ts`). They lie beside the script that the name comes from,
//! and are read as text.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use drupe_client::{Policy, host::permissions::Kind};
use drupe_lexer::{
    comments::{doc_before, without_comments},
    is_name_part,
};

use crate::declaration_files;

/// How large a file may be.
const MAX_SIZE: u64 = 4 << 20;
/// What is read in all.
const MAX_READ: u64 = 64 << 20;
/// Places of a name that are looked at in one file, and how far around each.
const MAX_PLACES: usize = 10_000;
const AROUND: usize = 16 << 10;
/// Declarations that are shown of an overloaded function.
const MAX_HEADS: usize = 8;
/// A longer head is cut.
const MAX_HEAD: usize = 600;

/// What is declared by a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Typing {
    /// Its declarations, each on one line; overloads are several.
    pub(crate) heads: Vec<String>,
    /// The doc comment, without its stars.
    pub(crate) doc: Option<String>,
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

/// What the package of `script` declares by `name`. Only files are read that `policy` lets code read.
pub(crate) fn look_up(script: &str, name: &str, policy: &Policy) -> Option<Typing> {
    let script = PathBuf::from(decode(script.strip_prefix("file://").unwrap_or(script)));
    // **Code says what its script is called**: only the real place counts. What generated code is called may not be
    // there.
    let folder = script.parent()?.canonicalize().ok()?;
    let script = folder.join(script.file_name()?);
    let in_modules =
        script.ancestors().find(|folder| folder.parent().and_then(Path::file_name).is_some_and(|name| name == "node_modules"));
    let package = match in_modules {
        // A scope holds packages.
        Some(scope) if scope.file_name()?.to_string_lossy().starts_with('@') => {
            script.ancestors().find(|folder| folder.parent() == Some(scope))?
        }
        Some(package) => package,
        None => return None,
    };
    if name.is_empty() {
        return None;
    }
    let mut readable = Readable { policy, left: MAX_READ };
    let part = script.strip_prefix(package).ok()?.to_owned();
    let folders = [Some(package.to_owned()), declaration_files::types_package(package)];
    let mut found = None;
    for folder in folders.into_iter().flatten() {
        let mut look = |file: &Path, text: &str| {
            let declared = if text.contains(name) { declared(text, name) } else { None };
            found = declared.map(|(heads, doc, line)| Typing { heads, doc, file: file.to_owned(), line });
            found.is_some()
        };
        if declaration_files::search(&folder, &part, &mut readable, &mut look) {
            break;
        }
    }
    found
}

/// What may be read.
pub(crate) struct Readable<'a> {
    policy: &'a Policy,
    /// How many bytes more.
    left: u64,
}

impl Readable<'_> {
    /// The real path, if code may read it.
    pub(crate) fn real(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok().filter(|real| self.policy.covers_path(Kind::Read, real))
    }

    /// The text of a plain file that is not too large.
    pub(crate) fn text(&mut self, file: &Path) -> Option<String> {
        let real = self.real(file)?;
        let metadata = fs::metadata(&real).ok().filter(|metadata| metadata.is_file() && metadata.len() <= MAX_SIZE)?;
        self.left = self.left.checked_sub(metadata.len())?;
        let mut text = String::new();
        fs::File::open(&real).ok()?.take(MAX_SIZE).read_to_string(&mut text).ok()?;
        Some(text)
    }
}

/// The declarations of `name` in `text`: heads, doc comment, and the line of the first, from 1.
fn declared(text: &str, name: &str) -> Option<(Vec<String>, Option<String>, usize)> {
    let code = without_comments(text);
    let mut found: Vec<(usize, bool)> =
        code.match_indices(name).take(MAX_PLACES).filter_map(|(at, _)| declares(&code, at, name)).collect();
    // A function or class of this name means more than a member of something.
    let is_outer = found.iter().any(|(_, outer)| *outer);
    found.retain(|(_, outer)| *outer == is_outer);
    let &(first, _) = found.first()?;
    let mut heads: Vec<String> = Vec::new();
    // **Each byte is looked at once**, however many places there are.
    let (mut depth, mut seen) = (0, first);
    for (start, _) in &found {
        // Overloads stand together: what another type has by this name is something else.
        if heads.len() == MAX_HEADS || (!is_outer && closes(&code[seen..*start], &mut depth)) {
            break;
        }
        seen = *start;
        let head = head(&code[*start..code.floor_char_boundary(start + AROUND)]);
        if !heads.contains(&head) {
            heads.push(head);
        }
    }
    let doc = found.iter().find_map(|(start, _)| {
        let near = &text[text.ceil_char_boundary(start.saturating_sub(AROUND))..*start];
        doc_before(near, near.len())
    });
    Some((heads, doc, text[..first].matches('\n').count() + 1))
}

/// Whether a block ends in `code` that began before. `depth`: how many blocks have begun since, which changes.
fn closes(code: &str, depth: &mut usize) -> bool {
    code.bytes().any(|byte| {
        match byte {
            b'{' => *depth += 1,
            b'}' if *depth == 0 => return true,
            b'}' => *depth -= 1,
            _ => {}
        }
        false
    })
}

/// Whether the word at `at` is what a declaration declares: where that begins, and whether it stands by itself.
fn declares(code: &str, at: usize, name: &str) -> Option<(usize, bool)> {
    let rest = &code[at + name.len()..];
    if code[..at].ends_with(is_name_part) || rest.starts_with(is_name_part) {
        return None;
    }
    let near = code.floor_char_boundary(at.saturating_sub(AROUND));
    let line = code[near..at].rfind(['\n', '{', ';', '}']).map_or(near, |end| near + end + 1);
    let before = code[line..at].trim_start();
    let start = line + (code[line..at].len() - before.len());
    let words: Vec<&str> = before.split_whitespace().collect();
    let outer = ["function", "class", "const", "let", "var", "enum", "interface", "type", "namespace"];
    let modifiers = ["export", "declare", "default", "async", "abstract", "static", "public", "readonly", "get", "set"];
    let known = words.iter().all(|word| outer.contains(word) || modifiers.contains(word));
    let follows = rest.trim_start().trim_start_matches('?');
    match words.last() {
        Some(last) if known && outer.contains(last) => Some((start, !matches!(*last, "interface" | "type" | "namespace"))),
        _ if known && follows.starts_with(['(', ':', '<']) => Some((start, false)),
        _ => None,
    }
}

/// A declaration up to its end or its body, on one line.
fn head(code: &str) -> String {
    let (mut depth, mut end, mut previous) = (0_usize, code.len(), ' ');
    let has_body = code.split_whitespace().take(4).any(|word| matches!(word, "class" | "interface" | "namespace" | "enum"));
    for (at, char) in code.char_indices() {
        match char {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '>' if previous != '=' => depth = depth.saturating_sub(1),
            // A body, and not a type that is written out.
            '{' if depth == 0 && (has_body || !matches!(previous, ':' | '=' | '|' | '&' | '>')) => {
                end = at;
                break;
            }
            '{' => depth += 1,
            '}' if depth == 0 => {
                end = at;
                break;
            }
            '}' => depth -= 1,
            ';' if depth == 0 => {
                end = at;
                break;
            }
            '\n' if depth == 0 && !matches!(previous, ':' | '=' | '|' | '&' | ',' | '>') => {
                let next = code[at..].trim_start();
                if !next.starts_with(['|', '&', ':', '=', '{']) {
                    end = at;
                    break;
                }
            }
            _ => {}
        }
        if !char.is_whitespace() {
            previous = char;
        }
    }
    let text = code[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_start_matches("export ").trim_start_matches("declare ").to_owned();
    match text.char_indices().nth(MAX_HEAD) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// A path without percent-encoding.
fn decode(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let code =
            tail.get(..2).filter(|_| *first == b'%').and_then(|code| u8::from_str_radix(str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use drupe_client::{Policy, host::permissions::Kind};

    use super::{declared, look_up};

    const TEXT: &str = "
/** Not this. */
export interface Options { indent?: number; }
/**
 * Adds numbers.
 * @param a the first
 */
export declare function add(a: number, options?: { deep: boolean }): number;
export declare function add(a: string): string;
// function later(): void
declare class Box<T> extends Array<T> {
    /** Opens it. */
    open(key: string): T | undefined;
    readonly size: number;
}
export declare const later: (a: number) => void;
";

    #[test]
    fn declarations_are_found_with_their_comments() {
        let heads = |name: &str| declared(TEXT, name).map(|(heads, doc, line)| (heads.join("; "), doc, line));
        let doc = Some("Adds numbers.\n@param a the first".to_owned());
        let add = "function add(a: number, options?: { deep: boolean }): number; function add(a: string): string";
        assert_eq!(heads("add"), Some((add.to_owned(), doc, 8)));
        assert_eq!(heads("open"), Some(("open(key: string): T | undefined".to_owned(), Some("Opens it.".to_owned()), 13)));
        assert_eq!(heads("Box"), Some(("class Box<T> extends Array<T>".to_owned(), None, 11)));
        assert_eq!(heads("later"), Some(("const later: (a: number) => void".to_owned(), None, 16)));
        assert_eq!(heads("nothing"), None);
    }

    // threat B11
    #[test]
    fn a_long_file_takes_time_that_grows_with_its_size() {
        let text = format!("{}export declare function last(): void;\n", "/** d */ x: a; ".repeat(250_000));
        let begun = std::time::Instant::now();
        assert_eq!(declared(&text, "last").map(|(heads, ..)| heads), Some(vec!["function last(): void".to_owned()]));
        assert_eq!(declared(&text, "a"), None);
        // The same declaration again and again, amid blocks.
        let text = format!("interface A {{ {}}}\n", "f(): x; g: {};\n/*                 */\n".repeat(100_000));
        assert_eq!(declared(&text, "f").map(|(heads, ..)| heads), Some(vec!["f(): x".to_owned()]));
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn declarations_of_a_package_are_its_own_or_those_of_types() {
        let folder = std::env::temp_dir().join(format!("drupe-typings-{}", std::process::id()));
        let modules = folder.join("node_modules");
        for (file, text) in [
            ("one/lib/index.js", ""),
            ("one/types/index.d.ts", "export function first(): void;"),
            ("@scope/two/index.js", ""),
            ("@types/scope__two/index.d.ts", "/** Second. */\nexport function second(): void;"),
        ] {
            fs::create_dir_all(modules.join(file).parent().unwrap()).unwrap();
            fs::write(modules.join(file), text).unwrap();
        }
        let look = |script: &str, name: &str, policy: &Policy| {
            look_up(&format!("file://{}", modules.join(script).display()), name, policy)
                .map(|typing| (typing.heads.concat(), typing.doc))
        };
        let all = Policy::all();
        assert_eq!(look("one/lib/index.js", "first", &all), Some(("function first(): void".to_owned(), None)));
        assert_eq!(
            look("@scope/two/index.js", "second", &all),
            Some(("function second(): void".to_owned(), Some("Second.".to_owned())))
        );
        assert_eq!(look("one/lib/index.js", "first", &Policy::none()), None);
        // By a name that code has made up, and by a link: what is read is what is there.
        let mut one = Policy::none();
        one.allow(Kind::Read, &modules.canonicalize().unwrap().join("one").display().to_string()).unwrap();
        assert!(look("one/lib/index.js", "first", &one).is_some());
        assert_eq!(look("one/../@scope/two/index.js", "second", &one), None);
        let link = modules.join("one/types/linked.d.ts");
        std::os::unix::fs::symlink(modules.join("@types/scope__two/index.d.ts"), link).unwrap();
        assert!(look("one/lib/index.js", "second", &one).is_none() && look("one/lib/index.js", "second", &all).is_some());
        fs::remove_dir_all(folder).unwrap();
    }
}
