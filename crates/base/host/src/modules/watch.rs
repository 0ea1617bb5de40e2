//! Reports changes in files that were loaded as modules, from the system's notifications, for `--watch`.
//!
//! Folders are watched, not files: editors put a new file in the place of the old one. Where a folder is gone, the
//! nearest one above is watched until it exists again. **A notification is only a hint**: a file has changed when its
//! identity differs from that of the loaded file.

use std::{
    collections::{BTreeSet, HashMap},
    ffi::OsStr,
    io,
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::{
    fs::inotify::{self, CreateFlags, ReadFlags},
    io::Errno,
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::Notify,
    time::sleep,
};

use super::{exact::Identity, watch_state::State};

/// More files are not watched.
const MAX_FILES: usize = 100_000;

/// How long nothing must happen to the files before a change is told: compilers write many of them.
const QUIET: Duration = Duration::from_millis(50);

/// The files that kernels have loaded as modules. Clones are the same. Files in `node_modules` are left out: packages
/// are replaced, not edited.
#[derive(Clone, Debug)]
pub struct ModuleWatch {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    system: OwnedFd,
    state: Mutex<State>,
    /// There is a suspect that the system did not name.
    suspected: Notify,
}

impl ModuleWatch {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// When the system watches nothing more for this user.
    pub fn new() -> io::Result<Self> {
        let system = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok(Self { inner: Arc::new(Inner { system, state: Mutex::default(), suspected: Notify::new() }) })
    }

    /// Watches the file at `path`, an absolute one, from now on, whether there is one or not.
    pub fn note(&self, path: &Path) {
        self.watch(path, Identity::of(path));
    }

    /// Watches the file at `path`, a real one, that was loaded as it was then.
    pub(super) fn loaded(&self, path: &Path, identity: Identity) {
        self.watch(path, Some(identity));
    }

    /// What cannot be watched, and why, if that was not taken before.
    #[must_use]
    pub fn take_trouble(&self) -> Option<String> {
        let mut state = self.inner.state();
        let trouble = state.trouble.take();
        state.is_trouble_told |= trouble.is_some();
        trouble
    }

    fn watch(&self, path: &Path, identity: Option<Identity>) {
        let Some(folder) = path.parent() else { return };
        if path.components().any(|component| component.as_os_str() == "node_modules") {
            return;
        }
        let mut state = self.inner.state();
        if state.files.len() >= MAX_FILES && !state.files.contains_key(path) {
            return state.fail(format!("more than {MAX_FILES} files are not watched for changes"));
        }
        state.files.insert(path.to_owned(), identity);
        state.folders.insert(folder.to_owned());
        // Also one that is watched: another may be in its place.
        state.watch_folder(&self.inner.system, folder);
        // It may have changed before there was a watch.
        if Identity::of(path) != identity {
            state.suspects.entry(path.to_owned()).or_insert(false);
        }
        if !state.suspects.is_empty() {
            self.inner.suspected.notify_one();
        }
    }

    /// Waits until one of the files has changed, and tells which. Cancel safe. To be called in a tokio runtime that
    /// drives I/O and timers.
    ///
    /// # Errors
    /// When the system does not tell.
    pub async fn changed(&self) -> io::Result<PathBuf> {
        // SAFETY: the descriptor is borrowed from `self`, which owns it and keeps it open for longer than this lives.
        let system = unsafe { AsyncFd::register_with_interest(self.inner.system.as_fd(), Interest::READABLE) }?;
        let mut seen = HashMap::new();
        loop {
            self.inner.read()?;
            let now = self.inner.look();
            // What is still being written is waited for.
            if now == seen
                && let Some(path) = self.inner.settle()
            {
                return Ok(path);
            }
            let is_quiet = now.is_empty();
            seen = now;
            tokio::select! {
                ready = system.readable(), if is_quiet => ready?.clear_ready(),
                () = self.inner.suspected.notified(), if is_quiet => {}
                () = sleep(QUIET), if !is_quiet => {}
            }
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what the system has to say.
    fn read(&self) -> io::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.system, &mut buffer);
        let mut state = self.state();
        loop {
            let event = match events.next() {
                Ok(event) => event,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            let kind = event.events();
            if kind.contains(ReadFlags::QUEUE_OVERFLOW) {
                state.suspect_all(&self.system);
                continue;
            }
            let Some(folder) = state.watched.get(&event.wd()).cloned() else { continue };
            if kind.intersects(ReadFlags::IGNORED | ReadFlags::MOVE_SELF) {
                state.lose(&self.system, event.wd());
            } else if let Some(name) = event.file_name() {
                state.hear(&self.system, folder.join(OsStr::from_bytes(name.to_bytes())), kind);
            }
        }
    }

    /// The suspects as they are now, but for those that are what they were.
    fn look(&self) -> HashMap<PathBuf, Option<Identity>> {
        let mut state = self.state();
        let State { files, suspects, .. } = &mut *state;
        suspects.retain(|path, is_told| {
            let now = Identity::of(path);
            // A file that is gone is waited for. One that was changed just now may look as it did.
            now.is_some_and(|now| files.get(path).is_some_and(|known| *known != Some(now) || *is_told && !now.is_settled()))
        });
        suspects.keys().map(|path| (path.clone(), Identity::of(path))).collect()
    }

    /// Takes the suspects for changed, and tells one.
    fn settle(&self) -> Option<PathBuf> {
        let mut state = self.state();
        let changed = std::mem::take(&mut state.suspects).into_keys().collect::<BTreeSet<_>>();
        for path in &changed {
            let now = Identity::of(path);
            if let Some(known) = state.files.get_mut(path) {
                *known = now;
            }
        }
        changed.into_iter().next()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{fs, future::poll_fn, pin::pin, task::Poll};

    use super::{super::watch_state::MAX_FOLDERS, *};

    struct Watched {
        _folder: tempfile::TempDir,
        root: PathBuf,
        watch: ModuleWatch,
    }

    impl Watched {
        fn new(files: &[&str]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().canonicalize().unwrap();
            let watched = Self { _folder: folder, root, watch: ModuleWatch::new().unwrap() };
            files.iter().for_each(|file| watched.write(file, "1"));
            files.iter().for_each(|file| watched.watch.note(&watched.root.join(file)));
            watched
        }

        fn write(&self, file: &str, text: &str) {
            let path = self.root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        async fn tells(&self, file: &str) {
            let changed = tokio::time::timeout(Duration::from_secs(20), self.watch.changed()).await;
            assert_eq!(changed.unwrap_or_else(|_| panic!("deaf to {file}")).unwrap(), self.root.join(file));
        }

        /// Whether the system has told nothing that matters so far.
        async fn is_quiet(&self) -> bool {
            let mut changed = pin!(self.watch.changed());
            poll_fn(|context| Poll::Ready(changed.as_mut().poll(context).is_pending())).await
                && self.watch.inner.look().is_empty()
        }
    }

    #[tokio::test]
    async fn a_file_that_is_written_or_replaced_has_changed() {
        let watched = Watched::new(&["a.js"]);
        watched.write("b.js", "nobody has loaded it");
        watched.write("a.js", "2");
        watched.tells("a.js").await;
        fs::rename(watched.root.join("b.js"), watched.root.join("a.js")).unwrap();
        watched.tells("a.js").await;
        assert!(watched.is_quiet().await, "each change is told once");
        // It was another by the time it was watched.
        watched.watch.loaded(&watched.root.join("a.js"), Identity::default());
        watched.tells("a.js").await;
    }

    #[tokio::test]
    async fn a_new_file_has_changed_when_something_is_in_it() {
        let watched = Watched::new(&["a.js"]);
        fs::remove_file(watched.root.join("a.js")).unwrap();
        let mut file = fs::File::create(watched.root.join("a.js")).unwrap();
        assert!(watched.is_quiet().await);
        io::Write::write_all(&mut file, b"22").unwrap();
        assert!(watched.is_quiet().await);
        drop(file);
        watched.tells("a.js").await;
        watched.write("b.js", "333");
        fs::remove_file(watched.root.join("a.js")).unwrap();
        fs::hard_link(watched.root.join("b.js"), watched.root.join("a.js")).unwrap();
        watched.tells("a.js").await;
        fs::remove_file(watched.root.join("a.js")).unwrap();
        std::os::unix::fs::symlink("b.js", watched.root.join("a.js")).unwrap();
        watched.write("b.js", "4444");
        watched.tells("a.js").await;
    }

    #[tokio::test]
    async fn a_folder_that_is_replaced_is_watched_again() {
        let watched = Watched::new(&["out/deep/a.js", "out/b.js"]);
        for round in 2..5 {
            let text = "2".repeat(round);
            fs::remove_dir_all(watched.root.join("out")).unwrap();
            assert!(watched.is_quiet().await, "what is gone cannot be run");
            watched.write("out/deep/a.js", &text);
            watched.tells("out/deep/a.js").await;
            watched.write("out/b.js", &text);
            watched.tells("out/b.js").await;
            // Moved away, and a new one in its place.
            fs::rename(watched.root.join("out"), watched.root.join(format!("old{round}"))).unwrap();
            watched.write("out/b.js", &format!("{text}3"));
            watched.tells("out/b.js").await;
            watched.write(&format!("old{round}/b.js"), "of no interest");
            watched.write("out/deep/a.js", &format!("{text}3"));
            watched.tells("out/deep/a.js").await;
        }
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_yet_is_told_when_it_is() {
        let watched = Watched::new(&[]);
        watched.watch.note(&watched.root.join("made/later/a.js"));
        watched.write("made/other.js", "1");
        assert!(watched.is_quiet().await);
        watched.write("made/later/a.js", "1");
        watched.tells("made/later/a.js").await;
    }

    #[tokio::test]
    async fn what_the_system_could_not_keep_is_looked_for() {
        let watched = Watched::new(&["a.js", "b/c.js"]);
        let most: usize = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
        let (one, other) = (watched.root.join("one"), watched.root.join("other"));
        fs::write(&one, "").unwrap();
        for _ in 0..=most / 2 + 1 {
            fs::rename(&one, &other).unwrap();
            fs::rename(&other, &one).unwrap();
        }
        watched.write("b/c.js", "22");
        watched.tells("b/c.js").await;
    }

    #[tokio::test]
    async fn what_is_not_watched_is_told_once() {
        let watched = Watched::new(&["a.js"]);
        assert_eq!(watched.watch.take_trouble(), None);
        for _ in 0..2 {
            for count in 0..=MAX_FOLDERS {
                let folder = watched.root.join(format!("folder{count}"));
                fs::create_dir_all(&folder).unwrap();
                watched.watch.note(&folder.join("a.js"));
            }
        }
        assert!(watched.watch.take_trouble().is_some_and(|trouble| trouble.contains("not watched for changes")));
        assert_eq!(watched.watch.take_trouble(), None);
    }
}
