//! Memory that is reserved for the moment when there is none left.
//!
//! The system bounds the private memory of the process. Memories of WebAssembly may use up that bound before V8
//! collects garbage. Then V8 cannot get even a page for its heap, and ends the process. The ballast is a part of the
//! bound that nothing else can use. It is released when a run is to be stopped because it has used too much, so that V8
//! has memory until the run has stopped.

use std::{cell::Cell, ptr::NonNull};

/// How much is set aside, in bytes. It is never touched, so it takes no memory of the machine.
const SIZE: usize = 32 << 20;

/// How much must be left besides, in bytes. V8 needs as much at most until it collects garbage again.
const ROOM: usize = 64 << 20;

/// Whether the system would give this process a good deal more. It counts what is mapped, used or not.
pub(crate) fn has_room() -> bool {
    map(ROOM).map(|address| unmap(address, ROOM)).is_some()
}

/// The memory that is set aside, while it is.
#[derive(Debug, Default)]
pub(crate) struct Ballast(Cell<Option<NonNull<libc::c_void>>>);

impl Ballast {
    /// Sets it aside, unless it is. Where there is no room, there is none.
    pub(crate) fn take(&self) {
        if self.0.get().is_none() {
            self.0.set(map(SIZE));
        }
    }

    /// Gives it back.
    pub(crate) fn drop_now(&self) {
        if let Some(address) = self.0.take() {
            unmap(address, SIZE);
        }
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        self.drop_now();
    }
}

fn map(size: usize) -> Option<NonNull<libc::c_void>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping, at an address that the system chooses.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if address == libc::MAP_FAILED { None } else { NonNull::new(address) }
}

/// Takes a mapping away that `map` made, of the same size. Nobody else has its address.
fn unmap(address: NonNull<libc::c_void>, size: usize) {
    // SAFETY: as said above.
    unsafe { libc::munmap(address.as_ptr(), size) };
}
