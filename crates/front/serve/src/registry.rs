//! Items that a server lends by their names, up to a number. None are lent once it ends.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many items are remembered that were removed.
const MAX_FORMER: usize = 256;

/// Items by their names. Each has a place, from before it is made until it is removed.
pub struct Registry<T> {
    items: Mutex<HashMap<String, (Arc<T>, Place)>>,
    /// The names of items that were removed, and why. The newest is the first.
    former: Mutex<VecDeque<(String, String)>>,
    places: Arc<Semaphore>,
    most: usize,
    is_ending: AtomicBool,
}

/// A place for an item.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "it is given back when this is dropped")] OwnedSemaphorePermit);

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// There are as many items as there may be: this many.
    Full(usize),
    /// The server ends.
    Ending,
}

impl<T> fmt::Debug for Registry<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Registry").field("names", &self.items().keys()).field("most", &self.most).finish_non_exhaustive()
    }
}

impl<T> Registry<T> {
    /// Room for `most` items.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let places = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        Self { items: Mutex::default(), former: Mutex::default(), places, most, is_ending: AtomicBool::new(false) }
    }

    fn items(&self) -> MutexGuard<'_, HashMap<String, (Arc<T>, Place)>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one item more.
    ///
    /// # Errors
    /// When there is none.
    pub fn reserve(&self) -> Result<Place, NoPlace> {
        if self.is_ending.load(Ordering::Relaxed) {
            return Err(NoPlace::Ending);
        }
        self.places.clone().try_acquire_owned().map(Place).map_err(|_| NoPlace::Full(self.most))
    }

    /// Lends an item.
    ///
    /// # Errors
    /// When the server has begun to end meanwhile. The item is not lent then.
    pub fn insert(&self, name: &str, item: &Arc<T>, place: Place) -> Result<(), NoPlace> {
        let mut items = self.items();
        // Under the lock: what is lent before the end is ended with the others.
        if self.is_ending.load(Ordering::Relaxed) {
            return Err(NoPlace::Ending);
        }
        items.insert(name.to_owned(), (item.clone(), place));
        Ok(())
    }

    /// The item of this name.
    pub fn get(&self, name: &str) -> Option<Arc<T>> {
        self.items().get(name).map(|(item, _)| item.clone())
    }

    /// The first for which `look` finds something. **No item is removed meanwhile.**
    pub fn find<U>(&self, look: impl FnMut(&Arc<T>) -> Option<U>) -> Option<U> {
        self.items().values().map(|(item, _)| item).find_map(look)
    }

    /// All items.
    pub fn all(&self) -> Vec<Arc<T>> {
        self.items().values().map(|(item, _)| item.clone()).collect()
    }

    /// Removes an item.
    pub fn remove(&self, name: &str) -> Option<Arc<T>> {
        self.items().remove(name).map(|(item, _)| item)
    }

    /// Removes an item, and remembers why for a while.
    pub(crate) fn remove_because(&self, name: &str, why: String) {
        if self.remove(name).is_some() {
            let mut former = self.former.lock().unwrap_or_else(PoisonError::into_inner);
            former.truncate(MAX_FORMER - 1);
            former.push_front((name.to_owned(), why));
        }
    }

    /// Why an item was removed, if that is remembered.
    pub(crate) fn why_removed(&self, name: &str) -> Option<String> {
        let former = self.former.lock().unwrap_or_else(PoisonError::into_inner);
        former.iter().find(|(removed, _)| removed == name).map(|(_, why)| why.clone())
    }

    /// Removes all items that fit.
    pub fn remove_all(&self, mut fits: impl FnMut(&Arc<T>) -> bool) -> Vec<Arc<T>> {
        self.items().extract_if(|_, (item, _)| fits(item)).map(|(_, (item, _))| item).collect()
    }

    /// Lends nothing more. Returns what is lent.
    pub fn end(&self) -> Vec<Arc<T>> {
        let items = self.items();
        self.is_ending.store(true, Ordering::Relaxed);
        items.values().map(|(item, _)| item.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn there_are_as_many_as_there_is_room_for() {
        let registry = Registry::new(2);
        let (one, two) = (registry.reserve().unwrap(), registry.reserve().unwrap());
        assert_eq!(registry.reserve().unwrap_err(), NoPlace::Full(2));
        drop(one);
        registry.insert("a", &Arc::new(1), two).unwrap();
        let three = registry.reserve().unwrap();
        registry.insert("b", &Arc::new(2), three).unwrap();
        assert_eq!(registry.reserve().unwrap_err(), NoPlace::Full(2));
        assert_eq!((registry.get("a").as_deref(), registry.get("c")), (Some(&1), None));
        assert_eq!(registry.find(|item| (**item == 2).then_some("b")), Some("b"));
        assert_eq!(*registry.remove("a").unwrap(), 1);
        assert_eq!(registry.remove_all(|item| **item == 2).len(), 1);
        assert!(registry.reserve().is_ok() && registry.all().is_empty());
        assert_eq!(Registry::<u8>::new(0).reserve().unwrap_err(), NoPlace::Full(0));
        assert!(Registry::<u8>::new(usize::MAX).reserve().is_ok());
    }

    #[test]
    fn why_an_item_was_removed_is_remembered_for_a_while() {
        let registry = Registry::new(2);
        registry.insert("a", &Arc::new(1), registry.reserve().unwrap()).unwrap();
        registry.remove_because("a", "it was old".to_owned());
        registry.remove_because("b", "it was never there".to_owned());
        assert_eq!((registry.why_removed("a").as_deref(), registry.why_removed("b")), (Some("it was old"), None));
        for number in 0..MAX_FORMER {
            registry.insert(&number.to_string(), &Arc::new(1), registry.reserve().unwrap()).unwrap();
            registry.remove_because(&number.to_string(), String::new());
        }
        assert_eq!(registry.why_removed("a"), None);
    }

    #[test]
    fn what_ends_lends_nothing_more() {
        let registry = Registry::new(3);
        registry.insert("a", &Arc::new(1), registry.reserve().unwrap()).unwrap();
        let late = registry.reserve().unwrap();
        assert_eq!(registry.end().len(), 1);
        assert_eq!(registry.insert("b", &Arc::new(2), late), Err(NoPlace::Ending));
        assert_eq!(registry.reserve().unwrap_err(), NoPlace::Ending);
        assert_eq!(registry.all().len(), 1);
    }
}
