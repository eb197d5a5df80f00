//! One ffprobe run: what a file says about its streams, and a tally of the packets that are really there.
//!
//! The packets of a day of video do not fit into memory as text, so they are counted while ffprobe prints them. Its
//! `compact` form is used because it prints packets, streams and format in one run, each on one line; no field that
//! is asked for but the names of tracks can hold foreign text, and there it is escaped.

use super::{DECODERS, DEMUXERS, Tools};
use crate::diag::io_words;
use crate::limits::Limits as Most;
use crate::process::{self, Cancellation, Ending, Invocation, Limits, Lines, Observer, Watch};
use crate::units::Rational;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Packets of one file at most: a day of 120 pictures a second, and sound.
const MOST_PACKETS: u64 = 16_000_000;

const ENTRIES: &str = "packet=stream_index,pts,dts,duration,flags\
    :packet_side_data=skip_samples,discard_padding\
    :stream=index,codec_type,codec_name,profile,level,width,height,sample_aspect_ratio,pix_fmt,field_order,color_range,\
color_space,color_transfer,color_primaries,avg_frame_rate,r_frame_rate,time_base,start_pts,duration_ts,bit_rate,\
sample_rate,channels,has_b_frames\
    :stream_disposition=attached_pic,default:stream_tags=language,title:stream_side_data=rotation\
    :format=format_name,duration,start_time,bit_rate";

/// Formats in which the stream itself was looked at for keyframes; elsewhere the container lists them, and may leave out
/// pictures from which decoding can start too.
const PARSED: &[&str] = &["mpegts", "mpeg", "mpegvideo", "h264"];
/// Demuxers that only estimate a length, from a bit rate or from the last bytes: there the packets alone are believed.
const ESTIMATING: &[&str] = &["aac", "mp3", "mpegts", "mpeg"];

/// What one run of ffprobe said.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Fields of the container.
    pub format: Fields,
    /// Fields of streams, by index.
    pub streams: BTreeMap<u32, StreamEntry>,
    /// Error lines, as ffprobe wrote them.
    pub errors: Vec<String>,
    too_many: bool,
}

impl Listing {
    /// Gives a time to pictures that are listed without one, where it can be known.
    fn date_pictures(&mut self) {
        for entry in self.streams.values_mut().filter(|entry| entry.packets.undated > 0) {
            let is_picture = entry.fields.text("codec_type") == Some("video") && !entry.is_attached_picture();
            if let Some(held_back) = entry.fields.read::<u8>("has_b_frames").filter(|_| is_picture) {
                let _ = entry.packets.date(held_back);
            }
        }
    }

    /// Leaves out what decoders cannot show at the start of a recording that began between keyframes.
    fn leave_out_orphans(&mut self) {
        let parsed = self.format.text("format_name").is_some_and(|name| PARSED.contains(&name));
        for entry in self.streams.values_mut() {
            match entry.fields.text("codec_name") {
                Some("mpeg1video" | "mpeg2video" | "h264") => entry.packets.leave_out_orphans(parsed),
                // Its decoder shows what comes before the first keyframe, from whatever is there.
                Some("hevc") => entry.packets.leave_out_orphans(false),
                _ => {}
            }
        }
    }

    /// Forgets lengths that are guesses.
    fn forget_estimates(&mut self) {
        if self.format.text("format_name").is_some_and(|name| ESTIMATING.contains(&name)) {
            self.format.0.remove("duration");
            self.streams.values_mut().for_each(|stream| drop(stream.fields.0.remove("duration_ts")));
        }
    }
}

/// One stream: its fields and its packets.
#[derive(Debug, Default)]
pub(crate) struct StreamEntry {
    /// What the header says.
    pub fields: Fields,
    /// What is there.
    pub packets: Tally,
}

/// Names and values of one line.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    fn parse(line: &str) -> Fields {
        let fields = unescaped(line);
        let pairs = fields.iter().filter_map(|field| field.split_once('='));
        Fields(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// A value that is known.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !matches!(*value, "N/A" | "unknown" | "und" | ""))
    }

    /// A value read as something.
    pub fn read<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }
}

