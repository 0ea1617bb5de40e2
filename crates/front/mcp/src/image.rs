//! Images that code shows.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use drupe_client::{Value, value::TypedArrayKind};

/// An image, as the protocol carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// Its format, such as `image/png`.
    pub(crate) mime: &'static str,
    /// Its bytes, in base64.
    pub(crate) base64: String,
}

/// The largest image, in bytes. Clients hand images to a model, which takes fewer.
pub(crate) const MAX_IMAGE: usize = 4 << 20;

const PNG: &str = "image/png";
const JPEG: &str = "image/jpeg";
const GIF: &str = "image/gif";
const WEBP: &str = "image/webp";
const SVG: &str = "image/svg+xml";

impl Image {
    /// The image that bytes, or the text of an SVG, are.
    ///
    /// # Errors
    /// In words, if they are none, or too many.
    pub(crate) fn read(value: &Value) -> Result<Self, String> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "everything else is none")]
        let bytes: &[u8] = match value {
            Value::ArrayBuffer(bytes) | Value::TypedArray(TypedArrayKind::Uint8 | TypedArrayKind::Uint8Clamped, bytes) => bytes,
            Value::String(text) => text.as_bytes(),
            _ => {
                return Err(
                    "an image is a Uint8Array or an ArrayBuffer with the bytes of a file, or the text of an SVG".to_owned()
                );
            }
        };
        if bytes.len() > MAX_IMAGE {
            return Err(format!("the image has {} bytes; at most {MAX_IMAGE} are shown", bytes.len()));
        }
        let mime = format(bytes).ok_or("these bytes are no PNG, JPEG, GIF, WebP or SVG")?;
        Ok(Self { mime, base64: STANDARD.encode(bytes) })
    }

    /// The image that a value shows of itself in the format `mime`: bytes, or text, which is base64 but for SVG.
    pub(crate) fn of_part(mime: &str, data: &Value) -> Result<Self, String> {
        let Some(text) = data.as_str().filter(|_| mime != SVG) else { return Self::read(data) };
        // The program chose the name of the format: it is not repeated.
        let bytes = STANDARD.decode(text.trim()).map_err(|error| format!("an image of the result is no base64: {error}"))?;
        Self::read(&Value::ArrayBuffer(bytes.into()))
    }
}

/// The format of a file by its first bytes.
fn format(bytes: &[u8]) -> Option<&'static str> {
    let is_riff = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(PNG)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some(JPEG)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some(GIF)
    } else if is_riff {
        Some(WEBP)
    } else {
        is_svg(bytes).then_some(SVG)
    }
}

/// Whether a text begins as an SVG does, after a declaration, comments and a document type.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut text = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if text.starts_with("<?") {
            "?>"
        } else if text.starts_with("<!--") {
            "-->"
        } else if text.starts_with("<!") {
            ">"
        } else {
            return text.starts_with("<svg") && !text[4..].starts_with(|char: char| char.is_alphanumeric());
        };
        match text.split_once(end) {
            Some((_, rest)) => text = rest.trim_start(),
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        let of = |bytes: &[u8]| Image::read(&Value::ArrayBuffer(bytes.into())).map(|image| image.mime);
        assert_eq!(of(b"\x89PNG\r\n\x1a\n..."), Ok(PNG));
        assert_eq!(of(b"\xff\xd8\xff\xe0"), Ok(JPEG));
        assert_eq!(of(b"GIF89a"), Ok(GIF));
        assert_eq!(of(b"RIFF\0\0\0\0WEBPVP8 "), Ok(WEBP));
        assert_eq!(of(b"<?xml version='1.0'?>\n<!-- a > b -->\n<!DOCTYPE svg>\n<svg xmlns='x'/>"), Ok(SVG));
        for none in [&b""[..], b"<svgx/>", b"<html>", b"RIFF\0\0\0\0WAVE", b"<!-- <svg/>", b"\x89PNG"] {
            assert!(of(none).unwrap_err().contains("no PNG"), "{none:?}");
        }
        assert!(Image::read(&Value::Number(1.0)).is_err());
        let large = Image::read(&Value::ArrayBuffer(vec![0; MAX_IMAGE + 1].into())).unwrap_err();
        assert!(large.contains("at most 4194304"), "{large}");
    }

    #[test]
    fn the_parts_of_a_value_may_be_base64() {
        let png = Image::of_part("image/png", &Value::String("iVBORw0KGgo=\n".to_owned())).unwrap();
        assert_eq!((png.mime, &*png.base64), (PNG, "iVBORw0KGgo="));
        assert_eq!(Image::of_part(SVG, &Value::String("<svg/>".to_owned())).unwrap().mime, SVG);
        assert!(Image::of_part("image/png", &Value::String("!".to_owned())).is_err());
    }
}
