//! Calls of the kernel to its host. Each has a task of its own, so that none delays events, interrupts or other calls.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use drupe_host::{
    Call, Host, HostError, KernelProcess, Session,
    answer_budget::{AnswerBudget, Held},
    permissions::{Audit, Pace},
};
use drupe_protocol::{
    CallId, Request, Value,
    host::{self, Functions, HostCall, HostReply, MAX_CALLS_WEIGHT, MAX_OPEN_CALLS},
};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinHandle},
};
use tracing::{Instrument, Span};

use super::{
    Supervisor,
    answers::{Said, serve},
    protocol_state::Violation,
};
use crate::{
    Custom, Event, trace,
    waits::{Caller, Owner, Place},
};

/// Answers that may wait to be sent; more hold their tasks up.
const ANSWERS: usize = 16;

/// Audits that may wait to be told; more hold up the calls that would make them.
const AUDITS: usize = 1_024;

/// What the host says.
pub(super) enum HostSaid {
    Audit(Audit),
    Reply(HostReply, Held),
}

/// The session that is current, for whoever wants to know what services keep in it.
pub(crate) type SharedSession = Arc<Mutex<Session>>;

/// The current session.
pub(crate) fn current(session: &SharedSession) -> Session {
    session.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The calls that are open, and their answers on the way to the kernel.
#[derive(Debug)]
pub(super) struct Calls {
    host: Host,
    /// The kernel's session: what services keep in it ends with it.
    session: SharedSession,
    owner: Owner,
    /// The kernel's process, where it has one.
    process: Option<u32>,
    open: HashMap<CallId, OpenCall>,
    answered: mpsc::Sender<Said>,
    answers: mpsc::Receiver<Said>,
    /// What answers take up that the kernel does not have yet. **All of them together are bounded.**
    answer_budget: AnswerBudget,
    /// What is told of permissions. **No more wait here than their pace lets**, and one of each thread that works for a
    /// call.
    audits: mpsc::UnboundedReceiver<Audit>,
    pace: Arc<Pace>,
}

/// A call that is being answered. **Dropping it cancels its work.**
#[derive(Debug)]
struct OpenCall {
    work: AbortHandle,
    /// Asks a stream for its next item.
    next: mpsc::Sender<()>,
    /// About how many bytes its message takes. **All of them together are bounded.**
    weight: usize,
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.pace.end();
    }
}

impl Calls {
    pub(super) fn new((host, session, owner): (Host, SharedSession, Owner)) -> Self {
        let (answered, answers) = mpsc::channel(ANSWERS);
        let (tell, audits) = mpsc::unbounded_channel();
        let pace = Arc::new(Pace::new(AUDITS));
        let told = pace.clone();
        let auditor = move |audit| {
            told.told();
            // A supervisor that is gone tells nobody, and has ended the pace.
            let _ = tell.send(audit);
        };
        host.permissions().audit_at_pace(Arc::new(auditor), &pace);
        Self {
            host,
            session,
            owner,
            process: None,
            open: HashMap::new(),
            answered,
            answers,
            answer_budget: AnswerBudget::default(),
            audits,
            pace,
        }
    }

    /// Whether the embedder has registered any.
    pub(super) fn has_functions(&self) -> bool {
        !self.host.functions().names().is_empty()
    }

    /// What the kernel is to know of the embedder's functions.
    pub(super) fn functions(&self) -> Request {
        Request::Functions(Functions { names: self.host.functions().names() })
    }

    /// The next answer, or what was decided on the way to one: **in the order in which they were said**. Cancel safe.
    pub(super) async fn said(&mut self, readable: bool, writable: bool) -> HostSaid {
        tokio::select! {
            biased;
            Some(audit) = self.audits.recv(), if readable => {
                self.pace.taken();
                HostSaid::Audit(audit)
            }
            Some((reply, held)) = self.answers.recv(), if writable && self.audits.is_empty() => HostSaid::Reply(reply, held),
            else => std::future::pending().await,
        }
    }

    /// What the session loaded as the script of this name.
    pub(super) fn source(&self, script: &str) -> Option<Arc<str>> {
        #[cfg(target_os = "linux")]
        return drupe_host::modules::source(&current(&self.session), script);
        #[cfg(not(target_os = "linux"))]
        return None;
    }

    /// The session is gone, and nobody waits for its calls.
    pub(super) fn cancel_all(&mut self) {
        self.open.clear();
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Session::default();
        self.of_process(self.process);
    }

    /// Calls come from this process.
    pub(super) fn of_process(&mut self, pid: Option<u32>) {
        self.process = pid;
        current(&self.session).state::<KernelProcess>().set(pid);
    }

    /// The kernel asks for the next item of a stream. A stream may have ended meanwhile.
    pub(super) fn next(&self, call: CallId) -> Result<(), Violation> {
        match self.open.get(&call).map(|open| open.next.try_send(())) {
            Some(Err(mpsc::error::TrySendError::Full(()))) => Err(Violation::AskedTwice { call }),
            Some(Ok(()) | Err(mpsc::error::TrySendError::Closed(()))) | None => Ok(()),
        }
    }