/// The fields of a line, which are separated by bars. Foreign text in them is escaped with backslashes.
fn unescaped(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let field = match (character, fields.last_mut()) {
            ('|', _) => {
                fields.push(String::new());
                continue;
            }
            (_, Some(field)) => field,
            (_, None) => break,
        };
        match character {
            '\\' => field.extend(characters.next().map(|escaped| match escaped {
                'b' | 'f' | 'n' | 'r' => ' ',
                other => other,
            })),
            other => field.push(other),
        }
    }
    fields
}

impl StreamEntry {
    /// Whether it is a picture that belongs to the file as a whole, such as the cover of a song.
    pub fn is_attached_picture(&self) -> bool {
        self.fields.text("disposition:attached_pic") == Some("1")
    }

    /// Seconds per tick.
    pub fn time_base(&self) -> Rational {
        self.fields.read("time_base").filter(|base| *base > Rational::ZERO).unwrap_or(Rational::of(1, 1000))
    }

    /// Ticks as seconds.
    pub fn seconds(&self, ticks: i64) -> Rational {
        Rational::from_integer(ticks) * self.time_base()
    }

    /// Where the header says that the stream ends, in ticks.
    pub fn declared_end(&self) -> Option<i64> {
        let start: i64 = self.fields.read("start_pts")?;
        self.fields.read::<i64>("duration_ts").and_then(|length| start.checked_add(length))
    }
}

/// The packets of a stream that are presented.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Time stamps in the order of the file, without packets flagged as discarded.
    pub ticks: Vec<i64>,
    /// Those of them that can be decoded without others.
    pub keys: Vec<i64>,
    /// Whether packets that are not presented come before all others: what follows may refer to them.
    pub led_in: bool,
    /// Pictures at the start that are not counted, because what they refer to is not there.
    pub orphans: u64,
    /// How many more are presented at a time that the container does not say.
    pub undated: u64,
    /// Decoding times of the first and the last packet.
    pub decoded: Option<(i64, i64)>,
    /// The last packet in presentation order and its duration, where known.
    pub last: Option<(i64, Option<i64>)>,
    /// End of the packet that ends last.
    pub end: Option<i64>,
    /// Samples to leave out at the end of the packet that ends last.
    pub padding: i64,
}

impl Tally {
    /// The numbers of the keyframes in presentation order.
    pub fn keyframes(&self) -> Vec<u64> {
        let (mut ticks, mut keys) = (self.ticks.clone(), self.keys.clone());
        for list in [&mut ticks, &mut keys] {
            list.sort_unstable();
            list.dedup();
        }
        keys.iter().filter_map(|key| ticks.binary_search(key).ok()).map(|at| at as u64).collect()
    }

    /// AVI and programme streams leave out when pictures are shown that are decoded in another order. At a constant rate
    /// that is when they are decoded, later by as many pictures as the decoder holds back. Which of them are keyframes is
    /// then not known.
    fn date(&mut self, held_back: u8) -> Option<()> {
        let ((first, last), count) = (self.decoded?, i64::try_from(self.ticks.len() as u64 + self.undated).ok()?);
        let step = last.checked_sub(first)?.checked_div(count - 1).filter(|step| *step > 0)?;
        let start = first.checked_add(step.checked_mul(i64::from(held_back))?)?;
        let end = start.checked_add(step.checked_mul(count)?)?;
        let is_regular = first + step * (count - 1) == last;
        let on_the_grid = |tick: &i64| (start..end).contains(tick) && (tick - start) % step == 0;
        if !is_regular || !self.ticks.iter().all(on_the_grid) {
            return None;
        }
        self.ticks = (0..count).map(|number| start + step * number).collect();
        (self.undated, self.keys) = (0, Vec::new());
        (self.last, self.end, self.padding) = (Some((end - step, Some(step))), Some(end), 0);
        Some(())
    }

    /// Leaves out pictures of a recording that began in the middle: decoders give none before the first keyframe, nor
    /// those that come after it and are shown before it. `all`: the former too.
    fn leave_out_orphans(&mut self, all: bool) {
        let Some(first) = self.keys.first().copied() else { return };
        let Some(before) = self.ticks.iter().position(|tick| *tick == first) else { return };
        if self.led_in || (before > 0 && !all) {
            return;
        }
        // Clocks that start anew later are another matter.
        let behind = self.ticks.iter().skip(before + 1).take_while(|tick| **tick < first).count();
        self.ticks.drain(before + 1..before + 1 + behind);
        self.ticks.drain(..before);
        self.orphans = (before + behind) as u64;
    }

