//! Answers the requests of one connection.

use std::{io, sync::Arc};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorCode, Implementation, InitializeRequestParams,
        JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::watch;

use crate::{
    caller::Caller,
    describe,
    http::{KnownToken, SESSION},
    server::{Connected, Server},
    tools::{self, Call},
};

/// Answers the requests of a connection, or one request that stands alone. Dropped, the connection's sessions end.
#[derive(Clone, Debug)]
pub(crate) struct Handler(Arc<Connection>);

#[derive(Debug)]
struct Connection {
    server: Server,
    connected: Connected,
    tools: Vec<Tool>,
    over: watch::Receiver<bool>,
}

impl Handler {
    /// `over` tells that the client says no more.
    ///
    /// # Errors
    /// When there are too many connections.
    pub(crate) fn new(server: &Server, over: watch::Receiver<bool>) -> io::Result<Self> {
        let full = || io::Error::new(io::ErrorKind::QuotaExceeded, "too many connections are open; close some");
        let connected = server.connect().ok_or_else(full)?;
        let tools = describe::tools(server.settings());
        Ok(Self(Arc::new(Connection { server: server.clone(), connected, tools, over })))
    }

    /// Who sent a request. Requests over HTTP that belong to no session of the protocol are told apart by their tokens.
    fn caller(&self, context: &RequestContext<RoleServer>) -> Caller {
        let connection = Some(self.0.connected.number);
        match context.extensions.get::<::http::request::Parts>() {
            None => Caller { connection, token: None },
            Some(parts) => Caller {
                connection: connection.filter(|_| parts.headers.contains_key(SESSION)),
                token: parts.extensions.get::<KnownToken>().map(|token| token.0),
            },
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let implementation = Implementation::new("drupe", env!("CARGO_PKG_VERSION"))
            .with_title("drupe")
            .with_description("JavaScript and TypeScript in a contained kernel, whose variables stay from call to call");
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info = implementation;
        info.with_instructions(format!(
            "js_run runs JavaScript or TypeScript. Its answer has the handle of the session: give it with the next call, so that \
             variables stay. Every answer says what stopped the code and whether the variables are kept or lost. {}",
            describe::policy(self.0.server.settings())
        ))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.0.tools.clone()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.0.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn on_custom_request(&self, request: CustomRequest, _: RequestContext<RoleServer>) -> Result<CustomResult, ErrorData> {
        Err(match misread(&request) {
            Some(why) => ErrorData::invalid_params(why, None),
            None => no_method(&request.method),
        })
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = params.name.clone();
        let call =
            Call { server: &self.0.server, caller: self.caller(&context), context: &context, params, over: self.0.over.clone() };
        let unknown = || {
            let names = self.0.tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>().join(", ");
            ErrorData::invalid_params(format!("there is no tool {name:?}; there are {names}"), None)
        };
        tools::call(call).await.ok_or_else(unknown)
    }
}

fn no_method(name: &str) -> ErrorData {
    let shown = name.chars().take(64).collect::<String>();
    ErrorData::new(
        ErrorCode::METHOD_NOT_FOUND,
        format!("there is no method {shown:?}; this server has tools, and nothing else"),
        None,
    )
}

/// Why a request of a method that is known was read as one that is not: its parameters are wrong.
pub(crate) fn misread(request: &CustomRequest) -> Option<String> {
    let params = request.params.clone().unwrap_or_else(|| Value::Object(JsonObject::new()));
    let error = match &*request.method {
        "initialize" => wrong::<InitializeRequestParams>(params),
        "tools/call" => wrong::<CallToolRequestParams>(params),
        "tools/list" => wrong::<PaginatedRequestParams>(params),
        _ => None,
    };
    error.map(|error| format!("the parameters of {:?} are wrong: {error}", request.method))
}

fn wrong<T: DeserializeOwned>(params: Value) -> Option<String> {
    serde_path_to_error::deserialize::<_, T>(params).err().map(|error| error.to_string())
}
