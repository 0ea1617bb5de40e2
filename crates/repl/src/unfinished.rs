//! Commands inside of unfinished input: `.break`, `.exit` and the others on a line of their own.

use crate::{
    commands::{Command, parse},
    gather::is_unfinished_soon,
};

/// The command that is the last line of `text`, and the unfinished input before it. `None`: the text is a chunk. `.map(f)` goes on with it,
/// and is none; nor is a name that no command has.
pub(crate) fn command(text: &str) -> Option<(&str, Command)> {
    let (begun, last) = text.trim_end().rsplit_once('\n')?;
    let Some(Ok(command)) = parse(last) else { return None };
    is_unfinished_soon(begun).then_some((begun, command))
}

#[cfg(test)]
mod tests {
    use super::command;
    use crate::commands::Command;

    #[test]
    fn a_command_on_a_line_of_its_own_is_one() {
        assert_eq!(command("f(\n.break"), Some(("f(", Command::Break)));
        assert_eq!(command("f({\n  a: 1,\n  .exit "), Some(("f({\n  a: 1,", Command::Exit)));
        assert_eq!(command("(x\n.load a.ts"), Some(("(x", Command::Load("a.ts".into()))));
    }

    #[test]
    fn what_goes_on_with_the_chunk_is_none() {
        for text in ["(x\n.map(f)", "(x\n.charAt(0)", "(x\n.length", "x\n.exit", ".exit", "(x\n.load", "(x\n.exit\n1", "(x\n.5"] {
            assert_eq!(command(text), None, "{text}");
        }
    }
}
