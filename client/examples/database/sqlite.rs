//! An SQLite database, lent to JavaScript: the connection, the file and all authority stay in this process.

use std::{
    collections::HashMap,
    path::Path,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use drupe_client::{Answer, BadName, Call, HostError, Kernel, Value, value::TypedArrayKind};
use rusqlite::{Connection, types};
use tokio::sync::OwnedMutexGuard;

/// Most rows that one question may bring.
const MAX_ROWS: usize = 100_000;

/// The connection. Statements wait for one another, and for a transaction that is open.
#[derive(Clone)]
pub(crate) struct Database {
    connection: Arc<tokio::sync::Mutex<Connection>>,
    transactions: Arc<Mutex<HashMap<u64, Arc<Mutex<Transaction>>>>>,
    last: Arc<AtomicU64>,
}

impl Database {
    /// Opens a file, and makes it if there is none.
    pub(crate) fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        Ok(Self { connection: Arc::new(connection.into()), transactions: Arc::default(), last: Arc::default() })
    }

    /// Lends `host.db` to the kernel's sessions.
    pub(crate) fn lend(&self, kernel: &Kernel) -> Result<(), BadName> {
        let database = self.clone();
        kernel.register("db.all", move |call| database.clone().statement(call, all))?;
        let database = self.clone();
        kernel.register("db.run", move |call| database.clone().statement(call, run))?;
        let database = self.clone();
        kernel.register("db.transaction", move |_| database.clone().begin())?;
        let database = self.clone();
        kernel.register("db.commit", move |call: Call| database.clone().commit(call))
    }

    /// Executes `(sql, params, transaction)` where nothing else of this process waits for it.
    async fn statement(
        self,
        call: Call,
        execute: fn(&Connection, &str, &Value) -> Result<Value, HostError>,
    ) -> Result<Value, HostError> {
        let sql = call.string(0)?.to_owned();
        let params = call.arg(1).clone();
        if let Value::Undefined = call.arg(2) {
            let connection = self.connection.lock_owned().await;
            return blocking(move || execute(&connection, &sql, &params)).await;
        }
        let transaction = self.transaction(call.arg(2))?;
        blocking(move || execute(&transaction.lock().unwrap_or_else(PoisonError::into_inner).connection, &sql, &params)).await
    }

    /// A stream whose one item is the transaction's number. **The transaction is rolled back when the stream is
    /// dropped**: after an interrupt, a reset, or the death of the kernel.
    async fn begin(self) -> Result<Answer, HostError> {
        let connection = self.connection.lock_owned().await;
        let transaction = blocking(move || {
            connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
            Ok(Transaction { connection, done: false })
        })
        .await?;
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        lock(&self.transactions).insert(id, Arc::new(Mutex::new(transaction)));
        Ok(Answer::stream(Open { id: Some(id), _held: Held { id, transactions: self.transactions } }))
    }

    async fn commit(self, call: Call) -> Result<(), HostError> {
        let transaction = self.transaction(call.arg(0))?;
        blocking(move || {
            let mut transaction = transaction.lock().unwrap_or_else(PoisonError::into_inner);
            transaction.connection.execute_batch("COMMIT").map_err(failed)?;
            transaction.done = true;
            Ok(())
        })
        .await
    }

    fn transaction(&self, id: &Value) -> Result<Arc<Mutex<Transaction>>, HostError> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is no number of ours is not found")]
        let id = if let Value::Number(id) = id { *id as u64 } else { 0 };
        let open = lock(&self.transactions).get(&id).cloned();
        open.ok_or_else(|| HostError::new("SqliteError", "the transaction is over").with_code("SQLITE_MISUSE"))
    }
}

/// An open transaction. **It has the connection to itself.**
struct Transaction {
    connection: OwnedMutexGuard<Connection>,
    done: bool,
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.done {
            // A connection that cannot roll back does so when it is closed.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }
}

/// Keeps a transaction open.
struct Held {
    id: u64,
    transactions: Arc<Mutex<HashMap<u64, Arc<Mutex<Transaction>>>>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.transactions).remove(&self.id);
    }
}

/// Tells the number of a transaction, and keeps it open for as long as it is asked.
struct Open {
    id: Option<u64>,
    _held: Held,
}

impl futures_core::Stream for Open {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<Option<Self::Item>> {
        #[expect(clippy::cast_precision_loss, reason = "nobody opens 2^53 transactions")]
        Poll::Ready(self.id.take().map(|id| Ok(Value::Number(id as f64))))
    }
}

