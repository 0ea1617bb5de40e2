//! A chunk to run: source, name, inputs and limits.

use std::time::Duration;

use drupe_protocol::{
    Value,
    event::Done,
    module::{Check, Entry, Main, Reload},
    output::Stream,
    request::Input,
    value::{ConvertError, to_value},
};
use drupe_transpile::{Language, is_variable_name};
use serde::Serialize;

use crate::{Error, Limits, grants::Grants, script_name::encode_name};

/// By-value results up to this many bytes of msgpack come back as a [`Value`], unless a chunk says otherwise: 64 MiB
/// and a little.
const VALUE_LIMIT: u64 = (64 << 20) + (1 << 16);

/// A source text to execute, with its settings.
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
    /// The first input that has no value, and the reason.
    unsent_input: Option<(String, ConvertError)>,
    pub(crate) limits: Limits,
    pub(crate) until_idle: bool,
    pub(crate) ends_unsettled: bool,
    pub(crate) beside: bool,
    pub(crate) brace_is_block: bool,
    pub(crate) keep_last: bool,
    pub(crate) value_limit: u64,
    pub(crate) preview: bool,
    pub(crate) depth: Option<u32>,
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

impl Chunk {
    /// A chunk in TypeScript, TSX or JavaScript.
    pub fn new(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            entry: None,
            name: None,
            language: Language::default(),
            inputs: Vec::new(),
            unsent_input: None,
            limits: Limits::default(),
            until_idle: false,
            ends_unsettled: false,
            beside: false,
            brace_is_block: false,
            keep_last: false,
            value_limit: VALUE_LIMIT,
            preview: false,
            depth: None,
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

    /// A program: the main module `specifier` (`import.meta.main`, `require.main`), ES module or CommonJS, given by its
    /// URL or as an import specifier. `args` follow the names of the program in `process.argv`.
    #[must_use]
    pub fn program(specifier: &str, args: &[String]) -> Self {
        Self::entry("main", Entry::Main(Main { specifier: specifier.to_owned(), args: args.to_owned() }))
    }

    /// Checks the syntax of the module that `specifier` names. The module is compiled, but not run, and its imports are
    /// not resolved.
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

    /// Names the chunk in stack frames; by default it is `chunk:` and the run's id. White space, quotes and control
    /// characters, which V8 does not accept in names, are percent-encoded, and so are the percent signs of an absolute
    /// path, so that it can be decoded again.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(encode_name(name));
        self
    }

    /// Sets the grammar; by default the first of TSX, TypeScript and JavaScript that fits.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Defines a global variable before the chunk runs. It stays defined, and replaces a variable of the same name that
    /// an earlier chunk declared. `data` is of any type that serde serializes; [`to_value`] lists the values.
    ///
    /// If the name is not valid for a variable, the run fails with [`Error::InputName`]. If `data` has no value, it
    /// fails with [`Error::InputValue`].
    ///
    /// ```
    /// # use drupe_client::Chunk;
    /// #[derive(serde::Serialize)]
    /// struct Row {
    ///     id: u32,
    /// }
    ///
    /// let rows = vec![Row { id: 1 }, Row { id: 2 }];
    /// let chunk = Chunk::new("rows.map(row => row.id)").input("rows", &rows);
    /// ```
    #[must_use]
    pub fn input(mut self, name: impl Into<String>, data: impl Serialize) -> Self {
        match to_value(&data) {
            Ok(value) => self.input_value(name, value),
            Err(error) => {
                self.unsent_input.get_or_insert((name.into(), error));
                self
            }
        }
    }

    /// Defines a global variable as [`input`](Self::input) does. The value is moved: a large one is not copied. If
    /// [`check`](Value::check) refuses it, the run fails with [`Error::InputValue`].
    #[must_use]
    pub fn input_value(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.inputs.push(Input { name: name.into(), value: value.into() });
        self
    }

    /// Sets whether the run is interrupted when its [`Run`](crate::Run), or the future made of it, is dropped before
    /// the run has ended. So `tokio::time::timeout` around a run stops a run that it gives up; the state of the session
    /// is kept. The default is false: the run goes on unobserved.
    #[must_use]
    pub fn stop_on_drop(mut self, stop: bool) -> Self {
        self.stop_on_drop = stop;
        self
    }

