//! Connection files: where a kernel is to bind its sockets, and the key of its messages.

use std::{
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::zmtp::listen::Address;

/// A connection file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// It cannot be read.
    #[error("cannot read the connection file {}: {source}", path.display())]
    Read {
        /// Its path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// It is not what a connection file is.
    #[error("{} is no connection file: {source}", path.display())]
    Json {
        /// Its path.
        path: PathBuf,
        /// The reason.
        source: serde_json::Error,
    },
    /// A field is wrong.
    #[error("the connection file has {field} {value:?}; {wanted}")]
    Field {
        /// The name of the field.
        field: &'static str,
        /// Its value.
        value: String,
        /// The values that it may have.
        wanted: &'static str,
    },
}

/// What a launcher writes. **Other fields are left alone**: launchers add some of their own.
#[derive(Clone, Debug, Deserialize)]
struct Written {
    #[serde(default = "tcp")]
    transport: String,
    #[serde(default = "localhost")]
    ip: String,
    #[serde(default)]
    shell_port: u16,
    #[serde(default)]
    iopub_port: u16,
    #[serde(default)]
    stdin_port: u16,
    #[serde(default)]
    control_port: u16,
    #[serde(default)]
    hb_port: u16,
    #[serde(default)]
    key: String,
    #[serde(default = "sha256")]
    signature_scheme: String,
    #[serde(default)]
    curve_publickey: Option<String>,
    /// Of a registration file.
    #[serde(default)]
    registration_port: Option<u16>,
    #[serde(default)]
    registration_ip: Option<String>,
    #[serde(default)]
    kernel_id: Option<String>,
}

fn tcp() -> String {
    "tcp".to_owned()
}

fn localhost() -> String {
    "127.0.0.1".to_owned()
}

fn sha256() -> String {
    "hmac-sha256".to_owned()
}

/// Where a kernel binds, and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) shell: Address,
    pub(crate) iopub: Address,
    pub(crate) stdin: Address,
    pub(crate) control: Address,
    pub(crate) heartbeat: Address,
    /// Empty: messages are not signed.
    pub(crate) key: Vec<u8>,
    pub(crate) registration: Option<Registration>,
}

/// Where a kernel tells the ports that it has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    pub(crate) kernel_id: String,
}

impl Connection {
    /// Reads a connection file, or a registration file.
    pub(crate) fn read(path: &Path) -> Result<Self, ConnectionError> {
        let text = fs::read_to_string(path).map_err(|source| ConnectionError::Read { path: path.to_owned(), source })?;
        // Of itself serde takes an array of the fields, too.
        let written = serde_json::from_str(&text).and_then(|map| serde_json::from_value(Json::Object(map)));
        Self::new(written.map_err(|source| ConnectionError::Json { path: path.to_owned(), source })?)
    }

    fn new(written: Written) -> Result<Self, ConnectionError> {
        let wrong = |field, value: &str, wanted| Err(ConnectionError::Field { field, value: value.to_owned(), wanted });
        if written.signature_scheme != sha256() {
            return wrong("signature_scheme", &written.signature_scheme, "this kernel signs by hmac-sha256");
        }
        if written.curve_publickey.is_some() {
            return wrong("curve_publickey", "…", "this kernel has no CURVE: turn transport encryption off");
        }
        let is_registration = written.registration_port.is_some();
        let ip = if is_registration { written.registration_ip.as_deref().unwrap_or("127.0.0.1") } else { &written.ip };
        let address = |port| Self::address(&written.transport, ip, if is_registration { 0 } else { port });
        let registration = match written.registration_port {
            Some(port) => match ip.parse() {
                Ok(ip) if written.transport == "tcp" => {
                    Some(Registration { ip, port, kernel_id: written.kernel_id.clone().unwrap_or_default() })
                }
                _ => return wrong("registration_ip", ip, "it must be an IP address, with the transport tcp"),
            },
            None => None,
        };
        Ok(Self {
            shell: address(written.shell_port)?,
            iopub: address(written.iopub_port)?,
            stdin: address(written.stdin_port)?,
            control: address(written.control_port)?,
            heartbeat: address(written.hb_port)?,
            key: written.key.into_bytes(),
            registration,
        })
    }

    fn address(transport: &str, ip: &str, port: u16) -> Result<Address, ConnectionError> {
        match transport {
            "tcp" => {
                let any = |ip: &str| if ip == "*" { "0.0.0.0".parse() } else { ip.parse() };
                let local = if ip == "localhost" { "127.0.0.1" } else { ip };
                any(local).map(|ip| Address::Tcp(ip, port)).map_err(|_| ConnectionError::Field {
                    field: "ip",
                    value: ip.to_owned(),
                    wanted: "it must be an IP address",
                })
            }
            "ipc" => Ok(Address::Ipc(format!("{ip}-{port}").into())),
            other => {
                let (value, wanted) = (other.to_owned(), "the transports are tcp and ipc");
                Err(ConnectionError::Field { field: "transport", value, wanted })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn read(text: &str) -> Result<Connection, ConnectionError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kernel-1.json");
        fs::write(&path, text).unwrap();
        Connection::read(&path)
    }

    #[test]
    fn a_file_of_a_launcher_is_read() {
        let text = r#"{"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5, "ip": "127.0.0.1",
            "key": "a-b", "transport": "tcp", "signature_scheme": "hmac-sha256", "kernel_name": "drupe", "jupyter_session": ""}"#;
        let connection = read(text).unwrap();
        assert_eq!(connection.heartbeat, Address::Tcp([127, 0, 0, 1].into(), 5));
        assert_eq!((&*connection.key, &connection.registration), (&b"a-b"[..], &None));
        let connection = read(&text.replace("tcp", "ipc").replace("127.0.0.1", "/tmp/k")).unwrap();
        assert_eq!(connection.shell, Address::Ipc("/tmp/k-1".into()));
    }

    #[test]
    fn a_registration_file_chooses_no_ports() {
        let text =
            r#"{"kernel_id": "7", "transport": "tcp", "registration_ip": "127.0.0.1", "registration_port": 9, "key": "k"}"#;
        let connection = read(text).unwrap();
        assert_eq!(connection.shell, Address::Tcp([127, 0, 0, 1].into(), 0));
        let registration = connection.registration.unwrap();
        assert_eq!((registration.port, &*registration.kernel_id), (9, "7"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, wrong) in [
            ("", "is no connection file"),
            ("[]", "is no connection file"),
            (r#"{"shell_port": "x"}"#, "is no connection file"),
            (r#"{"shell_port": 70000}"#, "is no connection file"),
            (r#"{"transport": "udp"}"#, "tcp and ipc"),
            (r#"{"ip": "example.com"}"#, "an IP address"),
            (r#"{"signature_scheme": "hmac-md5"}"#, "hmac-sha256"),
            (r#"{"curve_publickey": "x"}"#, "CURVE"),
        ] {
            let told = read(text).unwrap_err().to_string();
            assert!(told.contains(wrong), "{told}");
        }
        let told = Connection::read(Path::new("/nowhere/kernel.json")).unwrap_err().to_string();
        assert!(told.contains("/nowhere/kernel.json"), "{told}");
    }
}
