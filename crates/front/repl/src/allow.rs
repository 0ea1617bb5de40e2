//! `.allow`: shows what the session may reach, and grants or denies more.

use crate::sanitize::sanitize;
use drupe_client::{
    Permissions, Policy,
    host::permissions::{BadRule, Kind, words},
};

/// A change of the permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Everything of one kind.
    All(Kind),
    /// What a rule covers.
    Rule(Kind, String),
    /// Nothing of one kind any more.
    None(Kind),
}

/// Reads what follows `.allow`: `read`, `read=/data`, `read=none`, `run="git status"`.
pub(crate) fn parse(argument: &str) -> Result<Vec<Change>, String> {
    words(argument)?.iter().map(|word| change(word)).collect()
}

fn change(word: &str) -> Result<Change, String> {
    let (name, rule) = word.split_once('=').map_or((word, None), |(name, rule)| (name, Some(rule)));
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let Some(kind) = kind else {
        let names = Kind::ALL.map(Kind::name).join(", ");
        return Err(format!("{name} is no permission; there are {names}: .allow read, .allow read=/data, .allow read=none"));
    };
    Ok(match rule {
        None => Change::All(kind),
        Some("none") => Change::None(kind),
        Some(rule) => match unclear(kind, rule) {
            Some(said) => return Err(said),
            None => Change::Rule(kind, rule.to_owned()),
        },
    })
}

/// What to say of a word that would be taken for the name of something, and is meant as more or less than that.
fn unclear(kind: Kind, rule: &str) -> Option<String> {
    let name = kind.name();
    let meant = match rule.to_ascii_lowercase().as_str() {
        "everything" | "all" | "any" | "*" => format!(".allow {name} allows everything"),
        "nothing" | "off" | "never" => format!(".allow {name}=none allows nothing any more"),
        _ => return None,
    };
    let file =
        if matches!(kind, Kind::Read | Kind::Write) { format!("; a file of that name is ./{rule}") } else { String::new() };
    Some(format!("{name}={rule} is no rule: {meant}{file}"))
}

/// Makes the changes, from now on and for the kernel's later sessions, too.
pub(crate) fn apply(permissions: &Permissions, changes: &[Change]) -> Result<(), BadRule> {
    let mut policy = permissions.policy();
    for change in changes {
        match change {
            Change::All(kind) => policy.allow_all(*kind),
            Change::None(kind) => policy.revoke(*kind),
            Change::Rule(kind, rule) => policy.allow(*kind, rule)?,
        }
    }
    permissions.change(|now| *now = policy);
    Ok(())
}

/// What rules do not do: where everything is allowed, one more restricts nothing. `before`: what held before the
/// changes.
pub(crate) fn advice(mut before: Policy, changes: &[Change]) -> String {
    let mut advice = String::new();
    for change in changes {
        match change {
            Change::Rule(kind, rule) if allows_all(&before, *kind) => {
                let (name, word) = (kind.name(), sanitize(&quoted(rule)).into_owned());
                advice.push_str(&format!(
                    "{name}={word} restricts nothing, for {name} is everything; .allow {name}=none {name}={word} leaves that alone\n"
                ));
            }
            Change::Rule(..) => {}
            Change::All(kind) => before.allow_all(*kind),
            Change::None(kind) => before.revoke(*kind),
        }
    }
    if changes.is_empty() && Kind::ALL.into_iter().any(|kind| allows_all(&before, kind)) {
        advice.push_str("to restrict what is everything, name what is left: .allow read=none read=/data\n");
    }
    advice
}

fn allows_all(policy: &Policy, kind: Kind) -> bool {
    policy.describe(kind).starts_with("everything")
}

/// A rule as it is typed.
fn quoted(rule: &str) -> String {
    if rule.contains(char::is_whitespace) { format!("\"{rule}\"") } else { rule.to_owned() }
}

/// What is granted, kind by kind.
pub(crate) fn describe(permissions: &Permissions) -> String {
    let policy = permissions.policy();
    Kind::ALL.map(|kind| format!("{:6}  {}\n", kind.name(), sanitize(&policy.describe(kind)))).concat()
}

#[cfg(test)]
mod tests {
    use drupe_client::{Policy, host::permissions::Kind};

    use super::*;

    #[test]
    fn permissions_are_given_and_taken() {
        let permissions = Permissions::new(Policy::none());
        let allow = |words: &str| parse(words).map(|changes| apply(&permissions, &changes));
        assert_eq!(allow("net=example.com:443 env"), Ok(Ok(())));
        let described = describe(&permissions);
        assert!(described.contains("net     example.com:443\n") && described.contains("env     everything\n"), "{described}");
        assert!(described.contains("read    nothing\n"), "{described}");
        assert_eq!(allow("env=none"), Ok(Ok(())));
        assert_eq!(permissions.policy().describe(Kind::Env), "nothing");
        assert_eq!(allow("run=\"git status\" run=\"'/my tools/x'\""), Ok(Ok(())));
        assert_eq!(permissions.policy().describe(Kind::Run), "git status, \"/my tools/x\"");
        assert!(allow("run=\"git").is_err());
        // What a flag denies is shown, and stays denied.
        permissions.change(|policy| policy.deny(Kind::Read, "/no/such/keys").unwrap());
        assert_eq!(allow("read"), Ok(Ok(())));
        assert!(describe(&permissions).contains("read    everything, but never /no/such/keys\n"));
        assert_eq!(allow("read=none"), Ok(Ok(())));
        assert!(describe(&permissions).contains("read    nothing, and never /no/such/keys\n"));
        let all = |words: &str| advice(Policy::all(), &parse(words).unwrap());
        let said = "read=/tmp restricts nothing, for read is everything; .allow read=none read=/tmp leaves that alone\n";
        assert_eq!(all("read=/tmp"), said);
        assert_eq!(all("read=none read=/tmp net"), "");
        assert!(all("").contains(".allow read=none read=/data") && advice(Policy::none(), &[]).is_empty());
        assert!(allow("net=http://x").is_ok_and(|applied| applied.is_err()));
        // What is meant as more than a name is told.
        assert_eq!(
            allow("read=everything"),
            Err("read=everything is no rule: .allow read allows everything; a file of that name is ./everything".to_owned())
        );
        assert_eq!(allow("net=*"), Err("net=* is no rule: .allow net allows everything".to_owned()));
        assert_eq!(allow("env=off"), Err("env=off is no rule: .allow env=none allows nothing any more".to_owned()));
        assert_eq!(allow("read=./everything run=yes"), Ok(Ok(())));
        assert!(allow("files").is_err_and(|said| said.contains("no permission; there are read, write")));
    }
}
