//! The walls of ARCHITECTURE.md: which member of the workspace may name which, and which packages a member may never
//! reach.

use std::path::Path;

use super::cargo::{self, Package};
use super::{TidyError, Violation};

/// Checks every member of the workspace.
pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let members = cargo::members(root)?;
    let mut violations = arrows(&members);
    for member in &members {
        let Some(place) = place(&member.name) else { continue };
        if !place.never.is_empty() {
            violations.extend(reaches(place, &cargo::reached(root, &member.name)?));
        }
    }
    Ok(violations)
}

/// Where a member stands.
struct Place {
    package: &'static str,
    /// The members that it may name. Arrows run one way: **everything here stands before it in [`PLACES`]**.
    names: &'static [&'static str],
    /// If there are any: the only packages from outside that it may name.
    outside: &'static [&'static str],
    /// What it must not reach, however far away. A `*` at the end stands for any rest.
    never: &'static [&'static [&'static str]],
}

/// V8, which only the kernel and its inspector know.
const ENGINE: &[&str] = &["v8", "drupe-inspect", "drupe-kernel"];

/// What reads source, which only the parent does: the kernel runs hostile code, and reads none.
const COMPILER: &[&str] = &["swc_*", "drupe-transpile", "drupe-lexer"];

/// Any package at all.
const ANYTHING: &[&str] = &["*"];

/// What waits for many things at once.
const RUNTIMES: &[&str] = &["tokio", "tokio-*", "async-std", "async-io", "smol", "mio", "futures-executor"];

/// What speaks to other machines.
const NETWORK: &[&str] = &[
    "reqwest",
    "hyper",
    "hyper-*",
    "h2",
    "h3",
    "rustls",
    "native-tls",
    "openssl",
    "quinn",
    "ureq",
    "curl",
    "tungstenite",
    "hickory-*",
];

/// Every member, in the order of the data flow from the bottom up.
const PLACES: &[Place] = &[
    Place {
        package: "drupe-protocol",
        names: &[],
        // libc for advice on memory, nothing that does I/O.
        // serde_json for conversions, as an option.
        // bytes for large byte strings that values and frames share.
        outside: &["bytes", "serde", "rmp-serde", "serde_bytes", "serde_json", "thiserror", "libc"],
        never: &[ENGINE, COMPILER, RUNTIMES, NETWORK],
    },
    Place { package: "drupe-lexer", names: &[], outside: &[], never: &[ANYTHING] },
    Place { package: "drupe-preview", names: &["drupe-protocol"], outside: &[], never: &[ENGINE, COMPILER, RUNTIMES, NETWORK] },
    Place { package: "drupe-transport", names: &["drupe-protocol"], outside: &[], never: &[ENGINE, COMPILER, NETWORK] },
    Place {
        package: "drupe-transpile",
        names: &["drupe-lexer", "drupe-protocol"],
        outside: &[],
        never: &[ENGINE, RUNTIMES, NETWORK],
    },
    Place { package: "drupe-host", names: &["drupe-protocol", "drupe-transpile"], outside: &[], never: &[ENGINE] },
    Place {
        package: "drupe-inspect",
        names: &["drupe-protocol", "drupe-preview"],
        outside: &["v8"],
        never: &[COMPILER, RUNTIMES, NETWORK],
    },
    Place {
        package: "drupe-kernel",
        names: &["drupe-protocol", "drupe-preview", "drupe-transport", "drupe-inspect"],
        outside: &[],
        never: &[COMPILER, RUNTIMES, NETWORK],
    },
    Place {
        package: "drupe-client",
        names: &["drupe-lexer", "drupe-protocol", "drupe-preview", "drupe-transport", "drupe-transpile", "drupe-host"],
        outside: &[],
        never: &[ENGINE],
    },
    Place { package: "drupe-repl", names: FRONT_END, outside: &[], never: &[ENGINE] },
    Place { package: "drupe-jupyter", names: FRONT_END, outside: &[], never: &[ENGINE] },
    Place { package: "drupe-serve", names: FRONT_END, outside: &[], never: &[ENGINE] },
    Place {
        package: "drupe-mcp",
        // Both servers have the same policy file, and the same TLS.
        names: &[
            "drupe-lexer",
            "drupe-protocol",
            "drupe-preview",
            "drupe-transpile",
            "drupe-host",
            "drupe-client",
            "drupe-serve",
        ],
        outside: &[],
        never: &[ENGINE],
    },
    Place {
        package: "drupe",
        names: &[
            "drupe-protocol",
            "drupe-preview",
            "drupe-transpile",
            "drupe-host",
            "drupe-kernel",
            "drupe-client",
            "drupe-repl",
            "drupe-jupyter",
            "drupe-serve",
            "drupe-mcp",
        ],
        outside: &[],
        never: &[],
    },
    Place { package: "drupe-tests", names: ANY, outside: &[], never: &[] },
    Place { package: "xtask", names: ANY, outside: &[], never: &[] },
];

/// What a front end may name: never the transport, never the kernel.
const FRONT_END: &[&str] = &["drupe-lexer", "drupe-protocol", "drupe-preview", "drupe-transpile", "drupe-host", "drupe-client"];

/// What tests and chores may name, because nothing depends on them.
const ANY: &[&str] = &[
    "drupe-lexer",
    "drupe-protocol",
    "drupe-preview",
    "drupe-transport",
    "drupe-transpile",
    "drupe-host",
    "drupe-kernel",
    "drupe-client",
    "drupe-repl",
    "drupe-jupyter",
    "drupe-serve",
    "drupe-mcp",
];

fn place(package: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.package == package)
}

