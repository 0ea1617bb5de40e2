//! Transcripts: what a person types, and what is said. One file a group in `transcripts/`, in the form that
//! `support/script.rs` tells.
//!
//! All are played against a kernel on a thread, by the client itself; those after the semicolon against a process, too.

use std::{fs, path::PathBuf};

use drupe_client::{Builder, Kernel, Permissions, Policy, host::permissions::Kind};

use crate::support::{block_on, builder, memory, play};

macro_rules! transcripts {
    ($($name:ident)*; $($again:ident)*) => {
        $(#[test]
        fn $name() {
            block_on(async { play(&path(stringify!($name)), &reading(memory::builder()).await).await });
        })*

        /// The same against the process.
        mod process {
            use super::*;

            $(#[test]
            fn $again() {
                block_on(async { play(&path(stringify!($again)), &reading(builder()).await).await });
            })*
        }

        #[test]
        fn every_file_is_played() {
            let played = [$(path(stringify!($name))),*];
            for file in fs::read_dir(folder()).unwrap() {
                let file = file.unwrap().path();
                if file.is_dir() {
                    continue;
                }
                assert!(played.contains(&file), "{} is in no test", file.display());
            }
        }
    };
}
transcripts! {
    bindings awaits results errors completeness typescript jsx using text imports help;
    bindings awaits results errors using imports help
}

/// A kernel that may read the modules of the transcripts, and nothing else.
async fn reading(builder: Builder) -> Kernel {
    let mut policy = Policy::none();
    policy.allow(Kind::Read, &folder().join("modules").to_string_lossy()).unwrap();
    builder.permissions(&Permissions::new(policy)).spawn().await.unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

fn path(name: &str) -> PathBuf {
    folder().join(format!("{name}.repl"))
}
