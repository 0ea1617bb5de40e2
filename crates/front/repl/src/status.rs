//! The status of a long run, in one line.

use std::time::Duration;

use drupe_client::Status;

/// A run that has not ended, as far as is known.
#[derive(Clone, Debug)]
pub struct Busy {
    /// Since its submission.
    pub elapsed: Duration,
    /// What the kernel says; `None` where it does not answer, for V8 is at something that cannot be interrupted.
    pub status: Option<Status>,
    /// The end of what was typed ahead, if anything was.
    pub typed: Option<String>,
}

/// In words.
pub(crate) fn words(busy: &Busy) -> String {
    let seconds = busy.elapsed.as_secs_f32();
    let Some(status) = &busy.status else {
        // Ctrl-C is heard there no sooner than the question was.
        return format!("{seconds:.1} s, in garbage collection or a long built-in; Ctrl-C twice ends the kernel{}", typed(busy));
    };
    #[expect(clippy::cast_precision_loss, reason = "for a person, to a tenth")]
    let (cpu, heap) = (status.cpu_ms as f64 / 1e3, (status.heap_used + status.external) as f64 / f64::from(1 << 20));
    let at = match &status.at {
        Some(at) => format!(", at {}:{}", at.script, at.position.line + 1),
        None if status.executing => String::new(),
        None => ", waiting".to_owned(),
    };
    // What is typed needs the room.
    let cost = if busy.typed.is_some() { String::new() } else { format!(", CPU {cpu:.1} s, heap {heap:.1} MiB") };
    format!("{seconds:.1} s{cost}{at}; Ctrl-C stops it{}", typed(busy))
}

fn typed(busy: &Busy) -> String {
    busy.typed.as_ref().map(|typed| format!("; typed ahead: {typed}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use drupe_client::{Location, Position, Status};

    use super::{Busy, words};

    #[test]
    fn what_is_known_is_told() {
        let elapsed = Duration::from_millis(3210);
        let at = Some(Location::new("chunk:3", Position { line: 1, column: 4 }));
        let mut status = Status::default();
        (status.executing, status.cpu_ms, status.heap_used, status.at) = (true, 3100, 3 << 19, at);
        let told = |status| words(&Busy { elapsed, status, typed: None });
        assert_eq!(told(Some(status)), "3.2 s, CPU 3.1 s, heap 1.5 MiB, at chunk:3:2; Ctrl-C stops it");
        assert_eq!(told(Some(Status::default())), "3.2 s, CPU 0.0 s, heap 0.0 MiB, waiting; Ctrl-C stops it");
        let typing = Busy { elapsed, status: Some(Status::default()), typed: Some("1 + 1".into()) };
        assert_eq!(words(&typing), "3.2 s, waiting; Ctrl-C stops it; typed ahead: 1 + 1");
        assert_eq!(told(None), "3.2 s, in garbage collection or a long built-in; Ctrl-C twice ends the kernel");
    }
}
