//! Commands inside of unfinished input: `.break`, `.exit` and the others on a line of their own.
//!
//! **Code is never taken for a command**: a line is a command only where it cannot go on with the text before it.
//! `.history` after `(store` is a member; after `f(` it is a command. So it is with what follows a name: `.reset + 1`
//! is a member of what stands before it. `.break`, `.exit` and `.editor` alone on a line, without indentation, are
//! always commands where nothing stands behind them: a program that writes into a pipe must be able to leave text that
//! never ends. At the prompt they may have the indentation that the prompt itself has put before them.

use drupe_lexer::{LineStart, line_start};

use crate::{
    chunk_reader::{indent, is_invalid_soon, is_unfinished_soon},
    commands::{Command, parse},
    manual,
};

/// The command that is the last line of `text`, or what is wrong with it, and the unfinished input before it. `None`:
/// the text is a chunk.
pub(crate) fn command(text: &str) -> Option<(&str, Result<Command, String>)> {
    let (begun, last) = text.trim_end().rsplit_once('\n')?;
    let command = candidate(last)?;
    (is_unfinished_soon(begun) && (is_meant_here(begun, last) || is_invalid_soon(text))).then_some((begun, command))
}

/// Whether `line`, typed after `begun`, is a command whatever it could go on with.
pub(crate) fn is_meant_here(begun: &str, line: &str) -> bool {
    let word = line.trim_start_matches(' ');
    let spaces = line.len() - word.len();
    is_meant(word) && (spaces == 0 || spaces == indent(begun))
}

/// Whether `line` is a command wherever it stands.
pub(crate) fn is_meant(line: &str) -> bool {
    matches!(line.trim_end(), ".break" | ".exit" | ".editor")
}

/// Whether `line`, which is a command, could also be a member of what stands before it: it has one word.
pub(crate) fn may_be_member(line: &str) -> bool {
    let word = line.trim();
    !is_meant(word) && !word.contains(char::is_whitespace)
}

/// The command that `line` is if it is no code. A negation may stand on a line of its own; a name that no command has
/// is a member, and so are one that lacks what it takes, and one that an operator follows.
pub(crate) fn candidate(line: &str) -> Option<Result<Command, String>> {
    let command = parse(line).filter(|command| !matches!(command, Ok(Command::Shell(_))))?;
    let Some((name, argument)) = line.trim().split_once(char::is_whitespace) else {
        return command.is_ok().then_some(command);
    };
    let is_known = command.is_ok() || manual::find(name).is_some();
    (is_known && !is_operation(argument.trim_start(), command.is_ok())).then_some(command)
}

/// Whether an argument is the rest of an expression. One that a command could take is so only if it is an operator
/// with its right side: a path may begin with a dot or a slash, and `.cd -` goes back.
fn is_operation(argument: &str, is_taken: bool) -> bool {
    let (sign, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let has_right_side = !rest.trim().is_empty();
    if matches!(sign, "as" | "satisfies" | "in" | "instanceof") && has_right_side {
        return true;
    }
    match line_start(argument) {
        LineStart::Begins => false,
        LineStart::GoesOn | LineStart::MayGoOn(_) if !is_taken => true,
        LineStart::GoesOn | LineStart::MayGoOn(_) => has_right_side && sign.chars().all(|sign| "=!<>&|^%*+-/?:,".contains(sign)),
    }
}

#[cfg(test)]
mod tests {
    use super::{candidate, command};
    use crate::commands::Command;

    #[test]
    fn a_command_on_a_line_of_its_own_is_one() {
        assert_eq!(command("f(\n.break"), Some(("f(", Ok(Command::Break))));
        assert_eq!(command("f({\n  a: 1,\n  .exit "), Some(("f({\n  a: 1,", Ok(Command::Exit))));
        assert_eq!(command("(x\n.load a.ts"), Some(("(x", Ok(Command::Load("a.ts".into())))));
        assert_eq!(command("css = `\n.break"), Some(("css = `", Ok(Command::Break))));
        assert_eq!(command("f(`x`, // y\n.load a.ts"), Some(("f(`x`, // y", Ok(Command::Load("a.ts".into())))));
        assert_eq!(command("(x\n.exit now"), Some(("(x", Err(".exit takes no argument".into()))));
        assert_eq!(command("return 1 + f(x\n.exit"), Some(("return 1 + f(x", Ok(Command::Exit))));
        for begun in ["function h() {\n  return 1", "const o = {\n  a: 1", "if (x) {\n  y\n", "(x", "f(x,\n  y"] {
            let typed = format!("{begun}\n{}.break", " ".repeat(crate::chunk_reader::indent(begun)));
            assert_eq!(command(&typed), Some((begun, Ok(Command::Break))), "{typed}");
        }
        assert_eq!(command("f(\n  .history"), Some(("f(", Ok(Command::History))));
    }

    #[test]
    fn a_name_that_an_operator_follows_is_a_member() {
        for line in [
            ".reset + 1",
            ".exit ? a : b",
            ".time (1)",
            ".more [0]",
            ".history `a`",
            ".help && b",
            ".timeout - 5",
            ".type === 'x'",
            ".type as string",
            ".save || f()",
            ".cd instanceof K",
            ".mem / 2",
            ".globals = 1",
            ".break,",
        ] {
            assert_eq!(candidate(line), None, "{line}");
        }
        for line in [
            ".load a.ts",
            ".load ../a.ts",
            ".load /a.ts",
            ".load .hidden",
            ".cd -",
            ".cd /",
            ".cd ~",
            ".copy [0]",
            ".copy -x",
            ".doc x.y",
            ".timeout 5s",
            ".allow read=/tmp",
            ".exit now",
            ".timeout soon",
            ".save as.ts",
        ] {
            assert!(candidate(line).is_some(), "{line}");
        }
    }

    #[test]
    fn what_goes_on_with_the_chunk_is_none() {
        for text in [
            "(x\n.map(f)",
            "(x\n.charAt(0)",
            "(x\n.length",
            "(x\n.type",
            "(x\n.history",
            "(x\n  .reset",
            "(x\n    .break",
            "(x\n.clear",
            "css = `\n  .exit",
            "x\n.exit",
            ".exit",
            "(x\n.load",
            "(x\n.reset + 1",
            "(x\n.exit ? a : b",
            "(x\n.type === 'x'",
            "(x\n.type as string",
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
