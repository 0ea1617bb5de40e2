//! Completion of files and folders: after commands that take a path, and in calls of `fs`.

use std::{fs, path::Path};

use drupe_client::{
    Completion, CompletionKind, Policy,
    host::{permissions::Kind, shell},
};
use drupe_lexer::is_name_part;

/// Entries of a folder that are looked at, and how many are offered.
const MAX_ENTRIES: usize = 20_000;
const MOST: usize = 200;

/// Commands that take a path.
const COMMANDS: [&str; 3] = [".cd", ".load", ".save"];

/// Functions of `fs` that take a path first, without `Sync`.
const FUNCTIONS: [&str; 36] = [
    "access",
    "appendFile",
    "chdir",
    "chmod",
    "chown",
    "copyFile",
    "cp",
    "createReadStream",
    "createWriteStream",
    "exists",
    "lchown",
    "link",
    "lstat",
    "lutimes",
    "mkdir",
    "mkdtemp",
    "open",
    "openAsBlob",
    "opendir",
    "readFile",
    "readdir",
    "readlink",
    "realpath",
    "rename",
    "rm",
    "rmdir",
    "stat",
    "statfs",
    "symlink",
    "truncate",
    "unlink",
    "unwatchFile",
    "utimes",
    "watch",
    "watchFile",
    "writeFile",
];
/// Those that take another path second.
const PAIRS: [&str; 5] = ["copyFile", "cp", "link", "rename", "symlink"];

/// A path that is being typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Where its last part begins, in bytes.
    pub(crate) start: usize,
    /// What is before that.
    folder: String,
    /// What is typed of the last part.
    name: String,
    /// The quote that the path stands in.
    quote: Option<char>,
    /// Who reads it.
    reader: Reader,
    /// Whether only folders are meant.
    folders: bool,
}

/// Who reads a path that is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// One of our commands: it knows `~`.
    Command,
    /// A shell: it knows `~`, too, and what means something to it is escaped.
    Shell,
    /// JavaScript.
    Code,
}

/// The path that `typed` ends with, if it ends with one.
pub(crate) fn site(typed: &str) -> Option<Site> {
    of_command(typed).or_else(|| of_shell(typed)).or_else(|| of_call(typed))
}

/// The last word of a command of the shell.
fn of_shell(typed: &str) -> Option<Site> {
    let command = typed.strip_prefix('!').filter(|command| !command.contains('\n'))?;
    let begins_with_path = ["/", "./", "../", "~/"].iter().any(|start| command.trim_start().starts_with(start));
    let (mut start, mut escaped) = (0, false);
    for (at, char) in command.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            // What is quoted or put in has a meaning that is not looked for.
            '\'' | '"' | '`' | '$' => return None,
            ' ' | '\t' | ';' | '|' | '&' | '<' | '>' | '(' | '=' => start = at + 1,
            _ => {}
        }
    }
    let is_first = command[..start].trim().is_empty();
    if escaped || !(if is_first { begins_with_path } else { begins_with_path || shell::command(typed).is_some() }) {
        return None;
    }
    let word = &command[start..];
    let end = word.rfind('/').map_or(0, |slash| slash + 1);
    let plain = |text: &str| {
        let mut chars = text.chars();
        let mut plain = String::with_capacity(text.len());
        while let Some(char) = chars.next() {
            plain.extend(if char == '\\' { chars.next() } else { Some(char) });
        }
        plain
    };
    Some(Site {
        start: 1 + start + end,
        folder: plain(&word[..end]),
        name: plain(&word[end..]),
        quote: None,
        reader: Reader::Shell,
        folders: command.trim_start().starts_with("cd "),
    })
}

/// `name` as a shell reads it.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for char in name.chars() {
        if char.is_whitespace() || "!\"#$&'()*;<=>?[\\]^`{|}~".contains(char) {
            text.push('\\');
        }
        text.push(char);
    }
    text
}

fn of_command(typed: &str) -> Option<Site> {
    let (command, rest) = typed.split_once(' ')?;
    if !COMMANDS.contains(&command) || rest.contains('\n') {
        return None;
    }
    let path = rest.trim_start();
    let quote = path.chars().next().filter(|char| matches!(char, '"' | '\''));
    let path = quote.map_or(path, |_| &path[1..]);
    Some(Site::new(typed.len() - path.len(), path, quote, Reader::Command, command == ".cd"))
}

