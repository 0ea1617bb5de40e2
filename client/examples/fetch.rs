//! A chunk that may talk to one host, and to no other.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::error::Error;

use drupe_client::{Kernel, Outcome, Permissions, Policy, host::permissions::Kind};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut policy = Policy::none();
    policy.allow(Kind::Net, "example.com:443")?;
    let kernel = Kernel::builder().permissions(&Permissions::new(policy)).spawn().await?;
    for url in ["https://example.com/", "https://example.org/", "http://169.254.169.254/latest/meta-data"] {
        let report = kernel.run(format!("(await (await fetch('{url}')).text()).length")).await?;
        match report.outcome {
            Outcome::Value { text, .. } => println!("{url}: {text} characters"),
            Outcome::Threw(exception) => println!("{url}: {}", exception.text),
            other => println!("{url}: {other:?}"),
        }
    }
    Ok(())
}
