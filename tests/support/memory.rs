//! Kernels on threads of this process, driven by the client itself: everything is real but the process and the socket.

use std::thread;

use drupe_client::{Builder, Connection, Kernel};
use drupe_kernel::{Config, Platform, serve};
use drupe_protocol::{
    REVISION,
    hello::{Channel, Engine, Hello},
    sandbox::SandboxLevel,
};
use drupe_transport::memory::parent_pair;

use super::PATIENT;

/// Builds kernels on threads.
pub(crate) fn builder() -> Builder {
    Kernel::builder().grace(PATIENT).attach(async |wanted| {
        let ((data, kernel_data), (control, kernel_control)) = (parent_pair(), parent_pair());
        // Test threads are older than V8. One that loops for ever when its parent goes is lost, with the test's
        // process.
        let config = Config {
            generation: wanted.generation,
            memory_limit: wanted.memory_limit,
            machine_memory: None,
            builtin_names: false,
            platform: Platform::AnyThread,
            orphaned: || {},
        };
        thread::Builder::new().name("kernel".into()).spawn(move || serve(kernel_data, kernel_control, &config))?;
        let hello = Hello {
            revision: REVISION,
            token: Vec::new(),
            channel: Channel::Data,
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engine: Engine::default(),
            sandbox: SandboxLevel::Off,
            layers: Vec::new(),
        };
        Ok(Connection::greeted(data, control, hello))
    })
}

pub(crate) async fn spawn() -> Kernel {
    builder().spawn().await.unwrap()
}
