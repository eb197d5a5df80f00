//! Packed sound: the frames of AAC as they are, each segment with its time in an ID3 tag before it.
//!
//! ffmpeg writes such segments nowhere. It writes the sound as transport streams, cut and timed as players need it; what
//! is packed is what they carry (RFC 8216, 3.4).

use super::cause::Cause;
use super::material::storage;
use super::playlist::{Range, read};
use super::verify::wrong;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes of a packet of a transport stream.
const PACKET: usize = 188;

/// The owner of the ID3 frame that holds the time.
const OWNER: &[u8] = b"com.apple.streaming.transportStreamTimestamp\0";

/// A larger segment of sound is none of ours: ten seconds of the highest rate are half a megabyte.
const LARGEST_SEGMENT: u64 = 64 << 20;

/// Turns the transport streams of a playlist of sound into packed segments, in place. The sound of packages is AAC,
/// whose frames a transport stream carries with heads of their own (ADTS).
pub(super) fn pack(folder: &Path, file: &str) -> Result<(), Cause> {
    let (text, playlist) = read(folder, file)?;
    let (mut ranges, mut replaced) = (Vec::new(), BTreeSet::new());
    for segment in &playlist.segments {
        let name = &segment.file;
        let stream = stream(&folder.join(name), segment.range).map_err(|error| storage(name, &error))?;
        let (time, frames) = carried(&stream).ok_or_else(|| wrong(format!("`{name}` holds no sound with a time")))?;
        let packed = packed_name(name);
        let range = append(&folder.join(&packed), time, &frames).map_err(|error| storage(&packed, &error))?;
        ranges.extend(segment.range.map(|_| range));
        replaced.insert(name);
    }
    for name in replaced {
        std::fs::remove_file(folder.join(name)).map_err(|error| storage(name, &error))?;
    }
    std::fs::write(folder.join(file), packed_text(&text, &ranges)).map_err(|error| storage(file, &error))
}

fn packed_name(name: &str) -> String {
    format!("{}.aac", name.strip_suffix(".ts").unwrap_or(name))
}

fn packed_text(text: &str, ranges: &[Range]) -> String {
    let mut ranges = ranges.iter();
    let line = |line: &str| match line {
        line if line.starts_with("#EXT-X-BYTERANGE:") => {
            format!("#EXT-X-BYTERANGE:{}\n", ranges.next().map_or(String::new(), Range::to_string))
        }
        line if line.starts_with('#') || line.is_empty() => format!("{line}\n"),
        name => packed_name(name) + "\n",
    };
    text.lines().map(line).collect()
}

/// The bytes of a segment.
fn stream(path: &Path, range: Option<Range>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    if let Some(range) = range {
        file.seek(SeekFrom::Start(range.start))?;
    }
    let mut bytes = Vec::new();
    file.take(range.map_or(LARGEST_SEGMENT, |range| range.length.min(LARGEST_SEGMENT))).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn append(path: &Path, time: u64, frames: &[u8]) -> io::Result<Range> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let start = file.metadata()?.len();
    let tag = tag(time);
    file.write_all(&tag)?;
    file.write_all(frames)?;
    Ok(Range { length: (tag.len() + frames.len()) as u64, start })
}

/// An ID3v2.4 tag with one private frame: the time of the first sample, in ticks of 90 kHz.
fn tag(time: u64) -> Vec<u8> {
    let content = OWNER.len() + 8;
    // Sizes have seven bits in each byte.
    let size = |bytes: usize| {
        [(bytes >> 21) as u8 & 127, (bytes >> 14) as u8 & 127, (bytes >> 7) as u8 & 127, bytes as u8 & 127]
    };
    let mut tag = b"ID3\x04\0\0".to_vec();
    tag.extend(size(content + 10));
    tag.extend(b"PRIV");
    tag.extend(size(content));
    tag.extend([0, 0]);
    tag.extend(OWNER);
    tag.extend((time & ((1 << 33) - 1)).to_be_bytes());
    tag
}

