//! Large byte strings pass between values and frames without a copy.
//!
//! serde hands byte strings over as slices, which say nothing of who owns them. So the frame that is decoded, and the
//! bytes that are encoded, stand beside the call, for its thread. Both are compared with the slice by address.

use std::cell::RefCell;

use bytes::Bytes;

/// From so many bytes on they are shared: below, a copy costs less than what sharing takes.
pub(crate) const MIN: usize = 64 << 10;

/// A part of a frame is shared if the frame is at most so many times as large: **what is kept of a frame keeps all of
/// it**.
const MAX_RATIO: usize = 16;

thread_local! {
    static FRAME: RefCell<Option<Bytes>> = const { RefCell::new(None) };
    static OFFER: RefCell<Offer> = const { RefCell::new(Offer::Unwanted) };
}

/// The bytes that are encoded next.
enum Offer {
    /// They are copied.
    Unwanted,
    /// They are shared if they are large.
    Wanted,
    Made(Bytes),
}

/// Sets a cell to what it was, also after a panic.
struct Restore<T: 'static>(&'static std::thread::LocalKey<RefCell<T>>, Option<T>);

impl<T> Restore<T> {
    fn after(cell: &'static std::thread::LocalKey<RefCell<T>>, value: T) -> Self {
        Self(cell, Some(cell.replace(value)))
    }
}

impl<T> Drop for Restore<T> {
    fn drop(&mut self) {
        if let Some(value) = self.1.take() {
            self.0.set(value);
        }
    }
}

/// Decodes `frame` by `work`: large parts of it may be [taken](part).
pub(crate) fn decoding<T>(frame: &Bytes, work: impl FnOnce() -> T) -> T {
    let _restore = Restore::after(&FRAME, (frame.len() >= MIN).then(|| frame.clone()));
    work()
}

/// A part of the frame that is being decoded, if `bytes` are a large one.
pub(crate) fn part(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < MIN {
        return None;
    }
    FRAME.with_borrow(|frame| {
        let frame = frame.as_ref().filter(|frame| frame.len() / MAX_RATIO <= bytes.len())?;
        let (outer, inner) = (frame.as_ptr_range(), bytes.as_ptr_range());
        (outer.start <= inner.start && inner.end <= outer.end).then(|| frame.slice_ref(bytes))
    })
}

/// Encodes by `work`, whose output [takes](take) large byte strings.
pub(crate) fn encoding<T>(work: impl FnOnce() -> T) -> T {
    let _restore = Restore::after(&OFFER, Offer::Wanted);
    work()
}

/// Encodes `bytes` by `work`: the output may take them as they are.
pub(crate) fn offering<T>(bytes: &Bytes, work: impl FnOnce() -> T) -> T {
    if bytes.len() >= MIN {
        OFFER.with_borrow_mut(|offer| {
            if matches!(offer, Offer::Wanted) {
                *offer = Offer::Made(bytes.clone());
            }
        });
    }
    let encoded = work();
    OFFER.with_borrow_mut(|offer| {
        if matches!(offer, Offer::Made(_)) {
            *offer = Offer::Wanted;
        }
    });
    encoded
}

/// The bytes that were offered, if these are they.
pub(crate) fn take(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < MIN {
        return None;
    }
    OFFER.with_borrow_mut(|offer| {
        let made = matches!(offer, Offer::Made(made) if std::ptr::eq(&**made, bytes));
        match made.then(|| std::mem::replace(offer, Offer::Wanted)) {
            Some(Offer::Made(bytes)) => Some(bytes),
            _ => None,
        }
    })
}
