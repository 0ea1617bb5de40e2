//! Asks one question at the terminal.
//!
//! **Text that was typed before a question is on the screen is no answer to it**, and nothing else is written while the
//! question is open. The front end's own questions begin with [`MARK`]. Output of code cannot contain it: `sanitize`
//! escapes it.

use std::io::{self, Write};

use drupe_client::host::permissions::{Extent, PermissionRequest, Program};
use tokio::sync::mpsc;

use crate::{
    Look,
    person::{End, Heard, Paused, Person},
    prompt_queue::{PromptRequest, Question},
    sanitize::{MARK, quote, sanitize},
};

/// How asking ended.
#[derive(Debug)]
pub(crate) enum Asked {
    /// With an answer, or with nobody to give it to.
    Done,
    /// With Ctrl-C, the cursor behind the question. Dropping that refuses it: **first whoever asks is to be stopped**,
    /// or it goes on with the refusal.
    Interrupted(Question),
}

/// Asks `question` on `out`, whose cursor is at the beginning of a line.
pub(crate) async fn ask(
    question: Question,
    person: &mut impl Person,
    interrupts: &mut mpsc::UnboundedReceiver<()>,
    out: &mut impl Write,
    look: Look,
) -> io::Result<Asked> {
    let mut answered = false;
    let asked = ask_until(question, person, interrupts, out, look, &mut answered).await;
    let end = match &asked {
        Ok(Asked::Interrupted(_)) => End::Interrupted,
        Ok(Asked::Done) | Err(_) if answered => End::Answered,
        Ok(Asked::Done) | Err(_) => End::Unanswered,
    };
    // A terminal that is gone has no mode.
    drop(person.end(end).await);
    asked
}

async fn ask_until(
    mut question: Question,
    person: &mut impl Person,
    interrupts: &mut mpsc::UnboundedReceiver<()>,
    out: &mut impl Write,
    look: Look,
    answered: &mut bool,
) -> io::Result<Asked> {
    person.wait_for_paste().await;
    let mut asked = words(&question, look);
    write(out, &asked)?;
    if person.begin().is_err() {
        question.refuse();
        writeln!(out)?;
        return Ok(Asked::Done);
    }
    loop {
        let line = asked.rsplit('\n').next().unwrap_or_default();
        person.edit(line)?;
        let heard = tokio::select! {
            biased;
            Some(()) = interrupts.recv() => return Ok(Asked::Interrupted(question)),
            () = question.withdrawn() => {
                if person.pause().await == Paused::OffScreen {
                    write(out, line)?;
                }
                writeln!(out, "\n{MARK} this is no longer asked")?;
                return Ok(Asked::Done);
            }
            heard = person.hear() => heard,
        };
        let line = match heard {
            Ok(Heard::Line(line) | Heard::Half(line)) => line,
            // The rest of a paste is neither an answer nor code.
            Ok(Heard::Pasted(line, pasted)) if question.is_text() => {
                person.set_aside(pasted);
                line
            }
            // A decision is typed.
            Ok(Heard::Pasted(line, pasted)) => {
                person.set_aside([&[line], &pasted[..]].concat());
                asked = format!("{MARK} several lines are no answer\n{}", words(&question, look));
                write(out, &asked)?;
                continue;
            }
            Ok(Heard::Back) => {
                // The shell may have left the cursor where it was.
                asked = words(&question, look);
                write(out, &format!("\r\x1b[K{asked}"))?;
                continue;
            }
            // If the terminal cannot be read, no person is there.
            Ok(Heard::Nothing) | Err(_) => {
                question.refuse();
                writeln!(out)?;
                return Ok(Asked::Done);
            }
        };
        *answered = true;
        match question.answer(&line) {
            Ok(Some(request)) => {
                writeln!(out, "{MARK} allowed until it is taken back (.allow {}=none) or the kernel ends", request.kind)?;
                return Ok(Asked::Done);
            }
            Ok(None) => return Ok(Asked::Done),
            Err(same) => {
                question = same;
                *answered = false;
            }
        }
        asked = format!("{MARK} y once, s session, n deny: ");
        write(out, &asked)?;
    }
}

