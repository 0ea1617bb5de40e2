//! Reads the arguments of a tool. What is wrong with them is said in the words of the schema that the model has.

use rmcp::{model::JsonObject, schemars::JsonSchema};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{describe::input_schema, refusal::Refusal};

/// How much of a value is told, in characters.
const MAX_SHOWN: usize = 40;

/// Reads arguments.
pub(crate) fn read<T: DeserializeOwned + JsonSchema>(arguments: JsonObject) -> Result<T, Refusal> {
    let arguments = Value::Object(arguments);
    serde_path_to_error::deserialize(&arguments).map_err(|error| {
        if let Some(refusal) = wrong(&arguments, &input_schema::<T>()) {
            return refusal;
        }
        let path = error.path().to_string();
        let argument = (path != ".").then_some(path);
        Refusal { argument, ..Refusal::new("bad_argument", format!("The arguments are wrong: {error}.")) }
    })
}

/// Refuses the first argument that is given and would have no effect. `chosen`: the choice that does not use them, as
/// it stands in the call.
pub(super) fn unused(chosen: &str, arguments: &[(&str, bool)]) -> Result<(), Refusal> {
    match arguments.iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => {
            let message = format!("`{name}` has no effect with {chosen}: leave it out.");
            Err(Refusal::of("bad_argument", name, message))
        }
        None => Ok(()),
    }
}

/// The first argument that the schema does not allow, and what it should be.
fn wrong(arguments: &Value, schema: &JsonObject) -> Option<Refusal> {
    let (arguments, known) = (arguments.as_object()?, schema.get("properties")?.as_object()?);
    let is_needed = |name: &String| {
        let needed = schema.get("required").and_then(Value::as_array);
        needed.is_some_and(|all| all.iter().any(|one| one == name))
    };
    for (name, value) in arguments {
        let Some(one) = known.get(name) else {
            let names = known.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Some(Refusal::of("bad_argument", name, format!("There is no argument {}; there are {names}.", shown(name))));
        };
        if value.is_null() && !is_needed(name) {
            continue;
        }
        if let Some(wanted) = mismatch(value, one) {
            let message = format!("`{name}` must be {wanted}, and is {}.", told(value));
            return Some(Refusal::of("bad_argument", name, message));
        }
    }
    let missing = known.iter().find(|(name, _)| is_needed(name) && !arguments.contains_key(*name));
    missing.map(|(name, schema)| {
        let wanted = wanted(schema).unwrap_or_else(|| "given".to_owned());
        Refusal::of("bad_argument", name, format!("`{name}` is missing: it must be {wanted}."))
    })
}

/// What a value should be. `None`: it is that.
fn mismatch(value: &Value, schema: &Value) -> Option<String> {
    let words = words(schema);
    let is_right = match schema.get("type").and_then(Value::as_str) {
        Some("integer") => value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("string") => value.as_str().is_some_and(|text| words.is_empty() || words.contains(&text)),
        _ => value.as_str().is_none_or(|text| words.is_empty() || words.contains(&text)),
    };
    if is_right { None } else { wanted(schema) }
}

/// What a schema allows, in words.
fn wanted(schema: &Value) -> Option<String> {
    let words = words(schema);
    if !words.is_empty() {
        return Some(format!("one of {}", words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ")));
    }
    Some(match schema.get("type").and_then(Value::as_str)? {
        "integer" => "a whole number, 0 or more".to_owned(),
        "number" => "a number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "string" => "a string".to_owned(),
        other => format!("of the type {other}"),
    })
}

/// The strings that a schema allows, if it lists them.
fn words(schema: &Value) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let described = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten().filter_map(|one| one.get("const"));
    listed.chain(described).filter_map(Value::as_str).collect()
}

/// A value in words, short.
fn told(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the string {}", shown(text)),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;
    use crate::tools::{inspect, run, sessions};

    fn refused<T: DeserializeOwned + JsonSchema>(arguments: Value) -> (String, String) {
        let Value::Object(arguments) = arguments else { panic!("no arguments: {arguments}") };
        let Err(refusal) = read::<T>(arguments) else { panic!("they are right") };
        assert_eq!(refusal.code, "bad_argument");
        (refusal.argument.unwrap(), refusal.message)
    }

    #[test]
    fn wrong_arguments_are_named_in_words_of_the_schema() {
        let run = |argument: &str, value: Value| {
            let mut arguments = json!({ "code": "1" });
            arguments[argument] = value;
            refused::<run::Args>(arguments)
        };
        let told = |argument: &str, message: &str| (argument.to_owned(), message.to_owned());
        assert_eq!(
            run("vm_timeout_ms", json!("soon")),
            told("vm_timeout_ms", "`vm_timeout_ms` must be a number, and is the string \"soon\".")
        );
        assert_eq!(run("yield_ms", json!([1])), told("yield_ms", "`yield_ms` must be a number, and is an array."));
        assert_eq!(run("session", json!(7)), told("session", "`session` must be a string, and is 7."));
        assert_eq!(run("code", json!(null)), told("code", "`code` must be a string, and is null."));
        assert!(run("timeout", json!(7)).1.starts_with("There is no argument \"timeout\"; there are `"));
        assert_eq!(refused::<run::Args>(json!({})), told("code", "`code` is missing: it must be a string."));
        let sessions = refused::<sessions::Args>(json!({ "action": "shut" }));
        assert_eq!(
            sessions,
            told("action", "`action` must be one of \"open\", \"list\", \"close\", \"reset\", and is the string \"shut\".")
        );
        let profile = refused::<sessions::Args>(json!({ "action": "open", "profile": "all" }));
        assert_eq!(profile, told("profile", "`profile` must be one of \"policy\", \"compute\", and is the string \"all\"."));
        for wrong in [json!(-1), json!(1.5), json!("x")] {
            let (argument, message) = refused::<sessions::Args>(json!({ "action": "open", "memory_limit_mib": wrong }));
            assert!(argument == "memory_limit_mib" && message.contains("must be a whole number"), "{message}");
        }
        let (argument, message) = refused::<inspect::Args>(json!({ "what": "complete", "cursor": "end" }));
        assert!(argument == "cursor" && message.contains("must be a whole number"), "{message}");
    }

    #[test]
    fn what_may_be_left_out_may_be_null() {
        let arguments = json!({ "code": "1", "session": null, "vm_timeout_ms": null, "yield_ms": 5 });
        let Value::Object(arguments) = arguments else { panic!("no arguments") };
        assert!(read::<run::Args>(arguments).is_ok());
    }
}
