//! Names of scripts as V8 accepts them.

/// The name with white space, quotes and control characters percent-encoded; in an absolute path, percent signs too.
pub(crate) fn encode_name(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let is_path = name.starts_with('/');
    for char in name.chars() {
        if char.is_whitespace() || char.is_control() || matches!(char, '"' | '\'' | '`') || is_path && char == '%' {
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        } else {
            encoded.push(char);
        }
    }
    encoded
}
