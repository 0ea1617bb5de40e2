//! Tests of layout and escapes on trees made by hand. The kernel's tests compare with Node, because they can make trees
//! from values.

use drupe_protocol::preview::{Entry, Excerpt, Key, Kind, Node, Object, Text};

use crate::{Options, Styles, render};

fn string(text: &str) -> Node {
    Node::String(Excerpt { text: text.into(), more: 0 })
}

fn plain(entries: Vec<Entry>) -> Node {
    Node::Object(Box::new(Object { class: "Object".into(), entries, ..Object::default() }))
}

fn named(name: &str, value: Node) -> Entry {
    Entry { key: Key::Name(name.into()), value }
}

fn list(items: Vec<Node>, numeric: bool) -> Node {
    let entries: Vec<Entry> = items.into_iter().map(Entry::from).collect();
    let size = Some(entries.len() as u64);
    Node::Object(Box::new(Object { kind: Kind::Array, class: "Array".into(), size, numeric, entries, ..Object::default() }))
}

fn text(node: &Node) -> String {
    render(node, &Options::default())
}

#[test]
fn what_a_terminal_would_act_upon_is_escaped() {
    assert_eq!(text(&string("\u{1b}[2J\u{9b}\0\u{7f}")), r"'\x1B[2J\x9B\x00\x7F'");
    assert_eq!(text(&string("a\u{202e}b\u{2066}")), r"'a\u202eb\u2066'");
    assert_eq!(text(&Node::Symbol("\u{1b}c".into())), r"Symbol(\x1Bc)");
    assert_eq!(text(&plain(vec![named("\u{1b}", Node::Null)])), r"{ '\x1B': null }");
    let hidden = Entry { key: Key::Hidden("\u{200f}".into()), value: Node::Null };
    assert_eq!(text(&plain(vec![hidden])), r"{ [\u200f]: null }");
    for kind in [Kind::Error, Kind::Function, Kind::Class, Kind::RegExp, Kind::Date, Kind::Temporal] {
        let class = Text::from("\u{1b}A");
        let evil =
            Object { kind, tag: "\u{9b}B".into(), text: "\u{7}C".into(), extends: "\u{8}D".into(), class, ..Object::default() };
        assert!(text(&Node::Object(Box::new(evil))).chars().all(|char| !char.is_control()), "{kind:?}");
    }
}

#[test]
fn half_pairs_show_what_they_are() {
    let half = Node::String(Excerpt { text: Text::from_utf16(&[0x61, 0xd83d, 0x62]), more: 0 });
    assert_eq!(text(&half), r"'a\ud83db'");
}

#[test]
fn colours_change_no_layout() {
    let numbers = list((0..30).map(|n| Node::Number(f64::from(n) * 1234.0)).collect(), true);
    let value = plain(vec![named("numbers", numbers), named("word", string("x".repeat(30).as_str())), named("none", Node::Null)]);
    let coloured = render(&value, &Options { styles: Some(&Styles::NODE), ..Options::default() });
    let mut plain_text = String::new();
    for (index, part) in coloured.split("\u{1b}[").enumerate() {
        plain_text.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(plain_text, text(&value));
    assert!(coloured.contains("\u{1b}[33m1234\u{1b}[39m"));
    assert!(coloured.contains("\u{1b}[1mnull\u{1b}[22m"));
}

#[test]
fn short_things_share_a_line_and_long_ones_do_not() {
    assert_eq!(text(&plain(vec![named("a", Node::Number(1.0)), named("b c", string("it's"))])), r#"{ a: 1, 'b c': "it's" }"#);
    let long = plain((0..9).map(|n| named(&format!("property{n}"), Node::Number(f64::from(n)))).collect());
    assert_eq!(text(&long).lines().count(), 11);
}

#[test]
fn trees_that_no_kernel_makes_are_no_danger() {
    let mut deep = Node::Null;
    for _ in 0..500 {
        deep = plain(vec![named("a", deep)]);
    }
    assert!(text(&deep).contains("null"));
    let odd = Object { kind: Kind::Boxed, primitive: None, entries: vec![Entry::from(Node::Holes(0))], ..Object::default() };
    assert!(!text(&Node::Object(Box::new(odd))).is_empty());
    let pair = Entry { key: Key::Value(Box::new(Node::Null)), value: Node::Omitted };
    assert_eq!(text(&plain(vec![pair])), "{ null => ... }");
}
