//! Tells where a chunk is an object, although it begins as a block does.

use std::ops::Range;

use crate::parse;
use crate::source::nesting;
use crate::source::options::Options;

/// Where the expression stands that a chunk is, if that begins with an object: byte offsets. Among other statements it
/// needs parentheses to be the same.
#[must_use]
pub fn object_in(source: &str, options: &Options) -> Option<Range<usize>> {
    nesting::guarded(source, options, |reading| parse::parse(source, options.language, reading).ok()?.parenthesized).ok()?
}
