//! Hover: the value of a name in the kernel, joined with the user's text where it was declared.

use drupe_protocol::{
    Position, RunId,
    describe::{Member, Sort, Subject},
    event::Location,
};
use drupe_transpile::{Declaration, Options, SessionBindings, Stop, declaration_at, declaration_of};

use crate::{builtin_signatures, signature::read, site::Named, sources::Sources, transpiled::SMALL_SOURCE};

/// Longer sources are not parsed again for an answer.
const MAX_PARSED: usize = 256 << 10;

/// Hover information, as [`Kernel::inspect`](crate::Kernel::inspect) reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// The start of the name in the code, in UTF-16 code units.
    pub start: u32,
    /// The end of the name.
    pub end: u32,
    /// The name or key itself.
    pub name: String,
    /// Whether it is a member of an object: a function is then a method.
    pub is_member: bool,
    /// The kind of the value.
    pub sort: Sort,
    /// `typeof` of a primitive, `function`, `class`, an object's class, `accessor`, `uninitialized`; `interface` or
    /// `type` for a name that is only a type.
    pub type_name: String,
    /// The value on one short line; empty if it was not read.
    pub preview: String,
    /// The number of arguments that a function expects. For built-in functions nothing else is known.
    pub length: Option<u32>,
    /// The path of a function of the language or of the console: `parseInt`, `Reflect.get`, `Map.prototype.get`.
    pub builtin: Option<String>,
    /// Its head as the user wrote it, types included.
    pub signature: Option<String>,
    /// The `/** … */` comment before its declaration, without stars.
    pub doc: Option<String>,
    /// Its source: as the user wrote it, or else as it runs, then cut at 32,768 UTF-16 code units. `None` for native
    /// functions, and for those of the environment.
    pub source: Option<String>,
    /// The place of its declaration, in the user's text.
    pub at: Option<Location>,
    /// The run that declared the name last, if the question was about the name itself.
    pub run: Option<RunId>,
    /// The parameters of a class's constructor, in parentheses.
    pub constructor: Option<String>,
    /// The name of the superclass.
    pub extends: Option<String>,
    /// Methods, accessors and static fields of a class, static ones first.
    pub members: Vec<Member>,
    /// Instance fields of a class as declared, with their types; the members of an interface.
    pub fields: Vec<String>,
    /// The number of `#private` members of a class.
    pub private_members: u32,
    /// The index of the argument at the cursor, from 0, if the question was about a call.
    pub argument: Option<u32>,
}

/// An inspection that still lacks what the user wrote: to be [finished](Self::finish) where it holds nobody up.
#[derive(Debug)]
pub(crate) struct Inspector {
    inspection: Inspection,
    /// Whether it is something that is called.
    called: bool,
    /// Whether it is the environment's, or the engine's.
    is_internal: bool,
    /// Its parameters, where its text says others.
    parameters: Option<String>,
    /// The chunk that may say more, and its name.
    chunk: Option<(String, String)>,
}

/// A name that the kernel does not know: chunks of the session may have declared a type by it.
#[derive(Debug)]
pub(crate) struct TypeInspector {
    name: String,
    /// Their names and texts.
    chunks: Vec<(String, String)>,
}

impl TypeInspector {
    /// Chunks that are looked at.
    const MOST: usize = 8;

    /// `None`: no chunk is known that could have declared it.
    pub(crate) fn new(name: String, sources: &Sources) -> Option<Self> {
        let words = [format!("interface {name}"), format!("type {name}")];
        let may_declare = |source: &str| words.iter().any(|words| source.contains(words)) && source.len() <= MAX_PARSED;
        let chunks = sources.with(&name).filter(|(_, source)| may_declare(source)).take(Self::MOST);
        let chunks: Vec<_> = chunks.map(|(script, source)| (script.to_owned(), source.to_owned())).collect();
        (!chunks.is_empty()).then_some(Self { name, chunks })
    }

    /// Whether it is finished in no time.
    pub(crate) fn is_small(&self) -> bool {
        self.chunks.iter().map(|(_, source)| source.len()).sum::<usize>() <= SMALL_SOURCE
    }

    /// What the newest of them says.
    pub(crate) fn finish(self, stop: Stop) -> Option<Inspection> {
        let mut options = Options::default();
        options.stop = stop;
        self.chunks.into_iter().find_map(|(script, source)| {
            let declaration = declaration_of(&source, &options, &self.name)?;
            let word = declaration.signature.split_whitespace().find(|word| matches!(*word, "interface" | "type"))?;
            let mut inspection = Inspection {
                name: self.name.clone(),
                type_name: word.to_owned(),
                end: u32::try_from(self.name.encode_utf16().count()).unwrap_or(u32::MAX),
                ..Inspection::default()
            };
            inspection.take(declaration, script);
            Some(inspection)
        })
    }
}

/// A parameter that may be left out, as documentation writes it.
fn optional(parameter: &str) -> String {
    match parameter.split_once(" = ") {
        Some((name, "undefined" | "{ __proto__: null }")) => format!("{name}?"),
        _ => parameter.to_owned(),
    }
}

