//! Large blocks of bytes on large pages.
//!
//! To touch a fresh block of 64 MiB for the first time costs three times what it costs to fill it: the system hands it out in 16,384
//! pages, one fault each. Where it has larger pages for those who ask (Linux), this asks. The advice changes nothing else.

/// From so many bytes on it is worth a system call.
const LARGE: usize = 4 << 20;

/// Makes room for `additional` bytes after what `bytes` holds, and for no more.
pub fn reserve(bytes: &mut Vec<u8>, additional: usize) {
    if bytes.capacity() - bytes.len() < additional {
        bytes.reserve_exact(additional);
        advise(bytes.as_mut_ptr(), bytes.capacity());
    }
}

/// A copy of `bytes`.
#[must_use]
pub fn copy(bytes: &[u8]) -> Vec<u8> {
    let mut copy = Vec::new();
    extend(&mut copy, bytes);
    copy
}

/// A copy of `text`.
#[must_use]
pub fn copy_text(text: &str) -> String {
    let mut copy = String::with_capacity(text.len());
    advise(copy.as_mut_ptr(), copy.capacity());
    copy.push_str(text);
    copy
}

/// Appends `more` to `bytes`. Much of it gets just the room that it needs: to be doubled, a large block would be moved.
pub fn extend(bytes: &mut Vec<u8>, more: &[u8]) {
    if more.len() >= LARGE {
        reserve(bytes, more.len());
    }
    bytes.extend_from_slice(more);
}

#[cfg(target_os = "linux")]
fn advise(start: *mut u8, length: usize) {
    if length < LARGE {
        return;
    }
    // The advice is for whole pages: 4 KiB, or more on other processors than x86_64.
    const PAGE: usize = 64 << 10;
    let skipped = start.align_offset(PAGE);
    let whole = length.saturating_sub(skipped) / PAGE * PAGE;
    // SAFETY: the pages lie within one block of our own, and the advice changes neither what they hold nor who may use them. A
    // system that does not take it says so, and everything is as it was.
    unsafe { libc::madvise(start.wrapping_add(skipped).cast(), whole, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn advise(_: *mut u8, _: usize) {}
