//! Checks that `protocol/WIRE.md` has a row for every operation that the host answers, and no other row.
//!
//! A service finds its operation by a `match` on the field `op` of a call, or compares that field with a string. Both
//! are read from the syntax tree; tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};

use super::{TidyError, Violation, output, read};

const REFERENCE: &str = "protocol/WIRE.md";
const SOURCES: &str = "crates/base/host/src";

/// The heading of the section that has the rows, without its number.
const HEADING: &str = "Operations of the host";

/// The cells of a row: operations, arguments, answer, permission, errors.
const CELLS: usize = 5;

/// The services, each with the files that dispatch its operations.
const SERVICES: &[(&str, &[&str])] = &[
    ("dialogs", &["crates/base/host/src/dialogs.rs"]),
    ("env", &["crates/base/host/src/env/mod.rs"]),
    ("fs", &["crates/base/host/src/fs/mod.rs"]),
    ("module", &["crates/base/host/src/modules/mod.rs"]),
    ("net", &["crates/base/host/src/net/service.rs"]),
    ("process", &["crates/base/host/src/process/mod.rs"]),
    ("signals", &["crates/base/host/src/signals.rs"]),
    ("stdio", &["crates/base/host/src/stdio/mod.rs", "crates/base/host/src/typed_input.rs"]),
];

/// The functions of embedders have names of their own, so the document has one row for all of them.
const FUNCTIONS: &str = "fn.";

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let listed = output(root, "git", &["ls-files", "--cached", "--others", "--exclude-standard", SOURCES])?;
    let mut found = Found::default();
    for path in listed.lines().filter(|path| path.ends_with(".rs") && root.join(path).is_file()) {
        let parsed = syn::parse_file(&read(root, path)?);
        let file = parsed.map_err(|source| TidyError::Parse { path: root.join(path), source })?;
        found.read(path, &file);
    }
    Ok(violations(&found, &read(root, REFERENCE)?))
}

/// What the sources of the host dispatch.
#[derive(Default)]
struct Found {
    /// Operations with the file that dispatches them.
    operations: BTreeMap<String, String>,
    /// Services that are registered, with the file that does it.
    services: BTreeMap<String, String>,
    /// Files that dispatch operations of a service that is not in [`SERVICES`].
    strangers: BTreeSet<String>,
}

impl Found {
    fn read(&mut self, path: &str, file: &syn::File) {
        let mut finder = Finder::default();
        finder.visit_file(file);
        self.services.extend(finder.services.into_iter().map(|name| (name, path.to_owned())));
        if finder.operations.is_empty() {
            return;
        }
        let Some((service, _)) = SERVICES.iter().find(|(_, files)| files.contains(&path)) else {
            self.strangers.insert(path.to_owned());
            return;
        };
        let names = finder.operations.into_iter().map(|operation| (format!("{service}.{operation}"), path.to_owned()));
        self.operations.extend(names);
    }
}

/// Collects the operations and services that a file names.
#[derive(Default)]
struct Finder {
    operations: BTreeSet<String>,
    services: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        if names_op(&expression.expr) {
            expression.arms.iter().for_each(|arm| self.operations.extend(strings(|strings| strings.visit_pat(&arm.pat))));
        }
        visit::visit_expr_match(self, expression);
    }

    fn visit_expr_binary(&mut self, expression: &'ast syn::ExprBinary) {
        if matches!(expression.op, syn::BinOp::Eq(_)) && (names_op(&expression.left) || names_op(&expression.right)) {
            self.operations.extend(strings(|strings| strings.visit_expr_binary(expression)));
        }
        visit::visit_expr_binary(self, expression);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "service"
            && let Some(name) = call.args.first()
        {
            self.services.extend(strings(|strings| strings.visit_expr(name)));
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    let is_cfg_test = |attribute: &syn::Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == "test")
    };
    attributes.iter().any(is_cfg_test)
}

/// Whether an expression reads the field `op`.
fn names_op(expression: &syn::Expr) -> bool {
    struct Fields(bool);
    impl Visit<'_> for Fields {
        fn visit_expr_field(&mut self, field: &syn::ExprField) {
            self.0 |= matches!(&field.member, syn::Member::Named(name) if name == "op");
            visit::visit_expr_field(self, field);
        }
    }
    let mut fields = Fields(false);
    fields.visit_expr(expression);
    fields.0
}

#[derive(Default)]
struct Strings(Vec<String>);

impl Visit<'_> for Strings {
    fn visit_lit_str(&mut self, literal: &syn::LitStr) {
        self.0.push(literal.value());
    }
}

/// The strings in what is visited.
fn strings(visit: impl FnOnce(&mut Strings)) -> Vec<String> {
    let mut strings = Strings::default();
    visit(&mut strings);
    strings.0
}

/// A row of the document: its operations, and its cells.
struct Row<'a> {
    operations: Vec<&'a str>,
    cells: Vec<&'a str>,
}

/// The rows of the section's tables that begin with an operation in backticks.
fn rows(reference: &str) -> Vec<Row<'_>> {
    let section = reference.split("\n## ").find(|section| section.lines().next().is_some_and(|line| line.ends_with(HEADING)));
    let lines = section.unwrap_or_default().lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = lines.map(|line| {
        let cells = line.split(" | ").map(str::trim).collect::<Vec<_>>();
        let named = cells[0].split('`').skip(1).step_by(2).filter(|name| name.contains('.')).collect();
        Row { operations: named, cells }
    });
    rows.filter(|row| !row.operations.is_empty()).collect()
}

