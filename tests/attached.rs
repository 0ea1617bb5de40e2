//! Kernels that are somewhere else: the client reaches them over byte streams of the embedder's.

use std::{
    io,
    os::{linux::net::SocketAddrExt, unix::net},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use drupe_client::{Begun, Builder, Connection, Error, Kernel, LaunchError, Outcome, State, Wanted};
use drupe_protocol::{
    REVISION, encode,
    hello::{Channel, Engine, Greeting, Hello, Launch},
    sandbox::SandboxLevel,
};
use drupe_transport::unguessable_name;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufStream, DuplexStream, copy_bidirectional, duplex},
    net::{TcpListener, TcpStream, UnixListener},
    task::AbortHandle,
};

use crate::support::{PATIENT, block_on};

/// Listens on a local socket as a kernel's parent does.
fn local() -> io::Result<(String, UnixListener)> {
    let name = unguessable_name()?;
    let listener = net::UnixListener::bind_addr(&net::SocketAddr::from_abstract_name(&name)?)?;
    listener.set_nonblocking(true)?;
    Ok((name, UnixListener::from_std(listener)?))
}

/// Launches a kernel as a program on another machine would, and passes the bytes of its channels on.
async fn launch(wanted: Wanted, [mut data, mut control]: [TcpStream; 2]) -> io::Result<()> {
    let (data_socket, control_socket) = (local()?, local()?);
    let message = Launch {
        revision: REVISION,
        data: data_socket.0,
        control: control_socket.0,
        token: vec![7; 32],
        generation: wanted.generation,
        memory_limit: wanted.memory_limit,
        machine_memory: None,
        sandbox: Some(SandboxLevel::Strict),
        time_zone: None,
        locale: None,
        builtin_names: false,
    };
    let mut frame = Vec::new();
    encode(&message, &mut frame).unwrap();
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_test-kernel"))
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    child.stdin.take().unwrap().write_all(&frame).await?;
    let (mut data_end, mut control_end) = (data_socket.1.accept().await?.0, control_socket.1.accept().await?.0);
    let data = async { copy_bidirectional(&mut data, &mut data_end).await };
    let control = async { copy_bidirectional(&mut control, &mut control_end).await };
    // The kernel is not needed any more when either end has closed its data channel.
    tokio::select! {
        passed = data => drop(passed?),
        passed = control => drop(passed?),
    }
    child.kill().await
}

/// The first message of a kernel that is none.
fn hello(channel: Channel) -> Hello {
    Hello {
        revision: REVISION,
        token: Vec::new(),
        channel,
        pid: 1,
        version: String::new(),
        engine: Engine { name: "V8".into(), version: String::new() },
        sandbox: SandboxLevel::Off,
        layers: Vec::new(),
    }
}

/// The kernels that were launched behind TCP connections.
type Far = Arc<Mutex<Vec<AbortHandle>>>;

/// A client whose kernels are behind TCP connections.
async fn across_tcp() -> (Builder, Far) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (listener, far) = (Arc::new(tokio::sync::Mutex::new(listener)), Far::default());
    let launched = far.clone();
    let builder = Kernel::builder().launch_timeout(PATIENT).grace(PATIENT).attach(move |wanted| {
        let (listener, launched) = (listener.clone(), launched.clone());
        async move {
            let listener = listener.lock().await;
            let mut ends = Vec::new();
            for _ in 0..2 {
                let near = TcpStream::connect(address).await?;
                near.set_nodelay(true)?;
                ends.push((near, listener.accept().await?.0));
            }
            let [(data, far_data), (control, far_control)] = <[_; 2]>::try_from(ends).unwrap();
            launched.lock().unwrap().push(tokio::spawn(launch(wanted, [far_data, far_control])).abort_handle());
            // A stream that holds bytes back until it is flushed.
            Ok(Connection::over(BufStream::new(data), control))
        }
    });
    (builder, far)
}

#[test]
fn a_kernel_across_tcp_is_a_kernel() {
    block_on(async {
        let kernel = across_tcp().await.0.memory_limit(64 << 20).spawn().await.unwrap();
        kernel.run("globalThis.kept = 41").await.unwrap();
        kernel.register_typed("add", |(a, b): (u32, u32)| async move { Ok(a + b) }).unwrap();
        let report = kernel.run("await host.add(kept, 1)").await.unwrap();
        assert_eq!(report.value_as::<u32>().unwrap(), 42);
        let large = "x".repeat(4 << 20);
        let report = kernel.run(drupe_client::Chunk::new("text.length").input("text", &large)).await.unwrap();
        assert_eq!(report.value_as::<usize>().unwrap(), large.len());
        // Interrupts go by the control channel.
        let run = kernel.run("for (;;) {}");
        let id = run.id();
        let (ended, ()) = tokio::join!(async { run.await }, async {
            while kernel.status().await.unwrap().run != Some(id) {
                tokio::task::yield_now().await;
            }
            assert!(kernel.interrupt().await.unwrap());
        });
        let report = ended.unwrap();
        assert!(matches!(report.outcome, Outcome::Interrupted { .. }), "{report:?}");
        assert_eq!(report.state, State::Kept);
        assert_eq!(kernel.run("kept").await.unwrap().value_as::<u32>().unwrap(), 41);
        // A kernel that is gone is replaced through the same door.
        let generation = kernel.restart().await.unwrap();
        assert_eq!(generation, 2);
        assert_eq!(kernel.run("typeof kept").await.unwrap().value_as::<String>().unwrap(), "undefined");
        kernel.terminate().await;
        assert!(matches!(kernel.run("1").await, Err(Error::Terminated)));
    });
}

