//! `drupe` in a real terminal: tmux types, and looks at the screen.

use std::{
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use unicode_width::UnicodeWidthStr;

use super::{COLOR_VARIABLES, ask_patiently, child_of, eventually};

/// What starts a program with the terminal's name, and without the variables of this machine.
fn env_command() -> String {
    let removed: String = COLOR_VARIABLES.iter().map(|name| format!(" -u {name}")).collect();
    format!("env{removed} TERM=xterm-256color XDG_CONFIG_HOME=/nowhere")
}

/// The columns that a text takes.
fn width_of(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The beginning of a row in so many columns, filled with spaces.
fn columns(row: &str, columns: usize) -> String {
    let mut width = 0;
    let wide = |char: &char| {
        width += width_of(char.encode_utf8(&mut [0; 4]));
        width <= columns
    };
    let text: String = row.chars().take_while(wide).collect();
    let missing = columns.saturating_sub(width_of(&text));
    text + &" ".repeat(missing)
}

/// A terminal of 80 columns and 30 lines that runs `drupe`. Closed when dropped.
pub(crate) struct Terminal {
    /// Each has a tmux server of its own.
    socket: PathBuf,
}

impl Terminal {
    /// `None` where there is no tmux. `environment` is such as `NO_COLOR=1`.
    pub(crate) fn start(environment: &str) -> Option<Self> {
        let terminal = Self::start_with(environment, "")?;
        terminal.wait_for("Ctrl-D leaves\n>");
        Some(terminal)
    }

    /// With arguments of `drupe`, as a shell reads them; does not wait for anything.
    pub(crate) fn start_with(environment: &str, arguments: &str) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            eprintln!("skipped: there is no tmux on this machine");
            return None;
        }
        let terminal = Self::unused();
        let drupe = env!("CARGO_BIN_EXE_drupe");
        let history = terminal.socket.with_extension("history");
        let command = format!(
            "{} DRUPE_HISTORY={} {environment} {drupe} {arguments}; echo left with $?; exec sleep 150",
            env_command(),
            history.display()
        );
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "30", &command]);
        Some(terminal)
    }

    /// With a shell that has jobs. `None` where there is no tmux or no such shell.
    pub(crate) fn start_shell() -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() || Command::new("bash").arg("--version").output().is_err() {
            eprintln!("skipped: there is no tmux or no bash on this machine");
            return None;
        }
        let terminal = Self::unused();
        let shell = format!("{} DRUPE_HISTORY= PS1='$ ' bash --norc --noprofile -i", env_command());
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "30", &shell]);
        terminal.wait_for("$");
        Some(terminal)
    }

    fn unused() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self { socket: std::env::temp_dir().join(format!("drupe-tmux-{}-{number}", std::process::id())) }
    }

    /// The file of its history.
    pub(crate) fn history(&self) -> String {
        std::fs::read_to_string(self.socket.with_extension("history")).unwrap()
    }

    pub(crate) fn tmux(&self, args: &[&str]) -> String {
        let output = Command::new("tmux").arg("-S").arg(&self.socket).args(args).env("LC_ALL", "C.UTF-8").output().unwrap();
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Types text as it is; a `;` at its end would be tmux's.
    pub(crate) fn type_in(&self, text: &str) {
        self.tmux(&["send-keys", "-l", "--", text]);
    }

    /// Types text, and presses keys when it is on the screen: a Tab that comes together with text is part of a paste.
    pub(crate) fn type_then(&self, text: &str, keys: &[&str]) {
        self.type_in(text);
        eventually("the echo", || self.row_to_cursor().ends_with(text).then_some(()));
        self.press(keys);
    }

    /// Changes the size of the window, and waits until the program can know it: tmux tells the size of two changes that
    /// come soon after each other a while later.
    pub(crate) fn resize(&self, columns: u16, rows: Option<u16>) {
        let (width, height) = (columns.to_string(), rows.map(|rows| rows.to_string()));
        let height = height.iter().flat_map(|rows| ["-y", rows]);
        self.tmux(&["resize-window", "-x", &width].into_iter().chain(height).collect::<Vec<_>>());
        let file = self.tmux(&["display-message", "-p", "#{pane_tty}"]);
        let file = std::fs::File::open(file.trim()).unwrap();
        eventually("the size of the terminal", || {
            let size = rustix::termios::tcgetwinsize(&file).unwrap();
            (size.ws_col == columns && rows.is_none_or(|rows| size.ws_row == rows)).then_some(())
        });
    }

    /// What stands before the cursor in its row.
    fn row_to_cursor(&self) -> String {
        let place = self.tmux(&["display-message", "-p", "#{cursor_x} #{cursor_y}"]);
        let (column, row) = place.trim().split_once(' ').unwrap();
        let row = self.tmux(&["capture-pane", "-p", "-S", row, "-E", row]);
        columns(row.trim_end_matches('\n'), column.parse().unwrap())
    }

    /// Empties the line behind the prompt `> `, and waits until it is.
    pub(crate) fn clear_line(&self) {
        self.press(&["C-u"]);
        eventually("an empty line", || (self.column() == 2).then_some(()));
    }

    /// The column of the cursor.
    fn column(&self) -> usize {
        self.tmux(&["display-message", "-p", "#{cursor_x}"]).trim().parse().unwrap()
    }

    /// Presses keys, such as `Enter` and `C-c`.
    pub(crate) fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Sends text as it is, all at once, as a terminal does that does not mark pastes.
    pub(crate) fn paste(&self, text: &str) {
        self.set_buffer(text);
        // With `r`, a line break stays one.
        self.tmux(&["paste-buffer", "-r"]);
    }

    /// Pastes text, and says so to the program if it wants to know.
    pub(crate) fn paste_marked(&self, text: &str) {
        self.set_buffer(text);
        self.tmux(&["paste-buffer", "-p"]);
    }

    fn set_buffer(&self, text: &str) {
        let file = self.socket.with_extension("paste");
        std::fs::write(&file, text).unwrap();
        self.tmux(&["load-buffer", file.to_str().unwrap()]);
        std::fs::remove_file(&file).unwrap();
    }

    /// Types a line into the shell, and waits for its prompt.
    pub(crate) fn enter_shell(&self, line: &str) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        self.type_in(&format!("{line}; echo do''ne {number}"));
        self.press(&["Enter"]);
        self.wait_for(&format!("\ndone {number}\n$"));
    }

    /// Types text a key at a time, as a person does: each when the one before it is on the screen.
    pub(crate) fn type_slowly(&self, text: &str) {
        let mut column = self.column();
        for key in text.chars() {
            self.type_in(key.encode_utf8(&mut [0; 4]));
            column += width_of(key.encode_utf8(&mut [0; 4]));
            eventually("a key's echo", || (self.column() == column).then_some(()));
        }
    }

    /// Types a line, and waits until `text` is on the screen and the prompt is back.
    pub(crate) fn enter(&self, line: &str, text: &str) {
        self.type_in(line);
        self.press(&["Enter"]);
        self.wait_for(&format!("{text}\n>"));
    }

    /// The processes of the front end and of its kernel.
    pub(crate) fn processes(&self) -> (u32, u32) {
        let shell = self.tmux(&["display-message", "-p", "#{pane_pid}"]).trim().parse().unwrap();
        let front = eventually("the front end", || child_of(shell));
        (front, eventually("its kernel", || child_of(front)))
    }

    pub(crate) fn screen(&self) -> String {
        let screen = self.tmux(&["capture-pane", "-p"]);
        screen.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>().trim_end().to_owned()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        let found = ask_patiently(|| self.screen().contains(text).then_some(()));
        assert!(found.is_some(), "waited in vain for {text:?} on\n{}", self.screen());
    }

    /// Waits until the screen is as `is_so` says.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        let found = ask_patiently(|| is_so(&self.screen()).then_some(()));
        assert!(found.is_some(), "waited in vain for {what} on\n{}", self.screen());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A server that has ended already cannot be told to.
        drop(Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output());
        drop(std::fs::remove_file(&self.socket));
        drop(std::fs::remove_file(self.socket.with_extension("history")));
    }
}
