//! A parent that is given one case after the other, and measures what each costs itself.

use std::{
    io::{self, BufRead, Write},
    time::Duration,
};

use drupe_client::Kernel;

use crate::{
    attempt::{Attempt, attempt, rest},
    case::{Act, Case, Cost, LARGEST, World},
    kernels::{block_on_within, builder},
    process::resident,
    watch,
    world::{Folder, kernel_in},
};

/// When an interrupt comes at the latest, unless the case is over by then.
const INTERRUPTED: Duration = Duration::from_millis(50);

/// A case that is over sooner needs no interrupt.
const QUICK: Duration = Duration::from_millis(8);

/// A worker lives no longer; who watches it ends it sooner.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// With so much resident between two cases a fresh process goes on.
const STALE: u64 = 96 << 20;

/// Takes names of cases from standard input, and tells their costs on standard output, each on a line of its own.
pub(crate) fn serve(cases: &[Case]) {
    let tell = |word: &str, text: &str| {
        let mut out = io::stdout().lock();
        writeln!(out, "\n{}{word} {text}", watch::MARK).and_then(|()| out.flush()).unwrap();
    };
    // A runtime of one thread, as the command has it: whoever holds that up holds up everything.
    block_on_within(LIFE, async {
        let other = builder().spawn().await.unwrap();
        other.run("1").await.unwrap();
        // Between two cases nothing else is to be done.
        for name in io::stdin().lock().lines() {
            let name = name.unwrap();
            let case = cases.iter().find(|case| case.name == name).unwrap();
            let cost = measured(case, &other, &|| tell("begin", &name)).await;
            tell("cost", &serde_json::to_string(&cost).unwrap());
            if resident("self") > STALE {
                return;
            }
        }
    });
}

/// Tries a case: once to its end, and again with interrupts in its midst. `other` is another kernel of this parent.
async fn measured(case: &Case, other: &Kernel, begin: &impl Fn()) -> Cost {
    let folder = Folder::new(&case.world);
    let act = (case.act)();
    let size = act.size() + if matches!(case.world, World::Folder(_)) { folder.size() } else { 0 };
    let mut cost = Cost { name: case.name.clone(), ..Cost::default() };
    if size > LARGEST {
        return Cost { end: format!("an input of {size} bytes is none of these"), wrong: true, ..cost };
    }
    let mut moments = vec![None];
    let mut at = 0;
    while let Some(&moment) = moments.get(at) {
        let kernel = kernel_in(&case.world, &folder).spawn().await.unwrap();
        if let Act::Inspect(source) = &act {
            drop(kernel.run(source.as_str()).await);
        } else {
            kernel.run("1").await.unwrap();
        }
        rest().await;
        begin();
        let Attempt { took, cpu, memory, interrupt, others, end, wrong } = attempt(&kernel, other, &act, &folder, moment).await;
        kernel.terminate().await;
        cost.cpu = cost.cpu.max(cpu);
        cost.memory = cost.memory.max(memory);
        cost.interrupt = cost.interrupt.max(interrupt);
        cost.others = cost.others.max(others);
        if at == 0 || wrong {
            cost.end = end;
        }
        cost.wrong |= wrong;
        // What blocks its caller is not interrupted.
        if at == 0 && took > QUICK && !matches!(act, Act::Completeness(_) | Act::Format(_)) {
            moments.push(Some(INTERRUPTED.min(took / 2)));
            if took > 8 * INTERRUPTED {
                moments.push(Some(took * 3 / 4));
            }
        }
        at += 1;
    }
    cost
}
