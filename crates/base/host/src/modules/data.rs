//! `data:` URLs, which contain their module.

use data_url::DataUrl;
use drupe_protocol::HostError;
use url::Url;

use super::errors;

/// The longest, in bytes.
const MAX_DATA: usize = 32 << 20;

/// The content type and the content.
pub(super) fn decode(url: &Url) -> Result<(String, Vec<u8>), HostError> {
    if url.as_str().len() > MAX_DATA {
        return Err(errors::too_much(&format!("a data: URL has more than {MAX_DATA} bytes")));
    }
    let invalid = || errors::type_error("ERR_INVALID_URL", "Invalid data: URL".to_owned());
    let data = DataUrl::process(url.as_str()).map_err(|_| invalid())?;
    let (content, _) = data.decode_to_vec().map_err(|_| invalid())?;
    Ok((data.mime_type().to_string(), content))
}
