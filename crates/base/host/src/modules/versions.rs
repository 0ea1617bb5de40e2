//! Whether an installed version is one that a range of npm asks for.
//!
//! A prerelease fits a range if it lies in it by its order; npm wants the range to name one, too.

use std::cmp::Ordering;

/// A version, or the beginning of one: `4`, `4.17`, `4.x`, `4.17.0-rc.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Partial<'s> {
    numbers: [u64; 3],
    /// How many of the numbers are given; the rest is 0.
    given: usize,
    /// What follows the hyphen.
    prerelease: &'s str,
}

/// Whether `version` is in `range`. `None`: the range is none, such as the tag `latest`.
pub(super) fn fits(version: &str, range: &str) -> Option<bool> {
    let version = Partial::parse(version).filter(|version| version.given == 3)?;
    let mut any = false;
    for alternative in range.split("||") {
        any |= fits_all(version, alternative)?;
    }
    Some(any)
}

/// Whether a version meets all conditions of a part of a range.
fn fits_all(version: Partial, conditions: &str) -> Option<bool> {
    if let Some((from, to)) = conditions.split_once(" - ") {
        return Some(version.meets(">=", Partial::parse(from.trim())?) && version.meets("<=", Partial::parse(to.trim())?));
    }
    let (mut all, mut operator) = (true, "");
    for word in conditions.split_whitespace() {
        let end = word.find(|char: char| !"<>=^~".contains(char)).unwrap_or(word.len());
        let (sign, bound) = word.split_at(end);
        operator = if sign.is_empty() { operator } else { sign };
        if !bound.is_empty() {
            all &= is_operator(operator) && version.meets(operator, Partial::parse(bound)?);
            operator = "";
        }
    }
    operator.is_empty().then_some(all)
}

fn is_operator(sign: &str) -> bool {
    matches!(sign, "" | "=" | "^" | "~" | ">" | ">=" | "<" | "<=")
}

impl<'s> Partial<'s> {
    fn parse(text: &'s str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split('+').next().unwrap_or_default();
        let (numbers_text, prerelease) = text.split_once('-').unwrap_or((text, ""));
        let (mut numbers, mut given, mut is_open) = ([0; 3], 0, false);
        for (index, part) in numbers_text.split('.').enumerate() {
            is_open |= matches!(part, "x" | "X" | "*" | "");
            let number = if is_open { 0 } else { part.parse().ok()? };
            *numbers.get_mut(index)? = number;
            given += usize::from(!is_open);
        }
        Some(Self { numbers, given, prerelease })
    }

    /// The first version that does not begin with these numbers, up to the one at `index`.
    fn after(mut self, index: usize) -> Self {
        self.numbers[index] = self.numbers[index].saturating_add(1);
        self.numbers[index + 1..].fill(0);
        Self { prerelease: "", ..self }
    }

    /// Whether this version meets a condition.
    fn meets(self, operator: &str, bound: Partial) -> bool {
        let Some(last) = bound.given.checked_sub(1) else { return !matches!(operator, "<" | ">") };
        let (is_whole, order) = (bound.given == 3, self.order(bound));
        let below = |end: Partial| self.numbers < end.numbers;
        match operator {
            "^" => {
                let first = bound.numbers[..last].iter().position(|number| *number > 0).unwrap_or(last);
                order.is_ge() && below(bound.after(first))
            }
            "~" => order.is_ge() && below(bound.after(last.min(1))),
            ">=" => order.is_ge(),
            ">" if is_whole => order.is_gt(),
            ">" => !below(bound.after(last)),
            "<" if bound.prerelease.is_empty() => below(bound),
            "<" => order.is_lt(),
            "<=" if is_whole => order.is_le(),
            "<=" => below(bound.after(last)),
            _ if is_whole => order.is_eq(),
            _ => order.is_ge() && below(bound.after(last)),
        }
    }

    fn order(self, other: Partial) -> Ordering {
        let prerelease = match (self.prerelease, other.prerelease) {
            ("", "") => Ordering::Equal,
            ("", _) => Ordering::Greater,
            (_, "") => Ordering::Less,
            (one, other) => prereleases(one, other),
        };
        self.numbers.cmp(&other.numbers).then(prerelease)
    }
}

/// The order of prereleases: number by number and word by word.
fn prereleases(one: &str, other: &str) -> Ordering {
    let key = |part: &str| part.parse::<u64>().map_or_else(|_| (1, 0, part.to_owned()), |number| (0, number, String::new()));
    one.split('.').map(key).cmp(other.split('.').map(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_npm_reads_them() {
        for (range, fitting, others) in [
            ("4", "4.0.0 4.17.21", "3.9.9 5.0.0 5.0.0-rc.1"),
            ("4.17", "4.17.0 4.17.21", "4.16.9 4.18.0"),
            ("4.17.21", "4.17.21 4.17.21+build", "4.17.20 4.17.21-rc.1"),
            ("=v1.2.3", "1.2.3", "1.2.4"),
            ("4.x", "4.0.0", "5.0.0"),
            ("*", "0.0.1 9.9.9", ""),
            ("", "0.0.1", ""),
            ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 1.2.3-rc.1"),
            ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
            ("^0.0.3", "0.0.3", "0.0.4"),
            ("^0", "0.0.1 0.9.0", "1.0.0"),
            ("^0.0", "0.0.9", "0.1.0"),
            ("~1.2.3", "1.2.3 1.2.9", "1.3.0"),
            ("~1", "1.9.9", "2.0.0"),
            (">=1.2 <3", "1.2.0 2.9.9", "1.1.9 3.0.0"),
            (">= 1.2.0 < 1.3.0", "1.2.5", "1.3.0"),
            (">1.2", "1.3.0", "1.2.9"),
            (">1.2.3", "1.2.4", "1.2.3"),
            ("<=1.2", "1.2.9", "1.3.0"),
            ("<=1.2.3", "1.2.3", "1.2.4"),
            ("<2.0.0", "1.9.9", "2.0.0 2.0.0-rc.1"),
            ("1.2.3 - 2.3", "1.2.3 2.3.9", "1.2.2 2.4.0"),
            ("1 || ^3.1", "1.5.0 3.1.0", "2.0.0 3.0.9"),
            ("^2.0.0-rc.2", "2.0.0-rc.2 2.0.0-rc.10 2.0.0 2.1.0", "2.0.0-rc.1 2.0.0-beta 3.0.0"),
        ] {
            for (version, expected) in
                fitting.split(' ').map(|version| (version, true)).chain(others.split(' ').map(|version| (version, false)))
            {
                if !version.is_empty() {
                    assert_eq!(fits(version, range), Some(expected), "{version} in {range:?}");
                }
            }
        }
    }

    #[test]
    fn tags_are_no_ranges() {
        for tag in ["latest", "next", "^", ">=", "1.2.3.4", "1.a", "beta-1"] {
            assert_eq!(fits("1.0.0", tag), None, "{tag}");
        }
        assert_eq!(fits("no version", "1"), None);
        assert_eq!(fits("1.0.0", "<>1"), Some(false));
    }
}
