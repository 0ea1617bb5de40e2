//! The shortest way from a chunk to a value.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use drupe_client::{Error, Kernel, Outcome};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kernel = Kernel::builder().spawn().await?;
    kernel.run("const greet = (name: string) => `Hello, ${name}!`").await?;
    let report = kernel.run("greet('drupe')").await?;
    match report.outcome {
        Outcome::Value { text, .. } => println!("{text}"),
        other => println!("did not work: {other:?}"),
    }
    Ok(())
}