    fn add(&mut self, pts: i64, duration: Option<i64>, padding: i64) {
        self.ticks.push(pts);
        if self.last.is_none_or(|(last, _)| pts >= last) {
            self.last = Some((pts, duration));
        }
        let end = pts.saturating_add(duration.unwrap_or(0));
        if self.end.is_none_or(|known| end > known) {
            (self.end, self.padding) = (Some(end), padding);
        }
    }
}

/// Why there is no listing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListError {
    /// ffprobe itself is missing.
    #[error("ffprobe does not start: {0}")]
    NotStarted(String),
    /// It took too long.
    #[error("ffprobe did not end in time")]
    TimedOut,
    /// More packets than anything real has.
    #[error("it has more than {MOST_PACKETS} packets")]
    TooManyPackets,
    /// More streams than anything real has.
    #[error("it has more streams than are read")]
    TooManyStreams,
    /// The demuxer or a decoder is not on our lists.
    #[error("its format or codec is not among those that are read")]
    NotAllowed,
    /// No stream can be read.
    #[error("nothing in it can be read")]
    Unreadable,
}

/// Lists a foreign file.
pub(super) fn list_foreign(tools: &Tools, path: &Path, size: u64, limits: &Most) -> Result<Listing, ListError> {
    // Reading the packets is a matter of the disk: 20 MB a second is slow for one.
    let wall = Duration::from_secs(30 + size / 20_000_000);
    match list(tools, &foreign_options(limits), path, path, wall) {
        // A program that does not even say its version says nothing about the file.
        Err(ListError::Unreadable) if !answers(tools) => Err(ListError::NotStarted("it does not answer".to_owned())),
        Ok(mut listing) => {
            listing.date_pictures();
            listing.leave_out_orphans();
            Ok(listing)
        }
        failed => failed,
    }
}

/// What keeps ffprobe to the demuxers and decoders that may open a foreign file.
pub(super) fn foreign_options(limits: &Most) -> [OsString; 8] {
    [
        "-protocol_whitelist".into(),
        "file".into(),
        "-format_whitelist".into(),
        DEMUXERS.join(",").into(),
        "-codec_whitelist".into(),
        DECODERS.join(",").into(),
        "-max_streams".into(),
        limits.source_streams.to_string().into(),
    ]
}

/// Whether ffprobe runs at all.
fn answers(tools: &Tools) -> bool {
    let mut invocation = Invocation::new(&tools.ffprobe, vec!["-version".into()]);
    invocation.limits.wall = Some(Duration::from_secs(20));
    invocation.sandbox = tools.sandbox(Vec::new(), Vec::new());
    let finished = process::run(&invocation, &mut process::Collect::default(), &Cancellation::default());
    finished.is_ok_and(|finished| finished.ending == Ending::Code(0))
}

/// Lists a file that we made.
pub(crate) fn list_ours(tools: &Tools, path: &Path) -> Result<Listing, ListError> {
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let options = ["-protocol_whitelist", "file", "-format_whitelist"].map(OsString::from);
    let options = [&options[..], &[DEMUXERS.join(",").into()]].concat();
    list(tools, &options, path, path, Duration::from_secs(30 + size / 20_000_000))
}

/// Lists the segments of a playlist that we made, in the clear. Never for foreign playlists.
pub(crate) fn list_playlist(tools: &Tools, path: &Path, bytes: u64) -> Result<Listing, ListError> {
    let options = "-f hls -allowed_extensions ALL -protocol_whitelist file -format_whitelist hls,mpegts,mov,aac";
    let options: Vec<OsString> = options.split(' ').map(OsString::from).collect();
    let folder = path.parent().unwrap_or(path);
    list(tools, &options, path, folder, Duration::from_secs(30 + bytes / 20_000_000))
}

