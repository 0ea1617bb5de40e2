//! The loop of the prompt: reads a chunk or a command, runs it, shows its events, and asks again.

use std::{
    future::pending,
    io::{Stderr, Stdout, stderr, stdout},
    path::PathBuf,
    time::{Duration, Instant},
};

use drupe_client::Kernel;

use crate::{
    Began, Followed, Follower, Left, Look, Preferences, Questions, Renderer, ReplError, Settings, Startup, Text,
    ask_kernel::AskKernel,
    asking,
    front::{Front, Ran, Sessions},
    leaving,
    prompt::{Answer, Ask, Prompt},
    prompt_queue::Question,
    render::Stream,
    show::Show,
    supervise,
    tty::Terminal,
    typed_text,
};

/// After something was stopped, signals of the same press may still come for so long.
const AFTER_STOP: Duration = Duration::from_millis(500);

/// How long the kernel may take to say whether it executes anything.
const BRIEF: Duration = Duration::from_millis(250);

/// Everything that the loop and its commands share.
pub(crate) struct Interactive {
    pub(crate) kernel: Kernel,
    pub(crate) settings: Settings,
    pub(crate) screen: Text<Stdout, Stderr>,
    pub(crate) prompt: Prompt,
    /// Unfinished input, in which a command was given.
    pub(crate) begun: Option<String>,
    /// The chunk that ran last, whatever came of it, for `.edit`.
    pub(crate) last: String,
    /// The chunks of this session that ran, for `.save`.
    pub(crate) ran: Ran,
    pub(crate) follower: Follower,
    startup: Startup,
    pub(crate) sessions: Sessions,
    /// Ctrl-C was pressed at an empty prompt: a second one leaves.
    leaving: bool,
    /// When something was interrupted.
    pub(crate) stopped: Option<Instant>,
    /// Whether the history outlives the conversation.
    pub(crate) remembers: bool,
}

/// What a conversation begins with.
#[derive(Debug, Default)]
pub struct Conversation {
    /// The file that the history is kept in, if any.
    pub history: Option<PathBuf>,
    /// What the person wants it to be like.
    pub preferences: Preferences,
    /// What to tell them at the beginning.
    pub notices: Vec<String>,
    /// What runs at the beginning of each session.
    pub startup: Startup,
}

/// Talks with a person at a terminal until they leave, and asks them `questions`.
///
/// # Errors
/// When the terminal fails, or is gone.
pub async fn interactive(
    kernel: Kernel,
    settings: Settings,
    conversation: Conversation,
    questions: Questions,
) -> Result<Left, ReplError> {
    let Conversation { history, preferences, notices, startup } = conversation;
    let look = |look: Look| Look { colors: preferences.colors.unwrap_or(look.colors), ..look };
    let out = look(Look::of(&stdout()));
    let renderer = Renderer { out, err: look(Look::of(&stderr())), values: true, costs: preferences.costs, raw: false };
    let remembers = history.is_some() && preferences.history > 0;
    let prompt = Prompt::start(out.colors, history, AskKernel::new(kernel.clone()), &preferences)?;
    let follower = Follower::new(&kernel)
        .asking(questions)
        .conversing(prompt.edits().then(|| (prompt.ahead.clone(), prompt.answers_questions.clone())));
    if let Some(suspend) = follower.terminal.as_ref().and_then(Terminal::suspend) {
        prompt.set_suspend(suspend);
    }
    let mut screen = Text::new(renderer, stdout(), stderr());
    screen.person = out.colors;
    screen.undefined = preferences.undefined;
    screen.kernel = Some(kernel.clone());
    screen.silent = follower.terminal.as_ref().is_some_and(Terminal::keeps);
    let mut front = Interactive {
        prompt,
        follower,
        screen,
        begun: None,
        last: String::new(),
        ran: Ran::default(),
        startup,
        sessions: Sessions::default(),
        leaving: false,
        stopped: None,
        remembers,
        kernel,
        settings: Settings {
            preview: true,
            result_handle: true,
            console_handles: true,
            colors: (out.colors, renderer.err.colors),
            ..settings
        },
    };
    if preferences.greeting {
        front.greet().await?;
    }
    for notice in notices {
        front.say(&notice)?;
    }
    front.begin_session().await?;
    let left = front.converse().await?;
    front.tell_unread().await?;
    // What it left to be done would keep the session from its end.
    front.stop_callback().await?;
    let Interactive { kernel, settings, follower, screen, .. } = &mut front;
    let told = leaving::tell_program(kernel, settings, follower, screen).await?;
    Ok(if let Left::Exited(1..) = told { told } else { left })
}

