//! Encryption of playlists: what the segmenter wrote in the clear is encrypted segment by segment before it is published.
//!
//! One rule for all forms (RFC 8216, 4.3.2.4 and 4.3.2.5; reasons in `docs/design/0011-encryption-is-ours.md`): every
//! segment, whether a file or a range of one, is encrypted by itself with its number in the playlist as initialisation
//! vector; an initialisation section holds no media, stands before the key and stays as it is.

use super::cause::{Cause, CauseClass};
use super::cipher;
use super::material::storage;
use super::playlist::{Playlist, Range, read};
use super::verify::{present, wrong};
use crate::diag::codes;
use crate::media::ContentHash;
use crate::plan::EncryptionSpec;
use crate::store::{ContentKey, OutputFolder};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The key of an output and where players find it.
pub(super) struct Seal {
    pub key: ContentKey,
    address: String,
}

impl Seal {
    /// The seal of a media with an encryption template; the key is made when there is none yet.
    pub fn of(store: &OutputFolder, media: &ContentHash, encryption: &EncryptionSpec) -> Result<Seal, Cause> {
        let key = store.content_key(media, &encryption.label)?;
        let address = key_address(encryption, media, &key);
        Ok(Seal { key, address })
    }

    /// Encrypts the segments of a playlist in place and says so in it. All clear files are replaced.
    pub fn apply(&self, folder: &Path, file: &str) -> Result<(), Cause> {
        let (text, playlist) = read(folder, file)?;
        let mut files: BTreeMap<&str, Sealed> = BTreeMap::new();
        let mut ranges = Vec::new();
        if let Some((name, Some(range))) = &playlist.initialisation {
            let sealed = open(&mut files, folder, name)?;
            ranges.push(sealed.copy(*range).map_err(|error| broken(name, &error))?);
        }
        for (segment, vector) in playlist.segments.iter().zip(playlist.vectors()) {
            let name = &segment.file;
            let sealed = open(&mut files, folder, name)?;
            let range = sealed.encrypt(segment.range, &self.key, vector).map_err(|error| broken(name, &error))?;
            ranges.extend(segment.range.map(|_| range));
        }
        for (name, sealed) in files {
            sealed.replace(&folder.join(name)).map_err(|error| broken(name, &error))?;
        }
        std::fs::write(folder.join(file), self.sealed_text(&text, ranges)).map_err(|error| storage(file, &error))
    }

    /// The playlist with its key before the first segment, and with the ranges as they are now.
    fn sealed_text(&self, text: &str, ranges: Vec<Range>) -> String {
        let mut ranges = ranges.into_iter().map(|range| range.to_string());
        let mut key = Some(format!("#EXT-X-KEY:METHOD=AES-128,URI=\"{}\"\n", self.address));
        let mut sealed = String::new();
        for line in text.lines() {
            if line.starts_with("#EXTINF:") {
                sealed.push_str(&key.take().unwrap_or_default());
            }
            match (line.split_once("BYTERANGE="), line.strip_prefix("#EXT-X-BYTERANGE:")) {
                (Some((before, _)), _) if line.starts_with("#EXT-X-MAP:") => {
                    sealed.push_str(&format!("{before}BYTERANGE=\"{}\"\n", ranges.next().unwrap_or_default()));
                }
                (_, Some(_)) => {
                    sealed.push_str(&format!("#EXT-X-BYTERANGE:{}\n", ranges.next().unwrap_or_default()));
                }
                _ => sealed.push_str(&format!("{line}\n")),
            }
        }
        sealed
    }
}

/// Decrypts what a sealed playlist lists into a private folder, for verification: segments as files of their own and a
/// playlist over them, whose path is given.
pub(super) fn unseal(folder: &Path, playlist: &Playlist, key: &ContentKey, into: &Path) -> Result<PathBuf, Cause> {
    let mut text = format!("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n", playlist.target);
    if let Some((name, range)) = &playlist.initialisation {
        let clear = Part::open(&folder.join(name), *range).and_then(|mut from| {
            io::copy(&mut from, &mut File::create(into.join("init.mp4"))?)?;
            Ok(())
        });
        clear.map_err(|error| broken(name, &error))?;
        text.push_str("#EXT-X-MAP:URI=\"init.mp4\"\n");
    }
    for (number, (segment, vector)) in playlist.segments.iter().zip(playlist.vectors()).enumerate() {
        // The demuxer opens no segment whose ending says another format than it finds.
        let ending = segment.file.rsplit('.').next().unwrap_or_default();
        let name = format!("{number}.{ending}");
        let clear = Part::open(&folder.join(&segment.file), segment.range).and_then(|mut from| {
            let mut to = BufWriter::new(File::create(into.join(&name))?);
            cipher::decrypt(&mut from, &mut to, key, vector)?;
            to.flush()
        });
        clear.map_err(|error| broken(&segment.file, &error))?;
        text.push_str(&format!("#EXTINF:{},\n{name}\n", segment.length.to_decimal(6)));
    }
    text.push_str("#EXT-X-ENDLIST\n");
    let path = into.join("clear.m3u8");
    std::fs::write(&path, text).map_err(|error| storage("the playlist for verification", &error))?;
    Ok(path)
}

