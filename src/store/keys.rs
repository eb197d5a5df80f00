//! Content keys of encrypted outputs: made once per media and encryption template, kept private, re-used on re-runs.

use super::beneath::{self, Create};
use super::manifest::write_whole;
use super::{OutputFolder, unwritable};
use crate::diag::Diagnostic;
use crate::media::ContentHash;
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

/// A key and the public name under which a key service knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentKey {
    /// Public: 32 hexadecimal digits, unrelated to the key.
    pub id: String,
    /// Secret.
    pub bytes: [u8; 16],
}

impl ContentKey {
    /// The secret as 32 hexadecimal digits.
    pub fn hexadecimal(&self) -> String {
        hexadecimal(&self.bytes)
    }
}

impl fmt::Debug for ContentKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    media: String,
    template: String,
    id: String,
    key: String,
}

impl OutputFolder {
    /// The key for a media and the encryption template with a label; made when there is none yet.
    pub fn content_key(&self, media: &ContentHash, template: &str) -> Result<ContentKey, Diagnostic> {
        self.find_or_make_key(media, template).map_err(|error| unwritable(&self.root, &error))
    }

    fn find_or_make_key(&self, media: &ContentHash, template: &str) -> io::Result<ContentKey> {
        let folder = beneath::open_folder(&self.state_fd, "keys", Create::Private)?;
        // Hashed, because a label may hold anything.
        let name = format!("{}.json", &blake3::hash(format!("{media}\n{template}").as_bytes()).to_hex()[..32]);
        if let Some(kept) = load(&folder, &name)? {
            return read(&kept)
                .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("`{name}` is no key")));
        }
        let key = ContentKey { id: hexadecimal(&random()?), bytes: random()? };
        let kept = Kept {
            media: media.to_string(),
            template: template.to_owned(),
            id: key.id.clone(),
            key: hexadecimal(&key.bytes),
        };
        write_whole(&folder, &name, &serde_json::to_vec_pretty(&kept)?)?;
        crate::fault::pass(crate::fault::Point::KeyMade)?;
        Ok(key)
    }
}

/// The key with a public name, from the state of the nearest output folder that holds `place`; `None` when it is not
/// kept there. Only who may read our state gets it.
pub fn kept_key(place: &Path, id: &str) -> io::Result<Option<ContentKey>> {
    let Some(folder) = place.ancestors().map(|above| above.join(super::STATE).join("keys")).find(|keys| keys.is_dir())
    else {
        return Ok(None);
    };
    for entry in std::fs::read_dir(folder)? {
        let kept: Option<Kept> = serde_json::from_slice(&std::fs::read(entry?.path())?).ok();
        if let Some(key) = kept.as_ref().and_then(read).filter(|key| key.id == id) {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// A key that is there but cannot be read is an error: making another would lock out those who have the first.
fn load(folder: &OwnedFd, name: &str) -> io::Result<Option<Kept>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
        Ok(file) => file,
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut text = String::new();
    File::from(file).read_to_string(&mut text)?;
    Ok(Some(serde_json::from_str(&text)?))
}

fn read(kept: &Kept) -> Option<ContentKey> {
    let mut bytes = [0; 16];
    if kept.key.len() != 32 || !kept.key.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&kept.key[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(ContentKey { id: kept.id.clone(), bytes })
}

fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
