//! The budget of one description, for all values in it together.

use super::Options;

/// What is left to spend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Budget {
    pub(super) fn new(options: &Options) -> Self {
        Self { nodes: options.max_nodes, bytes: options.max_bytes }
    }

    /// Takes one value; false where none is left.
    pub(super) fn take_node(&mut self) -> bool {
        let enough = self.nodes > 0 && self.bytes > 0;
        self.nodes = self.nodes.saturating_sub(1);
        enough
    }

    /// Values that are left.
    pub(super) fn nodes(&self) -> usize {
        if self.bytes == 0 { 0 } else { self.nodes }
    }

    /// Takes the bytes of a text that was read.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// The most UTF-16 units that may be read of a text of which one would like `wanted`.
    pub(super) fn units(&self, wanted: usize) -> usize {
        wanted.min(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Options};

    #[test]
    fn is_spent_by_values_and_by_text() {
        let mut budget = Budget::new(&Options { max_nodes: 2, max_bytes: 10, ..Options::default() });
        assert!(budget.take_node());
        assert_eq!(budget.units(100), 10);
        budget.spend(4);
        assert_eq!(budget.units(100), 6);
        assert!(budget.take_node());
        assert!(!budget.take_node());
    }

    #[test]
    fn without_bytes_there_are_no_values() {
        let mut budget = Budget::new(&Options { max_nodes: 2, max_bytes: 1, ..Options::default() });
        budget.spend(8);
        assert!(!budget.take_node());
        assert_eq!(budget.nodes(), 0);
    }
}
