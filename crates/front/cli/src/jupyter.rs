//! `drupe jupyter`: kernels for notebooks, and the kernelspecs by which front ends find them.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::ExitCode,
};

use drupe_client::Builder;
use drupe_jupyter::{
    Settings,
    kernelspec::{self, Found, Location, Spec},
};
use drupe_repl::ReplError;

use crate::{
    args::Flags,
    exit,
    fronts::print,
    jupyter_choices,
    jupyter_flags::{Action, JupyterFlags},
};

/// The name of the kernelspec, and what people see, where nothing is said.
const NAME: &str = "drupe";
const DISPLAY_NAME: &str = "drupe (TypeScript)";

/// Does what the command line wants.
pub(crate) async fn jupyter(flags: &Flags, jupyter: &JupyterFlags) -> Result<ExitCode, ReplError> {
    if let Some(flag) = unused(flags) {
        return Ok(exit::usage(&format!("drupe jupyter takes no {flag}")));
    }
    let done = match jupyter.action {
        Action::Run => run(flags, jupyter.target.as_deref()).await,
        Action::Install => install(flags, jupyter, std::env::args_os()),
        Action::List => Ok(list(&kernelspec::list())),
        Action::Remove => remove(jupyter),
    };
    match done {
        Ok(text) => print(&text),
        Err(why) => Ok(exit::usage(&why)),
    }
}

/// A flag that was given and would do nothing. **Nobody is to believe that it does anything.**
fn unused(flags: &Flags) -> Option<&'static str> {
    #[cfg(target_os = "linux")]
    let watches = flags.program.watch;
    #[cfg(not(target_os = "linux"))]
    let watches = false;
    let given = [(flags.events.is_some(), "--events"), (watches, "--watch"), (flags.program.check, "--check")];
    given.into_iter().find_map(|(is_given, flag)| is_given.then_some(flag))
}

/// Is a kernel, until a front end shuts it down.
async fn run(flags: &Flags, connection_file: Option<&Path>) -> Result<String, String> {
    let file = connection_file.ok_or("run takes a connection file, which a front end writes: drupe jupyter run FILE")?;
    let mut settings = Settings::default();
    // A rule that is none was told when the command line was read.
    settings.policy = flags.permissions.policy().unwrap_or_default();
    settings.asks = !flags.permissions.no_prompt;
    settings.limits = flags.limits();
    for file in &flags.preload {
        let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let name = std::fs::canonicalize(file).unwrap_or_else(|_| file.clone());
        settings.preload.push((name.to_string_lossy().into_owned(), drupe_repl::chunks_of_file(text)));
    }
    settings.preload.extend(flags.program.preloading().into_iter().map(|code| ("[preload]".to_owned(), vec![code])));
    let builder: Builder = flags.kernel(None).surroundings(flags.program.surroundings(Vec::new(), false));
    drupe_jupyter::serve(file, settings, builder).await.map_err(|error| error.to_string())?;
    Ok(String::new())
}

/// Installs a kernelspec whose kernels have the other flags of the command line.
fn install(flags: &Flags, jupyter: &JupyterFlags, all: impl Iterator<Item = OsString>) -> Result<String, String> {
    if let Some(target) = &jupyter.target {
        return Err(format!("install takes no {:?}; give a name as --name NAME", target.display().to_string()));
    }
    let program = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let mut command = vec![program.to_string_lossy().into_owned(), "jupyter".to_owned(), "run".to_owned()];
    command.extend(kept(all)?);
    let parameters = match jupyter.remote {
        // A shell of the other host reads the command.
        Some(_) => command.iter().try_for_each(|word| refuse_special(word)).map(|()| Vec::new())?,
        None => jupyter_choices::parameters(flags),
    };
    command.extend(parameters.iter().map(|parameter| format!("--choose={}={}", parameter.name, parameter.placeholder())));
    let spec = Spec {
        name: jupyter.name.clone().unwrap_or_else(|| NAME.to_owned()),
        display_name: jupyter.display_name.clone().unwrap_or_else(|| match &jupyter.name {
            Some(name) => format!("{name} (TypeScript)"),
            None => DISPLAY_NAME.to_owned(),
        }),
        command,
        parameters,
        remote: jupyter.remote.map(Into::into),
    };
    let folder = spec.install(&location(jupyter).unwrap_or_default()).map_err(|error| error.to_string())?;
    Ok(format!("installed {:?} in {}\n", spec.display_name, folder.display()))
}

/// Refuses a word that a shell would take for something else.
fn refuse_special(word: &str) -> Result<(), String> {
    match word.chars().find(|char| !char.is_alphanumeric() && !"-_=+,.:/@%^".contains(*char)) {
        Some(char) => Err(format!("--remote cannot pass {word:?} on: the shell of the other host would read {char:?}")),
        None => Ok(()),
    }
}

