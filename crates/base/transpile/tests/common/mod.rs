//! What the subjects share: transpile a chunk and show what came of it.
#![allow(dead_code, clippy::unwrap_used)] // each subject uses its share; a test may stop at what it did not expect

use drupe_protocol::module::Usage;
use drupe_transpile::{Options, Position, Script, transpile};

/// The emitted text, or the diagnostic with its frame.
pub(crate) fn show(source: &str) -> String {
    show_with(source, &Options::default())
}

pub(crate) fn show_with(source: &str, options: &Options) -> String {
    match transpile(source, options) {
        Ok(script) => text(&script),
        Err(diagnostic) => format!("{diagnostic}\n{}", frame(&diagnostic)),
    }
}

/// The emitted text; before it, a line for each static import.
pub(crate) fn text(script: &Script<'_>) -> String {
    let mut text = String::new();
    for (index, import) in script.imports.iter().enumerate() {
        let names = import.names.iter().map(|name| {
            let usage =
                if name.usage == Usage::default() { String::new() } else { format!(" ({:?})", name.usage).to_lowercase() };
            let at = name.at.map_or_else(String::new, |at| format!(" at {}:{}", at.line, at.column));
            format!("{} as {}{usage}{at}", name.export, name.local)
        });
        let names = names.collect::<Vec<_>>().join(", ");
        let kind = import.kind.as_ref().map_or_else(String::new, |kind| format!(" type {kind:?}"));
        let declared = if import.declared { " declared" } else { "" };
        text += &format!("// {index}: {:?}{kind} [{names}]{declared}\n", import.specifier);
    }
    text + &script.code
}

/// Transpiles what must be valid.
pub(crate) fn script(source: &str) -> Script<'_> {
    transpile(source, &Options::default()).unwrap_or_else(|diagnostic| panic!("{diagnostic}\n{}", frame(&diagnostic)))
}

/// The zero-based position of a byte offset, in UTF-16 columns; counted the slow and obvious way.
pub(crate) fn position(text: &str, offset: usize) -> Position {
    let head = &text[..offset];
    let line = head.matches('\n').count();
    let start = head.rfind('\n').map_or(0, |at| at + 1);
    Position { line: line as u32, column: head[start..].encode_utf16().count() as u32 }
}

/// The emitted line (zero-based).
pub(crate) fn line(text: &str, line: u32) -> &str {
    text.split('\n').nth(line as usize).unwrap()
}

/// The code frame as text.
pub(crate) fn frame(diagnostic: &drupe_transpile::Diagnostic) -> String {
    diagnostic.code_frame.as_ref().map_or_else(String::new, ToString::to_string)
}
