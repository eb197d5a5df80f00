//! What must lie in the work folder before processes start: marks.

use super::cause::{Cause, CauseClass};
use crate::catalog::template::Repeat;
use crate::diag::codes;
use crate::limits::Limits;
use crate::media::ContentHash;
use crate::physical::PreparedMark;
use crate::probe::{MarkMaterial, MarkMotion, MarkShape, prepare_mark};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Writes a mark as our PNG.
pub(super) fn write_mark(
    marks: &BTreeMap<ContentHash, MarkMaterial>,
    limits: &Limits,
    work: &Path,
    mark: &PreparedMark,
) -> Result<(), Cause> {
    let unreadable = |reason: String| {
        let reason = format!("the watermark `{}` cannot be used: {reason}", mark.image_name);
        Cause::new(CauseClass::BadInput, &codes::MARK_UNREADABLE, reason)
    };
    let material = marks.get(&mark.image).ok_or_else(|| unreadable("it is not known where it is".to_owned()))?;
    let motion = match mark.repeat {
        None => MarkMotion::Still,
        Some(Repeat::Loop | Repeat::Hold) => MarkMotion::All,
        Some(Repeat::Once) => MarkMotion::AllAndNothing,
    };
    let shape = MarkShape { size: mark.size, inset: mark.inset, opacity: mark.opacity, motion };
    let png = prepare_mark(material, shape, limits.mark_pixels).map_err(unreadable)?;
    std::fs::write(work.join(&mark.name), png).map_err(|error| storage(&mark.name, &error))
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
