//! Node's built-in modules, side by side with the machine's own `node`: `node/*.js` are lists of expressions whose
//! values must print the same in both, errors with their names, codes and messages.
//!
//! A case is a line, and the indented lines after it; lines that begin with `//` are comments. Where the two are meant
//! to differ, `//! differs: why` stands before the case: then they must.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{fs, path::PathBuf};

use crate::common::{TestKernel, node::node};
use drupe_protocol::{
    Event, HostError, Request, Value,
    host::{Answer, HostCall, HostReply},
};

/// What both sides run: a text for each case.
const RUNNER: &str = r"
const inspected = (value) => require('util').inspect(value, { depth: 6, breakLength: 100 });
const told = async (source) => {
  try {
    return inspected(await (0, eval)(`(async () => (${source}\n))()`));
  } catch (error) {
    if (typeof error !== 'object' || error === null) return `threw ${inspected(error)}`;
    return `threw ${error.name} ${error.code}: ${error.message}`;
  }
};
const texts = [];
for (const source of CASES) texts.push(await told(source));
";

struct Case {
    source: String,
    /// Why the kernel says something else than Node.
    differs: Option<String>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases = Vec::<Case>::new();
    let mut differs = None;
    for line in text.lines() {
        if let Some(why) = line.strip_prefix("//! differs: ") {
            differs = Some(why.to_owned());
        } else if line.starts_with(' ') {
            let case = cases.last_mut().unwrap();
            case.source = format!("{}\n{line}", case.source);
        } else if !line.is_empty() && !line.starts_with("//") {
            cases.push(Case { source: line.to_owned(), differs: differs.take() });
        }
    }
    cases
}

fn script(cases: &[Case]) -> String {
    let sources = cases.iter().map(|case| format!("{:?}", Quoted(&case.source))).collect::<Vec<_>>().join(",");
    RUNNER.replace("CASES", &format!("[{sources}]"))
}

/// A string as JavaScript writes it.
struct Quoted<'t>(&'t str);

impl std::fmt::Debug for Quoted<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let escaped = self.0.replace('\\', "\\\\").replace('`', "\\`").replace("${", "\\${");
        write!(out, "`{escaped}`")
    }
}

const SEPARATOR: &str = "\u{1}";

/// What Node says, or `None` where there is none of the version that the lists were written for.
fn theirs(cases: &[Case]) -> Option<Vec<String>> {
    let script = format!("(async () => {{ {} process.stdout.write(texts.join('\\u0001')); }})()", script(cases));
    node("v20.", &["-e", &script], "", SEPARATOR)
}

fn ours(cases: &[Case]) -> Vec<String> {
    let mut kernel = TestKernel::new();
    kernel.start(&format!("{}; texts.join('\\u0001')", script(cases)));
    let mut text = None;
    loop {
        match kernel.event() {
            // Nothing here needs a host: what asks for the environment does without.
            Event::HostCall(HostCall { call, op, .. }) => {
                let answer = Answer::Error(HostError::new("Error", format!("no {op} here")));
                kernel.send_request(&Request::HostReply(HostReply { call, answer }));
            }
            Event::Result(result) => text = result.value,
            Event::Outcome(_) => break,
            _ => {}
        }
    }
    let Some(Value::String(text)) = text else { panic!("no texts: {text:#?}") };
    text.split(SEPARATOR).map(str::to_owned).collect()
}

/// Compares a list, and says how many of its cases agree.
fn compare(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/node/{name}.js"));
    let cases = cases(&fs::read_to_string(path).unwrap());
    let Some(expected) = theirs(&cases) else { return };
    let ours = ours(&cases);
    assert_eq!((ours.len(), expected.len()), (cases.len(), cases.len()));
    let mut wrong = Vec::new();
    for ((case, ours), expected) in cases.iter().zip(&ours).zip(&expected) {
        let Case { source, differs } = case;
        match (differs, ours == expected) {
            (None, false) => wrong.push(format!("{source}\n--- node\n{expected}\n--- drupe\n{ours}")),
            (Some(why), true) => wrong.push(format!("{source}\nis the same now, but was said to differ: {why}")),
            _ => {}
        }
    }
    eprintln!("{name}: {} of {} cases", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

macro_rules! compared {
    ($($name:ident)*) => { $(#[test] fn $name() { compare(stringify!($name)); })* };
}

compared!(assert async_hooks buffer crypto events modules path stream text threads timers url util zlib);
