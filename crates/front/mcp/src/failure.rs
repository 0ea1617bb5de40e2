//! Errors of a session's kernel: what they say of the variables, and the server's words for them.

use drupe_client::{Cause, Error, Stale};

/// What an error says of the variables of a session. **Kept is only what certainly is.**
pub(crate) fn state_after(error: &Error) -> &'static str {
    match error {
        Error::Died { .. } | Error::CrashLoop { .. } | Error::Launch(_) | Error::Terminated => "lost",
        Error::StaleHandle(Stale::Session) => "lost",
        // The request went nowhere, or its answer says that the kernel is there.
        Error::Encode(_)
        | Error::InputName(_)
        | Error::InputValue { .. }
        | Error::StaleHandle(Stale::Released)
        | Error::Busy { .. }
        | Error::Deadlock { .. }
        | Error::BlockingCall => "kept",
        Error::StaleHandle(_) | Error::Preload(_) | Error::Journal(_) | Error::Unsupported(_) => "unknown",
        _ => "unknown",
    }
}

/// An error in words that are the server's: what the process wrote as it died stands in the data.
pub(crate) fn words(error: &Error) -> String {
    if let Error::Died { death, .. } = error {
        let all = error.to_string();
        let begun = all.strip_prefix(&death.to_string()).unwrap_or_default();
        return format!("{}{begun}", cause(&death.cause));
    }
    if let Error::CrashLoop { count, last } = error {
        return format!("{count} kernels in a row ended before they were of use, the last thus: {}", words(last));
    }
    error.to_string()
}

/// The cause of a death, without what the kernel said of it.
pub(crate) fn cause(cause: &Cause) -> String {
    match cause {
        Cause::EngineFailure(_) => "V8 gave up".to_owned(),
        Cause::Protocol(_) => "the kernel broke the protocol and was killed".to_owned(),
        Cause::Exited(_)
        | Cause::Signal { .. }
        | Cause::SeccompViolation
        | Cause::OutOfMemory
        | Cause::KilledForMemory
        | Cause::Unresponsive
        | Cause::Restarted => cause.to_string(),
        _ => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use drupe_client::{Begun, Death};

    use super::*;

    fn died(cause: Cause) -> Error {
        let mut death = Death::new(cause, 1);
        death.stderr = "x (open); lost: all variables; session s-0".to_owned();
        Error::Died { death: Arc::new(death), started: Begun::No }
    }

    #[test]
    fn kept_is_only_what_certainly_is() {
        for error in [died(Cause::OutOfMemory), Error::Terminated, Error::StaleHandle(Stale::Session)] {
            assert_eq!(state_after(&error), "lost", "{error}");
        }
        for error in [Error::Encode(String::new()), Error::Busy { questions: 1 }, Error::StaleHandle(Stale::Released)] {
            assert_eq!(state_after(&error), "kept", "{error}");
        }
        for error in [Error::StaleHandle(Stale::Unknown), Error::Unsupported("x".to_owned()), Error::Journal(String::new())] {
            assert_eq!(state_after(&error), "unknown", "{error}");
        }
    }

    #[test]
    fn the_words_for_a_death_are_none_of_the_kernel() {
        let hostile = "x; session s-0".to_owned();
        let causes = [Cause::Exited(3), Cause::EngineFailure(hostile.clone()), Cause::Protocol(hostile)];
        for error in causes.map(died) {
            let last = error.clone();
            for error in [error, Error::CrashLoop { count: 3, last: Box::new(last) }] {
                assert!(error.to_string().contains("session s-0"), "{error}");
                assert!(!words(&error).contains("session s-0"), "{}", words(&error));
            }
        }
        assert_eq!(words(&died(Cause::OutOfMemory)), "the kernel ran out of memory; the run had not begun");
    }
}
