//! Questions about code that is being typed.

use drupe_protocol::{
    Control,
    chain::{Chain, Imported, Literal, Root, Step},
    describe::Inspect,
    event::Done,
    introspection::{Complete, Completion, CompletionKind},
};

fn chain(root: Root, steps: Vec<Step>) -> Option<Chain> {
    Some(Chain { root, steps })
}

pub(super) fn of_code() -> Vec<(&'static str, Control)> {
    let complete =
        |object, prefix: &str, quote, offers| Control::Complete(Complete { id: 4, object, prefix: prefix.into(), quote, offers });
    let inspect = |object, name: &str, call| Control::Inspect(Inspect { id: 8, name: name.into(), object, call });
    let offers = vec![
        Completion::new("constant", CompletionKind::Variable, None),
        Completion::new("const", CompletionKind::Keyword, None),
    ];
    let imported = |specifier| Root::Import(Imported { specifier });
    let literals = [
        ("complete of a string", Literal::String),
        ("complete of a number", Literal::Number),
        ("complete of a bigint", Literal::BigInt),
        ("complete of a boolean", Literal::Boolean),
        ("complete of a regexp", Literal::RegExp),
        ("complete of an array", Literal::Array),
        ("complete of an object", Literal::Object),
    ];
    let steps = vec![Step::Key("Pool".into()), Step::Instance(Done {}), Step::Key("size".into())];
    let mut questions = vec![
        ("complete full", complete(chain(Root::Name("db".into()), steps), "to", Some('"'), Vec::new())),
        ("complete of names", complete(None, "cons", None, offers)),
        ("complete bare", Control::Complete(Complete::default())),
        ("complete of the global object", complete(chain(Root::Global(Done {}), Vec::new()), "", None, Vec::new())),
        ("complete of a module", complete(chain(Root::Module("fs".into()), Vec::new()), "", None, Vec::new())),
        (
            "complete of an import",
            complete(chain(imported(Some("fs".into())), vec![Step::Awaited(Done {})]), "read", None, Vec::new()),
        ),
        ("complete of an import of a variable", complete(chain(imported(None), Vec::new()), "", None, Vec::new())),
        ("inspect full", inspect(chain(Root::Name("math".into()), vec![Step::Key("sums".into())]), "add", true)),
        ("inspect bare", inspect(None, "add", false)),
    ];
    let of_literal = |(name, literal)| (name, complete(chain(Root::Literal(literal), Vec::new()), "", None, Vec::new()));
    questions.extend(literals.map(of_literal));
    questions
}
