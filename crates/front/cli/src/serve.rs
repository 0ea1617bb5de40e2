//! `drupe serve`: kernels for programs in any language.

use std::{io, net::SocketAddr, path::Path, process::ExitCode, sync::Arc};

use drupe_client::Kernel;
use drupe_repl::ReplError;
use drupe_serve::{
    Ceiling, MIN_HEAP, Server, is_origin,
    listen::{self, Access, Tls},
    secret,
};
use tokio::net::TcpListener;

use crate::{
    args::Flags,
    exit,
    program::this_program,
    refused::{Serving, refused},
    serve_flags::ServeFlags,
    system_error::plain,
};

/// Serves clients until there are none, or a signal ends this process.
pub(crate) async fn serve(flags: &Flags, serve: &ServeFlags) -> Result<ExitCode, ReplError> {
    if let Some(flag) = refused(Serving::Clients, flags).or(unused_beside(flags, serve.policy.is_some())) {
        return Ok(exit::usage(&format!("drupe serve takes no {flag}")));
    }
    let ceiling = match ceiling_of(flags, serve) {
        Ok(ceiling) => ceiling,
        Err(why) => return Ok(exit::usage(&why)),
    };
    #[cfg(target_os = "linux")]
    let lock_file = flags.opened_lock.clone();
    let server = Server::new(ceiling, move || {
        let builder = Kernel::builder().program(this_program());
        #[cfg(target_os = "linux")]
        if let Some(lock) = &lock_file {
            return builder.lock_file(lock);
        }
        builder
    });
    let mut access = Access::default();
    access.json = serve.json;
    let served = tokio::select! {
        served = accept(&server, access, serve) => served,
        () = ended() => Ok(()),
    };
    server.close().await;
    match served {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(why) => Ok(exit::usage(&why)),
    }
}

/// A flag that does nothing beside a policy file.
pub(crate) fn unused_beside(flags: &Flags, with_policy: bool) -> Option<&'static str> {
    let given = [
        (with_policy && flags.permissions.any(), "--allow-… and --deny-… beside --policy, which says it all"),
        (with_policy && flags.has_limits(), "limits and --sandbox beside --policy, which says it all"),
    ];
    given.into_iter().find_map(|(is_given, flag)| is_given.then_some(flag))
}

/// The most that clients can get, and how many there may be.
fn ceiling_of(flags: &Flags, serve: &ServeFlags) -> Result<Ceiling, String> {
    let mut ceiling = ceiling(flags, serve.policy.as_deref())?;
    ceiling.kernels = serve.max_kernels.unwrap_or(ceiling.kernels);
    ceiling.clients = serve.max_clients.unwrap_or(ceiling.clients);
    Ok(ceiling)
}

/// The most that callers of a server can get: what the policy file says, or the flags.
pub(crate) fn ceiling(flags: &Flags, policy: Option<&Path>) -> Result<Ceiling, String> {
    match policy {
        Some(file) => {
            let shown = file.display();
            let text =
                std::fs::read_to_string(file).map_err(|error| format!("cannot read the policy {shown}: {}", plain(&error)))?;
            Ceiling::from_toml(&text).map_err(|error| format!("the policy {shown} is wrong: {error}"))
        }
        None => {
            if flags.memory_limit.is_some_and(|bytes| bytes < MIN_HEAP) {
                return Err(format!("--memory-limit is at least {} MiB where kernels are served", MIN_HEAP >> 20));
            }
            let mut ceiling = Ceiling::default();
            // A rule that is none was told when the command line was read.
            ceiling.policy = flags.permissions.listed().unwrap_or_default();
            ceiling.sandbox = flags.sandbox();
            ceiling.limits = flags.limits();
            ceiling.memory_limit = flags.memory_limit;
            Ok(ceiling)
        }
    }
}

