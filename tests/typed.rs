//! Rust types that serde knows, in and out of chunks and functions.

use std::collections::BTreeMap;

use drupe_client::{Answer, Call, Chunk, Error, HostError, Kernel, ResultError, Value};
use serde::{Deserialize, Serialize};

use crate::support::{block_on, spawn, text};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    id: u64,
    name: String,
    #[serde(default)]
    tags: Vec<String>,
}

fn rows() -> Vec<Row> {
    vec![Row { id: 1, name: "a".into(), tags: vec!["x".into()] }, Row { id: 1 << 60, name: "b".into(), tags: vec![] }]
}

#[test]
fn inputs_and_results_are_rust_types() {
    block_on(async {
        let kernel = spawn().await;
        let rows = rows();
        let report = kernel.run(Chunk::new("rows").input("rows", &rows)).await.unwrap();
        assert_eq!(report.value_as::<Vec<Row>>().unwrap(), rows);
        let report = kernel.run("rows.map(row => [row.name, typeof row.id])").await.unwrap();
        let kinds: Vec<(&str, String)> = report.value_as().unwrap();
        assert_eq!(kinds, [("a", "number".to_owned()), ("b", "bigint".to_owned())]);
        let report = kernel.run("({ when: new Date(0), by: new Map([[1, new Set([2])]]) })").await.unwrap();
        #[derive(Deserialize)]
        struct Mixed {
            when: String,
            by: BTreeMap<u8, Vec<u8>>,
        }
        let mixed: Mixed = report.value_as().unwrap();
        assert_eq!((mixed.when.as_str(), &mixed.by[&1]), ("1970-01-01T00:00:00.000Z", &vec![2]));
        // What does not fit names its place.
        let error = kernel.run("[{ id: 1, name: 2 }]").await.unwrap().value_as::<Vec<Row>>().unwrap_err();
        assert_eq!(error.to_string(), "the result does not fit the type: [0].name: invalid type: integer `2`, expected a string");
    });
}

#[test]
fn what_is_no_value_is_an_error_by_name() {
    block_on(async {
        let kernel = spawn().await;
        let failed = kernel.run("throw new TypeError('no')").await.unwrap().into_result().unwrap_err();
        assert!(matches!(&failed, ResultError::Failed(outcome) if outcome.name() == "threw"), "{failed:?}");
        assert!(failed.to_string().starts_with("the code threw: TypeError: no"), "{failed}");
        let failed = kernel.run("1 +* 2").await.unwrap().value_as::<u8>().unwrap_err();
        assert!(failed.to_string().starts_with("the code is no valid program: SyntaxError"), "{failed}");
        let failed = kernel.run(Chunk::new("'x'.repeat(9)").value_limit(4)).await.unwrap().into_result().unwrap_err();
        assert_eq!(failed, ResultError::TextOnly("'xxxxxxxxx'".into()));
        let limited = Chunk::new("for (;;) {}").vm_timeout(std::time::Duration::from_millis(20));
        let failed = kernel.run(limited).await.unwrap().outcome.into_result().unwrap_err();
        assert_eq!(failed.to_string(), "the run used up its CPU budget of 20ms");
        assert_eq!(kernel.run("7").await.unwrap().into_result().unwrap(), Value::from(7));
    });
}

#[test]
fn an_input_without_a_value_fails_its_run() {
    #[derive(Serialize)]
    struct Nested(Option<Box<Self>>);
    block_on(async {
        let kernel = spawn().await;
        let deep = (0..100).fold(Nested(None), |inner, _| Nested(Some(Box::new(inner))));
        let deep = vec![(1, deep)];
        kernel.run(Chunk::new("deep").input("deep", &deep)).await.unwrap();
        let lists = (0..100).fold(serde_json::json!([]), |inner, _| serde_json::json!([inner]));
        let error = kernel.run(Chunk::new("1").input("fine", 1).input("lists", &lists)).await.unwrap_err();
        let Error::InputValue { name, error } = &error else { panic!("{error:?}") };
        assert_eq!(name, "lists");
        assert!(error.to_string().contains("nests deeper"), "{error}");
        let dangling = Value::Array(vec![Value::Ref(1), Value::Array(vec![])]);
        let error = kernel.run(Chunk::new("1").input("fine", 1).input_value("list", dangling)).await.unwrap_err();
        let Error::InputValue { name, error } = &error else { panic!("{error:?}") };
        assert!(name == "list" && error.to_string().contains("its object number 1"), "{error}");
        let error = kernel.run(Chunk::new("1").input("no name", &lists)).await.unwrap_err();
        assert!(matches!(&error, Error::InputName(name) if name == "no name"), "{error}");
        // Neither reached the session.
        assert_eq!(text(&kernel, "typeof fine").await, "'undefined'");
    });
}

