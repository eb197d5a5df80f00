//! Eyes of the outcomes test: what is in a file by ffprobe, and what its pictures look like by ffmpeg alone.

use crate::stage;
use std::path::Path;
use std::process::Command;

/// All pictures are compared in this size, in red, green and blue.
const EYE: (usize, usize) = (64, 36);

/// A picture as the eye sees it.
pub type Seen = Vec<u8>;

/// What ffprobe says.
fn told(media: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "quiet"]);
    if media.extension().is_some_and(|ending| ending == "m3u8") {
        command.args(["-protocol_whitelist", "file,crypto", "-allowed_extensions", "ALL"]);
    }
    let output = command.args(arguments).arg(media).output().expect("ffprobe starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What the outcomes test knows about a source by itself.
pub struct Source {
    /// Every presented picture.
    pictures: Vec<Seen>,
    /// When each is shown, in seconds of the container.
    times: Vec<f64>,
    zero: f64,
    end: f64,
    /// What to tell the eye about pictures with the source's colours.
    matrix: String,
    /// What makes the source's pictures ones for the eye: full ones of standard range.
    filter: String,
    /// Width over height as shown.
    pub shape: f64,
}

impl Source {
    /// Decodes the whole source once; nothing if it has no moving picture.
    pub fn look(media: &Path) -> Option<Source> {
        let fields = "stream=width,height,sample_aspect_ratio,color_range,color_space,color_transfer,field_order:stream_disposition=attached_pic:stream_side_data=rotation";
        let track = meant(media);
        let stream = told(media, &["-select_streams", &track, "-show_entries", fields, "-of", "default=nw=1"]);
        let field = |name: &str| {
            let of = |line: &str| line.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
            stream.lines().find_map(of).unwrap_or_default()
        };
        if field("width").is_empty() || field("DISPOSITION:attached_pic") == "1" {
            return None;
        }
        let (width, height) = (number(&field("width"))?, number(&field("height"))?);
        let aspect = field("sample_aspect_ratio").split_once(':').and_then(|(x, y)| Some(number(x)? / number(y)?));
        let turned = matches!(field("rotation").as_str(), "90" | "-90" | "270" | "-270");
        let shape = width * aspect.filter(|aspect| *aspect > 0.0).unwrap_or(1.0) / height;
        let matrix = match field("color_space").as_str() {
            "bt709" => "bt709",
            "unknown" | "" if height >= 720.0 => "bt709",
            "bt2020nc" => "bt2020",
            "gbr" => "auto",
            _ => "bt601",
        };
        let matrix = format!("in_color_matrix={matrix}");
        let mut filter = String::new();
        if matches!(field("field_order").as_str(), "tt" | "bb" | "tb" | "bt") {
            filter.push_str("yadif=deint=all,");
        }
        if matches!(field("color_transfer").as_str(), "smpte2084" | "arib-std-b67") || stream.contains("bt2020") {
            filter.push_str(
                "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=709,tonemap=hable:desat=0,",
            );
            filter.push_str("zscale=transfer=709:matrix=709:range=limited,format=yuv420p,");
        }
        let pictures = eye(media, &filter, &matrix, &["-map", &format!("0:{track}")]);
        let (mut spans, mut times) = (Vec::new(), Vec::new());
        for sort in [track.as_str(), "a:0"] {
            let entries = ["-select_streams", sort, "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"];
            let mut moments: Vec<(f64, f64)> = told(media, &entries).lines().filter_map(moment).collect();
            moments.sort_by(|one, other| one.0.total_cmp(&other.0));
            let (Some(first), Some(last)) = (moments.first(), moments.last()) else { continue };
            spans.push((first.0, last.0 + last.1));
            if sort == track {
                times = moments.iter().map(|moment| moment.0).collect();
            }
        }
        let zero = spans.iter().map(|span| span.0).fold(f64::MAX, f64::min).max(times.first().copied()?.min(0.0));
        let end = spans.iter().map(|span| span.1).fold(f64::MIN, f64::max);
        let shape = if turned { 1.0 / shape } else { shape };
        (!pictures.is_empty()).then_some(Source { pictures, times, zero, end, matrix, filter, shape })
    }

    /// How far a picture is from the one shown at a share of the length, or from one of its two neighbours if that is
    /// nearer: which of them it is, is proved with numbered pictures elsewhere.
    /// A picture of a lower rate may be up to half a slot away.
    pub fn distance(&self, seen: &Seen, share: f64, slack: f64) -> f64 {
        let time = self.zero + share * (self.end - self.zero) + 0.000_5;
        let shown = |time: f64| self.times.iter().filter(|start| **start <= time).count().saturating_sub(1);
        let last = self.pictures.len() - 1;
        let near = shown(time).saturating_sub(1).min(last)..=(shown(time + slack) + 1).min(last);
        let seen = in_blocks(seen);
        near.map(|index| distance(&seen, &in_blocks(&self.pictures[index]))).fold(f64::MAX, f64::min)
    }

    /// The first picture of a file; of a copy, read as the source has to be read.
    pub fn copied(&self, media: &Path) -> Option<Seen> {
        eye(media, &self.filter, &self.matrix, &["-map", "0:v:0", "-frames:v", "1"]).into_iter().next()
    }
}

/// The number of the video track that is meant: the largest of those that are marked as the default one, and the
/// first of equals.
fn meant(media: &Path) -> String {
    let entries = "stream=index,width,height:stream_disposition=default,attached_pic";
    let listed = told(media, &["-select_streams", "v", "-show_entries", entries, "-of", "compact=p=0:nk=1"]);
    let mut best: Option<(f64, (i32, f64))> = None;
    for line in listed.lines() {
        let fields: Vec<f64> = line.split('|').filter_map(number).collect();
        let &[index, width, height, default, cover] = fields.as_slice() else { continue };
        let worth = (i32::from(default > 0.0) - 2 * i32::from(cover > 0.0), width * height);
        if best.is_none_or(|best| worth > best.1) {
            best = Some((index, worth));
        }
    }
    best.map_or_else(|| "v:0".to_owned(), |(index, _)| index.to_string())
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn moment(line: &str) -> Option<(f64, f64)> {
    let mut fields = line.split(',');
    Some((number(fields.next()?)?, fields.next().and_then(number).unwrap_or(0.0)))
}

/// The first picture of a file of ours, after a filter, read as its tags say.
pub fn seen(media: &Path, filter: &str) -> Option<Seen> {
    eye(media, filter, "in_color_matrix=auto", &["-map", "0:v:0", "-frames:v", "1"]).into_iter().next()
}

/// Pictures of a file that may be damaged.
fn eye(media: &Path, filter: &str, matrix: &str, options: &[&str]) -> Vec<Seen> {
    let filter = format!("{filter}scale={}:{}:flags=area:{matrix},format=rgb24", EYE.0, EYE.1);
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "quiet"]);
    if media.extension().is_some_and(|ending| ending == "m3u8") {
        command.args(["-protocol_whitelist", "file,crypto", "-allowed_extensions", "ALL"]);
    }
    command.arg("-i").arg(media).args(options).args(["-vf", &filter]);
    command.args(["-fps_mode", "passthrough", "-f", "rawvideo", "-"]);
    let pixels = command.output().expect("ffmpeg starts").stdout;
    pixels.chunks_exact(EYE.0 * EYE.1 * 3).map(<[u8]>::to_vec).collect()
}

