//! Large blocks of bytes on large pages.
//!
//! The first write to a new block of 64 MiB costs three times as much as filling it: the system provides it in 16,384
//! pages, with one fault each. Where the system has larger pages on request (Linux), this requests them. The advice
//! changes nothing else.

/// From so many bytes on it is worth a system call.
const LARGE: usize = 4 << 20;

/// Makes room for `additional` bytes after what `bytes` holds, and for no more.
pub fn reserve(bytes: &mut Vec<u8>, additional: usize) {
    if bytes.capacity() - bytes.len() >= additional {
        return;
    }
    if bytes.len() + additional < LARGE {
        return bytes.reserve_exact(additional);
    }
    // Not grown: what is there would be moved onto small pages before anybody could ask for large ones.
    let mut larger = Vec::with_capacity(bytes.len() + additional);
    advise(larger.as_mut_ptr(), larger.capacity());
    larger.extend_from_slice(bytes);
    *bytes = larger;
}

/// So many zeros. The system gives a large block its memory page by page, as the pages are written to.
pub(crate) fn zeroed(length: usize) -> Vec<u8> {
    let mut zeros = vec![0; length];
    advise(zeros.as_mut_ptr(), length);
    zeros
}

/// A copy of `bytes`.
#[must_use]
pub fn copy(bytes: &[u8]) -> Vec<u8> {
    let mut copy = Vec::new();
    reserve(&mut copy, bytes.len());
    copy.extend_from_slice(bytes);
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

/// Appends `more` to `bytes`. What is large gets little more room than it needs: behind it something small follows,
/// mostly.
pub fn extend(bytes: &mut Vec<u8>, more: &[u8]) {
    let total = bytes.len() + more.len();
    if total > bytes.capacity() && total >= LARGE {
        reserve(bytes, (more.len() + total / 16).max(bytes.len()));
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
    // SAFETY: the pages lie within one block of our own, and the advice changes neither what they hold nor who may use
    // them. A system that does not take it says so, and everything is as it was.
    unsafe { libc::madvise(start.wrapping_add(skipped).cast(), whole, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn advise(_: *mut u8, _: usize) {}
