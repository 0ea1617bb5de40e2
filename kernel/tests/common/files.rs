//! A host that has modules in a table, and answers as the real one does.

use std::collections::{HashMap, VecDeque};

use drupe_protocol::{
    Event, HostError, Request, Value,
    event::Done,
    host::{Answer, Answered, HostCall, HostReply},
    module::{Entry, ImportedName, StaticImport},
    request::Run,
};

use super::{Log, TestKernel};

/// Modules by their absolute paths.
#[derive(Default)]
pub struct Files {
    files: HashMap<String, File>,
    streams: HashMap<u64, VecDeque<Value>>,
    /// The operations that were asked for, with their first arguments.
    pub asked: Vec<String>,
}

struct File {
    format: String,
    source: Value,
    imports: Vec<(String, Option<String>)>,
    exports: Vec<String>,
    map: Option<Vec<u32>>,
}

impl Files {
    /// A file. What it imports is said here: `specifier`, or `specifier#type`.
    pub fn add(&mut self, path: &str, format: &str, source: impl Into<Value>, imports: &[&str]) -> &mut Self {
        let imports = imports.iter().map(|import| match import.split_once('#') {
            Some((specifier, kind)) => (specifier.to_owned(), Some(kind.to_owned())),
            None => ((*import).to_owned(), None),
        });
        let file =
            File { format: format.to_owned(), source: source.into(), imports: imports.collect(), exports: Vec::new(), map: None };
        self.files.insert(path.to_owned(), file);
        self
    }

    /// An ES module.
    pub fn esm(&mut self, path: &str, source: &str, imports: &[&str]) -> &mut Self {
        self.add(path, "module", source, imports)
    }

    /// A CommonJS module, and the names that it exports.
    pub fn cjs(&mut self, path: &str, source: &str, exports: &[&str]) -> &mut Self {
        self.add(path, "commonjs", source, &[]);
        self.files.get_mut(path).unwrap().exports = exports.iter().map(ToString::to_string).collect();
        self
    }

    pub fn map(&mut self, path: &str, segments: &[u32]) {
        self.files.get_mut(path).unwrap().map = Some(segments.to_vec());
    }

    /// Runs `code`, and answers its calls.
    pub fn run(&mut self, kernel: &mut TestKernel, code: &str) -> Log {
        kernel.start(code);
        self.serve(kernel)
    }

    /// Runs what is no chunk.
    pub fn enter(&mut self, kernel: &mut TestKernel, entry: Entry) -> Log {
        let run = Run { entry: Some(entry), ..kernel.request("") };
        kernel.send(run);
        self.serve(kernel)
    }

    /// Runs a chunk of one static import; `names` are pairs of a local name and an export.
    pub fn import(&mut self, kernel: &mut TestKernel, specifier: &str, names: &[(&str, &str)]) -> Log {
        self.import_by(kernel, "void await import('drupe:import:0')", &[(specifier, names)])
    }

    /// As [`Self::import`], of several imports, which `code` makes.
    pub fn import_by(&mut self, kernel: &mut TestKernel, code: &str, imports: &[(&str, &[(&str, &str)])]) -> Log {
        let run = importing(kernel.request(code), imports);
        kernel.send(run);
        self.serve(kernel)
    }

    /// The text of the value of `code`.
    pub fn text(&mut self, kernel: &mut TestKernel, code: &str) -> String {
        let log = self.run(kernel, code);
        log.text().unwrap_or_else(|| panic!("{code}: no value: {log:?}"))
    }

    /// Answers calls until a run is over.
    pub fn serve(&mut self, kernel: &mut TestKernel) -> Log {
        let mut events = Vec::new();
        loop {
            match self.serve_one(kernel) {
                Some(Event::Outcome(outcome)) => return Log { events, outcome },
                event => events.extend(event),
            }
        }
    }

    /// Answers calls until something is printed.
    pub fn serve_until_printed(&mut self, kernel: &mut TestKernel) {
        while !matches!(self.serve_one(kernel), Some(Event::Console(_))) {}
    }

    /// The next event, if it is not a call, which is answered.
    fn serve_one(&mut self, kernel: &mut TestKernel) -> Option<Event> {
        match kernel.event() {
            Event::HostCall(call) => {
                let answer = self.answer(&call);
                reply(kernel, call.call, answer);
                None
            }
            Event::HostNext(next) => {
                let item = self.streams.get_mut(&next.call).and_then(VecDeque::pop_front);
                let answer = item.map_or(Answer::End(Done {}), |value| Answer::Item(Answered { value }));
                reply(kernel, next.call, answer);
                None
            }
            event => Some(event),
        }
    }

