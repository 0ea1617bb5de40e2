//! Rust types in and out: inputs, a result, and a function of the embedder's.
//!
//! `cargo build -p drupe-kernel && cargo run -p drupe-client --example typed`
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::collections::BTreeMap;

use drupe_client::{Chunk, HostError, Kernel};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Order {
    item: String,
    count: u32,
}

#[derive(Debug, Deserialize)]
struct Bill {
    total: f64,
    lines: BTreeMap<String, f64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let kernel = Kernel::builder().spawn().await?;
    kernel.register_typed("prices.of", |(item, country): (String, Option<String>)| async move {
        let price = match item.as_str() {
            "tea" => 4.5,
            "cup" => 12.0,
            _ => return Err(HostError::new("RangeError", format!("no price for {item}"))),
        };
        Ok(if country.as_deref() == Some("CH") { price * 1.5 } else { price })
    })?;

    let orders = [Order { item: "tea".into(), count: 3 }, Order { item: "cup".into(), count: 2 }];
    let source = r"
        const lines = new Map();
        for (const { item, count } of orders) lines.set(item, count * await host.prices.of(item));
        ({ total: [...lines.values()].reduce((sum, price) => sum + price), lines })";
    let bill: Bill = kernel.run(Chunk::new(source).input("orders", &orders)).await?.value_as()?;
    println!("{} for {:?}", bill.total, bill.lines);
    Ok(())
}
