//! Doc comments: their place and their text.

/// The doc comment that ends right before `at`, decorators and modifiers aside.
pub(crate) fn doc_before(source: &str, at: usize) -> Option<String> {
    let before = source.get(..at)?.trim_end();
    let open = before.strip_suffix("*/")?;
    let start = open.rfind("/*")?;
    clean(open.get(start..)?.strip_prefix("/**")?)
}

/// The text of a doc comment, without the stars at its lines' beginnings.
fn clean(comment: &str) -> Option<String> {
    let lines = comment.lines().map(|line| {
        let line = line.trim();
        let line = line.strip_prefix('*').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line).trim_end()
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
