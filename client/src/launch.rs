//! Launches a kernel: from its program to its `hello`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use drupe_protocol::{
    FrameError, REVISION, encode,
    hello::{Channel, Greeting, Hello, Launch, Refused, Welcome, Welcoming},
    sandbox::memory_bound,
};
use drupe_transport::{
    ReceiveError, Token,
    parent::{FrameReader, FrameWriter, Listener},
};

use crate::{
    Death, LaunchError, config::Config, link::Link, machine, process::Process, program::find_program, sandbox,
    standstill::within, unknown::brief,
};

/// Longer names are none of locales.
const MAX_LOCALE: usize = 64;

/// Launches a kernel whose first session has number `generation`. `None`: the launch was `abandoned` before its end,
/// and its process is gone.
pub(crate) async fn launch(
    config: &Config,
    generation: u64,
    abandoned: impl Future<Output = ()>,
) -> Result<Option<Link>, LaunchError> {
    if let Some(attach) = &config.attach {
        return tokio::select! {
            link = attach.link(config, generation) => link.map(Some),
            () = abandoned => Ok(None),
        };
    }
    let program = match &config.program {
        Some(program) => program.resolved()?,
        None => find_program()?.resolved()?,
    };
    let (data, control) = (listen()?, listen()?);
    let token = Token::random().map_err(LaunchError::Listen)?;
    let policy = config.permissions().policy();
    let variable = |name: &str| config.surroundings.variable(name, &policy);
    let message = Launch {
        revision: REVISION,
        data: data.name().to_owned(),
        control: control.name().to_owned(),
        token: token.to_vec(),
        generation,
        memory_limit: config.memory_limit,
        machine_memory: machine::memory(),
        sandbox: Some(config.sandbox.level()),
        time_zone: time_zone(&variable),
        locale: locale(&variable),
        builtin_names: config.builtin_names,
    };
    let mut input = Vec::new();
    encode(&message, &mut input).map_err(|error| LaunchError::Listen(std::io::Error::other(error)))?;
    let start = |error| LaunchError::Start { program: program.clone(), error };
    let mut process = Process::start(&program, &input, memory_bound(config.memory_limit)).await.map_err(start)?;
    let id = process.id();
    let greeted = tokio::select! {
        greeted = greetings(config, id, [data, control], &token) => greeted.map(Some),
        death = ended(&mut process, generation) => Err(LaunchError::Died(death)),
        () = abandoned => Ok(None),
    };
    let greeted = match greeted {
        // The system says nothing of what has ended: it did not lie.
        Err(LaunchError::SandboxLie { .. }) if process.has_ended() => {
            Err(LaunchError::Died(ended(&mut process, generation).await))
        }
        greeted => greeted,
    };
    if let Ok(Some((data, control, mut hello))) = greeted {
        hello.layers.extend(process.layer());
        return Ok(Some(Link::new(Some(process), data, control, hello)));
    }
    // **Nothing is left of a launch that came to nothing.**
    process.kill().await;
    greeted.map(|_| None)
}

/// Listens for one channel.
fn listen() -> Result<Listener, LaunchError> {
    in_runtime(Listener::bind)?.map_err(LaunchError::Listen)
}

/// Does what a runtime must drive: **tokio panics where there is none, or it does not drive that**, and tells it in no
/// other way.
fn in_runtime<T>(work: impl FnOnce() -> T) -> Result<T, LaunchError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
        LaunchError::NoRuntime(words.unwrap_or_else(|| "it drives neither".to_owned()))
    })
}

/// Whether there is a runtime that can drive a kernel.
pub(crate) fn look_for_runtime() -> Result<(), LaunchError> {
    tokio::runtime::Handle::try_current().map_err(|error| LaunchError::NoRuntime(error.to_string()))?;
    in_runtime(|| drop(tokio::time::sleep(Duration::ZERO)))
}

/// The end of a process that has not greeted.
async fn ended(process: &mut Process, generation: u64) -> Death {
    let status = process.wait().await;
    let stderr = process.stderr().await;
    let cause = process.cause(status, &stderr);
    Death { cause, generation, last_chunk: None, stderr }
}

pub(crate) type Ends = (FrameReader, FrameWriter);

