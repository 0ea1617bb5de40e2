//! The isolate and its entry: [`guard`] and [`watchdog`] stop JavaScript, [`limits`] bounds its memory, [`realm`] is
//! the state that V8's callbacks reach. The modules above import this one, and it imports none of them.

pub(crate) mod array_buffers;
pub(crate) mod attempt;
#[cfg(target_os = "linux")]
pub(crate) mod ballast;
pub(crate) mod entry;
pub(crate) mod exit;
pub(crate) mod guard;
pub(crate) mod halt;
pub(crate) mod handles;
pub(crate) mod limits;
pub(crate) mod marked;
pub(crate) mod native;
pub(crate) mod peek;
pub(crate) mod realm;
pub(crate) mod scripts;
pub(crate) mod stretch;
pub(crate) mod watchdog;
