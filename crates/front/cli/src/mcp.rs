//! `drupe mcp`: kernels as tools of the Model Context Protocol.

use std::{io::IsTerminal as _, path::Path, process::ExitCode, time::Duration};

use drupe_client::{Kernel, Policy, host::permissions::Kind};
use drupe_mcp::{Access, Server, Settings, http, stdio};
use drupe_repl::ReplError;

use crate::{
    args::Flags,
    exit,
    mcp_flags::McpFlags,
    program::this_program,
    refused::{Serving, refused},
    serve::{MIN_TOKEN, bind, ceiling, ended, new_token, unused_beside},
    system_error::plain,
};

/// What is said to a person who starts the server by hand.
const AT_A_TERMINAL: &str = "\
drupe mcp lends JavaScript kernels to models. A client of the Model Context Protocol starts it, and speaks to it over
standard input and output, one JSON message a line. Most clients read a file of this form:
  { \"mcpServers\": { \"drupe\": { \"command\": \"drupe\", \"args\": [\"mcp\"] } } }
For many clients, over HTTP: drupe mcp --http 127.0.0.1:8000. For JavaScript at this terminal: drupe.
It waits for messages now. Ctrl-C ends it.";

/// How long the sessions may take to end, once this process is to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves clients until there are none, or a signal ends this process.
pub(crate) async fn mcp(flags: &Flags, mcp: &McpFlags) -> Result<ExitCode, ReplError> {
    if let Some(flag) = unused(flags, mcp) {
        return Ok(exit::usage(&format!("drupe mcp takes no {flag}")));
    }
    let settings = match settings(flags, mcp) {
        Ok(settings) => settings,
        Err(why) => return Ok(exit::usage(&why)),
    };
    #[cfg(target_os = "linux")]
    let lock_file = flags.opened_lock.clone();
    let server = Server::new(settings, move || {
        let builder = Kernel::builder().program(this_program());
        #[cfg(target_os = "linux")]
        if let Some(lock) = &lock_file {
            return builder.lock_file(lock);
        }
        builder
    });
    let served = tokio::select! {
        served = accept(&server, mcp) => served,
        () = ended() => Ok(()),
    };
    // A kernel that does not end is killed with this process.
    drop(tokio::time::timeout(FAREWELL, server.close()).await);
    match served {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(why) => Ok(exit::usage(&why)),
    }
}

/// A flag that was given and would do nothing, and what to do.
fn unused(flags: &Flags, mcp: &McpFlags) -> Option<&'static str> {
    let with_policy = mcp.policy.is_some();
    let beside = (with_policy && mcp.ask.is_some()).then_some("--ask beside --policy, which says it all");
    refused(Serving::Models, flags).or(beside).or(unused_beside(flags, with_policy))
}

fn settings(flags: &Flags, mcp: &McpFlags) -> Result<Settings, String> {
    let mut ceiling = ceiling(flags, mcp.policy.as_deref())?;
    if let Some(kinds) = &mcp.ask {
        ceiling.ask = askable(kinds, &ceiling.policy);
    }
    ceiling.kernels = mcp.max_sessions.unwrap_or(ceiling.kernels);
    let mut settings = Settings::new(ceiling);
    settings.idle = mcp.idle_timeout.unwrap_or(settings.idle);
    Ok(settings)
}

/// What a person may be asked for: anything of these kinds that no flag denies.
fn askable(kinds: &[String], policy: &Policy) -> Policy {
    let mut ask = Policy::none();
    ask.denied = policy.denied.clone();
    Kind::ALL.into_iter().filter(|kind| kinds.is_empty() || kinds.iter().any(|name| name == kind.name())).for_each(|kind| {
        ask.allow_all(kind);
    });
    ask
}

async fn accept(server: &Server, mcp: &McpFlags) -> Result<(), String> {
    let Some(address) = &mcp.http else {
        if std::io::stdin().is_terminal() {
            eprintln!("{AT_A_TERMINAL}");
        }
        let why =
            |error| format!("cannot serve standard input: {error}. A client of the Model Context Protocol starts drupe mcp");
        return stdio::serve(server).await.map_err(why);
    };
    let mut access = Access::new(Vec::new());
    access.origins.clone_from(&mcp.allow_origin);
    access.hosts.extend(mcp.allow_host.iter().cloned());
    access.check()?;
    let (listener, bound, tls) = bind(address, mcp.tls_cert.as_deref(), mcp.tls_key.as_deref()).await?;
    let tokens = match &mcp.token_file {
        Some(file) => read_tokens(file)?,
        None => vec![new_token()?.to_string()],
    };
    eprintln!("listening on {}://{bound}/mcp", if tls.is_some() { "https" } else { "http" });
    if mcp.token_file.is_none() {
        eprintln!("token: {}", tokens.join(""));
    }
    access.tokens = tokens.into();
    http::serve(&listener, tls.as_ref(), server, &access).await;
    Ok(())
}

/// The tokens of a file, one a line.
fn read_tokens(file: &Path) -> Result<Vec<String>, String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read the tokens in {shown}: {}", plain(&error)))?;
    let tokens = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect::<Vec<_>>();
    if tokens.is_empty() {
        return Err(format!("there is no token in {shown}; it has one a line"));
    }
    let wrong = |why: &str, is_wrong: &dyn Fn(&String) -> bool| {
        let at = tokens.iter().position(is_wrong)?;
        Some(format!("token {} in {shown} {why}", at + 1))
    };
    let short = format!("is shorter than {MIN_TOKEN} characters, which can be guessed");
    let short = wrong(&short, &|token| token.len() < MIN_TOKEN);
    // Nobody is to know the second word of a remark.
    let odd = wrong("has characters that no token has; there are no remarks", &|token| {
        !token.bytes().all(|byte| byte.is_ascii_graphic())
    });
    short.or(odd).map_or(Ok(tokens), Err)
}
