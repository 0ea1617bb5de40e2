//! What this process and its kernel use, for front ends that show it.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use drupe_client::Kernel;
use serde_json::{Value, json};

/// What was used when a client asked last.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<Option<Before>>);

#[derive(Debug)]
struct Before {
    at: Instant,
    /// Of this process and its kernel, in clock ticks.
    ticks: u64,
    /// Of the machine: busy, and all.
    machine: (u64, u64),
}

/// Clock ticks of a second, as Linux tells them to programs.
const TICKS: f64 = 100.0;

impl Usage {
    /// The content of a `usage_reply`. What the system does not tell is left out.
    pub(crate) async fn reply(&self, kernel: &Kernel) -> Value {
        let pid = std::process::id();
        let info = kernel.info().await.ok();
        let processes: Vec<u32> = info.and_then(|info| info.pid).into_iter().chain([pid]).collect();
        let mut reply = json!({ "status": "ok", "hostname": hostname(), "pid": pid });
        if let Ok(count) = std::thread::available_parallelism() {
            reply["cpu_count"] = count.get().into();
        }
        if let Ok(status) = kernel.status().await {
            reply["heap"] = json!({ "used": status.heap_used, "limit": status.heap_limit, "external": status.external });
        }
        let memory = processes.iter().filter_map(|pid| resident(*pid)).sum::<u64>();
        if memory > 0 {
            reply["kernel_memory"] = memory.into();
        }
        if let Some(memory) = machine_memory() {
            reply["host_virtual_memory"] = memory;
        }
        let ticks = processes.iter().filter_map(|pid| ticks(*pid)).sum();
        let machine = machine_ticks().unwrap_or_default();
        let now = Before { at: Instant::now(), ticks, machine };
        if let Some(before) = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(now) {
            percentages(&before, (ticks, machine), &mut reply);
        }
        reply
    }
}

#[expect(clippy::cast_precision_loss, reason = "percentages are rounded")]
fn percentages(before: &Before, (ticks, machine): (u64, (u64, u64)), reply: &mut Value) {
    let seconds = before.at.elapsed().as_secs_f64();
    let round = |percent: f64| (percent * 10.0).round() / 10.0;
    if seconds > 0.0 {
        reply["kernel_cpu"] = round(ticks.saturating_sub(before.ticks) as f64 / TICKS / seconds * 100.0).into();
    }
    let (busy, all) = (machine.0.saturating_sub(before.machine.0), machine.1.saturating_sub(before.machine.1));
    if all > 0 {
        reply["host_cpu_percent"] = round(busy as f64 / all as f64 * 100.0).into();
    }
}

fn hostname() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// Resident memory of a process, in bytes.
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    kib(&status, "VmRSS:")
}

fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

/// CPU time of a process.
fn ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may contain anything, and ends at the last parenthesis.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

/// CPU time of the machine: busy, and all.
fn machine_ticks() -> Option<(u64, u64)> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let times: Vec<u64> = stat.lines().next()?.split_whitespace().skip(1).filter_map(|time| time.parse().ok()).collect();
    let (all, idle) = (times.iter().take(8).sum::<u64>(), times.iter().skip(3).take(2).sum());
    Some((all.saturating_sub(idle), all))
}

fn machine_memory() -> Option<Value> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let (total, available) = (kib(&text, "MemTotal:")?, kib(&text, "MemAvailable:")?);
    let used = total.saturating_sub(available);
    #[expect(clippy::cast_precision_loss, reason = "percentages are rounded")]
    let percent = (used as f64 / total.max(1) as f64 * 1000.0).round() / 10.0;
    Some(json!({ "total": total, "available": available, "used": used, "free": kib(&text, "MemFree:")?, "percent": percent }))
}
