//! Blocks on large pages are blocks like any others.

use drupe_protocol::pages;

/// Small, at the size from which pages are asked for, and no whole number of any.
const SIZES: [usize; 5] = [0, 1, 4 << 20, (4 << 20) + 1, (9 << 20) - 1];

#[test]
fn copies_are_the_same() {
    for size in SIZES {
        let bytes: Vec<u8> = (0..size).map(|index| (index % 251).to_le_bytes()[0]).collect();
        assert!(pages::copy(&bytes) == bytes, "{size}");
        let text = "a\u{e9}".repeat(size / 3);
        assert!(pages::copy_text(&text) == text, "{size}");
    }
}

#[test]
fn what_is_there_stays_when_more_comes() {
    for size in SIZES {
        let (more, mut bytes) = (vec![7; size], b"before".to_vec());
        pages::extend(&mut bytes, &more);
        assert!(bytes.starts_with(b"before") && bytes[6..] == more, "{size}");
    }
}

#[test]
fn no_more_is_reserved_than_is_asked_for() {
    for size in SIZES {
        let mut bytes = Vec::new();
        pages::reserve(&mut bytes, size);
        assert!((size..size + 4096).contains(&bytes.capacity()), "{size}: {}", bytes.capacity());
    }
}