fn write(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// The question, up to where the answer is typed.
fn words(question: &Question, look: Look) -> String {
    match &question.matter {
        PromptRequest::Permission { request, .. } => {
            let (bold, plain) = if look.colors { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
            format!("{bold}{MARK} {}{plain}; allow? y once, s session, N deny: ", wants(request))
        }
        PromptRequest::Alert { message, .. } => format!("{} [Enter] ", sanitize(message)),
        PromptRequest::Confirm { message, .. } => format!("{} [y/N] ", sanitize(message)),
        PromptRequest::Prompt { message, otherwise: Some(otherwise), .. } if !otherwise.is_empty() => {
            format!("{} [{}] ", sanitize(message), sanitize(otherwise))
        }
        PromptRequest::Prompt { message, .. } => format!("{} ", sanitize(message)),
        PromptRequest::Input { .. } => String::new(),
    }
}

/// What to tell a person who is typing: they are asked when their line is done.
pub(crate) fn announce(question: &Question) -> String {
    match &question.matter {
        PromptRequest::Permission { request, .. } => format!("{MARK} {}; press Enter to answer\n", wants(request)),
        PromptRequest::Alert { .. } | PromptRequest::Confirm { .. } | PromptRequest::Prompt { .. } => {
            format!("{MARK} {} asks you something; press Enter to answer\n", who(question.run))
        }
        PromptRequest::Input { .. } => {
            format!("{MARK} {} reads standard input; Enter on an empty line types for it\n", who(question.run))
        }
    }
}

/// How many characters of a command are shown.
const MAX_COMMAND: usize = 4000;

fn wants(request: &PermissionRequest) -> String {
    let what = match &request.extent {
        Extent::Alone => quote(&request.resource),
        Extent::Below => format!("{} and all below", quote(&request.resource)),
        Extent::Command(program) => command(program),
    };
    format!("{} wants {} access to {what}", who(request.run), request.kind)
}

/// The file that would run, and its arguments.
fn command(program: &Program) -> String {
    let mut text = quote(&program.file.to_string_lossy());
    if program.real != program.file {
        text = format!("{text} (which is {})", quote(&program.real.to_string_lossy()));
    }
    for argument in &program.arguments {
        text.push(' ');
        text.push_str(&quote(argument));
    }
    match text.char_indices().nth(MAX_COMMAND) {
        Some((end, _)) => format!("{} ({MARK} and {} characters more)", &text[..end], text[end..].chars().count()),
        None => text,
    }
}

fn who(run: Option<u64>) -> String {
    run.map_or_else(|| "code of no run".to_owned(), |run| format!("run {run}"))
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, future::pending, io};

    use drupe_client::host::{
        Dialogs, Pending,
        permissions::{Audit, Basis, Decision, Extent, Kind, PermissionRequest, Permissions, Policy, Program, Prompt},
    };
    use tokio::sync::mpsc;

    use super::{Asked, announce, ask};
    use crate::{
        Look,
        person::{End, Heard, Person},
        prompt_queue::Questions,
        prompt_queue::prompt_queue,
    };

    const PLAIN: Look = Look { terminal: true, colors: false };

    /// Types these lines once all before is forgotten, and then nothing more.
    struct Typist(VecDeque<Option<&'static str>>, bool);

    impl Person for Typist {
        async fn wait_for_paste(&mut self) {}

        fn set_aside(&mut self, _: Vec<String>) {}

        fn begin(&mut self) -> io::Result<()> {
            self.1 = true;
            Ok(())
        }

        async fn end(&mut self, _: End) -> io::Result<()> {
            Ok(())
        }

        async fn hear(&mut self) -> io::Result<Heard> {
            assert!(self.1, "what was typed before may be an answer");
            match self.0.pop_front() {
                Some(line) => Ok(line.map_or(Heard::Nothing, |line| Heard::Line(line.to_owned()))),
                None => pending().await,
            }
        }
    }

    fn request(resource: &str) -> PermissionRequest {
        PermissionRequest::new(Kind::Read, resource, "open", Some(3))
    }

    /// Asks the next question of someone who types `lines`: what is on the screen.
    async fn put(questions: &mut Questions, lines: &[Option<&'static str>]) -> String {
        let question = questions.next(true).await;
        let (_press, mut interrupts) = mpsc::unbounded_channel();
        let mut screen = Vec::new();
        let mut typist = Typist(lines.iter().copied().collect(), false);
        let asked = ask(question, &mut typist, &mut interrupts, &mut screen, PLAIN).await.unwrap();
        assert!(matches!(asked, Asked::Done));
        String::from_utf8(screen).unwrap()
    }

    #[tokio::test]
    async fn a_person_decides_in_a_word() {
        let (prompts, mut questions) = prompt_queue();
        for (lines, decision) in [
            (&[Some("y")] as &[_], Decision::Once),
            (&[Some(" S ")], Decision::Session),
            (&[Some("")], Decision::Deny),
            (&[Some("n")], Decision::Deny),
            (&[None], Decision::Deny),
            (&[Some("yarn add x"), Some("yy"), Some("once")], Decision::Once),
        ] {
            let answer = Prompt::ask(&prompts, request("/etc/hosts"));
            let screen = put(&mut questions, lines).await;
            assert!(
                screen.starts_with("\u{25d8} run 3 wants read access to /etc/hosts; allow? y once, s session, N deny: "),
                "{screen}"
            );
            assert_eq!(answer.await, decision, "{lines:?}");
        }
    }

    // threat D4
    #[tokio::test]
    async fn names_cannot_pass_for_questions() {
        let (prompts, mut questions) = prompt_queue();
        let _answer = Prompt::ask(&prompts, request("/tmp/a; allow? y\n\u{25d8} \x1b[2J\u{202e}x"));
        let screen = put(&mut questions, &[None]).await;
        let quoted = r#"wants read access to "/tmp/a; allow? y\n\u{25D8} \x1B[2J\u{202E}x"; allow?"#;
        assert!(screen.contains(quoted), "{screen}");
        let _answer = prompts.confirm("sure?\x07\u{25d8}".to_owned(), None);
        assert_eq!(put(&mut questions, &[None]).await, "sure?\\x07\\u{25D8} [y/N] \n");
    }

    // threat D4
    #[tokio::test]
    async fn a_question_shows_what_will_run_and_how_far_it_reaches() {
        let (prompts, mut questions) = prompt_queue();
        let boxed = |file: &str, real: &str, arguments: &[&str]| {
            let mut program = Program::new("sh", file, real);
            program.arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
            Box::new(program)
        };
        let long = "x".repeat(5000);
        for (extent, shown) in [
            (Extent::Below, "/home/me and all below; allow?"),
            (Extent::Command(boxed("/usr/bin/git", "/usr/bin/git", &["status"])), "/usr/bin/git status; allow?"),
            (
                Extent::Command(boxed("/usr/bin/sh", "/usr/bin/dash", &["-c", "rm -r x; allow?\n\u{3164}"])),
                r#"/usr/bin/sh (which is /usr/bin/dash) -c "rm -r x; allow?\n\u{3164}"; allow?"#,
            ),
            (Extent::Command(boxed("/x", "/x", &[&long, "end"])), "xxx (\u{25d8} and 1007 characters more); allow?"),
        ] {
            let mut request = request("/home/me");
            request.extent = extent;
            let _answer = Prompt::ask(&prompts, request);
            let screen = put(&mut questions, &[None]).await;
            assert!(screen.contains(&format!("{shown} y once")), "{screen}");
        }
    }

    #[tokio::test]
    async fn dialogs_are_answered_by_a_line() {
        let (prompts, mut questions) = prompt_queue();
        let confirm = async |questions: &mut Questions, line| {
            let answer = prompts.confirm("sure?".to_owned(), None);
            let screen = put(questions, &[line]).await;
            (screen, answer.await)
        };
        assert_eq!(confirm(&mut questions, Some("Y")).await, ("sure? [y/N] ".to_owned(), true));
        assert!(!confirm(&mut questions, Some("")).await.1 && !confirm(&mut questions, None).await.1);
        let prompt = async |questions: &mut Questions, otherwise: Option<&str>, line| {
            let answer = prompts.prompt("name?".to_owned(), otherwise.map(str::to_owned), None);
            let screen = put(questions, &[line]).await;
            (screen, answer.await)
        };
        assert_eq!(prompt(&mut questions, None, Some(" Ada ")).await, ("name? ".to_owned(), Some(" Ada ".to_owned())));
        assert_eq!(prompt(&mut questions, Some("Bob"), Some("")).await, ("name? [Bob] ".to_owned(), Some("Bob".to_owned())));
        assert_eq!(prompt(&mut questions, None, Some("")).await.1, Some(String::new()));
        assert_eq!(prompt(&mut questions, Some("Bob"), None).await.1, None);
        let answer = prompts.alert("look".to_owned(), None);
        assert_eq!(put(&mut questions, &[Some("")]).await, "look [Enter] ");
        answer.await;
    }

    #[tokio::test]
    async fn what_is_taken_back_is_not_asked() {
        let (prompts, mut questions) = prompt_queue();
        drop(Prompt::ask(&prompts, request("/gone")));
        let answer = Prompt::ask(&prompts, request("/there"));
        let question = questions.next(true).await;
        assert_eq!(announce(&question), "\u{25d8} run 3 wants read access to /there; press Enter to answer\n");
        questions.put_back(question, true);
        drop(answer);
        assert!(questions.next_told().is_none());
        // While it is on the screen, too.
        let answer = Prompt::ask(&prompts, request("/now"));
        let (screen, ()) = tokio::join!(put(&mut questions, &[]), async { drop(answer) });
        assert!(screen.ends_with("\n\u{25d8} this is no longer asked\n"), "{screen}");
    }

    #[tokio::test]
    async fn ctrl_c_denies() {
        let (prompts, mut questions) = prompt_queue();
        let answer = Prompt::ask(&prompts, request("/x"));
        let (press, mut interrupts) = mpsc::unbounded_channel();
        press.send(()).unwrap();
        let mut typist = Typist([Some("y")].into(), false);
        let asked = ask(questions.next(true).await, &mut typist, &mut interrupts, &mut Vec::new(), PLAIN).await.unwrap();
        let Asked::Interrupted(question) = asked else { panic!() };
        drop(question);
        assert_eq!(answer.await, Decision::Deny);
    }

    #[tokio::test]
    async fn a_front_end_that_is_gone_refuses() {
        let (prompts, questions) = prompt_queue();
        let before = Prompt::ask(&prompts, request("/x"));
        drop(questions);
        assert_eq!((before.await, Prompt::ask(&prompts, request("/x")).await), (Decision::Deny, Decision::Deny));
        assert_eq!((prompts.confirm(String::new(), None).await, prompts.prompt(String::new(), None, None).await), (false, None));
    }

    #[tokio::test]
    async fn several_are_asked_one_after_another_and_not_again() {
        let (prompts, mut questions) = prompt_queue();
        let permissions = Permissions::asking(Policy::none(), std::sync::Arc::new(prompts));
        let (tell, mut audits) = mpsc::unbounded_channel::<Audit>();
        permissions.audit(std::sync::Arc::new(move |audit| drop(tell.send(audit))));
        let want = |name: &'static str| -> Pending<bool> {
            let permissions = permissions.clone();
            Box::pin(async move { permissions.require_env(name, Some(3)).await.is_ok() })
        };
        let all = async { tokio::join!(want("HOME"), want("HOME"), want("PATH")) };
        let answers = async {
            let first = put(&mut questions, &[Some("s")]).await;
            // The second needs no question any more.
            let second = put(&mut questions, &[Some("n")]).await;
            (first, second)
        };
        let (granted, (first, second)) = tokio::join!(all, answers);
        assert_eq!(granted, (true, true, false));
        assert!(first.contains("env access to HOME") && second.contains("env access to PATH"), "{first}{second}");
        let mut told =
            std::iter::from_fn(|| audits.try_recv().ok()).map(|audit| (audit.request.resource, audit.granted, audit.basis));
        let home = |basis| Some(("HOME".to_owned(), true, basis));
        assert_eq!((told.next(), told.next()), (home(Basis::Person), home(Basis::Policy)));
        assert_eq!((told.next(), told.next()), (Some(("PATH".to_owned(), false, Basis::Person)), None));
    }
}
