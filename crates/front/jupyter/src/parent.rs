//! The process that launched this one: when it is gone, nobody will end this kernel.

/// Waits until the launcher is gone, where it has told its process (`JPY_PARENT_PID`).
#[cfg(target_os = "linux")]
pub(crate) async fn gone() {
    use rustix::{
        event::{PollFd, PollFlags, poll},
        io::Errno,
        process::{Pid, PidfdFlags, pidfd_open},
    };

    let told = std::env::var("JPY_PARENT_PID").ok().and_then(|pid| pid.parse().ok()).filter(|pid| *pid > 1);
    let Some(pid) = told.and_then(Pid::from_raw) else { return std::future::pending().await };
    let process = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(process) => process,
        Err(Errno::SRCH) => return,
        // An old system cannot tell.
        Err(_) => return std::future::pending().await,
    };
    let (tell, told) = tokio::sync::oneshot::channel();
    let wait = move || {
        // It can be read when the process has ended.
        while poll(&mut [PollFd::new(&process, PollFlags::IN)], None) == Err(Errno::INTR) {}
        // This process may be ending by itself.
        let _ = tell.send(());
    };
    match std::thread::Builder::new().name("launcher".to_owned()).spawn(wait) {
        Ok(_) => drop(told.await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) async fn gone() {
    std::future::pending().await
}
