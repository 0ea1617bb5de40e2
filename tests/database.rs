//! The example's database, used as a person would, on a real file.

#[path = "../client/examples/database/sqlite.rs"]
mod sqlite;

use std::{fs, path::PathBuf};

use drupe_client::{Chunk, Error, Kernel, Outcome};
use rustix::process::{Signal, kill_process};
use sqlite::Database;

use crate::support::{block_on, builder, kernel_pid, text, until_printed};

/// A file of this test's own, gone at its end.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("drupe-test-{}-{name}.sqlite", std::process::id()));
        drop(fs::remove_file(&path));
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

async fn kernel(file: &File) -> Kernel {
    let preload = Chunk::new(include_str!("../client/examples/database/preload.js")).name("preload");
    let kernel = builder().preload(preload).spawn().await.unwrap();
    Database::open(&file.0).unwrap().lend(&kernel).unwrap();
    kernel
}

#[test]
fn rows_come_typed_and_errors_with_their_codes() {
    block_on(async {
        let file = File::new("rows");
        let kernel = kernel(&file).await;
        let told = async |code: &str| text(&kernel, code).await;
        assert_eq!(
            told("await db.run('create table people (id integer primary key, name text unique, photo blob, height real)')").await,
            "{ changes: 0, lastInsertRowid: 0 }"
        );
        let insert =
            "await db.run('insert into people (name, photo, height) values (?, ?, ?)', ['Ada', new Uint8Array([1, 2]), 1.65])";
        assert_eq!(told(insert).await, "{ changes: 1, lastInsertRowid: 1 }");
        assert_eq!(
            told("(await db.run('insert into people (name) values (:name)', { name: 'Grace' })).lastInsertRowid").await,
            "2"
        );
        assert_eq!(
            told("await db.all('select * from people order by id')").await,
            "[\n  { id: 1, name: 'Ada', photo: Uint8Array(2) [ 1, 2 ], height: 1.65 },\n  { id: 2, name: 'Grace', photo: null, height: null }\n]"
        );
        assert_eq!(told("await db.get('select name from people where id = ?', 2)").await, "{ name: 'Grace' }");
        assert_eq!(told("await db.get('select 1 where 0')").await, "undefined");
        assert_eq!(told("(await db.get('select 9007199254740993 as n')).n").await, "9007199254740993n");
        assert_eq!(told("(await db.run('update people set height = 2')).changes").await, "2");
        assert_eq!(told("(await db.run('delete from people where id = 1')).changes").await, "1");
        let constraint = "await db.run('insert into people (name) values (?)', 'Grace').catch(e => [e.name, e.code])";
        assert_eq!(told(constraint).await, "[ 'SqliteError', 'SQLITE_CONSTRAINT' ]");
        assert!(told("await db.all('selec 1').catch(e => e.message)").await.contains("syntax error"));
        let unfit = "await db.all('select ?', [new Map]).catch(e => [e instanceof TypeError, e.code])";
        assert_eq!(told(unfit).await, "[ true, 'ERR_INVALID_ARG_TYPE' ]");
        let name = "await db.all('select :a', { b: 1 }).catch(e => e.message)";
        assert_eq!(told(name).await, "'the statement has no parameter :b'");
    });
}

#[test]
fn transactions_commit_or_roll_back() {
    block_on(async {
        let file = File::new("transactions");
        let kernel = kernel(&file).await;
        let told = async |code: &str| text(&kernel, code).await;
        told("await db.run('create table t (n)')").await;
        let commit = "await db.transaction(async tx => { for (const n of [1, 2]) await tx.run('insert into t values (?)', n); return 'done' })";
        assert_eq!(told(commit).await, "'done'");
        let throws =
            "await db.transaction(async tx => { await tx.run('delete from t'); throw new Error('no') }).catch(e => e.message)";
        assert_eq!(told(throws).await, "'no'");
        assert_eq!(told("(await db.get('select count(*) as n from t')).n").await, "2");
        let late =
            "let kept; await db.transaction(async tx => { kept = tx }); await kept.run('delete from t').catch(e => e.message)";
        assert_eq!(told(late).await, "'the transaction is over'");
        // Statements outside wait for the transaction, and do not become part of it.
        let beside = "const outside = []; await db.transaction(async tx => {
            await tx.run('delete from t');
            outside.push(db.get('select count(*) as n from t'));
            throw 0;
        }).catch(() => 0); (await outside[0]).n";
        assert_eq!(told(beside).await, "2");
    });
}

#[test]
fn a_run_that_dies_rolls_back() {
    block_on(async {
        let file = File::new("deaths");
        let kernel = kernel(&file).await;
        kernel.run("await db.run('create table t (n)'); await db.run('insert into t values (1)')").await.unwrap();
        let open = "await db.transaction(async tx => { await tx.run('delete from t'); console.log('deleted'); await new Promise(() => {}) })";
        let count = "(await db.get('select count(*) as n from t')).n";

        let mut run = kernel.run(open);
        until_printed(&mut run, "deleted").await;
        kernel.interrupt().await.unwrap();
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        assert_eq!(text(&kernel, count).await, "1");

        let mut run = kernel.run(open);
        until_printed(&mut run, "deleted").await;
        kernel.reset().await.unwrap();
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        assert_eq!(text(&kernel, count).await, "1");

        let mut run = kernel.run(open);
        until_printed(&mut run, "deleted").await;
        kill_process(kernel_pid(&kernel).await, Signal::KILL).unwrap();
        assert!(matches!(run.await, Err(Error::Died { .. })));
        assert_eq!(text(&kernel, count).await, "1");
        // It is in the file, and whoever opens that sees it.
        drop(kernel);
        let other = rusqlite::Connection::open(&file.0).unwrap();
        assert_eq!(other.query_row("select count(*) from t", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    });
}
