//! Looking into an object that stays in the kernel, page by page.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use drupe_client::{Chunk, Error, Event, Kernel, preview::Key};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kernel = Kernel::builder().spawn().await?;
    let mut run =
        kernel.run(Chunk::new("({ rows: Array.from({ length: 250 }, (_, i) => i), get lazy() { return 1 } })").handles(true));
    let mut handle = None;
    while let Some(event) = run.next_event().await {
        if let Event::Result(result) = event {
            handle = result.handle;
        }
    }
    run.await?;
    let Some(object) = handle else { return Ok(()) };

    let page = kernel.properties(object, 0..100).await?;
    let mut rows = None;
    for property in page.items {
        if let Key::Name(name) = &property.key {
            println!("{}{}", name.as_str(), if property.handle.is_some() { ", which can be opened" } else { "" });
        }
        rows = rows.or(property.handle);
    }
    let Some(rows) = rows else { return Ok(()) };
    let mut next = 0;
    loop {
        let page = kernel.properties(rows, next..next + 100).await?;
        println!("{} to {} of {}", next, page.next, page.total);
        next = page.next;
        if next >= page.total {
            break;
        }
    }
    kernel.release([object, rows]);
    if let Err(stale) = kernel.properties(object, 0..1).await {
        println!("{stale}");
    }
    Ok(())
}
