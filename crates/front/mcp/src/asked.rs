//! What JavaScript asks a person, what they say, and how that is told.

use drupe_client::host::permissions::Decision;
use rmcp::schemars::JsonSchema;
use serde::Serialize;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Permission { permission: &'static str, resource: String, api: String },
    Confirm { message: String },
    Prompt { message: String, otherwise: Option<String> },
}

/// What a person said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Permission(Decision),
    Confirm(bool),
    Prompt(Option<String>),
    /// No: a person turned the question down.
    Declined,
    /// A person closed the question without an answer.
    Dismissed,
    /// No answer: no person could be asked, or the question was taken back.
    Nothing,
    /// The client brought what is no answer, for this reason. **It is no word of a person's.**
    Wrong(String),
}

/// A question that was answered, or could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct QuestionTold {
    /// `permission`, `confirm` or `prompt`.
    pub(crate) kind: &'static str,
    /// What was asked.
    pub(crate) question: String,
    /// What the code got: `once`, `session`, `denied`; `true`, `false`; a text, or `null`. Code that was
    /// stopped there got nothing.
    pub(crate) answer: String,
    /// `person`: they answered; `person_declined`; `person_dismissed`: they closed the question without an answer;
    /// `nobody`: the client cannot ask a person; `taken_back`: the run ended before an answer came; `client_error`: the
    /// client sent an answer that is not valid.
    pub(crate) by: &'static str,
    /// What is wrong with the client's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

impl Asked {
    /// What kind of question it is, as [`QuestionTold::kind`].
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Permission { .. } => "permission",
            Self::Confirm { .. } => "confirm",
            Self::Prompt { .. } => "prompt",
        }
    }
}

/// The question for a permission, as [`QuestionTold::question`].
pub(crate) fn question_for(permission: &str, resource: &str, api: &str) -> String {
    format!("{permission} {resource} ({api})")
}

/// A question that is over, and what was said. `by`: as [`QuestionTold::by`], where the answer does not say it.
pub(crate) fn told(asked: &Asked, said: &Said, by: &'static str) -> QuestionTold {
    let question = match asked {
        Asked::Permission { permission, resource, api } => question_for(permission, resource, api),
        Asked::Confirm { message } | Asked::Prompt { message, .. } => message.clone(),
    };
    let answer = match (asked, said) {
        (_, Said::Permission(Decision::Once)) => "once".to_owned(),
        (_, Said::Permission(Decision::Session)) => "session".to_owned(),
        (_, Said::Permission(Decision::Deny | Decision::Failed)) | (Asked::Permission { .. }, _) => "denied".to_owned(),
        (_, Said::Confirm(yes)) => yes.to_string(),
        (Asked::Confirm { .. }, _) => "false".to_owned(),
        (_, Said::Prompt(Some(text))) => text.clone(),
        (Asked::Prompt { .. }, _) => "null".to_owned(),
    };
    let error = if let Said::Wrong(why) = said { Some(why.clone()) } else { None };
    let by = match said {
        Said::Wrong(_) => "client_error",
        Said::Declined => "person_declined",
        Said::Dismissed => "person_dismissed",
        Said::Permission(_) | Said::Confirm(_) | Said::Prompt(_) | Said::Nothing => by,
    };
    QuestionTold { kind: asked.kind(), question, answer, by, error }
}
