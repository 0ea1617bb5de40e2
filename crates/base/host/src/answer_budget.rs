//! The memory of answers in this process until their kernel has read them, bounded for all calls of one kernel
//! together.
//!
//! A call with a large answer waits for room **before** it makes the answer. While it waits it holds no more than every
//! call does, so waiting calls cannot block one another. An answer that turned out larger than its room is a debt, and
//! **while there is a debt no call goes on**. All room is free again when the kernel has read the answer.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Notify, Semaphore};

/// What all answers of a kernel may take up together, in bytes: 64 MiB.
pub const ALL: usize = 64 << 20;

/// What every call may take up without asking, in bytes. **256 calls together leave room for [`MOST`]**: however many
/// are open and wait for something else, an answer of any size comes to its turn.
pub const EACH: usize = 64 << 10;

/// What a call may ask for at most, in bytes: 48 MiB.
pub const MOST: usize = 48 << 20;

const _: () = assert!(drupe_protocol::host::MAX_OPEN_CALLS * EACH + MOST <= ALL);

/// Bytes in a unit of room.
const UNIT: usize = 1 << 10;

/// The budget of one kernel.
#[derive(Clone, Debug)]
pub struct AnswerBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    free: Semaphore,
    /// Units that are taken up and were not free. **Whatever is given back pays this first.**
    debt: Mutex<usize>,
    paid: Notify,
}

impl Default for AnswerBudget {
    fn default() -> Self {
        let free = Semaphore::new(ALL / UNIT);
        Self(Arc::new(Shared { free, debt: Mutex::default(), paid: Notify::new() }))
    }
}

impl AnswerBudget {
    /// Reserves [`EACH`] bytes for a call, as soon as they are free.
    pub async fn enter(&self) -> Reservation {
        let reservation = Reservation(Some(Arc::new(Taken { budget: self.clone(), units: Mutex::default() })));
        reservation.hold(EACH).await;
        reservation
    }

    /// Whether more is taken up than there is room for.
    #[must_use]
    pub fn is_in_debt(&self) -> bool {
        *self.debt() > 0
    }

    /// Waits until that is so no more.
    pub async fn paid(&self) {
        loop {
            let paid = self.0.paid.notified();
            if !self.is_in_debt() {
                return;
            }
            paid.await;
        }
    }

    fn debt(&self) -> std::sync::MutexGuard<'_, usize> {
        self.0.debt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, units: usize) {
        let mut debt = self.debt();
        let pays = units.min(*debt);
        *debt -= pays;
        if pays > 0 && *debt == 0 {
            self.0.paid.notify_waiters();
        }
        self.0.free.add_permits(units - pays);
    }

    async fn take(&self, units: usize) {
        // It is never closed.
        if let Ok(permit) = self.0.free.acquire_many(u32::try_from(units).unwrap_or(u32::MAX)).await {
            permit.forget();
        }
    }

    fn try_take(&self, units: usize) -> bool {
        let taken = self.0.free.try_acquire_many(u32::try_from(units).unwrap_or(u32::MAX));
        taken.map(tokio::sync::SemaphorePermit::forget).is_ok()
    }

    /// Takes them, whether they are free or not.
    fn overdraw(&self, units: usize) {
        let mut debt = self.debt();
        let free = units.min(self.0.free.available_permits());
        *debt += if self.try_take(free) { units - free } else { units };
    }
}

/// What the answer of one call takes up; clones are the same. By default it is not bounded. **It is given back with the
/// last clone.**
#[derive(Clone, Default)]
pub struct Reservation(Option<Arc<Taken>>);

struct Taken {
    budget: AnswerBudget,
    units: Mutex<usize>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let units = *self.units();
        self.budget.give_back(units);
    }
}

impl Taken {
    fn units(&self) -> std::sync::MutexGuard<'_, usize> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Waits until the call may take up `bytes` in all, [`MOST`] at most. **To be asked once, before there is
    /// anything.**
    pub async fn hold(&self, bytes: usize) {
        let Some(taken) = &self.0 else { return };
        let missing = asked(bytes).saturating_sub(*taken.units());
        if missing > 0 {
            taken.budget.take(missing).await;
            *taken.units() += missing;
        }
    }

