//! A chunk to run: source, name, inputs and limits.

use std::time::Duration;

use drupe_protocol::{
    Value,
    event::Done,
    module::{Check, Entry, Main, Reload},
    output::Stream,
    request::Input,
};
use drupe_transpile::{Language, is_variable_name};

use crate::grants::Grants;

/// By-value results up to this many bytes of msgpack come back as a [`Value`], unless a chunk says otherwise: 64 MiB and a little.
const VALUE_LIMIT: u64 = (64 << 20) + (1 << 16);

/// Source text to execute, and how.
///
/// ```
/// use std::time::Duration;
/// use drupe_client::Chunk;
///
/// let chunk = Chunk::new("rows.length").input("rows", vec![1, 2, 3]).vm_timeout(Duration::from_millis(100));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    pub(crate) source: String,
    /// What the run does in place of `source`.
    pub(crate) entry: Option<Entry>,
    pub(crate) name: Option<String>,
    pub(crate) language: Language,
    pub(crate) inputs: Vec<Input>,
    pub(crate) limits: Limits,
    pub(crate) until_idle: bool,
    pub(crate) ends_unsettled: bool,
    pub(crate) keep_last: bool,
    pub(crate) value_limit: u64,
    pub(crate) preview: bool,
    pub(crate) handles: bool,
    pub(crate) result_handle: bool,
    pub(crate) journaled: bool,
    pub(crate) inspect_hooks: bool,
    pub(crate) colors: Vec<Stream>,
    /// Whether the kernel was given standard streams.
    pub(crate) streams: bool,
    pub(crate) bundle: bool,
    pub(crate) grants: Grants,
    pub(crate) stop_on_drop: bool,
}

/// Limits of a run. What is `None` here is as the kernel's builder says, and unlimited if that says nothing either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// CPU time that a stretch of JavaScript may use, in the run or in the callbacks it leaves behind. The kernel stops the stretch.
    pub vm_timeout: Option<Duration>,
    /// Wall time of the whole run, awaits included, from the moment it starts. The client interrupts the run.
    pub wall_timeout: Option<Duration>,
    /// Whether to kill the kernel when a run that ran into `wall_timeout` has not stopped a grace period later.
    pub kill_on_timeout: Option<bool>,
    /// What the session's heap may grow to while the run is active, in bytes, if that is less than the kernel's own limit
    /// ([`Builder::memory_limit`](crate::Builder::memory_limit)). A run that begins with more than that alive is stopped soon.
    pub memory: Option<u64>,
    /// How much the run may print on its console while it is active, in bytes as they cross the wire (text, arguments, place). What
    /// comes after the event that reaches it is dropped, and [counted](crate::Report::dropped_events). Without it a run prints as fast
    /// as its events are read.
    pub console: Option<u64>,
}

