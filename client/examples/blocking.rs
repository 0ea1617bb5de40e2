//! drupe in a program without async.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::time::Duration;

use drupe_client::{Call, Chunk, Event, blocking::Kernel};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let kernel = Kernel::spawn(drupe_client::Kernel::builder())?;
    kernel.asynchronous().register("shout", |call: Call| async move { Ok(call.string(0)?.to_uppercase()) })?;

    // The events of a run, as they come.
    let mut run = kernel.start("for (const word of ['one', 'two']) console.log(await host.shout(word)); 'done'");
    for event in &mut run {
        if let Event::Console(console) = event {
            println!("{}", console.text());
        }
    }
    println!("{:?}", run.finish()?.outcome);

    // A run that does not end by itself. The session keeps its state.
    let report = kernel.run(Chunk::new("var kept = 7; for (;;);").vm_timeout(Duration::from_millis(100)))?;
    println!("{}, and then {:?}", report.outcome.name(), kernel.run("kept")?.outcome.value());
    Ok(())
}
