//! Lines that are no JavaScript: `%` commands of a notebook, `!` and a shell command, and `name?`.
//!
//! A cell may begin with several such lines; the rest of it is code. `%%html` and its like take the whole cell.

use std::{sync::Arc, time::Duration};

use drupe_client::{
    GlobalKind, Value,
    host::{
        permissions::{Kind, words},
        shell,
    },
};
use serde_json::{Value as Json, json};

use crate::{
    cells::Cell,
    front::{Front, Shown},
    introspect,
    message::Message,
    output::Stream,
    prepare,
    traceback::Fault,
};

/// What `%help` prints.
const HELP: &str = "\
%time CODE           run code, and print what it took
%timeit EXPRESSION   run an expression again and again, and print what one run takes
%who                 list the names of the session
%reset               begin a new session: all variables are gone
%restart             the same with a new process
%replay              run the cells again whose results were lost with a process
%timeout 5s          limit the time of each cell; `off` ends that
%memory              print the use of memory; `%memory 512M` limits the heap of each cell
%allow read=/data    allow JavaScript more: read, write, net, env, run, import; `%allow` lists what is allowed
%env NAME=VALUE      set an environment variable of the session; `%env NAME` prints one
%cd FOLDER           go to a folder
%load FILE           put the text of a file into this cell
%npm ARGUMENTS       run npm, such as `%npm install lodash`
!COMMAND             run a command of the shell
%help                print this
%%html, %%md, %%svg, %%latex   show the rest of the cell
name?, name??        describe a name; with its source
";

/// Names that every session of a notebook has.
pub(crate) const OWN_NAMES: [&str; 12] =
    ["$$", "Jupyter", "clearOutput", "display", "host", "html", "js", "json", "latex", "md", "progress", "svg"];

/// What became of a cell's first lines.
pub(crate) enum Done {
    /// There are none that mean something.
    No,
    /// They mean this code.
    Runs(String),
    /// They are all there is. What the reply has besides.
    All(Vec<Json>),
    Failed(Fault),
}

/// What became of one line.
enum Line {
    /// The rest of the cell is next.
    Done,
    /// This code comes before the rest of the cell.
    Code(String),
    /// The rest of the cell is run here.
    Timed(String),
    Payload(Json),
}

/// Performs the first lines of a cell.
pub(crate) async fn perform(front: &Front, cell: &Arc<Cell>, code: &str) -> Done {
    let code = code.trim_start();
    if let Some((name, detailed)) = asked_name(code) {
        return page(front, name, detailed).await;
    }
    if let Some(rest) = code.strip_prefix("%%") {
        return show(front, cell, rest);
    }
    let (mut rest, mut before, mut payload) = (code, String::new(), Vec::new());
    loop {
        let (line, after) = rest.trim_start().split_once('\n').unwrap_or((rest.trim_start(), ""));
        let done = if let Some(line) = line.strip_prefix('%') {
            let (name, argument) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
            command(front, cell, (name, argument.trim()), after).await
        } else if let Some(command) = shell_command(front, line).await {
            shell_line(command)
        } else {
            break;
        };
        rest = after;
        match done {
            Ok(Line::Done) => {}
            Ok(Line::Code(code)) => before = format!("{before}{code}; "),
            Ok(Line::Timed(code)) => return timed(front, cell, &format!("{before}{code}")).await,
            Ok(Line::Payload(one)) => payload.push(one),
            Err(fault) => return Done::Failed(fault),
        }
    }
    if rest.len() == code.len() {
        return Done::No;
    }
    if before.is_empty() && rest.trim().is_empty() { Done::All(payload) } else { Done::Runs(format!("{before}{rest}")) }
}

/// The command of the shell that `line` is, unless it is an expression with a name of the session.
async fn shell_command<'a>(front: &Front, line: &'a str) -> Option<&'a str> {
    let command = shell::command(line)?;
    let end = command.find(|char| !drupe_lexer::is_name_part(char)).unwrap_or(command.len());
    let globals = front.kernel.globals().await.unwrap_or_default();
    globals.iter().all(|global| global.name != command[..end]).then_some(command)
}

/// Code that runs a command of the shell. A program alone needs no shell, and so no permission for one.
fn shell_line(command: &str) -> Result<Line, Fault> {
    let words = words(command).unwrap_or_default();
    let in_vain = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["cd"] => Some("%cd ~".to_owned()),
        ["cd", folder] => Some(format!("%cd {folder}")),
        ["export", set] if set.contains('=') => Some(format!("%env {set}")),
        _ => None,
    };
    if let Some(line) = in_vain {
        return Err(Fault::new("BadArgument", format!("!{command} changes its own shell alone, which ends; write {line}")));
    }
    let words = match shell::without_shell(command) {
        Some((program, arguments)) => std::iter::once(program).chain(arguments).collect(),
        None => vec!["/bin/sh".to_owned(), "-c".to_owned(), command.to_owned()],
    };
    Ok(Line::Code(format!("await globalThis[Symbol.for('drupe.jupyter')].shell({})", json!(words))))
}

