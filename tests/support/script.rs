//! The form of a transcript: read, and written again with what was said.
//!
//! A file is a session. A step begins with a mark, and what is expected of it follows, in order and completely:
//!
//! ```text
//! > chunk          runs a chunk;  | continues it on the next line
//! >"chunk"         the same, as a JSON string: for what an editor would not keep
//! ? expression     completes at the end of what is typed, or where a ‸ stands
//! : chunk          asks whether it is complete;  | continues it
//! #late            waits for the next event that comes when no run is active
//! #globals         lists the names of the session
//! #reset           begins a new session
//!
//! = value          ! uncaught error        !! refused: nothing of the chunk ran
//! ~ console line   % how the run ended, if not by itself
//! ```
//!
//! `...` at the end of an expectation stands for any rest. Of an error the first line counts, unless more are written.
//! Lines that follow an expectation belong to it; a `\` before one says so where it looks like something else.
//! `#interrupt TEXT` before a chunk interrupts it when it has said TEXT; `#cpu MS` and `#wall MS` limit it. `# ` begins
//! a comment.

use std::fmt::Write as _;

/// One thing to do, and what must be said of it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) action: Action,
    pub(crate) interrupt: Option<String>,
    pub(crate) cpu_ms: Option<u64>,
    pub(crate) wall_ms: Option<u64>,
    /// One entry an event: mark, space, text.
    pub(crate) expected: Vec<String>,
    /// Its lines as they stand in the file, and the comments before them.
    source: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Action {
    Run(String),
    Complete(String),
    Completeness(String),
    Late,
    Globals,
    Reset,
}

const EXPECTED: [&str; 5] = ["= ", "! ", "!! ", "~ ", "% "];

/// Reads a transcript; what stands after its last step is returned, too.
pub(crate) fn parse(file: &str, text: &str) -> (Vec<Step>, Vec<String>) {
    let mut steps: Vec<Step> = Vec::new();
    // Comments and settings before the next step.
    let mut before = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let at = format!("{file}:{}", index + 1);
        if let Some(action) = action(line) {
            let (mut interrupt, mut cpu_ms, mut wall_ms) = (None, None, None);
            for setting in before.iter().filter_map(|line: &String| line.strip_prefix('#')) {
                match setting.split_once(' ') {
                    Some(("interrupt", text)) => interrupt = Some(text.to_owned()),
                    Some(("cpu", ms)) => cpu_ms = Some(ms.parse().unwrap()),
                    Some(("wall", ms)) => wall_ms = Some(ms.parse().unwrap()),
                    Some(("", _)) => {}
                    _ => assert!(setting.is_empty(), "{at}: there is no #{setting}"),
                }
            }
            let mut source = std::mem::take(&mut before);
            source.push(line.to_owned());
            steps.push(Step { line: index + 1, action, interrupt, cpu_ms, wall_ms, expected: Vec::new(), source });
        } else if line.is_empty() || line.starts_with('#') {
            before.push(line.to_owned());
        } else {
            assert!(before.iter().all(String::is_empty), "{at}: belongs to no step");
            let step = steps.last_mut().unwrap_or_else(|| panic!("{at}: a transcript begins with a step"));
            // A blank line within what is expected.
            for blank in before.drain(..) {
                step.expected.last_mut().unwrap_or_else(|| panic!("{at}: nothing goes on here")).push_str(&format!("\n{blank}"));
            }
            step.take(line).unwrap_or_else(|| panic!("{at}: nothing goes on here"));
        }
    }
    (steps, before)
}

fn action(line: &str) -> Option<Action> {
    Some(match (line, line.split_at_checked(2)) {
        ("#late", _) => Action::Late,
        ("#globals", _) => Action::Globals,
        ("#reset", _) => Action::Reset,
        (">", _) => Action::Run(String::new()),
        (":", _) => Action::Completeness(String::new()),
        (_, Some((">\"", _))) => Action::Run(serde_json::from_str(&line[1..]).unwrap()),
        (_, Some(("> ", source))) => Action::Run(source.to_owned()),
        (_, Some(("? ", source))) => Action::Complete(source.to_owned()),
        (_, Some((": ", source))) => Action::Completeness(source.to_owned()),
        _ => return None,
    })
}