#[test]
fn a_stream_that_ends_is_the_end_of_its_kernel() {
    block_on(async {
        let (sender, mut made) = tokio::sync::mpsc::unbounded_channel::<DuplexStream>();
        let kernel = Kernel::builder().launch_timeout(PATIENT).attach(move |_| {
            let sender = sender.clone();
            async move {
                let ((data, far_data), (control, far_control)) = (duplex(1 << 16), duplex(1 << 16));
                sender.send(far_data).unwrap();
                sender.send(far_control).unwrap();
                Ok(Connection::over(data, control))
            }
        });
        // A peer that closes without a word is no kernel, and one that talks nonsense is none, either.
        let closes = tokio::spawn(async move {
            drop(made.recv().await);
            drop(made.recv().await);
            let mut talks = made.recv().await.unwrap();
            talks.write_all(b"\x05\x00\x00\x00hello").await.unwrap();
            (talks, made.recv().await)
        });
        let error = kernel.clone().spawn().await.unwrap_err();
        assert!(matches!(&error, Error::Launch(error) if matches!(&**error, LaunchError::Closed)), "{error}");
        let error = kernel.spawn().await.unwrap_err();
        assert!(matches!(&error, Error::Launch(error) if matches!(&**error, LaunchError::Hello(_))), "{error}");
        drop(closes.await.unwrap());
    });
}

#[test]
fn a_connection_that_fails_is_told_with_its_reason() {
    block_on(async {
        let kernel = Kernel::builder().attach(|_| async { Err(io::Error::other("the gate is shut")) });
        let error = kernel.spawn().await.unwrap_err();
        assert!(error.to_string().contains("the gate is shut"), "{error}");
        let kernel = Kernel::builder().launch_timeout(Duration::from_millis(50)).attach(|_| std::future::pending());
        let error = kernel.spawn().await.unwrap_err();
        assert!(matches!(&error, Error::Launch(error) if matches!(&**error, LaunchError::Silent(_))), "{error}");
    });
}

#[test]
fn a_kernel_whose_connection_breaks_has_died() {
    block_on(async {
        let (builder, far) = across_tcp().await;
        let kernel = builder.spawn().await.unwrap();
        kernel.run("globalThis.kept = 1").await.unwrap();
        let cut = far.clone();
        kernel
            .register("cut", move |_| {
                cut.lock().unwrap().drain(..).for_each(|launched| launched.abort());
                async { Ok(()) }
            })
            .unwrap();
        let error = kernel.run("await host.cut(); for (;;) await null").await.unwrap_err();
        let Error::Died { death, started: Begun::Yes } = &error else { panic!("{error:?}") };
        assert_eq!(death.generation, 1, "{death}");
        let report = kernel.run("typeof kept").await.unwrap();
        assert_eq!((report.value_as::<String>().unwrap().as_str(), report.generation), ("undefined", 2));
    });
}

/// A stream of the embedder's says nothing of what the kernel has read or said: a run that it may have begun is not
/// sent again.
#[test]
fn a_run_that_was_under_way_when_a_connection_broke_is_not_sent_again() {
    block_on(async {
        let (sender, mut made) = tokio::sync::mpsc::unbounded_channel::<DuplexStream>();
        let launched = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = launched.clone();
        let builder = Kernel::builder().launch_timeout(PATIENT).grace(PATIENT).attach(move |_| {
            let sender = sender.clone();
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async move {
                let ((data, far_data), (control, far_control)) = (duplex(1 << 16), duplex(1 << 16));
                sender.send(far_data).unwrap();
                sender.send(far_control).unwrap();
                // It holds control messages back, and then breaks.
                Ok(Connection::over(data, BufStream::new(control)))
            }
        });
        let far = tokio::spawn(async move {
            let (mut data, mut control) = (made.recv().await.unwrap(), made.recv().await.unwrap());
            for (end, channel) in [(&mut data, Channel::Data), (&mut control, Channel::Control)] {
                let mut frame = Vec::new();
                encode(&Greeting::Hello(hello(channel)), &mut frame).unwrap();
                end.write_all(&frame).await.unwrap();
            }
            // The run is read, and then the connection ends in order.
            let mut read = Vec::new();
            while !String::from_utf8_lossy(&read).contains("6 * 7") {
                assert!(data.read_buf(&mut read).await.unwrap() > 0);
            }
            drop((data, control));
            made
        });
        let kernel = builder.spawn().await.unwrap();
        let error = kernel.run("6 * 7").await.unwrap_err();
        assert!(matches!(&error, Error::Died { started: Begun::Unknown, .. }), "{error:?}");
        drop(far.await.unwrap());
        assert_eq!(launched.load(std::sync::atomic::Ordering::Relaxed), 1);
    });
}
