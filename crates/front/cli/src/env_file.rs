//! Files of environment variables, read as Node reads them: `util.parseEnv` in the kernel is the same in JavaScript.

/// The variables in a text, in its order; of those with one name, the last counts.
pub(crate) fn parse(text: &str) -> Vec<(String, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut rest = text.trim();
    let mut variables = Vec::new();
    while !rest.is_empty() {
        if rest.starts_with(['\n', '#']) {
            rest = after_line(rest);
            continue;
        }
        let Some(equal) = rest.find('=') else { break };
        if rest.find('\n').is_some_and(|end| end < equal) {
            rest = after_line(rest);
            continue;
        }
        let key = rest[..equal].trim();
        let key = key.strip_prefix("export ").map_or(key, str::trim);
        rest = &rest[equal + 1..];
        if key.is_empty() {
            rest = after_line(rest);
            continue;
        }
        // Blanks before the value, but not the end of the line.
        rest = rest.trim_start_matches([' ', '\t']);
        let value = match quoted(rest) {
            Some((quote, value)) => {
                rest = after_line(&rest[value.len() + 2..]);
                if quote == '"' { value.replace("\\n", "\n") } else { value.to_owned() }
            }
            None => {
                let line = rest.split('\n').next().unwrap_or_default();
                rest = after_line(rest);
                line.split('#').next().unwrap_or_default().trim().to_owned()
            }
        };
        variables.push((key.to_owned(), value));
    }
    variables
}

/// The quote and the text of a value that begins with one, if that ends.
fn quoted(text: &str) -> Option<(char, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let end = text[1..].find(quote)?;
    Some((quote, &text[1..=end]))
}

fn after_line(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lines_become_variables() {
        let text = "\u{feff}# comment\r\nA=1\nexport B = two words # not this\n\nC=\"a\\nb\"\nD='x\ny' # z\nE=`q`\nF=\nno equals\n=nothing\nG=\"open\nA=2";
        let parsed = parse(text);
        let pairs: Vec<(&str, &str)> = parsed.iter().map(|(name, value)| (&**name, &**value)).collect();
        let expected =
            [("A", "1"), ("B", "two words"), ("C", "a\nb"), ("D", "x\ny"), ("E", "q"), ("F", ""), ("G", "\"open"), ("A", "2")];
        assert_eq!(pairs, expected);
    }
}
