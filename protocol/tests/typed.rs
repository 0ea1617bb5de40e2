//! Rust types as JavaScript values and back.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, HashMap};

use drupe_protocol::{
    Value,
    value::{BigInt, Bytes, ErrorValue, Opaque, RegExp, TypedArrayKind, from_args, from_value, to_value},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

fn object(entries: &[(&str, Value)]) -> Value {
    entries.iter().cloned().collect()
}

#[track_caller]
fn both_ways<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(data: T, value: Value) {
    assert_eq!(to_value(&data).unwrap(), value);
    assert_eq!(from_value::<T>(&value).unwrap(), data);
}

fn refused<T: DeserializeOwned + std::fmt::Debug>(value: impl Into<Value>) -> String {
    from_value::<T>(&value.into()).unwrap_err().to_string()
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: u64,
    full_name: String,
    tags: Vec<String>,
    parent: Option<Box<Row>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Line(i8, i8),
    Box { width: u8 },
}

#[test]
fn numbers_are_numbers_where_a_double_holds_them_and_bigints_beyond() {
    both_ways(1_u8, 1.into());
    both_ways(-7_i64, (-7).into());
    both_ways(1.5_f32, 1.5.into());
    both_ways(9_007_199_254_740_991_u64, Value::Number(9_007_199_254_740_991.0));
    both_ways(u64::MAX, Value::BigInt(BigInt::from(i128::from(u64::MAX))));
    both_ways(i64::MIN, Value::BigInt(BigInt::from(i128::from(i64::MIN))));
    both_ways(i128::MIN, Value::BigInt(BigInt::from(i128::MIN)));
    both_ways(u128::MAX, Value::BigInt(BigInt::new(false, vec![255; 16])));
    both_ways(f64::INFINITY, Value::Number(f64::INFINITY));
    assert!(from_value::<f64>(&Value::Number(-0.0)).unwrap().is_sign_negative());
    assert_eq!(from_value::<u64>(&Value::Number(1e19)).unwrap(), 10_000_000_000_000_000_000);
    assert_eq!(from_value::<f64>(&Value::from(7)).unwrap(), 7.0);
    assert_eq!(
        from_value::<(i32, u8, Vec<i64>)>(&vec![Value::Number(-0.0), (-0.0).into(), vec![-0.0].into()].into()).unwrap(),
        (0, 0, vec![0])
    );
    assert!(refused::<u32>(1.5).contains("1.5"));
    assert!(refused::<u32>(-1).contains("-1"));
    assert!(refused::<u8>(256).contains("256"));
    assert!(refused::<i64>(f64::NAN).contains("NaN"));
    assert!(refused::<u64>(Value::BigInt(BigInt::new(false, vec![1; 17]))).contains("128 bits"));
}

#[test]
fn structs_lists_maps_and_options() {
    let row = Row { id: 7, full_name: "Ada".into(), tags: vec!["a".into()], parent: Some(Box::default()) };
    let parent = object(&[("id", 0.into()), ("fullName", "".into()), ("tags", Value::Array(vec![])), ("parent", Value::Null)]);
    let value = object(&[("id", 7.into()), ("fullName", "Ada".into()), ("tags", vec!["a"].into()), ("parent", parent)]);
    both_ways(row, value);
    both_ways((1, 'x', ()), Value::Array(vec![1.into(), "x".into(), Value::Undefined]));
    both_ways(BTreeMap::from([(1, true), (2, false)]), object(&[("1", true.into()), ("2", false.into())]));
    both_ways(BTreeMap::from([(false, "no".to_owned())]), object(&[("false", "no".into())]));
    both_ways(HashMap::from([((1, 2), "x".to_owned())]), Value::Map(vec![(Value::Array(vec![1.into(), 2.into()]), "x".into())]));
    both_ways(Some(3), 3.into());
    both_ways(None::<u8>, Value::Null);
    assert_eq!(from_value::<Option<u8>>(&Value::Undefined).unwrap(), None);
}

#[test]
fn variants_are_names_or_objects_with_one_property() {
    both_ways(Shape::Point, "Point".into());
    both_ways(Shape::Circle(2.5), object(&[("Circle", 2.5.into())]));
    both_ways(Shape::Line(1, -1), object(&[("Line", vec![1, -1].into())]));
    both_ways(Shape::Box { width: 3 }, object(&[("Box", object(&[("width", 3.into())]))]));
    assert!(refused::<Shape>("Square").contains("Square"));
    assert!(refused::<Shape>(Value::Array(vec![])).contains("one property"));
}

#[test]
fn what_json_has_no_word_for_is_read_too() {
    let set = Value::Set(vec![1.into(), 2.into()]);
    assert_eq!(from_value::<Vec<u8>>(&set).unwrap(), [1, 2]);
    let map = Value::Map(vec![("a".into(), 1.into())]);
    assert_eq!(from_value::<Vec<(String, u8)>>(&map).unwrap(), [("a".to_owned(), 1)]);
    assert_eq!(from_value::<HashMap<String, u8>>(&map).unwrap()["a"], 1);
    assert_eq!(from_value::<String>(&Value::Date(0.0)).unwrap(), "1970-01-01T00:00:00.000Z");
    assert_eq!(from_value::<u64>(&Value::Date(12.0)).unwrap(), 12);
    assert_eq!(from_value::<Option<String>>(&Value::Date(f64::NAN)).unwrap(), None);
    let regexp = Value::RegExp(Box::new(RegExp { source: "a+".into(), flags: "g".into() }));
    assert_eq!(from_value::<&str>(&"lent".into()).unwrap(), "lent");
    assert_eq!(from_value::<String>(&regexp).unwrap(), "/a+/g");
    let floats = Value::TypedArray(TypedArrayKind::Float32, 1.5_f32.to_le_bytes().into());
    assert_eq!(from_value::<Vec<f64>>(&floats).unwrap(), [1.5]);
    let wide = Value::TypedArray(TypedArrayKind::BigUint64, [255; 8].into());
    assert_eq!(from_value::<Vec<u64>>(&wide).unwrap(), [u64::MAX]);
    both_ways(Bytes::from([1, 2]), Value::TypedArray(TypedArrayKind::Uint8, [1, 2].into()));
    assert_eq!(from_value::<Bytes>(&Value::ArrayBuffer([3].into())).unwrap(), [3]);
    assert_eq!(from_value::<Vec<u8>>(&Value::ArrayBuffer([3].into())).unwrap(), [3]);
    #[derive(Deserialize)]
    struct Failure {
        name: String,
        cause: Option<Value>,
        stack: Option<String>,
    }
    let error = ErrorValue { name: "TypeError".into(), cause: Some(set.clone()), ..ErrorValue::default() };
    let failure: Failure = from_value(&Value::Error(Box::new(error))).unwrap();
    assert_eq!((failure.name.as_str(), failure.cause, failure.stack), ("TypeError", Some(set), None));
}

#[test]
fn a_property_that_is_undefined_is_missing() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Settings {
        #[serde(default = "ten")]
        limit: u32,
        name: Option<String>,
    }
    fn ten() -> u32 {
        10
    }
    let settings = object(&[("limit", Value::Undefined), ("name", Value::Undefined), ("more", 1.into())]);
    assert_eq!(from_value::<Settings>(&settings).unwrap(), Settings { limit: 10, name: None });
    let entries: HashMap<String, Option<u8>> = from_value(&object(&[("a", Value::Undefined)])).unwrap();
    assert_eq!(entries["a"], None);
}

