//! Functions for JavaScript whose arguments and results are types that serde knows.

use drupe_host::{BadName, HostError};
use drupe_protocol::value::to_value;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Call, Kernel};

impl Kernel {
    /// Defines a function as [`register`](Self::register) does, with arguments and a result of any types that serde
    /// knows. If `A` is a tuple, it takes one argument for each of its elements; any other type takes the first
    /// argument. (serde reads a Rust array as a tuple: `([f64; 3],)` is one list of three.) An argument that does not
    /// fit throws a `TypeError` that names it.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use drupe_client::Kernel;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Item {
    ///     name: String,
    ///     count: u32,
    /// }
    ///
    /// let kernel = Kernel::builder().spawn().await?;
    /// kernel.register_typed("shop.order", |(name, count): (String, Option<u32>)| async move {
    ///     Ok(Item { name, count: count.unwrap_or(1) })
    /// })?;
    /// let report = kernel.run("(await host.shop.order('tea')).count").await?;
    /// assert_eq!(report.value_as::<u32>()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As for [`register`](Self::register).
    pub fn register_typed<A, F, R, T>(&self, name: &str, function: F) -> Result<(), BadName>
    where
        A: DeserializeOwned,
        F: Fn(A) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, HostError>> + Send + 'static,
        T: Serialize,
    {
        self.register(name, move |call: Call| {
            let answering = call.args_as().map(&function);
            async move { Ok(to_value(&answering?.await?)?) }
        })
    }
}
