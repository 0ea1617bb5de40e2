//! What `tracing` is told of a run: README.md shows what this prints.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use drupe_client::{Call, Error, Kernel};
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_span_events(FmtSpan::CLOSE);
    subscriber.with_ansi(false).init();
    let kernel = Kernel::builder().spawn().await?;
    kernel.register("now", |_: Call| async { Ok(42.0) }).ok();
    kernel.run("await host.now()").await?;
    kernel.terminate().await;
    Ok(())
}
