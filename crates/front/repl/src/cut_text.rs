//! What a text that the kernel laid out says that it leaves out: `... 400 more items`, `[Object]`.

/// Kinds that are shown by their name alone where an object lies deep.
const DEEP: [&str; 4] = ["[Object", "[Array", "[Map", "[Set"];

/// Whether `text` says that it leaves something out. Strings that were printed may look so, too.
pub(crate) fn is_cut(text: &str) -> bool {
    !counts(text).is_empty() || DEEP.iter().any(|name| text.contains(name))
}

/// The numbers of entries that `text` says to leave out.
pub(crate) fn counts(text: &str) -> Vec<u64> {
    let count = |(at, _): (usize, &str)| {
        let rest = &text[at + "... ".len()..];
        let digits = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        rest[digits..].starts_with(" more ").then(|| rest[..digits].parse().ok())?
    };
    text.match_indices("... ").filter_map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::{counts, is_cut};

    #[test]
    fn what_is_left_out_is_told() {
        assert_eq!(counts("[ 1, ... 400 more items ] { a: 'x'... 7 more characters }"), [400, 7]);
        assert_eq!(counts("... and more, ... 5 less, ... more items"), Vec::<u64>::new());
        assert!(is_cut("{ a: { b: [Object] } }") && !is_cut("[ 1, 2 ]") && !is_cut("well ... 2"));
    }
}