impl Interactive {
    /// Reads and runs until the person leaves.
    async fn converse(&mut self) -> Result<Left, ReplError> {
        let front = self;
        loop {
            front.tell_aside().await?;
            let ask = front.begun.take().map_or(Ask::Chunk, Ask::GoOn);
            match front.read(ask).await? {
                Answer::Text(text) | Answer::Last(text) => {
                    front.leaving = false;
                    if let Some(left) = front.take(text).await? {
                        return Ok(left);
                    }
                }
                Answer::Interrupted { was_empty } => {
                    if front.is_same_press() {
                        continue;
                    }
                    if was_empty && front.stop_callback().await? {
                        front.leaving = false;
                        continue;
                    }
                    if was_empty && front.leaving {
                        return Ok(Left::Done);
                    }
                    front.leaving = was_empty;
                    if was_empty {
                        front.say("(press Ctrl-C again or Ctrl-D to leave, or type .exit)")?;
                    }
                }
                Answer::End => {
                    // Where the terminal edits lines itself, it has not ended this one.
                    if !front.prompt.edits() {
                        front.print("\n")?;
                    }
                    return Ok(Left::Done);
                }
                Answer::Failed(error) => return Err(ReplError::Terminal(error)),
                Answer::History(_) | Answer::Remembered => {}
            }
        }
    }

    /// Stops the callback of an earlier run if one executes for a while: nothing else does at the prompt. Returns
    /// whether there was one.
    async fn stop_callback(&mut self) -> Result<bool, ReplError> {
        let status = tokio::time::timeout(BRIEF, self.kernel.status());
        // One that does not answer executes something, too.
        let executes = status.await.map_or(true, |status| status.is_ok_and(|status| status.executing));
        if !executes || !self.kernel.interrupt().await.unwrap_or(false) {
            return Ok(false);
        }
        self.note_stop(true);
        self.say("Interrupted a callback of an earlier run; state kept")?;
        Ok(true)
    }

    /// Takes note of a press that stopped what was at work.
    pub(crate) fn note_stop(&mut self, is_interrupt: bool) {
        if is_interrupt {
            self.stopped = Some(Instant::now());
        }
    }

    /// Whether an interrupt at the prompt may be a further signal of the press that stopped what was at work.
    fn is_same_press(&self) -> bool {
        self.stopped.is_some_and(|stopped| stopped.elapsed() < AFTER_STOP)
    }

    /// Tells of lines that were read behind the one that leaves: they are not run.
    async fn tell_unread(&mut self) -> Result<(), ReplError> {
        // **What stays in the terminal is the shell's**: it would be run there.
        if let Some(terminal) = &self.follower.terminal {
            terminal.rest_of_unread().await;
        }
        let unread = typed_text::entries(&String::from_utf8_lossy(&self.prompt.ahead.take()));
        let what = match unread.iter().map(|entry| entry.lines().count()).sum::<usize>() {
            0 => return Ok(()),
            1 => "the line after the one that left".to_owned(),
            count => format!("{count} lines after the one that left"),
        };
        self.edit_line(Ask::Remember(unread)).await?;
        self.say(&format!("not run: {what}{}", if self.remembers { "; the history has it all" } else { "" }))?;
        self.screen.flush().map_err(ReplError::Output)
    }

    /// Runs what every session begins with. What goes wrong is shown, and the prompt comes.
    pub(crate) async fn begin(&mut self) -> Result<bool, ReplError> {
        let began = self.startup.run(&self.kernel, &self.settings, &mut self.follower, &mut self.screen).await?;
        self.note_stop(began.is_interrupt());
        if matches!(began, Began::Failed(Followed::Abandoned | Followed::Signalled(_))) {
            match self.kernel.restart().await {
                Ok(_) => {
                    self.say("state lost: it did not stop, and the kernel was restarted; what a session begins with was not run")?
                }
                Err(error) => Front::error(self, &error)?,
            }
        }
        Ok(!self.startup.is_empty())
    }

    async fn greet(&mut self) -> Result<(), ReplError> {
        let info = self.kernel.info().await?;
        self.print(&format!(
            "drupe {} ({}), TypeScript and JavaScript\n.help lists commands, Ctrl-C stops a run, Ctrl-D leaves\n",
            info.version, info.engine
        ))
    }

