//! A person's settings: `config.toml` in their configuration folder. An entry that cannot be understood is reported,
//! and the others hold.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use strsim::osa_distance;
use toml_edit::{Document, Item};

/// How a conversation looks and feels.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preferences {
    /// Whether there are colours; `None`: where the terminal has them.
    pub colors: Option<bool>,
    /// The keys of vi, and not those of Emacs.
    pub vi: bool,
    /// What stands before a chunk that is typed.
    pub prompt: String,
    /// How many entries of the history are kept; 0: none, and no file.
    pub history: usize,
    /// Whether the version and a word of help are printed at the beginning.
    pub greeting: bool,
    /// Whether values are foreseen in grey while one types.
    pub preview: bool,
    /// Whether a result that is `undefined` is printed.
    pub undefined: bool,
    /// Whether each run is followed by what it cost.
    pub costs: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            colors: None,
            vi: false,
            prompt: "> ".to_owned(),
            history: 5_000,
            greeting: true,
            preview: true,
            undefined: true,
            costs: false,
        }
    }
}

/// The keys, and what each may be. Those with a dot stand in a table.
const KEYS: [(&str, &str); 8] = [
    ("colors", "\"auto\", \"always\" or \"never\""),
    ("keys", "\"emacs\" or \"vi\""),
    ("prompt", "a string without control characters, such as \"> \""),
    ("history", "how many entries are kept, from 0 to 1000000"),
    ("print.greeting", "true or false"),
    ("print.preview", "true or false"),
    ("print.undefined", "true or false"),
    ("print.costs", "true or false"),
];

/// The folder for a person's settings: `drupe` in `$XDG_CONFIG_HOME`, else in `~/.config`.
#[must_use]
pub fn config_folder() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = if cfg!(windows) {
        folder("APPDATA")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))
    };
    config.map(|config| config.join("drupe"))
}

/// The file that begins every conversation: `init.ts` or `init.js` in `folder`, if there is one.
#[must_use]
pub fn init_file(folder: &Path) -> Option<PathBuf> {
    ["init.ts", "init.js"].into_iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

impl Preferences {
    /// Those of `config.toml` in `folder`, and what is wrong with that file, line by line.
    #[must_use]
    pub fn read(folder: &Path) -> (Self, Vec<String>) {
        let path = folder.join("config.toml");
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Self::default(), Vec::new()),
            Err(error) => (Self::default(), vec![format!("cannot read {}: {error}", path.display())]),
        }
    }

    fn parse(text: &str, file: &str) -> (Self, Vec<String>) {
        let mut preferences = Self::default();
        let place = |offset: usize| format!("{file}:{}", text[..offset.min(text.len())].matches('\n').count() + 1);
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let message = error.message().trim().replace('\n', ": ");
                return (preferences, vec![format!("{}: it is no TOML: {message}", place(offset))]);
            }
        };
        let mut mistakes = Vec::new();
        let mut take = |name: &str, offset: usize, item: &Item| {
            let Some((_, possible)) = KEYS.iter().find(|(key, _)| *key == name) else {
                let all = KEYS.map(|(key, _)| key).join(", ");
                let near = nearest(name).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                mistakes.push(format!("{}: there is no key {name:?}{near} (there are {all})", place(offset)));
                return;
            };
            if preferences.set(name, item).is_none() {
                mistakes.push(format!("{}: {name} = {}: it may be {possible}", place(offset), written(text, item)));
            }
        };
        for (key, item) in document.iter() {
            let offset =
                |table: &toml_edit::Table, key: &str| table.key(key).and_then(|key| key.span()).map_or(0, |span| span.start);
            let at = offset(document.as_table(), key);
            match (key, item) {
                ("print", Item::Table(table)) => {
                    table.iter().for_each(|(inner, item)| take(&format!("print.{inner}"), offset(table, inner), item));
                }
                ("print", Item::Value(toml_edit::Value::InlineTable(table))) => {
                    table.iter().for_each(|(inner, value)| take(&format!("print.{inner}"), at, &Item::Value(value.clone())));
                }
                _ => take(key, at, item),
            }
        }
        (preferences, mistakes)
    }

    /// `None`: the key cannot have this value.
    fn set(&mut self, key: &str, item: &Item) -> Option<()> {
        match key {
            "colors" => {
                self.colors = match item.as_str()? {
                    "auto" => None,
                    "always" => Some(true),
                    "never" => Some(false),
                    _ => return None,
                }
            }
            "keys" => {
                self.vi = match item.as_str()? {
                    "emacs" => false,
                    "vi" => true,
                    _ => return None,
                }
            }
            "prompt" => self.prompt = item.as_str().filter(|text| !text.chars().any(char::is_control))?.to_owned(),
            "history" => {
                self.history =
                    item.as_integer().and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= 1_000_000)?
            }
            "print.greeting" => self.greeting = item.as_bool()?,
            "print.preview" => self.preview = item.as_bool()?,
            "print.undefined" => self.undefined = item.as_bool()?,
            "print.costs" => self.costs = item.as_bool()?,
            _ => return None,
        }
        Some(())
    }
}

