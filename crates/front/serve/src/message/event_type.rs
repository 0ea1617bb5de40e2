//! The types of events that a client asks for.

use drupe_client::Event;
use serde::{Deserialize, Deserializer, de::Error};

/// What ends a run or a kernel. A client of the library has it as a result, and no event.
const ENDS: [&str; 3] = ["outcome", "error", "closed"];

/// The event that the message of a run's end has in it.
const IN_OUTCOME: &str = "result";

/// A type of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventType(&'static str);

impl EventType {
    /// The type as events have it.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }

    fn all() -> impl Iterator<Item = Self> {
        Event::NAMES.iter().copied().filter(|name| *name != IN_OUTCOME).chain(ENDS).map(Self)
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::all().find(|event| event.0 == word).ok_or_else(|| {
            let known: Vec<_> = Self::all().map(|event| format!("`{}`", event.0)).collect();
            D::Error::custom(format_args!(
                "there is no type of event {:?}; there are {}",
                word.chars().take(64).collect::<String>(),
                known.join(", ")
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_that_is_sent_can_be_asked_for() {
        for name in Event::NAMES.iter().copied().chain(ENDS) {
            let read: Result<EventType, _> = serde_json::from_value(name.into());
            assert_eq!(read.ok().map(EventType::name), (name != IN_OUTCOME).then_some(name), "{name}");
        }
    }

    #[test]
    fn an_unknown_type_is_named_with_those_that_there_are() {
        let error = serde_json::from_value::<EventType>("results".into()).unwrap_err().to_string();
        assert!(error.starts_with("there is no type of event \"results\"; there are `session`, `started`,"), "{error}");
    }
}
