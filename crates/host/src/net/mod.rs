//! The network: the service `net`, behind `fetch`, and the [`Client`] that modules from the network are loaded with.
//!
//! A request goes hop by hop: the URL is normalised, the host is granted by a [`Guard`], **and only then its name is resolved; each address
//! is checked, and the connection goes to one of those that were**, so that an answer of the name server's that changes meanwhile changes
//! nothing. Redirects are followed here, each as if it were asked for, without what was meant for another origin only. What comes is
//! bounded ([`Limits`]) and pulled, piece by piece, by who reads it.
//!
//! HTTP/1.1 only, as Node's `fetch` speaks it by default. There is no proxy, no cache and no cookie jar.

mod address;
mod body;
#[cfg(test)]
mod cases;
mod client;
mod connect;
mod decode;
mod error;
mod guard;
mod limits;
mod pool;
mod request;
mod resolve;
mod service;
mod upload;
mod windows;

pub use client::{Client, Fetched};
pub use error::NetError;
pub use guard::Guard;
pub use limits::Limits;
pub use resolve::{Resolve, SystemResolver};
pub use service::Net;
pub use tokio_rustls::rustls::RootCertStore;