    /// Tells of lines that were typed ahead and before Ctrl-C, and puts them where they can be had again.
    async fn tell_aside(&mut self) -> Result<(), ReplError> {
        let aside = self.follower.terminal.as_ref().map(Terminal::take_aside).unwrap_or_default();
        let told = match aside.iter().map(|entry| entry.lines().count()).sum::<usize>() {
            0 => return Ok(()),
            1 => "not run: the line that was typed ahead; the Up key brings it back".to_owned(),
            count => format!("not run: {count} lines that were typed ahead; the Up key brings them back"),
        };
        self.edit_line(Ask::Remember(aside)).await?;
        self.say(&told)
    }

    /// Puts a text into the history.
    pub(crate) async fn remember(&mut self, text: String) -> Result<(), ReplError> {
        self.edit_line(Ask::Remember(vec![text.trim_end().to_owned()])).await.map(drop)
    }

    /// Lends the terminal to another program, until what is returned is dropped.
    #[cfg(unix)]
    pub(crate) fn lend_terminal(&self) -> Option<crate::modes::Lent> {
        self.follower.terminal.as_ref().map(Terminal::lend)
    }

    /// Reads something from the person, and then asks them what came up in the meantime.
    pub(crate) async fn read(&mut self, ask: Ask) -> Result<Answer, ReplError> {
        let answer = self.edit_line(ask).await?;
        // An empty line answers a request for standard input, too.
        let types = matches!(&answer, Answer::Text(text) if text.trim().is_empty());
        if !matches!(answer, Answer::End | Answer::Failed(_) | Answer::Remembered) {
            let next = if types { Questions::next_told } else { Questions::next_told_dialog };
            while let Some(question) = self.follower.questions.as_mut().and_then(next) {
                let interrupted = supervise::put(&self.kernel, &mut self.follower, &mut self.screen, question).await?;
                self.note_stop(interrupted);
            }
        }
        Ok(answer)
    }

    /// Reads something from the person, and meanwhile shows above the prompt what earlier runs do.
    async fn edit_line(&mut self, ask: Ask) -> Result<Answer, ReplError> {
        self.screen.flush().map_err(ReplError::Output)?;
        if let Some(terminal) = &mut self.follower.terminal {
            terminal.return_draft();
            terminal.edited(true);
        }
        let answer = self.wait_for_line(ask).await;
        if let Some(terminal) = &self.follower.terminal {
            terminal.edited(false);
        }
        answer
    }

    async fn wait_for_line(&mut self, ask: Ask) -> Result<Answer, ReplError> {
        self.prompt.ask(ask)?;
        loop {
            let printer = self.prompt.printer.clone();
            let late = async {
                let room = match &printer {
                    Some(printer) => printer.reserve().await.ok(),
                    None => None,
                };
                (self.follower.late.next_event().await, room)
            };
            tokio::select! {
                biased;
                answer = self.prompt.answer() => return answer,
                question = next_untold(&mut self.follower.questions) => {
                    // On the terminal now, and asked when the editor has let go of it.
                    let text = asking::announce(&question);
                    match &printer {
                        Some(printer) => drop(printer.send(text).await),
                        None => self.print(&text)?,
                    }
                    if let Some(questions) = &mut self.follower.questions {
                        questions.put_back(question, true);
                    }
                }
                (Some(event), room) = late => {
                    self.screen.note(&event);
                    let Some(mut piece) = self.screen.renderer().event(&event) else { continue };
                    // Above the prompt there are only lines.
                    if !piece.text.ends_with('\n') {
                        piece.text.push('\n');
                    }
                    let elsewhere = piece.stream == Stream::Err && !self.screen.renderer().err.terminal;
                    match room {
                        Some(room) if !elsewhere => room.send(piece.text),
                        _ => self.screen.piece(&piece).and_then(|()| self.screen.flush()).map_err(ReplError::Output)?,
                    }
                }
            }
        }
    }

    /// Says something to the person in the front end's own name.
    pub(crate) fn say(&mut self, text: &str) -> Result<(), ReplError> {
        let piece = self.screen.renderer().notice(text);
        self.screen.piece(&piece).map_err(ReplError::Output)
    }

    /// Prints text that is an answer.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), ReplError> {
        self.screen.answer(text).map_err(ReplError::Output)
    }

    /// Has the terminal do something. **Only what this program itself has written may go this way.**
    pub(crate) fn control(&mut self, sequence: &str) -> Result<(), ReplError> {
        let piece = crate::render::Piece { stream: Stream::Out, text: sequence.to_owned() };
        self.screen.piece(&piece).map_err(ReplError::Output)
    }
}

async fn next_untold(questions: &mut Option<Questions>) -> Question {
    match questions {
        Some(questions) => questions.next_untold().await,
        None => pending().await,
    }
}
