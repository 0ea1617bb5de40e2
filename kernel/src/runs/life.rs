//! The life of a run, from its request to the result of its code.

use std::time::Duration;

use drupe_protocol::{
    Event, Exception, RunId,
    event::{Done, End, Origin, Started, Stopped, Uncaught},
    output::Stream,
    request::{Input, Run},
};

use super::{
    active::{Active, Phase, Script},
    showing,
};
use crate::{
    environment::{
        evaluate::{Evaluation, Settled, evaluate},
        last_values::{self, Last},
        program,
    },
    errors::exception,
    introspection::Helper,
    isolate::{
        attempt::{Failure, attempt},
        halt::Halt,
        peek,
        realm::{Realm, Wishes},
    },
    modules::{hidden, requested},
    runs::event_loop::EventLoop,
    stacks::said,
    values::from_wire,
};

/// What came of an answer.
enum Said {
    /// The end, and what is to be said of it.
    Event(Box<Event>, End),
    /// A value that may say itself how it is shown.
    Asks(v8::Global<v8::Value>),
    /// An error of a program, which may do something about it.
    Failed(v8::Global<v8::Value>),
    /// An error that the program was asked about: whether it goes on.
    Asked(bool),
    /// An error that has yet to be asked what it says.
    Unheard(v8::Global<v8::Value>),
    /// What the session begins with is done.
    Next,
}

