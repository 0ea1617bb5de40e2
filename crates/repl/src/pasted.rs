//! Commands among the lines of a text that came at once, such as a paste: they are obeyed as when the lines are typed one after another.

use crate::{
    commands::Command,
    gather::{is_invalid_soon, is_unfinished_soon},
    unfinished::{candidate, is_meant},
};

/// Lines that may be commands are looked at with what stands before them; no more than these.
const MOST: usize = 32;

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
/// A command begins its line, and stands behind what is whole; or it cannot go on with what is not.
pub(crate) fn parts(text: &str) -> Option<Vec<Part>> {
    let (mut parts, mut begun, mut looked) = (Vec::new(), String::new(), 0);
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some(command) = candidate(line).filter(|_| looked < MOST) else {
            begun.push_str(line);
            continue;
        };
        looked += 1;
        let is_unfinished = is_unfinished_soon(&begun);
        let goes_on = || is_unfinished && !is_meant(line) && !is_invalid_soon(&format!("{begun}{line}"));
        // Behind what is whole a member may stand that is indented.
        let is_member = || !is_unfinished && !begun.is_empty() && !line.starts_with('.');
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
            ("let a = 1\nlet b = 2\n.save x.ts\n", &["let a = 1\nlet b = 2", ".save x.ts"]),
            ("f(\n.load a.ts\n1)", &[".load a.ts", "f(\n1)"]),
            ("f(\n.break\n2", &["2"]),
            ("f(\n.exit", &[".exit"]),
            ("f(\n  .break", &[]),
            ("1\n.editor\na\nb", &["1", "editor: a\nb"]),
            (".help\nf(", &[".help", "goes on: f(\n"]),
        ] {
            assert_eq!(told(text), Some(wanted.iter().map(|&part| part.to_owned()).collect()), "{text}");
        }
    }

    #[test]
    fn what_is_code_stays_one_chunk() {
        for text in [
            "list\n.map(f)\n.filter(g)",
            "store\n  .history\n  .length",
            "(x\n.history\n)",
            "css = `\n.clear { a: b }\n`",
            "1\n2",
            "1\n.nothing",
            "1\n.load",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
