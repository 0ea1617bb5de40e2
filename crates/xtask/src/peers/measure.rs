//! The measurement: starts the contenders, takes turns, and collects their answers.

use std::{collections::HashMap, io, path::Path};

use super::{
    drupe::Drupe,
    floor::Floor,
    machine,
    measured::{Measured, Present},
    peer::{Peer, PeerError, Who},
    report,
    script::Script,
    table,
    task::Task,
};

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("{}: {source}", who.title())]
    Start { who: Who, source: PeerError },
    #[error("cannot write {}: {source}", report::PATH)]
    Write { source: io::Error },
}

/// Measures everybody, prints the table, and writes it down, unless it was `quick` or about the tasks of one name
/// `only`.
pub(super) fn run(root: &Path, quick: bool, only: Option<&str>) -> Result<(), Error> {
    let load = machine::load();
    let mut peers = start(root)?;
    let measured = Measured { load, ..measure(&mut peers, quick, only) };
    drop(peers);
    println!("\n{}", table::terminal(&measured));
    for failure in &measured.failures {
        println!("failed: {failure}");
    }
    if only.is_some() {
        return Ok(());
    }
    if quick {
        println!("A brief run: try whether it works, believe no figure. Nothing was written.");
        return Ok(());
    }
    report::write(root, &measured).map_err(|source| Error::Write { source })?;
    println!("written to {}", report::PATH);
    Ok(())
}

fn start(root: &Path) -> Result<Vec<Box<dyn Peer>>, Error> {
    let mut peers: Vec<Box<dyn Peer>> = Vec::new();
    for who in Who::ALL {
        let started: Result<Option<Box<dyn Peer>>, PeerError> = match who {
            Who::Drupe | Who::Unconfined => Drupe::start(who).map(|peer| Some(Box::new(peer) as _)),
            Who::Floor => Floor::start().map(|peer| Some(Box::new(peer) as _)),
            Who::Node | Who::Deno | Who::Bun | Who::Isolate => {
                Script::start(root, who).map(|peer| peer.map(|peer| Box::new(peer) as _))
            }
        };
        match started.map_err(|source| Error::Start { who, source })? {
            Some(peer) => {
                println!("{:<11} {}", who.title(), peer.version());
                peers.push(peer);
            }
            None => println!("{:<11} not on this machine", who.title()),
        }
    }
    Ok(peers)
}

/// One round of a task, with the processes where the task wants them.
fn round(peer: &mut dyn Peer, task: Task, amount: usize) -> Result<Option<Vec<f64>>, PeerError> {
    let Task::RoundTrip(placement) = task else { return peer.perform(task, amount) };
    match placement.put(peer.processes())? {
        Some(_placed) => peer.perform(task, amount),
        None => Ok(None),
    }
}

fn measure(peers: &mut [Box<dyn Peer>], quick: bool, only: Option<&str>) -> Measured {
    let present = peers.iter().map(|peer| Present {
        who: peer.who(),
        version: peer.version().to_owned(),
        v8: peer.v8().map(str::to_owned),
    });
    let mut measured = Measured { samples: HashMap::new(), present: present.collect(), failures: Vec::new(), quick, load: None };
    let is_wanted = |task: &Task| only.is_none_or(|word| format!("{task:?}").to_lowercase().contains(&word.to_lowercase()));
    for task in Task::all().into_iter().filter(is_wanted) {
        println!("measuring: {task:?}");
        for turn in 0..task.rounds(quick) {
            // Each begins a round in turn: who comes first may find the machine cold, and its memory with its host.
            let count = peers.len();
            for index in (0..count).map(|index| (index + turn) % count) {
                let peer = &mut peers[index];
                match round(peer.as_mut(), task, task.amount(quick)) {
                    Ok(samples) => measured.samples.entry((task, peer.who())).or_default().extend(samples.unwrap_or_default()),
                    Err(error) => measured.failures.push(format!("{}: {task:?}: {error}", peer.who().title())),
                }
            }
        }
    }
    measured
}
