//! The beginning of a chunk, for names that V8 holds in a scope where only a chunk itself can set them.
//!
//! An input of a chunk is a property of the global object; where V8 holds its name as a `let`, the chunk begins by
//! assigning the input to it. A chunk that failed may have declared a name and never reached the declaration: to V8 the
//! name exists and holds nothing, and cannot even be assigned to. So the next chunk that assigns to it begins by giving
//! it a value. Before that it finds out whether a constant of this name holds something. If the name hides a global of
//! the environment, the next chunk gives it the value of that global. `_` and `_error` change with every run, so they
//! are looked up where they are read.

use crate::decide::doubts::{Opening, Value};
use crate::decide::homes::Homes;
use crate::decide::reads::Read;
use crate::parse::Chunk;
use crate::plan::constants;
use crate::source::edits::Edits;

/// Plans what the chunk begins with, and the reads of `_` and `_error` where a failed declaration hides them.
pub(crate) fn plan(chunk: &Chunk, homes: &Homes<'_>, hidden: &[Read], edits: &mut Edits) {
    for read in hidden {
        let name = &read.name;
        let before = if read.shorthand { format!("{name}:") } else { String::new() };
        edits.insert(read.at, format!("{before}(()=>{{try{{return "));
        edits.insert(read.end, format!("}}catch(e){{if({name:?}in globalThis)return globalThis.{name};throw e}}}})()"));
    }
    if homes.openings.is_empty() {
        return;
    }
    let mut text = String::new();
    for Opening { name, value } in &homes.openings {
        if homes.is_undecided(name) {
            text += &constants::decide(name);
        }
        text += &match value {
            Value::Input => format!("let {name}=this.{name};"),
            Value::Global => format!("let {name}=(()=>{{try{{return {name}}}catch{{return this.{name}}}}})();"),
            Value::Nothing => format!("let {name}=(()=>{{try{{return {name}}}catch{{}}}})();"),
        };
    }
    let first = chunk.statements().find(|statement| !statement.can_precede_directive());
    let at = first.map_or(0, |statement| chunk.offset(swc_core::common::Spanned::span_lo(statement)));
    edits.insert_first(at, text);
}