impl Inspector {
    /// What the kernel says of a name, and which of the session's sources may say more.
    pub(crate) fn new(
        named: Named,
        subject: Subject,
        bindings: &SessionBindings,
        sources: &Sources,
        declared_in: Option<&str>,
    ) -> Self {
        let Named { object: _, is_member, name, start, end, argument } = named;
        let run = if is_member { None } else { bindings.run(&name) };
        let Subject { sort, type_name, preview, length, builtin, source, parameters, is_internal, at, extends, members } =
            subject;
        let is_internal = is_internal || source.is_none();
        let inspection = Inspection {
            start,
            end,
            name,
            is_member,
            sort,
            type_name,
            preview,
            length,
            builtin,
            source,
            at,
            run,
            extends,
            members,
            argument,
            ..Inspection::default()
        };
        let called = !matches!(inspection.sort, Sort::Value | Sort::Accessor | Sort::Uninitialized | Sort::Unknown);
        let script = if called { inspection.at.as_ref().map(|at| &*at.script) } else { declared_in.filter(|_| run.is_some()) };
        let text = |script: &str| sources.get(script).filter(|source| source.len() <= MAX_PARSED);
        let chunk = script.and_then(|script| Some((script.to_owned(), text(script)?.to_owned())));
        Self { inspection, called, is_internal, parameters, chunk }
    }

    /// Whether it is finished in no time.
    pub(crate) fn is_small(&self) -> bool {
        let own = self.parameters.as_ref().or(self.inspection.source.as_ref()).map_or(0, String::len);
        self.chunk.as_ref().map_or(own, |(_, source)| source.len().max(own)) <= SMALL_SOURCE
    }

    /// Joins what the kernel says and what the session's sources say.
    pub(crate) fn finish(self, stop: Stop) -> Inspection {
        let Self { mut inspection, called, is_internal, parameters, chunk } = self;
        let mut options = Options::default();
        options.stop = stop;
        if called && is_internal {
            let is_class = inspection.sort == Sort::Class;
            let head = parameters.map(|parameters| {
                if is_class {
                    format!("class {{ constructor({parameters}) {{}} }}")
                } else {
                    format!("function f({parameters}) {{}}")
                }
            });
            inspection.read(head.or_else(|| inspection.source.clone()), &options);
            inspection.tell_head();
            // Nobody edits it.
            inspection.source = None;
        } else if called {
            let place = inspection.at.clone().zip(chunk.as_ref());
            let declaration =
                place.and_then(|(at, (_, source))| Some((declaration_at(source, &options, at.position)?, at.script)));
            match declaration {
                Some((declaration, script)) => inspection.take(declaration, script),
                // The chunk is not kept any more, or never was one: a function's own text still has its parameters.
                None => inspection.read(inspection.source.clone(), &options),
            }
        } else if let Some((script, source)) = chunk
            && let Some(declaration) = declaration_of(&source, &options, &inspection.name)
        {
            inspection.take(declaration, script);
        }
        inspection
    }
}

impl Inspection {
    fn take(&mut self, declaration: Declaration, script: String) {
        self.at = Some(Location::new(script, declaration.position));
        self.source = Some(declaration.source.clone());
        self.describe(declaration);
    }

    fn describe(&mut self, declaration: Declaration) {
        self.signature = Some(declaration.signature);
        self.doc = declaration.doc;
        self.constructor = declaration.constructor;
        self.fields = declaration.fields;
        self.private_members = declaration.private_members;
    }

    /// What belongs to the environment is called by the name that leads to it, and shows nothing of what is inside.
    fn tell_head(&mut self) {
        if self.signature.is_none() && self.sort != Sort::Class {
            let known = self.builtin.as_deref().and_then(builtin_signatures::parameters);
            self.signature = known.map(|parameters| format!("{}({})", self.name, parameters.collect::<Vec<_>>().join(", ")));
            return;
        }
        let told =
            |parameters: Vec<String>| parameters.iter().map(|parameter| optional(parameter)).collect::<Vec<_>>().join(", ");
        if let Some((parameters, _)) = self.signature.as_deref().filter(|_| self.sort != Sort::Class).and_then(read) {
            self.signature = Some(format!("{}({})", self.name, told(parameters)));
        } else if self.sort == Sort::Class {
            self.signature = Some(format!("class {}", self.name));
            self.constructor =
                self.constructor.as_deref().and_then(read).map(|(parameters, _)| format!("({})", told(parameters)));
            (self.fields, self.private_members) = (Vec::new(), 0);
        }
    }

    /// Takes what the text of a function or class says.
    fn read(&mut self, source: Option<String>, options: &Options) {
        let Some(source) = source else { return };
        let wrapped = [(format!("({source})"), 1), (format!("({{{source}}})"), 2)];
        let found =
            wrapped.iter().find_map(|(text, column)| declaration_at(text, options, Position { line: 0, column: *column }));
        if let Some(declaration) = found {
            self.describe(declaration);
        }
    }
}