/// Each two by two pixels as one. A fine pattern (a wall of small holes) that is made small by two scalers has two
/// moirés, both right; in blocks they are gone, and a wrong picture, place or colour is not.
fn in_blocks(seen: &Seen) -> Seen {
    let (width, height) = (EYE.0 / 2, EYE.1 / 2);
    let at = |x: usize, y: usize, channel: usize| u32::from(seen[(y * EYE.0 + x) * 3 + channel]);
    let block = |x: usize, y: usize, channel: usize| {
        let sum = at(x, y, channel) + at(x + 1, y, channel) + at(x, y + 1, channel) + at(x + 1, y + 1, channel);
        ((sum + 2) / 4) as u8
    };
    let cells = (0..height).flat_map(|y| (0..width).map(move |x| (2 * x, 2 * y)));
    cells.flat_map(|(x, y)| (0..3).map(move |channel| block(x, y, channel))).collect()
}

/// The mean difference of two pictures, in steps of 256.
pub fn distance(one: &[u8], other: &[u8]) -> f64 {
    let sum: u64 = one.iter().zip(other).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
    sum as f64 / one.len() as f64
}

/// How much two files differ in the four corners where marks may lie: upper left, upper right, lower left, lower right.
pub fn corners(one: &Path, other: &Path) -> Option<[f64; 4]> {
    let crop = |name: &str, x: &str, y: &str| format!("[{name}]crop=32:32:{x}:{y}:exact=1[{name}c]");
    let filter = format!(
        "scale=out_color_matrix=bt709,format=rgb24,split=4[a][b][c][d];{};{};{};{};[ac][bc][cc][dc]hstack=4,",
        crop("a", "8", "8"),
        crop("b", "iw-40", "8"),
        crop("c", "8", "ih-40"),
        crop("d", "iw-40", "ih-40")
    );
    let (one, other) = (seen(one, &filter)?, seen(other, &filter)?);
    let corner = |picture: &Seen, at: usize| -> Seen {
        let (row, part) = (EYE.0 * 3, EYE.0 * 3 / 4);
        picture.chunks(row).flat_map(|row| row[at * part..(at + 1) * part].to_vec()).collect()
    };
    Some([0, 1, 2, 3].map(|at| distance(&corner(&one, at), &corner(&other, at))))
}

