//! A call of a function that the embedder has registered for JavaScript.

use std::ops::{Deref, DerefMut};

use crate::{
    Kernel, host,
    waits::{Caller, WeakOwner},
};

/// A call of a function that was [registered](Kernel::register): its arguments, and its caller.
#[derive(Clone, Debug)]
pub struct Call {
    call: host::Call,
    kernel: Option<WeakOwner>,
}

impl Call {
    /// To be made where the call is answered.
    pub(crate) fn new(call: host::Call) -> Self {
        Self { call, kernel: Caller::current().kernel }
    }

    /// The calling kernel; `None` after its last handle was dropped. **A function that keeps the returned value keeps
    /// the kernel's process alive**. A function that needs the kernel later should ask again, or hold it
    /// [weakly](Kernel::downgrade).
    #[must_use]
    pub fn kernel(&self) -> Option<Kernel> {
        Kernel::of_owner(self.kernel.as_ref()?)
    }

    /// The call in the form that [services](crate::host::Service) receive.
    #[must_use]
    pub fn into_inner(self) -> host::Call {
        self.call
    }
}

impl Deref for Call {
    type Target = host::Call;

    fn deref(&self) -> &host::Call {
        &self.call
    }
}

impl DerefMut for Call {
    fn deref_mut(&mut self) -> &mut host::Call {
        &mut self.call
    }
}
