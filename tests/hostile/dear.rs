//! Cases that still cost more than the bounds allow, where our crates are compiled without optimisation. **What is mended goes out of this
//! list**; `cargo xtask hostile` tries them all the same.

pub(crate) const CASES: &[&str] = &[];
