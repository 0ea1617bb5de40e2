//! What a run asks of the loader: the static imports of its chunk, and what it does in place of a chunk.

use std::cell::RefCell;

use drupe_protocol::{
    Value,
    module::{Entry, StaticImport, Usage},
};

use crate::{
    isolate::{
        native::{Args, Return, throw_error},
        realm::Realm,
    },
    values::from_wire,
};

/// The script of a run that does something in place of a chunk.
pub(crate) const ENTRY: &str = "void await import('drupe:entry')";

/// What the script of the active run may ask for. **Each only once**: after that its specifier names nothing, so that user code, which
/// may write it too, finds no module.
#[derive(Debug, Default)]
struct Requested {
    imports: Vec<Option<StaticImport>>,
    entry: Option<Entry>,
}

/// The script that is evaluated next asks for these.
pub(crate) fn expect(realm: &Realm, imports: Vec<StaticImport>, entry: Option<Entry>) {
    let imports = imports.into_iter().map(Some).collect();
    *realm.state::<RefCell<Requested>>().borrow_mut() = Requested { imports, entry };
}

impl Requested {
    /// What a specifier asks for: the name of a function of the loader, and what it is called with.
    fn take(&mut self, specifier: &str) -> Option<Vec<Value>> {
        if specifier == "drupe:entry" {
            return self.entry.take().map(entry);
        }
        let index = specifier.strip_prefix("drupe:import:")?.parse::<usize>().ok()?;
        let count = self.imports.len();
        let import = self.imports.get_mut(index)?.take()?;
        let mut call = import_call(import);
        call.extend([Value::Bool(index == 0), Value::Bool(index + 1 == count)]);
        Some(call)
    }
}

fn import_call(import: StaticImport) -> Vec<Value> {
    let StaticImport { specifier, kind, names, declared } = import;
    let names = names.into_iter().map(|name| {
        let usage = match name.usage {
            Usage::Value | Usage::Unknown => "value",
            Usage::Type => "type",
            Usage::Unused => "unused",
        };
        let (line, column) = name.at.map_or((Value::Null, Value::Null), |at| (at.line.into(), at.column.into()));
        Value::Array(vec![name.local.into(), name.export.into(), usage.into(), line, column])
    });
    let names = Value::Array(names.collect());
    vec!["bind".into(), specifier.into(), kind.map_or(Value::Null, Value::from), names, Value::Bool(declared)]
}

fn entry(entry: Entry) -> Vec<Value> {
    match entry {
        Entry::Main(main) => {
            let args = main.args.into_iter().map(Value::from).collect();
            vec!["main".into(), main.specifier.into(), Value::Array(args)]
        }
        Entry::Check(check) => vec!["check".into(), check.specifier.into()],
        Entry::Reload(reload) => vec!["reload".into(), reload.specifier.into()],
        Entry::ReloadAll(_) => vec!["reload".into(), Value::Null],
        Entry::Unknown(name) => vec!["unknown".into(), name.into()],
    }
}

/// `takeRequest(specifier)`: what the active run's script asks for by it. `undefined`: it asks for nothing, or has done so before.
pub(super) fn take<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let specifier = args.get(0).to_rust_string_lossy(scope);
    let taken = Realm::of(scope).state::<RefCell<Requested>>().borrow_mut().take(&specifier);
    let Some(call) = taken else { return };
    match from_wire(scope, Value::Array(call)) {
        Some(call) => result.set(call),
        None => throw_error(scope, "the request is longer than V8 can hold"),
    }
}
