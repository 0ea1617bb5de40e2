//! Commands that come by a pipe.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common;
use crate::common::{Folder, Running, run_with};

#[test]
fn help_is_printed() {
    let said = run_with(&["repl"], ".help\n.help load\n1\n");
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    assert!(
        said.out.contains(".globals")
            && said.out.contains(".load FILE\n  run a file as one chunk")
            && said.out.ends_with("\n1\n"),
        "{}",
        said.out
    );
}

#[test]
fn text_of_the_editor_is_one_chunk() {
    let text = "function f() { return 1 }\n\n\n{}\n[f(), 2]\n";
    for end in [".end\n'after'\n", "\u{4}\n'after'\n"] {
        let said = run_with(&["repl"], &format!(".editor\n{text}{end}"));
        assert_eq!((said.status, said.out.as_str(), said.err.as_str()), (Some(0), "[ 1, 2 ]\n'after'\n", ""), "{end:?}");
    }
    assert_eq!(run_with(&["repl"], &format!(".editor\n{text}")).out, "[ 1, 2 ]\n");
    assert_eq!(run_with(&["repl"], &format!(".editor\n{text}.break\n'after'\n")).out, "'after'\n");
}

#[test]
fn commands_see_and_change_the_session() {
    let said = run_with(
        &["repl"],
        "let count: number = 1; function add(a: number, b = 2) { return a + b }\n.globals\n.type add\n.reset\ntypeof count\n.timeout 5s\n.exit\n3\n",
    );
    assert_eq!(said.status, Some(0));
    for text in ["let count", "function add(a: number, b = 2)\n", "'undefined'\n", "timeout vm off, wall 5s\n"] {
        assert!(said.out.contains(text), "{text}: {}", said.out);
    }
    assert!(!said.out.ends_with("3\n"), "it has left: {}", said.out);
    assert_eq!(said.err, "state lost: the session was reset\n");
}

