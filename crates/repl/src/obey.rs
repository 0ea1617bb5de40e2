//! What the dot commands do, wherever they were read.

use std::{env, fs, path::Path, time::Duration};

use drupe_client::{Global, Outcome, Replayed, host::permissions::Kind};
use drupe_preview::display_width;

use crate::{
    ReplError,
    allow::{self, Change},
    commands::{Clock, Command},
    explain,
    front::Front,
    manual, screen, shell,
};

/// Obeys a command that is the same at a terminal and in a pipe.
pub(crate) async fn obey(front: &mut impl Front, command: Command) -> Result<(), ReplError> {
    match command {
        Command::Help(None) => front.print(&manual::list()),
        Command::Help(Some(entry)) => front.print(&manual::explain(entry, screen::size().columns.min(100))),
        Command::Allow(changes) => allow(front, &changes),
        Command::Cd(folder) => change_folder(front, folder.as_deref()).await,
        Command::Doc(expression) => explain::doc(front, &expression).await,
        Command::Type(expression) => explain::type_of(front, &expression).await,
        Command::More => more(front).await,
        Command::Reset => {
            let result = front.kernel().reset().await;
            front.begun_anew(result, "the session was reset").await
        }
        Command::Restart => {
            let result = front.kernel().restart().await;
            front.begun_anew(result, "the kernel was restarted").await
        }
        Command::Reload(specifier) => reload(front, specifier.as_deref()).await,
        Command::Replay => replay(front).await,
        Command::Load(file) => load(front, &file).await,
        Command::Save(file) => save(front, &file),
        Command::Globals => globals(front).await,
        Command::Mem => mem(front).await,
        Command::Time => {
            let costs = front.show().toggle_costs();
            front.print(if costs { "on: what each run costs is shown\n" } else { "off: what runs cost is not shown\n" })
        }
        Command::ShowTimeout => show_timeout(front),
        Command::SetTimeout(clock, limit) => {
            let limits = &mut front.settings().limits;
            if clock != Clock::Wall {
                limits.vm_timeout = limit;
            }
            if clock != Clock::Vm {
                limits.wall_timeout = limit;
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
        return front.fail("what a pipe may reach is said by the flags, and not changed by what comes through it");
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
    if let Some(folder) = folder {
        let folder = shell::expand(folder);
        let source = format!("(await import('node:process')).chdir({})", shell::quoted(&folder.to_string_lossy()));
        match shell::ask(front, source).await? {
            Ok(report) => match report.outcome {
                Outcome::Value { .. } => {}
                Outcome::Threw(exception) => return front.fail(&exception.message),
                other => return front.fail(&format!("the folder was not changed: {other:?}")),
            },
            Err(error) => return front.error(&error),
        }
        // Later sessions begin where this process is, and files that commands name are looked for from there.
        if let Err(error) = env::set_current_dir(&folder) {
            return front.failed_for("change to", &folder.to_string_lossy(), &error);
        }
    }
    let now = env::current_dir().map_or_else(|error| format!("cannot be told: {error}"), |folder| folder.display().to_string());
    front.print(&format!("{}\n", crate::sanitize(&now)))
}

async fn globals(front: &mut impl Front) -> Result<(), ReplError> {
    let globals = match front.kernel().globals().await {
        Ok(globals) => globals,
        Err(error) => return front.error(&error),
    };
    let text = table(&globals.iter().map(row).collect::<Vec<_>>());
    front.print(if text.is_empty() { "nothing was declared yet\n" } else { &text })
}

async fn mem(front: &mut impl Front) -> Result<(), ReplError> {
    let status = match front.kernel().status().await {
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

/// Whether a command may touch a file: what comes by a pipe may do no more than code may. `path` may be there or not yet.
fn may(front: &mut impl Front, kind: Kind, path: &Path) -> bool {
    let place = path.canonicalize().or_else(|_| {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        folder.canonicalize().map(|folder| folder.join(path.file_name().unwrap_or_default()))
    });
    front.is_attended() || place.is_ok_and(|place| front.kernel().permissions().policy().covers_path(kind, &place))
}

async fn load(front: &mut impl Front, file: &str) -> Result<(), ReplError> {
    let path = shell::expand(file);
    if !may(front, Kind::Read, &path) && path.exists() {
        return front.fail(&format!("cannot read {file}: no flag allows it (--allow-read={file})"));
    }
    match fs::read(&path) {
        Ok(bytes) => {
            let name = path.canonicalize().unwrap_or(path);
            let source = String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned();
            let chunk = front.settings().chunk(source.as_str()).name(&name.to_string_lossy());
            front.run(chunk, source).await
        }
        Err(error) => front.failed_for("read", file, &error),
    }
}

async fn replay(front: &mut impl Front) -> Result<(), ReplError> {
    let mut replay = match front.kernel().replay() {
        Ok(replay) => replay,
        Err(error) => return front.fail(&error.to_string()),
    };
    loop {
        let next = replay.next();
        let Some(replayed) = front.attend(next).await? else { return Ok(()) };
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
    match front.left_out().next(&kernel, colors).await {
        Ok(Some(more)) => {
            let title = if more.title.is_empty() { String::new() } else { more.title + "\n" };
            front.show().long_answer(&title, &format!("{}\n", more.text)).map_err(ReplError::Output)
        }
        Ok(None) => front.fail("there is no more"),
        Err(drupe_client::Error::StaleHandle(_)) => front.fail("there is no more: the result is not kept any more"),
        Err(error) => front.error(&error),
    }
}

fn save(front: &mut impl Front, file: &str) -> Result<(), ReplError> {
    let path = shell::expand(file);
    if !may(front, Kind::Write, &path) {
        return front.fail(&format!("cannot write {file}: no flag allows it (--allow-write={file})"));
    }
    let Some(chunks) = front.ran().chunks() else {
        return front.fail("not saved: more ran than the 16 MiB that are kept");
    };
    let (count, text) = (chunks.len(), chunks.iter().map(|chunk| format!("{}\n", chunk.trim_end())).collect::<String>());
    match fs::write(&path, text) {
        Ok(()) => front.print(&format!("wrote {count} chunks to {file}\n")),
        Err(error) => front.failed_for("write", file, &error),
    }
}

async fn reload(front: &mut impl Front, specifier: Option<&str>) -> Result<(), ReplError> {
    let run = front.kernel().reload(specifier);
    match front.attend(run).await? {
        Ok(report) => match report.outcome {
            Outcome::Value { .. } => front.say(&match specifier {
                Some(specifier) => format!("{specifier} is read anew by the next import"),
                None => "all modules are read anew by their next import".to_owned(),
            }),
            Outcome::Threw(exception) => front.fail(&format!("not reloaded: {}", exception.message)),
            Outcome::SyntaxError(exception) => front.fail(&format!("not reloaded: {}", exception.message)),
            Outcome::Interrupted { .. } | Outcome::TimedOut { .. } | Outcome::MemoryLimit { .. } => {
                front.fail("not reloaded: it was stopped")
            }
            Outcome::Exited { .. } | Outcome::Unsettled | Outcome::Unknown { .. } => front.fail("not reloaded"),
            _ => front.fail("not reloaded"),
        },
        Err(error) => front.error(&error),
    }
}

fn show_timeout(front: &mut impl Front) -> Result<(), ReplError> {
    let words = |limit: Option<Duration>| limit.map_or("off".to_owned(), |limit| format!("{limit:?}"));
    let limits = front.settings().limits;
    front.print(&format!("timeout vm {}, wall {}\n", words(limits.vm_timeout), words(limits.wall_timeout)))
}

/// A name of the session: how and by which run it was declared, its type, how large it is, and the beginning of its value.
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
