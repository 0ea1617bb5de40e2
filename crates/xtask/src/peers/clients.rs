//! `cargo xtask peers --clients`: a run by way of `drupe serve`, from other languages, beside what people use there.
//!
//! Each contender is a script. They take turns, as the [others](super) do.

use std::{fs, path::Path};

use drupe_client::{Kernel, Outcome};

use super::{
    contender::{Contender, part},
    machine,
    peer::PeerError,
};

/// The file, from the root.
const PATH: &str = "docs/CLIENT-BENCHMARKS.md";

/// The contenders: their titles, and their scripts with arguments.
const CONTENDERS: [(&str, &[&str]); 5] = [
    ("TypeScript client", &["node", "clients.mjs", "typescript"]),
    ("fork and vm", &["node", "clients.mjs", "fork"]),
    ("Python client", &["python", "clients.py", "drupe"]),
    ("ipykernel", &["python", "clients.py", "ipykernel"]),
    ("pydantic-monty", &["python", "clients.py", "monty"]),
];

/// The goals: a contender's median, as a multiple of another's.
const GOALS: [(&str, f64, &str); 3] =
    [("TypeScript client", 1.3, "fork and vm"), ("Python client", 0.1, "ipykernel"), ("Python client", 2.0, "pydantic-monty")];

/// Bytes a second that a typed array comes to NumPy.
const LARGE_GOAL: f64 = 1e9;

/// The same from Rust, without a server.
async fn from_rust(kernel: &Kernel, count: usize) -> Result<Vec<f64>, PeerError> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let start = std::time::Instant::now();
        let report = kernel.run("1+1").await?;
        times.push(start.elapsed().as_secs_f64());
        if !matches!(report.outcome, Outcome::Value { .. }) {
            return Err(PeerError::Wrong(format!("{:?}", report.outcome)));
        }
    }
    Ok(times)
}

/// Measures, prints, and writes the document unless it was `quick`.
pub(super) fn run(root: &Path, quick: bool) -> Result<(), PeerError> {
    let drupe = std::env::current_exe()?.with_file_name("drupe");
    let load = machine::load();
    let mut missing = Vec::new();
    let mut contenders = Vec::new();
    for (title, words) in CONTENDERS {
        match Contender::start(root, &drupe, title, words) {
            Ok(contender) => contenders.push(contender),
            Err(why) => missing.push(format!("{title}: {why}")),
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let program = drupe_client::Program::new(&drupe).arg("kernel");
    let kernel = runtime.block_on(Kernel::builder().program(program).spawn())?;
    let mut rust = Vec::new();
    let (turns, count) = if quick { (2, 20) } else { (10, 200) };
    for turn in 0..turns {
        let times = runtime.block_on(from_rust(&kernel, count))?;
        // The first turn warms all up.
        if turn > 0 {
            rust.extend(times);
        }
        for contender in &mut contenders {
            let times = contender.ask("round_trip", count)?.samples;
            if turn > 0 {
                contender.times.extend(times);
            }
        }
    }
    let mut large = Vec::new();
    if let Some(python) = contenders.iter_mut().find(|contender| contender.title == "Python client") {
        large = python.ask("large", if quick { 2 } else { 9 })?.samples;
    }
    let text = text(&contenders, &rust, &mut large, &missing, load);
    println!("{text}");
    if !quick {
        fs::write(root.join(PATH), text)?;
    }
    Ok(())
}

fn text(contenders: &[Contender], rust: &[f64], large: &mut [f64], missing: &[String], load: Option<f64>) -> String {
    let row = |title: &str, version: &str, times: &[f64]| {
        format!("| {title} | {version} | {:.0} µs | {:.0} µs |\n", 1e6 * part(times, 0.5), 1e6 * part(times, 0.99))
    };
    let mut rows = row("Rust client", "without a server", rust);
    rows.extend(contenders.iter().map(|contender| row(contender.title, &contender.version, &contender.times)));
    let times = |title: &str| contenders.iter().find(|contender| contender.title == title).map(|found| part(&found.times, 0.5));
    let mut goals = String::new();
    for (ours, most, theirs) in GOALS {
        let met = match (times(ours), times(theirs)) {
            (Some(mine), Some(other)) => {
                let ratio = mine / other;
                format!("{} ({ratio:.2})", if ratio <= most { "met" } else { "MISSED" })
            }
            _ => "not measured".to_owned(),
        };
        goals.push_str(&format!("- {ours}, p50: at most {most} x {theirs}: {met}\n"));
    }
    large.sort_by(f64::total_cmp);
    let rate = large.get(large.len() / 2).copied();
    let met = rate.map_or("not measured".to_owned(), |rate| {
        format!("{} ({:.2} GB/s)", if rate >= LARGE_GOAL { "met" } else { "MISSED" }, rate / 1e9)
    });
    goals.push_str(&format!("- a typed array of 100 MB from the kernel to NumPy: at least 1 GB/s: {met}\n"));
    let load = load.map_or(String::new(), |load| format!("; load average when the run began: {load:.2}"));
    let missing = missing.iter().map(|why| format!("- {why}\n")).collect::<String>();
    let missing = if missing.is_empty() { missing } else { format!("\nNot on this machine:\n\n{missing}") };
    format!(
        "<!-- @{} by `cargo xtask peers --clients`; edit crates/xtask/src/peers/clients.rs instead. -->\n\n\
         # Benchmarks of the clients\n\nMeasured {} on {}{load}.\n\n\
         A warm process runs `1+1` and answers its value, again and again, from each language. All took turns in one run. The\n\
         clients for TypeScript and Python go by way of `drupe serve --stdio`, so that each run crosses two processes; a forked\n\
         Node, ipykernel and pydantic-monty are one. ipykernel and pydantic-monty run Python where drupe runs JavaScript.\n\n\
         | who | what | p50 | p99 |\n| --- | --- | ---: | ---: |\n{rows}\n{goals}{missing}\n\
         To take it again: `npm ci --prefix client/typescript && npm run build --prefix client/typescript`, then\n\
         `DRUPE_PEERS_PYTHON=PYTHON cargo xtask peers --clients`, with a Python that has `msgpack`, `numpy`, `ipykernel`,\n\
         `jupyter_client` and `pydantic-monty`.\n",
        "generated",
        machine::today(),
        machine::description(),
    )
}
