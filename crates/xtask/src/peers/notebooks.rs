//! `cargo xtask peers --notebooks`: drupe's kernel for Jupyter beside other kernels.
//!
//! Each contender is a kernel that the script `notebooks.py` drives, as a front end does. They take turns.

use std::{fmt::Write as _, fs, path::Path};

use super::{
    contender::{Contender, part},
    machine,
    peer::PeerError,
};

/// The file, from the root.
const PATH: &str = "docs/NOTEBOOK-BENCHMARKS.md";

/// The contenders: their titles, and their names for the script. The first is to be ahead of the others.
const CONTENDERS: [(&str, &str); 4] =
    [("drupe", "drupe"), ("ipykernel", "ipykernel"), ("deno jupyter", "deno"), ("tslab", "tslab")];

/// What is measured.
struct Task {
    /// Its name for the script.
    name: &'static str,
    /// How often in a turn.
    count: usize,
    rows: &'static [Row],
}

/// A line of the table.
struct Row {
    what: &'static str,
    /// The part of the samples that are at most what is shown.
    part: f64,
    unit: Unit,
    /// At most so many times the best, and the contender that it is about; `None`: of each other.
    goals: &'static [(f64, Option<&'static str>)],
}

#[derive(Clone, Copy)]
enum Unit {
    Seconds,
    Bytes,
}

const AHEAD: &[(f64, Option<&str>)] = &[(1.0, None)];

const TASKS: [Task; 8] = [
    Task {
        name: "start",
        count: 1,
        rows: &[row("cold start to the first reply, p50", 0.5, Unit::Seconds, &[(1.0 / 6.0, None)])],
    },
    Task {
        name: "round_trip",
        count: 200,
        rows: &[
            row("`1+1` and back, p50", 0.5, Unit::Seconds, &[(1.0, None), (0.5, Some("deno jupyter"))]),
            row("`1+1` and back, p99", 0.99, Unit::Seconds, AHEAD),
        ],
    },
    Task { name: "lines", count: 1, rows: &[row("20,000 lines, p50", 0.5, Unit::Seconds, AHEAD)] },
    Task { name: "show", count: 1, rows: &[row("100 MB of display data, p50", 0.5, Unit::Seconds, AHEAD)] },
    Task { name: "complete", count: 1, rows: &[row("completion while a cell loops, p50", 0.5, Unit::Seconds, AHEAD)] },
    Task { name: "interrupt", count: 3, rows: &[row("an interrupt ends a loop, p50", 0.5, Unit::Seconds, AHEAD)] },
    Task { name: "idle_memory", count: 1, rows: &[row("memory when idle, p50", 0.5, Unit::Bytes, AHEAD)] },
    Task { name: "used_memory", count: 1, rows: &[row("memory after 1,000 cells, p50", 0.5, Unit::Bytes, AHEAD)] },
];