#[test]
fn mistakes_are_told_and_count() {
    let said = run_with(&["repl"], ".hlep\n.clear\n.replay\n1\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "1\n"));
    for text in ["no command .hlep; did you mean .help?", ".clear is for a terminal", "nothing to replay"] {
        assert!(said.err.contains(text), "{text}: {}", said.err);
    }
}

/// A dot within a chunk continues it.
#[test]
fn a_member_on_a_line_of_its_own_is_no_command() {
    assert_eq!(run_with(&["repl"], "[\n1].concat(\n2)\n[1, 2\n]\n.5\n").out, "[ 1, 2 ]\n[ 1, 2 ]\n0.5\n");
}

/// A pipe may do no more than its chunks may.
#[test]
fn commands_of_a_pipe_are_bound_by_the_permissions() {
    let folder = Folder::new("bound");
    let file = folder.write("a.js", "console.log('loaded')");
    let input = format!(".allow read\n.load {0}\n.save {0}\n!touch {0}.new\n.allow\n", file.display());
    let said = run_with(&["repl", "--deny"], &input);
    assert_eq!(said.status, Some(1));
    assert!(said.out.contains("read    nothing\n"), "{}", said.out);
    for text in ["use the flags", "cannot read", "--allow-read=", "cannot write", "--allow-write=", "--allow-run="] {
        assert!(said.err.contains(text), "{text}: {}", said.err);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "console.log('loaded')");
    assert!(!folder.0.join("a.js.new").exists());
}

#[test]
fn words_of_other_programs_say_what_to_type() {
    let said = run_with(&["repl"], "exit\nquit()\nhelp\nlet help = 1\nhelp\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), "undefined\n1\n"));
    assert!(said.err.contains(".exit leaves") && said.err.contains(".help lists the commands"), "{}", said.err);
}

/// Also of what a command runs.
#[test]
fn a_command_ends_the_input_as_its_run_does() {
    let folder = Folder::new("left");
    let file = folder.write("a.js", "process.exit(3)");
    let said = run_with(&["repl"], &format!(".load {}\n'after'\n", file.display()));
    assert_eq!((said.status, said.out.as_str()), (Some(3), ""), "{}", said.err);
    let begun = folder.0.join("begun");
    let file = folder.write("loop.js", "console.log('begun'); for (;;);").display().to_string();
    for (setup, command) in [
        ("", format!(".load {file}")),
        ("", format!("!sh -c 'echo > \"{}\"; exec sleep 100'", begun.display())),
        ("setTimeout(() => { console.log('begun'); for (;;); }, 0); 1\n", ".globals".to_owned()),
    ] {
        let mut running = Running::start(&["repl"]);
        running.type_in(setup);
        if !setup.is_empty() {
            while running.line() != "begun" {}
        }
        running.type_in(&format!("{command}\n'after'\n"));
        if command.starts_with('!') {
            common::eventually("the program", || begun.exists().then_some(()));
        } else if setup.is_empty() {
            assert_eq!(running.line(), "begun");
        }
        // What stops a question to the kernel may be pressed before it is asked.
        while running.is_running() {
            running.signal(rustix::process::Signal::INT);
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let said = running.finish();
        assert_eq!((said.status, said.out.contains("after")), (Some(130), false), "{command}: {said:?}");
    }
}

#[test]
fn what_the_command_line_limits_no_command_lifts() {
    let said = run_with(&["repl", "--wall-timeout", "5s"], ".timeout off\n.timeout 1h\n.timeout 2s\n");
    assert_eq!(said.out, "timeout vm off, wall 5s\ntimeout vm off, wall 5s\ntimeout vm off, wall 2s\n");
}

#[test]
fn a_name_of_the_session_is_an_expression_over_several_lines() {
    let said = run_with(&["repl"], "let sort = false, f = x => x.a\n!sort && f({\n  a: 7\n})\n!ulimit -n > /dev/null\n");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "undefined\n7\n"), "{}", said.err);
}

#[test]
fn commands_that_leave_unfinished_input() {
    assert_eq!(run_with(&["repl"], "function f() {\n return 1\n.break\n5\n").out, "5\n");
    let said = run_with(&["repl"], "f(\n.exit\n5\n");
    assert_eq!((said.status, said.out.as_str()), (Some(1), ""));
    assert_eq!(said.err, "the unfinished chunk before .exit is not run\n");
}

#[test]
fn members_that_are_called_as_commands_stay_members() {
    let object = "const o = { reset: 5, exit: 7, type: 'x', time: { s: 1 } };\n";
    for (lines, out) in [
        ("o\n.reset + 1\n", "6\n"),
        ("o\n.type === 'x'\n", "true\n"),
        ("o\n.type as string\n", "'x'\n"),
        ("o\n.exit ? 1 : 2\n", "1\n"),
        ("(o\n.exit\n)\n", "7\n"),
        ("[o\n.exit\n, 2]\n", "[ 7, 2 ]\n"),
        ("(o\n.exit\n\n.toFixed(1))\n", "'7.0'\n"),
        ("`\n.exit\n`\n", "'\\n.exit\\n'\n"),
    ] {
        let said = run_with(&["repl"], &format!("{object}{lines}"));
        assert_eq!((said.status, &*said.out, &*said.err), (Some(0), &*format!("undefined\n{out}"), ""), "{lines}");
    }
    // What cannot go on, or has nothing behind it, is a command.
    for lines in ["(o\n.exit\n", "(o\n.exit\n1 + 1\n", "f(\n.exit\n)\n"] {
        let said = run_with(&["repl"], &format!("{object}{lines}"));
        assert_eq!((said.status, &*said.out), (Some(1), "undefined\n"), "{lines}: {said:?}");
        assert_eq!(said.err, "the unfinished chunk before .exit is not run\n", "{lines}");
    }
    let said = run_with(&["repl"], ".reset + 1\n1\n");
    assert_eq!((said.status, &*said.out, &*said.err), (Some(1), "1\n", ".reset takes no argument\n"));
}