    /// The reason why the inputs cannot be sent.
    pub(crate) fn input_error(&self) -> Option<Error> {
        let names = self.inputs.iter().map(|input| &input.name).chain(self.unsent_input.iter().map(|(name, _)| name));
        if let Some(name) = names.into_iter().find(|name| !is_variable_name(name)) {
            return Some(Error::InputName(name.clone()));
        }
        let wrong = |input: &Input| input.value.check().err().map(|error| (input.name.clone(), error));
        let wrong = self.unsent_input.clone().or_else(|| self.inputs.iter().find_map(wrong));
        wrong.map(|(name, error)| Error::InputValue { name, error })
    }

    /// Sets all limits at once. Fields that are `None` leave the earlier setting.
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

    /// Limits the console output of the run; see [`Limits::console`].
    #[must_use]
    pub fn console_limit(mut self, bytes: u64) -> Self {
        self.limits.console = Some(bytes);
        self
    }

    /// Sets whether the run lasts until no timer of the session is left, as a program does. By default it ends with its
    /// value.
    #[must_use]
    pub fn until_idle(mut self, until_idle: bool) -> Self {
        self.until_idle = until_idle;
        self
    }

    /// Sets whether the run ends, as [`Outcome::Unsettled`](crate::Outcome::Unsettled), when it awaits a promise that
    /// nothing in the session can settle any more: no timer, call or background work is left. By default it waits until
    /// it is stopped.
    #[must_use]
    pub fn ends_unsettled(mut self, ends_unsettled: bool) -> Self {
        self.ends_unsettled = ends_unsettled;
        self
    }

    /// Whether the run may begin while an earlier run of this kind awaits: their JavaScript takes turns, at each
    /// `await`. An interrupt without a run's name stops all of them. A run [until the session is
    /// idle](Self::until_idle), or with a [memory limit](Self::memory_limit) of its own, is beside none.
    #[must_use]
    pub fn beside(mut self, beside: bool) -> Self {
        self.beside = beside;
        self
    }

    /// Sets whether `{` at the beginning opens a block in any case, as in a script. By default text that begins with it
    /// is an object if it can be one, as in REPLs.
    #[must_use]
    pub fn brace_is_block(mut self, brace_is_block: bool) -> Self {
        self.brace_is_block = brace_is_block;
        self
    }

    /// Sets whether the result is stored in `_`, and an uncaught error in `_error`, as in REPLs. The default is false.
    #[must_use]
    pub fn keep_last(mut self, keep_last: bool) -> Self {
        self.keep_last = keep_last;
        self
    }

    /// Sets whether [`Kernel::replay`](crate::Kernel::replay) runs the chunk again, if the kernel keeps a journal. The
    /// default is true.
    #[must_use]
    pub fn journaled(mut self, journaled: bool) -> Self {
        self.journaled = journaled;
        self
    }

    /// Limits the run to these of the functions that were [registered](crate::Kernel::register), reserved ones
    /// included. The name of a group stands for all functions in it. A call of another function throws a
    /// `PermissionDenied` that names it.
    ///
    /// **A grant ends with its run**: timers, callbacks and promises that a limited run leaves behind may call no
    /// function at all. A stream, or something else that the run has opened, may be read to its end. A session's
    /// preload is part of its first run. The run that caused a call decides. Runs share one session, so a function that
    /// one run defines and another calls acts for the other. If two runs need a boundary between them, use two kernels.
    #[must_use]
    pub fn functions<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.grants.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Lets the run call a function, or the functions of a group, in addition to those that it may call anyway; for
    /// [reserved](crate::Kernel::register_reserved) functions. The grant ends with the run, as described for
    /// [`functions`](Self::functions).
    #[must_use]
    pub fn grant(mut self, name: impl Into<String>) -> Self {
        self.grants.also.push(name.into());
        self
    }

    /// The beginning of what it runs: of the source text, or the name of a module; `most` bytes at most.
    pub(crate) fn head(&self, most: usize) -> &str {
        let text = match &self.entry {
            Some(
                Entry::Main(Main { specifier, .. }) | Entry::Check(Check { specifier }) | Entry::Reload(Reload { specifier }),
            ) => specifier,
            Some(Entry::ReloadAll(_) | Entry::Unknown(_)) | None => &self.source,
        };
        &text[..text.floor_char_boundary(most)]
    }

    /// About how many bytes it takes to keep it.
    pub(crate) fn weight(&self) -> usize {
        let args = match &self.entry {
            Some(Entry::Main(main)) => main.args.iter().map(|arg| arg.len() + size_of::<String>()).sum(),
            _ => 0,
        };
        size_of::<Self>() + self.source.len() + self.head(usize::MAX).len() + args
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