const fn row(what: &'static str, part: f64, unit: Unit, goals: &'static [(f64, Option<&'static str>)]) -> Row {
    Row { what, part, unit, goals }
}

/// What came of one task for one contender.
#[derive(Default)]
struct Samples {
    all: Vec<f64>,
    lost: Option<String>,
}

/// Measures, prints, and writes the document unless it was `quick`.
pub(super) fn run(root: &Path, quick: bool) -> Result<(), PeerError> {
    let drupe = std::env::current_exe()?.with_file_name("drupe");
    let load = machine::load();
    let (mut missing, mut contenders) = (Vec::new(), Vec::new());
    for (title, name) in CONTENDERS {
        match Contender::start(root, &drupe, title, &["python", "notebooks.py", name]) {
            Ok(contender) => contenders.push(contender),
            Err(why) => missing.push(format!("{title}: {why}")),
        }
    }
    let turns = if quick { 1 } else { 7 };
    let mut lines = Vec::new();
    for task in TASKS {
        let mut samples: Vec<_> = contenders.iter().map(|_| Samples::default()).collect();
        for _ in 0..turns {
            for (contender, samples) in contenders.iter_mut().zip(&mut samples) {
                let answer = contender.ask(task.name, if quick { task.count.min(20) } else { task.count })?;
                samples.all.extend(answer.samples);
                samples.lost = samples.lost.take().or(answer.lost);
            }
        }
        lines.extend(task.rows.iter().map(|row| line(row, &contenders, &samples)));
    }
    let text = text(&contenders, &lines, &missing, load);
    println!("{text}");
    if !quick {
        fs::write(root.join(PATH), text)?;
    }
    Ok(())
}

fn line(row: &Row, contenders: &[Contender], samples: &[Samples]) -> String {
    let mut line = format!("| {} |", row.what);
    for Samples { all, lost } in samples {
        let figure = if all.is_empty() { "-".to_owned() } else { row.unit.text(part(all, row.part)) };
        let lost = lost.as_ref().map_or(String::new(), |lost| format!(" ({lost})"));
        // What is written into a string has no way to fail.
        let _ = write!(line, " {figure}{lost} |");
    }
    let titled = contenders.iter().map(|contender| contender.title).zip(samples);
    let figures: Vec<_> = titled
        .filter(|(_, samples)| !samples.all.is_empty() && samples.lost.is_none())
        .map(|(title, samples)| (title, part(&samples.all, row.part)))
        .collect();
    let verdicts: Vec<_> = row.goals.iter().map(|(most, whose)| verdict(&figures, *most, *whose)).collect();
    format!("{line} {} |\n", verdicts.join("; "))
}

/// Whether the first contender takes at most so many times what another takes, or the best of the others. One that
/// lost something is no measure.
fn verdict(figures: &[(&str, f64)], most: f64, whose: Option<&str>) -> String {
    let own = figures.iter().find(|(title, _)| *title == CONTENDERS[0].0).map(|(_, figure)| *figure);
    let others = figures.iter().filter(|(title, _)| *title != CONTENDERS[0].0 && whose.is_none_or(|whose| whose == *title));
    let best = others.map(|(_, figure)| *figure).min_by(f64::total_cmp);
    let of = whose.unwrap_or("the best peer");
    let goal = if most < 1.0 { format!("at most {most:.2} x {of}") } else { format!("ahead of {of}") };
    match (own, best) {
        (Some(own), Some(best)) => {
            format!("{goal}: {} ({:.2})", if own <= most * best { "met" } else { "MISSED" }, own / best)
        }
        (Some(_), None) => format!("{goal}: met, alone"),
        (None, _) => format!("{goal}: MISSED"),
    }
}

impl Unit {
    fn text(self, figure: f64) -> String {
        match self {
            Self::Seconds if figure < 1e-3 => format!("{:.0} µs", figure * 1e6),
            Self::Seconds if figure < 1.0 => format!("{:.1} ms", figure * 1e3),
            Self::Seconds => format!("{figure:.2} s"),
            Self::Bytes => format!("{:.0} MB", figure / 1e6),
        }
    }
}

fn text(contenders: &[Contender], lines: &[String], missing: &[String], load: Option<f64>) -> String {
    let load = load.map_or(String::new(), |load| format!("; load average when the run began: {load:.2}"));
    let titles = contenders.iter().map(|contender| format!(" {} |", contender.title)).collect::<String>();
    let rules = contenders.iter().map(|_| " ---: |").collect::<String>();
    let versions =
        contenders.iter().map(|contender| format!("- {}: {}\n", contender.title, contender.version)).collect::<String>();
    let missing = missing.iter().map(|why| format!("- {why}\n")).collect::<String>();
    let missing = if missing.is_empty() { missing } else { format!("\nNot on this machine:\n\n{missing}") };
    format!(
        "<!-- @{} by `cargo xtask peers --notebooks`; edit crates/xtask/src/peers/notebooks.rs instead. -->\n\n\
         # Benchmarks of notebooks\n\nMeasured {} on {}{load}.\n\n\
         Kernels of Jupyter, driven as a front end does, by ZeroMQ sockets and signed messages. All took turns in one run. A\n\
         round trip ends when the reply and the idle status have come. Memory is that of all processes of a kernel, with shared\n\
         pages divided. In brackets: what did not arrive, or was lost; such a figure is no measure for the goal. ipykernel runs\n\
         Python where the others run JavaScript. drupe and `deno jupyter` are interrupted by a message, the others by a signal;\n\
         tslab runs cells in the process that has the signal.\n\n\
         | what |{titles} goal |\n| --- |{rules} --- |\n{}\n{versions}{missing}\n\
         To take it again: `DRUPE_PEERS_PYTHON=PYTHON cargo xtask peers --notebooks`, with a Python that has `ipykernel` and\n\
         `jupyter_client`, and the npm packages `deno` and `tslab` on the `PATH`.\n",
        "generated",
        machine::today(),
        machine::description(),
        lines.concat(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_about_those_who_lose_nothing() {
        let figures = [("drupe", 1.0), ("ipykernel", 4.0), ("deno jupyter", 3.0)];
        assert_eq!(verdict(&figures, 1.0, None), "ahead of the best peer: met (0.33)");
        assert_eq!(verdict(&figures, 0.5, Some("ipykernel")), "at most 0.50 x ipykernel: met (0.25)");
        assert_eq!(verdict(&figures, 0.25, None), "at most 0.25 x the best peer: MISSED (0.33)");
        assert_eq!(verdict(&figures[..1], 1.0, None), "ahead of the best peer: met, alone");
        assert_eq!(verdict(&figures[1..], 1.0, None), "ahead of the best peer: MISSED");
    }

    #[test]
    fn figures_have_units() {
        let seconds = [2e-5, 0.0123, 4.5].map(|figure| Unit::Seconds.text(figure));
        assert_eq!(seconds, ["20 µs", "12.3 ms", "4.50 s"]);
        assert_eq!(Unit::Bytes.text(123_456_789.0), "123 MB");
    }
}