#[test]
fn functions_take_and_return_rust_types() {
    block_on(async {
        let kernel = spawn().await;
        kernel
            .register_typed("rows.find", |(id, limit): (u64, Option<usize>)| async move {
                let found: Vec<_> = rows().into_iter().filter(|row| row.id == id).collect();
                if found.is_empty() { Err(HostError::new("RangeError", "no such row")) } else { Ok((found, limit)) }
            })
            .unwrap();
        kernel.register_typed("rows.name", |row: Row| async move { Ok(row.name) }).unwrap();
        kernel.register_typed("rows.count", |()| async { Ok(u64::MAX) }).unwrap();
        kernel.register_typed("pass", |(value,): (Value,)| async { Ok(value) }).unwrap();
        kernel
            .register("rows.first", |call: Call| async move {
                let (id, more): (u64, Option<Vec<u8>>) = call.args_as()?;
                Ok(Answer::of(&(id, more.map_or(0, |more| more.len())))?)
            })
            .unwrap();
        assert_eq!(text(&kernel, "await host.rows.find(1)").await, "[ [ { id: 1, name: 'a', tags: [Array] } ], null ]");
        assert_eq!(text(&kernel, "(await host.rows.find(2n ** 60n, 5, 'more'))[1]").await, "5");
        assert_eq!(text(&kernel, "await host.rows.name({ id: 1, name: 'c', tags: undefined })").await, "'c'");
        assert_eq!(text(&kernel, "await host.rows.count(1, 2)").await, "18446744073709551615n");
        assert_eq!(text(&kernel, "await host.pass(new Set([/a/g]))").await, "Set(1) { /a/g }");
        assert_eq!(text(&kernel, "await host.rows.first(1, [1, 2])").await, "[ 1, 2 ]");
        let caught = "await host.rows.find(2).catch(error => [error.name, error.message])";
        assert_eq!(text(&kernel, caught).await, "[ 'RangeError', 'no such row' ]");
        let caught = "await host.rows.find('x').catch(error => [error.name, error.code, error.message])";
        let told = "argument 1 of rows.find: invalid type: string \"x\", expected u64";
        assert_eq!(text(&kernel, caught).await, format!("[\n  'TypeError',\n  'ERR_INVALID_ARG_TYPE',\n  '{told}'\n]"));
        let caught = "await host.rows.name({ id: 1, name: 'c', tags: [1] }).catch(error => error.message)";
        let told = "argument 1 of rows.name, at tags[0]: invalid type: integer `1`, expected a string";
        assert_eq!(text(&kernel, caught).await, format!("'{told}'"));
        let caught = "await host.rows.name().catch(error => error.message)";
        assert!(text(&kernel, caught).await.contains("argument 1 of rows.name: invalid type"));
    });
}

/// A program without async has them, too.
#[test]
fn blocking_kernels_have_them_too() {
    use drupe_client::blocking;
    let builder = Kernel::builder().program(crate::support::kernel_program()).launch_timeout(crate::support::PATIENT);
    let kernel = blocking::Kernel::spawn(builder).unwrap();
    kernel.asynchronous().register_typed("double", |number: f64| async move { Ok(number * 2.0) }).unwrap();
    let report = kernel.run(Chunk::new("await host.double(n)").input("n", 1.5)).unwrap();
    assert_eq!(report.value_as::<f64>().unwrap(), 3.0);
}
