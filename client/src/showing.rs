//! How a run shows its result, and what its console prints.

use crate::{Chunk, Stream};

impl Chunk {
    /// Limits the size of the result by value, in bytes of msgpack: 64 MiB by default. With 0 the result is text only.
    #[must_use]
    pub fn value_limit(mut self, bytes: u64) -> Self {
        self.value_limit = bytes;
        self
    }

    /// Sets whether [`Event::Result`](crate::Event::Result) also has the result as a tree, for front ends that show it
    /// in their own way. The default is false.
    #[must_use]
    pub fn preview(mut self, preview: bool) -> Self {
        self.preview = preview;
        self
    }

    /// Sets how many levels of objects below the first the text and the tree of the result show with their contents, as
    /// `depth` of Node's `util.inspect` does. The default is 2.
    #[must_use]
    pub fn depth(mut self, levels: u32) -> Self {
        self.depth = Some(levels);
        self
    }

    /// Sets whether the result ([`RunResult::handle`](crate::RunResult::handle)) and the arguments of console calls
    /// ([`Console::handles`](crate::Console::handles)) have handles, for
    /// [`Kernel::properties`](crate::Kernel::properties). A handle keeps its object alive. The default is false.
    #[must_use]
    pub fn handles(mut self, handles: bool) -> Self {
        self.handles = handles;
        self
    }

    /// Sets whether the result has a handle, also when [`handles`](Self::handles) is false. The default is false.
    #[must_use]
    pub fn result_handle(mut self, result_handle: bool) -> Self {
        self.result_handle = result_handle;
        self
    }

    /// Sets whether objects with a function under `Symbol.for("nodejs.util.inspect.custom")` format themselves in the
    /// result and in console arguments, as in Node. The same holds for objects that `%s`, `%d`, `%i` and `%f` convert
    /// to a text or a number, for getters of `Symbol.toStringTag`, and for errors whose `message` is an accessor.
    /// **Formatting then runs the chunk's code**, under its limits: code that does not end stops the run. The default
    /// is false. `%j` calls `toJSON` in any case.
    #[must_use]
    pub fn inspect_hooks(mut self, inspect_hooks: bool) -> Self {
        self.inspect_hooks = inspect_hooks;
        self
    }

    /// Sets the streams whose console text has colours, as Node's console colours values at a terminal. Strings that
    /// the program prints are not changed. The default is none.
    #[must_use]
    pub fn colors(mut self, streams: impl IntoIterator<Item = Stream>) -> Self {
        self.colors = streams.into_iter().collect();
        self
    }

    /// Sets whether a function of the result under `Symbol.for("Jupyter.display")` is called for other formats
    /// ([`RunResult::bundle`](crate::RunResult::bundle)). The function returns an object from MIME types to contents,
    /// or a promise of one, which the run awaits. A result without such a function is given to the function that the
    /// global object has under `Symbol.for("drupe.bundle")`, if it has one. **This runs the chunk's code**, under its
    /// limits. The default is false.
    #[must_use]
    pub fn bundle(mut self, bundle: bool) -> Self {
        self.bundle = bundle;
        self
    }
}
