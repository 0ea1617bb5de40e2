//! What a name in the user's code is: what the kernel sees of it, and what the user wrote where it was declared.

use drupe_protocol::{
    Position, RunId,
    describe::{Member, Sort, Subject},
    event::Location,
};
use drupe_transpile::{Declaration, Options, SessionBindings, declaration_at, declaration_of};

use crate::sources::Sources;

/// Longer sources are not parsed again for an answer.
const MAX_PARSED: usize = 256 << 10;

/// What [`Kernel::inspect`](crate::Kernel::inspect) tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// Where the name begins in the code, in UTF-16 code units.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The name or key itself.
    pub name: String,
    /// Whether it was reached as a member of something: a function is then a method.
    pub is_member: bool,
    /// What sort of thing it is.
    pub sort: Sort,
    /// `typeof` of a primitive, `function`, `class`, an object's class, `accessor`, `uninitialized`.
    pub type_name: String,
    /// The value on one line, short; empty for what was not looked at.
    pub preview: String,
    /// How many arguments a function expects: all that is known of those of built-in functions.
    pub length: Option<u32>,
    /// Its head as the user wrote it, types included.
    pub signature: Option<String>,
    /// The `/** … */` comment before its declaration, without stars.
    pub doc: Option<String>,
    /// Its text: as the user wrote it, or else as it runs, then cut at 32,768 UTF-16 code units. Absent for what is not JavaScript.
    pub source: Option<String>,
    /// Where it was declared, in what the user wrote.
    pub at: Option<Location>,
    /// The run that declared the name last, if the name itself is what was asked about.
    pub run: Option<RunId>,
    /// The parameters of a class's constructor, in parentheses.
    pub constructor: Option<String>,
    /// The name of what a class extends.
    pub extends: Option<String>,
    /// Methods, accessors and static fields of a class, static ones first.
    pub members: Vec<Member>,
    /// Instance fields of a class as declared, with their types.
    pub fields: Vec<String>,
    /// How many `#private` members a class has.
    pub private_members: u32,
}

impl Inspection {
    /// Joins what the kernel says and what the session's sources say.
    pub(crate) fn new(subject: Subject, bindings: &SessionBindings, sources: &Sources, declared_in: Option<&str>) -> Self {
        let run = if subject.is_member { None } else { bindings.run(&subject.name) };
        let Subject { start, end, name, is_member, sort, type_name, preview, length, source, at, extends, members } = subject;
        let seen = Self {
            start,
            end,
            name,
            is_member,
            sort,
            type_name,
            preview,
            length,
            source,
            at,
            extends,
            members,
            ..Self::default()
        };
        let mut inspection = Self { run, ..seen };
        let options = Options::default();
        let text = |script: &str| sources.get(script).filter(|source| source.len() <= MAX_PARSED);
        let called = !matches!(inspection.sort, Sort::Value | Sort::Accessor | Sort::Uninitialized);
        if called && let Some(at) = inspection.at.clone() {
            if let Some(declaration) = text(&at.script).and_then(|source| declaration_at(source, &options, at.position)) {
                let script = at.script;
                inspection.take(declaration, script);
            } else {
                inspection.read_own_text(&options);
            }
        } else if !called
            && run.is_some()
            && let Some(script) = declared_in
            && let Some(declaration) = text(script).and_then(|source| declaration_of(source, &options, &inspection.name))
        {
            inspection.take(declaration, script.to_owned());
        }
        inspection
    }

    fn take(&mut self, declaration: Declaration, script: String) {
        self.at = Some(Location { script, position: declaration.position });
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

    /// The chunk is not kept any more, or never was one: a function's own text still has its parameters.
    fn read_own_text(&mut self, options: &Options) {
        let Some(source) = &self.source else { return };
        let wrapped = [(format!("({source})"), 1), (format!("({{{source}}})"), 2)];
        let found =
            wrapped.iter().find_map(|(text, column)| declaration_at(text, options, Position { line: 0, column: *column }));
        if let Some(declaration) = found {
            self.describe(declaration);
        }
    }
}
