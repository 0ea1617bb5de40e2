//! Answers of the host that are large, and many at once: what they take up in the parent before their kernel has them.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use drupe_client::{
    Builder, Cause, Event, HostError, Kernel, Permissions, Policy, Program, Sandbox, State, Value, host::permissions::Kind,
};
use drupe_protocol::value::TypedArrayKind;

use crate::{
    kernels::{PATIENT, SHORT_GRACE, block_on, builder, text, until_printed},
    process::{alone, peak_resident, reset_peak, resident},
};

/// What a file holds that is still read as a whole.
const LARGE: usize = 16 << 20;

/// What a kernel reads of an open file at once.
const PIECE: usize = 8 << 20;

/// What all answers may take up together, one of them as a message beside, and what is made of a message on its way.
const BOUND: u64 = (64 + 48) << 20;

/// Files, gone with this.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().canonicalize().unwrap().join(format!("drupe-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for number in 0..4_u8 {
            fs::write(folder.join(number.to_string()), vec![number + 1; LARGE - usize::from(number)]).unwrap();
        }
        Self(folder)
    }

    fn readable(&self) -> Permissions {
        let mut policy = Policy::none();
        policy.allow(Kind::Read, &self.0.display().to_string()).unwrap();
        Permissions::new(policy)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Ten times as much as there is room for, asked for at once, in every way to ask: all of it arrives, and small calls
/// go on beside it.
// threat E9
#[test]
fn answers_are_bounded_together_and_all_of_them_arrive() {
    let _alone = alone();
    let files = Files::new("answers");
    block_on(async {
        let kernel = builder().permissions(&files.readable()).spawn().await.unwrap();
        kernel.register("much", |_| async { Ok(Value::TypedArray(TypedArrayKind::Uint8, vec![9; LARGE].into())) }).unwrap();
        kernel.register("little", |_| async { Ok("little") }).unwrap();
        let setup = format!(
            "var fs = require('fs'), path = i => {:?} + '/' + i % 4, said = bytes => [bytes.length, bytes[0], bytes.at(-1)].join()",
            files.0.display().to_string()
        );
        text(&kernel, &setup).await;
        let pieces = "fs.promises.open(path(i)).then(async f => { const r = await f.read(new Uint8Array(8 << 20)); await f.close(); return said(r.buffer) })";
        let wanted = [0, 1, 2, 3].map(|number| format!("{},{},{}", LARGE - number, number + 1, number + 1));
        for (way, times, wanted) in [
            ("fs.promises.readFile(path(i)).then(said)", 200, wanted.join(" ")),
            (pieces, 48, [1, 2, 3, 4].map(|number| format!("{PIECE},{number},{number}")).join(" ")),
            ("host.much().then(said)", 200, format!("{LARGE},9,9")),
            ("host.little()", 2000, "little".to_owned()),
        ] {
            reset_peak();
            let before = resident("self");
            let code =
                format!("[...new Set(await Promise.all(Array.from({{ length: {times} }}, (_, i) => {way})))].sort().join(' ')");
            let mut words = wanted.split(' ').collect::<Vec<_>>();
            words.sort_unstable();
            assert_eq!(text(&kernel, &code).await, format!("'{}'", words.join(" ")), "{way}");
            let growth = peak_resident("self").saturating_sub(before);
            println!("{times} times {way}: the parent grew by {} MiB", growth >> 20);
            assert!(growth <= BOUND, "{way}: the parent grew by {growth} bytes");
        }
        // A call that blocks JavaScript comes to its turn among them.
        let code = "const all = Array.from({ length: 20 }, (_, i) => fs.promises.readFile(path(i)).then(said));
            said(fs.readFileSync(path(3))) + ' ' + new Set(await Promise.all(all)).size";
        assert_eq!(text(&kernel, code).await, format!("'{} 4'", wanted[3]));
        kernel.terminate().await;
    });
}

fn asks(op: &str, word: &str) -> Builder {
    let program = Program::new(env!("CARGO_BIN_EXE_misbehaving-peer")).arg("asks-for-much-and-reads-nothing").arg(op).arg(word);
    Kernel::builder().program(program).launch_timeout(PATIENT).grace(SHORT_GRACE).sandbox(Sandbox::OffUnsafe)
}

/// A kernel asks 200 times for 16 MiB and takes none of it: what waits for it is bounded, and it can be stopped all the
/// same.
// threats D2, E9
#[test]
fn what_a_kernel_asks_for_and_does_not_read_is_bounded() {
    let _alone = alone();
    let files = Files::new("unread");
    block_on(async {
        let (path, made) = (files.0.join("0").display().to_string(), Arc::new(AtomicUsize::new(0)));
        for op in ["fs.readFile", "fn.much"] {
            let kernel = asks(op, &path).permissions(&files.readable()).spawn().await.unwrap();
            let count = made.clone();
            let much = move |_| {
                let count = count.clone();
                async move {
                    count.fetch_add(1, Ordering::SeqCst);
                    Ok::<_, HostError>(Value::TypedArray(TypedArrayKind::Uint8, vec![9; LARGE].into()))
                }
            };
            kernel.register("much", much).unwrap();
            reset_peak();
            let before = resident("self");
            let mut run = kernel.run("1");
            until_printed(&mut run, "asked").await;
            // Nothing says that nothing more comes: it is given the time in which all of it would have come.
            while let Ok(event) = tokio::time::timeout(Duration::from_millis(1500), run.next_event()).await {
                assert!(matches!(event, Some(Event::Permission(_))), "{event:?}");
            }
            let growth = peak_resident("self").saturating_sub(before);
            println!("{op}: the parent grew by {} MiB", growth >> 20);
            assert!(growth <= BOUND, "{op}: the parent grew by {growth} bytes");
            // It does not listen; that is told by its death, and not held up by what waits.
            assert!(!kernel.interrupt().await.unwrap());
            let report = run.await.unwrap();
            assert!(matches!(&report.state, State::LostWithProcess(death) if death.cause == Cause::Unresponsive), "{report:?}");
            kernel.terminate().await;
        }
        // The fourth is a debt already, beside what 200 calls take up by themselves; so no other is made.
        assert_eq!(made.load(Ordering::SeqCst), 4);
    });
}
