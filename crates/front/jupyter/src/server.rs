//! A kernel for the front ends of one connection file, from its start to its end.

use std::{
    io,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};

use bytes::Bytes;
use drupe_client::{Builder, Chunk, Limits, Permissions, Policy, Stdio};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::{
    cells::{Cell, Cells},
    comms::Comms,
    connection::{Connection, ConnectionError},
    front::Front,
    history::{self, History},
    log::Log,
    message::{Message, Request, Session},
    output::Output,
    parent, register,
    requests::Requests,
    sign::Signer,
    stdin::{Asking, Stdin},
    zmtp::{
        frame::{Received, Room},
        heartbeat,
        listen::{Address, Listener},
        publisher::Publisher,
        router::{From, Router},
    },
};

/// What every session begins with.
const PRELUDE: &str = concat!(include_str!("prelude.js"), include_str!("packages.js"));

/// How long the last messages may take, once this process is to end.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a kernel is configured with, beside its [`Builder`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// What code may reach.
    pub policy: Policy,
    /// Whether the person at the front end is asked for permissions that the policy does not grant.
    pub asks: bool,
    /// Limits of each cell.
    pub limits: Limits,
    /// Files that are run first: their names and their texts.
    pub preload: Vec<(String, Vec<String>)>,
}

/// A kernel could not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JupyterError {
    /// The connection file cannot be used.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// A socket cannot be bound.
    #[error("cannot bind the {channel} channel at {address}: {source}")]
    Bind {
        /// The channel.
        channel: &'static str,
        /// Its address.
        address: String,
        /// The reason.
        source: io::Error,
    },
    /// The service that wants to know the ports cannot be told.
    #[error("cannot register the kernel: {0}")]
    Register(String),
    /// The kernel cannot be launched.
    #[error(transparent)]
    Kernel(#[from] drupe_client::Error),
    /// The system has no random bytes.
    #[error("the system has no random bytes: {0}")]
    Random(String),
}

/// Bound sockets, and what is heard of them.
struct Sockets {
    session: Arc<Session>,
    room: Room,
    log: Log,
    ports: Value,
    shell: Listener,
    control: Listener,
    stdin: Listener,
    iopub: Listener,
}

impl Sockets {
    async fn bind(connection: &Connection) -> Result<Self, JupyterError> {
        let log = Log::default();
        if connection.key.is_empty() {
            log.warn(format_args!(
                "the connection file has no key: messages are not signed, and whoever reaches the ports runs code"
            ));
        }
        let session = Session::new(Signer::new(&connection.key)).map_err(|error| JupyterError::Random(error.to_string()))?;
        let failed = |channel, address: &Address| {
            let address = address.to_string();
            move |source| JupyterError::Bind { channel, address, source }
        };
        let bind = async |channel, address: &Address| Listener::bind(address.clone()).await.map_err(failed(channel, address));
        let (at, heart_log) = (connection.heartbeat.clone(), log.clone());
        // It makes a runtime of its own, which may not be made on this one's thread.
        let heart = tokio::task::spawn_blocking(move || heartbeat::serve(at, heart_log)).await;
        let heart =
            heart.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(failed("heartbeat", &connection.heartbeat))?;
        let (shell, control) = (bind("shell", &connection.shell).await?, bind("control", &connection.control).await?);
        let (stdin, iopub) = (bind("stdin", &connection.stdin).await?, bind("iopub", &connection.iopub).await?);
        let port = |address: &Address| match address {
            Address::Tcp(_, port) => *port,
            Address::Ipc(_) => 0,
        };
        let ports = json!({
            "shell_port": port(shell.address()),
            "control_port": port(control.address()),
            "stdin_port": port(stdin.address()),
            "iopub_port": port(iopub.address()),
            "hb_port": port(&heart),
        });
        let session = Arc::new(session);
        Ok(Self { session, room: Room::default(), log, ports, shell, control, stdin, iopub })
    }
}

/// Serves the front ends of a connection file until one shuts the kernel down, a signal ends this process, or the
/// process that launched it is gone.
///
/// # Errors
/// When the file cannot be used, a socket cannot be bound, or no kernel can be launched.
pub async fn serve(connection_file: &Path, settings: Settings, builder: Builder) -> Result<(), JupyterError> {
    let connection = Connection::read(connection_file)?;
    let sockets = Sockets::bind(&connection).await?;
    if let Some(registration) = &connection.registration {
        let ports = text_ports(&sockets.ports);
        let registered = register::register(registration, &sockets.session, ports).await;
        registered.map_err(|error| JupyterError::Register(error.to_string()))?;
    }
    let (stop, mut stopped) = watch::channel(false);
    let front = start(sockets, settings, builder, stop).await?;
    tokio::select! {
        // It is set, or nobody can set it any more.
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = ended(&front) => {}
        () = parent::gone() => {}
    }
    let farewell = async {
        front.control.drained().await;
        front.shell.drained().await;
        front.output.drained().await;
    };
    // A front end that does not read keeps nothing.
    drop(tokio::time::timeout(FAREWELL, farewell).await);
    drop(tokio::time::timeout(FAREWELL, front.kernel.terminate()).await);
    Ok(())
}

/// Ports as the handshake wants them.
fn text_ports(ports: &Value) -> Value {
    let Value::Object(ports) = ports else { return json!({}) };
    ports.iter().map(|(name, port)| (name.clone(), Value::String(port.to_string()))).collect::<serde_json::Map<_, _>>().into()
}

