//! The settings of the JSX transform.

use swc_core::ecma::transforms::react;

use crate::decide::jsx::{Targets, is_dotted_name};
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::Options;

/// How long the name may be that JSX compiles to, in bytes, and how many parts it may have. It is copied for each
/// element, and each part is a node of its own.
const MAX_NAME: usize = 128;
const MAX_PARTS: usize = 4;

/// How long the name of what JSX is imported from may be, in bytes.
const MAX_SOURCE: usize = 4096;

/// The settings for a chunk.
pub(crate) fn options(targets: &Targets, options: &Options) -> Result<react::Options, Diagnostic> {
    let Targets { factory, fragment, .. } = targets;
    for name in [factory, fragment] {
        if !is_dotted_name(name) || !is_short(name) {
            let shown = &name[..name.floor_char_boundary(MAX_NAME)];
            let message = format!(
                "{shown:?} cannot be what JSX compiles to; it must be a name such as React.createElement, of at most {MAX_PARTS} parts \
                 and {MAX_NAME} bytes"
            );
            return Err(Diagnostic::whole(DiagnosticKind::Unsupported, message, options));
        }
    }
    Ok(react::Options {
        pragma: Some(factory.clone().into()),
        pragma_frag: Some(fragment.clone().into()),
        throw_if_namespace: Some(false),
        ..react::Options::default()
    })
}

/// The settings for a module: it may import what its JSX compiles to.
pub(crate) fn module_options(targets: &Targets, settings: &Options) -> Result<react::Options, Diagnostic> {
    match targets.import_source.as_deref() {
        Some(from) if from.len() > MAX_SOURCE => {
            let message = format!("JSX cannot be imported from a name of more than {MAX_SOURCE} bytes");
            Err(Diagnostic::whole(DiagnosticKind::Unsupported, message, settings))
        }
        Some(from) => Ok(react::Options {
            runtime: Some(react::Runtime::Automatic),
            import_source: Some(from.into()),
            development: Some(settings.project.jsx_development),
            throw_if_namespace: Some(false),
            ..react::Options::default()
        }),
        None => Ok(react::Options { runtime: Some(react::Runtime::Classic), ..options(targets, settings)? }),
    }
}

fn is_short(name: &str) -> bool {
    name.len() <= MAX_NAME && name.split('.').count() <= MAX_PARTS
}
