//! `docs/BENCHMARKS.md`: the table, the contenders, and how to read it.

use std::{fs, io, path::Path};

use super::{
    figures::Figure,
    machine,
    measured::Measured,
    peer::Who,
    table,
    task::{LIMIT, Task},
};

/// The file, from the root.
pub(super) const PATH: &str = "docs/BENCHMARKS.md";

/// Writes the report.
pub(super) fn write(root: &Path, measured: &Measured) -> io::Result<()> {
    let path = root.join(PATH);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text(measured))
}

fn text(measured: &Measured) -> String {
    let mut parts = vec![
        format!("<!-- @{} by `cargo xtask peers`; edit crates/xtask/src/peers instead. -->\n", "generated"),
        "# Benchmarks\n".to_owned(),
        format!("Measured {} on {}{}.\n", machine::today(), machine::description(), load(measured)),
        peers(measured),
        "## Figures and goals\n".to_owned(),
        table::markdown(measured),
        summary(measured),
        lock_down(measured),
        "## How to read it\n".to_owned(),
        how_to_read(measured.quick),
        "## How to take it again\n".to_owned(),
        REPRODUCE.to_owned(),
    ];
    if !measured.failures.is_empty() {
        let failures = measured.failures.iter().map(|failure| format!("- {failure}\n"));
        parts.insert(8, format!("What went wrong:\n\n{}", failures.collect::<String>()));
    }
    parts.join("\n")
}

/// What the machine was doing before the run: with much to do, the slowest percent is the scheduler's rather than
/// anybody else's.
fn load(measured: &Measured) -> String {
    measured.load.map_or(String::new(), |load| format!("; load average when the run began: {load:.2}"))
}

/// Who took part, and who is not on the machine.
fn peers(measured: &Measured) -> String {
    let line = |who: Who| {
        let version = measured.present.iter().find(|present| present.who == who).map(|present| present.version.as_str());
        format!("| {} | {} |\n", who.title(), version.unwrap_or("not on this machine"))
    };
    let lines = Who::ALL.map(line).concat();
    format!(
        "| who | what |\n| --- | --- |\n{lines}\nDrupe's programs are built with the profile `release`: optimised, thin LTO.\n"
    )
}

fn summary(measured: &Measured) -> String {
    let (mut met, mut missed, mut unknown) = (0, Vec::new(), 0);
    for figure in Figure::all(measured) {
        for verdict in figure.verdicts(measured) {
            match verdict.met {
                Some(true) => met += 1,
                Some(false) => missed.push(format!("{} ({})", figure.what, verdict.goal)),
                None => unknown += 1,
            }
        }
    }
    let missed_text = if missed.is_empty() { "none".to_owned() } else { missed.join(", ") };
    format!("Goals met: {met}. Missed: {missed_text}. Not measured, for want of the peer: {unknown}.\n")
}

/// What the operating system's lock-down costs once a kernel runs.
fn lock_down(measured: &Measured) -> String {
    let all = Figure::all(measured);
    let mut slowdowns: Vec<f64> = all.iter().filter_map(|figure| figure.slowdown(measured, Who::Unconfined)).collect();
    slowdowns.sort_by(f64::total_cmp);
    let (Some(least), Some(most), Some(middle)) = (slowdowns.first(), slowdowns.last(), slowdowns.get(slowdowns.len() / 2))
    else {
        return "What the lock-down costs was not measured.\n".to_owned();
    };
    let percent = |times: &f64| format!("{:+.1} %", (times - 1.0) * 100.0);
    format!(
        "The lock-down makes the {} medians of times and rates slower by {} in the middle, between {} and {}; the goal is 3 %. Single ones differ by \
         more than that from run to run.\n",
        slowdowns.len(),
        percent(middle),
        percent(least),
        percent(most)
    )
}

fn how_to_read(quick: bool) -> String {
    format!(
        "Believe the ratios rather than the figures: all peers did every task in the same run, alternately, so that whatever \
         else the machine did fell upon all of them; another machine gives other figures and similar ratios. Take it more than \
         once before you believe a difference of less than a third. Times and rates are medians unless a line says otherwise; \
         `drupe : node` divides drupe's figure by the node child's. The *node child* is `crates/xtask/peers/node_child.mjs`: a \
         process forked by Node that keeps one `vm` context and talks over Node's own channel (`json`; `advanced` for typed \
         arrays); its parent measures inside its own process, as drupe's does, with one thread. Deno and Bun run the same two \
         scripts. *isolated-vm* is an isolate inside Node's own process (`isolate.mjs`): no process lies between, so that a fault in it is a \
         fault of the host; its memory is not told apart from the host's. The *bare socket* is two processes that exchange as many bytes as drupe does, with blocking reads and writes \
         and nothing in between: what no design that uses two processes can beat, though a parent that spins instead of \
         sleeping could. Its spawn is that of this small program, and is what starting any process costs. The handshake of \
         drupe comes before its V8 is up: the first result is the figure that counts. The round trip is measured with parent \
         and child on a processor each, where most of it is waking the other one up, and both on one, where it is work; drupe \
         transpiles the chunk each time. The console task is {lines} calls of `console.log('line', i)` in one chunk. A reset of \
         the node child is a new `vm` context in the same isolate, which is less than what drupe does. The endless loop has a \
         CPU limit of {limit} ms, counted by the processor's clock in drupe and by the wall's in the others, so that on a busy \
         machine drupe is later by what it was kept waiting; the kill is of each of 20 built-ins that look for no interrupt, the worst of them. The \
         *JavaScript* lines say how V8 fares inside drupe, transfer of the result included; they have a goal only where a Deno \
         with the same V8 is there to compare with, for versions of V8 differ among themselves. The imported package has 500 ES \
         modules of about 2 KB each, a tree with re-exports, as old as an installed one; each import is into a process that is \
         up, and drupe's parent has compiled nothing of it, or, after the reset, has; the node child, which cannot forget \
         modules, is started anew for each. *Sandbox off* is drupe again, without the \
         operating system's lock-down. The filters are the programs in `tests/filters`, whole processes too, which read a file as standard input and \
         write to a pipe. The command is a whole process from its start to its end: `drupe eval 1+1` beside `node -p 1+1`. Not measured \
         here: a pool, which does not exist yet, and what memory a flood of console output takes.\n",
        lines = Task::Console.amount(quick),
        limit = LIMIT.as_millis(),
    )
}

const REPRODUCE: &str = "```sh
cargo xtask peers          # builds for release, measures for about a minute, writes this file
cargo xtask peers --quick  # tries everything briefly, writes nothing
cargo bench -p drupe-client -p drupe-protocol -p drupe-transpile  # each part alone, with criterion's statistics
```

Node, Deno and Bun take part if they are on the `PATH`, `isolated-vm` if Node finds it in a folder of `NODE_PATH`. `cargo bench -p drupe-client` needs a kernel of the same profile: \
`cargo build --release -p drupe-kernel`. Leave the machine alone meanwhile.
";