/// What is wrong with a file is a fault of the artefact, what is wrong with the disk is not.
fn broken(name: &str, error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::NotFound => wrong(format!("`{name}` was not written")),
        io::ErrorKind::InvalidData => wrong(format!("`{name}`: {error}")),
        io::ErrorKind::UnexpectedEof => wrong(format!("`{name}` ends before the ranges that its playlist lists")),
        io::ErrorKind::PermissionDenied => {
            Cause::new(CauseClass::Storage, &codes::OUTPUT_UNWRITABLE, format!("`{name}` cannot be read"))
        }
        _ => storage(name, error),
    }
}

/// A file of segments under encryption: the clear one and, beside it, what takes its place.
struct Sealed {
    clear: PathBuf,
    sealed: PathBuf,
    to: BufWriter<File>,
    at: u64,
}

fn open<'a, 'b>(
    files: &'a mut BTreeMap<&'b str, Sealed>,
    folder: &Path,
    name: &'b str,
) -> Result<&'a mut Sealed, Cause> {
    if !files.contains_key(name) {
        // Afterwards even nothing is a block long.
        present(&folder.join(name))?;
        let sealed = folder.join(format!("{name}.sealed"));
        let to = File::create(&sealed).map_err(|error| storage(name, &error))?;
        files.insert(name, Sealed { clear: folder.join(name), sealed, to: BufWriter::new(to), at: 0 });
    }
    files.get_mut(name).ok_or_else(|| wrong(format!("`{name}` was not written")))
}

impl Sealed {
    fn copy(&mut self, range: Range) -> io::Result<Range> {
        let length = io::copy(&mut Part::open(&self.clear, Some(range))?, &mut self.to)?;
        Ok(self.wrote(length))
    }

    fn encrypt(&mut self, range: Option<Range>, key: &ContentKey, vector: u128) -> io::Result<Range> {
        let length = cipher::encrypt(&mut Part::open(&self.clear, range)?, &mut self.to, key, vector)?;
        Ok(self.wrote(length))
    }

    fn wrote(&mut self, length: u64) -> Range {
        let start = self.at;
        self.at += length;
        Range { length, start }
    }

    fn replace(mut self, clear: &Path) -> io::Result<()> {
        self.to.flush()?;
        std::fs::rename(&self.sealed, clear)
    }
}

/// A file or a range of one, read to its end; one that ends early is an error.
struct Part {
    from: io::Take<BufReader<File>>,
    whole: bool,
}

impl Part {
    fn open(path: &Path, range: Option<Range>) -> io::Result<Part> {
        let mut file = BufReader::new(File::open(path)?);
        if let Some(range) = range {
            file.seek(SeekFrom::Start(range.start))?;
        }
        Ok(Part { from: file.take(range.map_or(u64::MAX, |range| range.length)), whole: range.is_none() })
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.from.read(buffer)? {
            0 if !self.whole && !buffer.is_empty() && self.from.limit() > 0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}

/// What players ask for the key: the template's address with what a key service needs to find it (`vod.md` C.8).
fn key_address(encryption: &EncryptionSpec, media: &ContentHash, key: &ContentKey) -> String {
    let mut parameters = vec![("fileId", encryption.file_id.as_deref().unwrap_or(&media.0))];
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
    // A line break would end the line of the playlist, a quote the attribute.
    let plain = |text: &str| text.chars().filter(|c| !c.is_control() && *c != '"').collect::<String>();
    format!("{}{separator}{}{}", plain(address), query.join("&"), plain(&fragment))
}

fn percent_encoded(value: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::template::EncryptionMethod;

    fn seal() -> Seal {
        Seal { key: ContentKey { id: "id".into(), bytes: [5; 16] }, address: "https://k/get?edk=id".into() }
    }

    /// Seals files of a folder, and gives the playlist and what is in the folder when it is opened again.
    fn sealed(files: &[(&str, &[u8])], playlist: &str) -> (String, Vec<(String, Vec<u8>)>) {
        let (folder, open) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).expect("writes");
        }
        std::fs::write(folder.path().join("v.m3u8"), playlist).expect("writes");
        assert!(seal().apply(folder.path(), "v.m3u8").is_ok());
        let names: Vec<_> = std::fs::read_dir(folder.path()).expect("lists").flatten().collect();
        assert_eq!(names.len(), files.len() + 1, "nothing is left beside the files: {names:?}");
        let (text, read) = super::super::playlist::read(folder.path(), "v.m3u8").expect("a playlist");
        assert!(unseal(folder.path(), &read, &seal().key, open.path()).is_ok());
        let mut found: Vec<_> =
            std::fs::read_dir(open.path()).expect("lists").flatten().map(|one| one.path()).collect();
        found.retain(|path| path.extension().is_some_and(|ending| ending != "m3u8"));
        found.sort();
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (text, found.iter().map(|path| (name(path), std::fs::read(path).expect("reads"))).collect())
    }

