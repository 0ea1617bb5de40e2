//! Random sessions: chunks declare and assign a few names in every way, some fail half-way, and a simple model says
//! what each name holds after each.

use drupe_client::{Kernel, Outcome};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::support::{memory, text};

const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Function,
    Var,
    Let,
    Const,
    Class,
}

#[derive(Clone, Debug)]
enum Step {
    Declare(Kind, usize),
    Assign(usize),
    Await,
    Throw,
}

/// What a name is in the model.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Nothing,
    /// A property of the global object that nobody declared: what is declared but not reached hides it.
    Property(usize),
    /// Declared by a chunk that failed before it.
    Dead(Constant),
    /// `None` is `undefined`.
    To(Option<usize>, Constant),
}

type Constant = bool;

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![Just(Kind::Function), Just(Kind::Var), Just(Kind::Let), Just(Kind::Const), Just(Kind::Class)];
    prop_oneof![
        8 => (kind, 0..NAMES.len()).prop_map(|(kind, name)| Step::Declare(kind, name)),
        4 => (0..NAMES.len()).prop_map(Step::Assign),
        1 => Just(Step::Await),
        1 => Just(Step::Throw),
    ]
}

/// A chunk that declares no name twice, and assigns to none that it has yet to declare: what these do is no question of
/// sessions. Functions come first, as they do anyway.
fn chunk() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..5).prop_map(|steps| {
        let mut kept: Vec<Step> = Vec::new();
        for step in steps {
            let touches =
                |name: usize| kept.iter().any(|step| matches!(step, Step::Declare(_, n) | Step::Assign(n) if *n == name));
            match step {
                Step::Declare(_, name) if touches(name) => {}
                step => kept.push(step),
            }
        }
        kept.sort_by_key(|step| !matches!(step, Step::Declare(Kind::Function, _)));
        kept
    })
}

/// The source of a step; `number` is the value that it gives.
fn source(step: &Step, number: usize) -> String {
    match step {
        Step::Declare(kind, name) => {
            let name = NAMES[*name];
            match kind {
                Kind::Function => format!("function {name}() {{ return {number} }}"),
                Kind::Var => format!("var {name} = {number};"),
                Kind::Let => format!("let {name} = {number};"),
                Kind::Const => format!("const {name} = {number};"),
                Kind::Class => format!("class {name} {{ static v = {number} }}"),
            }
        }
        Step::Assign(name) => format!("{} = {number};", NAMES[*name]),
        Step::Await => "await null;".into(),
        Step::Throw => "throw 'stop';".into(),
    }
}

/// Executes a chunk in the model; whether it comes to its end. The steps give the numbers from `number` on.
fn execute(state: &mut [Bound; NAMES.len()], chunk: &[Step], number: usize) -> bool {
    let before = *state;
    // A chunk that assigns to what a failed chunk left without a value begins by giving it one.
    for (name, bound) in state.iter_mut().enumerate() {
        let assigns = chunk.iter().any(|step| matches!(step, Step::Assign(assigned) if *assigned == name));
        let declares = chunk.iter().any(|step| matches!(step, Step::Declare(_, declared) if *declared == name));
        if matches!(*bound, Bound::Dead(_)) && assigns && !declares {
            *bound = Bound::To(None, false);
        }
    }
    let mut completes = true;
    for (number, step) in (number..).zip(chunk) {
        match *step {
            Step::Declare(kind, name) if completes => state[name] = Bound::To(Some(number), kind == Kind::Const),
            // Not reached: what was there stays, and is a constant only if nobody ever said otherwise.
            Step::Declare(kind, name) => match (&mut state[name], kind) {
                (bound @ Bound::Property(_), Kind::Var) => {
                    if let Bound::Property(number) = *bound {
                        *bound = Bound::To(Some(number), false);
                    }
                }
                (Bound::To(_, constant), kind) => *constant &= kind == Kind::Const,
                (bound @ Bound::Nothing, Kind::Var) => *bound = Bound::To(None, false),
                (Bound::Dead(constant), kind) => *constant &= kind == Kind::Const,
                (bound, kind) => *bound = Bound::Dead(kind == Kind::Const),
            },
            Step::Assign(name) if completes => match state[name] {
                Bound::Dead(true) | Bound::To(_, true) => completes = false,
                Bound::Nothing | Bound::Property(_) => state[name] = Bound::Property(number),
                // What a failed chunk left without a value can be assigned to all the same.
                Bound::Dead(false) | Bound::To(_, false) => state[name] = Bound::To(Some(number), false),
            },
            Step::Throw => completes = false,
            Step::Assign(_) | Step::Await => {}
        }
    }
    if !completes {
        // Nobody tells how far it came: a name that was no constant is none.
        for (bound, before) in state.iter_mut().zip(before) {
            if let (Bound::To(_, constant), Bound::To(_, false) | Bound::Dead(false)) = (bound, before) {
                *constant = false;
            }
        }
    }
    completes
}

fn expected(state: &[Bound]) -> String {
    let text = |bound: &Bound| match bound {
        Bound::Nothing | Bound::Dead(_) => "none".to_owned(),
        Bound::To(None, _) => "undefined".into(),
        Bound::Property(number) | Bound::To(Some(number), _) => number.to_string(),
    };
    format!("'{}'", state.iter().map(text).collect::<Vec<_>>().join(" "))
}

async fn play(kernel: &Kernel, chunks: &[Vec<Step>]) -> Result<(), TestCaseError> {
    kernel.reset().await.unwrap();
    let look = NAMES.map(|name| format!("(() => {{ try {{ return typeof {name} === 'function' ? {name}.v ?? {name}() : {name} }} catch {{ return 'none' }} }})()"));
    let look = format!("[{}].map(String).join(' ')", look.join(", "));
    let mut state = [Bound::Nothing; NAMES.len()];
    let mut said = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        let number = index * 10;
        let code = (number..).zip(chunk).map(|(number, step)| source(step, number)).collect::<Vec<_>>().join("\n");
        said.push(code.clone());
        let completes = execute(&mut state, chunk, number);
        let outcome = kernel.run(code).await.unwrap().outcome;
        let story = || said.join("\n--\n");
        match outcome {
            Outcome::Value { .. } => prop_assert!(completes, "should have thrown:\n{}", story()),
            Outcome::Threw(exception) => prop_assert!(!completes, "{}:\n{}", exception.message, story()),
            other => prop_assert!(false, "{other:?}:\n{}", story()),
        }
        prop_assert_eq!(text(kernel, &look).await, expected(&state), "\n{}", story());
    }
    Ok(())
}

#[test]
fn sessions_are_as_the_model_says() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kernel = runtime.block_on(memory::spawn());
    let mut runner = TestRunner::new(Config { cases: 128, failure_persistence: None, ..Config::default() });
    let sessions = prop::collection::vec(chunk(), 1..10);
    runner.run(&sessions, |chunks| runtime.block_on(play(&kernel, &chunks))).unwrap();
}
