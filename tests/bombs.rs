//! Memory bombs (`bombs.txt`) and floods, and what they cost the parent: a program of its own, whose memory is all that
//! is measured.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop at the first surprise, and tells what it measured")]
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use drupe_client::{Cause, Chunk, Error, Event, Outcome, Report, Sandbox, State};

mod answers;
#[path = "support/kernels.rs"]
mod kernels;
#[path = "support/process.rs"]
mod process;

use kernels::{block_on, builder, impatient, misbehaving, until_printed};
use process::{alone, peak_resident, reset_peak, resident};

/// The kernel's heap limit.
const LIMIT: u64 = 48 << 20;

/// So much may the parent grow by.
const GROWTH: u64 = 16 << 20;

struct Bomb {
    kind: &'static str,
    /// Whether it may come to a value.
    harmless: bool,
    code: String,
}

fn bombs() -> Vec<Bomb> {
    let (mut bombs, mut kind, mut harmless, mut template) = (Vec::new(), "", false, "");
    for line in include_str!("bombs.txt").lines() {
        if let Some(head) = line.strip_prefix("## ") {
            let (name, end) = head.split_once(": ").unwrap();
            (kind, template) = (name, "");
            harmless = match end {
                "harmless" => true,
                "stopped" => false,
                other => panic!("{name}: what is {other}?"),
            };
        } else if let Some(parameter) = line.strip_prefix("- ") {
            assert!(template.contains('$'), "{kind}: no template");
            bombs.push(Bomb { kind, harmless, code: template.replacen('$', parameter, 1) });
        } else if !line.starts_with('#') && !line.is_empty() {
            assert!(template.is_empty(), "{kind}: two templates");
            template = line;
        }
    }
    bombs
}

/// How a bomb ended, in a word; or what is wrong with that.
fn ending(bomb: &Bomb, end: &Result<Report, Error>) -> Result<&'static str, String> {
    let explained = |cause: &Cause| match cause {
        Cause::OutOfMemory => Ok("death for want of memory"),
        Cause::Unresponsive => Ok("kill"),
        Cause::EngineFailure(why) if why == "its native stack overflowed" => Ok("death for want of stack"),
        other => Err(format!("{other:?}")),
    };
    match end {
        Ok(Report { outcome, state, .. }) => match (outcome, state) {
            (Outcome::TimedOut { .. }, State::LostWithProcess(death)) => explained(&death.cause),
            (_, State::LostWithProcess(_) | State::Lost) => Err(format!("{outcome:?}, {state:?}")),
            (Outcome::Value { .. }, _) if bomb.harmless => Ok("value"),
            (Outcome::Threw(_), _) => Ok("exception"),
            (Outcome::SyntaxError(_), _) => Ok("syntax error"),
            (Outcome::MemoryLimit { .. }, _) => Ok("memory limit"),
            (Outcome::TimedOut { .. }, _) => Ok("CPU limit"),
            (other, _) => Err(format!("{other:?}").chars().take(200).collect()),
        },
        Err(Error::Died { death, .. }) => explained(&death.cause).map_err(|why| format!("{why}: {}", death.stderr)),
        Err(other) => Err(format!("{other:?}")),
    }
}

// threats C1 C2 C3 C4 C5 C6 C7 C8 C10 B10
#[test]
fn memory_bombs_end_typed_and_cost_the_parent_nothing() {
    let _alone = alone();
    let bombs = bombs();
    let mut kinds = bombs.iter().map(|bomb| bomb.kind).collect::<Vec<_>>();
    kinds.dedup();
    assert!(bombs.len() >= 200 && kinds.len() >= 20, "{} bombs of {} kinds", bombs.len(), kinds.len());
    block_on(async {
        let limit = Duration::from_millis(300);
        let bombed = impatient().memory_limit(LIMIT).vm_timeout(limit).wall_timeout(limit * 4).kill_on_timeout(true);
        let kernel = bombed.clone().spawn().await.unwrap();
        kernel.run("'warm'").await.unwrap();
        reset_peak();
        let before = resident("self");
        let (mut endings, mut failures) = (BTreeMap::new(), Vec::new());
        for bomb in &bombs {
            let begun = Instant::now();
            let end = kernel.run(Chunk::new(bomb.code.as_str()).value_limit(1 << 20)).await;
            if begun.elapsed() > limit * 8 {
                println!("{}, {} took {:?}: {end:?}", bomb.kind, bomb.code, begun.elapsed());
            }
            match ending(bomb, &end) {
                Ok(word) => *endings.entry(word).or_insert(0) += 1,
                Err(why) => failures.push(format!("{}, {}: {why}", bomb.kind, bomb.code)),
            }
            kernel.restart().await.unwrap();
        }
        kernel.terminate().await;
        // What V8 does not count ends where nothing confines the process, too.
        let kernel = bombed.sandbox(Sandbox::OffUnsafe).spawn().await.unwrap();
        for bomb in bombs.iter().filter(|bomb| bomb.kind.starts_with("WebAssembly")) {
            if let Err(why) = ending(bomb, &kernel.run(bomb.code.as_str()).await) {
                failures.push(format!("{}, {}, unconfined: {why}", bomb.kind, bomb.code));
            }
            kernel.restart().await.unwrap();
        }
        let growth = peak_resident("self").saturating_sub(before);
        println!("{} bombs of {} kinds: {endings:?}; the parent grew by {} KiB", bombs.len(), kinds.len(), growth >> 10);
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
        assert!(growth <= GROWTH, "the parent grew by {growth} bytes");
        kernel.terminate().await;
    });
}

