//! The cache of compiled modules, for all kernels of a process and all their sessions.
//!
//! **The key is the content**: its hash, and its format. So no module can stand for another, and no part of a policy is
//! in here: a file is opened under the caller's permissions each time, and only then is the cache used. The hash of a
//! file is remembered by the file's identity (device, inode, size, times), so that an unchanged file is not read again.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use drupe_protocol::HostError;
use sha2::{Digest as _, Sha256};

use super::{
    compile::{self, Problem},
    compiled::Compiled,
    exact::{Found, Identity},
    format::Wanted,
    manifests::{Manifests, ReadManifest},
    tsconfig::KnownProjects,
    turn::Turns,
    worker::Worker,
};

/// What a cache holds at most, in bytes, unless it is told otherwise.
const DEFAULT_BYTES: usize = 256 << 20;

/// The longest file, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// How many files are remembered by identity.
const MAX_FILES: usize = 100_000;

/// How a [`ModuleCache`] has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// How many modules were found compiled.
    pub hits: u64,
    /// How many had to be compiled.
    pub misses: u64,
    /// How many were dropped to make room.
    pub evictions: u64,
    /// How many there are.
    pub modules: usize,
    /// About how many bytes they take.
    pub bytes: usize,
}

/// Compiled modules. Clones share one cache; the default is one for the process.
#[derive(Clone, Debug)]
pub struct ModuleCache {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    limit: usize,
    state: Mutex<State>,
    manifests: Manifests,
    projects: Arc<KnownProjects>,
}

type Hash = [u8; 32];
type Key = (Hash, Wanted);

#[derive(Debug, Default)]
struct State {
    files: HashMap<(PathBuf, Wanted), (Identity, Hash)>,
    modules: HashMap<Key, Slot>,
    /// Keys by when they were used last.
    uses: BTreeMap<u64, Key>,
    clock: u64,
    stats: CacheStats,
}

#[derive(Debug)]
struct Slot {
    compiled: Arc<Compiled>,
    weight: usize,
    used: u64,
}

impl Default for ModuleCache {
    fn default() -> Self {
        static PROCESS: LazyLock<ModuleCache> = LazyLock::new(|| ModuleCache::with_limit(DEFAULT_BYTES));
        PROCESS.clone()
    }
}

impl ModuleCache {
    /// An empty cache of its own, that holds at most about `bytes`; the modules used longest ago go first.
    #[must_use]
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                limit: bytes,
                state: Mutex::default(),
                manifests: Manifests::default(),
                projects: Arc::default(),
            }),
        }
    }

    /// How it has done so far.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        let state = self.state();
        CacheStats { modules: state.modules.len(), ..state.stats }
    }

    /// The module in a file that was just opened, **which is what entitles the caller to it**.
    pub(super) fn file(
        &self,
        path: &Path,
        found: &Found,
        wanted: &Wanted,
        whose: (&Worker, &Turns),
    ) -> Result<Arc<Compiled>, Problem> {
        let identity = found.stat.identity;
        let name = (path.to_owned(), wanted.clone());
        {
            let mut state = self.state();
            if let Some((known, hash)) = state.files.get(&name)
                && *known == identity
            {
                let key = (*hash, wanted.clone());
                if let Some(compiled) = state.hit(&key) {
                    return Ok(compiled);
                }
            }
        }
        let bytes = found.read(MAX_FILE).map_err(|problem| Problem::Unreadable(path.to_owned(), problem))?;
        let (hash, compiled) = self.content(bytes, wanted, &path.to_string_lossy(), whose)?;
        if identity.is_settled() {
            let mut state = self.state();
            if state.files.len() >= MAX_FILES {
                state.files.clear();
            }
            state.files.insert(name, (identity, hash));
        }
        Ok(compiled)
    }

    /// What a `package.json` says that was just opened, **which is what entitles the caller to it**.
    pub(super) fn manifest(&self, path: &Path, found: &Found) -> io::Result<ReadManifest> {
        self.inner.manifests.file(path, found)
    }

    /// The projects that were read before.
    pub(super) fn projects(&self) -> Arc<KnownProjects> {
        self.inner.projects.clone()
    }

    /// The module that bytes are.
    pub(super) fn content(
        &self,
        bytes: Vec<u8>,
        wanted: &Wanted,
        name: &str,
        (worker, turns): (&Worker, &Turns),
    ) -> Result<(Hash, Arc<Compiled>), Problem> {
        let hash: Hash = Sha256::digest(&bytes).into();
        let key = (hash, wanted.clone());
        if let Some(compiled) = self.state().hit(&key) {
            return Ok((hash, compiled));
        }
        let Some(_turn) = turns.take(worker, bytes.len()) else { return Err(Problem::Wrong(HostError::default())) };
        // Not under the lock: two may compile the same, and one is dropped.
        let compiled = Arc::new(compile::compile(bytes, wanted, name, worker.stop())?);
        self.state().insert(key, compiled.clone(), self.inner.limit);
        Ok((hash, compiled))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn hit(&mut self, key: &Key) -> Option<Arc<Compiled>> {
        self.clock += 1;
        let slot = self.modules.get_mut(key)?;
        self.uses.remove(&slot.used);
        slot.used = self.clock;
        self.uses.insert(self.clock, key.clone());
        self.stats.hits += 1;
        Some(slot.compiled.clone())
    }

    fn insert(&mut self, key: Key, compiled: Arc<Compiled>, limit: usize) {
        self.stats.misses += 1;
        let weight = compiled.weight();
        if weight > limit || self.modules.contains_key(&key) {
            return;
        }
        self.clock += 1;
        self.modules.insert(key.clone(), Slot { compiled, weight, used: self.clock });
        self.uses.insert(self.clock, key);
        self.stats.bytes += weight;
        while self.stats.bytes > limit
            && let Some((_, oldest)) = self.uses.pop_first()
        {
            if let Some(slot) = self.modules.remove(&oldest) {
                self.stats.bytes -= slot.weight;
                self.stats.evictions += 1;
            }
        }
    }
}
