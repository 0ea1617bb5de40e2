//! The report of errors: [`exception`] describes them, [`rejections`] are those of promises.

pub(crate) mod exception;
mod excerpt;
pub(crate) mod rejections;
