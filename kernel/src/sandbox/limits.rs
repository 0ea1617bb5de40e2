//! Resource limits. They do not include the address space, of which V8 reserves a terabyte, nor the number of
//! processes, which counts all processes of the user.

use std::fs;

use drupe_protocol::sandbox::memory_bound;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Applied;

/// Standard input, output and error, two channels of four descriptors each, and room for Landlock's one.
const FILES: u64 = 16;

/// Bounds the memory of this process, and nothing else: **that is no confinement, and done at every level**. V8 bounds
/// its heap, and no sum of WebAssembly's memories.
pub(super) fn bound_memory(memory_limit: Option<u64>) -> Applied {
    // Private writable memory. Where it ends, allocations fail, and V8 makes a `RangeError` of most.
    let data = memory_bound(memory_limit);
    set(Resource::Data, data)?;
    Ok(format!("{} MiB of memory", data >> 20))
}

/// Lowers what this process may use, for good. `memory_limit`: of the heap, in bytes.
pub(super) fn lower(memory_limit: Option<u64>) -> Applied {
    for (resource, limit) in [(Resource::Core, 0), (Resource::Fsize, 0), (Resource::Nofile, FILES)] {
        set(resource, limit)?;
    }
    let memory = bound_memory(memory_limit)?;
    // When the machine runs out of memory, this process goes before its parent does. Some systems forbid even that.
    let volunteers = fs::write("/proc/self/oom_score_adj", "1000").is_ok();
    let first = if volunteers { ", first to go when the machine is out of memory" } else { "" };
    Ok(format!("no files, no core dumps, {memory}{first}"))
}

fn set(resource: Resource, limit: u64) -> Result<(), String> {
    // The system, or whoever started the parent, may have set it lower.
    let limit = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
    setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })
        .map_err(|error| format!("cannot lower the limit {resource:?}: {error}"))
}
