//! Requests over HTTP that have no answer yet, by their connections.

use std::{
    collections::HashMap,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use http::header;
use http_body_util::{BodyExt as _, combinators::BoxBody};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use rmcp::model::RequestId;

use crate::{body::Answer, open_ids::OpenIds};

/// Connections that are remembered before those that are gone are forgotten.
const MAX_REMEMBERED: usize = 2048;

/// The ids of requests without an answer, by their connections.
#[derive(Debug, Default)]
pub(crate) struct OpenRequests(Mutex<HashMap<String, OpenIds>>);

/// A request that has no answer yet. **One whose answer was not read to its end stays**: it may still come.
#[derive(Debug)]
pub(crate) struct OpenRequest {
    all: Arc<OpenRequests>,
    connection: String,
    id: RequestId,
}

impl OpenRequests {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, OpenIds>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request. `None`: another of this id has no answer yet. `is_there`: whether a connection has not ended.
    pub(crate) fn begin(
        self: &Arc<Self>,
        connection: &str,
        id: &RequestId,
        is_there: impl Fn(&str) -> bool,
    ) -> Option<OpenRequest> {
        let mut all = self.lock();
        if all.len() > MAX_REMEMBERED {
            all.retain(|connection, _| is_there(connection));
        }
        let is_new = all.entry(connection.to_owned()).or_default().begin(id);
        is_new.then(|| OpenRequest { all: self.clone(), connection: connection.to_owned(), id: id.clone() })
    }
}

impl OpenRequest {
    /// The request has its answer.
    fn end(self) {
        let mut all = self.all.lock();
        if let Some(ids) = all.get_mut(&self.connection) {
            ids.end(&self.id);
            if ids.is_empty() {
                all.remove(&self.connection);
            }
        }
    }

    /// Ends when this answer was read.
    pub(crate) fn end_with(self, answer: Answer) -> Answer {
        let kind = answer.headers().get(header::CONTENT_TYPE);
        if kind.is_none_or(|kind| kind != "text/event-stream") {
            self.end();
            return answer;
        }
        answer.map(|body| Ending { body, request: Some(self) }.boxed())
    }
}

/// A body, whose end is that of a request.
struct Ending {
    body: BoxBody<Bytes, Infallible>,
    request: Option<OpenRequest>,
}

impl Body for Ending {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(None) = polled
            && let Some(request) = self.request.take()
        {
            request.end();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        // It is asked for the end that it tells.
        false
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use http::Response;
    use http_body_util::Full;

    use super::*;

    fn answer(kind: &'static str) -> Answer {
        let mut answer = Response::new(Full::new(Bytes::from_static(b"data: 1\n\n")).boxed());
        answer.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        answer
    }

    #[tokio::test]
    async fn an_id_is_free_when_its_answer_was_read() {
        let all = Arc::new(OpenRequests::default());
        let begin = |connection: &str, id| all.begin(connection, &RequestId::Number(id), |_| true);
        let first = begin("a", 1).unwrap();
        assert!(begin("a", 1).is_none() && begin("b", 1).is_some() && begin("a", 2).is_some());
        let answered = first.end_with(answer("text/event-stream"));
        assert!(begin("a", 1).is_none(), "it is on its way");
        answered.into_body().collect().await.unwrap();
        let again = begin("a", 1).unwrap();
        drop(again.end_with(answer("application/json")));
        // An answer whose body was not read to its end may still arrive.
        drop(begin("a", 1).unwrap().end_with(answer("text/event-stream")));
        assert!(begin("a", 1).is_none());
    }

    #[test]
    fn connections_that_are_gone_are_forgotten() {
        let all = Arc::new(OpenRequests::default());
        for number in 0..=MAX_REMEMBERED {
            assert!(all.begin(&number.to_string(), &RequestId::Number(1), |_| true).is_some());
        }
        assert!(all.begin("last", &RequestId::Number(1), |connection| connection == "7").is_some());
        assert_eq!(all.lock().len(), 2);
    }
}
