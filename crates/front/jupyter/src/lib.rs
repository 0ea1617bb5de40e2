//! `drupe jupyter`: a kernel for JupyterLab, VS Code, nbclient and other front ends of Jupyter's protocol.
//!
//! Everything goes through the client library. [`serve`] is a kernel from its start to its end, and [`kernelspec`]
//! tells front ends of it; [`Remote`] is for kernels on other hosts. `connection` reads the file of a launcher, `zmtp`
//! has the sockets, `message` and `sign` the messages. `requests` answers those of front ends, `execute` runs cells,
//! and `front` shows what the kernel does: `output` publishes it in one order, `displays` and `rich` make formats of
//! values, `table` and `resource` those of tables, `traceback` shows errors. `cells` knows which cell caused a run,
//! `stdin` asks the person at it. `preload` runs the files that sessions begin with. `comms` carries messages of comms,
//! to which JavaScript is `listening`. `history`, `magics` and `introspect` are the rest of the protocol, and
//! `prelude.js` is what code finds. Start reading at [`serve`] and `requests`.

// As in the client: a new kind of event or end does not compile until each place says what it is.
#![warn(clippy::wildcard_enum_match_arm)]

mod cells;
mod comms;
mod connection;
mod date;
mod displays;
mod execute;
mod front;
mod history;
mod introspect;
pub mod kernelspec;
mod listening;
mod log;
mod magics;
mod message;
mod output;
mod parent;
mod preload;
mod prepare;
mod register;
mod remote;
mod requests;
mod resource;
mod rich;
mod server;
mod shims;
mod sign;
mod stdin;
mod table;
mod traceback;
mod usage;
mod zmtp;

pub use connection::ConnectionError;
pub use remote::Remote;
pub use server::{JupyterError, Settings, serve};
