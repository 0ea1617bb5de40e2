//! Keeps the folder of modules from the network private to its owner, written by one process at a time, and within its
//! quota.

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use rustix::fs::FlockOperation;

/// The mode of each folder and of each file.
pub(super) const FOLDER: u32 = 0o700;
pub(super) const FILE: u32 = 0o600;

/// What the folder may take up, unless it is told otherwise: in bytes.
pub(super) const DEFAULT_QUOTA: u64 = 512 << 20;

/// What a file takes besides its content, in bytes: a block and its entry.
const OVERHEAD: u64 = 4 << 10;

/// How often another process is waited for, and how long each time. What cannot be written then is got again later.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// What this process knows of the folders that it has used: how much they take up, as far as it has seen; nothing for
/// one that it may not trust.
type Known = HashMap<PathBuf, Option<u64>>;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

fn known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the folder may be used. When this process uses it first, what an earlier version left readable for others is
/// made its owner's alone. **A folder of another user's is not trusted**: they could put any code there.
pub(super) fn prepare(folder: &Path) -> bool {
    if let Some(known) = known().get(folder) {
        return known.is_some() || !folder.exists();
    }
    let Ok(metadata) = fs::metadata(folder) else {
        // It is made when there is something to keep.
        return true;
    };
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    let size = is_own.then(|| entries(folder).iter().map(|entry| entry.size).sum());
    if is_own {
        repair(folder);
    }
    known().insert(folder.to_owned(), size);
    is_own
}

/// Makes a folder, and those that it lies in.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER).create(folder)?;
    // Whatever the process masks.
    fs::set_permissions(folder, fs::Permissions::from_mode(FOLDER))
}

/// Takes from others what they may do with the folder and what is in it.
fn repair(folder: &Path) {
    let restrict = |path: &Path, mode: u32| {
        let open = fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_symlink() && metadata.mode() & 0o777 != mode);
        if open {
            // What cannot be changed is another's, and is held against its hash like all the rest.
            drop(fs::set_permissions(path, fs::Permissions::from_mode(mode)));
        }
    };
    restrict(folder, FOLDER);
    for inner in list(folder).filter(|path| path.is_dir()) {
        restrict(&inner, FOLDER);
        for file in list(&inner) {
            restrict(&file, FILE);
        }
    }
}

fn list(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// An answer that is kept.
struct Entry {
    /// The path without its ending.
    stem: PathBuf,
    size: u64,
    used: SystemTime,
}

/// All answers. Drafts that a process left when it was killed count as used long ago.
fn entries(folder: &Path) -> Vec<Entry> {
    let mut entries: HashMap<PathBuf, Entry> = HashMap::new();
    for file in list(folder).filter(|path| path.is_dir()).flat_map(|inner| list(&inner).collect::<Vec<_>>()) {
        let Ok(metadata) = fs::symlink_metadata(&file) else { continue };
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let stem = if matches!(ending, "json" | "body") { file.with_extension("") } else { file.clone() };
        let entry = entries.entry(stem.clone()).or_insert(Entry { stem, size: 0, used: SystemTime::UNIX_EPOCH });
        entry.size += metadata.len() + OVERHEAD;
        if ending == "json" {
            entry.used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        }
    }
    entries.into_values().collect()
}

/// Held by the one process, and the one thread of it, that writes.
pub(super) struct Lock(#[expect(dead_code, reason = "what counts is when it is closed")] File);

/// Locks a folder, which is its own lock, until the file is closed. Waits for its turn, but not for ever: who holds it
/// may be stopped.
pub(super) fn lock(folder: &Path) -> io::Result<File> {
    let file = File::open(folder)?;
    for _ in 0..TRIES {
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => std::thread::sleep(PAUSE),
            done => return done.map(|()| file).map_err(io::Error::from),
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

impl Lock {
    /// Waits for its turn, as [`lock`] does.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        make_folder(folder)?;
        known().entry(folder.to_owned()).or_insert(Some(0));
        lock(folder).map(Self)
    }

    /// Makes room for `bytes`: the answers that were used longest ago go first, until a quarter of the quota is free.
    pub(super) fn make_room(&self, folder: &Path, quota: u64, bytes: u64) -> io::Result<()> {
        let bytes = bytes + 2 * OVERHEAD;
        if bytes > quota {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let seen = known().get(folder).copied().flatten().unwrap_or(0);
        if seen + bytes > quota {
            let mut entries = entries(folder);
            entries.sort_by(|one, other| one.used.cmp(&other.used).then_with(|| one.stem.cmp(&other.stem)));
            // What other processes wrote shows here.
            let mut size: u64 = entries.iter().map(|entry| entry.size).sum();
            let most = (quota - quota / 4).min(quota - bytes);
            for entry in entries {
                if size <= most {
                    break;
                }
                // Without its record there is nothing.
                for ending in ["json", "body"] {
                    drop(fs::remove_file(entry.stem.with_extension(ending)));
                }
                drop(fs::remove_file(&entry.stem));
                size -= entry.size;
            }
            known().insert(folder.to_owned(), Some(size));
        }
        if let Some(Some(size)) = known().get_mut(folder) {
            *size += bytes;
        }
        Ok(())
    }
}
