//! The name of a codec for manifests (RFC 6381), read from the headers of an MP4 of ours.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// A header larger than this is not ours.
const LARGEST_HEADER: u64 = 64 << 20;

/// The name of the first stream of an MP4: `avc1.64001f`, `hvc1.1.6.L93.90`, `mp4a.40.2`.
///
/// The fields come from ISO/IEC 14496-15 (AVC and HEVC configurations) and 14496-1 (`esds`), the forms of the names
/// from RFC 6381 and annex E of 14496-15. `None` when the file cannot be read or holds another codec.
pub(crate) fn codec_name(path: &Path) -> Option<String> {
    name_in(&header(path)?)
}

/// The content of the `moov` box.
fn header(path: &Path) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    loop {
        let mut head = [0; 8];
        file.read_exact(&mut head).ok()?;
        let (mut size, mut taken) = (u64::from(u32::from_be_bytes(head[..4].try_into().ok()?)), 8);
        if size == 1 {
            let mut long = [0; 8];
            file.read_exact(&mut long).ok()?;
            (size, taken) = (u64::from_be_bytes(long), 16);
        }
        let content = size.checked_sub(taken)?;
        if &head[4..] == b"moov" {
            let mut bytes = Vec::new();
            file.take(content.min(LARGEST_HEADER)).read_to_end(&mut bytes).ok()?;
            return Some(bytes);
        }
        file.seek(SeekFrom::Current(i64::try_from(content).ok()?)).ok()?;
    }
}

fn name_in(moov: &[u8]) -> Option<String> {
    let entry =
        [b"trak", b"mdia", b"minf", b"stbl", b"stsd"].iter().try_fold(moov, |inside, kind| child(inside, kind))?;
    // The table's own version and count, then the first entry.
    let entry = entry.get(8..)?;
    let kind: [u8; 4] = entry.get(4..8)?.try_into().ok()?;
    match &kind {
        b"avc1" => Some(format!("avc1.{}", hexadecimal(child(entry.get(86..)?, b"avcC")?.get(1..4)?))),
        b"hvc1" | b"hev1" => hevc(&kind, child(entry.get(86..)?, b"hvcC")?),
        b"av01" => av1(entry.get(86..)?),
        b"mp4a" => sound(child(entry.get(36..)?, b"esds")?),
        _ => None,
    }
}

/// The content of the first box of a kind.
fn child<'a>(mut bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    loop {
        let size = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
        if bytes.get(4..8)? == kind {
            return bytes.get(8..size);
        }
        bytes = bytes.get(size.max(8)..)?;
    }
}

/// `hvc1.1.6.L93.90`: profile, compatibility with its bits reversed, tier and level, constraints without zero bytes
/// at the end.
fn hevc(kind: &[u8; 4], configuration: &[u8]) -> Option<String> {
    let profile = *configuration.get(1)?;
    let space = ["", "A", "B", "C"][usize::from(profile >> 6)];
    let tier = if profile & 0x20 == 0 { 'L' } else { 'H' };
    let compatibility = u32::from_be_bytes(configuration.get(2..6)?.try_into().ok()?).reverse_bits();
    let (constraints, level) = (configuration.get(6..12)?, configuration.get(12)?);
    let used = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let constraints: String = constraints[..used].iter().map(|byte| format!(".{byte:X}")).collect();
    let kind = String::from_utf8_lossy(kind);
    Some(format!("{kind}.{space}{}.{compatibility:X}.{tier}{level}{constraints}", profile & 0x1f))
}

