//! What a run asks of the loader: the static imports of its chunk, and what it does in place of a chunk.

use std::cell::RefCell;

use drupe_protocol::{
    RunId, Value,
    module::{Entry, StaticImport, Usage},
};

use crate::{
    isolate::realm::{Realm, current_run},
    stacks::frames,
    values::from_wire,
};

/// The script of a run that does something in place of a chunk.
pub(crate) const ENTRY: &str = "void await import('drupe:entry')";

/// What the script of a run may ask for.
///
/// **Only that script gets it, within its run, and each only once.** Elsewhere its specifier names nothing, so that
/// user code, which may write it too, finds no module: neither a module that the script imports, nor what an earlier
/// run has left behind.
#[derive(Debug)]
struct Requested {
    run: RunId,
    script: String,
    /// The script's number. It asks for the first before any user code can run.
    script_id: Option<usize>,
    imports: Vec<Option<StaticImport>>,
    entry: Option<Entry>,
}

/// `script`, which is evaluated next, asks for these within `run`.
pub(crate) fn expect(realm: &Realm, run: RunId, script: &str, imports: Vec<StaticImport>, entry: Option<Entry>) {
    let imports = imports.into_iter().map(Some).collect();
    let requested = Requested { run, script: script.to_owned(), script_id: None, imports, entry };
    forget(realm, run);
    realm.state::<RefCell<Vec<Requested>>>().borrow_mut().push(requested);
}

/// A run has ended: it may ask for nothing any more.
pub(crate) fn forget(realm: &Realm, run: RunId) {
    realm.state::<RefCell<Vec<Requested>>>().borrow_mut().retain(|requested| requested.run != run);
}

impl Requested {
    /// What a specifier asks for: the name of a function of the loader, and what it is called with.
    fn take(&mut self, specifier: &str, script: usize) -> Option<Vec<Value>> {
        if *self.script_id.get_or_insert(script) != script {
            return None;
        }
        if specifier == "drupe:entry" {
            return self.entry.take().map(entry);
        }
        let index = specifier.strip_prefix("drupe:import:")?.parse::<usize>().ok()?;
        let count = self.imports.len();
        let import = self.imports.get_mut(index)?.take()?;
        let mut call = import_call(import);
        call.extend([Value::Bool(index == 0), Value::Bool(index + 1 == count), self.script.as_str().into()]);
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

/// What the script that is executing asks for by `specifier`, as an array. `None`: it asks for nothing, or has done so
/// before.
pub(super) fn take<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    specifier: v8::Local<'s, v8::String>,
) -> Option<v8::Local<'s, v8::Value>> {
    let specifier = specifier.to_rust_string_lossy(scope);
    if !specifier.starts_with("drupe:") {
        return None;
    }
    let requested = Realm::of(scope).state::<RefCell<Vec<Requested>>>();
    let run = current_run(scope)?;
    let trace = v8::StackTrace::current_stack_trace(scope, 1)?;
    let script = frames::frame(scope, trace, 0)?.get_script_id();
    let call = requested.borrow_mut().iter_mut().find(|requested| requested.run == run)?.take(&specifier, script);
    from_wire(scope, Value::Array(call?))
}
