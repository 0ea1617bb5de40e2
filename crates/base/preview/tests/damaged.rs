//! Trees that no kernel makes, a million of them: each is laid out, and in a size that follows from its own.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../../../../protocol/tests/mutating/mod.rs"]
mod mutating;
#[path = "../../../../protocol/tests/samples/preview.rs"]
mod samples;

use drupe_preview::{Options, Styles, render};
use drupe_protocol::{decode, encode, frame::PREFIX, preview::Node};
use mutating::{Culprit, Random, count, damage};

/// What a byte of a tree comes to at most: an escape of its own, colours, an indented line of its own.
const PER_BYTE: usize = 400;

// threats D3, D4, E11
#[test]
fn a_million_damaged_trees_are_laid_out() {
    let inputs = count(1_000_000);
    let mut random = Random::new("layout");
    // Parts of the whole, so that not every damage hits the same few bytes.
    let Node::Object(whole) = samples::preview() else { panic!("no object") };
    let seeds = (0..whole.entries.len()).map(|index| {
        let mut part = whole.clone();
        part.entries = whole.entries.iter().cycle().skip(index).take(1 + index % 4).cloned().collect();
        let mut frame = Vec::new();
        encode(&Node::Object(part), &mut frame).unwrap();
        frame.split_off(PREFIX)
    });
    let seeds = seeds.collect::<Vec<_>>();
    let (mut laid_out, mut lines, mut bytes) = (0_u64, 0_u64, Vec::new());
    for _ in 0..inputs {
        bytes.clear();
        bytes.extend_from_slice(random.pick::<Vec<u8>>(&seeds));
        damage(&mut random, &mut bytes);
        let culprit = Culprit("the layout", &bytes);
        let Ok(node) = decode::<Node>(culprit.1) else { continue };
        let coloured = random.one_in(4);
        let options = Options {
            styles: coloured.then_some(&Styles::NODE),
            break_length: random.below(200),
            compact: random.below(6),
            sorted: random.one_in(4),
            numeric_separator: random.one_in(4),
            indentation: random.below(40),
            ..Options::default()
        };
        let text = render(&node, &options);
        assert!(text.len() <= PER_BYTE * (bytes.len() + 8), "{} bytes of {}", text.len(), bytes.len());
        let acts = |char: char| char.is_control() && !matches!(char, '\n' | '\t') && !(coloured && char == '\u{1b}');
        assert!(!text.contains(acts), "{text:?}");
        laid_out += 1;
        lines += text.lines().count() as u64;
    }
    eprintln!("{laid_out} of {inputs} are trees, and come to {lines} lines");
    assert!(
        laid_out >= inputs / 10 && lines > laid_out * 101 / 100,
        "{laid_out} trees, {lines} lines: the inputs have gone blind"
    );
}
