//! Settings for the runs of chunks.

use std::time::Duration;

use drupe_client::{Chunk, Limits, Stream};

/// How chunks are run, whatever their source.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// The limits of each run.
    pub limits: Limits,
    /// Whether values come home as data; if not, only as text.
    pub by_value: bool,
    /// Whether the last result is in `_` and the last uncaught error in `_error`, as in a conversation.
    pub keep_last: bool,
    /// Whether results come as trees, too, so that they can be shown in colours.
    pub preview: bool,
    /// Whether results come with handles, so that what they leave out can be looked at.
    pub result_handle: bool,
    /// Whether what is printed comes with handles, too.
    pub console_handles: bool,
    /// Whether a run ends that awaits what nothing is left to bring.
    pub ends_unsettled: bool,
    /// Whether values on the console come in colours, on standard output and on standard error.
    pub colors: (bool, bool),
}

impl Settings {
    /// `source`, to be run in this way. Whoever types code lets its objects say themselves how they are shown.
    pub fn chunk(&self, source: impl Into<String>) -> Chunk {
        self.limit(Chunk::new(source))
    }

    /// `chunk`, run as these settings say.
    #[must_use]
    pub fn limit(&self, chunk: Chunk) -> Chunk {
        let chunk = chunk.limits(self.limits).keep_last(self.keep_last).preview(self.preview).inspect_hooks(true);
        let chunk = chunk.result_handle(self.result_handle).handles(self.console_handles);
        let chunk = chunk.ends_unsettled(self.ends_unsettled);
        let colored = [(self.colors.0, Stream::Stdout), (self.colors.1, Stream::Stderr)];
        let chunk = chunk.colors(colored.into_iter().filter_map(|(wanted, stream)| wanted.then_some(stream)));
        if self.by_value { chunk } else { chunk.value_limit(0) }
    }
}

/// The smaller of two limits; `None` is no limit.
pub(crate) fn stricter(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use drupe_client::{Chunk, Limits};

    use super::Settings;

    #[test]
    fn every_limit_is_a_limit_of_the_chunk() {
        let (vm, wall) = (Duration::from_millis(1), Duration::from_millis(2));
        let mut limits = Limits::default();
        (limits.vm_timeout, limits.wall_timeout, limits.kill_on_timeout) = (Some(vm), Some(wall), Some(true));
        (limits.memory, limits.console) = (Some(3), Some(4));
        let settings = Settings { limits, by_value: true, ..Settings::default() };
        let by_hand = Chunk::new("1").vm_timeout(vm).wall_timeout(wall).kill_on_timeout(true).memory_limit(3).console_limit(4);
        assert_eq!(settings.chunk("1"), Settings { by_value: true, ..Settings::default() }.limit(by_hand));
        // What they do not say stays as the chunk has it.
        let own = Chunk::new("1").memory_limit(9);
        assert_eq!(own.clone().limits(Limits::default()), own);
    }
}
