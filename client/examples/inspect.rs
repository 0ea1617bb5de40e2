//! What an editor asks of a kernel that is busy: hover, the session's names, completions.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use drupe_client::{Error, Event, Kernel, utf16_offset};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kernel = Kernel::builder().spawn().await?;
    kernel.run("/** Squares a number. */\nfunction square(n: number): number { return n * n }\nlet rounds = 0").await?;
    let mut run = kernel.run("console.log('busy'); while (true) rounds++");
    while let Some(event) = run.next_event().await {
        if !matches!(event, Event::Console(_)) {
            continue;
        }
        // The loop goes on meanwhile.
        let code = "const 平方 = square(2)";
        if let Some(found) = kernel.inspect(code, utf16_offset(code, code.len() - 5)).await? {
            println!("{} — {}", found.signature.unwrap_or_default(), found.doc.unwrap_or_default());
        }
        for global in kernel.globals().await? {
            println!("{} {}: {}, about {} bytes", global.kind.word(), global.name, global.type_name, global.bytes.unwrap_or(0));
        }
        let typed = "'text'.pad";
        let completions = kernel.complete(typed, utf16_offset(typed, typed.len())).await?;
        println!("{typed}… {:?}", completions.items.iter().map(|item| &*item.text).collect::<Vec<_>>());
        run.interrupt();
    }
    println!("{:?}", run.await?.state);
    Ok(())
}
