//! Parents that are killed.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use drupe_client::{Permissions, Policy};

use crate::{
    LONG,
    kernels::builder,
    kills::Doing::Looping,
    process::{alone, is_alive},
    runtime_of_parent, times,
};

/// No kernel is there for so long after its parent, on a machine that has nothing else to do.
const PROMISED: Duration = Duration::from_secs(1);

/// Not a test: the parent that [`no_kernel_survives_its_parent`] kills.
#[test]
fn parent_to_be_killed() {
    let Some(runtime) = runtime_of_parent("DRUPE_PARENT") else { return };
    runtime.block_on(async {
        let kernel = builder().spawn().await.unwrap();
        let _runs = Looping.begin(&kernel).await;
        println!("\nkernel {}", kernel.info().await.unwrap().pid.unwrap());
        std::future::pending::<()>().await;
    });
}

// threat F4
#[test]
fn no_kernel_survives_its_parent() {
    let _alone = alone();
    let asked = env::var_os("DRUPE_PARENT_KILLS").is_some();
    // Whoever asks for many wants to know, too, how long a kernel is left.
    let patience = if asked { PROMISED } else { LONG };
    let mut longest = Duration::ZERO;
    for _ in 0..times("DRUPE_PARENT_KILLS", 5) {
        let mut parent = Command::new(env::current_exe().unwrap())
            .args(["--exact", "parents::parent_to_be_killed", "--nocapture"])
            .env("DRUPE_PARENT", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines();
        let pid = lines.find_map(|line| line.unwrap().strip_prefix("kernel ").map(str::to_owned)).unwrap();
        parent.kill().unwrap();
        parent.wait().unwrap();
        let killed = Instant::now();
        while is_alive(&pid) {
            assert!(killed.elapsed() < patience, "kernel {pid} outlives its parent");
            std::thread::yield_now();
        }
        longest = longest.max(killed.elapsed());
    }
    println!("the last kernel was gone {longest:?} after its parent");
}

/// Not a test: the parent that [`no_program_survives_its_parent`] kills. Its kernel starts programs for ever, that
/// start others and leave their groups; all of them hold the pipe.
#[test]
fn parent_of_programs_to_be_killed() {
    let Some(runtime) = runtime_of_parent("DRUPE_PARENT_OF_PROGRAMS") else { return };
    let pipe = env::var("DRUPE_PIPE").unwrap();
    runtime.block_on(async {
        let kernel = builder().permissions(&Permissions::new(Policy::all())).spawn().await.unwrap();
        let code = format!(
            "const cp = require('child_process'), script = 'exec 3> {pipe}; setsid sh -c \"sleep 600 & sleep 600\" & (setsid sleep 600 &) ; sleep 600 | sleep 600';
             (async () => {{ for (;;) {{
               const child = cp.spawn('/bin/sh', ['-c', script], {{ detached: true, stdio: 'ignore' }});
               await new Promise(done => child.on('spawn', done).on('error', done));
               cp.exec(script).on('error', () => {{}});
               await new Promise(done => setTimeout(done, 1));
               child.kill('SIGKILL');
               try {{ cp.execSync(script, {{ timeout: 30 }}) }} catch {{}}
             }} }})(); 'begun'"
        );
        kernel.run(code).await.unwrap();
        println!("\nbegun");
        std::future::pending::<()>().await;
    });
}

// threat F4
#[test]
fn no_program_survives_its_parent() {
    let _alone = alone();
    let pipe = env::temp_dir().join(format!("drupe-programs-{}", std::process::id()));
    for round in 0..times("DRUPE_PARENT_KILLS", 4) {
        drop(std::fs::remove_file(&pipe));
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let mut parent = Command::new(env::current_exe().unwrap())
            .args(["--exact", "parents::parent_of_programs_to_be_killed", "--nocapture"])
            .env("DRUPE_PARENT_OF_PROGRAMS", "1")
            .env("DRUPE_PIPE", &pipe)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "begun"));
        // Opens when the first program does.
        let held = std::fs::File::open(&pipe).unwrap();
        // In the midst of something else each time.
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(20 * round as u64) {
            std::thread::yield_now();
        }
        parent.kill().unwrap();
        parent.wait().unwrap();
        // Ends when nobody holds it any more.
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || tell.send(std::io::read_to_string(held).unwrap()));
        assert_eq!(told.recv_timeout(LONG).as_deref(), Ok(""), "a program outlives its parent");
    }
    std::fs::remove_file(&pipe).unwrap();
}
