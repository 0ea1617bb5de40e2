//! The lock-down: removes the process's rights in the operating system before it runs any chunk.
//!
//! It has three steps, each at the last moment when it is possible. [`Lockdown::begin`] is first of all:
//! [`descriptors`] that were inherited are closed, and the process ends with its [`parent`]. [`Lockdown::confine`]
//! follows once the channels are connected and **before there is a second thread**: [`limits`], [`privileges`],
//! [`landlock`], and for hardened kernels [`namespaces`], [`speculation`] and [`code`]. [`Lockdown::seal`] follows once
//! all threads have started, V8's among them: [`seccomp`], on all threads, by the table in [`calls`]. A requested layer
//! that is not available is not hidden: [`Lockdown::status`] reports each layer, and the parent, or failing that the
//! kernel itself, refuses to go on.
//!
//! JavaScript cannot reach any of this. It is there for the case that a bug in V8 lets an attacker run native code:
//! then these are the only walls. Systems other than Linux have none yet, and the status says so.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod code;
#[cfg(target_os = "linux")]
mod descriptors;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(target_os = "linux")]
mod parent;
#[cfg(target_os = "linux")]
mod privileges;
#[cfg(target_os = "linux")]
mod seccomp;
#[cfg(target_os = "linux")]
mod speculation;

use drupe_protocol::sandbox::{SandboxLayer, SandboxLevel};

/// What came of a layer: what it does, or why it is not there.
type Applied = Result<String, String>;

/// Layers that may be missing: without Landlock and namespaces there is still no call left that opens or connects, and
/// what the processor guesses is not for every system to say.
const OPTIONAL: &[&str] = &["landlock", "namespaces", "speculation"];

/// Layers of [`SandboxLevel::Hardened`] alone. Without those of them that are not optional, what is left is strict.
const HARDENED: &[&str] = &["code", "namespaces", "speculation"];

/// A lock-down in progress. Layers only ever become more.
#[derive(Debug)]
pub(crate) struct Lockdown {
    wanted: SandboxLevel,
    layers: Vec<SandboxLayer>,
    /// Layers to leave out as if the system had none: for tests of what happens then.
    without: Vec<String>,
}

impl Lockdown {
    /// **To be called before the process opens anything or starts a thread.**
    pub(crate) fn begin(without: &[String]) -> Self {
        let lockdown = Self { wanted: SandboxLevel::Off, layers: Vec::new(), without: without.to_vec() };
        #[cfg(target_os = "linux")]
        let lockdown = {
            let mut lockdown = lockdown;
            lockdown.apply("descriptors", descriptors::close_inherited);
            lockdown.apply("parent", parent::die_with_parent);
            lockdown
        };
        lockdown
    }

    /// **To be called before there is a second thread**, and once everything is open that ever will be.
    pub(crate) fn confine(&mut self, wanted: SandboxLevel, memory_limit: Option<u64>) {
        self.wanted = wanted;
        #[cfg(target_os = "linux")]
        if wanted > SandboxLevel::Off {
            self.apply("limits", || limits::lower(memory_limit));
            if wanted == SandboxLevel::Hardened {
                self.apply("namespaces", namespaces::leave_all);
                self.apply("speculation", speculation::restrict);
                self.apply("code", code::forbid);
            }
            self.apply("privileges", privileges::drop_all);
            self.apply("landlock", landlock::restrict);
        } else {
            self.apply("limits", || limits::bound_memory(memory_limit));
        }
        #[cfg(not(target_os = "linux"))]
        let _ = memory_limit;
    }

    /// The last step, **on the thread that runs JavaScript**; from here on the process can compute, use its channels
    /// and its memory, and end.
    pub(crate) fn seal(&mut self) {
        #[cfg(target_os = "linux")]
        if self.wanted > SandboxLevel::Off {
            let execution = match self.wanted {
                SandboxLevel::Hardened => seccomp::Execution::Refused,
                _ => seccomp::Execution::Allowed,
            };
            self.apply("seccomp", || seccomp::filter_all_threads(execution));
        }
        #[cfg(not(target_os = "linux"))]
        if self.wanted > SandboxLevel::Off {
            self.apply("system", || Err("drupe knows no lock-down for this operating system yet".to_owned()));
        }
    }

    /// The level reached, and its layers.
    pub(crate) fn status(&self) -> (SandboxLevel, Vec<SandboxLayer>) {
        let named = |list: &[&str], layer: &SandboxLayer| list.contains(&layer.name.as_str());
        let missing = || self.layers.iter().filter(|layer| !layer.on && !named(OPTIONAL, layer));
        let level = match self.wanted {
            SandboxLevel::Off => SandboxLevel::Off,
            SandboxLevel::Hardened if missing().next().is_none() => SandboxLevel::Hardened,
            _ if missing().all(|layer| named(HARDENED, layer)) => SandboxLevel::Strict,
            _ => SandboxLevel::BestEffort,
        };
        (level, self.layers.clone())
    }

    fn apply(&mut self, name: &str, layer: impl FnOnce() -> Applied) {
        let applied =
            if self.without.iter().any(|left_out| left_out == name) { Err("left out by a test".to_owned()) } else { layer() };
        let (on, detail) = match applied {
            Ok(detail) => (true, detail),
            Err(detail) => (false, detail),
        };
        self.layers.push(SandboxLayer::new(name, on, detail));
    }
}