fn of_call(typed: &str) -> Option<Site> {
    let line = typed.rfind('\n').map_or(0, |end| end + 1);
    let open = line + typed[line..].rfind(['"', '\'', '`'])?;
    let (quote, path) = (typed[open..].chars().next()?, &typed[open + 1..]);
    // What is escaped or put in has a meaning that is not looked for.
    if path.contains('\\') || (quote == '`' && path.contains("${")) {
        return None;
    }
    let mut before = typed[..open].trim_end();
    let mut functions = &FUNCTIONS[..];
    if let Some(first) = before.strip_suffix(',') {
        let first = first.trim_end();
        let quote = first.chars().last().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
        before = first[..first[..first.len() - 1].rfind(quote)?].trim_end();
        functions = &PAIRS;
    }
    let before = before.strip_suffix('(')?.trim_end();
    let receiver = before.trim_end_matches(is_name_part);
    let function = &before[receiver.len()..];
    let is_listed = functions.contains(&function.strip_suffix("Sync").unwrap_or(function));
    let holder = receiver.trim_end_matches('.').trim_end();
    let holder = &holder[holder.trim_end_matches(is_name_part).len()..];
    let of_fs = !receiver.ends_with('.')
        || receiver.ends_with(").")
        || matches!(holder, "promises" | "process")
        || holder.to_ascii_lowercase().starts_with("fs");
    (is_listed && of_fs).then(|| Site::new(open + 1, path, Some(quote), Reader::Code, function == "chdir"))
}

impl Site {
    /// Of a path that begins at `start`.
    fn new(start: usize, path: &str, quote: Option<char>, reader: Reader, folders: bool) -> Self {
        let end = path.rfind('/').map_or(0, |slash| slash + 1);
        Self { start: start + end, folder: path[..end].to_owned(), name: path[end..].to_owned(), quote, reader, folders }
    }

    /// What is there that `policy` lets code read, in a session whose working folder is `base`. May block.
    pub(crate) fn list(&self, policy: &Policy, base: &Path) -> Vec<Completion> {
        let folder = match self.reader {
            Reader::Code => base.join(&self.folder),
            Reader::Command | Reader::Shell => base.join(shell::expand(&self.folder)),
        };
        let may_read = |path: &Path| policy.covers_path(Kind::Read, path);
        let Some(Ok(entries)) = folder.canonicalize().ok().filter(|real| may_read(real)).map(fs::read_dir) else {
            return Vec::new();
        };
        let mut items = Vec::new();
        for entry in entries.flatten().take(MAX_ENTRIES) {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let is_hidden = name.starts_with('.') && !self.name.starts_with('.');
            if !name.starts_with(&self.name) || is_hidden || self.cannot_hold(&name) {
                continue;
            }
            let name = if self.reader == Reader::Shell { escaped(&name) } else { name };
            let Some(real) = entry.path().canonicalize().ok().filter(|real| may_read(real)) else { continue };
            if real.is_dir() {
                items.push(item(name + "/", "folder"));
            } else if !self.folders {
                items.push(item(name, "file"));
            }
        }
        items.sort_by(|one, other| one.text.cmp(&other.text));
        items.truncate(MOST);
        items
    }

    /// Whether a name would mean something else where it is typed. **In a template `${` begins code.**
    fn cannot_hold(&self, name: &str) -> bool {
        let breaks_line = |char: char| char.is_control() || matches!(char, '\u{2028}' | '\u{2029}');
        let is_special = |char| self.reader != Reader::Shell && (char == '\\' || Some(char) == self.quote);
        name.contains(|char: char| breaks_line(char) || is_special(char)) || (self.quote == Some('`') && name.contains("${"))
    }
}