fn all(connection: &Connection, sql: &str, params: &Value) -> Result<Value, HostError> {
    let mut statement = connection.prepare(sql).map_err(failed)?;
    bind(&mut statement, params)?;
    let names = statement.column_names().map(str::to_owned).collect::<Vec<_>>();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        if found.len() == MAX_ROWS {
            return Err(HostError::new("RangeError", format!("more than {MAX_ROWS} rows; ask for fewer with LIMIT")));
        }
        let mut entries: Vec<(String, Value)> = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let value = to_javascript(row.get_ref(index).map_err(failed)?);
            // As in JavaScript: of columns of the same name the last one counts.
            match entries.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = value,
                None => entries.push((name.clone(), value)),
            }
        }
        found.push(Value::Object(entries));
    }
    Ok(Value::Array(found))
}

fn run(connection: &Connection, sql: &str, params: &Value) -> Result<Value, HostError> {
    let mut statement = connection.prepare(sql).map_err(failed)?;
    bind(&mut statement, params)?;
    let changes = statement.raw_execute().map_err(failed)?;
    let changes = u32::try_from(changes).unwrap_or(u32::MAX);
    let last = integer(connection.last_insert_rowid());
    Ok(Value::Object(vec![("changes".to_owned(), changes.into()), ("lastInsertRowid".to_owned(), last)]))
}

/// Binds `params`: an array by position, an object by name, one thing as the only parameter.
fn bind(statement: &mut rusqlite::Statement, params: &Value) -> Result<(), HostError> {
    match params {
        Value::Undefined => Ok(()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| statement.raw_bind_parameter(index + 1, to_sql(item)?).map_err(failed)),
        Value::Object(entries) => entries.iter().try_for_each(|(name, value)| {
            let found =
                [":", "@", "$"].iter().find_map(|prefix| statement.parameter_index(&format!("{prefix}{name}")).ok().flatten());
            let index = found.ok_or_else(|| HostError::new("RangeError", format!("the statement has no parameter :{name}")))?;
            statement.raw_bind_parameter(index, to_sql(value)?).map_err(failed)
        }),
        one => statement.raw_bind_parameter(1, to_sql(one)?).map_err(failed),
    }
}

fn to_sql(value: &Value) -> Result<types::Value, HostError> {
    Ok(match value {
        Value::Null | Value::Undefined => types::Value::Null,
        Value::Bool(flag) => types::Value::Integer((*flag).into()),
        #[expect(clippy::cast_possible_truncation, reason = "only whole numbers that a double holds exactly")]
        Value::Number(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0 => {
            types::Value::Integer(*number as i64)
        }
        Value::Number(number) => types::Value::Real(*number),
        Value::BigInt(big) => types::Value::Integer(small(big).ok_or_else(|| unfit("a BigInt of more than 64 bits"))?),
        Value::String(text) => types::Value::Text(text.clone()),
        Value::ArrayBuffer(bytes) | Value::TypedArray(_, bytes) => types::Value::Blob(bytes.to_vec()),
        _ => return Err(unfit("this value; null, booleans, numbers, BigInts, strings and bytes can be")),
    })
}

fn small(big: &drupe_client::value::BigInt) -> Option<i64> {
    let magnitude = big.magnitude();
    let mut word = [0; 8];
    word.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
    let magnitude = i128::from(u64::from_le_bytes(word));
    i64::try_from(if big.is_negative() { -magnitude } else { magnitude }).ok()
}

fn to_javascript(value: types::ValueRef) -> Value {
    match value {
        types::ValueRef::Null => Value::Null,
        types::ValueRef::Integer(number) => integer(number),
        types::ValueRef::Real(number) => number.into(),
        types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        types::ValueRef::Blob(bytes) => Value::TypedArray(TypedArrayKind::Uint8, bytes.into()),
    }
}

/// A number, or a BigInt where a number would not be exact.
#[expect(clippy::cast_precision_loss, reason = "checked")]
fn integer(number: i64) -> Value {
    if number.unsigned_abs() <= 9_007_199_254_740_991 { Value::Number(number as f64) } else { i128::from(number).into() }
}

fn unfit(what: &str) -> HostError {
    HostError::new("TypeError", format!("SQLite cannot hold {what}")).with_code("ERR_INVALID_ARG_TYPE")
}

/// The error that JavaScript sees.
#[expect(clippy::needless_pass_by_value, reason = "it is mapped over results")]
fn failed(error: rusqlite::Error) -> HostError {
    let code = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => "SQLITE_CONSTRAINT",
        Some(rusqlite::ErrorCode::DatabaseBusy) => "SQLITE_BUSY",
        Some(rusqlite::ErrorCode::ReadOnly) => "SQLITE_READONLY",
        _ => "SQLITE_ERROR",
    };
    HostError::new("SqliteError", error.to_string()).with_code(code)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, HostError> + Send + 'static) -> Result<T, HostError> {
    let gone = |_| HostError::new("SqliteError", "the database is gone").with_code("SQLITE_ERROR");
    tokio::task::spawn_blocking(work).await.map_err(gone)?
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
