//! Plays a transcript against a kernel.

use std::{fs, path::Path, time::Duration};

use drupe_client::{Budget, Chunk, Completeness, Event, Kernel, LateEvents, Options, Outcome, State, completeness};

use super::script::{self, Action, Step};

/// The variable that makes transcripts what is said, instead of comparing.
const BLESS: &str = "DRUPE_BLESS";
/// No step takes this long, unless something hangs.
const HANG: Duration = Duration::from_secs(300);

/// Plays the transcript at `path`; all that differs is told at once.
pub(crate) async fn play(path: &Path, kernel: &Kernel) {
    let file = path.file_name().unwrap().to_string_lossy();
    let (steps, rest) = script::parse(&file, &fs::read_to_string(path).unwrap());
    let mut late = kernel.late_events();
    let (mut blessed, mut differences) = (String::new(), Vec::new());
    for step in &steps {
        let said = tokio::time::timeout(HANG, act(kernel, &mut late, step)).await;
        let said = said.unwrap_or_else(|_| panic!("{file}:{} hangs", step.line));
        // Where this checkout lies is nobody's business.
        let said = said.iter().map(|line| line.replace(env!("CARGO_MANIFEST_DIR"), "/tests")).collect::<Vec<_>>();
        let said = step.cut(&said);
        step.write(&said, &mut blessed);
        if !step.fits(&said) {
            differences.push(step.diff(&file, &said));
        }
    }
    rest.iter().for_each(|line| blessed.push_str(&format!("{line}\n")));
    if std::env::var_os(BLESS).is_some() {
        fs::write(path, blessed).unwrap();
    } else {
        let count = differences.len();
        assert!(count == 0, "{count} of {} steps differ ({BLESS}=1 takes them over):\n\n{}", steps.len(), differences.join("\n"));
    }
}

async fn act(kernel: &Kernel, late: &mut LateEvents, step: &Step) -> Vec<String> {
    match &step.action {
        Action::Run(source) => run(kernel, step, source).await,
        Action::Late => late.next_event().await.iter().filter_map(said).collect(),
        Action::Reset => {
            kernel.reset().await.unwrap();
            Vec::new()
        }
        Action::Globals => {
            let names: Vec<_> = kernel.globals().await.unwrap().into_iter().map(|name| name.name).collect();
            vec![format!("= {}", names.join(" "))]
        }
        Action::Complete(typed) => {
            let (before, after) = typed.split_once('‸').unwrap_or((typed, ""));
            let cursor = before.encode_utf16().count();
            let found = kernel.complete(format!("{before}{after}"), u32::try_from(cursor).unwrap()).await.unwrap();
            let names: Vec<_> = found.items.into_iter().map(|item| item.text).collect();
            vec![format!("= {}", names.join(" "))]
        }
        Action::Completeness(source) => vec![match completeness(source, &Options::default()) {
            Completeness::Complete => "= complete".to_owned(),
            Completeness::Incomplete { .. } => "= continue".to_owned(),
            Completeness::Invalid(diagnostic) => format!("! {}", diagnostic.message),
        }],
    }
}

async fn run(kernel: &Kernel, step: &Step, source: &str) -> Vec<String> {
    let mut chunk = Chunk::new(source).keep_last(true);
    if let Some(limit) = step.cpu_ms {
        chunk = chunk.vm_timeout(Duration::from_millis(limit));
    }
    if let Some(limit) = step.wall_ms {
        chunk = chunk.wall_timeout(Duration::from_millis(limit));
    }
    let mut run = kernel.run(chunk);
    let mut lines = Vec::new();
    while let Some(event) = run.next_event().await {
        if let (Event::Console(console), Some(text)) = (&event, &step.interrupt)
            && console.text() == text
        {
            run.interrupt();
        }
        lines.extend(said(&event));
    }
    let report = match run.await {
        Ok(report) => report,
        Err(error) => {
            lines.push(format!("% {error}"));
            return lines;
        }
    };
    match report.outcome {
        Outcome::SyntaxError(_) => {
            lines.iter_mut().rev().find(|line| line.starts_with("! ")).into_iter().for_each(|line| line.insert(0, '!'))
        }
        Outcome::Interrupted { .. } => lines.push("% interrupted".into()),
        Outcome::TimedOut { budget: Budget::Vm(_), .. } => lines.push("% out of CPU time".into()),
        Outcome::TimedOut { .. } => lines.push("% out of time".into()),
        Outcome::Exited { code } => lines.push(format!("% exit {code}")),
        Outcome::MemoryLimit { .. } => lines.push("% out of memory".into()),
        _ => {}
    }
    if report.state != State::Kept {
        lines.push("% state lost".into());
    }
    lines
}

fn said(event: &Event) -> Option<String> {
    match event {
        Event::Console(console) => Some(format!("~ {}", console.text())),
        Event::Output(output) => Some(format!("> {:?}", output.text)),
        Event::Result(result) => Some(format!("= {}", result.text)),
        Event::Exception(uncaught) => Some(format!("! {}", uncaught.exception.text)),
        _ => None,
    }
}
