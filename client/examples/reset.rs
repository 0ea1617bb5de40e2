//! A new session in the same process: nothing of the old one is left.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use drupe_client::{Error, Event, Kernel};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kernel = Kernel::builder().spawn().await?;
    kernel.run("var secret = 42; setInterval(() => console.log('tick'), 10)").await?;
    let generation = kernel.reset().await?;
    let mut run = kernel.run("typeof secret");
    while let Some(event) = run.next_event().await {
        match event {
            Event::Session(session) => println!("session {generation}: {:?}", session.reason),
            Event::Result(result) => println!("typeof secret is {}", result.text),
            _ => {}
        }
    }
    run.await?;
    Ok(())
}
