//! The world that a case meets.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use drupe_client::{
    Builder, Permissions, Policy,
    host::{Host, ModuleCache, Modules, net::Client, permissions::Kind},
};

use crate::{case::World, kernels::builder, watch};

/// Budgets of the runs. What the kernel does is not measured here, and must end. What the parent does for a run ends
/// with it: an endless file is read for as long.
const VM: Duration = Duration::from_secs(1);
const WALL: Duration = Duration::from_secs(2);

/// How long a kernel may take to do as it is told: the product's own default.
const GRACE: Duration = Duration::from_millis(250);

/// The folders of a case; gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folders of a case in this world.
    pub(crate) fn new(world: &World) -> Self {
        let path = std::env::temp_dir().canonicalize().unwrap().join(format!("drupe-hostile-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("world")).unwrap();
        if let World::Folder(fill) = world {
            fill(&path.join("world"));
        }
        Self(path)
    }

    /// What a kernel may see.
    pub(crate) fn world(&self) -> PathBuf {
        self.0.join("world")
    }

    /// The bytes of all files in the world.
    pub(crate) fn size(&self) -> usize {
        let (mut size, mut folders) = (0, vec![self.world()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let stat = entry.metadata().unwrap();
                if stat.is_dir() { folders.push(entry.path()) } else { size += usize::try_from(stat.len()).unwrap() }
            }
        }
        size
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Builds a kernel that lives in a world, and remembers nothing of others: no module, no name.
pub(crate) fn kernel_in(world: &World, folder: &Folder) -> Builder {
    let mut policy = Policy::none();
    match world {
        World::Denied => {}
        World::Folder(_) => {
            policy.allow(Kind::Read, &folder.world().display().to_string()).unwrap();
        }
        World::Server => {
            let address = watch::server_address();
            policy.allow(Kind::Net, &address).unwrap();
            policy.allow(Kind::Import, &address).unwrap();
        }
        World::Everything => policy = Policy::all(),
    }
    let permissions = Permissions::new(policy);
    let modules = Modules::new(&permissions)
        .root(folder.world())
        .cache(&ModuleCache::default())
        .fetch(Arc::new(Client::default()))
        .remote_folder(folder.0.join("remote"));
    let host = Host::standard(&permissions).service("module", Arc::new(modules));
    let limited = builder().grace(GRACE).memory_limit(256 << 20).vm_timeout(VM).wall_timeout(WALL).kill_on_timeout(true);
    limited.permissions(&permissions).host(host)
}