async fn command(front: &Front, cell: &Arc<Cell>, (name, argument): (&str, &str), rest: &str) -> Result<Line, Fault> {
    let print = |text: &str| front.print(cell, Stream::Out, text);
    match name {
        "help" => print(HELP),
        "time" => return Ok(Line::Timed(format!("{argument}\n{rest}"))),
        "timeit" => {
            let code = if argument.is_empty() { rest } else { argument };
            return Ok(Line::Code(format!(
                "await globalThis[Symbol.for('drupe.jupyter')].timeit(async () => ({}\n))",
                code.trim()
            )));
        }
        "who" => print(&names(front).await?),
        "reset" => {
            let generation = front.kernel.reset().await.map_err(|error| Fault::new("KernelError", error.to_string()))?;
            front.begin_session();
            print(&format!("The session is a new one, number {generation}; all variables are gone.\n"));
        }
        "restart" => {
            front.kernel.restart().await.map_err(|error| Fault::new("KernelError", error.to_string()))?;
            front.begin_session();
            print("The process is a new one; all variables are gone.\n");
        }
        "replay" => replay(front, cell).await?,
        "timeout" => timeout(front, argument)?,
        "memory" => print(&memory(front, argument).await?),
        "allow" => print(&allow(front, argument)?),
        "env" => match argument.split_once('=') {
            Some((name, value)) => {
                return Ok(Line::Code(format!("process.env[{}] = {}", json!(name.trim()), json!(value.trim()))));
            }
            None => return Ok(Line::Code(format!("console.log(process.env[{}])", json!(argument)))),
        },
        "cd" => return Ok(Line::Code(format!("process.chdir({}); console.log(process.cwd())", json!(argument)))),
        "load" => {
            let text = format!("require('fs').readFileSync({}, 'utf8')", json!(argument));
            let Value::String(text) = front.evaluate(cell, &text).await? else { return Ok(Line::Done) };
            return Ok(Line::Payload(json!({ "source": "set_next_input", "text": text, "replace": true })));
        }
        "npm" => {
            let wrong = |why: &str| Fault::new("BadArgument", why);
            let arguments: Vec<_> = words(argument).map_err(wrong)?;
            return Ok(Line::Code(format!("await globalThis[Symbol.for('drupe.jupyter')].npm({})", json!(arguments))));
        }
        _ => return Err(Fault::new("UnknownMagic", format!("there is no %{name}; %help lists what there is"))),
    }
    Ok(Line::Done)
}

/// The name in `name?` or `?name`, and whether its source is asked for.
fn asked_name(code: &str) -> Option<(&str, bool)> {
    let code = code.trim_end();
    let name = code.trim_matches('?');
    let marks = code.len() - name.len();
    let name = name.trim();
    let is_name = |char: char| char.is_alphanumeric() || "_$.".contains(char);
    ((1..=2).contains(&marks) && !name.is_empty() && name.chars().all(is_name)).then_some((name, marks == 2))
}

/// Describes a name, in the front end's pager.
async fn page(front: &Front, name: &str, detailed: bool) -> Done {
    match introspect::describe(&front.kernel, name, name.chars().count(), detailed).await {
        Some(data) => Done::All(vec![json!({ "source": "page", "data": data, "start": 0 })]),
        None => {
            Done::Failed(Fault::new("NotFound", format!("{name} is no name that this session knows, or needs code to be run")))
        }
    }
}

/// `%%html` and its like.
fn show(front: &Front, cell: &Cell, rest: &str) -> Done {
    let (line, body) = rest.split_once('\n').unwrap_or((rest, ""));
    let mime = match line.trim() {
        "html" => "text/html",
        "md" | "markdown" => "text/markdown",
        "svg" => "image/svg+xml",
        "latex" => "text/latex",
        other => {
            let known = "there are %%html, %%md, %%svg and %%latex";
            return Done::Failed(Fault::new("UnknownMagic", format!("there is no %%{other}; {known}")));
        }
    };
    let data = json!({ mime: body, "text/plain": body });
    front.say(cell, &Message::new("display_data", json!({ "data": data, "metadata": {}, "transient": {} })));
    Done::All(Vec::new())
}

/// Runs code, and prints what it took.
async fn timed(front: &Front, cell: &Arc<Cell>, code: &str) -> Done {
    let count = (!cell.silent).then(|| front.count());
    let report = match front.follow(cell, Front::chunk(code), count, &mut Shown::default()).await {
        Ok(report) => report,
        Err(error) => return Done::Failed(Fault::new("KernelError", error.to_string())),
    };
    let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    // The two clocks differ by a little.
    let cost = format!("took {}, of which {} on the CPU\n", millis(report.wall), millis(report.cpu.min(report.wall)));
    front.print(cell, Stream::Out, &cost);
    match report.outcome.exception() {
        Some(exception) => Done::Failed(Fault::of(exception)),
        None => match report.describe_end() {
            Some(why) if !report.outcome.is_value() => Done::Failed(Fault::new("Stopped", why)),
            _ => Done::All(Vec::new()),
        },
    }
}