    /// As [`hold`](Self::hold), if it can be had at once.
    #[must_use]
    pub fn try_hold(&self, bytes: usize) -> bool {
        let Some(taken) = &self.0 else { return true };
        let mut units = taken.units();
        let missing = asked(bytes).saturating_sub(*units);
        let held = missing == 0 || taken.budget.try_take(missing);
        *units += if held { missing } else { 0 };
        held
    }

    /// An answer of `bytes` was made: what it takes up goes with it, and what was held for it in vain is given back;
    /// but for everybody's share, if the call goes on.
    #[must_use]
    pub fn part(&self, bytes: usize, goes_on: bool) -> Held {
        let Some(taken) = &self.0 else { return Held(None) };
        let (needed, share) = (units(bytes.max(EACH)), if goes_on { units(EACH) } else { 0 });
        let held = std::mem::replace(&mut *taken.units(), share);
        if needed > held {
            taken.budget.overdraw(needed - held);
        } else {
            taken.budget.give_back(held - needed);
        }
        Held(Some((taken.budget.clone(), needed - share)))
    }
}

/// The part of a reservation that goes with an answer. **It is given back when this is dropped.**
#[derive(Debug, Default)]
pub struct Held(Option<(AnswerBudget, usize)>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((budget, units)) = &self.0 {
            budget.give_back(*units);
        }
    }
}

fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT)
}

fn asked(bytes: usize) -> usize {
    units(bytes.min(MOST))
}

impl PartialEq for Reservation {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.0 {
            Some(taken) => write!(f, "Reservation({} KiB)", *taken.units()),
            None => f.write_str("Reservation(unbounded)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin, task::Context};

    use super::{ALL, AnswerBudget, EACH, MOST, UNIT};

    fn is_ready<T>(future: impl Future<Output = T>) -> bool {
        pin!(future).poll(&mut Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap_or_else(|error| panic!("{error}")).block_on(future)
    }

    fn free(budget: &AnswerBudget) -> usize {
        budget.0.free.available_permits() * UNIT
    }

    // threat E9
    #[test]
    fn answers_wait_for_room_and_leave_it_when_they_are_gone() {
        block_on(async {
            let budget = AnswerBudget::default();
            let (one, other) = (budget.enter().await, budget.enter().await);
            one.hold(40 << 20).await;
            assert_eq!(free(&budget), ALL - (40 << 20) - EACH);
            assert!(!other.try_hold(40 << 20) && !is_ready(other.hold(40 << 20)));
            // Made smaller than was feared.
            let answer = one.part(10 << 20, false);
            assert_eq!(free(&budget), ALL - (10 << 20) - EACH);
            assert!(is_ready(other.hold(40 << 20)));
            let item = other.part(40 << 20, true);
            drop((answer, one));
            assert_eq!(free(&budget), ALL - (40 << 20));
            drop(item);
            assert_eq!(free(&budget), ALL - EACH, "its share is the call's to its end");
            drop(other);
            assert_eq!(free(&budget), ALL);
        });
    }

    // threat E9
    #[test]
    fn the_largest_answer_comes_to_its_turn_however_many_calls_are_open() {
        block_on(async {
            let budget = AnswerBudget::default();
            let mut open = Vec::new();
            for _ in 0..drupe_protocol::host::MAX_OPEN_CALLS {
                open.push(budget.enter().await);
            }
            open[0].hold(usize::MAX).await;
            assert!(free(&budget) <= EACH && !open[1].try_hold(MOST));
            // Who gives up while waiting takes nothing along.
            assert!(!is_ready(open[1].hold(MOST)));
            drop(open.swap_remove(0));
            assert!(open[1].try_hold(MOST));
            drop(open);
            assert_eq!(free(&budget), ALL);
        });
    }

    // threat E9
    #[test]
    fn what_nobody_foresaw_is_a_debt_that_is_paid_first() {
        block_on(async {
            let budget = AnswerBudget::default();
            let (one, other, third) = (budget.enter().await, budget.enter().await, budget.enter().await);
            let answer = one.part(128 << 20, false);
            assert!(budget.is_in_debt() && !is_ready(budget.paid()) && free(&budget) == 0);
            let more = other.part(1 << 20, false);
            let waiting = third.hold(MOST);
            drop(more);
            assert!(budget.is_in_debt() && free(&budget) == 0);
            let ((), (), ()) = tokio::join!(waiting, budget.paid(), async { drop(answer) });
            assert_eq!(free(&budget), ALL - MOST);
            drop((one, other, third));
            assert_eq!(free(&budget), ALL);
        });
    }
}