/// What the one sound of a transport stream is (ISO/IEC 13818-1, 2.4.3): the time of its first frame and all frames.
fn carried(stream: &[u8]) -> Option<(u64, Vec<u8>)> {
    let (mut sound, mut time, mut frames) = (None, None, Vec::new());
    for packet in stream.chunks(PACKET) {
        if packet.len() < PACKET || packet[0] != 0x47 {
            return None;
        }
        let id = u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]);
        let start = match packet[3] >> 4 & 3 {
            1 => 4,
            3 => 5 + usize::from(packet[4]),
            _ => continue,
        };
        let payload = packet.get(start..)?;
        let begins = packet[1] & 0x40 != 0;
        if begins && payload.len() > 14 && payload[..3] == [0, 0, 1] && (0xc0..0xe0).contains(&payload[3]) {
            sound = sound.or(Some(id));
            if sound == Some(id) {
                time = time.or(first_time(payload));
                frames.extend_from_slice(payload.get(9 + usize::from(payload[8])..)?);
            }
        } else if sound == Some(id) && !begins {
            frames.extend_from_slice(payload);
        }
    }
    Some((time?, frames)).filter(|(_, frames)| !frames.is_empty())
}

/// The presentation time in the head of a packetised elementary stream.
fn first_time(head: &[u8]) -> Option<u64> {
    let bits = |at: usize, mask: u8, shift: u32| u64::from(head[at] & mask) << shift;
    (head[7] & 0x80 != 0).then(|| {
        bits(9, 0x0e, 29) | bits(10, 0xff, 22) | bits(11, 0xfe, 14) | bits(12, 0xff, 7) | bits(13, 0xfe, 0) >> 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_as_players_expect_it() {
        let tag = tag(900_000);
        assert_eq!(tag.len(), 73);
        assert_eq!(tag[..23], *b"ID3\x04\0\0\0\0\0\x3fPRIV\0\0\0\x35\0\0com");
        assert_eq!(tag[65..], 900_000u64.to_be_bytes());
    }

    /// A packet of a transport stream; stuffing in its adaptation field fills it up.
    fn packet(id: u16, begins: bool, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x47, (u8::from(begins) << 6) | (id >> 8) as u8, id as u8, 0x30];
        packet.push((PACKET - 5 - payload.len()) as u8);
        packet.resize(PACKET - payload.len(), 0xff);
        packet.extend(payload);
        packet
    }

    /// The head of a packetised stream with a time, after ISO/IEC 13818-1, table 2-21.
    fn head(time: u64) -> Vec<u8> {
        let part = |shift: u32, bits: u64| (time >> shift) & bits;
        let mut head = vec![0, 0, 1, 0xc0, 0, 0, 0x80, 0x80, 5];
        head.push((0x21 | part(30, 7) << 1) as u8);
        head.push(part(22, 0xff) as u8);
        head.push((part(15, 0x7f) << 1 | 1) as u8);
        head.push(part(7, 0xff) as u8);
        head.push((part(0, 0x7f) << 1 | 1) as u8);
        head
    }

    #[test]
    fn what_a_transport_stream_carries_comes_out_with_its_time() {
        for time in [0, 1, 900_000, 1_024_080, (1 << 33) - 1] {
            let stream = [
                packet(0, true, &[0; 20]),
                packet(256, true, &[head(time), vec![1, 2, 3]].concat()),
                packet(17, false, &[9; 8]),
                packet(256, false, &[4; 100]),
                packet(256, true, &[head(time + 5000), vec![5; 2]].concat()),
            ];
            let frames = [vec![1, 2, 3], vec![4; 100], vec![5; 2]].concat();
            assert_eq!(carried(&stream.concat()), Some((time, frames)));
        }
    }

    #[test]
    fn what_is_no_transport_stream_is_not_packed() {
        let good = packet(256, true, &[head(1), vec![1]].concat());
        assert!(carried(&good).is_some());
        assert_eq!(carried(&good[..187]), None);
        assert_eq!(carried(&[&[0], &good[1..]].concat()), None);
        assert_eq!(carried(&packet(256, true, &[0; 30])), None);
        assert_eq!(carried(&[]), None);
    }

    #[test]
    fn a_playlist_lists_what_was_packed() {
        let text = "#EXTM3U\n#EXTINF:2,\n#EXT-X-BYTERANGE:376@0\na.ts\n#EXTINF:2,\n#EXT-X-BYTERANGE:188@376\na.ts\n";
        let ranges = [Range { length: 80, start: 0 }, Range { length: 90, start: 80 }];
        let expected = "#EXTM3U\n#EXTINF:2,\n#EXT-X-BYTERANGE:80@0\na.aac\n#EXTINF:2,\n#EXT-X-BYTERANGE:90@80\na.aac\n";
        assert_eq!(packed_text(text, &ranges), expected);
        assert_eq!(packed_text("#EXTM3U\n#EXTINF:2,\na_00000.ts\n", &[]), "#EXTM3U\n#EXTINF:2,\na_00000.aac\n");
    }
}
