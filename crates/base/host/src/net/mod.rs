//! The network: the service `net`, behind `fetch`, and the [`Client`] that loads modules from the network.
//!
//! A request goes hop by hop. The URL is normalised and a [`Guard`] grants the host, **and only then its name is
//! resolved; each address is checked, and the connection goes to one of the checked addresses**, so that a later,
//! different answer of the name server has no effect. Redirects are followed here, each like a new request, but without
//! the headers and credentials that were meant for another origin only. The response is bounded ([`Limits`]), and its
//! reader pulls it piece by piece.
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
