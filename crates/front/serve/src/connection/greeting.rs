//! The beginning of a connection: the form of its messages, `hello`, and the token.

use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::{
    Client,
    stream::{Incoming, Outgoing, ReadError},
    websocket,
};
use crate::{
    Server,
    form::Form,
    message::{
        client::{ClientMessage, Hello},
        server::{Failure, Message, Welcome},
    },
    server::Admitted,
};

/// The version of the protocol.
pub const VERSION: u64 = 1;

/// The time in which a client must say `hello`.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest first message, in bytes.
const MAX_FIRST: usize = 65_535;

/// A client that was welcomed.
#[derive(Debug)]
pub(crate) struct Greeted {
    pub(crate) incoming: Incoming,
    pub(crate) outgoing: Outgoing,
    pub(crate) form: Form,
}

/// Reads `hello` and answers it. `None`: the client was refused, or left.
pub(crate) async fn greet(server: &Server, client: Client) -> Option<(Greeted, Admitted)> {
    let token = client.access.token.clone();
    let room = client.room;
    let client = Client { room: None, ..client };
    let (mut greeted, hello) = tokio::time::timeout(PATIENCE, first_message(client)).await.ok()??;
    let Greeted { incoming, outgoing, form } = &mut greeted;
    match check(hello, token.as_deref()).and_then(|()| admit(server)) {
        Ok(admitted) => {
            let name = concat!("drupe ", env!("CARGO_PKG_VERSION"));
            let welcome = Welcome { version: VERSION, server: name, instance: server.instance() };
            outgoing.write_batch(vec![form.write(&Message("welcome", welcome))]).await.ok()?;
            incoming.let_on();
            drop(room);
            Some((greeted, admitted))
        }
        Err(failure) => {
            drop(outgoing.write_batch(vec![form.write(&Message("refused", failure))]).await);
            None
        }
    }
}

/// Settles the form, and reads the first message.
async fn first_message(client: Client) -> Option<(Greeted, Result<Hello, Failure>)> {
    let Client { mut source, outgoing, access, .. } = client;
    let mut first = [0; 4];
    source.0.read_exact(&mut first).await.ok()?;
    if let (b"GET ", Some(origins)) = (&first, &access.origins) {
        let (mut reader, mut writer) = websocket::accept(&first, source, outgoing, origins).await?;
        let form = reader.form(MAX_FIRST).await?;
        writer.form = form;
        let (incoming, outgoing) = (Incoming::of_web(reader), Outgoing::Web(writer));
        return read_hello(Greeted { incoming, outgoing, form }).await;
    }
    let form = Form::of_first(first);
    if access.json && form != Form::JsonLines {
        // In the form that the client reads.
        let message = "this server speaks JSON lines alone (it was started with --json), and the client speaks msgpack";
        let refused = Err(Failure::new("bad_message", message));
        return Some((Greeted { incoming: Incoming::new(source, form, &first), outgoing, form }, refused));
    }
    read_hello(Greeted { incoming: Incoming::new(source, form, &first), outgoing, form }).await
}

async fn read_hello(mut greeted: Greeted) -> Option<(Greeted, Result<Hello, Failure>)> {
    let Greeted { incoming, form, .. } = &mut greeted;
    incoming.limit(MAX_FIRST);
    let hello = match incoming.next().await {
        Ok(Some(payload)) => match form.read(&payload) {
            Ok(ClientMessage::Hello(hello)) => Ok(*hello),
            Ok(_) => Err(Failure::new("expected_hello", "the first message must be hello")),
            Err(unread) => {
                // A request would be refused here.
                let message = unread.message.replace(r#"["ping",{"id":1}]"#, r#"["hello",{"versions":[1]}]"#);
                Err(Failure { field: unread.field, ..Failure::new("bad_message", message) })
            }
        },
        Ok(None) => return None,
        Err(error @ ReadError::TooLarge { .. }) => Err(Failure::new("too_large", error.to_string())),
        Err(ReadError::Torn | ReadError::Io(_)) => return None,
    };
    Some((greeted, hello))
}

fn check(hello: Result<Hello, Failure>, token: Option<&str>) -> Result<(), Failure> {
    let hello = hello?;
    tracing::debug!(client = hello.client.as_deref().unwrap_or("unnamed"), "a client says hello");
    if !hello.versions.contains(&VERSION) {
        let message = format!("this server speaks version {VERSION}, and the client {:?}", hello.versions);
        return Err(Failure::of_field("version", "versions", message));
    }
    match token {
        Some(token) if !is_same(token, hello.token.as_deref().unwrap_or_default()) => {
            Err(Failure::of_field("token", "token", "this server needs its token, which it printed when it started"))
        }
        _ => Ok(()),
    }
}

fn admit(server: &Server) -> Result<Admitted, Failure> {
    server.admit().ok_or_else(|| Failure::new("limit", "this server has as many clients as it may have"))
}

/// Compares in a time that says nothing of where the difference is.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
