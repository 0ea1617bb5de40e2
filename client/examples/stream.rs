//! Events arrive while the chunk runs, not after.
#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use drupe_client::{Error, Event, Kernel};

const COUNT: &str = "
    for (let i = 0; i < 5; i++) {
        console.log('line', i);
        await new Promise(resolve => setTimeout(resolve, 200));
    }
    'done'
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kernel = Kernel::builder().spawn().await?;
    let start = std::time::Instant::now();
    let mut run = kernel.run(COUNT);
    while let Some(event) = run.next_event().await {
        let at = start.elapsed().as_millis();
        match event {
            Event::Console(console) => println!("{at:>5} ms  {}", console.text()),
            Event::Result(result) => println!("{at:>5} ms  => {}", result.text),
            Event::Exception(uncaught) => println!("{at:>5} ms  {}", uncaught.exception.text),
            _ => {}
        }
    }
    let report = run.await?;
    println!("took {:?}, of which {:?} on the CPU", report.wall, report.cpu);
    Ok(())
}