fn violations(found: &Found, reference: &str) -> Vec<Violation> {
    let (rows, mut violations) = (rows(reference), Vec::new());
    let mut add = |wrong: String, remedy: &str| violations.push(Violation::new(wrong, remedy));
    let documented = rows.iter().flat_map(|row| row.operations.iter().copied()).collect::<BTreeSet<_>>();
    for (operation, path) in found.operations.iter().filter(|(operation, _)| !documented.contains(&***operation)) {
        let wrong = format!("{REFERENCE} has no row for the operation `{operation}` of {path}");
        add(wrong, "describe it in the section on the host's operations: a host in another language is written from that file");
    }
    for operation in documented.iter().filter(|operation| !operation.starts_with(FUNCTIONS)) {
        if !found.operations.contains_key(*operation) {
            add(format!("{REFERENCE} has a row for `{operation}`, which no service of {SOURCES} dispatches"), "take the row out");
        }
    }
    if !documented.iter().any(|operation| operation.starts_with(FUNCTIONS)) {
        add(format!("{REFERENCE} has no row for the functions of embedders"), "describe `fn.NAME` there");
    }
    for row in rows.iter().filter(|row| row.cells.len() != CELLS || row.cells.iter().any(|cell| cell.is_empty())) {
        let wrong = format!("{REFERENCE}: the row of `{}` has not {CELLS} cells with text", row.operations.join("`, `"));
        add(wrong, "tell operation, arguments, answer, permission and errors; a dash for none");
    }
    for (service, path) in found.services.iter().filter(|(service, _)| !SERVICES.iter().any(|(known, _)| known == service)) {
        add(format!("{path} registers the service `{service}`, which this check does not know"), "add it to SERVICES");
    }
    for path in &found.strangers {
        add(format!("{path} dispatches operations of a service that this check does not know"), "add it to SERVICES");
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
## 1. Other

| `net.other` | a row of another section | |

## 2. Operations of the host

| operation | arguments | answer | permission | errors |
|-|-|-|-|-|
| `fn.NAME` | any | any | – | – |
| `net.fetch`, `net.abort` | `a.b` | – | – | – |
";

    const CODE: &str = r#"
        fn answer(call: &Call) {
            match &*call.op {
                "fetch" => fetch(),
                #[cfg(unix)]
                "abort" => match mode { "follow" => (), _ => () },
                other => fail(other),
            }
        }
        #[cfg(test)]
        mod tests {
            fn answer(call: &Call) { match &*call.op { "never" => (), _ => () } }
        }
    "#;

    fn found(files: &[(&str, &str)]) -> Found {
        let mut found = Found::default();
        files.iter().for_each(|(path, code)| found.read(path, &syn::parse_file(code).unwrap()));
        found
    }

    fn wrongs(code: &str, reference: &str) -> Vec<String> {
        let found = found(&[("crates/base/host/src/net/service.rs", code)]);
        violations(&found, reference).into_iter().map(|violation| violation.wrong).collect()
    }

    #[test]
    fn the_table_and_the_code_have_the_same_operations() {
        assert_eq!(wrongs(CODE, TABLE), [""; 0]);
        let more = CODE.replace("\"fetch\" =>", "\"fetch\" | \"new\" =>");
        let missing = "protocol/WIRE.md has no row for the operation `net.new` of crates/base/host/src/net/service.rs";
        assert_eq!(wrongs(&more, TABLE), [missing]);
        let fewer = CODE.replace("\"fetch\" =>", "\"abort\" =>");
        assert_eq!(
            wrongs(&fewer, TABLE),
            ["protocol/WIRE.md has a row for `net.fetch`, which no service of crates/base/host/src dispatches"]
        );
        assert_eq!(wrongs(CODE, "").len(), 3, "two operations and the functions");
    }

    #[test]
    fn all_ways_to_dispatch_are_read() {
        let tuple = r#"fn a(call: Call) { match (&*call.op, x) { ("fetch", _) if call.arg(0) == "no" => (), _ => () } }"#;
        let equal = r#"fn b(call: Call) { if call.op == "abort" { return; } }"#;
        let method = r#"fn c(call: Call) { spawn(async move { match call.op.as_str() { "fetch" => (), _ => () } }) }"#;
        assert_eq!(wrongs(&format!("{tuple}{equal}"), TABLE), [""; 0]);
        assert_eq!(wrongs(&format!("{method}{equal}"), TABLE), [""; 0]);
    }

    #[test]
    fn rows_are_complete() {
        let hollow = TABLE.replace("| `a.b` | – | – | – |", "| `a.b` |  | – | – |");
        assert_eq!(wrongs(CODE, &hollow), ["protocol/WIRE.md: the row of `net.fetch`, `net.abort` has not 5 cells with text"]);
    }

    #[test]
    fn services_that_the_check_does_not_know_are_found() {
        let other = "fn a(call: Call) { match &*call.op { \"fetch\" => (), _ => () } }";
        let registers = "fn b(host: Host) { host.service(\"clock\", clock()).service(\"net\", net()) }";
        let found = found(&[("crates/base/host/src/clock.rs", other), ("crates/base/host/src/standard.rs", registers)]);
        let wrongs = violations(&found, "| `fn.NAME` |").into_iter().map(|violation| violation.wrong).collect::<Vec<_>>();
        let unknown = "crates/base/host/src/standard.rs registers the service `clock`, which this check does not know";
        assert!(wrongs.iter().any(|wrong| wrong == unknown), "{wrongs:?}");
        assert!(wrongs.iter().any(|wrong| wrong.starts_with("crates/base/host/src/clock.rs dispatches")), "{wrongs:?}");
    }
}
