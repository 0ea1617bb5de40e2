//! The kernel's ends of the wire: requests arrive in [`inbox`], events leave by [`outbox`], replies by [`replies`].

pub(crate) mod console_quota;
pub(crate) mod event_time;
pub(crate) mod inbox;
#[cfg(unix)]
pub(crate) mod last_words;
pub(crate) mod outbox;
pub(crate) mod replies;