/// Launches the kernel, and starts all tasks.
async fn start(
    sockets: Sockets,
    settings: Settings,
    builder: Builder,
    stop: watch::Sender<bool>,
) -> Result<Arc<Front>, JupyterError> {
    let Sockets { session, room, log, ports, shell, control, stdin, iopub } = sockets;
    let welcoming = session.clone();
    let welcome = move |topic: &[u8]| {
        let message = Message::new("iopub_welcome", json!({ "subscription": String::from_utf8_lossy(topic) }));
        let mut frames = vec![Bytes::copy_from_slice(topic)];
        frames.extend(welcoming.write(&message, None));
        frames
    };
    let output = Output::new(session.clone(), Publisher::serve(iopub, room.clone(), log.clone(), welcome));
    output.status("starting", None);
    let (shell, heard_on_shell) = Router::serve(shell, room.clone(), log.clone());
    let (control, heard_on_control) = Router::serve(control, room.clone(), log.clone());
    let (stdin, heard_on_stdin) = Router::serve(stdin, room, log.clone());
    let (cells, comms) = (Arc::new(Cells::default()), Arc::new(Comms::default()));
    let asks = Stdin::new(cells.clone(), session.clone(), output.clone(), stdin, log.clone());
    let kernel = configure(builder, &settings, &asks).spawn().await?;
    // Their names are their own.
    drop(kernel.register_event("jupyter.emit"));
    let listening = comms.clone();
    drop(kernel.register("jupyter.inbox", move |call| {
        let answer = listening.listen(call.run);
        async { answer }
    }));
    let history = open_history(&log);
    let (limits, count) = (Mutex::new(settings.limits), AtomicU64::new(0));
    let (draws, preloaded, (listening, news)) = (AtomicBool::new(false), AtomicBool::new(false), mpsc::unbounded_channel());
    let preload = settings.preload;
    let front = Front {
        session,
        output,
        shell,
        control,
        kernel,
        cells,
        comms,
        history,
        limits,
        log,
        count,
        draws,
        preload,
        preloaded,
        listening,
    };
    let front = Arc::new(front);
    let (late, listener) = (front.clone(), front.clone());
    tokio::spawn(async move { late.follow_late().await });
    tokio::spawn(listener.keep_listening(news));
    front.begin_session();
    // There is no cell yet that could tell it.
    for failure in front.preload(&Arc::new(Cell::default())).await {
        front.log.warn(format_args!("{failure}"));
    }
    let requests = Requests::new(front.clone(), ports, stop);
    let (on_shell, on_control) = (requests.clone(), requests);
    hear("shell", &front, heard_on_shell, move |request| on_shell.shell(request));
    hear("control", &front, heard_on_control, move |request| on_control.control(request));
    hear("stdin", &front, heard_on_stdin, move |request| asks.heard(&request));
    Ok(front)
}

fn configure(builder: Builder, settings: &Settings, asks: &Arc<Stdin>) -> Builder {
    let asking = Arc::new(Asking(asks.clone()));
    let policy = settings.policy.clone();
    let permissions = if settings.asks { Permissions::asking(policy, asking.clone()) } else { Permissions::new(policy) };
    let stdio = Stdio::without("standard input of a notebook is what a person types: ask with prompt('…')");
    builder
        .permissions(&permissions.naming_flags())
        .dialogs(asking.clone())
        .stdio(&stdio)
        .typed_input(asking)
        .journal(true)
        .builtin_names(true)
        .preload(Chunk::new(PRELUDE).name("drupe:notebook"))
}

fn open_history(log: &Log) -> History {
    let path = history::path();
    History::open(path.as_deref()).unwrap_or_else(|error| {
        let shown = path.unwrap_or_default();
        log.warn(format_args!("the history in {} cannot be used, so this session has its own: {error}", shown.display()));
        History::in_memory()
    })
}

/// Reads the messages of a channel, and has each handled. What is refused is logged.
fn hear(channel: &'static str, front: &Arc<Front>, mut heard: mpsc::Receiver<From>, handle: impl Fn(Request) + Send + 'static) {
    let (session, log) = (front.session.clone(), front.log.clone());
    tokio::spawn(async move {
        while let Some((identity, Received { frames, .. })) = heard.recv().await {
            match Request::read(identity, &frames, &session.signer) {
                Ok(request) => handle(request),
                Err(refused) => log.warn(format_args!("refused a message on the {channel} channel: {refused}")),
            }
        }
    });
}

/// Waits until a signal asks this process to end. An interrupt is for the code that runs.
#[cfg(unix)]
async fn ended(front: &Arc<Front>) {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn come(signal: &mut io::Result<Signal>) {
        match signal {
            Ok(signal) => drop(signal.recv().await),
            // One that cannot be listened to has its usual effect.
            Err(_) => std::future::pending().await,
        }
    }
    let mut signals = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()].map(signal);
    let [terminate, hang_up, interrupt] = &mut signals;
    loop {
        tokio::select! {
            () = come(terminate) => return,
            () = come(hang_up) => return,
            () = come(interrupt) => {
                let front = front.clone();
                tokio::spawn(async move { front.interrupt().await });
            }
        }
    }
}

#[cfg(not(unix))]
async fn ended(front: &Arc<Front>) {
    while tokio::signal::ctrl_c().await.is_ok() {
        front.interrupt().await;
    }
    std::future::pending().await
}