/// A frame costs its receiver no more than a small multiple of the largest frame, whatever is in it.
// threat E3
#[test]
fn what_a_frame_may_cost_is_bounded() {
    let _alone = alone();
    block_on(async {
        let kernel = misbehaving("sends-100-million-nils").spawn().await.unwrap();
        reset_peak();
        let before = resident("self");
        kernel.run("1").await.unwrap_err();
        let peak = peak_resident("self").saturating_sub(before);
        // The frame itself, received into a buffer that doubles; as values it would be 4 GB.
        assert!(peak < 400 << 20, "grew by {peak} bytes");
    });
}

// threats D1, D2
#[test]
fn a_flood_is_bounded_by_its_reader() {
    bounded_flood("floods", 60_000);
}

/// Of large events fewer wait.
// threats D2, D3
#[test]
fn a_flood_of_large_events_is_bounded_too() {
    bounded_flood("floods-with-large-events", 10_000_000);
}

fn bounded_flood(mode: &str, length: usize) {
    let _alone = alone();
    block_on(async {
        let kernel = misbehaving(mode).spawn().await.unwrap();
        let mut run = kernel.run("1");
        until_printed(&mut run, &"x".repeat(length)).await;
        let before = resident("self");
        // The reader stands still; the peer goes on sending as fast as it can.
        let stalled = tokio::time::timeout(Duration::from_millis(500), std::future::pending::<()>()).await;
        assert!(stalled.is_err());
        let grown = resident("self").saturating_sub(before);
        // 8 MiB of waiting events, one for which there is no room, and a buffer or two. The peer sends many times that
        // in this time, where it may.
        assert!(grown < 192 << 20, "grew by {grown} bytes");
        drop(run);
        kernel.terminate().await;
    });
}

/// A gigabyte on the console.
const FLOOD: u64 = 1 << 30;

/// Memory of a parent that is flooded.
const FLOODED: u64 = 32 << 20;

// threat D1
#[test]
fn a_gigabyte_on_the_console_is_counted_and_not_kept() {
    let _alone = alone();
    let (line, limit) = (1 << 16, 4 << 20);
    let lines = FLOOD / line;
    let code = format!("const line = 'x'.repeat({line}); for (let i = 0; i < {lines}; i++) console.log(line); 'through'");
    block_on(async {
        let kernel = builder().console_limit(limit).spawn().await.unwrap();
        kernel.run("'warm'").await.unwrap();
        reset_peak();
        // What other tests of this process have left to the allocator does not count.
        let before = resident("self");
        // Read as it comes, not read before the end, and nobody there to read it: the count is the same.
        for way in 0..3 {
            let mut run = kernel.run(code.as_str());
            let mut told = 0;
            if way == 0 {
                while let Some(event) = run.next_event().await {
                    told += u64::from(matches!(event, Event::Console(_)));
                }
            }
            let report = run.await.unwrap();
            assert!(report.outcome.is_value(), "{report:?}");
            // The event that reaches the limit is the last.
            assert!(report.dropped_events > lines - 100 && report.dropped_events < lines - limit / line + 5, "{report:?}");
            if way == 0 {
                assert_eq!(told + report.dropped_events, lines);
            }
            // Nothing of it hangs over.
            assert_eq!(kernel.run("console.log('again')").await.unwrap().dropped_events, 0);
        }
        // Without a limit the reader's pace is one, and nothing is lost.
        let few = format!("for (let i = 0; i < 1000; i++) console.log('x'.repeat({line}))");
        let mut run = kernel.run(Chunk::new(few).console_limit(u64::MAX));
        let mut told = 0;
        while let Some(event) = run.next_event().await {
            told += u64::from(matches!(event, Event::Console(_)));
        }
        assert_eq!((told, run.await.unwrap().dropped_events), (1000, 0));
        let peak = peak_resident("self").saturating_sub(before);
        println!("{} MiB more in the parent at most", peak >> 20);
        assert!(peak <= FLOODED, "{peak} bytes");
        kernel.terminate().await;
    });
}

