//! Tells a model what it has: the policy in force, in words, and the tools with their schemas.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use drupe_client::{Limits, Policy, host::permissions::Kind};
use rmcp::{
    model::{JsonObject, Tool, ToolAnnotations},
    schemars::{JsonSchema, generate::SchemaSettings},
};
use serde_json::Value;

use crate::{
    outcome::RunTold,
    server::Settings,
    tools::{
        inspect, interrupt,
        limits::{MOST_MEMORY, MOST_VM},
        run, sessions, wait,
    },
    wanted::{USUAL_MEMORY, USUAL_VM},
};

/// The tools, under these settings.
pub(crate) fn tools(settings: &Settings) -> Vec<Tool> {
    let policy = policy(settings);
    let computes = ToolAnnotations::new().read_only(is_harmless(settings)).open_world(reaches_out(settings));
    let looks = ToolAnnotations::new().read_only(true).open_world(false);
    vec![
        tool::<run::Args, RunTold>("js_run", &format!("{RUN}\n\n{policy}"), computes.clone()),
        tool::<wait::Args, RunTold>("js_wait", WAIT, computes),
        tool::<interrupt::Args, RunTold>("js_interrupt", INTERRUPT, ToolAnnotations::new().destructive(false).open_world(false)),
        tool::<sessions::Args, sessions::Told>(
            "js_sessions",
            &format!("{SESSIONS}\n\n{policy}"),
            ToolAnnotations::new().open_world(false),
        ),
        tool::<inspect::Args, inspect::Told>("js_inspect", INSPECT, looks),
    ]
}

const RUN: &str = "Runs JavaScript or TypeScript in a session: a V8 process of its own whose variables stay from call to call. \
                   Without `session` a new, empty session is opened; its handle is in the answer: give it with the next call, or \
                   the variables are not there. The value of the last expression is the result; top-level await works, names may \
                   be declared again as anything, `_` is the last result. console.log is returned as text. `display(bytes)` \
                   shows a PNG, JPEG, GIF, WebP or SVG. A run that takes longer than `yield_ms` goes on: `status` is \
                   \"running\", and js_wait gets the rest by `run`. The answer says what stopped the code, whether the \
                   variables are kept or lost, and what it cost: there is no need to guess after a timeout or an error. \
                   A run that is stopped loses its timers and calls; the code behind its await goes on only if it awaited \
                   a promise of an earlier run.";

const WAIT: &str = "Waits for a run that js_run or js_wait left running, and returns what is new: its output, and its end if it \
                    ends within `yield_ms`. A run whose end was told already is told whole again.";

const INTERRUPT: &str = "Stops a run (`run`), or whatever a session is running (`session`). The variables are kept. A run that \
                         has not begun ends at once, and nothing of it is executed.";

const SESSIONS: &str = "Opens, lists, closes and resets sessions. `open` returns the handle of a new session, with a profile and \
                        limits; `reset` empties a session, at once: all its variables are lost; `close` ends its process.";

const INSPECT: &str = "Looks into a session without running any of its code, also while it is busy. what=\"names\": the \
                       variables with types, sizes and previews; \"complete\": what fits at `cursor` in `code`; \"page\": more of \
                       a large result or console output, by the handle that an answer gave.";

/// The policy in force, in words.
pub(crate) fn policy(settings: &Settings) -> String {
    let ceiling = &settings.ceiling;
    let mut text = String::from("What the code has here: ");
    let granted = granted(&ceiling.policy);
    if granted.is_empty() {
        text.push_str("it computes, and nothing else: no files, no network, no environment variables, no programs, no imports.");
    } else {
        text.push_str("besides computing, ");
        text.push_str(&granted.join("; "));
        text.push_str(". Nothing else.");
    }
    let asked = self::granted(&ceiling.ask);
    if !asked.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(text, " A person is asked for more, if the client can ask: {}.", asked.join("; "));
    }
    let limits = limits(ceiling.limits);
    let memory = ceiling.memory_limit.unwrap_or(USUAL_MEMORY) >> 20;
    let most = ceiling.memory_limit.unwrap_or(MOST_MEMORY) >> 20;
    let more = if most > memory { format!(", at most {most} for a session that asks for it") } else { String::new() };
    let _ = write!(text, " Limits: {limits}; a heap of {memory} MiB{more}.");
    text
}

