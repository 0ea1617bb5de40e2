//! What code asks a person, by way of whoever has one: permissions and dialogs, from a real process.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use drupe_client::{
    Chunk, Event, Kernel, Outcome, Permissions, Policy, RunId,
    host::{
        Dialogs, Pending,
        permissions::{Basis, Decision, Kind, PermissionRequest, Prompt},
    },
};
use tokio::sync::{mpsc, oneshot};

use crate::support::{all, block_on, builder, text};

/// Hands what is asked to the test, which answers.
struct Asks(mpsc::UnboundedSender<(PermissionRequest, oneshot::Sender<Decision>)>);

impl Prompt for Asks {
    fn ask(&self, request: PermissionRequest) -> Pending<Decision> {
        let (answer, answered) = oneshot::channel();
        self.0.send((request, answer)).unwrap();
        Box::pin(async { answered.await.unwrap() })
    }
}

type Asked = mpsc::UnboundedReceiver<(PermissionRequest, oneshot::Sender<Decision>)>;

async fn asking() -> (Kernel, Asked) {
    let (ask, asked) = mpsc::unbounded_channel();
    let kernel = builder().permissions(&Permissions::asking(Policy::none(), Arc::new(Asks(ask)))).spawn().await.unwrap();
    (kernel, asked)
}

const READ: &str = "require('fs').readFileSync('/etc/passwd').length > 0";