/// Each argument of a call is told in full only to a bound, and what is cut says so.
// threat D3
#[test]
fn a_giant_value_is_cut_and_marked() {
    let _alone = alone();
    block_on(async {
        let kernel = builder().spawn().await.unwrap();
        for (code, mark) in [
            ("console.log('x'.repeat(1e8))", "more characters"),
            ("console.log(new Array(1e6).fill('some text'))", "more items"),
            ("console.log(new Uint8Array(1e7))", "more items"),
            ("console.log({ ['k'.repeat(1e7)]: 'v'.repeat(1e7) })", "more characters"),
        ] {
            let mut run = kernel.run(code);
            let mut texts = Vec::new();
            while let Some(event) = run.next_event().await {
                if let Event::Console(console) = event {
                    texts.push(console.text().to_owned());
                }
            }
            let [text] = texts.as_slice() else { panic!("{code}: {} events", texts.len()) };
            assert!(
                text.len() < 2 << 20 && text.contains(mark),
                "{code}: {} bytes, {:?}",
                text.len(),
                text.get(text.len().saturating_sub(80)..)
            );
            run.await.unwrap();
        }
        kernel.terminate().await;
    });
}

/// What a chunk comes to is described as it is: neither a rope of 100 MB nor a number of 33 million bits is written out
/// for that.
// threats C6 C7
#[test]
fn giant_primitives_cost_no_more_than_they_take() {
    let _alone = alone();
    block_on(async {
        let kernel = builder().memory_limit(LIMIT).spawn().await.unwrap();
        kernel.run("let kept = 'kept'").await.unwrap();
        for code in [
            "'x'.repeat(1e8)",
            "'\\u1234'.repeat(1e8)",
            "throw 'x'.repeat(1e8)",
            "await 1; 'x'.repeat(1e8)",
            "await 1; throw '\\u1234'.repeat(1e8)",
            "10n ** 10000000n",
            "throw 10n ** 10000000n",
        ] {
            let report = kernel.run(Chunk::new(code).value_limit(1 << 20).keep_last(true)).await.unwrap();
            let threw = code.contains("throw");
            assert!(
                matches!((&report.outcome, threw), (Outcome::Value { .. }, false) | (Outcome::Threw(_), true)),
                "{code}: {:.200}",
                format!("{report:?}")
            );
            // A preview of it is cut short at its first look, too.
            let shown = kernel.preview(code).await.unwrap();
            assert_eq!(shown.is_some(), !threw && !code.contains("await") && !code.contains("**"), "{code}: {shown:?}");
        }
        let report = kernel.run("typeof _ + ' ' + kept").await.unwrap();
        assert!(matches!(&report.outcome, Outcome::Value { text, .. } if text == "'bigint kept'"), "{report:?}");
        let pid = kernel.info().await.unwrap().pid.unwrap();
        let peak = peak_resident(pid);
        println!("{} MiB in the kernel at most", peak >> 20);
        assert!(peak < 96 << 20, "{peak} bytes");
        kernel.terminate().await;
    });
}

/// Rejections that nobody handles are told up to 10,000 of a turn; the others are counted.
// threat C8
#[test]
fn rejections_beyond_the_bound_are_counted() {
    let _alone = alone();
    block_on(async {
        let kernel = builder().spawn().await.unwrap();
        let mut run = kernel.run("for (let i = 0; i < 25000; i++) Promise.reject(i); 'through'");
        let mut told = 0;
        while let Some(event) = run.next_event().await {
            told += u64::from(matches!(event, Event::Exception(_)));
        }
        assert_eq!((told, run.await.unwrap().dropped_events), (10_000, 15_000));
        kernel.terminate().await;
    });
}
