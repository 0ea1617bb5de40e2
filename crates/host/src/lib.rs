//! What a kernel may ask of its parent: the other end of every brokered request.
//!
//! A kernel has no authority of its own. What its JavaScript wants from outside arrives here as a [`Call`], and a [`Service`] answers it,
//! under the permissions that the embedder gave. The crate deliberately knows nothing of kernels, processes or V8, and keeps no state
//! of a session: the client brings calls and takes answers away.
//!
//! Start reading at [`Host::call`], the one way in; [`permissions`] decide; [`functions`] are what embedders register themselves.

mod call;
pub mod functions;
mod host;
pub mod permissions;
mod standard;

pub use call::{Answer, Answering, Call, Items, Pending};
pub use drupe_protocol::HostError;
pub use functions::{BadName, Functions};
pub use host::{Host, Service};
pub use permissions::{Permissions, Policy};
