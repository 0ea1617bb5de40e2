//! The only access to files of modules: each access is checked against the read permission, by the real path.
//!
//! A path that is not granted looks as if it did not exist, so that its existence cannot be learnt. A path is opened
//! without following any link (`openat2`), after its links have been resolved: **the opened file is the checked file**,
//! also if a path is swapped meanwhile. Only plain files are read, and nothing of `/proc`, `/sys` and `/dev`.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        OnceLock, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use drupe_protocol::{HostError, RunId};

use super::{
    bounded::is_path_bounded,
    exact::{self, Found, Stat},
    worker::Worker,
};
use crate::{
    fs::normal,
    permissions::{Kind, PermissionRequest, Permissions, answered},
};

/// File systems that tell of the machine.
const SPECIAL: [&str; 3] = ["/proc", "/sys", "/dev"];

/// How often one call may look at files and folders. What a graph of ten thousand modules needs is a third of it.
const MAX_LOOKS: usize = 500_000;

/// What one call may see, by its permissions.
#[derive(Debug)]
pub(super) struct Gate {
    permissions: Permissions,
    run: Option<RunId>,
    api: &'static str,
    /// What a person allowed for this call alone.
    once: RwLock<Vec<PathBuf>>,
    /// Who knows whether somebody still waits.
    worker: OnceLock<Worker>,
    looks: AtomicUsize,
}

impl Gate {
    pub(super) fn new(permissions: Permissions, run: Option<RunId>, api: &'static str) -> Self {
        Self { permissions, run, api, once: RwLock::default(), worker: OnceLock::new(), looks: AtomicUsize::new(0) }
    }

    /// Ends with the work of `worker`: when nobody waits for that any more, there is nothing to be seen.
    pub(super) fn attend(&self, worker: &Worker) {
        // Each call has one.
        let _ = self.worker.set(worker.clone());
    }

    /// Whether the call has looked more often than it may.
    pub(super) fn is_exhausted(&self) -> bool {
        self.looks.load(Ordering::Relaxed) > MAX_LOOKS
    }

    /// One look more: refused when there were too many, and when nobody waits.
    fn look(&self, path: &Path) -> io::Result<()> {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        let abandoned = || self.worker.get().is_some_and(Worker::is_abandoned);
        if looks >= MAX_LOOKS || !is_path_bounded(path) || abandoned() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(())
    }

    pub(super) fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    pub(super) fn run(&self) -> Option<RunId> {
        self.run
    }

