//! Sources that a seed makes: nests of openings, one in the other, in an order that nobody thought of.

use drupe_client::Language;

use crate::case::{Act, Case, LARGEST, World};

/// What opens a level, and what closes it.
const OPENINGS: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("({a:", "})"),
    ("{", "}"),
    ("`${", "}`"),
    ("a<", ">(1)"),
    ("a<(b=", ")>c"),
    ("<T>(", ")"),
    ("<T,>(a=", ")=>1"),
    ("<a>", "</a>"),
    ("<a b={", "}/>"),
    ("{a}", ""),
    ("(a=", ")=>0"),
    ("async(a=", ")=>0"),
    ("({a=", "})=>0"),
    ("([a=", "])=>0"),
    ("a?(b):(c=", ")=>d"),
    ("a?(b):c=>", ":e"),
    ("a?.<T>(", ")"),
    ("(<any>", ")"),
    ("function(a=", "){}"),
    ("class{[", "](){}}"),
    ("class{@(", ")m(){}}"),
    ("class extends A<", ">{}"),
    ("let x:", "=1;"),
    ("type A=", ";"),
    ("(a:", ")=>void"),
    ("new(a:", ")=>void"),
    ("(infer U extends ", "?1:2)"),
    ("A extends ", "?B:C"),
    ("{[K in ", "]:1}"),
    ("[a?:", "]"),
    ("A<", ">"),
    ("f(", ")"),
    ("async ", ""),
    ("await(", ")"),
    ("!", ""),
    ("x=", ""),
    ("y=>", ""),
    ("/[", "]/"),
    (" as (", ")"),
    (" satisfies (", ")"),
    ("if(1){", "}"),
    ("for(let[a=", "]of b);"),
    ("switch(1){case ", ":}"),
    ("try{", "}catch{}"),
    ("namespace A{", "}"),
    ("enum A{a=", "}"),
    ("import(", ")"),
    ("/*", "*/"),
    ("'", "'"),
    ("\n", ";"),
];

/// Small, and always the same for a seed (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides
    }
}

/// A nest: a few openings in turn, as in what repeats, or any in any order; closed, or cut off.
fn source(seed: u64) -> String {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    dice.roll(2);
    let depth = [12, 30, 60, 300, 3_000, 30_000][dice.roll(6)];
    let pattern = (0..1 + dice.roll(6)).map(|_| dice.roll(OPENINGS.len())).collect::<Vec<_>>();
    let any = dice.roll(3) == 0;
    let mut levels = Vec::new();
    let mut size = 0;
    for level in 0..depth {
        let index = if any { dice.roll(OPENINGS.len()) } else { pattern[level % pattern.len()] };
        size += OPENINGS[index].0.len() + OPENINGS[index].1.len();
        if size > LARGEST - 1024 {
            break;
        }
        levels.push(index);
    }
    let mut text = levels.iter().map(|&index| OPENINGS[index].0).collect::<String>();
    text.push_str(["1", "a", "T", "", "x as T", "b, c"][dice.roll(6)]);
    match dice.roll(3) {
        0 => {}
        1 => levels.iter().rev().for_each(|&index| text.push_str(OPENINGS[index].1)),
        _ => levels.iter().rev().take(levels.len() / 2).for_each(|&index| text.push_str(OPENINGS[index].1)),
    }
    text
}

const IMPORT: &str = "await import('data:application/typescript,' + encodeURIComponent(text))\
                      .then(() => 'imported', (error) => String(error).slice(0, 80))";

pub(crate) fn cases(seed: u64, count: u64) -> Vec<Case> {
    let make = |number: u64| {
        Case::new(format!("generated {number}"), World::Denied, move || {
            let text = source(number);
            match number % 6 {
                0 => Act::Preview(text.chars().take(16 << 10).collect()),
                1 => Act::Completeness(text),
                2 => Act::given(IMPORT, text),
                3 => Act::Format(text),
                4 => Act::Run { source: text, language: Language::Tsx, inputs: Vec::new() },
                _ => Act::run(text),
            }
        })
    };
    (seed..seed + count).map(make).collect()
}
