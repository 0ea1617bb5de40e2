//! Opens kernels as clients ask for them, within the ceiling.

use std::{path::PathBuf, sync::Arc};

use drupe_client::{Builder, Chunk, Error, Kernel, Permissions, Policy, Respawn, Surroundings, host::permissions::Kind};

use crate::{
    Server,
    ceiling::{self, AskedLimits},
    kernel::{
        Served, Settled,
        calls::{Questions, call_function},
        pump::{Late, pump},
    },
    message::{
        client::{OnDisconnect, Open, Respawn as AskedRespawn},
        server::Failure,
    },
    secret,
};

/// A kernel that was opened, and what is told of it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) served: Arc<Served>,
    pub(crate) info: drupe_client::Info,
}

/// Opens a kernel. The functions of the message are defined by [`define`].
pub(crate) async fn open(server: &Server, open: &Open) -> Result<Opened, Failure> {
    let id = secret::<16>().map_err(|error| Failure::new("launch", format!("a kernel has no name: {error}")))?;
    let linger = ceiling::linger(open.linger_ms)?;
    let journal_limit = ceiling::journal(open.journal_limit, linger)?;
    let questions = Arc::new(Questions::new(server.ceiling()));
    let (asking, server_of, asked) = (questions.clone(), server.clone(), open.clone());
    // It looks at files.
    let built = tokio::task::spawn_blocking(move || builder(&server_of, &asked, &asking)).await;
    let builder = built.map_err(|_| Failure::new("launch", "the kernel cannot be configured"))??;
    let place = server.kernels().reserve()?;
    let kernel = builder.spawn().await.map_err(not_opened)?;
    let info = kernel.info().await?;
    let late = Late::new(kernel.late_events());
    let settled = Settled {
        id,
        name: open.name.clone(),
        on_disconnect: open.on_disconnect.unwrap_or(OnDisconnect::Interrupt),
        linger,
        journal_limit,
        generation: info.generation,
        kernels: Arc::downgrade(server.kernels()),
    };
    let (served, runs) = Served::new(kernel, settled);
    questions.set(&served);
    server.kernels().insert(&served.id, &served, place)?;
    tokio::spawn(pump(served.clone(), runs, late));
    Ok(Opened { served, info })
}

/// Why no kernel was opened.
fn not_opened(error: Error) -> Failure {
    let is_preload = matches!(error, Error::Preload(_));
    let failure = Failure::from(error);
    if is_preload {
        let message = format!("{}; no kernel was opened", failure.message);
        return Failure { field: Some("preload".to_owned()), message, ..failure };
    }
    failure
}

fn builder(server: &Server, open: &Open, questions: &Arc<Questions>) -> Result<Builder, Failure> {
    let most = server.ceiling();
    let folder = open.folder.as_deref().map(|asked| folder(asked, &most.policy)).transpose()?;
    let policy = most.policy(open.permissions.as_ref(), open.deny.as_ref(), folder.as_deref())?;
    let limits = most.limits(&AskedLimits {
        vm_timeout_ms: open.vm_timeout_ms,
        wall_timeout_ms: open.wall_timeout_ms,
        kill_on_timeout: open.kill_on_timeout,
        memory_limit: None,
        console_limit: open.console_limit,
    })?;
    let mut surroundings = Surroundings::default();
    surroundings.folder = folder;
    surroundings.variables = open.env.clone().unwrap_or_default().into_iter().collect();
    let permissions = Permissions::asking(policy, questions.clone());
    let mut builder = server
        .builder()
        .permissions(&permissions)
        .dialogs(questions.clone())
        .limits(most.limits)
        .limits(limits)
        .sandbox(most.sandbox(open.sandbox)?)
        .surroundings(surroundings)
        .builtin_names(open.builtin_names.unwrap_or(false))
        .auto_reload(open.auto_reload.unwrap_or(false))
        .respawn(match open.respawn {
            Some(AskedRespawn::Never) => Respawn::Never,
            Some(AskedRespawn::OnNextRun) | None => Respawn::OnNextRun,
        });
    if let Some(bytes) = most.memory(open.memory_limit)? {
        builder = builder.memory_limit(bytes);
    }
    if let Some(code) = &open.preload {
        builder = builder.preload(Chunk::new(code.as_str()).name("preload"));
    }
    Ok(builder)
}

/// A folder that the server lets clients read. **Whether there is another is not told.**
fn folder(folder: &str, most: &Policy) -> Result<PathBuf, Failure> {
    match std::fs::canonicalize(folder) {
        Ok(path) if path.is_dir() && most.covers_path(Kind::Read, &path) => Ok(path),
        // Where everything may be read, there is nothing to hide.
        Err(error) if most.is_unlimited() => {
            Err(Failure::of_field("forbidden", "folder", format!("{folder:?} is no folder: {error}")))
        }
        _ => {
            let message = format!("{folder:?} is no folder that this server lets clients read");
            Err(Failure::of_field("forbidden", "folder", message))
        }
    }
}

/// Defines functions, which the client that defined them last answers.
pub(crate) fn define(served: &Arc<Served>, functions: &[String], is_reserved: bool) -> Result<(), Failure> {
    for name in functions {
        let (weak, function) = (Arc::downgrade(served), name.clone());
        let answer = move |call: drupe_client::Call| {
            let call = call.into_inner();
            call_function(weak.clone(), function.clone(), call.args, call.run)
        };
        let kernel: &Kernel = &served.kernel;
        let defined = if is_reserved { kernel.register_reserved(name, answer) } else { kernel.register(name, answer) };
        defined.map_err(|bad| Failure::of_field("bad_name", "functions", bad.to_string()))?;
    }
    Ok(())
}