impl Step {
    /// Takes a line that goes on with the step, if one can go on here.
    fn take(&mut self, line: &str) -> Option<()> {
        let goes_on = line.strip_prefix("| ").or((line == "|").then_some("")).filter(|_| self.expected.is_empty());
        if let (Some(more), Action::Run(source) | Action::Completeness(source)) = (goes_on, &mut self.action) {
            source.push('\n');
            source.push_str(more);
            self.source.push(line.to_owned());
        } else if is_expectation(line) {
            self.expected.push(line.to_owned());
        } else {
            self.expected.last_mut()?.push_str(&format!("\n{}", line.strip_prefix('\\').unwrap_or(line)));
        }
        Some(())
    }

    /// Brings what was said into the form of what is expected: errors as long as they are written there.
    pub(crate) fn cut(&self, said: &[String]) -> Vec<String> {
        let cut = |(index, said): (usize, &String)| {
            let is_short = self.expected.get(index).is_none_or(|expected| !expected.contains('\n'));
            let said = if said.starts_with('!') && is_short { said.lines().next().unwrap_or_default() } else { said };
            // No editor keeps what cannot be seen.
            said.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
        };
        said.iter().enumerate().map(cut).collect()
    }

    pub(crate) fn fits(&self, said: &[String]) -> bool {
        let fits = |(said, expected): (&String, &String)| fits(said, expected);
        said.len() == self.expected.len() && said.iter().zip(&self.expected).all(fits)
    }

    /// The step with `said` in place of what was expected; what fits stays as it is written.
    pub(crate) fn write(&self, said: &[String], into: &mut String) {
        for line in &self.source {
            let _ = writeln!(into, "{line}");
        }
        for (index, said) in said.iter().enumerate() {
            let text = self.expected.get(index).filter(|expected| fits(said, expected)).unwrap_or(said);
            for (number, line) in text.lines().enumerate() {
                let escape = number > 0 && (line.is_empty() || is_marked(line));
                let _ = writeln!(into, "{}{line}", if escape { "\\" } else { "" });
            }
        }
    }

    /// What differs, line by line.
    pub(crate) fn diff(&self, file: &str, said: &[String]) -> String {
        let mut text = format!("{file}:{}\n", self.line);
        self.source.iter().filter(|line| !line.starts_with("# ")).for_each(|line| text.push_str(&format!("    {line}\n")));
        let lines = |entries: &[String]| entries.iter().flat_map(|entry| entry.lines().map(str::to_owned)).collect::<Vec<_>>();
        let (expected, said) = (lines(&self.expected), lines(said));
        let pairs = || expected.iter().zip(&said);
        let same_start = pairs().take_while(|(expected, said)| fits(said, expected)).count();
        let rest = expected.len().min(said.len()) - same_start;
        let same_end = expected.iter().rev().zip(said.iter().rev()).take(rest).take_while(|(a, b)| fits(b, a)).count();
        said[..same_start].iter().for_each(|line| text.push_str(&format!("    {line}\n")));
        let expected_end = expected.len() - same_end;
        expected[same_start..expected_end].iter().for_each(|line| text.push_str(&format!("  - {line}\n")));
        said[same_start..said.len() - same_end].iter().for_each(|line| text.push_str(&format!("  + {line}\n")));
        expected[expected_end..].iter().for_each(|line| text.push_str(&format!("    {line}\n")));
        text
    }
}

fn fits(said: &str, expected: &str) -> bool {
    said == expected || expected.strip_suffix("...").is_some_and(|start| said.starts_with(start))
}

/// Whether a line would be read as something of its own.
fn is_marked(line: &str) -> bool {
    line.starts_with(['#', '\\'])
        || line.starts_with("| ")
        || EXPECTED.iter().any(|mark| line.starts_with(mark))
        || action(line).is_some()
}

fn is_expectation(line: &str) -> bool {
    // An empty text, without the space that no editor keeps.
    line == "=" || line == "~" || EXPECTED.iter().any(|mark| line.starts_with(mark))
}