    #[test]
    fn files_are_sealed_below_one_key() {
        let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-MAP:URI=\"i.mp4\"\n\
                        #EXTINF:2,\na.m4s\n#EXTINF:1,\nb.m4s\n#EXT-X-ENDLIST\n";
        let files: [(&str, &[u8]); 3] = [("i.mp4", b"head"), ("a.m4s", &[1; 40]), ("b.m4s", &[2; 16])];
        let (text, open) = sealed(&files, playlist);
        let key = "#EXT-X-KEY:METHOD=AES-128,URI=\"https://k/get?edk=id\"\n";
        assert_eq!(text, playlist.replacen("#EXTINF", &format!("{key}#EXTINF"), 1));
        let expected = [("0.m4s", vec![1; 40]), ("1.m4s", vec![2; 16]), ("init.mp4", b"head".to_vec())];
        assert_eq!(open, expected.map(|(name, content)| (name.to_owned(), content)));
    }

    #[test]
    fn ranges_are_sealed_one_by_one_and_listed_as_they_lie() {
        let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"v.mp4\",BYTERANGE=\"4@0\"\n\
                        #EXTINF:2,\n#EXT-X-BYTERANGE:20@4\nv.mp4\n#EXTINF:1,\n#EXT-X-BYTERANGE:16@24\nv.mp4\n#EXT-X-ENDLIST\n";
        let content: Vec<u8> = (0..40).collect();
        let (text, open) = sealed(&[("v.mp4", &content)], playlist);
        for line in ["URI=\"v.mp4\",BYTERANGE=\"4@0\"\n#EXT-X-KEY:", "BYTERANGE:32@4\n", "BYTERANGE:32@36\n"] {
            assert!(text.contains(line), "{text}");
        }
        let parts = [("0.mp4", &content[4..24]), ("1.mp4", &content[24..]), ("init.mp4", &content[..4])];
        assert_eq!(open, parts.map(|(name, content)| (name.to_owned(), content.to_vec())));
    }

    #[test]
    fn a_range_beyond_its_file_is_no_segment() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("v.ts"), [0; 10]).expect("writes");
        let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:20@4\nv.ts\n#EXT-X-ENDLIST\n";
        std::fs::write(folder.path().join("v.m3u8"), playlist).expect("writes");
        let reason = seal().apply(folder.path(), "v.m3u8").expect_err("too short").reason;
        assert!(reason.contains("ends before the ranges"), "{reason}");
    }

    #[test]
    fn the_key_address_carries_what_a_key_service_needs() {
        let address = |url: &str, source: Option<&str>, file_id: Option<&str>| {
            let encryption = EncryptionSpec {
                label: "vault".into(),
                method: EncryptionMethod::Aes128,
                key_url: url.into(),
                key_source: source.map(str::to_owned),
                file_id: file_id.map(str::to_owned),
            };
            key_address(&encryption, &ContentHash("abc".into()), &ContentKey { id: "id".into(), bytes: [1; 16] })
        };
        assert_eq!(address("https://k/get", None, None), "https://k/get?fileId=abc&edk=id");
        assert_eq!(address("https://k/get", None, Some("52/1")), "https://k/get?fileId=52%2F1&edk=id");
        assert_eq!(
            address("https://k/get?a=1", Some("V K&="), None),
            "https://k/get?a=1&fileId=abc&keySource=V%20K%26%3D&edk=id"
        );
        assert_eq!(address("https://k/get?", None, None), "https://k/get?fileId=abc&edk=id");
        assert_eq!(address("https://k/get#x", None, None), "https://k/get?fileId=abc&edk=id#x");
        assert_eq!(address("https://k/\n\"x", None, None), "https://k/x?fileId=abc&edk=id");
    }
}
