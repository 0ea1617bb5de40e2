//! The value of an expression that is being typed, without any effect.

use std::mem::take;

use drupe_protocol::{
    Control, Reply,
    introspection::{Preview, PreviewReply},
};
use drupe_transpile::{Options, transpile_in};

use super::{Ask, Prepared, Read};
use crate::{supervisor::Supervisor, transpiled::SMALL_SOURCE};

/// How many bytes of code are previewed; a person types far fewer. **It is transpiled on the supervisor's task**, so
/// the bound is that of the runs which are transpiled there.
const MAX_PREVIEWED: usize = SMALL_SOURCE;

/// Code as the user writes it; when it is sent, a script.
#[derive(Debug)]
pub(crate) struct PreviewOf {
    pub(crate) code: String,
}

impl Ask for PreviewOf {
    type Answer = Option<String>;

    const NAME: &'static str = "preview";

    fn prepare(self, supervisor: &Supervisor) -> Prepared<Self> {
        match script(&self.code, supervisor) {
            Some(code) => Prepared::Send(Self { code }),
            None => Prepared::Answer(Ok(None)),
        }
    }

    fn control(&mut self, id: u64) -> Control {
        Control::Preview(Preview { id, code: take(&mut self.code) })
    }

    fn read(self, reply: Reply, _: &Supervisor) -> Result<Read<Option<String>>, Reply> {
        if let Reply::Preview(PreviewReply { text, .. }) = reply { Ok(Read::Now(Ok(text))) } else { Err(reply) }
    }
}

/// `code`, transpiled for the session; the session's table of names stays as it is. `None` where there is no preview:
/// the code is no program, is long, or declares or imports something; or there is no idle kernel.
fn script(code: &str, supervisor: &Supervisor) -> Option<String> {
    let Supervisor { link, reset, sent, queue, config, session, .. } = supervisor;
    let idle = link.is_some() && reset.is_none() && sent.is_empty() && queue.is_empty();
    if !idle || code.len() > MAX_PREVIEWED {
        return None;
    }
    let mut options = Options::default();
    options.jsx = config.jsx.clone();
    let script = transpile_in(code, &options, &session.bindings).ok()?;
    let is_expression = script.bindings.is_empty() && script.imports.is_empty() && script.ends_in_expression;
    is_expression.then(|| script.code.into_owned())
}
