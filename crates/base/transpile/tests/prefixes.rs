//! Whoever types a valid chunk line by line is never told that it is invalid: each beginning of a chunk is whole
//! itself, or unfinished.

#![allow(clippy::unwrap_used)] // a test may stop at what it did not expect

use drupe_transpile::{Completeness, Options, completeness};

/// Chunks of every kind of syntax, with `----` between them.
const SAMPLES: [&str; 4] = [
    include_str!("samples/generics.txt"),
    include_str!("samples/types.txt"),
    include_str!("samples/jsx.txt"),
    include_str!("samples/javascript.txt"),
];

/// Transcripts of sessions, for the chunks in them that worked.
const TRANSCRIPTS: [&str; 7] = [
    include_str!("../../../../tests/transcripts/typescript.repl"),
    include_str!("../../../../tests/transcripts/jsx.repl"),
    include_str!("../../../../tests/transcripts/bindings.repl"),
    include_str!("../../../../tests/transcripts/using.repl"),
    include_str!("../../../../tests/transcripts/awaits.repl"),
    include_str!("../../../../tests/transcripts/results.repl"),
    include_str!("../../../../tests/transcripts/imports.repl"),
];

fn samples() -> impl Iterator<Item = &'static str> {
    SAMPLES.iter().flat_map(|file| file.split("\n----\n")).map(|sample| sample.strip_suffix('\n').unwrap_or(sample))
}

/// The chunks of a transcript that are whole.
fn chunks(transcript: &str) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    let mut open = false;
    for line in transcript.lines() {
        if let Some(first) = line.strip_prefix("> ") {
            chunks.push(first.to_owned());
            open = true;
        } else if let Some(more) = line.strip_prefix(". ").filter(|_| open) {
            let last = chunks.last_mut().unwrap();
            last.push('\n');
            last.push_str(more);
        } else {
            open = false;
        }
    }
    chunks.retain(|chunk| of(chunk) == Completeness::Complete);
    chunks
}

fn of(source: &str) -> Completeness {
    completeness(source, &Options::default())
}

/// The beginnings of a text, up to each line break and with it, that are told to be invalid.
fn told_invalid(source: &str) -> Vec<String> {
    let breaks = source.match_indices('\n').flat_map(|(at, _)| [at, at + 1]);
    let told = breaks.filter_map(|end| match of(&source[..end]) {
        Completeness::Invalid(diagnostic) => Some(format!("{:?}: {diagnostic}", &source[..end])),
        _ => None,
    });
    told.collect()
}

#[test]
fn samples_are_whole() {
    for sample in samples() {
        assert_eq!(of(sample), Completeness::Complete, "{sample}");
    }
}

#[test]
fn no_beginning_of_a_sample_is_invalid() {
    let found: Vec<String> = samples().flat_map(told_invalid).collect();
    assert!(found.is_empty(), "{} beginnings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_beginning_of_a_chunk_in_a_transcript_is_invalid() {
    let chunks = TRANSCRIPTS.iter().flat_map(|transcript| chunks(transcript));
    let found: Vec<String> = chunks.flat_map(|chunk| told_invalid(&chunk)).collect();
    assert!(found.is_empty(), "{} beginnings:\n{}", found.len(), found.join("\n"));
}