/// Waits for the kernel on both channels, checks what it says of itself, and welcomes it.
async fn greetings(
    config: &Config,
    id: Option<u32>,
    [data, control]: [Listener; 2],
    token: &Token,
) -> Result<(Ends, Ends, Hello), LaunchError> {
    let greeting = async { tokio::try_join!(greet(data, Channel::Data, token), greet(control, Channel::Control, token)) };
    let greeted = within(config.launch_timeout, greeting).await;
    let (data, control) = greeted.unwrap_or(Err(LaunchError::Silent(config.launch_timeout)))?;
    let (reader, mut writer, hello) = data;
    if let Err(error) = sandbox::verify(config.sandbox, &hello, id) {
        refuse(&mut writer, &error).await;
        return Err(error);
    }
    welcome(&mut writer);
    Ok(((reader, writer), (control.0, control.1), hello))
}

/// Tells a kernel that it may begin.
pub(crate) fn welcome(writer: &mut FrameWriter) {
    // The next read finds out that a kernel is gone.
    drop(writer.queue(&Welcoming::Welcome(Welcome { revision: REVISION })));
}

/// Accepts the kernel on one channel, and checks that it is the one that was launched.
async fn greet(listener: Listener, channel: Channel, token: &Token) -> Result<(FrameReader, FrameWriter, Hello), LaunchError> {
    let ends = listener.accept().await.map_err(LaunchError::Listen)?;
    match receive_hello(ends, channel, Some(token)).await {
        // It has died, or will be found silent: either tells more than the end of the connection.
        Err(LaunchError::Closed) => std::future::pending().await,
        received => received,
    }
}

/// Receives the `hello` of a kernel on one channel, and checks it.
pub(crate) async fn receive_hello(
    (mut reader, mut writer): Ends,
    channel: Channel,
    token: Option<&Token>,
) -> Result<(FrameReader, FrameWriter, Hello), LaunchError> {
    let greeting = match reader.receive::<Greeting>().await {
        Ok(Some(greeting)) => greeting,
        Ok(None) | Err(ReceiveError::Io(_) | ReceiveError::Frame(FrameError::Torn { .. })) => return Err(LaunchError::Closed),
        Err(error) => return Err(error.into()),
    };
    let refusal = match greeting {
        Greeting::Hello(hello) if !token.is_none_or(|token| token.matches(&hello.token)) || hello.channel != channel => {
            LaunchError::Token
        }
        Greeting::Hello(hello) if hello.revision != REVISION => LaunchError::Revision { theirs: hello.revision },
        Greeting::Hello(hello) => return Ok((reader, writer, hello)),
        Greeting::Unknown(name) => LaunchError::Greeting(brief(name)),
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

/// The time zone that the variables name; the kernel is started without them.
fn time_zone(variable: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let zone = variable("TZ")?;
    Some(zone.trim_start_matches(':').to_owned()).filter(|zone| !zone.is_empty())
}

/// The locale that the variables name, without its encoding: `de_DE` of `de_DE.UTF-8`.
fn locale(variable: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let named =
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()))?;
    let locale = named.split(['.', '@']).next().unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_locale = !locale.is_empty() && locale.len() <= MAX_LOCALE && locale.bytes().all(is_name);
    is_locale.then(|| if matches!(locale, "C" | "POSIX") { "en_US".to_owned() } else { locale.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{locale, time_zone};

    #[test]
    fn variables_name_the_time_zone_and_the_locale() {
        let of = |set: &'static [(&str, &str)]| {
            move |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(time_zone(&of(&[("TZ", ":Asia/Tokyo")])).as_deref(), Some("Asia/Tokyo"));
        assert_eq!(time_zone(&of(&[("TZ", "")])), None);
        for (set, expected) in [
            (&[("LANG", "de_DE.UTF-8")][..], Some("de_DE")),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "fr_FR@euro")], Some("fr_FR")),
            (&[("LANG", "de_DE"), ("LC_MESSAGES", "pt-BR"), ("LC_ALL", "")], Some("pt-BR")),
            (&[("LANG", "C.UTF-8")], Some("en_US")),
            (&[("LANG", "../x")], None),
            (&[("LANG", "")], None),
            (&[], None),
        ] {
            assert_eq!(locale(&of(set)).as_deref(), expected, "{set:?}");
        }
    }
}
