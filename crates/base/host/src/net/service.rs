//! The service `net`, which JavaScript's `fetch` calls.

use bytes::Bytes;
use drupe_protocol::{HostError, Value};

use super::{
    Client, Guard,
    client::{Head, pairs},
    request::{Body, Request},
    upload::Uploads,
};
use crate::{Answer, Answering, Call, Permissions, Service, permissions::Kind};

/// The service `net`.
///
/// - `fetch(method, url, headers, body, redirect)`: a stream. Its first item is the head,
///   `{ status, statusText, headers, url, redirected }`; then come the pieces of the body. `headers` are names and
///   values in turn; `body` is `undefined`, bytes, or the number of an upload.
/// - `upload()`: the number of a new upload, whose pieces are given by `write(number, bytes)` until `end(number)` or
///   `abort(number)`. Each says whether anybody wants more.
#[derive(Debug)]
pub struct Net {
    client: Client,
    permissions: Permissions,
}

impl Net {
    /// Requests by `client`, as `permissions` permit.
    #[must_use]
    pub fn new(permissions: &Permissions, client: Client) -> Self {
        Self { client, permissions: permissions.clone() }
    }
}

impl Service for Net {
    fn call(&self, call: Call) -> Answering {
        let uploads = call.session.state::<Uploads>();
        match &*call.op {
            "fetch" => {
                let client = self.client.clone();
                let guard = Guard::new(&self.permissions, Kind::Net, "fetch", call.run);
                Box::pin(async move {
                    let request = request(&call, &uploads)?;
                    let (head, body) = client.send(&guard, request).await?;
                    Ok(Answer::stream(body.after(head_value(&head))))
                })
            }
            "upload" => Box::pin(async move { Ok(uploads.open()?.into()) }),
            "write" => Box::pin(async move {
                let piece = bytes(call.arg(1)).ok_or_else(|| wrong(&call, "a number and bytes"))?;
                Ok(uploads.write(upload(&call, 0)?, Some(piece)).await.into())
            }),
            "end" => Box::pin(async move { Ok(uploads.write(upload(&call, 0)?, None).await.into()) }),
            "abort" => Box::pin(async move {
                uploads.abort(upload(&call, 0)?);
                Ok(().into())
            }),
            other => {
                let message = format!("this host answers no \"net.{other}\"");
                Box::pin(async move { Err(HostError::new("Error", message).with_code("ERR_NOT_SUPPORTED")) })
            }
        }
    }
}

fn request(call: &Call, uploads: &Uploads) -> Result<Request, HostError> {
    let body = match call.arg(3) {
        Value::Undefined => Body::None,
        Value::Number(_) => {
            let taken = uploads.take(upload(call, 3)?).ok_or_else(|| wrong(call, "an upload that is open"))?;
            Body::Pieces(Some(taken))
        }
        other => Body::Whole(bytes(other).ok_or_else(|| wrong(call, "a body of bytes"))?),
    };
    Ok(Request::new(call.string(0)?, call.string(1)?, call.arg(2), body, call.arg(4))?)
}

fn upload(call: &Call, index: usize) -> Result<u32, HostError> {
    match call.arg(index) {
        // A whole number that is small enough.
        Value::Number(number) if f64::from(*number as u32) == *number => Ok(*number as u32),
        _ => Err(wrong(call, "the number of an upload")),
    }
}

fn bytes(value: &Value) -> Option<Bytes> {
    match value {
        Value::ArrayBuffer(bytes) | Value::TypedArray(_, bytes) => Some(Bytes::copy_from_slice(bytes)),
        _ => None,
    }
}

fn wrong(call: &Call, wanted: &str) -> HostError {
    HostError::new("TypeError", format!("net.{} wants {wanted}", call.op)).with_code("ERR_INVALID_ARG_TYPE")
}

fn head_value(head: &Head) -> Value {
    let headers = pairs(&head.headers).into_iter().flat_map(|(name, value)| [name, value]).collect::<Vec<_>>();
    Value::Object(vec![
        ("status".to_owned(), head.status.as_u16().into()),
        ("statusText".to_owned(), head.reason.as_str().into()),
        ("headers".to_owned(), headers.into()),
        ("url".to_owned(), head.url.as_str().into()),
        ("redirected".to_owned(), head.redirected.into()),
    ])
}