/// Runs ffprobe on a path; it can read nothing but `reads`.
fn list(tools: &Tools, options: &[OsString], path: &Path, reads: &Path, wall: Duration) -> Result<Listing, ListError> {
    let mut arguments: Vec<OsString> =
        ["-v", "error", "-hide_banner", "-max_alloc", "268435456"].map(Into::into).into();
    arguments.extend_from_slice(options);
    arguments.extend(["-of", "compact=nk=0:p=1", "-show_entries", ENTRIES, "-i"].map(OsString::from));
    arguments.push(super::file_argument(path));
    let mut invocation = Invocation::new(&tools.ffprobe, arguments);
    invocation.limits = Limits {
        address_space: Some(4 << 30),
        cpu_seconds: Some(wall.as_secs()),
        file_size: Some(0),
        open_files: Some(64),
        wall: Some(wall),
    };
    invocation.sandbox = tools.sandbox(vec![reads.to_owned()], Vec::new());
    let mut reader = Reader::default();
    let finished = process::run(&invocation, &mut reader, &Cancellation::default())
        .map_err(|error| ListError::NotStarted(io_words(&error).to_string()))?;
    let mut listing = reader.listing;
    listing.forget_estimates();
    let log = finished.log.text();
    listing.errors = log.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    match finished.ending {
        Ending::TimedOut => Err(ListError::TimedOut),
        Ending::Stopped => Err(ListError::TooManyPackets),
        _ if log.contains("exceeds max_streams") => Err(ListError::TooManyStreams),
        _ if log.contains("not on whitelist") => Err(ListError::NotAllowed),
        Ending::Code(0) if listing.streams.values().any(|stream| stream.fields.text("index").is_some()) => Ok(listing),
        _ => Err(ListError::Unreadable),
    }
}

/// Reads ffprobe's lines as they come.
#[derive(Default)]
struct Reader {
    lines: Lines,
    listing: Listing,
    packets: u64,
}

impl Observer for Reader {
    fn output(&mut self, bytes: &[u8]) {
        let Reader { lines, listing, packets } = self;
        lines.push(bytes, |line| match line.split_once('|') {
            Some(("packet", rest)) if *packets < MOST_PACKETS => {
                *packets += 1;
                packet(listing, rest);
            }
            Some(("packet", _)) => listing.too_many = true,
            // Streams of a transport stream come twice, first inside their program; the second, fuller one counts.
            Some(("stream", rest)) => stream(listing, rest),
            Some(("format", rest)) => listing.format = Fields::parse(rest),
            _ => {}
        });
    }

    fn tick(&mut self) -> Watch {
        if self.listing.too_many { Watch::Stop } else { Watch::Continue }
    }
}

fn stream(listing: &mut Listing, line: &str) {
    let fields = Fields::parse(line);
    if let Some(index) = fields.read::<u32>("index") {
        listing.streams.entry(index).or_default().fields = fields;
    }
}

/// Read without a map: there may be millions.
fn packet(listing: &mut Listing, line: &str) {
    let (mut index, mut pts, mut dts, mut duration, mut padding, mut flags) = (None, None, None, None, 0, "");
    for (name, value) in line.split('|').filter_map(|field| field.split_once('=')) {
        match name {
            "stream_index" => index = value.parse::<u32>().ok(),
            "pts" => pts = value.parse::<i64>().ok(),
            "dts" => dts = value.parse::<i64>().ok(),
            "duration" => duration = value.parse::<i64>().ok().filter(|ticks| *ticks > 0),
            "discard_padding" => padding = value.parse::<i64>().unwrap_or(0),
            "flags" => flags = value,
            _ => {}
        }
    }
    let Some(index) = index else { return };
    let packets = &mut listing.streams.entry(index).or_default().packets;
    if flags.contains('D') {
        packets.led_in |= packets.ticks.is_empty();
        return;
    }
    if let Some(dts) = dts {
        packets.decoded = Some((packets.decoded.map_or(dts, |(first, _)| first), dts));
    }
    if let Some(pts) = pts {
        packets.add(pts, duration, padding);
        // Of sound that is every packet, of pictures one in many.
        if flags.contains('K') {
            packets.keys.push(pts);
        }
    } else {
        packets.undated += 1;
    }
}
