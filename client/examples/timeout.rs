//! Two budgets: CPU time of a stretch of JavaScript, and wall time of a run. Either way the variables stay.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::time::Duration;

use drupe_client::{Chunk, Error, Kernel};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kernel = Kernel::builder().spawn().await?;
    kernel.run("let kept = 'still here'").await?;

    let spin = Chunk::new("while (true) {}").vm_timeout(Duration::from_millis(100));
    println!("{:?}", kernel.run(spin).await?.outcome);

    let wait = Chunk::new("await new Promise(() => {})").wall_timeout(Duration::from_millis(100));
    println!("{:?}", kernel.run(wait).await?.outcome);

    println!("{:?}", kernel.run("kept").await?.outcome);
    Ok(())
}
