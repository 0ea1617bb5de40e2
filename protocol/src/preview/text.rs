//! JavaScript text: UTF-16 that need not be well formed.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A JavaScript string. Half surrogate pairs, which UTF-8 cannot hold, stand as U+FFFD in [`as_str`](Self::as_str);
/// what they were is kept beside it. On the wire it is a string, or, where there are such halves, the pair
/// `[string, [[byte offset, unit], ...]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text {
    text: String,
    /// Where the U+FFFD are that stand for half a pair, in ascending order, and the unit each stands for.
    lone: Vec<(u32, u16)>,
}

impl Text {
    /// From UTF-16.
    #[must_use]
    pub fn from_utf16(units: &[u16]) -> Self {
        let mut text = String::with_capacity(units.len());
        let mut lone = Vec::new();
        for unit in char::decode_utf16(units.iter().copied()) {
            match unit {
                Ok(char) => text.push(char),
                Err(error) => {
                    lone.push((u32::try_from(text.len()).unwrap_or(u32::MAX), error.unpaired_surrogate()));
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
        Self { text, lone }
    }

    /// The text, with U+FFFD for every half of a surrogate pair.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text as owned; see [`as_str`](Self::as_str).
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Bytes of UTF-8.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The half surrogate pairs: the byte offset of the U+FFFD that stands for one, and the UTF-16 unit.
    #[must_use]
    pub fn lone_surrogates(&self) -> &[(u32, u16)] {
        &self.lone
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { text, lone: Vec::new() }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.lone.is_empty() {
            return serializer.serialize_str(&self.text);
        }
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&self.text)?;
        pair.serialize_element(&self.lone)?;
        pair.end()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string, or a pair of a string and the half surrogate pairs in it")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Text, A::Error> {
        let text: String = pair.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let lone: Vec<(u32, u16)> = pair.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        let ascending = lone.is_sorted_by(|a, b| a.0 < b.0);
        let marked = |&(at, unit): &(u32, u16)| {
            (0xD800..0xE000).contains(&unit) && text.get(at as usize..).is_some_and(|rest| rest.starts_with('\u{FFFD}'))
        };
        if !ascending || !lone.iter().all(marked) {
            return Err(A::Error::custom("half surrogate pairs that are not in the text"));
        }
        Ok(Text { text, lone })
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn half_pairs_survive_the_wire() {
        let text = Text::from_utf16(&[0x61, 0xD83D, 0x62, 0xDC00]);
        assert_eq!(text.as_str(), "a\u{FFFD}b\u{FFFD}");
        assert_eq!(text.lone_surrogates(), [(1, 0xD83D), (5, 0xDC00)]);
        let bytes = rmp_serde::to_vec_named(&text).unwrap();
        assert_eq!(rmp_serde::from_slice::<Text>(&bytes).unwrap(), text);
    }

    #[test]
    fn well_formed_text_is_a_plain_string() {
        let bytes = rmp_serde::to_vec_named(&Text::from("é")).unwrap();
        assert_eq!(rmp_serde::from_slice::<String>(&bytes).unwrap(), "é");
    }

    #[test]
    fn offsets_that_point_elsewhere_are_refused() {
        let bytes = rmp_serde::to_vec_named(&("ab", [(1u32, 0xD800u16)])).unwrap();
        assert!(rmp_serde::from_slice::<Text>(&bytes).is_err());
    }
}
