//! Looks at the outside and turns it into values: a media file into `SourceFacts`, ffmpeg into a `Target`, a picture
//! into `MarkFacts`.

mod allowed;
mod codec_name;
mod facts;
#[cfg(test)]
mod hostile_tests;
mod listing;
mod mark;
mod mastering;
mod remember;
mod sniff;
mod stamp;
mod target;
mod tools;

pub use allowed::{DECODERS, DEMUXERS};
pub use facts::{source, source_with_limits};
pub use mark::{
    Drawing, FontChoice, Fonts, LineSide, MarkMaterial, MarkMotion, MarkShape, TextLook, inline_mark, mark,
    prepare_mark, svg_file,
};
pub use remember::remembered_source;
pub use stamp::SourceStamp;
pub use target::target;
pub use tools::{Sandbox, Tools};

pub(crate) use codec_name::codec_name;
pub(crate) use facts::heard;
pub(crate) use listing::{Listing, StreamEntry, list_ours, list_playlist};
pub(crate) use sniff::check_head;

use crate::media::ContentHash;
use std::ffi::OsString;
use std::path::Path;

/// A hash as an identity: 32 hexadecimal digits are 128 bits, more than accident needs.
fn identity(hash: blake3::Hash) -> ContentHash {
    ContentHash(hash.to_hex()[..32].to_owned())
}

/// `file:` and the absolute path, whatever bytes it has (`reliability.md` R3).
pub(crate) fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    argument
}