impl Chunk {
    /// A chunk in TypeScript, TSX or JavaScript.
    pub fn new(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            entry: None,
            name: None,
            language: Language::default(),
            inputs: Vec::new(),
            limits: Limits::default(),
            until_idle: false,
            ends_unsettled: false,
            keep_last: false,
            value_limit: VALUE_LIMIT,
            preview: false,
            handles: false,
            result_handle: false,
            journaled: true,
            inspect_hooks: false,
            colors: Vec::new(),
            streams: false,
            bundle: false,
            grants: Grants::default(),
            stop_on_drop: false,
        }
    }

    /// A program: the module `specifier`, ES module or CommonJS, by its URL or as an import of it would say, evaluated as the main one
    /// (`import.meta.main`, `require.main`). `args` follow the names of the program in `process.argv`.
    #[must_use]
    pub fn program(specifier: &str, args: &[String]) -> Self {
        Self::entry("main", Entry::Main(Main { specifier: specifier.to_owned(), args: args.to_owned() }))
    }

    /// Checks the syntax of the module that `specifier` names: it is compiled, and neither run nor are its imports looked for.
    #[must_use]
    pub fn check(specifier: &str) -> Self {
        Self::entry("check", Entry::Check(Check { specifier: specifier.to_owned() }))
    }

    /// What [`Kernel::reload`](crate::Kernel::reload) runs.
    pub(crate) fn reload(specifier: Option<&str>) -> Self {
        let entry = match specifier {
            Some(specifier) => Entry::Reload(Reload { specifier: specifier.to_owned() }),
            None => Entry::ReloadAll(Done {}),
        };
        Self::entry("reload", entry)
    }

    /// A run without a text of its own.
    fn entry(name: &str, entry: Entry) -> Self {
        let mut chunk = Self::new("").language(Language::JavaScript);
        chunk.name = Some(format!("drupe:{name}"));
        chunk.entry = Some(entry);
        chunk
    }

    /// Names the chunk in stack frames; by default it is `chunk:` and the run's id. White space, quotes and control characters,
    /// which V8 does not take in names, are percent-encoded, and so are the percent signs of an absolute path: it can be decoded again.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(encode_name(name));
        self
    }

    /// Sets the grammar; by default whatever of TSX, TypeScript and JavaScript fits.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Defines a global variable before the chunk runs. It stays defined, and replaces a variable of the same name that an earlier chunk declared. A run
    /// with an input whose name no variable can have fails with [`Error::InputName`](crate::Error::InputName).
    #[must_use]
    pub fn input(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.inputs.push(Input { name: name.into(), value: value.into() });
        self
    }

    /// Whether the run is interrupted when its [`Run`](crate::Run), or the future made of it, is dropped before the run has ended. By default it goes on
    /// unobserved. So `tokio::time::timeout` around a run stops what it gives up; the state of the session is kept.
    #[must_use]
    pub fn stop_on_drop(mut self, stop: bool) -> Self {
        self.stop_on_drop = stop;
        self
    }

    /// The first input whose name no variable can have.
    pub(crate) fn misnamed_input(&self) -> Option<&str> {
        self.inputs.iter().map(|input| &*input.name).find(|name| !is_variable_name(name))
    }

    /// Sets all limits at once; where `limits` says nothing, those that were set before stay.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits.or(self.limits);
        self
    }

    /// Limits the CPU time of each stretch of JavaScript; see [`Limits::vm_timeout`].
    #[must_use]
    pub fn vm_timeout(mut self, limit: Duration) -> Self {
        self.limits.vm_timeout = Some(limit);
        self
    }

    /// Limits the wall time of the run; see [`Limits::wall_timeout`].
    #[must_use]
    pub fn wall_timeout(mut self, limit: Duration) -> Self {
        self.limits.wall_timeout = Some(limit);
        self
    }

    /// See [`Limits::kill_on_timeout`].
    #[must_use]
    pub fn kill_on_timeout(mut self, kill: bool) -> Self {
        self.limits.kill_on_timeout = Some(kill);
        self
    }

    /// Limits the heap while the run is active; see [`Limits::memory`].
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.limits.memory = Some(bytes);
        self
    }

    /// Limits what the run may print; see [`Limits::console`].
    #[must_use]
    pub fn console_limit(mut self, bytes: u64) -> Self {
        self.limits.console = Some(bytes);
        self
    }

    /// Whether the run lasts until no timer of the session is left, as a program does. By default it ends with its value.
    #[must_use]
    pub fn until_idle(mut self, until_idle: bool) -> Self {
        self.until_idle = until_idle;
        self
    }

    /// Whether the run ends, as [`Outcome::Unsettled`](crate::Outcome::Unsettled), when it awaits what nothing in the session is left to bring: no
    /// timer, call or background work. By default it waits until somebody stops it.
    #[must_use]
    pub fn ends_unsettled(mut self, ends_unsettled: bool) -> Self {
        self.ends_unsettled = ends_unsettled;
        self
    }

    /// Whether the result is remembered in `_`, and an uncaught error in `_error`, as REPLs have it. By default not.
    #[must_use]
    pub fn keep_last(mut self, keep_last: bool) -> Self {
        self.keep_last = keep_last;
        self
    }

    /// How many bytes of msgpack the result may take by value; 0 asks for its text only. 64 MiB by default.
    #[must_use]
    pub fn value_limit(mut self, bytes: u64) -> Self {
        self.value_limit = bytes;
        self
    }

    /// Whether [`Event::Result`](crate::Event::Result) has the result as a tree, too, for those who show it in their own way. By
    /// default not.
    #[must_use]
    pub fn preview(mut self, preview: bool) -> Self {
        self.preview = preview;
        self
    }

    /// Whether the result ([`RunResult::handle`](crate::RunResult::handle)) and the arguments of console calls
    /// ([`Console::handles`](crate::Console::handles)) come with handles, for [`Kernel::properties`](crate::Kernel::properties).
    /// What they lead to stays alive for them. By default not.
    #[must_use]
    pub fn handles(mut self, handles: bool) -> Self {
        self.handles = handles;
        self
    }

    /// Whether the result comes with a handle, also where [`handles`](Self::handles) is not wished for. By default not.
    #[must_use]
    pub fn result_handle(mut self, result_handle: bool) -> Self {
        self.result_handle = result_handle;
        self
    }

    /// Whether [`Kernel::replay`](crate::Kernel::replay) runs the chunk again, where the kernel keeps a journal. By default it does.
    #[must_use]
    pub fn journaled(mut self, journaled: bool) -> Self {
        self.journaled = journaled;
        self
    }

    /// Whether objects with a function under `Symbol.for("nodejs.util.inspect.custom")` say themselves how the result and console
    /// arguments are shown, as in Node; so do objects that `%s`, `%d`, `%i` and `%f` ask for a text or a number, and errors whose `message` is
    /// an accessor. **Showing then runs the chunk's code**, under its limits: one that does not end stops the run. By default not; `%j`
    /// asks for JSON all the same.
    #[must_use]
    pub fn inspect_hooks(mut self, inspect_hooks: bool) -> Self {
        self.inspect_hooks = inspect_hooks;
        self
    }

    /// The streams whose console text comes in colours, as Node's console colours values at a terminal. Strings that the program prints stay
    /// as they are. By default none.
    #[must_use]
    pub fn colors(mut self, streams: impl IntoIterator<Item = Stream>) -> Self {
        self.colors = streams.into_iter().collect();
        self
    }

    /// Whether a result with a function under `Symbol.for("Jupyter.display")` is asked what it looks like in other formats
    /// ([`RunResult::bundle`](crate::RunResult::bundle)): the function returns an object from MIME types to contents, or a promise of
    /// one, which the run awaits. **This runs the chunk's code**, under its limits. By default not.
    #[must_use]
    pub fn bundle(mut self, bundle: bool) -> Self {
        self.bundle = bundle;
        self
    }

    /// Limits the run to these of the functions that were [registered](crate::Kernel::register), reserved ones included; the name of a
    /// group stands for all in it. Calling another throws a `PermissionDenied` that names it.
    ///
    /// **A grant ends with its run**: timers, callbacks and promises that a limited run leaves behind may call no function at all. What it
    /// has opened, such as a stream, it may read to its end. A session's preload is part of its first run. Which run calls is decided by
    /// what caused the call; runs share one session, so a function that one run defines and another calls acts for the other. Whoever
    /// needs a boundary between two takes two kernels.
    #[must_use]
    pub fn functions<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.grants.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Lets the run call a function, or the functions of a group, besides those that it may call anyway; for
    /// [reserved](crate::Kernel::register_reserved) ones. The grant ends with the run, as [`functions`](Self::functions) says.
    #[must_use]
    pub fn grant(mut self, name: impl Into<String>) -> Self {
        self.grants.also.push(name.into());
        self
    }

    /// The source text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl<S: Into<String>> From<S> for Chunk {
    fn from(source: S) -> Self {
        Self::new(source)
    }
}

impl Limits {
    /// These limits, and where they say nothing, those of `fallback`.
    pub(crate) fn or(self, fallback: Self) -> Self {
        Self {
            vm_timeout: self.vm_timeout.or(fallback.vm_timeout),
            wall_timeout: self.wall_timeout.or(fallback.wall_timeout),
            kill_on_timeout: self.kill_on_timeout.or(fallback.kill_on_timeout),
            memory: self.memory.or(fallback.memory),
            console: self.console.or(fallback.console),
        }
    }
}

fn encode_name(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let is_path = name.starts_with('/');
    for char in name.chars() {
        if char.is_whitespace() || char.is_control() || matches!(char, '"' | '\'' | '`') || is_path && char == '%' {
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        } else {
            encoded.push(char);
        }
    }
    encoded
}
