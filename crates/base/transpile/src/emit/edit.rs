//! Makes the planned edits of a text.

use drupe_lexer::is_space;
use drupe_protocol::{Position, SourceMap};

use crate::source::edits::Edits;
use crate::source::position::Walker;

/// The edited text, and a source map if anything moved.
pub(crate) fn render(mut edits: Edits, source: &str) -> (String, Option<SourceMap>) {
    edits.blanks.sort_unstable();
    edits.substitutions.sort_unstable();
    edits.substitutions.dedup_by_key(|(at, _)| *at);
    edits.insertions.sort_by_key(|insertion| insertion.at);
    let insertions = std::mem::take(&mut edits.insertions);
    let mut renderer =
        Renderer { source, edits: &edits, next_blank: 0, next_substitution: 0, blank_until: 0, out: String::new() };
    renderer.out.reserve(source.len() + 8);
    if insertions.is_empty() {
        renderer.copy(0, source.len());
        return (renderer.out, None);
    }
    let mut marks = Vec::new();
    let mut at = 0;
    for insertion in insertions {
        renderer.copy(at, insertion.at);
        marks.extend(insertion.from.map(|from| (renderer.out.len(), from)));
        renderer.out.push_str(&insertion.text);
        marks.push((renderer.out.len(), insertion.at));
        at = insertion.at;
    }
    renderer.copy(at, source.len());
    let map = map_insertions(source, &renderer.out, &marks);
    (renderer.out, Some(map))
}

/// Edits a text that `map` leads back from.
pub(crate) fn render_through(edits: Edits, printed: &str, map: &SourceMap) -> (String, SourceMap) {
    let map = map_through(&edits, printed, map);
    (render(edits, printed).0, map)
}

/// A map to `printed` by way of `map`, once `edits` have been made to `printed`.
fn map_through(edits: &Edits, printed: &str, map: &SourceMap) -> SourceMap {
    let mut insertions: Vec<_> = edits.insertions.iter().collect();
    insertions.sort_by_key(|insertion| insertion.at);
    let mut walker = Walker::new(printed);
    let width = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let mut insertions =
        insertions.into_iter().map(|insertion| (walker.advance(insertion.at), width(&insertion.text))).peekable();
    let mut segments: Vec<[u32; 4]> = Vec::with_capacity(map.segments.len());
    // How far the insertions so far have moved the rest of the line.
    let (mut line, mut shift) = (0, 0);
    let end = [u32::MAX; 4];
    for segment in map.segments.iter().copied().chain([end]) {
        while let Some((place, width)) = insertions.next_if(|(place, _)| [place.line, place.column] <= [segment[0], segment[1]]) {
            (line, shift) = (place.line, if place.line == line { shift + width } else { width });
            let from = map.source_position(place);
            segments.push([line, place.column + shift, from.line, from.column]);
        }
        if segment != end {
            (line, shift) = (segment[0], if segment[0] == line { shift } else { 0 });
            segments.push([line, segment[1] + shift, segment[2], segment[3]]);
        }
    }
    segments.dedup_by(|next, before| next[..2] == before[..2]);
    SourceMap { segments }
}

/// Segments for lines that insertions shifted: the line's start as it was, then each place after an insertion, and that
/// of an insertion that leads elsewhere.
fn map_insertions(source: &str, emitted: &str, marks: &[(usize, usize)]) -> SourceMap {
    let mut in_emitted = Walker::new(emitted);
    let from = places(source, marks.iter().map(|(_, from)| *from));
    let mut segments: Vec<[u32; 4]> = Vec::new();
    for (&(emitted_offset, _), from) in marks.iter().zip(from) {
        let to = in_emitted.advance(emitted_offset);
        if segments.last().is_none_or(|last| last[0] != to.line) {
            // No line end is inserted, and none is taken away.
            segments.push([to.line, 0, to.line, 0]);
        }
        let segment = [to.line, to.column, from.line, from.column];
        match segments.last_mut() {
            Some(last) if last[..2] == segment[..2] => *last = segment,
            _ => segments.push(segment),
        }
    }
    SourceMap { segments }
}

/// The positions of offsets in any order.
fn places(source: &str, offsets: impl Iterator<Item = usize>) -> Vec<Position> {
    let mut sorted: Vec<_> = offsets.enumerate().collect();
    sorted.sort_unstable_by_key(|(_, offset)| *offset);
    let mut walker = Walker::new(source);
    let mut found = vec![Position::default(); sorted.len()];
    for (index, offset) in sorted {
        found[index] = walker.advance(offset);
    }
    found
}

struct Renderer<'a> {
    source: &'a str,
    edits: &'a Edits,
    next_blank: usize,
    next_substitution: usize,
    /// Everything before this offset that has not been copied yet is blank.
    blank_until: usize,
    out: String,
}

impl Renderer<'_> {
    /// Appends `from..to` of the source as the edits say. Calls come in ascending order.
    fn copy(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            while let Some(&(start, end)) = self.edits.blanks.get(self.next_blank).filter(|(start, _)| *start <= at) {
                self.next_blank += 1;
                debug_assert!(start <= end);
                self.blank_until = self.blank_until.max(end);
            }
            while self.edits.substitutions.get(self.next_substitution).is_some_and(|(offset, _)| *offset < at) {
                self.next_substitution += 1;
            }
            let substitution = self.edits.substitutions.get(self.next_substitution).copied();
            if let Some((_, with)) = substitution.filter(|(offset, _)| *offset == at) {
                let Some(character) = self.source[at..].chars().next() else { return };
                self.out.push(with);
                self.out.extend(std::iter::repeat_n(' ', character.len_utf16() - 1));
                at += character.len_utf8();
                continue;
            }
            let boundary = substitution.map_or(to, |(offset, _)| offset.min(to));
            if self.blank_until > at {
                let end = self.blank_until.min(boundary);
                push_blank(&mut self.out, &self.source[at..end]);
                at = end;
            } else {
                let blank = self.edits.blanks.get(self.next_blank).map_or(to, |(start, _)| *start);
                let end = boundary.min(blank);
                self.out.push_str(&self.source[at..end]);
                at = end;
            }
        }
    }
}

fn push_blank(out: &mut String, text: &str) {
    for character in text.chars() {
        if is_space(character) {
            out.push(character);
        } else {
            out.extend(std::iter::repeat_n(' ', character.len_utf16()));
        }
    }
}
