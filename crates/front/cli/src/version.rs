//! What `drupe --version` says: the version, V8's, that of the protocols, and which build this is.

use std::sync::OnceLock;

/// The commit that was built, or the checkout, if it is known; for a build without optimisation it is not asked for.
const BUILT_FROM: Option<&str> = option_env!("DRUPE_BUILT_FROM");
const TARGET: &str = env!("DRUPE_BUILT_FOR");
const PROFILE: &str = env!("DRUPE_BUILT_AS");

/// The lines behind the name of the command. The first is the version alone.
pub(crate) fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let (version, revision, serve) = (env!("CARGO_PKG_VERSION"), drupe_protocol::REVISION, drupe_serve::VERSION);
        format!(
            "{version}\nV8 {}\nprotocol revision {revision}, serve version {serve}\nbuild {}",
            drupe_kernel::v8_version(),
            build()
        )
    })
}

/// Which build this is.
pub(crate) fn build() -> String {
    let from = BUILT_FROM.map_or(String::new(), |from| format!("{from} "));
    format!("{from}for {TARGET}, {PROFILE}")
}
