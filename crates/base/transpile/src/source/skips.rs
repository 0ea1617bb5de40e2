//! The parts that the bracket scan skips: strings, templates, comments, regular expressions.

use crate::source::brackets::{Before, Lost, Opener, Reader};
use crate::source::position::has_rare_line_end;

impl Reader<'_> {
    /// From inside a template to its end or to its next `${`.
    pub(crate) fn template(&mut self) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    self.before = Before::Operand;
                    return;
                }
                b'$' if self.peek(1) == Some(b'{') => {
                    self.at += 1;
                    return self.open(Opener::Template);
                }
                _ => self.at += 1,
            }
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
        let rest = &self.bytes[self.at + 2..];
        let length = rest.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |length| length + 2);
        if rest[..length].iter().any(|byte| matches!(byte, b'\n' | b'\r')) || has_rare_line_end(&rest[..length]) {
            self.line_has_token = false;
        }
        self.at += 2 + length;
    }

    pub(crate) fn skip_quoted(&mut self, quote: u8) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' if self.peek(1) == Some(b'\r') && self.peek(2) == Some(b'\n') => self.at += 3,
                b'\\' => self.at += 2,
                b'\n' | b'\r' => return,
                _ if byte == quote => {
                    self.at += 1;
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    pub(crate) fn skip_regular_expression(&mut self) {
        let mut in_class = false;
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' | b'\r' => break,
                0xE2 if has_rare_line_end(&self.bytes[self.at..self.bytes.len().min(self.at + 3)]) => {
                    return self.lost = Lost::Forever;
                }
                b'\\' if !matches!(self.peek(1), Some(b'\n' | b'\r' | 0xE2)) => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.before = Before::Operand;
    }
}