/// The direct dependencies that point the wrong way.
fn arrows(members: &[Package]) -> Vec<Violation> {
    let is_member = |name: &str| members.iter().any(|member| member.name == name);
    let mut violations = Vec::new();
    for member in members {
        let Some(place) = place(&member.name) else {
            let wrong = format!("{} has no place among the crates", member.name);
            violations.push(Violation::new(wrong, "give it one in crates/xtask/src/tidy/walls.rs, and in ARCHITECTURE.md"));
            continue;
        };
        for name in member.direct() {
            let wrong = format!("{} depends on {name}", member.name);
            if is_member(name) && !place.names.contains(&name) {
                violations.push(Violation::new(wrong, format!("arrows run one way: it may name {}", list(place.names))));
            } else if !is_member(name) && !place.outside.is_empty() && !place.outside.contains(&name) {
                violations
                    .push(Violation::new(wrong, format!("from outside it may name {} and nothing else", list(place.outside))));
            }
        }
    }
    violations
}

/// The paths that lead through a wall. Of paths through the same wall only the shortest is told: what lies behind it
/// follows.
fn reaches(place: &Place, paths: &[Vec<String>]) -> Vec<Violation> {
    let forbidden =
        |name: &String| name != place.package && place.never.iter().copied().flatten().any(|wall| matches(wall, name));
    let through = paths
        .iter()
        .filter(|path| path.split_last().is_some_and(|(last, before)| forbidden(last) && !before.iter().any(forbidden)));
    through
        .map(|path| {
            let wrong = format!("{} reaches {}: {}", place.package, path.last().map_or("", String::as_str), path.join(" -> "));
            Violation::new(wrong, "cut that path: drop the dependency, or the feature of it that brings this in")
        })
        .collect()
}

/// Whether `name` is what `wall` says.
fn matches(wall: &str, name: &str) -> bool {
    match wall.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == wall,
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "no crate of the house".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Vec<Package> {
        serde_json::from_str(json).unwrap()
    }

    fn paths(paths: &[&str]) -> Vec<Vec<String>> {
        paths.iter().map(|path| path.split('>').map(str::to_owned).collect()).collect()
    }

    fn wrongs(violations: &[Violation]) -> Vec<&str> {
        violations.iter().map(|violation| violation.wrong.as_str()).collect()
    }

    #[test]
    fn places_name_only_what_stands_before_them() {
        for (index, place) in PLACES.iter().enumerate() {
            for name in place.names {
                assert!(PLACES[..index].iter().any(|before| before.package == *name), "{} names {name}", place.package);
            }
        }
    }

    #[test]
    fn only_the_kernel_names_the_inspector() {
        let naming: Vec<_> = PLACES.iter().filter(|place| place.names.contains(&"drupe-inspect")).collect();
        assert_eq!(naming.iter().map(|place| place.package).collect::<Vec<_>>(), ["drupe-kernel"]);
    }

    #[test]
    fn the_kernel_reads_no_source() {
        let paths = paths(&["drupe-kernel", "drupe-kernel>drupe-transport", "drupe-kernel>drupe-lexer"]);
        let violations = reaches(place("drupe-kernel").unwrap(), &paths);
        assert_eq!(wrongs(&violations), ["drupe-kernel reaches drupe-lexer: drupe-kernel -> drupe-lexer"]);
    }

    #[test]
    fn the_lexer_depends_on_nothing() {
        let lexer = place("drupe-lexer").unwrap();
        assert!(reaches(lexer, &paths(&["drupe-lexer"])).is_empty());
        assert_eq!(reaches(lexer, &paths(&["drupe-lexer", "drupe-lexer>memchr"])).len(), 1);
    }

    #[test]
    fn an_arrow_the_wrong_way_is_a_violation() {
        let members = members(
            r#"[{"name":"drupe-client","dependencies":[{"name":"tokio","kind":null},{"name":"drupe-kernel","kind":"dev"}]},
                {"name":"drupe-kernel","dependencies":[{"name":"drupe-client","kind":null}]},
                {"name":"drupe-protocol","dependencies":[{"name":"serde","kind":null},{"name":"url","kind":null}]},
                {"name":"drupe-repl","dependencies":[{"name":"drupe-transport","kind":null}]},
                {"name":"drupe-transport","dependencies":[]},
                {"name":"drupe-other","dependencies":[]}]"#,
        );
        let expected = [
            "drupe-kernel depends on drupe-client",
            "drupe-protocol depends on url",
            "drupe-repl depends on drupe-transport",
            "drupe-other has no place among the crates",
        ];
        assert_eq!(wrongs(&arrows(&members)), expected);
    }

    #[test]
    fn a_wall_is_told_with_the_path_through_it_and_once() {
        let kernel = place("drupe-kernel").unwrap();
        let paths = paths(&[
            "drupe-kernel",
            "drupe-kernel>v8",
            "drupe-kernel>drupe-transport",
            "drupe-kernel>drupe-transport>interprocess",
            "drupe-kernel>drupe-transport>interprocess>tokio",
            "drupe-kernel>drupe-transport>interprocess>tokio>mio",
            "drupe-kernel>swc_common",
        ]);
        let expected = [
            "drupe-kernel reaches tokio: drupe-kernel -> drupe-transport -> interprocess -> tokio",
            "drupe-kernel reaches swc_common: drupe-kernel -> swc_common",
        ];
        assert_eq!(wrongs(&reaches(kernel, &paths)), expected);
    }

    #[test]
    fn a_star_stands_for_any_rest() {
        assert!(matches("swc_*", "swc_core"));
        assert!(!matches("swc_*", "swc"));
        assert!(!matches("tokio", "tokio-util"));
    }
}
