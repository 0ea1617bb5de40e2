//! Gives chunks a real database. The kernel sees rows and errors; file, connection and transactions stay in this
//! process.
//!
//! `cargo run -p drupe-client --example database [FILE]` reads chunks from standard input: a small REPL with `db` in
//! it.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

#[path = "database/sqlite.rs"]
mod sqlite;

use std::{
    error::Error,
    io::{self, BufRead, Write},
    path::PathBuf,
};

use drupe_client::{Chunk, Completeness, Kernel, Options, Outcome, completeness};
use sqlite::Database;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("drupe-example.sqlite"), PathBuf::from);
    let database = Database::open(&file)?;
    let kernel = Kernel::builder().preload(Chunk::new(include_str!("database/preload.js")).name("preload")).spawn().await?;
    database.lend(&kernel)?;
    println!("{} is open as db; try: await db.run('create table t (n)'); await db.all('select * from t')", file.display());

    let mut typed = String::new();
    for line in io::stdin().lock().lines() {
        typed.push_str(&line?);
        typed.push('\n');
        if let Completeness::Incomplete { .. } = completeness(&typed, &Options::default()) {
            continue;
        }
        let report = kernel.run(Chunk::new(std::mem::take(&mut typed)).inspect_hooks(true)).await;
        match report.map(|report| report.outcome) {
            Ok(Outcome::Value { text, .. }) => println!("{text}"),
            Ok(Outcome::Threw(exception) | Outcome::SyntaxError(exception)) => println!("Uncaught {exception}"),
            Ok(other) => println!("{other:?}"),
            // The kernel died, and nothing of the database with it: the next chunk gets a new one.
            Err(error) => println!("{error}"),
        }
        io::stdout().flush()?;
    }
    Ok(())
}
