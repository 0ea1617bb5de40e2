//! Puts questions of JavaScript to the person behind a client, as elicitation: by a request within the call, or, since
//! 2026-07-28, by an answer that the client sends again with what the person said.

use std::collections::BTreeMap;

use drupe_client::{host::permissions::Decision, preview::Text};
use rmcp::{
    ErrorData, RoleServer,
    model::{
        ClientResult, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema, InputRequest,
        InputRequiredResult, InputResponses, ProtocolVersion, ServerRequest,
    },
    service::{Peer, PeerRequestOptions, RequestContext, ServiceError},
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{
    asked::{Asked, Said},
    questions::{Claim, Questions},
};

/// The name of the question among the requests for input of an answer.
const QUESTION: &str = "question";

/// How much is told of why an answer is none, in characters.
const MAX_WHY: usize = 200;

/// Whether a client can put questions to a person.
pub(crate) fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    let elicitation = context.client_capabilities().and_then(|capabilities| capabilities.elicitation);
    // Before there were several modes, the capability was empty.
    elicitation.is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none())
}

/// Whether questions are answers of their own: the server may send no requests.
pub(crate) fn asks_by_answer(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

/// Asks by a request, and answers the question. `false`: the client cannot be asked, after all.
///
/// When the question is over meanwhile, or the call is `cancelled`, the request is taken back. It outlives a call that
/// ends.
pub(crate) async fn ask(peer: &Peer<RoleServer>, claim: &Claim, questions: &Questions, cancelled: oneshot::Receiver<()>) -> bool {
    let Some(params) = params(&claim.asked) else { return false };
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(params));
    let Ok(mut request) = peer.send_cancellable_request(request, PeerRequestOptions::no_options()).await else {
        return false;
    };
    let mut bell = questions.bell();
    let cancelled = async {
        if cancelled.await.is_err() {
            // The call has ended.
            std::future::pending::<()>().await;
        }
    };
    tokio::pin!(cancelled);
    loop {
        tokio::select! {
            answered = &mut request.rx => {
                match answered {
                    Ok(Ok(ClientResult::ElicitResult(result))) => questions.answer(claim.number, said(&claim.asked, &result), "person"),
                    Ok(Ok(_)) => questions.answer(claim.number, wrong("it has no \"action\" that is known"), "person"),
                    Ok(Err(ServiceError::McpError(ErrorData { code, message, .. }))) => {
                        questions.answer(claim.number, wrong(&format!("error {}: {message}", code.0)), "person");
                    }
                    // It is gone.
                    Ok(Err(_)) | Err(_) => return false,
                }
                return true;
            }
            Ok(()) = bell.changed() => {
                if !questions.is_open(claim.number) {
                    // A client that is gone needs no word.
                    drop(request.cancel(Some("the run ended before there was an answer".to_owned())).await);
                    return true;
                }
            }
            () = &mut cancelled => {
                drop(request.cancel(Some("the call was cancelled".to_owned())).await);
                return true;
            }
        }
    }
}

/// Asks by an answer. The client gives back `token` with what the person said.
pub(crate) fn required(asked: &Asked, token: String) -> Option<InputRequiredResult> {
    let request = InputRequest::Elicitation(ElicitRequest::new(params(asked)?));
    Some(InputRequiredResult::new(Some(BTreeMap::from([(QUESTION.to_owned(), request)])), Some(token)))
}

/// What the person said to a question that was asked by an answer. `None`: nothing, so that it is asked again.
pub(crate) fn response(asked: &Asked, responses: Option<&InputResponses>) -> Option<Said> {
    let response = responses?.get(QUESTION)?;
    let result = serde_json::from_value::<ElicitResult>(response.clone());
    Some(result.map_or_else(|error| wrong(&error.to_string()), |result| said(asked, &result)))
}

/// What the client answered with is no answer.
fn wrong(why: &str) -> Said {
    Said::Wrong(sanitize(&why.chars().take(MAX_WHY).collect::<String>()))
}

/// The form of a question. Its text is the program's, and is told as that.
fn params(asked: &Asked) -> Option<ElicitRequestParams> {
    let (message, property) = match asked {
        Asked::Permission { permission, resource, api } => {
            let message =
                format!("JavaScript asks for permission to {} {} ({}).", doing(permission), sanitize(resource), sanitize(api));
            let decision = json!({
                "type": "string",
                "title": "Decision",
                "description": "once: this time; session: this same thing until the session ends; deny: no",
                "enum": ["deny", "once", "session"],
            });
            (message, ("decision", decision))
        }
        Asked::Confirm { message } => {
            (format!("The program asks: {}", sanitize(message)), ("yes", json!({ "type": "boolean", "title": "Yes" })))
        }
        Asked::Prompt { message, otherwise } => {
            let mut answer = json!({ "type": "string", "title": "Answer" });
            if let Some(otherwise) = otherwise {
                answer["default"] = sanitize(otherwise).into();
            }
            (format!("The program asks: {}", sanitize(message)), ("answer", answer))
        }
    };
    let (name, property) = property;
    let schema = json!({ "type": "object", "properties": { name: property }, "required": [name] });
    let requested_schema = serde_json::from_value::<ElicitationSchema>(schema).ok()?;
    Some(ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema })
}

/// What a permission lets do, in words.
fn doing(permission: &str) -> &str {
    match permission {
        "net" => "talk to",
        "env" => "read the environment variable",
        "import" => "import modules from",
        other => other,
    }
}

/// Text of the program, without what would act upon a terminal.
fn sanitize(text: &str) -> String {
    drupe_preview::sanitize(&Text::from(text)).into_owned()
}

fn said(asked: &Asked, result: &ElicitResult) -> Said {
    match result.action {
        ElicitationAction::Accept => {}
        ElicitationAction::Decline => return Said::Declined,
        ElicitationAction::Cancel => return Said::Dismissed,
        _ => return wrong("its \"action\" is not known"),
    }
    let of = |name: &str| result.content.as_ref().and_then(|content| content.get(name));
    match asked {
        Asked::Permission { .. } => match of("decision").and_then(Value::as_str) {
            Some("once") => Said::Permission(Decision::Once),
            Some("session") => Said::Permission(Decision::Session),
            Some("deny") => Said::Permission(Decision::Deny),
            _ => wrong("\"decision\" must be \"once\", \"session\" or \"deny\""),
        },
        Asked::Confirm { .. } => match of("yes") {
            Some(Value::Bool(yes)) => Said::Confirm(*yes),
            _ => wrong("\"yes\" must be a boolean"),
        },
        Asked::Prompt { .. } => match of("answer") {
            Some(Value::String(text)) => Said::Prompt(Some(text.clone())),
            _ => wrong("\"answer\" must be a string"),
        },
    }
}