fn item(text: String, what: &str) -> Completion {
    Completion::new(text, CompletionKind::Property, Some(what.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use drupe_client::{Policy, host::permissions::Kind};

    use super::{FUNCTIONS, site};

    #[test]
    fn paths_are_recognised() {
        assert!(FUNCTIONS.is_sorted());
        for (typed, folder, name) in [
            (".load ./a/b", "./a/", "b"),
            (".cd ", "", ""),
            (".save  my file", "", "my file"),
            ("fs.readFileSync('./pa", "./", "pa"),
            ("let a = await fs.promises.readFile(\"", "", ""),
            ("1;\nfsp.cp( `a/", "a/", ""),
            ("require('fs').statSync('/x", "/", "x"),
            ("readFileSync('é/日", "é/", "日"),
            ("fs.renameSync('a', 'b/c", "b/", "c"),
            ("process.chdir('", "", ""),
            (".cd \"a b/c", "a b/", "c"),
            ("!ls -l ./a/b", "./a/", "b"),
            ("!ls ", "", ""),
            ("!/bin/l", "/bin/", "l"),
            ("!ls --color=x/y >z", "", "z"),
        ] {
            let found = site(typed).unwrap_or_else(|| panic!("{typed}"));
            assert_eq!((&*found.folder, &*found.name), (folder, name), "{typed}");
            assert_eq!(&typed[found.start..], name);
        }
        for typed in [
            "fs.readFileSync(",
            "fs.readFileSync('a', 'ut",
            "map.stat('a",
            ".doc a",
            "f('a",
            "fs.readFileSync(`${a",
            "fs.readFileSync('a\\'",
            ".loads a",
            "!no_such_program_here a",
            "!ls 'a",
            "!ls $a",
            "!ls",
        ] {
            assert_eq!(site(typed), None, "{typed}");
        }
    }

    #[test]
    fn only_what_may_be_read_is_offered() {
        let folder = std::env::temp_dir().join(format!("drupe-disk-{}", std::process::id()));
        fs::create_dir_all(folder.join("sub/deep")).unwrap();
        fs::create_dir_all(folder.join("shut")).unwrap();
        for file in ["some.ts", "it's", ".hidden", "shut/x", "sub/y"] {
            fs::write(folder.join(file), "").unwrap();
        }
        let list = |typed: &str, policy: &Policy| {
            let typed = typed.replace('@', folder.to_str().unwrap());
            site(&typed).unwrap().list(policy, Path::new("/")).into_iter().map(|item| item.text).collect::<Vec<_>>()
        };
        let all = Policy::all();
        assert_eq!(list(".load @/", &all), ["it's", "shut/", "some.ts", "sub/"]);
        assert_eq!(list(".load @/.", &all), [".hidden"]);
        assert_eq!(list(".cd @/s", &all), ["shut/", "sub/"]);
        assert_eq!(list("fs.statSync('@/i", &all), Vec::<String>::new());
        // A shell reads what means something to it escaped.
        fs::write(folder.join("sub/two words & more"), "").unwrap();
        assert_eq!(list("!cat @/i", &all), ["it\\'s"]);
        assert_eq!(list("!cat @/sub/two\\ w", &all), ["two\\ words\\ \\&\\ more"]);
        assert_eq!(list(".load \"@/sub/two", &all), ["two words & more"]);
        fs::remove_file(folder.join("sub/two words & more")).unwrap();
        // What is relative begins where the session is.
        let near = |typed: &str| site(typed).unwrap().list(&all, &folder).into_iter().map(|item| item.text).collect::<Vec<_>>();
        assert_eq!(near("fs.statSync('./so"), ["some.ts"]);
        assert_eq!(near("!ls su"), ["sub/"]);
        // What is no text where it would stand is not offered.
        fs::create_dir(folder.join("odd")).unwrap();
        for name in ["${evil()}", "$1", "a\\b", "a`b", "a\"b", "a\nb", "a\u{2028}b"] {
            fs::write(folder.join("odd").join(name), "").unwrap();
        }
        assert_eq!(list("fs.statSync(`@/odd/", &all), ["$1", "a\"b"]);
        assert_eq!(list("fs.statSync(`@/odd/$", &all), ["$1"]);
        assert_eq!(list("fs.statSync(\"@/odd/", &all), ["$1", "${evil()}", "a`b"]);
        assert_eq!(list("fs.statSync('@/sub/", &all), ["deep/", "y"]);
        let mut some = Policy::none();
        some.allow(Kind::Read, &folder.join("sub").canonicalize().unwrap().display().to_string()).unwrap();
        assert_eq!(list(".load @/", &some), Vec::<String>::new());
        assert_eq!(list(".load @/sub/", &some), ["deep/", "y"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
