//! Events, reports, errors and values as JSON, for front ends that talk to programs (feature `json`).
//!
//! Every line is an object with a `type`. Keys without content are left out, and new keys may come. Times are numbers.
//! Lines and columns count from 1, columns in UTF-16 code units. Values are as [`TypedJson`] writes them. Events of
//! timers and promises have the `run` that caused them, and may follow its outcome.
//!
//! | `type` | keys |
//! |---|---|
//! | `session` | `run` that is its first, `generation`, `reason`: `spawned`, `reset`, `restarted`, `respawned`; if it died: `message` |
//! | `started` | `run`, `generation` |
//! | `console` | `run`, `method` (`log`, `group_end`, ..), `level` (`debug`, `log`, `info`, `warning`, `error`), `depth` of groups, `text` without their indentation, `args`, `time` in ms since the Unix epoch, `script`, `line`, `column` |
//! | `output` | `run`, `stream`: `stdout`, `stderr`; `text` that was written, which is no line; `time`; `hex`: the bytes that were written, where the text is not those |
//! | `result` | `run`, `text` as a console prints it, `value` |
//! | `exception` | `run`, `origin`: `chunk`, `callback`, `rejection`, `report`; `name`, `message`, `text`, `script`, `line`, `column`, `frames` of `function`, `script`, `line`, `column`; `code_frame` with `script`, `line`, `column`, the source `lines` up to that one (long ones cut), and how a mark stands under the last, in characters: `mark` before it, `marked`; `value` that was thrown |
//! | `outcome` | `run`, `outcome`: `value`, `threw`, `syntax_error`, `interrupted`, `timed_out`, `memory_limit`, `exited`, `unsettled`, `unknown` (of a newer kernel: `end` is its name for it); `preload`: the name of what the session begins with, if the run ended in that; `exit_code` if the program has set one, `exit_code_set`: true if this run has; `reason` of an interrupt: `request`, `reset`; `budget`: `vm`, `wall`; `limit_ms`; `limit_bytes`; `stopped`: `javascript`, `await`, `timers`, `queued`, `unknown`; `state`: `kept`, `lost` (also by a death before this run), `unknown`; `message` that says so in words, where anything is to be said; `generation`, `new_session`: true or false, `dropped_jobs`: true or false, `dropped_timers`: how many, `dropped_calls`: how many, `stopped_callbacks`: how many, `dropped_events`: how many, `wall_ms`, `cpu_ms` |
//! | `permission` | `run`, `permission`: `read`, `write`, `net`, `env`, `run`, `import`; `resource`, `api` that needs it, `granted`: true or false, `by`: `policy`, `person`; `rule` that denies it, if one does, such as `read /data/keys` |
//! | `reloaded` | `run` before which these changed, `modules`: their URLs, which the next import reads anew |
//! | `custom` | `run`, `name` of the embedder's function that was called, `args` |
//! | `unknown` | `run` that was active, `event`: the name of what a newer kernel said, which is not known here |
//! | `error` | `run` if one failed, `cause`: `exited`, `signal`, `out_of_memory`, `killed_for_memory`, `seccomp_violation`, `engine_failure`, `protocol`, `unresponsive`, `restarted`, `launch`, `crash_loop`, `encode`, `preload`, `input_name`, `input_value`, `journal`, `stale_handle`, `busy`, `unsupported`, `deadlock`, `blocking_call`, `terminated`; of a death: `status`, `signal`, `signal_number`, `started`: true or false, absent if it is not known, `generation`, `last_chunk`, `stderr`; `message` |
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use drupe_client::{Kernel, json::{self, Line}};
//!
//! let kernel = Kernel::builder().spawn().await?;
//! let mut run = kernel.run("console.log('a'); 1 + 1");
//! let id = Some(run.id());
//! let mut out = Vec::new();
//! while let Some(event) = run.next_event().await {
//!     json::write(&mut out, &Line::event(id, &event))?;
//!     out.push(b'\n');
//! }
//! json::write(&mut out, &Line::report(&run.await?))?;
//! assert!(String::from_utf8(out)?.contains(r#""type":"result","run":1,"text":"2","value":2}"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod error;
mod event;
mod line;
mod no_json;
mod outcome;
mod place;
mod read;
mod value;
mod visible;

pub use line::Line;
pub use no_json::why_no_json;
pub use read::TypedValue;
pub use value::TypedJson;
pub use visible::write;
