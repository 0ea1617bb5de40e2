//! The set of watched paths: files, their folders, and, where those are gone, the nearest folders above.

use std::{
    collections::{HashMap, HashSet},
    os::{fd::OwnedFd, unix::fs::MetadataExt as _},
    path::{Path, PathBuf},
};

use rustix::{
    fs::inotify::{self, ReadFlags, WatchFlags},
    io::Errno,
};

use super::exact::Identity;

/// More folders are not watched: the system has only so many watches.
pub(super) const MAX_FOLDERS: usize = if cfg!(test) { 100 } else { 4_000 };

#[derive(Debug, Default)]
pub(super) struct State {
    /// What was loaded, or told. Nothing where no file was.
    pub(super) files: HashMap<PathBuf, Option<Identity>>,
    /// The folders of these files.
    pub(super) folders: HashSet<PathBuf>,
    /// Those of the folders that cannot be watched, because they are not there.
    lost: HashSet<PathBuf>,
    /// What the system watches: folders of files, and some above those that are lost.
    pub(super) watched: HashMap<i32, PathBuf>,
    watches: HashMap<PathBuf, i32>,
    /// Files that may have changed, and whether the system says so.
    pub(super) suspects: HashMap<PathBuf, bool>,
    /// What is not watched, until it was told.
    pub(super) trouble: Option<String>,
    pub(super) is_trouble_told: bool,
}

impl State {
    pub(super) fn fail(&mut self, trouble: String) {
        if !self.is_trouble_told {
            self.trouble.get_or_insert(trouble);
        }
    }

    /// Has the system watch `folder`. Whether it does.
    fn add(&mut self, system: &OwnedFd, folder: &Path) -> Result<(), Errno> {
        if self.watched.len() >= MAX_FOLDERS && !self.watches.contains_key(folder) {
            self.fail(format!("more than {MAX_FOLDERS} folders are not watched for changes: {} is not", folder.display()));
            return Err(Errno::NOSPC);
        }
        let flags = WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO | WatchFlags::CREATE | WatchFlags::MOVE_SELF;
        let watch = inotify::add_watch(system, folder, flags | WatchFlags::ONLYDIR)?;
        if let Some(before) = self.watches.insert(folder.to_owned(), watch)
            && before != watch
        {
            // Another folder is there.
            self.forget(system, before);
            self.suspect_below(folder);
        }
        self.watched.insert(watch, folder.to_owned());
        Ok(())
    }

    /// Watches `folder` or, where that is not there, the nearest one above.
    pub(super) fn watch_folder(&mut self, system: &OwnedFd, folder: &Path) {
        // Each turn something was made or removed meanwhile.
        for _ in 0..8 {
            let mut above = None;
            for candidate in folder.ancestors() {
                match self.add(system, candidate) {
                    Ok(()) => {
                        above = Some(candidate);
                        break;
                    }
                    Err(Errno::NOENT | Errno::NOTDIR) => {}
                    Err(error) => {
                        return self.fail(format!("{} is not watched for changes: {error}", candidate.display()));
                    }
                }
            }
            if above == Some(folder) {
                if self.lost.remove(folder) {
                    self.suspect_below(folder);
                }
                return;
            }
            self.lost.insert(folder.to_owned());
            // What is missing may have been made before there was a watch above it.
            let next = above.and_then(|above| folder.ancestors().find(|below| below.parent() == Some(above)));
            if !next.is_some_and(Path::is_dir) {
                return;
            }
        }
    }

    /// Something has happened to `path`, in a folder that is watched.
    pub(super) fn hear(&mut self, system: &OwnedFd, path: PathBuf, kind: ReadFlags) {
        if self.files.contains_key(&path) {
            // A new file is empty. Its writer closes it.
            let is_whole = !kind.contains(ReadFlags::CREATE)
                || path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink() || metadata.nlink() > 1);
            if is_whole {
                self.suspects.insert(path.clone(), true);
            }
        }
        let lost = self.lost.iter().filter(|folder| folder.starts_with(&path)).cloned().collect::<Vec<_>>();
        lost.iter().for_each(|folder| self.watch_folder(system, folder));
    }

    /// The folder of a watch is gone, or has another name.
    pub(super) fn lose(&mut self, system: &OwnedFd, watch: i32) {
        let Some(folder) = self.watched.get(&watch).cloned() else { return };
        let watches = self.watches.extract_if(|known, _| known.starts_with(&folder)).map(|(_, watch)| watch).collect::<Vec<_>>();
        watches.into_iter().for_each(|watch| self.forget(system, watch));
        let below = self.folders.iter().filter(|known| known.starts_with(&folder)).cloned().collect::<Vec<_>>();
        for folder in below {
            self.lost.insert(folder.clone());
            self.watch_folder(system, &folder);
        }
    }

    /// Takes a watch out. The system may have done so, or not, if the folder only moved.
    fn forget(&mut self, system: &OwnedFd, watch: i32) {
        self.watched.remove(&watch);
        let _ = inotify::remove_watch(system, watch);
    }

    /// Files in `folder` may have changed while it was not watched.
    fn suspect_below(&mut self, folder: &Path) {
        let below = self.files.keys().filter(|path| path.parent() == Some(folder)).cloned().collect::<Vec<_>>();
        below.into_iter().for_each(|path| {
            self.suspects.entry(path).or_insert(false);
        });
    }

    /// The system had more to say than it keeps.
    pub(super) fn suspect_all(&mut self, system: &OwnedFd) {
        let folders = self.folders.iter().cloned().collect::<Vec<_>>();
        folders.iter().for_each(|folder| self.watch_folder(system, folder));
        for path in self.files.keys() {
            self.suspects.entry(path.clone()).or_insert(false);
        }
    }
}
