//! V8's last words: one line on standard error that tells the parent the cause, before V8 ends the process.
//!
//! The process may be broken by then, so **nothing here allocates, locks or calls V8**: the line is put together on the
//! stack and written at once.

use std::{
    ffi::{CStr, c_char},
    fmt::{Display, Write},
};

/// How the line begins when V8 has no memory left; known to the client, which looks for it.
const OUT_OF_MEMORY: &str = "drupe kernel: V8 ran out of memory: ";
/// How it begins when V8 found itself broken.
const FAILED: &str = "drupe kernel: V8 failed: ";

/// Longer notices are cut, in bytes.
const LENGTH: usize = 512;

/// Has V8 say why, where it checks itself. Once a process, before V8 is initialised.
pub(crate) fn install() {
    v8::V8::set_fatal_error_handler(failed);
}

/// Has an isolate say why, where it runs out of memory and cannot recover.
pub(crate) fn watch(isolate: &mut v8::Isolate) {
    isolate.set_oom_error_handler(out_of_memory);
}

fn failed(file: &str, line: i32, message: &str) {
    notice(FAILED, format_args!("{message} ({file}:{line})"));
}

unsafe extern "C" fn out_of_memory(location: *const c_char, details: &v8::OomDetails) {
    // SAFETY: V8 hands out C strings that live as long as the call, or null.
    let text = |text: *const c_char| unsafe { (!text.is_null()).then(|| CStr::from_ptr(text)) };
    let [location, detail] = [location, details.detail.cast()].map(|words| text(words).and_then(|words| words.to_str().ok()));
    let what = if details.is_heap_oom { "heap" } else { "process" };
    notice(OUT_OF_MEMORY, format_args!("{what}, {} {}", location.unwrap_or_default(), detail.unwrap_or_default()));
}

fn notice(head: &str, what: impl Display) {
    let mut line = Line { bytes: [0; LENGTH], length: 0 };
    // A line that is full is cut.
    let _ = write!(line, "{head}{what}");
    line.bytes[line.length] = b'\n';
    #[cfg(unix)]
    // Nobody reads it: then nobody does.
    let _ = rustix::io::write(rustix::stdio::stderr(), &line.bytes[..=line.length]);
    #[cfg(not(unix))]
    let _ = std::io::Write::write(&mut std::io::stderr(), &line.bytes[..=line.length]);
}

struct Line {
    bytes: [u8; LENGTH],
    /// **Below [`LENGTH`]**: the end of the line has room.
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes().take(LENGTH - 1 - self.length) {
            // One notice is one line.
            self.bytes[self.length] = if byte < b' ' { b' ' } else { byte };
            self.length += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::{LENGTH, Line};

    // threat D6
    #[test]
    fn a_notice_is_one_line_and_bounded() {
        let mut line = Line { bytes: [0; LENGTH], length: 0 };
        assert!(write!(line, "a\nb{}", "x".repeat(2 * LENGTH)).is_ok());
        assert_eq!(line.length, LENGTH - 1);
        assert!(line.bytes.starts_with(b"a bx"));
    }
}
