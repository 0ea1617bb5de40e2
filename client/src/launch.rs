//! From a program to a kernel that has said hello.

use drupe_protocol::{
    REVISION, encode,
    hello::{Channel, Greeting, Hello, Launch, Refused, Welcome, Welcoming},
};
use drupe_transport::{
    Token,
    parent::{FrameReader, FrameWriter, Listener},
};

use crate::{Cause, Death, LaunchError, config::Config, link::Link, process::Process, program::find_program};

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
            let cause = Cause::of(status, &stderr);
            return Err(LaunchError::Died(Death { cause, generation, last_chunk: None, stderr }));
        }
    };
    let (reader, mut writer, hello) = data;
    // A kernel that is gone by now is found out by whoever reads next.
    drop(writer.queue(&Welcoming::Welcome(Welcome { revision: REVISION })));
    Ok(Link::new(Some(process), (reader, writer), (control.0, control.1), hello))
}

/// Accepts the kernel on one channel, and checks that it is the one that was launched.
async fn greet(listener: Listener, channel: Channel, token: &Token) -> Result<(FrameReader, FrameWriter, Hello), LaunchError> {
    let (mut reader, mut writer) = listener.accept().await.map_err(LaunchError::Listen)?;
    let refusal = match reader.receive::<Greeting>().await? {
        Some(Greeting::Hello(hello)) if !token.matches(&hello.token) || hello.channel != channel => LaunchError::Token,
        Some(Greeting::Hello(hello)) if hello.revision != REVISION => LaunchError::Revision { theirs: hello.revision },
        Some(Greeting::Hello(hello)) => return Ok((reader, writer, hello)),
        Some(_) | None => LaunchError::Token,
    };
    let refused = Welcoming::Refused(Refused { reason: refusal.to_string() });
    if writer.queue(&refused).is_ok() {
        // It is refused either way.
        drop(writer.flush().await);
    }
    Err(refusal)
}