/// What a policy grants, by kind.
pub(crate) fn granted(policy: &Policy) -> Vec<String> {
    let word = |kind: Kind| match kind {
        Kind::Read => "reading files",
        Kind::Write => "writing files",
        Kind::Net => "network",
        Kind::Env => "environment variables",
        Kind::Run => "running programs",
        Kind::Import => "imports from hosts",
    };
    let described = Kind::ALL.into_iter().map(|kind| (kind, policy.describe(kind)));
    described.filter(|(_, what)| !what.starts_with("nothing")).map(|(kind, what)| format!("{}: {what}", word(kind))).collect()
}

/// The limits of runs, in words.
fn limits(limits: Limits) -> String {
    let ms = |limit: Duration| limit.as_millis();
    let vm = match limits.vm_timeout {
        Some(most) => format!("at most {} ms of CPU time for a stretch of JavaScript", ms(most)),
        None => format!(
            "{} ms of CPU time for a stretch of JavaScript, unless vm_timeout_ms says otherwise (at most {})",
            ms(USUAL_VM),
            ms(MOST_VM)
        ),
    };
    match limits.wall_timeout {
        Some(most) => format!("{vm}; at most {} ms for a run", ms(most)),
        None => vm,
    }
}

/// Whether code can change nothing outside of its kernel.
fn is_harmless(settings: &Settings) -> bool {
    let harmless = |policy: &Policy| {
        [Kind::Write, Kind::Net, Kind::Run].into_iter().all(|kind| policy.describe(kind).starts_with("nothing"))
    };
    harmless(&settings.ceiling.policy) && harmless(&settings.ceiling.ask)
}

/// Whether code can talk to others.
fn reaches_out(settings: &Settings) -> bool {
    let reaches = |policy: &Policy| {
        [Kind::Net, Kind::Run, Kind::Import].into_iter().any(|kind| !policy.describe(kind).starts_with("nothing"))
    };
    reaches(&settings.ceiling.policy) || reaches(&settings.ceiling.ask)
}

fn tool<In: JsonSchema, Out: JsonSchema>(name: &'static str, description: &str, hints: ToolAnnotations) -> Tool {
    let settings = SchemaSettings::draft2020_12();
    Tool::new(name, description.to_owned(), schema::<In>(settings.clone()))
        .with_raw_output_schema(schema::<Out>(settings.for_serialize()))
        .with_annotations(hints)
}

/// The schema of the arguments of a tool.
pub(crate) fn input_schema<In: JsonSchema>() -> Arc<JsonObject> {
    schema::<In>(SchemaSettings::draft2020_12())
}

/// The schema of a type, in the words that all clients know: without references, and without formats of Rust's.
fn schema<T: JsonSchema>(settings: SchemaSettings) -> Arc<JsonObject> {
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    plain(&mut schema);
    Arc::new(match schema {
        Value::Object(schema) => schema,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => JsonObject::new(),
    })
}