async fn accept(server: &Server, mut access: Access, serve: &ServeFlags) -> Result<(), String> {
    if serve.door.stdio {
        return listen::stdio(server, &access).await.map_err(|error| format!("cannot serve standard input: {error}"));
    }
    if let Some(name) = &serve.door.socket {
        return on_socket(server, &access, name).await;
    }
    let Some(address) = &serve.door.listen else { return Err("say where clients come from".to_owned()) };
    if let Some(wrong) = serve.allow_origin.iter().find(|origin| *origin != "*" && !is_origin(origin)) {
        return Err(format!(
            "{wrong:?} is no origin: it has a scheme and a host, and perhaps a port, such as https://example.com"
        ));
    }
    let (listener, bound, tls) = bind(address, serve.tls_cert.as_deref(), serve.tls_key.as_deref()).await?;
    let token = match &serve.token_file {
        Some(file) => read_token(file)?,
        None => new_token()?,
    };
    eprintln!("listening on {bound}");
    if serve.token_file.is_none() {
        eprintln!("token: {token}");
    }
    access.token = Some(token);
    access.origins = Some(serve.allow_origin.clone().into());
    listen::tcp(&listener, tls.as_ref(), server, &access).await;
    Ok(())
}

/// Listens at an address. **One that other machines reach needs TLS.**
pub(crate) async fn bind(
    address: &str,
    certificates: Option<&Path>,
    key: Option<&Path>,
) -> Result<(TcpListener, SocketAddr, Option<Tls>), String> {
    let listener = TcpListener::bind(address).await.map_err(|error| unheard(address, &error))?;
    let bound = listener.local_addr().map_err(|error| unheard(address, &error))?;
    let tls = match (certificates, key) {
        (Some(certificates), Some(key)) => {
            Some(Tls::read(certificates, key).map_err(|error| format!("cannot use the certificate: {error}"))?)
        }
        _ => None,
    };
    if tls.is_none() && !is_own(bound) {
        return Err(format!("{bound} can be reached by other machines, which needs TLS: give --tls-cert and --tls-key"));
    }
    Ok((listener, bound, tls))
}

/// Why nothing can listen at an address, and what to do.
fn unheard(address: &str, error: &io::Error) -> String {
    let kind = error.kind();
    let why = if kind == io::ErrorKind::AddrInUse {
        "another program listens there; end it, or take another port (port 0 takes a free one)".to_owned()
    } else if kind == io::ErrorKind::AddrNotAvailable {
        "this machine has no such address".to_owned()
    } else if kind == io::ErrorKind::PermissionDenied {
        "that takes rights that this user does not have; take a port from 1024 on".to_owned()
    } else {
        plain(error)
    };
    format!("cannot listen at {address}: {why}")
}

#[cfg(unix)]
async fn on_socket(server: &Server, access: &Access, name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("--socket takes a name, or a path with a slash".to_owned());
    }
    let Some(path) = listen::socket_path(name) else {
        return Err(format!("XDG_RUNTIME_DIR is not set, so {name:?} is no place; give a path with a slash"));
    };
    let at = path.display();
    let socket = listen::Socket::bind(&path).map_err(|error| format!("cannot listen at {at}: {}", plain(&error)))?;
    eprintln!("listening on {at}");
    socket.serve(server, access).await;
    Ok(())
}

#[cfg(not(unix))]
async fn on_socket(_: &Server, _: &Access, _: &str) -> Result<(), String> {
    Err("this system has no Unix domain sockets; use --listen or --stdio".to_owned())
}

/// Whether only this machine reaches the address.
fn is_own(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn read_token(file: &Path) -> Result<Arc<str>, String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read the token in {shown}: {}", plain(&error)))?;
    let token = text.trim();
    if token.len() < MIN_TOKEN {
        return Err(format!("the token in {shown} is shorter than {MIN_TOKEN} characters, which can be guessed"));
    }
    Ok(token.into())
}

/// The least length of a token.
pub(crate) const MIN_TOKEN: usize = 16;

pub(crate) fn new_token() -> Result<Arc<str>, String> {
    secret::<32>().map(Into::into).map_err(|error| format!("cannot make a token: {error}"))
}

/// Waits until a signal asks this process to end.
#[cfg(unix)]
pub(crate) async fn ended() {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn come(signal: io::Result<Signal>) {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            // One that cannot be listened to ends the process by itself.
            Err(_) => std::future::pending().await,
        }
    }
    tokio::select! {
        () = come(signal(SignalKind::terminate())) => {}
        () = come(signal(SignalKind::interrupt())) => {}
        () = come(signal(SignalKind::hangup())) => {}
    }
}

#[cfg(not(unix))]
pub(crate) async fn ended() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<io::Result<()>>().await.ok();
    }
}
