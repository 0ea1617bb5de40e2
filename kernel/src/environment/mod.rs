//! The global environment of a session: [`ops`] lists all native functions behind `js/`, [`library`] loads its files, [`timers`] keeps what waits.

pub(crate) mod library;
pub(crate) mod ops;
pub(crate) mod timers;
