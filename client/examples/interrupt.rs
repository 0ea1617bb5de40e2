//! Stopping a run from outside, and what the report says of it.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use drupe_client::{Error, Event, Kernel};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kernel = Kernel::builder().spawn().await?;
    let mut run = kernel.run("let laps = 0; console.log('off we go'); while (true) laps++");
    while let Some(event) = run.next_event().await {
        // The run has said something, so it is under way: enough.
        if matches!(event, Event::Console(_)) {
            run.interrupt();
        }
    }
    let report = run.await?;
    println!("{:?}, state {:?}", report.outcome, report.state);
    println!("laps: {:?}", kernel.run("laps").await?.outcome);
    Ok(())
}
