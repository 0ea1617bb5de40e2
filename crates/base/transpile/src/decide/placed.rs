//! Where what was made stands in the source.

use swc_core::common::{DUMMY_SP, Span};
use swc_core::ecma::visit::VisitMut;

/// Says that all of a tree stands at one place.
pub(crate) struct Place(pub(crate) Span);

impl VisitMut for Place {
    fn visit_mut_span(&mut self, span: &mut Span) {
        *span = if self.0.is_dummy() { DUMMY_SP } else { self.0 };
    }
}
