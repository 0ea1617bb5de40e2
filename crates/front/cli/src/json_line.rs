//! The lines of `--events json` that the command itself writes; `events_json` documents them.

use serde::Serialize;

/// A line.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Notice {
        text: &'a str,
    },
    Answer {
        text: &'a str,
    },
    #[serde(rename = "bad_line")]
    NoChunk {
        line: u64,
        message: &'a str,
    },
    Doctor(Box<Examination<'a>>),
}

/// A line, and the `id` that its run came with.
#[derive(Debug, Serialize)]
pub(crate) struct Tagged<'a, L> {
    pub(crate) id: &'a serde_json::Value,
    #[serde(flatten)]
    pub(crate) line: &'a L,
}

/// What an installation is, and whether it works.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Examination<'a> {
    pub(crate) works: bool,
    pub(crate) version: &'a str,
    pub(crate) kernel_program: String,
    /// By which package manager: `deb`, `npm`, `wheel`, `cargo`, `checkout`, `file`.
    pub(crate) installed: &'a str,
    pub(crate) build: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kernel_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) v8: Option<&'a str>,
    pub(crate) protocol: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sandbox: Option<String>,
    pub(crate) layers: Vec<LayerLine<'a>>,
    pub(crate) programs: String,
    /// What to do about layers that are missing.
    pub(crate) advice: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<&'a str>,
    pub(crate) ms: f64,
}

/// A layer of what confines a kernel.
#[derive(Debug, Serialize)]
pub(crate) struct LayerLine<'a> {
    pub(crate) name: &'a str,
    pub(crate) on: bool,
    pub(crate) detail: &'a str,
}
