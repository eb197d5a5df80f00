//! What a file looks like from outside, to tell whether it is still the same.

use crate::diag::{Diagnostic, codes, message};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Device, inode, size and time of change of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceStamp {
    /// The device that holds it.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// Its size in bytes.
    pub size: u64,
    /// When its content changed, in nanoseconds.
    pub modified: i128,
}

impl SourceStamp {
    /// Looks at a file. Take it before probing, so that a change during the probe is noticed too.
    pub fn of(path: &Path) -> Result<SourceStamp, Diagnostic> {
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Self::from_metadata(&metadata)),
            Err(error) => Err(super::sniff::cannot_open(path, &error)),
        }
    }

    /// From what the file system says.
    pub(crate) fn from_metadata(metadata: &Metadata) -> SourceStamp {
        SourceStamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec()),
        }
    }

    /// Whether two stamps are of one file, whatever it holds.
    pub fn is_same_file(&self, other: &SourceStamp) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// An error unless the file at `path` is still as it was.
    pub fn check(&self, path: &Path) -> Result<(), Diagnostic> {
        if Self::of(path).is_ok_and(|now| now == *self) {
            return Ok(());
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Err(Diagnostic::new(&codes::SOURCE_CHANGED, message!("`{}` changed after it was looked at", name.to_string()))
            .with_help(message!("wait until the file is complete and run again")))
    }
}
