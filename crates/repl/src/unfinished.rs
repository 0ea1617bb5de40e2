//! Commands inside of unfinished input: `.break`, `.exit` and the others on a line of their own.

use crate::{
    commands::{Command, parse},
    gather::is_unfinished_soon,
    lexer::{Kind, Token, tokens},
    manual,
};

/// The command that is the last line of `text`, or what is wrong with it, and the unfinished input before it. `None`: the text is a chunk.
/// `.map(f)` goes on with it, and is none; nor is a name that no command has, or one that lacks what it takes: `.type` may be a member.
pub(crate) fn command(text: &str) -> Option<(&str, Result<Command, String>)> {
    let (begun, last) = text.trim_end().rsplit_once('\n')?;
    let command = parse(last)?;
    // A negation may stand on a line of its own.
    if matches!(command, Ok(Command::Shell(_))) {
        return None;
    }
    let is_known = || last.trim().split_once(char::is_whitespace).is_some_and(|(name, _)| manual::find(name).is_some());
    (command.is_ok() || is_known()).then_some(())?;
    // Words that leave, and nothing else, are meant even there.
    if !matches!(command, Ok(Command::Break | Command::Exit | Command::Editor)) && is_inside(text, begun.len()) {
        return None;
    }
    is_unfinished_soon(begun).then_some((begun, command))
}

/// Whether `line` drops the unfinished input before it, or leaves.
pub(crate) fn leaves(begun: &str, line: &str) -> bool {
    !begun.trim().is_empty() && matches!(line.trim(), ".break" | ".exit")
}

/// Whether a template or a comment goes on at `end`.
fn is_inside(text: &str, end: usize) -> bool {
    tokens(text)
        .iter()
        .any(|Token { kind, at }| matches!(kind, Kind::String | Kind::Comment) && at.start <= end && at.end > end + 1)
}

#[cfg(test)]
mod tests {
    use super::command;
    use crate::commands::Command;

    #[test]
    fn a_command_on_a_line_of_its_own_is_one() {
        assert_eq!(command("f(\n.break"), Some(("f(", Ok(Command::Break))));
        assert_eq!(command("f({\n  a: 1,\n  .exit "), Some(("f({\n  a: 1,", Ok(Command::Exit))));
        assert_eq!(command("(x\n.load a.ts"), Some(("(x", Ok(Command::Load("a.ts".into())))));
        assert_eq!(command("css = `\n.break"), Some(("css = `", Ok(Command::Break))));
        assert_eq!(command("f(`x`, // y\n.load a.ts"), Some(("f(`x`, // y", Ok(Command::Load("a.ts".into())))));
        assert_eq!(command("(x\n.exit now"), Some(("(x", Err(".exit takes no argument".into()))));
    }

    #[test]
    fn what_goes_on_with_the_chunk_is_none() {
        for text in [
            "(x\n.map(f)",
            "(x\n.charAt(0)",
            "(x\n.length",
            "(x\n.type",
            "x\n.exit",
            ".exit",
            "(x\n.load",
            "(x\n.exit\n1",
            "(x\n.5",
            "(x\n!ls",
            "css = `\n.clear { color: red }",
            "css = `\n.save { margin: 0 }",
            "css = `${a}\n.save x",
            "/* see\n.load x",
        ] {
            assert_eq!(command(text), None, "{text}");
        }
    }
}
