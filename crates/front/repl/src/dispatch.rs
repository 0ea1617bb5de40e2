//! Executes the dot commands that are the same at a terminal and in a pipe.

use std::{env, time::Duration};

use drupe_client::{Chunk, Event, Global, Outcome, Replayed, Report, Value};
use drupe_preview::display_width;

use crate::{
    ReplError,
    allow::{self, Change},
    commands::{Clock, Command},
    explain,
    front::Front,
    left_out::LeftOut,
    manual, paths, saved, screen,
    settings::stricter,
    shell, source_file,
};

/// Obeys a command that is the same at a terminal and in a pipe.
pub(crate) async fn dispatch(front: &mut impl Front, command: Command) -> Result<(), ReplError> {
    match command {
        Command::Help(None) => front.print(&manual::list()),
        Command::Help(Some(entry)) => front.print(&manual::explain(entry, screen::size().columns.min(100))),
        Command::Allow(changes) => allow(front, &changes),
        Command::Cd(folder) => change_folder(front, folder.as_deref()).await,
        Command::Doc(expression) => explain::doc(front, &expression).await,
        Command::Type(expression) => explain::type_of(front, &expression).await,
        Command::More => more(front).await,
        Command::Reset => {
            let kernel = front.kernel().clone();
            let result = front.supervise(kernel.reset()).await?;
            front.begun_anew(result, "the session was reset").await
        }
        Command::Restart => {
            let kernel = front.kernel().clone();
            let result = front.supervise(kernel.restart()).await?;
            front.begun_anew(result, "the kernel was restarted").await
        }
        Command::Reload(specifier) => reload(front, specifier.as_deref()).await,
        Command::Replay => replay(front).await,
        Command::Load(file) => load(front, &file).await,
        Command::Save(file) => save(front, &file).await,
        Command::Globals => globals(front).await,
        Command::Mem => mem(front).await,
        Command::Time => {
            let costs = front.show().toggle_costs();
            front.print(if costs { "on: what each run costs is shown\n" } else { "off: what runs cost is not shown\n" })
        }
        Command::ShowTimeout => show_timeout(front),
        Command::SetTimeout(clock, limit) => {
            let most = front.most();
            let limits = &mut front.settings().limits;
            if clock != Clock::Wall {
                limits.vm_timeout = stricter(limit, most.vm_timeout);
            }
            if clock != Clock::Vm {
                limits.wall_timeout = stricter(limit, most.wall_timeout);
            }
            show_timeout(front)
        }
        Command::Shell(command) => shell::run(front, &command).await,
        Command::Clear => front.fail(".clear is for a terminal"),
        Command::Copy(_) => front.fail(".copy is for a terminal"),
        Command::Edit(_) => front.fail(".edit is for a terminal; .editor takes a chunk from a pipe"),
        Command::History => front.fail(".history is for a terminal: nothing is remembered of a pipe"),
        // The loop sees to it.
        Command::Editor | Command::Exit => Ok(()),
        // There is nothing that is unfinished.
        Command::Break => Ok(()),
    }
}

fn allow(front: &mut impl Front, changes: &[Change]) -> Result<(), ReplError> {
    if !changes.is_empty() && !front.is_attended() {
        return front.fail("permissions cannot be changed by piped input; use the flags of the command");
    }
    let before = front.kernel().permissions().policy();
    if let Err(bad) = allow::apply(front.kernel().permissions(), changes) {
        return front.fail(&bad.to_string());
    }
    let advice = allow::advice(before, changes);
    if !advice.is_empty() {
        front.say(advice.trim_end())?;
    }
    let told = allow::describe(front.kernel().permissions());
    front.print(&told)
}

async fn change_folder(front: &mut impl Front, folder: Option<&str>) -> Result<(), ReplError> {
    let from = front.kernel().working_folder();
    let to = match folder {
        Some("-") => match front.sessions().former_folder.clone() {
            Some(former) => Some(former),
            None => return front.fail("there is no folder to go back to; one named - is ./-"),
        },
        Some(folder) => Some(paths::typed(folder, &from)),
        None => None,
    };
    let change = to.as_ref().map_or_else(String::new, |folder| format!("process.chdir({}); ", in_code(folder)));
    // The session's own folder: code may have changed it.
    let source =
        format!("await (async () => {{ const process = await import('node:process'); {change}return process.cwd() }})()");
    match ask(front, source).await? {
        Some(Ok(Value::String(now))) => {
            // Later sessions begin where this process is, and files that commands name are looked for from there.
            if let Err(error) = env::set_current_dir(&now) {
                return front.failed_for("change to", &now, &error);
            }
            if to.is_some() && *from != *now {
                front.sessions().former_folder = Some(from);
            }
            front.print(&format!("{now}\n"))
        }
        Some(Err(message)) => front.fail(&message),
        Some(Ok(_)) | None => front.fail("the folder was not changed"),
    }
}

