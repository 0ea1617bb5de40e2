//! The kernel's ends of the wire: requests come in by [`inbox`] and [`control`], events go out by [`outbox`], replies by [`replies`].

pub(crate) mod control;
pub(crate) mod flood;
pub(crate) mod inbox;
pub(crate) mod outbox;
pub(crate) mod replies;