/// A value as it stands in the file, its first line.
fn written<'t>(text: &'t str, item: &Item) -> &'t str {
    item.span().and_then(|span| text.get(span)).and_then(|text| text.lines().next()).unwrap_or("…")
}

/// The key that was probably meant.
fn nearest(name: &str) -> Option<&'static str> {
    let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
    let wanted = name.rsplit('.').next().unwrap_or(name);
    let distance = |key: &'static str| osa_distance(wanted, last(key));
    let aliases = [
        ("color", "colors"),
        ("colour", "colors"),
        ("colours", "colors"),
        ("mode", "keys"),
        ("edit_mode", "keys"),
        ("history_size", "history"),
    ];
    let alias = aliases.into_iter().find(|(alias, _)| *alias == wanted).map(|(_, key)| key);
    alias.or_else(|| KEYS.map(|(key, _)| key).into_iter().filter(|key| distance(key) <= 2).min_by_key(|key| distance(key)))
}

#[cfg(test)]
mod tests {
    use super::Preferences;

    #[test]
    fn settings_of_the_document_are_right() {
        let page = include_str!("../../../../docs/REPL.md");
        let block = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        let (preferences, notices) = Preferences::parse(block, "config.toml");
        assert_eq!(notices, Vec::<String>::new());
        assert_eq!((&*preferences.prompt, preferences.undefined), ("js> ", false));
    }

    #[test]
    fn settings_are_read() {
        let text =
            "colors = \"never\"\nkeys = \"vi\"\nprompt = \"js> \"\nhistory = 10\n[print]\nundefined = false\ncosts = true\n";
        let (preferences, mistakes) = Preferences::parse(text, "c.toml");
        let wanted = Preferences {
            colors: Some(false),
            vi: true,
            prompt: "js> ".to_owned(),
            history: 10,
            undefined: false,
            costs: true,
            ..Preferences::default()
        };
        assert_eq!((preferences, mistakes), (wanted, Vec::new()));
        assert_eq!(Preferences::parse("", "c.toml"), (Preferences::default(), Vec::new()));
        assert!(!Preferences::parse("print.undefined = false", "c.toml").0.undefined);
        assert!(!Preferences::parse("print = { greeting = false }", "c.toml").0.greeting);
    }

    #[test]
    fn mistakes_name_the_line_the_key_and_what_is_possible() {
        let mistakes = |text: &str| Preferences::parse(text, "c.toml").1.join("\n");
        let all = "colors, keys, prompt, history, print.greeting, print.preview, print.undefined, print.costs";
        let unknown = mistakes("# mine\ncolour = \"never\"\nkeys = \"vi\"\n");
        assert_eq!(unknown, format!("c.toml:2: there is no key \"colour\"; did you mean colors? (there are {all})"));
        assert_eq!(mistakes("keys = \"vim\""), "c.toml:1: keys = \"vim\": it may be \"emacs\" or \"vi\"");
        assert_eq!(mistakes("\nhistory = -1"), "c.toml:2: history = -1: it may be how many entries are kept, from 0 to 1000000");
        assert_eq!(
            mistakes("prompt = \"\\u001b[2J\""),
            "c.toml:1: prompt = \"\\u001b[2J\": it may be a string without control characters, such as \"> \""
        );
        assert_eq!(mistakes("\n[print]\ncosts = 1"), "c.toml:3: print.costs = 1: it may be true or false");
        assert!(
            mistakes("[print]\ncost = true").starts_with("c.toml:2: there is no key \"print.cost\"; did you mean print.costs?")
        );
        assert!(mistakes("keys = \"vi\"\nprompt = \n").starts_with("c.toml:2: it is no TOML: "));
        // What can be understood holds.
        assert!(Preferences::parse("keys = \"vi\"\nhistory = \"many\"", "c.toml").0.vi);
    }
}
