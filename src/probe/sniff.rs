//! A first look at a file by ourselves, before any demuxer may touch it.

use crate::diag::{Diagnostic, Message, codes, io_words, message};
use rustix::fs::{Mode, OFlags};
use std::fs::{File, FileType};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Opens a regular, non-empty file whose first bytes are not of a kind that is refused.
pub(super) fn open(path: &Path) -> Result<File, Diagnostic> {
    let shown = &path.display().to_string();
    // Opening a fifo would wait for a writer; with NONBLOCK it does not, and it is refused below.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let kind = std::fs::metadata(path).map_err(|error| cannot_open(path, &error))?.file_type();
    if let Some(kind) = irregular(kind) {
        return Err(refused(message!("`{}` is {}, not a file", shown, kind))
            .with_help(message!("give the path of a media file")));
    }
    let descriptor = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| cannot_open(path, &error.into()))?;
    let mut file = File::from(descriptor);
    let metadata = file.metadata().map_err(|error| cannot_open(path, &error))?;
    if let Some(kind) = irregular(metadata.file_type()) {
        return Err(refused(message!("`{}` is {}, not a file", shown, kind)));
    }
    if metadata.len() == 0 {
        return Err(Diagnostic::new(&codes::SOURCE_EMPTY, message!("`{}` is empty", shown)));
    }
    let head = head_of(&mut file).map_err(|error| cannot_open(path, &error))?;
    check_head(&head, shown)?;
    Ok(file)
}

/// Refuses what begins with these bytes if it is of a kind that is refused; `shown` says what it is called.
pub(crate) fn check_head(head: &[u8], shown: &str) -> Result<(), Diagnostic> {
    if let Some(kind) = foreign_kind(head) {
        return Err(refused(message!("`{}` is {}, which is never opened", shown, kind.name)).with_help(kind.help));
    }
    if let Some(format) = picture_format(head) {
        return Err(refused(message!("`{}` is a still picture ({}), not a video or sound", shown, format))
            .with_help(message!("give a video; a picture can be used in a `template watermark`")));
    }
    Ok(())
}

/// The first bytes.
pub(super) fn head_of(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.take(1024).read_to_end(&mut head)?;
    Ok(head)
}

pub(super) fn cannot_open(path: &Path, error: &io::Error) -> Diagnostic {
    let shown = &path.display().to_string();
    let message = match error.kind() {
        io::ErrorKind::NotFound => message!("`{}` does not exist", shown),
        io::ErrorKind::PermissionDenied => message!("`{}` may not be read", shown),
        _ => message!("`{}` cannot be opened: {}", shown, io_words(error)),
    };
    Diagnostic::new(&codes::SOURCE_MISSING, message)
}

fn refused(message: Message) -> Diagnostic {
    Diagnostic::new(&codes::SOURCE_REFUSED, message)
}

fn irregular(kind: FileType) -> Option<Message> {
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some(message!("a folder")),
        kind if kind.is_fifo() => Some(message!("a named pipe")),
        kind if kind.is_socket() => Some(message!("a socket")),
        _ => Some(message!("a device")),
    }
}

/// A kind of content that names other files or runs something.
pub(super) struct ForeignKind {
    /// With its article.
    pub name: &'static str,
    /// What to do instead.
    pub help: &'static str,
}

/// Recognises by content, whatever the name says, text that makes ffmpeg open other files.
pub(super) fn foreign_kind(head: &[u8]) -> Option<ForeignKind> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins =
        |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()));
    let holds = |part: &str| text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()));
    let kind = |name, help| Some(ForeignKind { name, help });
    const JOIN: &str = "join the segments into one file and give that";
    if begins("#EXTM3U") || begins("#EXT-X-") {
        return kind("an HLS playlist", JOIN);
    }
    if begins("ffconcat") || (begins("file ") && text.is_ascii()) {
        return kind("a list of files to join", JOIN);
    }
    if begins("v=0\r") || begins("v=0\n") {
        return kind("a session description (SDP)", "record the stream into a file and give that");
    }
    if holds("<MPD") && (begins("<") || begins("<?xml")) {
        return kind("a DASH manifest", JOIN);
    }
    if holds("<svg") && begins("<") {
        return kind("an SVG drawing", "convert it to PNG");
    }
    if begins("<") {
        return kind("an XML or HTML text", "give the media file itself, not the page or manifest that leads to it");
    }
    if begins("[playlist]") || begins("[InternetShortcut]") || begins("[Reference]") {
        return kind("a playlist", JOIN);
    }
    None
}

/// The format of a still picture.
fn picture_format(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', ..] => Some("PNG"),
        [0xff, 0xd8, 0xff, ..] => Some("JPEG"),
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some("BMP"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("WebP"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_not_the_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("holiday.mp4");
        for (content, words) in [
            ("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts", "HLS playlist"),
            ("\u{feff}#EXTM3U\n", "HLS playlist"),
            ("ffconcat version 1.0\nfile x.mp4", "list of files"),
            ("v=0\r\no=- 0 0 IN IP4 127.0.0.1", "session description"),
            ("<?xml version='1.0'?>\n<MPD>", "DASH"),
            ("  <SVG width='1'>", "SVG"),
            ("<!DOCTYPE html>", "XML or HTML"),
            ("\u{89}PNG", "never"),
        ] {
            std::fs::write(&path, content).expect("writes");
            let Err(diagnostic) = open(&path) else {
                assert_eq!(words, "never");
                continue;
            };
            assert_eq!(diagnostic.code.id, "E0404", "{content}");
            assert!(diagnostic.message.contains(words) && diagnostic.help.is_some(), "{}", diagnostic.message);
        }
    }

    #[test]
    fn what_is_no_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let fifo = folder.path().join("fifo.mp4");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
        let empty = folder.path().join("empty.mp4");
        std::fs::write(&empty, "").expect("writes");
        let code = |path: &Path| open(path).expect_err("refused").code.id;
        assert_eq!(code(&fifo), "E0404");
        assert_eq!(code(folder.path()), "E0404");
        assert_eq!(code(Path::new("/dev/zero")), "E0404");
        assert_eq!(code(&empty), "E0402");
        assert_eq!(code(&folder.path().join("none.mp4")), "E0401");
    }
}
