//! The contents of an object and of a long string, page by page.

use std::time::Duration;

use drupe_inspect::{Options, page, page_of_string};
use drupe_protocol::preview::{Key, Node};

use crate::page::{Page, with_page};

/// No page takes that long.
const LONG: Duration = Duration::from_secs(600);

/// A page in short: its total, the position after it, and its items as texts.
fn read(of: &mut Page<'_, '_, '_>, source: &str, start: u64, count: u32) -> (u64, u64, Vec<String>) {
    let object = of.eval(source).try_cast::<v8::Object>().unwrap();
    let page = page(of.scope, object, start, count, LONG, &Options::default());
    let items = page.items.iter().map(|item| {
        let value = drupe_preview::render(&item.node, &drupe_preview::Options::default());
        match &item.key {
            Key::Item => value,
            Key::Name(name) => format!("{}: {value}", name.as_str()),
            Key::Hidden(name) => format!("[{}]: {value}", name.as_str()),
            Key::Symbol(name) => format!("[Symbol({})]: {value}", name.as_str()),
            Key::Value(key) => format!("{} => {value}", drupe_preview::render(key, &drupe_preview::Options::default())),
            Key::Rejected => format!("rejected {value}"),
        }
    });
    (page.total, page.next, items.collect())
}

#[test]
fn each_part_of_an_object_has_its_positions() {
    with_page(|of| {
        for (source, start, count, total, next, items) in [
            ("({ a: 1, [Symbol('s')]: 2 })", 0, 10, 2, 2, &["a: 1", "[Symbol(s)]: 2"][..]),
            ("({ get a() { throw 1 } })", 0, 10, 1, 1, &["a: [Getter]"]),
            ("['x', 'y', 'z']", 1, 1, 4, 2, &["1: 'y'"]),
            ("['x', 'y', 'z']", 3, 5, 4, 4, &["length: 3"]),
            ("[1, , , , 5]", 0, 3, 6, 4, &["0: 1"]),
            ("new Map([['k', 1], [2, {}]])", 0, 10, 2, 2, &["'k' => 1", "2 => {}"]),
            ("new Set(['k'])", 0, 10, 1, 1, &["'k'"]),
            ("Promise.resolve(1)", 0, 10, 1, 1, &["[[[PromiseResult]]]: 1"]),
            ("new Proxy({ a: 1 }, {})", 0, 10, 2, 2, &["[[[Target]]]: { a: 1 }", "[[[Handler]]]: {}"]),
            ("({})", 5, 10, 0, 0, &[]),
        ] {
            let ours = read(of, source, start, count);
            let items = items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
            assert_eq!(ours, (total, next, items), "{source}");
        }
    });
}

#[test]
fn a_page_ends_when_its_time_is_up_and_still_has_an_item() {
    with_page(|of| {
        let object = of.eval("Array.from({ length: 1000 }, (_, i) => i)").try_cast::<v8::Object>().unwrap();
        let page = page(of.scope, object, 10, 100, Duration::ZERO, &Options::default());
        assert_eq!((page.next, page.items.len(), page.total), (11, 1, 1001));
        assert!(page.prototype.is_none());
    });
}

#[test]
fn a_string_is_read_without_tearing_pairs_apart() {
    with_page(|of| {
        let string = of.eval("'ab😀cd'").try_cast::<v8::String>().unwrap();
        for (start, count, next, text) in [
            (0, 2, 2, "ab"),
            (0, 3, 2, "ab"),
            (2, 1, 4, "😀"),
            (2, 2, 4, "😀"),
            (3, 1, 4, "\u{fffd}"),
            (4, 1, 5, "c"),
            (4, 100, 6, "cd"),
        ] {
            let page = page_of_string(of.scope, string, start, count, &Options::default());
            let Some(Node::String(shown)) = page.items.first().map(|item| &item.node) else { panic!("{start}: no text") };
            assert_eq!((shown.text.as_str(), page.next, page.total), (text, next, 6), "{start}");
        }
        assert!(page_of_string(of.scope, string, 6, 10, &Options::default()).items.is_empty());
        // Half a pair that stands alone is told as it is.
        let string = of.eval("'a\\ud800\\ud800😀'").try_cast::<v8::String>().unwrap();
        for (start, count, next) in [(0, 2, 2), (1, 1, 2), (1, 2, 3), (2, 1, 3), (0, 4, 3), (3, 1, 5)] {
            assert_eq!(page_of_string(of.scope, string, start, count, &Options::default()).next, next, "{start} {count}");
        }
    });
}
