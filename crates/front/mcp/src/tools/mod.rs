//! The tools, one by one.

mod arguments;
pub(crate) mod inspect;
pub(crate) mod interrupt;
pub(crate) mod limits;
mod pages;
pub(crate) mod run;
pub(crate) mod sessions;
pub(crate) mod wait;

use rmcp::{
    RoleServer,
    model::{CallToolRequestParams, CallToolResponse},
    schemars::JsonSchema,
    service::RequestContext,
};
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::{answer, caller::Caller, refusal::Refusal, server::Server};

/// One call of a tool.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) server: &'a Server,
    pub(crate) caller: Caller,
    pub(crate) context: &'a RequestContext<RoleServer>,
    pub(crate) params: CallToolRequestParams,
    /// Tells that the client says no more.
    pub(crate) over: watch::Receiver<bool>,
}

impl Call<'_> {
    /// Reads the arguments.
    pub(crate) fn args<T: DeserializeOwned + JsonSchema>(&mut self) -> Result<T, Refusal> {
        arguments::read(self.params.arguments.take().unwrap_or_default())
    }
}

/// Carries out a call. `None`: there is no such tool.
pub(crate) async fn call(mut call: Call<'_>) -> Option<CallToolResponse> {
    let admitted = call.server.admit();
    let called = match (admitted, &*call.params.name) {
        (Err(full), _) => Err(full),
        (Ok(_admitted), "js_run") => run::call(&mut call).await,
        (Ok(_admitted), "js_wait") => wait::call(&mut call).await,
        (Ok(_admitted), "js_interrupt") => interrupt::call(&mut call).await,
        (Ok(_admitted), "js_sessions") => sessions::call(&mut call).await.map(Into::into),
        (Ok(_admitted), "js_inspect") => inspect::call(&mut call).await.map(Into::into),
        (Ok(_), _) => return None,
    };
    Some(called.unwrap_or_else(|refusal| answer::refused(refusal).into()))
}