/// The part of the frame of this size, upper left, in whose middle a picture of this shape lies.
pub fn inside((width, height): (f64, f64), shape: f64) -> String {
    let even = |side: f64| 2 * (side / 2.0).round() as u32;
    let (w, h) =
        if shape * height > width { (even(width), even(width / shape)) } else { (even(height * shape), even(height)) };
    // Colours have half the pixels, so that bars are even.
    let bar = |side: f64, inner: u32| (side as u32).saturating_sub(inner) / 4 * 2;
    let (x, y) = (bar(width, w), bar(height, h));
    format!("format=rgb24,crop={w}:{h}:{x}:{y}:exact=1,")
}

/// Streams in words: size, pixels, colours, rate, pictures, seconds, and what should not be there; sound.
pub fn facts(media: &Path) -> String {
    let shown = "stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,pix_fmt,color_range,color_space,avg_frame_rate,sample_rate,channels:stream_side_data=rotation:packet=stream_index,pts_time,duration_time";
    let json = told(media, &["-show_entries", shown, "-of", "json"]);
    let found: serde_json::Value = serde_json::from_str(&json).unwrap_or_default();
    let listed = |name: &str| found[name].as_array().cloned().unwrap_or_default();
    let packets = listed("packets");
    let words: Vec<String> = listed("streams").iter().map(|stream| stream_in_words(stream, &packets)).collect();
    words.join("; ")
}

fn stream_in_words(stream: &serde_json::Value, packets: &[serde_json::Value]) -> String {
    let word = |name: &str| stream[name].as_str().unwrap_or("?").to_owned();
    let seconds = |packet: &serde_json::Value, name: &str| packet[name].as_str().and_then(number);
    let (mut start, mut end, mut count) = (f64::MAX, f64::MIN, 0);
    for packet in packets.iter().filter(|packet| packet["stream_index"] == stream["index"]) {
        let Some(time) = seconds(packet, "pts_time") else { continue };
        (start, count) = (start.min(time), count + 1);
        end = end.max(time + seconds(packet, "duration_time").unwrap_or(0.0));
    }
    if word("codec_type") == "audio" {
        let (rate, channels) = (word("sample_rate"), &stream["channels"]);
        return format!("{} {rate} Hz {channels} ch, {:.2} s", word("codec_name"), end - start);
    }
    let mut words = vec![word("codec_name"), format!("{}x{}", stream["width"], stream["height"]), word("pix_fmt")];
    words.extend(["color_space", "color_range"].map(word).into_iter().filter(|tag| tag != "?" && tag != "unknown"));
    if !matches!(word("sample_aspect_ratio").as_str(), "1:1" | "?" | "N/A" | "0:1") {
        words.push(format!("SAR {}", word("sample_aspect_ratio")));
    }
    if let Some(turned) =
        stream["side_data_list"].as_array().and_then(|list| list.iter().find_map(|data| data["rotation"].as_i64()))
    {
        words.push(format!("turned by {turned}"));
    }
    if start < end && count > 1 {
        words.push(format!("{} fps", word("avg_frame_rate")));
    }
    format!("{}, {}, {:.2} s", words.join(" "), pictures(count), (end - start).max(0.0))
}

fn pictures(count: usize) -> String {
    if count == 1 { "1 picture".to_owned() } else { format!("{count} pictures") }
}

/// The corpus, and its clips by name.
pub fn clips() -> Vec<(String, std::path::PathBuf)> {
    let Some(corpus) = stage::corpus() else { return Vec::new() };
    let entries = std::fs::read_dir(corpus).expect("the corpus is readable").flatten();
    let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    let mut clips: Vec<_> =
        named.filter(|(name, path)| path.is_file() && !name.ends_with(".md") && !name.ends_with(".json")).collect();
    clips.sort();
    clips
}
