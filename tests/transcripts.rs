//! Transcripts: what a person types, and what is said. One file a group in `transcripts/`.
//!
//! A file is a session. `> ` starts a chunk and `| ` continues it; what follows is what must be said of it, in order and completely:
//! `= ` its value, `! ` an uncaught error (its first line; `...` at the end stands for any rest), `~ ` a line on the console. `#` is a
//! comment, and `#reset` resets the session. Late events that a chunk must wait for are awaited by the chunk itself.

use std::{fs, path::Path};

use drupe_client::{Chunk, Event, Kernel};

use crate::support::{all, block_on, spawn};

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            block_on(play(concat!(stringify!($name), ".repl")));
        })*

        #[test]
        fn every_file_is_played() {
            let played = [$(concat!(stringify!($name), ".repl")),*];
            for file in fs::read_dir(folder()).unwrap() {
                let name = file.unwrap().file_name().into_string().unwrap();
                assert!(played.contains(&&*name), "{name} is in no test");
            }
        }
    };
}
transcripts!(bindings awaits results errors typescript);

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

#[derive(Default)]
struct Step {
    line: usize,
    source: String,
    expected: Vec<String>,
}

async fn play(file: &str) {
    let text = fs::read_to_string(folder().join(file)).unwrap();
    let kernel = spawn().await;
    let mut step = Step::default();
    for (index, line) in text.lines().enumerate().chain([(0, "> ")]) {
        match line.split_at_checked(2) {
            Some(("> ", source)) => {
                check(&kernel, file, &step).await;
                step = Step { line: index + 1, source: source.to_owned(), expected: Vec::new() };
            }
            Some(("| ", source)) => step.source = format!("{}\n{source}", step.source),
            Some(("= " | "! " | "~ ", _)) => step.expected.push(line.to_owned()),
            _ if line == "#reset" => {
                check(&kernel, file, &step).await;
                step = Step::default();
                kernel.reset().await.unwrap();
            }
            _ if line.is_empty() || line.starts_with('#') => {}
            // A value or a console line of more than one line goes on as it is.
            _ => step
                .expected
                .last_mut()
                .unwrap_or_else(|| panic!("{file}:{}: nothing goes on here", index + 1))
                .push_str(&format!("\n{line}")),
        }
    }
}

async fn check(kernel: &Kernel, file: &str, step: &Step) {
    if step.line == 0 {
        return;
    }
    let (events, report) = all(kernel.run(Chunk::new(step.source.as_str()).keep_last(true))).await;
    report.unwrap_or_else(|error| panic!("{file}:{}: {error}", step.line));
    let said = events.iter().filter_map(said).collect::<Vec<_>>();
    let fits = |(said, expected): (&String, &String)| match expected.strip_suffix("...") {
        Some(start) => said.starts_with(start),
        None => said == expected,
    };
    let all_fit = said.len() == step.expected.len() && said.iter().zip(&step.expected).all(fits);
    assert!(all_fit, "{file}:{}: {}\n  said:     {said:#?}\n  expected: {:#?}", step.line, step.source, step.expected);
}

fn said(event: &Event) -> Option<String> {
    match event {
        Event::Console(console) => Some(format!("~ {}", console.text())),
        Event::Result(result) => Some(format!("= {}", result.text)),
        Event::Exception(uncaught) => Some(format!("! {}", uncaught.exception.text.lines().next().unwrap_or_default())),
        _ => None,
    }
}