/// Runs a chunk of the front end's own: its value, or why it has none. `None`: that was shown, or is not known.
async fn ask(front: &mut impl Front, source: String) -> Result<Option<Result<Value, String>>, ReplError> {
    let chunk: Chunk = front.settings().chunk(source).keep_last(false).journaled(false).name("repl");
    let chunk = chunk.handles(false).result_handle(false).preview(false).value_limit(source_file::MAX_SOURCE);
    let run = front.kernel().run(chunk);
    let report = match front.supervise_run(run).await? {
        Ok(report) => report,
        Err(error) => return front.error(&error).map(|()| None),
    };
    let is_stopped = report.outcome.is_stopped();
    let thrown = report.outcome.exception().map(|exception| exception.message.clone());
    Ok(match thrown {
        Some(message) => Some(Err(message)),
        None if is_stopped => Some(Err("it was stopped".to_owned())),
        None => {
            if let Outcome::Value { value, .. } = report.outcome {
                value.map(Ok)
            } else {
                None
            }
        }
    })
}

async fn globals(front: &mut impl Front) -> Result<(), ReplError> {
    let kernel = front.kernel().clone();
    let globals = match front.supervise(kernel.globals()).await? {
        Ok(globals) => globals,
        Err(error) => return front.error(&error),
    };
    let text = table(&globals.iter().map(row).collect::<Vec<_>>());
    front.print(if text.is_empty() { "nothing was declared yet\n" } else { &text })
}

async fn mem(front: &mut impl Front) -> Result<(), ReplError> {
    let kernel = front.kernel().clone();
    let status = match front.supervise(kernel.status()).await? {
        Ok(status) => status,
        Err(error) => return front.error(&error),
    };
    #[expect(clippy::cast_precision_loss, reason = "for a person, to a tenth of a mebibyte")]
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    front.print(&format!(
        "heap {:.1} MiB of at most {:.0} MiB, buffers outside it {:.1} MiB\n",
        mebibytes(status.heap_used),
        mebibytes(status.heap_limit),
        mebibytes(status.external)
    ))
}

/// Whether the person at the terminal has asked, or code may do everything that they may. **What else comes by a pipe
/// may do no more than code may**: it reads and writes as code does.
fn is_trusted(front: &mut impl Front) -> bool {
    front.is_attended() || front.kernel().permissions().policy().is_unlimited()
}

async fn load(front: &mut impl Front, file: &str) -> Result<(), ReplError> {
    let path = paths::absolute(file, &front.kernel().working_folder());
    let source = if is_trusted(front) {
        match front.wait_for(source_file::read_plain(path.clone())).await? {
            Some(source) => source.map_err(|error| error.to_string()),
            None => return Ok(()),
        }
    } else {
        match ask(front, format!("(await import('node:fs')).readFileSync({}, 'utf8')", in_code(&path))).await? {
            Some(Ok(Value::String(source))) => Ok(source_file::without_mark(&source).to_owned()),
            Some(Ok(_)) | None => Err("it has no text".to_owned()),
            Some(Err(message)) => Err(message),
        }
    };
    match source {
        Ok(source) => {
            let name = path.canonicalize().unwrap_or(path);
            run_file(front, source, &name.to_string_lossy()).await
        }
        Err(message) => front.failed_for("read", file, &message),
    }
}

/// Runs the chunks of a file, up to the first that fails. A person is shown the value of each, but `undefined`, which
/// declarations come to, only of the last.
async fn run_file(front: &mut impl Front, source: String, name: &str) -> Result<(), ReplError> {
    let chunks = saved::read(&source);
    if chunks.len() <= 1 {
        let chunk = front.settings().chunk(source.as_str()).name(name);
        return front.run(chunk, source).await.map(|_| ());
    }
    let count = chunks.len();
    for (number, saved) in chunks.into_iter().enumerate() {
        let chunk = front.settings().chunk(saved.in_place()).name(name);
        let left = count - number - 1;
        front.show().hide_undefined(left > 0);
        let ran = front.run(chunk, saved.text).await;
        front.show().hide_undefined(false);
        if !ran? {
            return saved::not_run(left).map_or(Ok(()), |told| front.say(&told));
        }
        front.settle().await?;
    }
    Ok(())
}

/// A path as JavaScript writes it.
fn in_code(path: &std::path::Path) -> String {
    shell::quoted(&path.to_string_lossy())
}

async fn replay(front: &mut impl Front) -> Result<(), ReplError> {
    let mut replay = match front.kernel().replay() {
        Ok(replay) => replay,
        Err(error) => return front.fail(&error.to_string()),
    };
    loop {
        let next = replay.next();
        let Some(replayed) = front.supervise(next).await? else { return Ok(()) };
        match replayed {
            Ok(Replayed { index, total, same: true, .. }) => front.print(&format!("chunk {index} of {total} ran as before\n"))?,
            Ok(Replayed { index, total, report, .. }) => {
                front.print(&format!("chunk {index} of {total} ended otherwise than before; the rest was not run\n"))?;
                front.show().report(&report).map_err(ReplError::Output)?;
            }
            Err(error) => front.error(&error)?,
        }
    }
}

