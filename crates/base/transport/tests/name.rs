//! Names and tokens.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::HashSet;

use drupe_transport::{Token, connect, unguessable_name};

#[test]
fn names_differ() {
    let names: HashSet<String> = (0..1000).map(|_| unguessable_name().unwrap()).collect();
    assert_eq!(names.len(), 1000);
    let start = format!("drupe-{}-", std::process::id());
    assert!(names.iter().all(|name| name.len() == start.len() + 32 && name.starts_with(&start)));
}

#[test]
fn a_token_matches_itself_alone() {
    let token = Token::random().unwrap();
    let bytes = token.to_vec();
    assert_eq!(bytes.len(), 32);
    assert!(token.matches(&bytes) && token.clone().matches(&bytes));
    assert!(!Token::random().unwrap().matches(&bytes));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            assert!(!token.matches(&other));
        }
        assert!(!token.matches(&bytes[..at]), "a part is not the whole");
    }
    // Two differences must not cancel each other out.
    let mut other = bytes.clone();
    (other[0], other[1]) = (other[0] ^ 0xff, other[1] ^ 0xff);
    assert!(!token.matches(&other));
    assert!(!token.matches(&[&bytes[..], &[0]].concat()));
}

#[test]
fn a_token_is_not_printed() {
    assert_eq!(format!("{:?}", Token::random().unwrap()), "Token(..)");
}

#[test]
fn nobody_answers_to_a_fresh_name() {
    assert!(connect(&unguessable_name().unwrap()).is_err());
}
