//! Sizes on the command line.

/// A size in MiB, or with a unit, as bytes.
pub(crate) fn bytes_of(text: &str) -> Result<u64, String> {
    let wrong =
        || "give MiB, such as 256, or a size with its unit, such as 256M or 2G; at least 1 MiB and at most 1 TiB".to_owned();
    let digits = text.len() - text.trim_start_matches(|char: char| char.is_ascii_digit()).len();
    let shift = match &*text[digits..].to_ascii_lowercase() {
        "" | "m" | "mb" | "mib" => 20,
        "k" | "kb" | "kib" => 10,
        "g" | "gb" | "gib" => 30,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).filter(|bytes| (1 << 20..=1 << 40).contains(bytes)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_memory_limit_may_have_a_unit() {
        for (text, bytes) in [("1", 1 << 20), ("256M", 256 << 20), ("256MiB", 256 << 20), ("2g", 2 << 30), ("2048k", 2 << 20)] {
            assert_eq!(super::bytes_of(text), Ok(bytes), "{text}");
        }
        for text in ["0", "", "M", "1.5", "-1", "1T", "1023k", "99999999999999999999"] {
            assert!(super::bytes_of(text).is_err_and(|why| why.contains("256M")), "{text}");
        }
    }
}
