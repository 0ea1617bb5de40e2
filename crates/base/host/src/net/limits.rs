//! The limits of a request.

use std::time::Duration;

/// Bounds of one request and its response, and of all that run at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one session that run at once; further ones wait.
    pub in_flight: usize,
    /// How long finding the address and connecting may take.
    pub connect: Duration,
    /// How long the head of a response may take, from when the request was made.
    pub head: Duration,
    /// How long a body may pause, in either direction.
    pub pause: Duration,
    /// The size of a response's head, in bytes. At least 8192.
    pub head_bytes: usize,
    /// The number of a response's headers.
    pub headers: usize,
    /// The size of a response's body after decompression, in bytes.
    pub body_bytes: u64,
    /// How many times larger than what came over the network a body may become, once it is larger than
    /// [`free_bytes`](Self::free_bytes).
    pub ratio: u64,
    /// Decompressed bytes for which no ratio is asked.
    pub free_bytes: u64,
    /// Redirects that are followed.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 128,
            connect: Duration::from_secs(10),
            head: Duration::from_secs(300),
            pause: Duration::from_secs(300),
            head_bytes: 64 << 10,
            headers: 256,
            body_bytes: 512 << 20,
            ratio: 256,
            free_bytes: 32 << 20,
            redirects: 20,
        }
    }
}
