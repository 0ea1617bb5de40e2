//! `cargo xtask picture`: types a session into the real prompt, and writes its screen as `docs/session.svg`.

mod screen;
mod svg;

use std::{
    env, fs,
    path::Path,
    process::{Command, ExitCode},
    thread,
    time::{Duration, Instant},
};

/// What is typed, and whether Ctrl-C ends it.
const SESSION: [(&str, bool); 6] = [
    ("const fruit = [{ name: 'plum', price: 2.5 }, { name: 'pear', price: 3 }]", false),
    ("const dear = (limit: number) => fruit.filter(f => f.price > limit)", false),
    ("dear(2.75)", false),
    ("await Promise.all([1, 2, 3].map(async n => n ** 10))", false),
    ("while (true) {}", true),
    ("dear(1).lenght.toFixed(2)", false),
];

/// Columns and lines of the terminal.
const COLUMNS: usize = 84;
const LINES: usize = 30;

/// How long the prompt may take to say something.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn run(root: &Path) -> ExitCode {
    match draw(root) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cannot draw the picture: {error}");
            ExitCode::FAILURE
        }
    }
}

fn draw(root: &Path) -> Result<(), String> {
    let drupe = env::current_exe().map_err(|error| error.to_string())?.with_file_name("drupe");
    if !drupe.exists() {
        return Err(format!("{} is missing; build it: cargo build --workspace", drupe.display()));
    }
    let terminal = Terminal::start(&drupe)?;
    terminal.wait("Ctrl-D leaves\n>")?;
    for (line, endless) in SESSION {
        let before = terminal.prompts()?;
        terminal.tmux(&["send-keys", "-l", "--", line])?;
        terminal.tmux(&["send-keys", "Enter"])?;
        if endless {
            terminal.wait("Ctrl-C stops it")?;
            terminal.tmux(&["send-keys", "C-c"])?;
        }
        terminal.until(|terminal| Ok(terminal.prompts()? > before))?;
    }
    let screen = screen::read(&terminal.tmux(&["capture-pane", "-p", "-e"])?);
    let path = root.join("docs/session.svg");
    fs::write(&path, svg::write(&screen, COLUMNS)).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// A terminal of tmux's that runs the prompt. It ends when dropped.
struct Terminal {
    socket: String,
}

impl Terminal {
    fn start(drupe: &Path) -> Result<Self, String> {
        let terminal = Self { socket: format!("drupe-picture-{}", std::process::id()) };
        let command =
            format!("env -u NO_COLOR TERM=xterm-256color DRUPE_HISTORY= XDG_CONFIG_HOME=/nowhere {} repl", drupe.display());
        let (columns, lines) = (COLUMNS.to_string(), LINES.to_string());
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", &columns, "-y", &lines, &command])?;
        Ok(terminal)
    }

    fn tmux(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new("tmux").args(["-L", &self.socket]).args(arguments).env("LC_ALL", "C.UTF-8").output();
        let output = output.map_err(|error| format!("cannot run tmux: {error}"))?;
        if !output.status.success() {
            return Err(format!("tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    }

    fn text(&self) -> Result<String, String> {
        Ok(self.tmux(&["capture-pane", "-p"])?.lines().map(|line| line.trim_end().to_owned() + "\n").collect())
    }

    /// How many prompts stand alone in their lines: the last of them waits for input.
    fn prompts(&self) -> Result<usize, String> {
        Ok(self.text()?.lines().filter(|line| line.starts_with('>')).count())
    }

    fn wait(&self, text: &str) -> Result<(), String> {
        self.until(|terminal| Ok(terminal.text()?.contains(text)))
    }

    fn until(&self, holds: impl Fn(&Self) -> Result<bool, String>) -> Result<(), String> {
        let start = Instant::now();
        while !holds(self)? {
            if start.elapsed() > PATIENCE {
                return Err(format!("waited in vain on\n{}", self.text()?));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A server that has ended already cannot be told to.
        drop(self.tmux(&["kill-server"]));
    }
}