impl EventLoop<'_> {
    pub(crate) fn start_runs(&mut self) {
        while !self.factory.guard.is_shut_down() {
            if self.resume_due() {
                continue;
            }
            if !self.may_start_next() {
                return;
            }
            let Some(run) = self.queue.pop_front() else { return };
            // **Nothing of a run before the news of the one before it is out**: a parent whose kernel dies knows that
            // those behind had not begun.
            self.factory.outbox.flush();
            self.set_aside();
            self.start(*run);
        }
    }

    fn start(&mut self, run: Run) {
        // **This comes before the event `started`**: a parent that has read the event may interrupt the run.
        let cancelled = self.factory.guard.begin_run(run.run);
        self.say(&Event::Started(Started::new(run.run, self.session.generation)));
        if !self.aside.is_empty() {
            // **It begins although those before it have not ended**: a parent whose kernel dies knows that.
            self.factory.outbox.flush();
        }
        let active = Active::new(&run, self.factory.watchdog.cpu_time());
        Helper::of(self.session.realm()).clock.set(Some((active.wall_start, active.cpu_start)));
        self.active = Some(active);
        self.session.realm().console_quota.begin(run.run, run.console_limit);
        self.session.realm().exit.begin_run(false);
        self.session.realm().exit.set_program(Some(run.run).filter(|_| run.until_idle));
        if let Some(reason) = cancelled {
            return self.end_interrupted(reason, Stopped::Queued);
        }
        self.session.realm().scripts.borrow_mut().insert(&run.name, run.source_map);
        let code = if run.entry.is_some() { requested::ENTRY.to_owned() } else { run.code };
        let chunk = Script { code, name: run.name, imports: run.imports, entry: run.entry };
        let (script, next) = match self.preload() {
            Some(preload) => (preload, Some(chunk)),
            None => (chunk, None),
        };
        let colors = (run.colors.contains(&Stream::Stdout), run.colors.contains(&Stream::Stderr));
        self.session.realm().wishes.set(Wishes {
            handles: run.handles,
            inspect_hooks: run.inspect_hooks,
            streams: run.streams,
            colors,
        });
        let budget = run.vm_timeout_ms.map(Duration::from_millis);
        self.session.finish_setup();
        if run.memory_limit.is_some() {
            self.session.limit_memory(run.memory_limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)));
            if let Some(active) = &mut self.active {
                active.memory_limited = true;
            }
        }
        let entered = self.session.enter(Some(run.run), budget, |scope| {
            if run.keep_last {
                // A global object that cannot be extended goes without.
                let _ = last_values::define(scope);
            }
            run.inputs.into_iter().try_for_each(|input| define(scope, input))?;
            let evaluation = evaluate_script(scope, run.run, script);
            let asks = run.until_idle && next.is_none();
            Ok::<_, Box<Exception>>(if asks { ask_program(scope, run.run, evaluation) } else { evaluation })
        });
        let halt = entered.halt;
        match (entered.value, &mut self.active) {
            (Ok(evaluation), Some(active)) => {
                active.in_preload = next.is_some();
                active.phase = match next {
                    Some(chunk) => Phase::Preloading(evaluation, chunk),
                    None => Phase::Evaluating(evaluation),
                };
            }
            (Err(exception), Some(active)) => {
                active.phase = Phase::Answered(End::Threw(Done {}));
                self.say(&Event::Exception(Uncaught::new(Some(run.run), Origin::Chunk, *exception)));
            }
            (_, None) => {}
        }
        self.after_evaluation(halt);
    }

    /// What the session has yet to begin with.
    fn preload(&self) -> Option<Script> {
        let preload = self.factory.preload.borrow();
        let preload = preload.as_ref().filter(|_| !self.session.preloaded)?;
        self.session.realm().scripts.borrow_mut().insert(&preload.name, preload.source_map.clone());
        let (code, name, imports) = (preload.code.clone(), preload.name.clone(), preload.imports.clone());
        Some(Script { code, name, imports, entry: None })
    }

    /// The session has begun as it should: evaluates the chunk of the active run.
    fn evaluate_chunk(&mut self) {
        self.session.preloaded = true;
        let Some(active) = &mut self.active else { return };
        let Phase::Preloading(_, script) = std::mem::replace(&mut active.phase, Phase::Begun) else { return };
        active.in_preload = false;
        let (run, budget, asks) = (active.run, active.wanted.budget, active.wanted.until_idle);
        let entered = self.session.enter(Some(run), budget, |scope| {
            let evaluation = evaluate_script(scope, run, script);
            if asks { ask_program(scope, run, evaluation) } else { evaluation }
        });
        if let Some(active) = &mut self.active {
            active.phase = Phase::Evaluating(entered.value);
        }
        self.after_evaluation(entered.halt);
    }

    fn after_evaluation(&mut self, halt: Option<Halt>) {
        // JavaScript that was stopped has no value, even if it found a way on: a stop may have hit what ran on its
        // behalf.
        let active = self.hold(halt);
        self.advance_despite(halt);
        self.report_rejections();
        self.halted_after(active, halt);
        self.finish_if_idle();
    }

    /// Says what the active run's evaluation came to, if it has settled.
    pub(crate) fn advance(&mut self) {
        if let Some(active) = &self.active
            && let Some(evaluation) = active.evaluation()
            && self.session.has_settled(evaluation)
        {
            let (run, wanted) = (active.run, active.wanted);
            let preloads = active.preloads();
            let said = self.session.without_javascript(|scope| match evaluation.settled(scope)? {
                Settled::Value(_) if preloads => Some(Said::Next),
                Settled::Value(value) => {
                    if wanted.keep_last {
                        last_values::remember(scope, Last::Result, value);
                    }
                    if value.is_object() && (wanted.inspect_hooks || wanted.bundle) {
                        return Some(Said::Asks(v8::Global::new(scope, value)));
                    }
                    Some(Said::Event(Box::new(showing::result(scope, active, value, None, Vec::new())), End::Value(Done {})))
                }
                Settled::Threw(thrown, at) => {
                    if wanted.keep_last {
                        last_values::remember(scope, Last::Error, thrown);
                    }
                    if at.is_none() && wanted.until_idle {
                        return Some(Said::Failed(v8::Global::new(scope, thrown)));
                    }
                    if wanted.inspect_hooks && said::is_unheard(scope, thrown) {
                        return Some(Said::Unheard(v8::Global::new(scope, thrown)));
                    }
                    let end = if at.is_some() { End::SyntaxError(Done {}) } else { End::Threw(Done {}) };
                    let exception = exception::describe(scope, thrown, at);
                    Some(Said::Event(Box::new(Event::Exception(Uncaught::new(Some(run), Origin::Chunk, exception))), end))
                }
                Settled::Asked(goes_on) => Some(Said::Asked(goes_on)),
            });
            match said {
                Some(Said::Event(event, end)) => {
                    self.say_result(*event);
                    if let Some(active) = &mut self.active {
                        active.phase = Phase::Answered(end);
                    }
                }
                Some(Said::Asks(value)) => self.ask_result(value),
                Some(Said::Failed(thrown)) => self.program_threw(&thrown),
                Some(Said::Asked(goes_on)) => self.program_was_asked(goes_on),
                Some(Said::Unheard(thrown)) => self.hear(&thrown),
                Some(Said::Next) => return self.evaluate_chunk(),
                None => {}
            }
        }
        self.finish_showing();
    }

    /// The chunk threw an error that has yet to be asked what it says.
    fn hear(&mut self, thrown: &v8::Global<v8::Value>) {
        let Some(active) = &mut self.active else { return };
        active.phase = Phase::Answered(End::Threw(Done {}));
        let (run, budget) = (active.run, active.wanted.budget);
        let entered = self.session.enter(Some(run), budget, |scope| {
            let thrown = v8::Local::new(scope, thrown);
            // A stack that cannot be told is V8's.
            let _ = said::hear(scope, thrown);
        });
        let exception = self.session.without_javascript(|scope| {
            let thrown = v8::Local::new(scope, thrown);
            exception::describe(scope, thrown, None)
        });
        self.say_result(Event::Exception(Uncaught::new(Some(run), Origin::Chunk, exception)));
        self.report_rejections();
        self.halted(entered.halt);
    }

    /// The chunk of a program threw. If the program does something about that, it goes on, without a value.
    fn program_threw(&mut self, thrown: &v8::Global<v8::Value>) {
        let Some(active) = &mut self.active else { return };
        active.phase = Phase::Answered(End::Threw(Done {}));
        let (run, budget) = (active.run, active.wanted.budget);
        let entered = self.session.enter(Some(run), budget, |scope| {
            let thrown = v8::Local::new(scope, thrown);
            program::chunk_threw(scope, thrown, run)
        });
        self.program_was_asked(entered.value && entered.halt.is_none_or(|halt| halt.in_jobs()));
        self.report_rejections();
        self.halted(entered.halt);
    }

    /// A program was asked about the error of its chunk.
    fn program_was_asked(&mut self, goes_on: bool) {
        let Some(active) = &mut self.active else { return };
        active.phase = Phase::Answered(End::Threw(Done {}));
        if let Some(active) = self.active.as_mut().filter(|_| goes_on) {
            let event = self.session.without_javascript(|scope| {
                let nothing = v8::undefined(scope).into();
                showing::result(scope, active, nothing, None, Vec::new())
            });
            active.phase = Phase::Answered(End::Value(Done {}));
            self.say_result(event);
        }
    }

    /// A result that does not fit a frame by value is told without it: text and tree are bounded.
    pub(crate) fn say_result(&self, event: Event) {
        if let (Err(_), Event::Result(mut result)) = (self.factory.outbox.push(&event), event) {
            result.value = None;
            self.say(&Event::Result(result));
        }
    }
}

