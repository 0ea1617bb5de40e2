//! Standard input that an embedder gives: read when JavaScript asks, and by nobody else; and what a kernel without one
//! says.

use std::{fs::File, io::Write, os::fd::OwnedFd};

use drupe_client::{Kernel, Outcome, Stdio, Value};

use super::files::Folder;
use crate::support::{block_on, memory};

async fn text(kernel: &Kernel, code: &str) -> String {
    let report = kernel.run(code).await.unwrap();
    match report.outcome {
        Outcome::Value { value: Some(Value::String(text)), .. } => text,
        other => format!("{other:?}"),
    }
}

const READ: &str = "let all = ''; for await (const chunk of process.stdin) all += chunk; all";

#[test]
fn an_embedder_gives_a_pipe_or_a_file() {
    block_on(async {
        let (pipe, mut writer) = std::io::pipe().unwrap();
        let kernel = memory::builder().stdio(&Stdio::input(OwnedFd::from(pipe))).spawn().await.unwrap();
        let mut run = kernel
            .run("const line = await new Promise((done) => process.stdin.once('data', done)); process.stdin.pause(); `${line}`");
        // It waits for what is written only now.
        assert!(run.next_event().await.is_some());
        writer.write_all(b"written late").unwrap();
        let Outcome::Value { value, .. } = run.await.unwrap().outcome else { panic!("no value") };
        assert_eq!(value, Some("written late".into()));
        writer.write_all(b", and more").unwrap();
        drop(writer);
        assert_eq!(text(&kernel, READ).await, ", and more");

        let folder = Folder::new("stdio-file");
        let file = File::open(folder.write("input", "from a file")).unwrap();
        let kernel = memory::builder().stdio(&Stdio::input(file)).spawn().await.unwrap();
        assert_eq!(text(&kernel, "require('fs').readFileSync(0, 'utf8')").await, "from a file");
        // Programs inherit it, and what they write is told as the session's.
        assert_eq!(text(&kernel, "process.stdout.isTTY + ''").await, "undefined");
    });
}

#[test]
fn a_session_reads_on_where_the_one_before_has_stopped() {
    block_on(async {
        let (pipe, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"first second third").unwrap();
        let kernel = memory::builder().stdio(&Stdio::input(OwnedFd::from(pipe))).spawn().await.unwrap();
        let next =
            |length: usize| format!("const bytes = Buffer.alloc({length}); require('fs').readSync(0, bytes); `${{bytes}}`");
        assert_eq!(text(&kernel, &next(6)).await, "first ");
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, &next(12)).await, "second third");
        // What waits takes nothing along.
        assert!(kernel.run("process.stdin.resume(); await new Promise(setImmediate)").await.unwrap().outcome.is_value());
        kernel.reset().await.unwrap();
        writer.write_all(b"fourth").unwrap();
        drop(writer);
        assert_eq!(text(&kernel, READ).await, "fourth");
    });
}

#[test]
fn an_interrupt_ends_a_read_that_blocks_and_keeps_the_state() {
    block_on(async {
        let (pipe, mut writer) = std::io::pipe().unwrap();
        let kernel = memory::builder().stdio(&Stdio::input(OwnedFd::from(pipe))).spawn().await.unwrap();
        assert!(
            kernel
                .run("var kept = 'kept', fs = require('fs'), four = Buffer.alloc(4); fs.fstatSync(0)")
                .await
                .unwrap()
                .outcome
                .is_value()
        );
        let mut run = kernel.run("console.log('reads'); fs.readSync(0, four)");
        while !matches!(run.next_event().await, Some(drupe_client::Event::Console(_)) | None) {}
        run.interrupt();
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        writer.write_all(b"left").unwrap();
        assert_eq!(text(&kernel, "fs.readSync(0, four); kept + four").await, "keptleft");
    });
}

#[test]
fn who_reads_what_is_not_there_is_told_why() {
    block_on(async {
        let none = memory::spawn().await;
        let refused = memory::builder().stdio(&Stdio::without("nobody types here")).spawn().await.unwrap();
        for (kernel, why) in [(none, "Builder::stdio"), (refused, "nobody types here")] {
            for read in ["require('fs').readFileSync(0)", "require('fs').readFileSync('/dev/stdin')", READ] {
                let code =
                    format!("try {{ {} }} catch (error) {{ error.code + ' ' + error.message }}", read.replace("; all", ""));
                let said = text(&kernel, &code).await;
                assert!(said.starts_with("ERR_NO_STDIN ") && said.contains(why), "{read}: {said}");
            }
            assert_eq!(text(&kernel, "process.stdin.isTTY + ' ' + require('tty').isatty(0)").await, "undefined false");
        }
    });
}
