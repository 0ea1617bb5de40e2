//! From a program to a kernel that has said hello.

use drupe_protocol::{
    FrameError, REVISION, encode,
    hello::{Channel, Greeting, Hello, Launch, Refused, Welcome, Welcoming},
};
use drupe_transport::{
    ReceiveError, Token,
    parent::{FrameReader, FrameWriter, Listener},
};

use crate::{Death, LaunchError, config::Config, link::Link, process::Process, program::find_program, sandbox};

/// Launches a kernel whose first session has number `generation`.
pub(crate) async fn launch(config: &Config, generation: u64) -> Result<Link, LaunchError> {
    if let Some(attach) = &config.attach {
        return attach.link(generation, config.memory_limit);
    }
    let program = match &config.program {
        Some(program) => program.clone(),
        None => find_program()?,
    };
    let (data, control) = (Listener::bind().map_err(LaunchError::Listen)?, Listener::bind().map_err(LaunchError::Listen)?);
    let token = Token::random().map_err(LaunchError::Listen)?;
    let message = Launch {
        revision: REVISION,
        data: data.name().to_owned(),
        control: control.name().to_owned(),
        token: token.to_vec(),
        generation,
        memory_limit: config.memory_limit,
        sandbox: Some(config.sandbox.level()),
        time_zone: time_zone(),
    };
    let mut input = Vec::new();
    encode(&message, &mut input).map_err(|error| LaunchError::Listen(std::io::Error::other(error)))?;
    let start = |error| LaunchError::Start { program: program.clone(), error };
    let mut process = Process::start(&program, &input).await.map_err(start)?;
    let greeting = async { tokio::try_join!(greet(data, Channel::Data, &token), greet(control, Channel::Control, &token)) };
    let (data, control) = tokio::select! {
        greeted = tokio::time::timeout(config.launch_timeout, greeting) => {
            greeted.map_err(|_| LaunchError::Silent(config.launch_timeout))??
        }
        status = process.wait() => {
            let stderr = process.stderr().await;
            let cause = process.cause(status, &stderr);
            return Err(LaunchError::Died(Death { cause, generation, last_chunk: None, stderr }));
        }
    };
    let (reader, mut writer, hello) = data;
    if let Err(error) = sandbox::verify(config.sandbox, &hello, process.id()) {
        refuse(&mut writer, &error).await;
        return Err(error);
    }
    // A kernel that is gone by now is found out by whoever reads next.
    drop(writer.queue(&Welcoming::Welcome(Welcome { revision: REVISION })));
    Ok(Link::new(Some(process), (reader, writer), (control.0, control.1), hello))
}

/// Accepts the kernel on one channel, and checks that it is the one that was launched.
async fn greet(listener: Listener, channel: Channel, token: &Token) -> Result<(FrameReader, FrameWriter, Hello), LaunchError> {
    let (mut reader, mut writer) = listener.accept().await.map_err(LaunchError::Listen)?;
    let greeting = match reader.receive::<Greeting>().await {
        Ok(Some(greeting)) => greeting,
        // It has died, or will be found silent: either tells more than the end of the connection.
        Ok(None) | Err(ReceiveError::Io(_) | ReceiveError::Frame(FrameError::Torn { .. })) => std::future::pending().await,
        Err(error) => return Err(error.into()),
    };
    let refusal = match greeting {
        Greeting::Hello(hello) if !token.matches(&hello.token) || hello.channel != channel => LaunchError::Token,
        Greeting::Hello(hello) if hello.revision != REVISION => LaunchError::Revision { theirs: hello.revision },
        Greeting::Hello(hello) => return Ok((reader, writer, hello)),
        _ => LaunchError::Token,
    };
    refuse(&mut writer, &refusal).await;
    Err(refusal)
}

async fn refuse(writer: &mut FrameWriter, error: &LaunchError) {
    if writer.queue(&Welcoming::Refused(Refused { reason: error.to_string() })).is_ok() {
        // It is refused either way.
        drop(writer.flush().await);
    }
}

/// The time zone that this process was told to be in; the kernel is started without the variable.
fn time_zone() -> Option<String> {
    let zone = std::env::var("TZ").ok()?;
    Some(zone.trim_start_matches(':').to_owned()).filter(|zone| !zone.is_empty())
}