/// The words of the command line that are the kernel's: all but the command, and the flags of this command. Files that
/// flags name are absolute: the kernel is started elsewhere.
fn kept(all: impl Iterator<Item = OsString>) -> Result<Vec<String>, String> {
    const OWN: [&str; 2] = ["--user", "--sys-prefix"];
    const OWN_WITH_VALUE: [&str; 4] = ["--prefix", "--name", "--display-name", "--remote"];
    const FILES: [&str; 4] = ["--preload", "--lock", "--env-file", "--env-file-if-exists"];
    let (mut kept, mut words, mut commands) = (Vec::new(), all.skip(1), 0);
    let text = |word: OsString| word.into_string().map_err(|word| format!("{word:?} is no valid UTF-8"));
    while let Some(word) = words.next() {
        let word = text(word)?;
        let (name, value) = word.split_once('=').map_or((&*word, None), |(name, value)| (name, Some(value)));
        if commands < 2 && word == ["jupyter", "install"][commands] {
            commands += 1;
        } else if OWN_WITH_VALUE.contains(&name) {
            if value.is_none() {
                words.next();
            }
        } else if FILES.contains(&name) {
            let file = match value {
                Some(value) => value.to_owned(),
                None => words.next().map(text).transpose()?.unwrap_or_default(),
            };
            let path = std::path::absolute(&file).unwrap_or_else(|_| PathBuf::from(&file));
            kept.push(format!("{name}={}", path.display()));
        } else if !OWN.contains(&name) {
            kept.push(word);
        }
    }
    Ok(kept)
}

fn location(jupyter: &JupyterFlags) -> Option<Location> {
    match &jupyter.prefix {
        Some(prefix) => Some(Location::Prefix(std::path::absolute(prefix).unwrap_or_else(|_| prefix.clone()))),
        None if jupyter.sys_prefix => Some(Location::SysPrefix),
        None => jupyter.user.then_some(Location::User),
    }
}

fn list(found: &[Found]) -> String {
    if found.is_empty() {
        return "no kernelspec of drupe is installed: drupe jupyter install\n".to_owned();
    }
    let width = found.iter().map(|spec| spec.name.len()).max().unwrap_or(0);
    let line = |spec: &Found| {
        // What stands before is a program, which may be Python with a launcher.
        let words = spec.command.iter().skip_while(|word| *word != "run").skip(1);
        let words = words.filter(|word| *word != "{connection_file}" && !word.starts_with("--choose="));
        let flags = words.cloned().collect::<Vec<_>>();
        let flags = if flags.is_empty() { String::new() } else { format!("  ({})", flags.join(" ")) };
        format!("{:width$}  {}  {}{flags}\n", spec.name, spec.display_name, spec.folder.display())
    };
    found.iter().map(line).collect()
}

fn remove(jupyter: &JupyterFlags) -> Result<String, String> {
    let name = jupyter.target.as_deref().map(Path::as_os_str).map(OsStr::to_string_lossy);
    let name = name.unwrap_or_else(|| jupyter.name.as_deref().unwrap_or(NAME).into());
    let folder = kernelspec::remove(&name, location(jupyter).as_ref()).map_err(|error| error.to_string())?;
    Ok(format!("removed {}\n", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::{kept, refuse_special};

    #[test]
    fn the_flags_of_kernels_are_kept() {
        let kept = |line: &str| kept(line.split(' ').map(Into::into)).unwrap();
        assert!(kept("drupe jupyter install").is_empty());
        assert_eq!(
            kept(
                "drupe --memory-limit 512 jupyter install --name x --deny-net --prefix=/p --user --remote gateway --allow-read=/data -A"
            ),
            ["--memory-limit", "512", "--deny-net", "--allow-read=/data", "-A"]
        );
        assert_eq!(
            kept("drupe jupyter install --preload /a.ts --lock=/b --display-name jupyter"),
            ["--preload=/a.ts", "--lock=/b"]
        );
    }

    #[test]
    fn words_that_another_shell_would_read_are_refused() {
        for word in ["/opt/drupe/bin/drupe", "--allow-net=example.com:443", "--memory-limit=1G", "--allow-read=/daten/ä"] {
            assert_eq!(refuse_special(word), Ok(()), "{word}");
        }
        for word in ["--allow-run=git status", "--allow-read=$HOME", "a;b", "`id`", "a\nb", "~", "a'b", "*"] {
            assert!(refuse_special(word).is_err(), "{word}");
        }
    }
}
