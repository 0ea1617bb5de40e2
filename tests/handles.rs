//! Objects that stay in a real process, looked into from here.

use drupe_client::{
    Chunk, Error, Event, Handle, Kernel, Outcome, Stale,
    preview::{Key, Node},
};

use crate::support::{block_on, spawn, until_printed};

async fn handle(kernel: &Kernel, code: &str) -> Handle {
    let mut run = kernel.run(Chunk::new(code).handles(true));
    let mut handle = None;
    while let Some(event) = run.next_event().await {
        if let Event::Result(result) = event {
            handle = result.handle;
        }
    }
    run.await.unwrap();
    handle.unwrap()
}

#[test]
fn an_object_is_paged_while_a_run_loops_and_gone_with_its_session() {
    block_on(async {
        let kernel = spawn().await;
        let object = handle(&kernel, "({ list: Array.from({ length: 1500 }, (_, i) => i), get x() { throw 1 } })").await;
        let mut run = kernel.run("console.log('looping'); for (;;) {}");
        until_printed(&mut run, "looping").await;
        let page = kernel.properties(object, 0..10).await.unwrap();
        let keys: Vec<_> = page.items.iter().map(|item| item.key.clone()).collect();
        assert_eq!(keys, [Key::Name("list".into()), Key::Name("x".into())]);
        let list = page.items[0].handle.unwrap();
        let (mut next, mut seen) = (0, 0);
        while next < 1500 {
            let page = kernel.properties(list, next..1500).await.unwrap();
            assert_eq!((page.total, page.items.len() as u64), (1501, page.next - next));
            (next, seen) = (page.next, seen + page.items.len());
        }
        assert_eq!(seen, 1500);
        kernel.release([list]);
        assert!(matches!(kernel.properties(list, 0..1).await, Err(Error::StaleHandle(Stale::Released))));
        assert!(kernel.interrupt().await.unwrap());
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));

        kernel.reset().await.unwrap();
        let stale = kernel.properties(object, 0..1).await.unwrap_err();
        assert_eq!(stale.to_string(), "the handle is stale: the session that it belongs to is gone");
        let object = handle(&kernel, "({})").await;
        kernel.restart().await.unwrap();
        assert!(matches!(kernel.properties(object, 0..1).await, Err(Error::StaleHandle(Stale::Session))));
    });
}

#[test]
fn a_long_string_is_paged_by_its_units_whatever_the_session_does() {
    block_on(async {
        let kernel = spawn().await;
        let code = "globalThis.length = 1; String.prototype.slice = () => 'no'; 'ab'.repeat(600) + '\u{1f600}'.repeat(400) + 'é'";
        let string = handle(&kernel, code).await;
        let expected = "ab".repeat(600) + &"\u{1f600}".repeat(400) + "é";
        let (mut next, mut seen) = (0, String::new());
        while next < 2001 {
            let page = kernel.properties(string, next..next + 301).await.unwrap();
            let Node::String(piece) = &page.items[0].value else { panic!("{page:?}") };
            assert_eq!((page.total, page.items.len(), piece.more), (2001, 1, 2001 - page.next));
            (next, seen) = (page.next, seen + &piece.text.to_string());
        }
        assert_eq!(seen, expected);
        assert!(kernel.properties(string, 5000..6000).await.unwrap().items.is_empty());
        // Also where it is a member; of a short one all is shown.
        let object = handle(&kernel, "({ long: 'x'.repeat(1001), short: 'x'.repeat(1000) })").await;
        let page = kernel.properties(object, 0..2).await.unwrap();
        let long = page.items[0].handle.unwrap();
        assert_eq!(kernel.properties(long, 0..1).await.unwrap().total, 1001);
        assert_eq!(page.items[1].handle, None);
    });
}