/// Takes out what only Rust's generator says, and `null`: what is absent is not there, and need not be given. It stands
/// where schemas do, not where names of properties do.
fn plain(schema: &mut Value) {
    let Value::Object(object) = schema else { return };
    for key in ["$schema", "title", "format"] {
        object.remove(key);
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_mut_slice() {
            let one = one.take();
            object.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(schemas)) =
        object.get_mut("anyOf").filter(|schemas| schemas.as_array().is_some_and(|all| all.len() == 2))
    {
        schemas.retain(|schema| schema.get("type").is_none_or(|one| one != "null"));
        if let [Value::Object(one)] = schemas.as_mut_slice() {
            let mut one = std::mem::take(one);
            object.remove("anyOf");
            // The description of the place is more than that of the type.
            one.retain(|key, _| !object.contains_key(key));
            object.extend(one);
        }
    }
    for (key, value) in object {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(plain),
            ("anyOf" | "oneOf" | "allOf", Value::Array(schemas)) => schemas.iter_mut().for_each(plain),
            ("items" | "additionalProperties", schema) => plain(schema),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use drupe_serve::Ceiling;

    use super::*;

    #[test]
    fn schemas_are_plain_objects_that_stand_alone() {
        for tool in tools(&Settings::new(Ceiling::default())) {
            for schema in [Some(tool.input_schema), tool.output_schema] {
                let mut schema = (*schema.unwrap()).clone();
                if let Some(properties) = schema.get_mut("properties") {
                    // It may be null.
                    properties.as_object_mut().unwrap().remove("value");
                }
                let text = serde_json::to_string(&schema).unwrap();
                assert!(text.contains(r#""type":"object""#), "{text}");
                for word in ["$ref", "$defs", "$schema", "\"format\"", "uint", "null\""] {
                    assert!(!text.contains(word), "{}: {word} in {text}", tool.name);
                }
            }
        }
    }

    /// The reference for people.
    const REFERENCE: &str = include_str!("../../../../docs/MCP.md");

    /// The names of all properties in a schema.
    fn properties(schema: &Value, names: &mut Vec<String>) {
        match schema {
            Value::Object(object) => {
                if let Some(Value::Object(own)) = object.get("properties") {
                    names.extend(own.keys().cloned());
                }
                object.values().for_each(|inner| properties(inner, names));
            }
            Value::Array(items) => items.iter().for_each(|inner| properties(inner, names)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    #[test]
    fn the_reference_has_every_tool_argument_and_field() {
        for tool in tools(&Settings::new(Ceiling::default())) {
            assert!(REFERENCE.contains(&format!("| `{}` |", tool.name)), "{}", tool.name);
            let mut names = Vec::new();
            properties(&Value::Object((*tool.input_schema).clone()), &mut names);
            properties(&Value::Object((*tool.output_schema.unwrap()).clone()), &mut names);
            for name in names {
                let is_there = [format!("`{name}`"), format!("`{name}?`")].iter().any(|word| REFERENCE.contains(word));
                assert!(is_there, "{}: {name}", tool.name);
            }
        }
    }

    #[test]
    fn the_policy_of_the_reference_is_one() {
        let (_, rest) = REFERENCE.split_once("```toml\n").unwrap();
        let ceiling = Ceiling::from_toml(rest.split("```").next().unwrap()).unwrap();
        assert_eq!((ceiling.kernels, ceiling.memory_limit), (16, Some(256 << 20)));
        let told = policy(&Settings::new(ceiling));
        assert!(told.contains("reading files: /srv/data, but never /srv/data/keys; environment variables: APP_*"), "{told}");
        assert!(told.contains("writing files: /srv/data/out; network: *.example.com:443."), "{told}");
    }

    #[test]
    fn a_model_is_told_what_the_policy_grants() {
        let mut settings = Settings::new(Ceiling::default());
        assert!(policy(&settings).contains("it computes, and nothing else"), "{}", policy(&settings));
        settings.ceiling.policy.allow(Kind::Read, "/no/such/data").unwrap();
        settings.ceiling.ask.allow_all(Kind::Net);
        settings.ceiling.limits.wall_timeout = Some(Duration::from_secs(9));
        let told = policy(&settings);
        assert!(told.contains("besides computing, reading files: /no/such/data. Nothing else."), "{told}");
        assert!(told.contains("asked for more, if the client can ask: network: everything."), "{told}");
        assert!(told.contains("at most 9000 ms for a run; a heap of 512 MiB"), "{told}");
        let run = &tools(&settings)[0];
        assert_eq!(run.annotations.as_ref().unwrap().open_world_hint, Some(true));
        assert!(run.description.as_ref().unwrap().contains(&told));
    }
}
