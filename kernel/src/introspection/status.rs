//! The status: the run, its times, the heap, the line.

use drupe_protocol::{
    event::Location,
    introspection::{Status, StatusReply},
};

use super::Helper;
use crate::{
    isolate::{limits::heap_limit, realm::Realm},
    stacks::frames,
};

/// How far down the stack a line of the user's is looked for.
const MAX_FRAMES: usize = 20;

/// Answers a question.
pub(super) fn answer(scope: &mut v8::PinScope, realm: &Realm, question: &Status, executing: bool) -> StatusReply {
    let helper = Helper::of(realm);
    let (elapsed_ms, cpu_ms) = helper.clock.get().map_or((0, 0), |(wall_start, cpu_start)| {
        let cpu = helper.watchdog.cpu_time().saturating_sub(cpu_start);
        (millis(wall_start.elapsed()), millis(cpu))
    });
    let heap = scope.get_heap_statistics();
    StatusReply {
        id: question.id,
        run: helper.guard.active(),
        executing,
        elapsed_ms,
        cpu_ms,
        heap_used: heap.used_heap_size() as u64,
        heap_limit: heap_limit(scope) as u64,
        external: heap.external_memory() as u64,
        at: if executing { line(scope, realm) } else { None },
    }
}

/// The innermost place in the user's code.
fn line(scope: &mut v8::PinScope, realm: &Realm) -> Option<Location> {
    v8::scope!(let scope, scope);
    let scripts = realm.scripts.try_borrow().ok()?;
    let trace = v8::StackTrace::current_stack_trace(scope, MAX_FRAMES)?;
    (0..trace.get_frame_count()).find_map(|index| {
        let frame = frames::frame(scope, trace, index)?;
        let script = frame.get_script_name_or_source_url(scope)?.to_rust_string_lossy(scope);
        scripts.location(script, frame.get_line_number(), frame.get_column())
    })
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
