//! Standard input that a person types, line by line, where a front end has the terminal.
//!
//! JavaScript reads it as it reads any standard input. **The person is asked only when JavaScript waits for input.** A
//! read that does not wait takes what was typed before, or nothing.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use drupe_protocol::{HostError, RunId, Value, value::TypedArrayKind};

use crate::{Answer, Answering, Call, Host, Pending, Service, answer_budget::EACH};

/// A front end that can ask a person for standard input. A future that is dropped was given up: take the question back.
pub trait TypedInput: Send + Sync {
    /// The text that the person types: lines with their line breaks, or the half line that Ctrl-D has ended. `None`:
    /// the input ends here (Ctrl-D without text).
    ///
    /// # Errors
    /// The error of the program that reads, where no person can be asked.
    fn text(&self, run: Option<RunId>) -> Pending<Result<Option<String>, HostError>>;
}

impl Host {
    /// Lets a person type the standard input of programs. All else about standard streams stays as it is.
    #[must_use]
    pub fn typed_input(self, input: Arc<dyn TypedInput>) -> Self {
        let streams = self.service_named("stdio");
        self.service("stdio", Arc::new(Typing { input, streams }))
    }
}

struct Typing {
    input: Arc<dyn TypedInput>,
    /// What answers all other calls.
    streams: Option<Arc<dyn Service>>,
}

/// What was typed and not read yet, by session.
#[derive(Debug, Default)]
struct Typed {
    /// Those that wait go one at a time.
    queue: tokio::sync::Mutex<()>,
    unread: Mutex<VecDeque<Piece>>,
}

#[derive(Debug, PartialEq)]
enum Piece {
    Bytes(Vec<u8>),
    /// The end of the input, which one read finds. **The next read asks again**, as at a terminal.
    End,
}

impl Typed {
    fn unread(&self) -> std::sync::MutexGuard<'_, VecDeque<Piece>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At most `length` bytes, none at the end. `None`: nothing was typed yet.
    fn take(&self, length: usize) -> Option<Vec<u8>> {
        let mut unread = self.unread();
        match unread.pop_front()? {
            Piece::End => Some(Vec::new()),
            Piece::Bytes(mut bytes) => {
                let rest = bytes.split_off(length.min(bytes.len()));
                if !rest.is_empty() {
                    unread.push_front(Piece::Bytes(rest));
                }
                Some(bytes)
            }
        }
    }

    /// Asks the person, unless there is something to read.
    async fn wait(&self, input: &dyn TypedInput, run: Option<RunId>) -> Result<(), HostError> {
        let _queued = self.queue.lock().await;
        if !self.unread().is_empty() {
            return Ok(());
        }
        let piece =
            input.text(run).await?.filter(|text| !text.is_empty()).map_or(Piece::End, |text| Piece::Bytes(text.into_bytes()));
        self.unread().push_back(piece);
        Ok(())
    }
}

impl Service for Typing {
    fn call(&self, call: Call) -> Answering {
        let input = self.input.clone();
        match (&*call.op, &self.streams) {
            ("read", _) => Box::pin(async move { read(&*input, &call).await.map(Answer::Value) }),
            ("ready", _) => Box::pin(async move {
                call.session.state::<Typed>().wait(&*input, call.run).await?;
                Ok(Answer::Value(Value::Undefined))
            }),
            #[cfg(target_os = "linux")]
            ("fstat", _) if call.arg(0).as_f64() == Some(0.0) => Box::pin(async move {
                let failing = crate::fs::Failing::new("fstat", call.run);
                crate::fs::stat_of(rustix::stdio::stdin()).map(Answer::Value).map_err(|errno| failing.plain(errno))
            }),
            (_, Some(streams)) => streams.call(call),
            (_, None) => Box::pin(async move { Err(unknown(&call.op)) }),
        }
    }
}

fn unknown(op: &str) -> HostError {
    HostError::new("Error", format!("this host's standard streams know no {op:?}")).with_code("ERR_NOT_SUPPORTED")
}

/// `read(length, position, wait)`: the bytes, none at the end. Without `wait`, `null` where nothing was typed yet.
async fn read(input: &dyn TypedInput, call: &Call) -> Result<Value, HostError> {
    if call.arg(1).as_f64().is_some() {
        return Err(HostError::new("Error", "ESPIPE: invalid seek, read").with_code("ESPIPE"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let length = call.arg(0).as_f64().map_or(0, |length| length as usize).min(EACH);
    let bytes = |bytes: Vec<u8>| Ok(Value::TypedArray(TypedArrayKind::Uint8, bytes.into()));
    if length == 0 {
        return bytes(Vec::new());
    }
    let typed = call.session.state::<Typed>();
    loop {
        if let Some(piece) = typed.take(length) {
            return bytes(piece);
        }
        if call.arg(2) != &Value::Bool(true) {
            return Ok(Value::Null);
        }
        typed.wait(input, call.run).await?;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::Session;

    /// Types these, and then cannot be asked.
    struct Typist(Mutex<VecDeque<Option<&'static str>>>);

    impl TypedInput for Typist {
        fn text(&self, _: Option<RunId>) -> Pending<Result<Option<String>, HostError>> {
            let next = self.0.lock().unwrap().pop_front();
            Box::pin(async move { next.map(|line| line.map(str::to_owned)).ok_or_else(|| HostError::new("Error", "nobody")) })
        }
    }

    #[tokio::test]
    async fn lines_are_asked_for_when_a_read_waits() {
        let lines = VecDeque::from([Some("ab\n"), None, Some("c\n"), Some("half"), None]);
        let host = Host::new().typed_input(Arc::new(Typist(Mutex::new(lines))));
        let session = Session::default();
        let call = async |op: &str, args: Vec<Value>| match host
            .call(Call { op: format!("stdio.{op}"), args, session: session.clone(), ..Call::default() })
            .await
        {
            Ok(Answer::Value(Value::TypedArray(_, bytes))) => String::from_utf8(bytes.into()).unwrap(),
            Ok(Answer::Value(value)) => format!("{value:?}"),
            Ok(Answer::Stream(_)) => panic!("a stream"),
            Err(error) => error.message,
        };
        let read = async |length: i32, waits| call("read", vec![Value::from(length), Value::Null, Value::Bool(waits)]).await;
        assert_eq!(read(9, false).await, "Null");
        assert_eq!(call("ready", Vec::new()).await, "Undefined");
        assert_eq!((read(2, false).await, read(9, false).await, read(9, false).await), ("ab".into(), "\n".into(), "Null".into()));
        // The end is read once.
        assert_eq!((read(9, true).await, read(9, false).await, read(9, true).await), ("".into(), "Null".into(), "c\n".into()));
        // Half a line is read as it is.
        assert_eq!((read(9, true).await, read(9, true).await), ("half".into(), "".into()));
        assert_eq!(read(9, true).await, "nobody");
        assert_eq!(call("read", vec![Value::from(1), Value::from(0)]).await, "ESPIPE: invalid seek, read");
        assert!(call("raw", Vec::new()).await.contains("know no \"raw\""));
    }
}
