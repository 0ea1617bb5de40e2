//! The text of `.editor` in a pipe.

use super::{Left, Pipe};
use crate::ReplError;

/// What ends the text, besides the end of the input: a line of its own. The last is Ctrl-D.
const END: [&str; 2] = [".end", "\u{4}"];
const DROP: &str = ".break";

impl Pipe<'_> {
    pub(super) async fn type_line(&mut self, line: &str) -> Result<Left, ReplError> {
        if END.contains(&line.trim_end_matches(['\r', '\n'])) {
            return self.end_typing().await;
        }
        if line.trim_end() == DROP {
            self.typed = None;
            self.lacks_line = false;
        } else if let Some(text) = &mut self.typed {
            text.push_str(line);
        }
        Ok(Left::Done)
    }

    pub(super) async fn end_typing(&mut self) -> Result<Left, ReplError> {
        let lacks_line = std::mem::take(&mut self.lacks_line);
        match self.typed.take() {
            Some(text) if !text.trim().is_empty() && !lacks_line => {
                let chunk = self.settings.chunk(text.as_str());
                self.follow(chunk, text, None).await?;
                Ok(self.left)
            }
            _ => Ok(Left::Done),
        }
    }
}