    pub(super) fn api(&self) -> &'static str {
        self.api
    }

    /// What there is at `path`, links followed; an error for nothing, and for what may not be seen.
    pub(super) fn stat(&self, path: &Path) -> io::Result<Stat> {
        let path = normal(path);
        self.find(&path).map(|(found, _)| found.stat).or_else(|error| {
            // Whoever may see into a folder knows the folders above it. Of what may be seen itself, all is said.
            if !self.covers(&path) && self.permissions.leads_to(Kind::Read, &path) { Ok(Stat::folder()) } else { Err(error) }
        })
    }

    /// Whether there is a plain file at `path`.
    pub(super) fn is_file(&self, path: &Path) -> bool {
        self.stat(path).is_ok_and(|stat| stat.is_file)
    }

    /// Whether there is a folder at `path`.
    pub(super) fn is_folder(&self, path: &Path) -> bool {
        self.stat(path).is_ok_and(|stat| stat.is_folder)
    }

    /// Whether it may be told what is at `path`, or that nothing is.
    pub(super) fn may_see(&self, path: &Path) -> bool {
        let path = normal(path);
        // Where there can be nothing, the words of the path decide.
        let real = if self.look(&path).is_ok() { exact::resolve(&path) } else { path };
        self.covers(&real)
    }

    /// Where a package of that name could be that must not be seen: what to ask for, and what to call it when that is
    /// denied. That is the nearest of `folders`, or where a link leads out of what may be seen, whether or not anything
    /// is there. What is further out is only asked for if it is there, and then has no name, so that a denial looks as
    /// if it were not.
    pub(super) fn withheld_package(&self, folders: &[PathBuf], name: &str) -> Option<(PathBuf, Option<PathBuf>)> {
        let hidden = |folder: &PathBuf| Some(folder.join(name)).filter(|package| !self.may_see(package));
        let mut led_out = folders.iter().filter(|folder| self.may_see(folder)).filter_map(hidden);
        let there = || folders.iter().filter_map(hidden).find(|package| self.permissions.asks() && package.exists());
        match led_out.next().or_else(|| folders.first().filter(|folder| !self.may_see(folder)).cloned()) {
            Some(named) => Some((there().unwrap_or_else(|| named.clone()), Some(named))),
            None => there().map(|package| (package, None)),
        }
    }

    /// The real path of what is at `path`.
    pub(super) fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.find(&normal(path)).map(|(_, real)| real)
    }

    /// The real path of the plain file at `path`.
    pub(super) fn real_file(&self, path: &Path) -> io::Result<PathBuf> {
        self.open(path).map(|(_, real)| real)
    }

    /// A plain file, opened: its stat, and how to read it.
    pub(super) fn open(&self, path: &Path) -> io::Result<(Found, PathBuf)> {
        let (found, real) = self.find(&normal(path))?;
        if !found.stat.is_file {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok((found, real))
    }

    /// Reads a plain file of at most `limit` bytes.
    pub(super) fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let (found, real) = self.open(path)?;
        self.tell_use(&real);
        found.read(limit)
    }

    /// The names in a folder, in no order, at most `limit`, each with whether it is a folder itself.
    pub(super) fn list(&self, path: &Path, limit: usize) -> io::Result<Vec<(String, bool)>> {
        let (found, real) = self.find(&normal(path))?;
        if !found.stat.is_folder {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.tell_use(&real);
        found.list(limit)
    }

    /// Requires to see what is at `path`, asking a person where there is one: about the folder of all that belongs
    /// together.
    ///
    /// # Errors
    /// That it is not granted. **It names where links lead to**, and so is not for JavaScript.
    pub(super) async fn require(&self, path: &Path) -> Result<(), HostError> {
        let path = normal(path);
        let real = exact::resolve(&path);
        if is_special(&path) || is_special(&real) {
            return Err(self.denied(&path));
        }
        if self.covers(&real) {
            return Ok(());
        }
        let asked = if self.permissions.asks() { root_of(&real) } else { real };
        // All that belongs together is asked for at once.
        self.permissions.require_below(Kind::Read, &asked, self.api, self.run).await?;
        let mut once = self.once.write().unwrap_or_else(PoisonError::into_inner);
        // What the policy covers is asked of the policy each time.
        if !self.permissions.covers(Kind::Read, &asked) {
            once.push(asked);
        }
        Ok(())
    }

    /// Tells the auditor that a file is read. What is looked at without being read is not told.
    pub(super) fn tell_use(&self, real: &Path) {
        if let Some(worker) = self.worker.get().filter(|_| !self.permissions.may_tell()) {
            // Nobody is told more than they can take: the thread waits, as long as somebody waits for it.
            worker.wait(self.permissions.pace());
        }
        self.permissions.tell_use(&self.request(real));
    }

    /// The error for a path that is not granted.
    pub(super) fn denied(&self, path: &Path) -> HostError {
        let request = self.request(path);
        // A rule that denies is not undone by a grant.
        let by_rule = self.permissions.denies(Kind::Read, path) || self.permissions.denies(Kind::Read, &exact::resolve(path));
        let denials = self.permissions.denials();
        if by_rule { denials.denied_by_rule(&request) } else { denials.denied(&request) }
    }

    /// The error for JavaScript where `asked` came of the question about a path, and `otherwise` without a question.
    pub(super) fn answered(&self, otherwise: HostError, asked: &HostError) -> HostError {
        answered(otherwise, asked, |resource| PermissionRequest::new(Kind::Read, resource, self.api, self.run))
    }

    fn is_allowed_once(&self, real: &Path) -> bool {
        let within = self.once.read().unwrap_or_else(PoisonError::into_inner).iter().any(|root| real.starts_with(root));
        within && !self.permissions.denies(Kind::Read, real)
    }

    fn covers(&self, real: &Path) -> bool {
        !is_special(real) && (self.permissions.covers(Kind::Read, real) || self.is_allowed_once(real))
    }

    fn request(&self, path: &Path) -> PermissionRequest {
        PermissionRequest::new(Kind::Read, path.display().to_string(), self.api, self.run)
    }

    /// What is at a normalised path, and its real path.
    fn find(&self, path: &Path) -> io::Result<(Found, PathBuf)> {
        if path.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.look(path)?;
        if self.covers(path) {
            match exact::open(path) {
                Ok(found) => return Ok((found, path.to_owned())),
                Err(error) if !exact::met_link(&error) => return Err(io::ErrorKind::NotFound.into()),
                Err(_) => {}
            }
        }
        let real = exact::resolve(path);
        if !self.covers(&real) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let found = exact::open(&real).map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
        Ok((found, real))
    }
}

fn is_special(path: &Path) -> bool {
    SPECIAL.iter().any(|special| path.starts_with(special))
}

/// The folder that a person is asked about when a module at `real` is wanted: the outermost `node_modules` it is in, or
/// the folder of its package, or its own.
fn root_of(real: &Path) -> PathBuf {
    let folder = if real.is_dir() { real } else { real.parent().unwrap_or(real) };
    let outermost = real.ancestors().filter(|path| path.file_name().is_some_and(|name| name == "node_modules")).last();
    let package = || folder.ancestors().find(|path| path.join("package.json").is_file() && path.parent().is_some());
    outermost.or_else(package).unwrap_or(folder).to_owned()
}
