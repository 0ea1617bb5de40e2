//! Answers of the host: resumes the JavaScript that awaits them.

use drupe_protocol::host::HostReply;

use crate::{host, runs::event_loop::EventLoop};

impl EventLoop<'_> {
    /// The host has answered a call.
    pub(crate) fn host_reply(&mut self, reply: HostReply) {
        let HostReply { call, answer } = reply;
        let Some((resolver, run, budget)) = host::take(self.session.realm(), call, &answer) else { return };
        let entered = self.session.enter(run, budget, |scope| {
            let resolver = v8::Local::new(scope, resolver);
            let value = host::to_javascript(scope, call, answer);
            resolver.resolve(scope, value);
        });
        self.after_callback(&entered);
    }
}
