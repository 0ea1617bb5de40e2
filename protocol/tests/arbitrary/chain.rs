//! Chains, and the questions that they are part of.

use drupe_protocol::{
    Control,
    chain::{Chain, Imported, Literal, Root, Step},
    describe::Inspect,
    event::Done,
    introspection::Complete,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::completion;

fn chain() -> impl Strategy<Value = Chain> {
    let literals = [Literal::String, Literal::Number, Literal::BigInt, Literal::Boolean, Literal::RegExp, Literal::Array];
    let root = prop_oneof![
        any::<String>().prop_map(Root::Name),
        Just(Root::Global(Done {})),
        select(literals.to_vec()).prop_map(Root::Literal),
        any::<String>().prop_map(Root::Module),
        any::<Option<String>>().prop_map(|specifier| Root::Import(Imported { specifier })),
    ];
    let step = prop_oneof![any::<String>().prop_map(Step::Key), Just(Step::Instance(Done {})), Just(Step::Awaited(Done {}))];
    (root, vec(step, 0..4)).prop_map(|(root, steps)| Chain { root, steps })
}

pub(super) fn complete() -> BoxedStrategy<Control> {
    let texts = any::<(u64, String, Option<char>)>();
    (texts, option::of(chain()), vec(completion(), 0..4))
        .prop_map(|((id, prefix, quote), object, offers)| Control::Complete(Complete { id, object, prefix, quote, offers }))
        .boxed()
}

pub(super) fn inspect() -> BoxedStrategy<Control> {
    (any::<(u64, String, bool)>(), option::of(chain()))
        .prop_map(|((id, name, call), object)| Control::Inspect(Inspect { id, name, object, call }))
        .boxed()
}