/// `av01.0.04M.08`: profile, level with tier, bits; and, where a player would assume another, how colours are meant
/// (AV1 in ISOBMFF, 5, and the `colr` box of 14496-12).
fn av1(boxes: &[u8]) -> Option<String> {
    let configuration = child(boxes, b"av1C")?;
    let (first, second) = (*configuration.get(1)?, *configuration.get(2)?);
    let tier = if second & 0x80 == 0 { 'M' } else { 'H' };
    let bits = match (second & 0x40 != 0, second & 0x20 != 0) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    let name = format!("av01.{}.{:02}{tier}.{bits:02}", first >> 5, first & 0x1f);
    let colours = child(boxes, b"colr").filter(|colr| colr.starts_with(b"nclx"));
    let number = |at: usize| colours.and_then(|colr| Some(u16::from_be_bytes(colr.get(at..at + 2)?.try_into().ok()?)));
    match (number(4), number(6), number(8)) {
        (Some(primaries), Some(curve), Some(matrix)) if (primaries, curve, matrix) != (1, 1, 1) => {
            let monochrome = second >> 4 & 1;
            let (across, down, place) = (second >> 3 & 1, second >> 2 & 1, second & 3);
            let full = colours.and_then(|colr| colr.get(10)).map_or(0, |byte| byte >> 7);
            Some(format!("{name}.{monochrome}.{across}{down}{place}.{primaries:02}.{curve:02}.{matrix:02}.{full}"))
        }
        _ => Some(name),
    }
}

/// `mp4a.40.2`: the object type, and for AAC the audio object type from the decoder's own configuration.
fn sound(elementary: &[u8]) -> Option<String> {
    // Version, then the descriptors of the stream (tag 3) and in it of the decoder (4) and of its configuration (5).
    let stream = descriptor(elementary.get(4..)?, 3)?;
    let decoder = descriptor(stream.get(3..)?, 4)?;
    let object = *decoder.first()?;
    if object != 0x40 {
        return Some(format!("mp4a.{object:x}"));
    }
    let configuration = descriptor(decoder.get(13..)?, 5)?;
    let kind = configuration.first()? >> 3;
    let kind = match kind {
        31 => 32 + ((configuration.first()? & 7) << 3 | configuration.get(1)? >> 5),
        kind => kind,
    };
    Some(format!("mp4a.40.{kind}"))
}

/// The content of the descriptor at the start of these bytes, if it has that tag.
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    if *bytes.first()? != tag {
        return None;
    }
    let (mut at, mut size) = (1, 0usize);
    loop {
        let byte = *bytes.get(at)?;
        (at, size) = (at + 1, size << 7 | usize::from(byte & 0x7f));
        if byte & 0x80 == 0 || at > 4 {
            return bytes.get(at..at + size);
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn name(arguments: &str) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("o.mp4");
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=0.2,format=yuv420p"])
            .args(["-f", "lavfi", "-i", "sine=r=48000:d=0.2"])
            .args(arguments.split_whitespace())
            .arg(&path)
            .status();
        assert!(status.expect("ffmpeg starts").success(), "{arguments}");
        codec_name(&path)
    }

    #[test]
    fn names_are_those_of_the_real_streams() {
        let said = |arguments| name(arguments).unwrap_or_else(|| panic!("{arguments}"));
        assert_eq!(said("-map 0 -c:v libx264 -profile:v high -level 3.1"), "avc1.64001f");
        assert_eq!(said("-map 0 -c:v libx264 -profile:v baseline -level 4.0"), "avc1.42c028");
        let x265 = "-map 0 -c:v libx265 -tag:v hvc1 -x265-params level-idc=3.1:log-level=none";
        assert_eq!(said(x265), "hvc1.1.6.L93.90");
        let svt = "-map 0 -c:v libsvtav1 -preset 12 -crf 60 -color_primaries bt709 -color_trc bt709 -colorspace bt709";
        assert_eq!(said(svt), "av01.0.00M.08");
        let ten = "-map 0 -c:v libsvtav1 -preset 12 -crf 60 -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 \
                   -colorspace bt2020nc -color_range tv";
        assert_eq!(said(ten), "av01.0.00M.10.0.110.09.16.09.0");
        assert_eq!(said("-map 1 -c:a aac"), "mp4a.40.2");
        assert_eq!(said("-map 1 -c:a libmp3lame"), "mp4a.6b");
        assert_eq!(name("-map 1 -c:a alac -f mov"), None);
    }

    #[test]
    fn what_is_cut_or_foreign_has_no_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("o.mp4");
        for bytes in [
            &b""[..],
            b"\0\0\0\x08moov",
            b"\0\0\0\x01moov\0\0\0\0\0\0\0\x02",
            b"\0\0\0\x03free",
            b"\xff\xff\xff\xfffree",
        ] {
            std::fs::write(&path, bytes).expect("writes");
            assert_eq!(codec_name(&path), None, "{bytes:?}");
        }
    }
}