#[test]
fn an_error_names_the_place() {
    let rows = object(&[("rows", Value::Array(vec![1.into(), object(&[("an id", "x".into())])]))]);
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only read")]
    enum Never {
        Number(u8),
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Table {
        rows: (u8, HashMap<String, u32>),
    }
    let error = from_value::<Table>(&rows).unwrap_err();
    assert_eq!(error.path(), r#"rows[1]["an id"]"#);
    assert_eq!(error.to_string(), r#"rows[1]["an id"]: invalid type: string "x", expected u32"#);
    let opaque = Value::Opaque(Box::new(Opaque { class: "function".into(), text: "[Function: f]".into() }));
    assert_eq!(refused::<Vec<u8>>(Value::Array(vec![opaque.clone()])), "[0]: a function is no data: [Function: f]");
    assert!(refused::<String>(Value::Utf16(vec![0xd800])).contains("lone surrogates"));
    assert!(refused::<(u8, u8)>(Value::Array(vec![1.into(), 2.into(), 3.into()])).contains("3"));
    assert!(refused::<Never>("x").contains("variant"));
    // What the type does not read is not looked at.
    #[derive(Deserialize)]
    struct Empty {}
    from_value::<Empty>(&object(&[("f", opaque)])).unwrap();
}

#[test]
fn a_value_inside_a_type_is_handed_over_as_it_is() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        list: Vec<u8>,
        any: Value,
        more: Vec<Value>,
    }
    let kinds = vec![
        Value::Undefined,
        Value::Null,
        Value::Date(1.0),
        Value::Set(vec![Value::Map(vec![(1.into(), Value::Undefined)])]),
        Value::BigInt(BigInt::from(5_i128)),
        Value::Array(vec![Value::Hole]),
        Value::ArrayBuffer([1].into()),
        Value::Utf16(vec![0xd800]),
        Value::Opaque(Box::new(Opaque { class: "symbol".into(), text: "Symbol()".into() })),
    ];
    for any in &kinds {
        assert_eq!(to_value(any).unwrap(), *any);
        assert_eq!(from_value::<Value>(any).unwrap(), *any);
    }
    // A cycle in a value that is inside.
    let cycle = Value::Array(vec![Value::Array(vec![Value::Ref(1)])]);
    let data = Holder { list: vec![1], any: cycle.clone(), more: vec![Value::Ref(0), cycle] };
    // The holder is container 0, its list 1.
    let whole = to_value(&data).unwrap();
    assert_eq!(whole.get("any"), Some(&Value::Array(vec![Value::Array(vec![Value::Ref(3)])])));
    let shared = object(&[
        ("list", vec![1].into()),
        ("any", Value::Array(vec![Value::Ref(1), Value::Array(vec![Value::Ref(3), Value::Ref(3)])])),
        ("more", Value::Array(vec![Value::Ref(2)])),
    ]);
    let read: Holder = from_value(&shared).unwrap();
    assert_eq!(read.any, Value::Array(vec![vec![1].into(), Value::Array(vec![Value::Ref(2), Value::Ref(2)])]));
    assert_eq!(read.more, [read.any]);
    let data = Holder { list: vec![], any: Value::Undefined, more: kinds };
    assert_eq!(to_value(&data).unwrap().get("any"), Some(&Value::Undefined));
}

#[test]
fn what_is_met_twice_is_read_twice_and_a_cycle_is_refused() {
    let shared = Value::Array(vec![vec![1].into(), Value::Ref(1)]);
    assert_eq!(from_value::<Vec<Vec<u8>>>(&shared).unwrap(), [[1], [1]]);
    #[derive(Debug, Deserialize)]
    struct Endless(#[expect(dead_code, reason = "only read")] Vec<Endless>);
    assert!(refused::<Endless>(Value::Array(vec![Value::Ref(0)])).contains("contains itself"));
    assert!(refused::<Endless>(Value::Array(vec![Value::Ref(7)])).contains("number 7"));
}

// threat B11
#[test]
fn a_conversion_is_bounded() {
    #[derive(Debug, Deserialize)]
    struct Endless(#[expect(dead_code, reason = "only read")] Vec<Endless>);
    let mut doubled = Value::Array(vec![]);
    for number in (1..40).rev() {
        doubled = Value::Array(vec![doubled, Value::Ref(number)]);
    }
    assert!(refused::<Endless>(doubled).contains("again and again"));
    // A long text that is met many times, in a type and as values.
    let mut items = vec![Value::Array(vec!["x".repeat(1 << 20).into()])];
    items.extend((0..1_000).map(|_| Value::Ref(1)));
    let texts = Value::Array(items);
    assert!(refused::<Vec<Vec<String>>>(texts.clone()).contains("again and again"));
    assert!(refused::<Vec<Value>>(texts.clone()).contains("again and again"));
    assert!(refused::<Vec<Vec<Value>>>(texts.clone()).contains("again and again"));
    // As one value nothing is repeated.
    assert_eq!(from_value::<Value>(&texts).unwrap(), texts);
    let deep = (0..10_000).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    assert!(refused::<Value>(deep).contains("nests deeper"));
    let chain = (0..200_u32).map(|number| Value::Array(if number == 0 { vec![] } else { vec![Value::Ref(number)] }));
    let chain = Value::Array(chain.collect());
    assert!(refused::<Endless>(chain.clone()).contains("nests deeper"));
    assert!(refused::<Vec<Value>>(chain).contains("nests deeper"));
    #[derive(Serialize)]
    struct List(Option<Box<Self>>, u8);
    let list = (0..100).fold(None, |rest, number| Some(Box::new(List(rest, number))));
    assert!(to_value(&list).unwrap_err().to_string().contains("nests deeper"));
    let deep = (0..58).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    assert!(to_value(&((deep.clone(),),)).is_ok());
    assert!(to_value(&(((deep,),),)).unwrap_err().to_string().contains("nests deeper"));
}

#[test]
fn mixed_keys_make_a_map_and_doubled_keys_are_refused() {
    #[derive(Serialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        more: BTreeMap<String, u8>,
    }
    // Keys of both kinds make a Map, in any order.
    let keys = BTreeMap::from([(None, 1), (Some("a"), 2)]);
    assert_eq!(to_value(&keys).unwrap(), Value::Map(vec![(Value::Null, 1.into()), ("a".into(), 2.into())]));
    #[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
    #[serde(untagged)]
    enum Key {
        Text(&'static str),
        Pair(u8, u8),
    }
    let keys = BTreeMap::from([(Key::Text("a"), 1), (Key::Pair(1, 2), 2)]);
    assert_eq!(to_value(&keys).unwrap(), Value::Map(vec![("a".into(), 1.into()), (vec![1, 2].into(), 2.into())]));
    let flat = Flat { a: 1, more: BTreeMap::from([("a".to_owned(), 2)]) };
    assert_eq!(to_value(&flat).unwrap_err().to_string(), "the key \"a\" stands twice");
}

#[test]
fn arguments_are_elements_of_a_tuple_or_the_first_one() {
    let args = [vec![1.0, 2.0].into(), "x".into()];
    assert_eq!(from_args::<Vec<f64>>(&args).unwrap(), [1.0, 2.0]);
    assert_eq!(from_args::<([f64; 2],)>(&args).unwrap(), ([1.0, 2.0],));
    assert_eq!(from_args::<(Value, &str, Option<u8>)>(&args).unwrap().1, "x");
    from_args::<()>(&args).unwrap();
    let error = from_args::<(Value, u8)>(&args).unwrap_err();
    assert_eq!((error.argument(), error.message()), (Some(1), "invalid type: string \"x\", expected u8"));
    let deep = (0..100).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    assert_eq!(from_args::<(u8, Value)>(&[1.into(), deep]).unwrap_err().argument(), Some(1));
}

#[test]
fn json_is_read_as_plain_data() {
    let text = r#"{"a":[1,-2.5,null,true,"x"],"b":{"a":1},"a2":9007199254740993,"b":2}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    let list = Value::Array(vec![1.into(), (-2.5).into(), Value::Null, true.into(), "x".into()]);
    let wide = Value::BigInt(BigInt::from(9_007_199_254_740_993_i128));
    assert_eq!(value, object(&[("a", list), ("b", 2.into()), ("a2", wide)]));
    let json = serde_json::json!({ "a": [1, "x", { "b": null }] });
    assert_eq!(from_value::<serde_json::Value>(&to_value(&json).unwrap()).unwrap(), json);
}

#[test]
fn integers_and_texts_are_made_of_values() {
    assert_eq!(u8::try_from(Value::from(7)).unwrap(), 7);
    assert_eq!(usize::try_from(&Value::from(7)).unwrap(), 7);
    assert_eq!(i64::try_from(Value::from(i64::MAX)).unwrap(), i64::MAX);
    assert_eq!(String::try_from(Value::from("x")).unwrap(), "x");
    assert!(u8::try_from(Value::from(300)).is_err());
    assert!(bool::try_from(Value::Null).is_err());
    let entries: Value = [("a", 1), ("b", 2), ("a", 3)].into_iter().collect();
    assert_eq!(entries, object(&[("a", 3.into()), ("b", 2.into())]));
}