fn evaluate_script(scope: &mut v8::PinScope, run: RunId, script: Script) -> Evaluation {
    hidden::restore(scope);
    requested::expect(&Realm::of(scope), run, &script.name, script.imports, script.entry);
    evaluate(scope, &script.code, &script.name)
}

/// Asks a program about what its chunk threw at once: as in Node, before the ticks and jobs that wait.
fn ask_program(scope: &mut v8::PinScope, run: RunId, evaluation: Evaluation) -> Evaluation {
    if Realm::of(scope).guard.is_stopped() {
        return evaluation;
    }
    let Some(Settled::Threw(thrown, None)) = evaluation.settled(scope) else { return evaluation };
    Evaluation::Asked(program::chunk_threw(scope, thrown, run))
}

/// Defines a chunk's input as a global variable.
fn define(scope: &mut v8::PinScope, input: Input) -> Result<(), Box<Exception>> {
    v8::scope!(let scope, scope);
    let Input { name, value, .. } = input;
    let refused = |why: &str| Box::new(Exception::plain("TypeError", format!("the input {name:?} cannot be defined: {why}")));
    let value = match attempt(scope, |scope| from_wire(scope, value)) {
        Ok(value) => value,
        Err(Failure::Threw(thrown)) => {
            let thrown = v8::Local::new(scope, thrown);
            let why = thrown_message(scope, thrown);
            return Err(refused(why.as_deref().unwrap_or(NO_VALUE)));
        }
        Err(Failure::Stopped) => return Err(refused(NO_VALUE)),
    };
    let defined = v8::String::new(scope, &name).and_then(|key| {
        let global = scope.get_current_context().global(scope);
        if global.create_data_property(scope, key.into(), value) == Some(true) {
            return Some(true);
        }
        // The property of a `var`, which stays what it is and takes a value.
        peek::data_property(scope, global, key.into())?;
        global.set(scope, key.into(), value)?;
        peek::data_property(scope, global, key.into()).map(|held| held.same_value(value))
    });
    if defined == Some(true) { Ok(()) } else { Err(refused("its name is taken for good")) }
}

const NO_VALUE: &str = "it is no value that V8 can hold";

/// What V8 says is wrong with a value.
fn thrown_message<'s>(scope: &mut v8::PinScope<'s, '_>, thrown: v8::Local<'s, v8::Value>) -> Option<String> {
    let key = v8::String::new(scope, "message")?;
    let message = peek::data_property(scope, thrown.try_cast::<v8::Object>().ok()?, key.into())?;
    Some(message.try_cast::<v8::String>().ok()?.to_rust_string_lossy(scope))
}
