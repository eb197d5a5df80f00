//! What must lie in the work folder before processes start: marks, keys, folders for segments.

use super::Request;
use super::cause::{Cause, CauseClass};
use crate::catalog::template::Repeat;
use crate::diag::codes;
use crate::media::ContentHash;
use crate::physical::{ArtifactId, PreparedMark};
use crate::plan::EncryptionSpec;
use crate::probe::{MarkMotion, MarkShape, prepare_mark};
use crate::store::{ContentKey, OutputFolder};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a mark as our PNG.
pub(super) fn write_mark(request: &Request<'_>, work: &Path, mark: &PreparedMark) -> Result<(), Cause> {
    let unreadable = |reason: String| {
        let reason = format!("the watermark `{}` cannot be used: {reason}", mark.image_name);
        Cause::new(CauseClass::BadInput, &codes::MARK_UNREADABLE, reason)
    };
    let material =
        request.marks.get(&mark.image).ok_or_else(|| unreadable("it is not known where it is".to_owned()))?;
    let motion = match mark.repeat {
        None => MarkMotion::Still,
        Some(Repeat::Loop | Repeat::Hold) => MarkMotion::All,
        Some(Repeat::Once) => MarkMotion::AllAndNothing,
    };
    let shape = MarkShape { size: mark.size, inset: mark.inset, opacity: mark.opacity, motion };
    let png = prepare_mark(material, shape).map_err(unreadable)?;
    std::fs::write(work.join(&mark.name), png).map_err(|error| storage(&mark.name, &error))
}

/// Writes the key and the file that tells the segmenter about it; gives the key for verification.
pub(super) fn write_key(
    store: &OutputFolder,
    media: &ContentHash,
    package: ArtifactId,
    encryption: &EncryptionSpec,
) -> Result<ContentKey, Cause> {
    let key = store.content_key(media, &encryption.label)?;
    let key_name = key_file_name(package);
    let info = format!("{}\n{key_name}\n", key_address(encryption, media, &key));
    let write = |name: &str, content: &[u8]| {
        write_private(&store.work().join(name), content).map_err(|error| storage(name, &error))
    };
    write(&key_name, &key.bytes)?;
    write(&package.key_info_name(), info.as_bytes())?;
    Ok(key)
}

/// Name in the work folder of the file that holds the key itself, sixteen bytes.
pub(super) fn key_file_name(package: ArtifactId) -> String {
    format!("key_{}.bin", package.0)
}

/// What players ask for the key: the template's address with what a key service needs to find it.
fn key_address(encryption: &EncryptionSpec, media: &ContentHash, key: &ContentKey) -> String {
    let mut parameters = vec![("fileId", media.0.as_str())];
    parameters.extend(encryption.key_source.as_deref().map(|source| ("keySource", source)));
    parameters.push(("edk", &key.id));
    let query: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    let (address, fragment) = match encryption.key_url.split_once('#') {
        Some((address, fragment)) => (address, format!("#{fragment}")),
        None => (encryption.key_url.as_str(), String::new()),
    };
    let separator = match address.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    // A line break would end the line of the file it goes into, a quote the attribute of the playlist.
    let address: String = address.chars().filter(|c| !c.is_control() && *c != '"').collect();
    format!("{address}{separator}{}{fragment}", query.join("&"))
}

fn percent_encoded(value: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(content)
}

/// The cause when a file of ours cannot be written.
pub(super) fn storage(name: &str, error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Cause::new(CauseClass::NoSpace, &codes::NO_SPACE, "the disk is full")
        }
        _ => {
            let reason = format!("`{name}` cannot be written: {}", crate::diag::io_words(error));
            Cause::new(CauseClass::Storage, &codes::OUTPUT_UNWRITABLE, reason)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::template::EncryptionMethod;

    #[test]
    fn the_key_address_carries_what_a_key_service_needs() {
        let address = |url: &str, source: Option<&str>| {
            let encryption = EncryptionSpec {
                label: "vault".into(),
                method: EncryptionMethod::Aes128,
                key_url: url.into(),
                key_source: source.map(str::to_owned),
            };
            key_address(&encryption, &ContentHash("abc".into()), &ContentKey { id: "id".into(), bytes: [1; 16] })
        };
        assert_eq!(address("https://k/get", None), "https://k/get?fileId=abc&edk=id");
        assert_eq!(
            address("https://k/get?a=1", Some("V K&=")),
            "https://k/get?a=1&fileId=abc&keySource=V%20K%26%3D&edk=id"
        );
        assert_eq!(address("https://k/get?", None), "https://k/get?fileId=abc&edk=id");
        assert_eq!(address("https://k/get#x", None), "https://k/get?fileId=abc&edk=id#x");
        assert_eq!(address("https://k/\n\"x", None), "https://k/x?fileId=abc&edk=id");
    }
}
