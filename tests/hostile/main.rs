//! Hostile input, and what it costs the parent: sources, modules, archives, answers and calls, each within 1 MiB.
//!
//! Every case is tried in a process of its own kind (`worker`), whose CPU time and memory are a parent's alone; this
//! one watches it (`watch`). A case may cost 2 s of CPU and 256 MiB ([`case::Bounds`]), and meanwhile interrupts and
//! other kernels are answered within 100 ms. What breaks a bound is tried again, twice, in a process of its own, so
//! that a busy machine is not blamed on the input.
//!
//! A test run tries one of [`EVERY`] fixed cases; `cargo xtask hostile` tries all.
//!
//! `DRUPE_HOSTILE_EVERY` sets how many fixed cases stand for one that is tried. `DRUPE_HOSTILE_CASES` sets how many
//! generated cases follow the fixed list, `DRUPE_HOSTILE_SEED` from which number they are made, and
//! `DRUPE_HOSTILE_ONLY` which names are tried. `cargo xtask hostile` sets them.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop at the first surprise, and tells what it measured")]
#![allow(clippy::type_complexity, reason = "tables of cases are read row by row")]
#![cfg(target_os = "linux")]

use std::env;

/// What a case is, and what it may cost.
mod case;

/// Calls of the host's services, and values, consoles and errors that are hard to tell.
mod calls;

/// One try of a case, measured.
mod attempt;

/// The parent that is measured.
mod worker;

/// Files and packages.
mod files;

/// How busy the machine is beside all this.
mod idle;

/// Modules by `data:` URL: languages, graphs, formats.
mod modules;

/// Sources that a seed makes.
mod random;

/// Answers of a server.
mod answers;

/// The server that gives them.
mod server;

/// Sources by shape.
mod sources;

/// Starts workers, and ends those that go too far.
mod watch;

/// The world that a case meets.
mod world;

/// WebAssembly.
mod wasm;

#[path = "../support/kernels.rs"]
mod kernels;
#[path = "../support/process.rs"]
mod process;

use case::Case;

/// How many cases the fixed list has at least.
const FIXED: usize = 200;

/// Of so many fixed cases a test run tries one.
const EVERY: u64 = 4;

/// How many generated cases a test run has beside them.
const GENERATED: u64 = 16;

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// All cases, the fixed ones first.
fn all_cases() -> (Vec<Case>, usize) {
    let mut cases =
        [sources::cases(), modules::cases(), wasm::cases(), files::cases(), answers::cases(), calls::cases()].concat();
    let fixed = cases.len();
    cases.extend(random::cases(number("DRUPE_HOSTILE_SEED", 1), number("DRUPE_HOSTILE_CASES", GENERATED)));
    (cases, fixed)
}

// threats B9, D2, G9, H3
#[test]
fn no_hostile_input_costs_the_parent_more_than_its_bounds() {
    let (cases, fixed) = all_cases();
    assert!(fixed >= FIXED, "only {fixed} cases");
    let mut names = cases.iter().map(|case| &*case.name).collect::<Vec<_>>();
    names.sort_unstable();
    names.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1], "two cases have one name"));
    let only = env::var("DRUPE_HOSTILE_ONLY").unwrap_or_default();
    let every = number("DRUPE_HOSTILE_EVERY", if only.is_empty() { EVERY } else { 1 }).max(1);
    let is_tried =
        |(index, name): &(usize, &str)| (*index >= fixed || (*index as u64).is_multiple_of(every)) && name.contains(&only);
    let all = cases.iter().map(|case| &*case.name).enumerate();
    names = all.filter(is_tried).map(|(_, name)| name).collect();
    assert!(!names.is_empty(), "no case's name contains {only:?}");
    let broken = watch::try_all(&names);
    assert!(broken.is_empty(), "{} of {} cases broke a bound:\n{}", broken.len(), names.len(), broken.join("\n"));
}

/// What the program does when it is started as a worker; as a test it does nothing.
#[test]
fn works_when_it_is_asked_to() {
    if env::var_os(watch::WORKER).is_some() {
        worker::serve(&all_cases().0);
    }
}
