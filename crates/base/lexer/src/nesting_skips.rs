//! The parts that the bracket scan skips: strings, templates, comments, regular expressions.

use crate::{
    extent::{self, Extent, has_rare_line_end},
    nesting::{Before, Lost, Opener, Reader},
};

impl Reader<'_> {
    /// From inside a template to its end or to its next `${`.
    pub(crate) fn template(&mut self) {
        let Extent { end, closed } = extent::template(self.bytes, self.at);
        self.at = end;
        if closed {
            self.before = Before::Operand;
        } else if end < self.bytes.len() {
            self.at += 1;
            self.open(Opener::Template);
        }
    }

    /// From now until the line ends nothing is certain; if something that spans lines may have begun there, from now
    /// on.
    pub(crate) fn lose_line(&mut self) {
        let end = self.line_end();
        let line = &self.bytes[self.at..end];
        let spans_lines = line.contains(&b'`') || line.ends_with(b"\\") || line.windows(2).any(|pair| pair == b"/*");
        self.lost = if spans_lines { Lost::Forever } else { Lost::UntilLineEnd };
    }

    fn line_end(&self) -> usize {
        let rest = &self.bytes[self.at..];
        self.at + rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
    }

    /// To the end of the line. The rarer line terminators end a comment, too: after one, nothing is certain.
    pub(crate) fn skip_line(&mut self) {
        let end = self.line_end();
        if has_rare_line_end(&self.bytes[self.at..end]) {
            self.lose_line();
            self.at += 2;
        } else {
            self.at = end;
        }
    }

    pub(crate) fn skip_comment(&mut self) {
        let Extent { end, .. } = extent::comment(self.bytes, self.at);
        let comment = &self.bytes[self.at..end];
        if comment.iter().any(|byte| matches!(byte, b'\n' | b'\r')) || has_rare_line_end(comment) {
            self.line_has_token = false;
        }
        self.at = end;
    }

    pub(crate) fn skip_quoted(&mut self) {
        self.at = extent::quoted(self.bytes, self.at).end;
    }

    /// One that a rarer line terminator ends is none for certain.
    pub(crate) fn skip_regular_expression(&mut self) {
        self.at = extent::regular_expression(self.bytes, self.at).end;
        if extent::is_rare_line_end(self.bytes, self.at) {
            return self.lost = Lost::Forever;
        }
        self.before = Before::Operand;
    }
}