#[cfg(target_os = "linux")]
#[test]
fn a_person_decides_and_each_decision_is_told() {
    block_on(async {
        let (kernel, mut asked) = asking().await;
        for (decision, is_value) in [(Decision::Once, true), (Decision::Deny, false), (Decision::Session, true)] {
            let run = kernel.run(READ);
            let id = run.id();
            let (request, answer) = asked.recv().await.unwrap();
            assert_eq!((request.kind, request.resource.as_str(), request.run), (Kind::Read, "/etc/passwd", Some(id)));
            answer.send(decision).unwrap();
            let (events, report) = all(run).await;
            let outcome = report.unwrap().outcome;
            assert_eq!(outcome.is_value(), is_value, "{decision:?}");
            if let Some(exception) = outcome.exception() {
                let said = exception.to_string();
                assert!(said.contains("open '/etc/passwd': needs read access, and the person who was asked said no"), "{said}");
            }
            let audits = events.iter().filter_map(|event| if let Event::Permission(audit) = event { Some(audit) } else { None });
            let audits = audits.map(|audit| (audit.granted, audit.basis)).collect::<Vec<_>>();
            assert!(audits.contains(&(is_value, Basis::Person)), "{audits:?}");
        }
        // For the session: nobody is asked, by a later session neither.
        assert_eq!(text(&kernel, READ).await, "true");
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, READ).await, "true");
        assert!(asked.try_recv().is_err());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_question_costs_no_cpu_budget_and_is_taken_back_by_every_stop() {
    block_on(async {
        let (kernel, mut asked) = asking().await;
        kernel.run("require('fs')").await.unwrap();
        // The budget would have ended this while it waits.
        let waits = kernel.run(Chunk::new(READ).vm_timeout(Duration::from_millis(200)));
        let (_, answer) = asked.recv().await.unwrap();
        // By the kernel's own word it still waits, and uses nothing.
        loop {
            let status = kernel.status().await.unwrap();
            assert!(status.run.is_some(), "it ended");
            if status.elapsed_ms > 500 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        answer.send(Decision::Once).unwrap();
        assert!(waits.await.unwrap().outcome.is_value());
        for blocks in [true, false] {
            let code = if blocks { READ } else { "await fetch('http://example.com/')" };
            let run = kernel.run(code);
            let (_, mut answer) = asked.recv().await.unwrap();
            run.interrupt();
            answer.closed().await;
            assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
            // A machine that is slow needs longer to come to its question.
            let mut limit = Duration::from_millis(50);
            loop {
                limit *= 2;
                let mut run = kernel.run(Chunk::new(code).wall_timeout(limit)).into_future();
                let question = tokio::select! {
                    biased;
                    question = asked.recv() => question,
                    report = &mut run => {
                        assert!(matches!(report.unwrap().outcome, Outcome::TimedOut { .. }));
                        continue;
                    }
                };
                question.unwrap().1.closed().await;
                assert!(matches!(run.await.unwrap().outcome, Outcome::TimedOut { .. }));
                break;
            }
            let run = kernel.run(code);
            let (_, mut answer) = asked.recv().await.unwrap();
            kernel.reset().await.unwrap();
            answer.closed().await;
            assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        }
        assert_eq!(text(&kernel, "1+1").await, "2");
    });
}

#[test]
fn several_questions_of_a_run_come_one_by_one() {
    block_on(async {
        let (kernel, mut asked) = asking().await;
        let want = "fetch('http://example.com/').catch(error => error.code ?? error.cause?.code)";
        let run = kernel.run(format!("await Promise.all([{want}, {want}, {want}]).then(String)"));
        for _ in 0..3 {
            let (request, answer) = asked.recv().await.unwrap();
            assert_eq!(request.resource, "example.com:80");
            // Whoever else wants something waits, however long this takes: the kernel has told of them before it
            // answers this.
            assert!(kernel.status().await.unwrap().run.is_some() && asked.try_recv().is_err());
            answer.send(Decision::Deny).unwrap();
        }
        let Outcome::Value { text, .. } = run.await.unwrap().outcome else { panic!() };
        assert_eq!(text, "'EACCES,EACCES,EACCES'");
    });
}

/// Notes what it is asked, and answers with that.
#[derive(Default)]
struct Parrot(Mutex<Vec<(String, Option<RunId>)>>);

impl Parrot {
    fn note(&self, message: &str, run: Option<RunId>) {
        self.0.lock().unwrap().push((message.to_owned(), run));
    }
}

impl Dialogs for Parrot {
    fn alert(&self, message: String, run: Option<RunId>) -> Pending<()> {
        self.note(&message, run);
        Box::pin(async {})
    }

    fn confirm(&self, message: String, run: Option<RunId>) -> Pending<bool> {
        self.note(&message, run);
        Box::pin(async move { message == "yes" })
    }

    fn prompt(&self, message: String, otherwise: Option<String>, run: Option<RunId>) -> Pending<Option<String>> {
        self.note(&message, run);
        Box::pin(async move { otherwise.map(|otherwise| message + &otherwise) })
    }
}

#[test]
fn dialogs_are_the_embedders() {
    block_on(async {
        let parrot = Arc::new(Parrot::default());
        let kernel = builder().dialogs(parrot.clone()).spawn().await.unwrap();
        let run = kernel.run("[alert('look'), confirm('yes'), confirm(), prompt('a', 'b'), prompt('c'), prompt('d', '')]");
        let id = run.id();
        let Outcome::Value { text, .. } = run.await.unwrap().outcome else { panic!() };
        assert_eq!(text, "[ undefined, true, false, 'ab', null, 'd' ]");
        let asked = parrot.0.lock().unwrap().clone();
        assert_eq!(asked[0], ("look".to_owned(), Some(id)));
        assert_eq!(asked.iter().map(|(message, _)| message.as_str()).collect::<Vec<_>>(), ["look", "yes", "", "a", "c", "d"]);
    });
}

#[test]
fn without_anybody_dialogs_are_as_without_a_terminal() {
    block_on(async {
        let kernel = crate::support::spawn().await;
        let (events, report) = all(kernel.run("[alert('look'), confirm('sure?'), prompt('name?', 'Bob')]")).await;
        let Outcome::Value { text, .. } = report.unwrap().outcome else { panic!() };
        assert_eq!(text, "[ undefined, false, null ]");
        let printed: Vec<_> = events
            .iter()
            .filter_map(|event| if let Event::Console(console) = event { Some(console.text()) } else { None })
            .collect();
        assert_eq!(printed[0], "look");
        let warnings = ["confirm() asks nobody here, and returns false", "prompt() asks nobody here, and returns null"];
        assert_eq!(printed.len(), 1 + warnings.len(), "{printed:?}");
        assert!(warnings.iter().zip(&printed[1..]).all(|(warning, text)| text.contains(warning)), "{printed:?}");
    });
}