/// What the last result itself left out.
async fn more(front: &mut impl Front) -> Result<(), ReplError> {
    let kernel = front.kernel().clone();
    let colors = front.show().colors();
    if !front.settings().result_handle {
        return front.fail(".more needs results as text, without --events json");
    }
    if std::mem::take(&mut front.left_out().of_error) {
        let of_error = of_error(front).await?;
        front.left_out().show_first(of_error);
    }
    let mut left_out = std::mem::take(front.left_out());
    let next = front.supervise(left_out.next(&kernel, colors)).await;
    *front.left_out() = left_out;
    match next? {
        Ok(Some(more)) => {
            let title = if more.title.is_empty() { String::new() } else { more.title + "\n" };
            front.show().long_answer(&title, &format!("{}\n", more.text)).map_err(ReplError::Output)
        }
        Ok(None) => front.fail("there is no more"),
        Err(drupe_client::Error::StaleHandle(_)) => front.fail("there is no more: the result is not kept any more"),
        Err(error) => front.error(&error),
    }
}

/// What the last uncaught error left out.
async fn of_error(front: &mut impl Front) -> Result<LeftOut, ReplError> {
    let chunk = front.settings().chunk("_error").keep_last(false).journaled(false).name("repl").value_limit(0);
    let mut run = front.kernel().run(chunk.preview(true).handles(false).result_handle(true));
    let look = async {
        let mut left_out = LeftOut::default();
        while let Some(event) = run.next_event().await {
            if let Event::Result(result) = event {
                left_out = LeftOut::of(&result);
            }
        }
        left_out
    };
    front.supervise(look).await
}

async fn save(front: &mut impl Front, file: &str) -> Result<(), ReplError> {
    let path = paths::absolute(file, &front.kernel().working_folder());
    let Some(chunks) = front.ran().chunks() else {
        return front.fail("not saved: more ran than the 16 MiB that are kept");
    };
    let (count, text) = (chunks.len(), saved::write(chunks));
    let written = if is_trusted(front) {
        match front.wait_for(source_file::write_plain(path, text)).await? {
            Some(written) => written.map_err(|error| error.to_string()),
            None => return Ok(()),
        }
    } else {
        let code = format!("(await import('node:fs')).writeFileSync({}, {}); true", in_code(&path), shell::quoted(&text));
        match ask(front, code).await? {
            Some(Ok(_)) => Ok(()),
            Some(Err(message)) => Err(message),
            None => Err("the outcome is not known".to_owned()),
        }
    };
    match written {
        Ok(()) => front.print(&format!("wrote {count} chunk{} to {file}\n", if count == 1 { "" } else { "s" })),
        Err(message) => front.failed_for("write", file, &message),
    }
}

async fn reload(front: &mut impl Front, specifier: Option<&str>) -> Result<(), ReplError> {
    let run = front.kernel().reload(specifier);
    let mut reloaded = front.supervise_run(run).await?;
    let as_file = specifier.filter(|specifier| specifier.contains('.')).map(|specifier| format!("./{specifier}"));
    let mut specifier = specifier;
    // The name of a file without `./` is meant as one where it is no package.
    if let (Some(as_file), Ok(Report { outcome: Outcome::Threw(_), .. })) = (&as_file, &reloaded) {
        let run = front.kernel().reload(Some(as_file));
        let again = front.supervise_run(run).await?;
        if again.as_ref().is_ok_and(|report| report.outcome.is_value()) {
            (reloaded, specifier) = (again, Some(as_file.as_str()));
        }
    }
    match reloaded {
        Ok(report) if report.outcome.is_value() => front.say(&match specifier {
            Some(specifier) => format!("{specifier} is read anew by the next import"),
            None => "all modules are read anew by their next import".to_owned(),
        }),
        Ok(report) => front.fail(&match report.outcome.exception() {
            Some(exception) => format!("not reloaded: {}", exception.message),
            None if report.outcome.is_stopped() => "not reloaded: it was stopped".to_owned(),
            None => "not reloaded".to_owned(),
        }),
        Err(error) => front.error(&error),
    }
}

fn show_timeout(front: &mut impl Front) -> Result<(), ReplError> {
    let words = |limit: Option<Duration>| limit.map_or("off".to_owned(), |limit| format!("{limit:?}"));
    let limits = front.settings().limits;
    front.print(&format!("timeout vm {}, wall {}\n", words(limits.vm_timeout), words(limits.wall_timeout)))
}

/// A name of the session: how and by which run it was declared, its type, how large it is, and the beginning of its
/// value.
fn row(global: &Global) -> [String; 5] {
    let size = match global.bytes {
        None => String::new(),
        Some(bytes @ ..1024) => format!("{bytes} B"),
        Some(bytes @ ..0x10_0000) => format!("{} KiB", bytes >> 10),
        Some(bytes) => format!("{} MiB", bytes >> 20),
    };
    let run = global.run.map_or_else(|| "-".to_owned(), |run| format!("[{run}]"));
    [format!("{} {}", global.kind.word(), global.name), run, global.type_name.clone(), size, global.preview.clone()]
}

/// Rows of columns, each as wide as its widest cell.
fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| rows.iter().map(|row| display_width(&row[column])).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell}{}  ", " ".repeat(width - display_width(cell))));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}
