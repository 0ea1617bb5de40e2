//! Word of changes in the files that were loaded as modules, from the system, for who runs a program again when they change.
//!
//! Folders are watched, not files: editors put a new file in the place of the old one.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rustix::{
    fs::inotify::{self, CreateFlags, WatchFlags},
    io::Errno,
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::Notify,
};

/// More folders are not watched: the system has only so many watches.
const MAX_FOLDERS: usize = 4_000;

/// The files that kernels have loaded as modules. Clones are the same. Files in `node_modules` are left out: packages are replaced, not edited.
#[derive(Clone, Debug)]
pub struct ModuleWatch {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    system: OwnedFd,
    state: Mutex<State>,
    /// A file was another by the time its folder was watched.
    missed: Notify,
}

#[derive(Debug, Default)]
struct State {
    folders: HashMap<i32, Folder>,
    missed: Option<PathBuf>,
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    names: HashSet<OsString>,
}

impl ModuleWatch {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// When the system watches nothing more for this user.
    pub fn new() -> io::Result<Self> {
        let system = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok(Self { inner: Arc::new(Inner { system, state: Mutex::default(), missed: Notify::new() }) })
    }

    /// Watches the file at `path`, a real one, from now on. `is_same` tells whether it still is what was loaded.
    pub fn note(&self, path: &Path, is_same: impl FnOnce() -> bool) {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
        if path.components().any(|component| component.as_os_str() == "node_modules") {
            return;
        }
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.folders.values().any(|known| known.path == folder && known.names.contains(name)) {
            return;
        }
        if state.folders.len() >= MAX_FOLDERS {
            return;
        }
        let flags = WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO | WatchFlags::CREATE | WatchFlags::ONLYDIR;
        let Ok(watch) = inotify::add_watch(&self.inner.system, folder, flags) else { return };
        let known = state.folders.entry(watch).or_insert_with(|| Folder { path: folder.to_owned(), names: HashSet::new() });
        known.names.insert(name.to_owned());
        // It may have changed before there was a watch.
        if !is_same() {
            state.missed = Some(path.to_owned());
            self.inner.missed.notify_one();
        }
    }

    /// Waits until one of the files has changed, and tells which. Cancel safe. To be called in a tokio runtime that drives I/O.
    ///
    /// # Errors
    /// When the system does not tell.
    pub async fn changed(&self) -> io::Result<PathBuf> {
        // SAFETY: the descriptor is borrowed from `self`, which owns it and keeps it open for longer than this lives.
        let system = unsafe { AsyncFd::register_with_interest(self.inner.system.as_fd(), Interest::READABLE) }?;
        loop {
            if let Some(path) = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner).missed.take() {
                return Ok(path);
            }
            tokio::select! {
                ready = system.readable() => {
                    let mut ready = ready?;
                    if let Some(path) = self.read()? {
                        return Ok(path);
                    }
                    ready.clear_ready();
                }
                () = self.inner.missed.notified() => {}
            }
        }
    }

    /// Reads what the system has to say. What it says beyond the first file of interest is about the same change.
    fn read(&self) -> io::Result<Option<PathBuf>> {
        let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.inner.system, &mut buffer);
        let state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        loop {
            let event = match events.next() {
                Ok(event) => event,
                Err(Errno::AGAIN) => return Ok(found),
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            let Some(folder) = state.folders.get(&event.wd()) else { continue };
            let Some(name) = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes())) else { continue };
            if folder.names.contains(name) {
                found.get_or_insert_with(|| folder.path.join(name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_written_or_replaced_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let (file, other) = (folder.join("a.js"), folder.join("b.js"));
        std::fs::write(&file, "1").unwrap();
        let watch = ModuleWatch::new().unwrap();
        watch.note(&file, || true);
        std::fs::write(&other, "nobody has loaded it").unwrap();
        std::fs::write(&file, "2").unwrap();
        assert_eq!(watch.changed().await.unwrap(), file);
        std::fs::rename(&other, &file).unwrap();
        // What is left of the last change may be told once more.
        assert_eq!(watch.changed().await.unwrap(), file);
        let late = ModuleWatch::new().unwrap();
        late.note(&file, || false);
        assert_eq!(late.changed().await.unwrap(), file);
    }
}