    /// The kernel does not need the answer of a call any more.
    pub(super) fn cancel(&mut self, call: CallId) {
        self.open.remove(&call);
    }

    /// Opens a call of `caller`, a run that is active; one that is `denied` is answered by that.
    fn open(
        &mut self,
        call: HostCall,
        (caller, span): (Option<Arc<Place>>, Span),
        weight: usize,
        denied: Option<HostError>,
    ) -> Result<(), Violation> {
        let HostCall { call: id, run, op, args } = call;
        if self.open.len() >= MAX_OPEN_CALLS {
            return Err(Violation::OpenCalls);
        }
        if self.open.contains_key(&id) {
            return Err(Violation::OpenedTwice { call: id });
        }
        if self.open.values().map(|open| open.weight).sum::<usize>() + weight > MAX_CALLS_WEIGHT {
            return Err(Violation::CallsWeight);
        }
        let (next, asked) = mpsc::channel(1);
        let (host, budget, answered) = (self.host.clone(), self.answer_budget.clone(), self.answered.clone());
        let mut call = Call::new(op, args);
        call.run = run;
        call.session = current(&self.session);
        let caller = Caller { run: caller, kernel: self.owner.get().cloned() };
        let work = async move {
            match denied {
                None => caller.answer(serve((&host, &budget), id, call, asked, &answered)).await,
                Some(error) => {
                    let reply = HostReply { call: id, answer: host::Answer::Error(error) };
                    // Whose receiver is gone needs no answer.
                    drop(answered.send((reply, Held::default())).await);
                }
            }
        };
        let work: JoinHandle<()> = tokio::spawn(work.instrument(span));
        self.open.insert(id, OpenCall { work: work.abort_handle(), next, weight });
        Ok(())
    }
}

impl Supervisor {
    /// The kernel calls its host.
    pub(super) fn host_call(&mut self, mut call: HostCall, weight: usize) -> Result<(), Violation> {
        let denied = self.denied(&call);
        if denied.is_none() {
            self.tell_call(&mut call, weight);
        }
        let job = call.run.and_then(|run| self.sent.get(&run));
        let span = trace::call(job.map(|job| &job.span), call.call, &call.op);
        let caller = job.map(|job| job.turn.0.clone());
        self.calls.open(call, (caller, span), weight, denied)
    }

    /// Tells of a call that is an event. Its arguments go with the event.
    pub(super) fn tell_call(&mut self, call: &mut HostCall, weight: usize) {
        let Some(name) = call.op.strip_prefix("fn.").filter(|name| self.calls.host.functions().is_event(name)) else { return };
        let event = Event::Custom(Custom::new(call.run, name, std::mem::take(&mut call.args)));
        self.route(call.run, event, weight);
    }

    /// Why the run that makes this call may not, if it is one of a function that it was not granted. **Which run that
    /// is, `validate` has found possible**; a grant holds while its run is active, and a limit for ever.
    pub(super) fn denied(&self, call: &HostCall) -> Option<HostError> {
        let name = call.op.strip_prefix("fn.")?;
        let reserved = self.calls.host.functions().is_reserved(name);
        let why = match call.run.and_then(|run| self.sent.get(&run)) {
            Some(job) if job.grants.allow(name, reserved) => return None,
            Some(_) => "its run was not granted this function",
            None if call.run.is_some_and(|run| self.session.limited.has(run)) => "its run has ended, and what it was granted",
            None if reserved => "only a run that is granted this function may call it, while it is active",
            None => return None,
        };
        let error = HostError::new("PermissionDenied", format!("EACCES: permission denied, host.{name}: {why}"));
        Some(error.with_code("EACCES").with("permission", Value::from("function")).with("resource", Value::from(name)))
    }

    /// Sends an answer, if the call is still open.
    pub(super) fn send_answer(&mut self, reply: HostReply, held: Held) {
        let call = reply.call;
        let open =
            if is_last(&reply.answer) { self.calls.open.remove(&call).is_some() } else { self.calls.open.contains_key(&call) };
        if !open {
            return;
        }
        let Some(link) = &mut self.link else { return };
        if let Err(error) = link.answer(&Request::HostReply(reply), held) {
            self.calls.open.remove(&call);
            let answer = host::Answer::Error(HostError::new("RangeError", format!("the host's answer cannot be sent: {error}")));
            // A few words fit into any frame.
            drop(link.request(&Request::HostReply(HostReply { call, answer })));
        }
    }

    /// Tells the kernel which functions there are.
    pub(super) fn send_functions(&mut self) {
        let functions = self.calls.functions();
        if let Some(link) = &mut self.link {
            // Names fit into any frame.
            drop(link.request(&functions));
        }
    }
}

/// Whether a call is over with this.
pub(super) fn is_last(answer: &host::Answer) -> bool {
    !matches!(answer, host::Answer::Stream(_) | host::Answer::Item(_))
}
