//! The ids of a connection's requests that have no answer yet. **Two requests with one id would get one another's
//! answers.**

use std::collections::HashSet;

use rmcp::model::RequestId;

/// These ids.
#[derive(Debug, Default)]
pub(crate) struct OpenIds(HashSet<RequestId>);

impl OpenIds {
    /// Notes a request. `false`: another of this id has no answer yet.
    pub(crate) fn begin(&mut self, id: &RequestId) -> bool {
        self.0.insert(id.clone())
    }

    /// The request has its answer, or gets none.
    pub(crate) fn end(&mut self, id: &RequestId) {
        self.0.remove(id);
    }

    /// Whether every request has its answer.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
