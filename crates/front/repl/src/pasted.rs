//! Commands among the lines of a text that came at once, such as a paste: they are executed as when the lines are typed
//! one after another.

use crate::{
    chunk_reader::{is_invalid_soon, is_unfinished_soon},
    commands::Command,
    continuation,
    unfinished::{candidate, is_meant_here, may_be_member},
};

/// A line that may be a command is looked at with what stands before it. How many bytes may be, besides a multiple of
/// the size of the text: **they are many**. Beyond that a line is code.
const LOOKED_AT: usize = 1 << 20;
const LOOKS: usize = 8;

/// A part of a text that came at once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A chunk, or a command on a line.
    Whole(String),
    /// `.editor` takes this, and what is typed then.
    Editor(String),
    /// The end of the text: it wants another line.
    Unfinished(String),
}

/// The parts of a text with commands in it; `None`: it is one chunk, or one command.
///
/// A command begins its line, and stands behind what is whole; or it cannot go on with what is not. One that is meant
/// wherever it stands may also be the last line.
pub(crate) fn parts(text: &str) -> Option<Vec<Part>> {
    let (mut parts, mut begun, mut looked) = (Vec::new(), String::new(), 0);
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let may_look = looked <= LOOKED_AT + text.len() * LOOKS;
        let Some(command) = candidate(line).filter(|_| may_look) else {
            begun.push_str(line);
            continue;
        };
        looked += begun.len() + line.len();
        let is_unfinished = is_unfinished_soon(&begun);
        let behind = || lines.clone().find(|line| !line.trim().is_empty());
        let goes_on = || {
            let read_on = match (is_meant_here(begun.trim_end_matches('\n'), line), behind()) {
                (false, _) => format!("{begun}{line}"),
                (true, Some(next)) => format!("{begun}{line}{next}"),
                (true, None) => return false,
            };
            is_unfinished && !is_invalid_soon(&read_on)
        };
        // Behind what is whole a member may stand that is indented, or that the next line goes on with.
        let goes_on_behind = || may_be_member(line) && continuation::goes_on(lines.clone());
        let is_member = || !is_unfinished && !begun.is_empty() && (!line.starts_with('.') || goes_on_behind());
        if is_member() || goes_on() {
            begun.push_str(line);
            continue;
        }
        match command {
            Ok(Command::Break) if is_unfinished => begun.clear(),
            Ok(Command::Editor) => {
                if !is_unfinished {
                    parts.extend(whole(&mut begun));
                }
                begun.extend(lines.by_ref());
                parts.push(Part::Editor(std::mem::take(&mut begun)));
            }
            Ok(Command::Exit) if is_unfinished => {
                parts.push(Part::Whole(line.trim().to_owned()));
                begun.clear();
            }
            Ok(_) | Err(_) => {
                // Unfinished input goes on behind it.
                if !is_unfinished {
                    parts.extend(whole(&mut begun));
                }
                parts.push(Part::Whole(line.trim().to_owned()));
            }
        }
    }
    if looked == 0 || (parts.is_empty() && begun == text) {
        return None;
    }
    if is_unfinished_soon(&begun) {
        parts.push(Part::Unfinished(begun.trim_end().to_owned() + "\n"));
    } else {
        parts.extend(whole(&mut begun));
    }
    Some(parts)
}

impl Part {
    /// How many lines it has.
    pub(crate) fn lines(&self) -> usize {
        let (Self::Whole(text) | Self::Editor(text) | Self::Unfinished(text)) = self;
        text.lines().count()
    }
}

fn whole(begun: &mut String) -> Option<Part> {
    let text = std::mem::take(begun);
    (!text.trim().is_empty()).then(|| Part::Whole(text.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    fn told(text: &str) -> Option<Vec<String>> {
        let tell = |part| match part {
            Part::Whole(text) => text,
            Part::Editor(text) => format!("editor: {text}"),
            Part::Unfinished(text) => format!("goes on: {text}"),
        };
        parts(text).map(|parts| parts.into_iter().map(tell).collect())
    }

    #[test]
    fn commands_stand_behind_what_is_whole() {
        for (text, wanted) in [
            ("1+1\n.help\n2+2", &["1+1", ".help", "2+2"][..]),
            (".time\nf()\n.time", &[".time", "f()", ".time"]),
            ("p\n.time\n.help\nq", &["p", ".time", ".help", "q"]),
            ("let a = 1\nlet b = 2\n.save x.ts\n", &["let a = 1\nlet b = 2", ".save x.ts"]),
            ("f(\n.load a.ts\n1)", &[".load a.ts", "f(\n1)"]),
            ("f(\n.break\n2", &["2"]),
            ("css = `\n.break\n", &[]),
            ("css = `\n.exit", &[".exit"]),
            ("1\n.exit\n2\n3", &["1", ".exit", "2\n3"]),
            ("f(\n.exit", &[".exit"]),
            ("(x\n.exit\n1+1", &[".exit", "1+1"]),
            ("(x\n.break\n1+1", &["1+1"]),
            ("f(\n  .break", &[]),
            ("foo(1\n  .break", &[]),
            ("[1, 2\n  .exit", &[".exit"]),
            ("while (x\n  .editor", &["editor: while (x\n"]),
            ("1\n.editor\na\nb", &["1", "editor: a\nb"]),
            (".help\nf(", &[".help", "goes on: f(\n"]),
        ] {
            assert_eq!(told(text), Some(wanted.iter().map(|&part| part.to_owned()).collect()), "{text}");
        }
    }

    #[test]
    fn commands_are_obeyed_however_many_there_are() {
        let text = "let a = 1\n.time\n".repeat(1_000);
        assert_eq!(parts(&text).map(|parts| parts.len()), Some(2_000));
        // And where each is looked at with all before it, in time that grows with the size. A machine that is busy may
        // not know in time what a line is.
        let begun = std::time::Instant::now();
        drop(parts(&format!("(x{}", "\n.history".repeat(20_000))));
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
    }

    #[test]
    fn what_is_code_stays_one_chunk() {
        for text in [
            "list\n.map(f)\n.filter(g)",
            "list\n.time\n\n// all\n.filter(g)",
            "store\n  .history\n  .length",
            "(x\n.history\n)",
            "css = `\n.clear { a: b }\n`",
            "css = `\n.exit\n`",
            "(x\n.break\n.editor\n)",
            "(x\n.exit\n\n.y)",
            "p\n.reset + 1",
            "p\n.exit ? a : b",
            "p\n.type === 'x'",
            "1\n2",
            "1\n.nothing",
            "1\n.load",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