/// The names of the session, as a list.
async fn names(front: &Front) -> Result<String, Fault> {
    let globals = front.kernel.globals().await.map_err(|error| Fault::new("KernelError", error.to_string()))?;
    let is_own = |name: &str, kind: GlobalKind| kind == GlobalKind::Property && OWN_NAMES.contains(&name);
    let names = globals.iter().filter(|global| !is_own(&global.name, global.kind));
    let line = |global: &drupe_client::Global| {
        let size = global.size.map(|size| format!("({size})")).unwrap_or_default();
        format!("{} {}: {}{size} = {}\n", global.kind.word(), global.name, global.type_name, global.preview)
    };
    let text = names.map(line).collect::<String>();
    Ok(if text.is_empty() { "The session has no names of its own.\n".to_owned() } else { text })
}

/// Runs the cells of a lost session again.
async fn replay(front: &Front, cell: &Arc<Cell>) -> Result<(), Fault> {
    let mut replay = front.kernel.replay().map_err(|error| Fault::new("Journal", error.to_string()))?;
    prepare::before_replay(front, cell).await;
    let mut last = None;
    while let Some(replayed) = replay.next().await {
        let replayed = replayed.map_err(|error| Fault::new("KernelError", error.to_string()))?;
        front.heed(&replayed.report);
        last = Some((replayed.index, replayed.total, replayed.same));
    }
    match last {
        Some((index, total, false)) => {
            front.notice(cell, &format!("cell {index} of {total} ended in another way than before; the rest was not run"));
        }
        Some((_, total, true)) => front.print(cell, Stream::Out, &format!("{total} cells were run again\n")),
        None => {}
    }
    Ok(())
}

fn timeout(front: &Front, argument: &str) -> Result<(), Fault> {
    let limit = match argument {
        "off" => None,
        given => {
            let wrong = || Fault::new("BadArgument", format!("{given:?} is no time: %timeout 500ms, %timeout 5s, %timeout off"));
            Some(duration(given).ok_or_else(wrong)?)
        }
    };
    front.limits.lock().unwrap_or_else(std::sync::PoisonError::into_inner).wall_timeout = limit;
    Ok(())
}

/// A time: `500ms`, `5s`, `2m`; a number alone is milliseconds.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "ms" => 1.0,
        "s" => 1_000.0,
        "m" => 60_000.0,
        _ => return None,
    };
    let millis: f64 = digits.trim().parse().ok()?;
    Duration::try_from_secs_f64(millis * unit / 1_000.0).ok().filter(|limit| !limit.is_zero())
}

async fn memory(front: &Front, argument: &str) -> Result<String, Fault> {
    if !argument.is_empty() {
        let wrong =
            || Fault::new("BadArgument", format!("{argument:?} is no size in MiB: %memory 512, %memory 512M, %memory 2G"));
        let (number, unit) = match argument.strip_suffix(['G', 'g']) {
            Some(number) => (number, 1 << 30),
            None => (argument.trim_end_matches(['M', 'm']), 1 << 20),
        };
        let bytes = number.parse::<u64>().ok().filter(|number| *number > 0).and_then(|number| number.checked_mul(unit));
        front.limits.lock().unwrap_or_else(std::sync::PoisonError::into_inner).memory = Some(bytes.ok_or_else(wrong)?);
    }
    let status = front.kernel.status().await.map_err(|error| Fault::new("KernelError", error.to_string()))?;
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let (used, limit, external) = (mib(status.heap_used), mib(status.heap_limit), mib(status.external));
    Ok(format!("heap: {used} MiB of {limit} MiB; buffers: {external} MiB\n"))
}

fn allow(front: &Front, argument: &str) -> Result<String, Fault> {
    let permissions = front.kernel.permissions();
    let mut policy = permissions.policy();
    let wrong = |why: String| Fault::new("BadArgument", why);
    for word in words(argument).map_err(|why| wrong(why.to_owned()))? {
        let (name, rule) = word.split_once('=').map_or((&*word, None), |(name, rule)| (name, Some(rule)));
        let names = || Kind::ALL.map(Kind::name).join(", ");
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        let kind = kind.ok_or_else(|| wrong(format!("{name} is no permission; there are {}", names())))?;
        match rule {
            None => policy.allow_all(kind),
            Some("none") => policy.revoke(kind),
            Some(rule) => policy.allow(kind, rule).map_err(|bad| wrong(bad.to_string()))?,
        }
    }
    let described = Kind::ALL.map(|kind| format!("{:6}  {}\n", kind.name(), policy.describe(kind))).concat();
    permissions.change(|now| *now = policy);
    Ok(described)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_asked_for_by_a_mark() {
        assert_eq!(asked_name("Math.max?"), Some(("Math.max", false)));
        assert_eq!(asked_name("?a "), Some(("a", false)));
        assert_eq!(asked_name("a??"), Some(("a", true)));
        for code in ["a", "a ? b : c", "?", "a.b()?", "a???", "// why?", "x = y?"] {
            assert_eq!(asked_name(code), None, "{code}");
        }
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Some(Duration::from_mins(2)));
        assert_eq!(duration("7"), Some(Duration::from_millis(7)));
        for wrong in ["", "s", "5h", "-1s", "0", "NaN", "inf", "1e400s", "5 parsecs"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