    fn answer(&mut self, call: &HostCall) -> Answer {
        let text = |index: usize| match call.args.get(index) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let Some(specifier) = text(0) else {
            return Answer::Error(HostError::new("Error", format!("this host answers no {:?}", call.op)));
        };
        self.asked.push(format!("{} {specifier}", call.op));
        let url = match self.resolve(&specifier, text(1).as_deref()) {
            Ok(url) => url,
            Err(error) => return Answer::Error(error),
        };
        match &*call.op {
            "module.resolve" => Answer::Value(Answered { value: url.into() }),
            "module.require" => Answer::Value(Answered { value: self.item(&url, None) }),
            "module.graph" => {
                let kind = match call.args.get(2) {
                    Some(Value::Object(entries)) => match &entries[0].1 {
                        Value::String(kind) => Some(kind.clone()),
                        _ => None,
                    },
                    _ => None,
                };
                let known = match call.args.get(3) {
                    Some(Value::Set(known)) => known.clone(),
                    other => panic!("{other:?}"),
                };
                let mut items = VecDeque::new();
                if kind.is_none() && known.contains(&Value::from(&*url)) {
                    items.push_back(Value::Object(vec![("url".into(), url.into()), ("known".into(), true.into())]));
                } else if let Err(error) = self.graph(&url, kind, &known, &mut items) {
                    return Answer::Error(error);
                }
                self.streams.insert(call.call, items);
                Answer::Stream(Done {})
            }
            other => Answer::Error(HostError::new("Error", format!("no operation {other}"))),
        }
    }

    fn resolve(&self, specifier: &str, referrer: Option<&str>) -> Result<String, HostError> {
        if specifier.starts_with("node:") || specifier.starts_with("file:") {
            return Ok(specifier.to_owned());
        }
        let folder = referrer.map_or("/app", |url| url.strip_prefix("file://").unwrap().rsplit_once('/').unwrap().0);
        let path = if specifier.starts_with("./") || specifier.starts_with("../") {
            joined(folder, specifier)
        } else {
            format!("/app/node_modules/{specifier}/index.js")
        };
        for candidate in [path.clone(), format!("{path}.js"), format!("{path}.json")] {
            if self.files.contains_key(&candidate) {
                return Ok(format!("file://{candidate}"));
            }
        }
        let error = HostError::new("Error", format!("Cannot find module '{specifier}'; searched {path}"));
        Err(error.with_code("ERR_MODULE_NOT_FOUND"))
    }

    fn graph(&self, url: &str, kind: Option<String>, known: &[Value], items: &mut VecDeque<Value>) -> Result<(), HostError> {
        let mut queue = VecDeque::from([(url.to_owned(), kind)]);
        let mut seen = Vec::new();
        while let Some((url, kind)) = queue.pop_front() {
            if seen.contains(&(url.clone(), kind.clone())) || (kind.is_none() && known.contains(&Value::from(&*url))) {
                continue;
            }
            seen.push((url.clone(), kind.clone()));
            items.push_back(self.item(&url, kind.as_deref()));
            if let Some(file) = self.files.get(url.trim_start_matches("file://")) {
                for (specifier, kind) in &file.imports {
                    queue.push_back((self.resolve(specifier, Some(&url))?, kind.clone()));
                }
            }
        }
        Ok(())
    }

    fn item(&self, url: &str, kind: Option<&str>) -> Value {
        if url.starts_with("node:") {
            return Value::Object(vec![("url".into(), url.into()), ("format".into(), "builtin".into())]);
        }
        let path = url.strip_prefix("file://").unwrap();
        let file = &self.files[path];
        let edge = |(specifier, kind): &(String, Option<String>)| {
            let url = self.resolve(specifier, Some(url)).unwrap_or_default();
            let kind = kind.as_deref().map_or(Value::Null, Value::from);
            Value::Array(vec![specifier.as_str().into(), kind, url.into()])
        };
        let mut entries: Vec<(String, Value)> = vec![
            ("url".into(), url.into()),
            ("format".into(), kind.unwrap_or(&file.format).into()),
            ("source".into(), file.source.clone()),
            ("imports".into(), Value::Array(file.imports.iter().map(edge).collect())),
            ("filename".into(), path.into()),
            ("dirname".into(), path.rsplit_once('/').unwrap().0.into()),
        ];
        if file.format == "commonjs" {
            entries.push(("exports".into(), Value::Array(file.exports.iter().map(|name| name.as_str().into()).collect())));
        }
        if let Some(map) = &file.map {
            let bytes: Vec<_> = map.iter().flat_map(|number| number.to_le_bytes()).collect();
            entries.push(("source_map".into(), Value::TypedArray(drupe_protocol::value::TypedArrayKind::Uint32, bytes.into())));
        }
        Value::Object(entries)
    }
}

fn joined(folder: &str, path: &str) -> String {
    let mut names: Vec<&str> = folder.split('/').collect();
    for name in path.split('/').filter(|name| *name != ".") {
        if name == ".." {
            names.pop();
        } else {
            names.push(name);
        }
    }
    names.join("/")
}

fn reply(kernel: &mut TestKernel, call: u64, answer: Answer) {
    kernel.send_request(&Request::HostReply(HostReply { call, answer }));
}

/// `run` with static imports.
pub fn importing(run: Run, imports: &[(&str, &[(&str, &str)])]) -> Run {
    let name =
        |&(local, export): &(&str, &str)| ImportedName { local: local.into(), export: export.into(), ..ImportedName::default() };
    let import = |&(specifier, names): &(&str, &[(&str, &str)])| {
        let names = names.iter().map(name).collect();
        StaticImport { specifier: specifier.to_owned(), names, ..StaticImport::default() }
    };
    Run { imports: imports.iter().map(import).collect(), ..run }
}
