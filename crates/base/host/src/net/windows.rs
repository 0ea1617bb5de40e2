//! The memory of decompression windows: a Brotli stream chooses its window, of up to 16 MiB.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::decode::Coding;

/// What all windows of a client may take up together, in units: 160 MiB. Bodies whose reading has not begun have none.
const ALL: usize = 160;
/// Bytes in a unit, as a power of 2.
const UNIT: u32 = 20;
/// The largest window that the format has without its extension, as a power of 2.
const MAX_BITS: u32 = 24;

/// The windows of a client; clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Windows(Arc<Semaphore>);

impl Default for Windows {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ALL)))
    }
}

impl Windows {
    /// Waits for the memory that the windows of a body with these codings take, which begins with `first`.
    pub(super) async fn take(&self, codings: &[Coding], first: &Bytes) -> Option<OwnedSemaphorePermit> {
        let mut units = 0;
        for (index, coding) in codings.iter().enumerate() {
            let is_outermost = index + 1 == codings.len();
            if *coding == Coding::Brotli {
                // What is inside another coding is not known yet.
                let bits = first.first().filter(|_| is_outermost).and_then(|first| window_bits(*first)).unwrap_or(MAX_BITS);
                units += 1 << bits.saturating_sub(UNIT);
            }
        }
        self.0.clone().acquire_many_owned(units).await.ok()
    }
}

/// The size of a Brotli stream's window, as a power of 2, by its first byte (RFC 7932, section 9.1); nothing for the
/// extension with larger ones, which nobody asked for.
pub(super) fn window_bits(first: u8) -> Option<u32> {
    let first = u32::from(first);
    if first & 1 == 0 {
        return Some(16);
    }
    match ((first >> 1) & 7, (first >> 4) & 7) {
        (0, 0) => Some(17),
        (0, 1) => None,
        (0, bits) => Some(8 + bits),
        (bits, _) => Some(17 + bits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat K5
    #[test]
    fn windows_are_read_from_the_first_byte_and_are_bounded_together() {
        for (first, wanted) in [
            (0x0b, Some(22)),
            (0x0c, Some(16)),
            (0x01, Some(17)),
            (0x11, None),
            (0x91, None),
            (0x21, Some(10)),
            (0x71, Some(15)),
            (0x0f, Some(24)),
        ] {
            assert_eq!(window_bits(first), wanted, "{first:x}");
        }
        let (windows, largest) = (Windows::default(), Bytes::from_static(&[0x0f]));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut take = || {
            let taking = std::pin::pin!(windows.take(&[Coding::Brotli], &largest));
            match taking.poll(&mut context) {
                std::task::Poll::Ready(taken) => taken,
                std::task::Poll::Pending => None,
            }
        };
        let taken = (0..ALL / 16).map(|_| take()).collect::<Vec<_>>();
        assert!(taken.iter().all(Option::is_some) && take().is_none());
        drop(taken);
        assert!(take().is_some());
    }
}
