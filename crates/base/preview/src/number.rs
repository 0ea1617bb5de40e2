//! Numbers as JavaScript writes them.

use std::fmt::Write;

/// The text of a number as `String(number)` gives it, but for negative zero, which shows its sign.
#[must_use]
pub fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.into();
    }
    if number.fract() == 0.0 && number.abs() < 1e15 {
        #[allow(clippy::cast_possible_truncation, reason = "checked on the line above")]
        return (number as i64).to_string();
    }
    decimal(number)
}

/// The text of a number with its digits in groups of three; what has an exponent stays as it is.
pub(crate) fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    if !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return text.to_owned();
    }
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push('_');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        for (index, digit) in fraction.chars().enumerate() {
            out.push_str(if index == 0 {
                "."
            } else if index % 3 == 0 {
                "_"
            } else {
                ""
            });
            out.push(digit);
        }
    }
    out
}

/// The shortest digits that read back as the number are the same in both languages; where the point goes is not.
fn decimal(number: f64) -> String {
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // The position of the point counted from the first digit, which the language's own rules are written in.
    let point = exponent + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let mut text = String::from(if number < 0.0 { "-" } else { "" });
    if (count..=21).contains(&point) {
        text.push_str(&digits);
        zeros(&mut text, point - count);
    } else if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(point.unsigned_abs() as usize);
        let _ = write!(text, "{whole}.{fraction}");
    } else if (-5..=0).contains(&point) {
        text.push_str("0.");
        zeros(&mut text, -point);
        text.push_str(&digits);
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(text, "{first}{dot}{rest}e{sign}{}", exponent.unsigned_abs());
    }
    text
}

fn zeros(text: &mut String, count: i32) {
    text.extend((0..count).map(|_| '0'));
}

#[cfg(test)]
mod tests {
    use super::{grouped, number_text};

    #[test]
    fn digits_in_groups() {
        for (text, expected) in
            [("1", "1"), ("-1234567.1234", "-1_234_567.123_4"), ("1e+21", "1e+21"), ("NaN", "NaN"), ("100", "100")]
        {
            assert_eq!(grouped(text), expected);
        }
    }

    #[test]
    fn as_the_language_writes_them() {
        for (number, text) in [
            (0.1 + 0.2, "0.30000000000000004"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (-0.0, "-0"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (-1234.5, "-1234.5"),
            (9_007_199_254_740_993.0, "9007199254740992"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }
}
