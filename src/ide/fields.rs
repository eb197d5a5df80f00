//! The fields of templates, marks and options, as an editor shows them: the one place that knows where they come from.

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// The word before the colon.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Values that may stand there: enum words, `1800kbps` as an example of a form, `{` for a record.
    pub values: &'static [&'static str],
    /// What holds when it is absent; empty where nothing does.
    pub default: &'static str,
    /// Whether a template cannot do without it.
    pub required: bool,
    /// The fields of the record that stands there.
    pub inner: &'static [Field],
}

impl Field {
    /// Whether a record may stand there.
    pub fn is_record(&self) -> bool {
        !self.inner.is_empty()
    }

    /// Whether a list of records stands there.
    pub fn is_list(&self) -> bool {
        self.values.contains(&"[")
    }

    /// The kind of template that stands there.
    pub fn template_kind(&self) -> Option<&'static str> {
        (self.name == "encrypt").then_some("encryption")
    }

    /// Values as completions offer them.
    pub fn choices(&self) -> impl Iterator<Item = &'static str> {
        self.values.iter().copied().filter(|value| !matches!(*value, "{" | "["))
    }

    /// Whether a parameter of that type may stand there.
    pub fn takes_type(&self, type_word: &str) -> bool {
        let units: &[&str] = match type_word {
            "duration" => &["s", "ms"],
            "bitrate" => &["kbps"],
            "frequency" => &["Hz"],
            "length" => &["px"],
            "percent" => &["%"],
            "int" | "number" => {
                return self.choices().any(|value| value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
            }
            "text" => &["\""],
            "gop" => &["frames"],
            _ => &[],
        };
        units.iter().any(|unit| self.choices().any(|value| value.ends_with(unit)))
    }
}

const fn field(
    name: &'static str,
    values: &'static [&'static str],
    default: &'static str,
    doc: &'static str,
) -> Field {
    Field { name, doc, values, default, required: false, inner: &[] }
}

const fn needed(name: &'static str, values: &'static [&'static str], doc: &'static str) -> Field {
    Field { name, doc, values, default: "", required: true, inner: &[] }
}

const fn record(name: &'static str, values: &'static [&'static str], doc: &'static str, inner: &'static [Field]) -> Field {
    Field { name, doc, values, default: "", required: false, inner }
}

/// The fields of a record: `root` is a kind of template, `mark` or `options`, `path` leads into it.
pub fn inside(root: &str, path: &[String]) -> &'static [Field] {
    let mut fields = of(root);
    for step in path {
        match fields.iter().find(|field| field.name == step) {
            Some(field) => fields = field.inner,
            None => return &[],
        }
    }
    fields
}

/// The fields of a kind of template, of a mark or of the options.
pub fn of(root: &str) -> &'static [Field] {
    match root {
        "transcode" => TRANSCODE,
        "watermark" => WATERMARK,
        "snapshot" => SNAPSHOT,
        "sample" => SAMPLE,
        "sprite" => SPRITE,
        "adaptive" => ADAPTIVE,
        "animated" => ANIMATED,
        "encryption" => ENCRYPTION,
        "review" => REVIEW,
        "mark" => MARK,
        "options" => OPTIONS,
        _ => &[],
    }
}

const ID: Field = field("id", &["1001"], "", "The number that calls and the API use for the template.");
const EXTENDS: Field = field("extends", &["100030"], "", "The template whose fields hold where this one says nothing.");
const COMMENT: Field = field("comment", &["\"\""], "", "A remark for people.");
const SHORT_SIDE: Field = field("short_side", &["360", "540", "720", "1080"], "source", "The shorter side in pixels, 128 to 8192.");
const LONG_SIDE: Field = field("long_side", &["640", "1280", "1920"], "source", "The longer side in pixels, 128 to 8192.");
const WIDTH: Field = field("width", &["640", "1280", "1920"], "source", "The width in pixels, 128 to 8192, whatever the orientation.");
const HEIGHT: Field = field("height", &["360", "720", "1080"], "source", "The height in pixels, 128 to 8192, whatever the orientation.");
const FILL: Field = field("fill", &["black", "stretch", "white", "blur"], "black", "What fills the rest of a picture of another shape.");
const TOLERANCE: Field = field("tolerance", &["0s", "1s"], "0s", "How far from the asked time a picture may be taken.");
const PICTURE_FORMAT: Field = field("format", &["jpg", "png", "webp"], "jpg", "The file format.");
const EVERY: Field = Field { required: true, ..field("every", &["10%", "10s"], "", "The distance of the pictures: a share of the length, or a time.") };
const UPSCALE: Field = field("upscale", &["allow", "clamp", "skip"], "allow", "What happens when more pixels are asked for than the source has.");

const TRANSCODE: &[Field] = &[
    needed("container", &["mp4", "hls", "flv", "mp3", "m4a", "flac", "ogg", "wav"], "The file format."),
    record("video", &["{", "none"], "The picture; `none` leaves it out.", VIDEO),
    record("audio", &["{", "none"], "The sound; `none` leaves it out.", AUDIO),
    record("segment", &["{"], "Form and length of the segments of `hls`.", SEGMENT),
    ID, EXTENDS, COMMENT,
];
const SEGMENT: &[Field] = &[
    field("type", &["ts", "fmp4"], "ts", "The form of the segments."),
    field("time", &["auto", "6s"], "auto", "Their length, 1 s to 10 s."),
];
const VIDEO: &[Field] = &[
    field("codec", &["h264", "h265", "av1"], "h264", "The codec of the picture."),
    field("bitrate", &["auto", "1800kbps", "at_most 1800kbps"], "auto", "Bits per second, 10 to 100000 kbps."),
    SHORT_SIDE, LONG_SIDE, WIDTH, HEIGHT, FILL,
    field("fps", &["source", "25", "30000/1001", "at_most 30"], "source", "Pictures per second."),
    field("gop", &["auto", "2s", "48frames"], "auto", "The distance of keyframes."),
    field("mode", &["vbr", "abr", "cbr", "crf"], "vbr", "How bits are spread over time."),
    field("crf", &["23"], "", "Constant quality, 1 (best) to 51."),
    field("profile", &["baseline", "main", "high"], "high", "The H.264 profile."),
    field("level", &["4.1"], "", "The highest level a player must know."),
    field("bframes", &["2"], "", "B-frames in a row, 0 to 16."),
    field("tag", &["hvc1", "hev1"], "hvc1", "The name of H.265 in MP4."),
    field("pixel_format", &["yuv420p", "yuv420p10le"], "yuv420p", "How pixels are stored."),
    field("hdr", &["sdr", "keep"], "sdr", "What happens to a high dynamic range."),
    field("deinterlace", &["auto", "on", "off"], "auto", "Whether interlaced pictures are made whole."),
    field("denoise", &["off"], "off", "Whether noise is removed."),
    field("passes", &["1", "2"], "1", "How often the source is read for one encode."),
    UPSCALE,
    field("speed", &["fast", "medium", "slow"], "medium", "How much CPU an encode may spend for its quality."),
    field("copy", &["never", "auto", "always"], "auto", "Whether a stream of the source that fits is copied."),
];
const AUDIO: &[Field] = &[
    field("codec", &["aac", "mp3", "flac", "opus", "pcm16"], "by the container", "The codec of the sound."),
    field("bitrate", &["auto", "64kbps", "128kbps", "at_most 128kbps"], "auto", "Bits per second, 26 to 256 kbps."),
    field("sample_rate", &["auto", "44.1kHz", "48kHz"], "auto", "Samples per second."),
    field("channels", &["1", "2", "6", "source"], "2", "Channels."),
    field("tracks", &["1"], "", "Which tracks of the source are taken."),
];
const WATERMARK: &[Field] = &[
    field("image", &["\"\""], "", "The picture's file, relative to this one: png, jpeg, gif or apng."),
    record("text", &["{"], "How a text is set that comes with the mark.", TEXT),
    record("svg", &["{"], "A drawing that comes with the mark.", &[]),
    field("origin", &["top_left", "top_right", "bottom_left", "bottom_right"], "top_left", "The corner from which offsets count."),
    field("x", &["16px", "2%"], "0px", "The offset to the side."),
    field("y", &["16px", "2%"], "0px", "The offset up or down."),
    field("width", &["64px", "10%"], "10%", "The width of the mark."),
    field("height", &["64px", "10%"], "", "The height of the mark; in proportion when absent."),
    field("repeat", &["loop", "once", "hold"], "loop", "What an animated mark does at its end."),
    field("opacity", &["100%", "80%"], "100%", "100 % covers what is below."),
    ID, EXTENDS, COMMENT,
];
const TEXT: &[Field] = &[
    field("font", &["\"\""], "", "The font's file."),
    field("size", &["24px"], "", "The height of the letters."),
    field("color", &["0xFFFFFF"], "0xFFFFFF", "The colour of the letters."),
    field("opacity", &["100%"], "100%", "100 % covers what is below."),
];
const SNAPSHOT: &[Field] = &[PICTURE_FORMAT, SHORT_SIDE, LONG_SIDE, WIDTH, HEIGHT, FILL, TOLERANCE, ID, EXTENDS, COMMENT];
const SAMPLE: &[Field] =
    &[EVERY, PICTURE_FORMAT, SHORT_SIDE, LONG_SIDE, WIDTH, HEIGHT, FILL, TOLERANCE, ID, EXTENDS, COMMENT];
const SPRITE: &[Field] = &[
    EVERY,
    needed("rows", &["10"], "Rows of pictures on a sheet."),
    needed("columns", &["10"], "Columns of pictures on a sheet."),
    WIDTH, HEIGHT, FILL, PICTURE_FORMAT, TOLERANCE, ID, EXTENDS, COMMENT,
];
const ADAPTIVE: &[Field] = &[
    field("format", &["hls", "dash"], "hls", "The packaging."),
    Field { required: true, ..record("rungs", &["["], "The renditions between which players choose.", RUNG) },
    record("segment", &["{"], "Form and length of the segments.", SEGMENT),
    field("encrypt", &["none"], "none", "The template with which segments are encrypted."),
    UPSCALE, ID, EXTENDS, COMMENT,
];
const RUNG: &[Field] = &[
    record("video", &["{", "none"], "The picture; `none` leaves it out.", VIDEO),
    record("audio", &["{", "none"], "The sound; `none` leaves it out.", AUDIO),
];
const ANIMATED: &[Field] = &[
    field("format", &["gif", "webp"], "gif", "The file format."),
    field("fps", &["10"], "", "Pictures per second."),
    SHORT_SIDE, LONG_SIDE, WIDTH, HEIGHT,
    field("quality", &["75"], "", "Quality of the pictures."),
    ID, EXTENDS, COMMENT,
];
const ENCRYPTION: &[Field] = &[
    needed("method", &["aes_128"], "The method."),
    needed("key_url", &["\"https://\""], "The address that players ask for the key."),
    field("key_source", &["\"\""], "", "The name of the key manager."),
    field("keys", &["one"], "one", "How many keys an output has."),
    ID, EXTENDS, COMMENT,
];
const REVIEW: &[Field] = &[
    needed("when_flagged", &["stop", "report"], "What a flow does when a review finds something."),
    ID, EXTENDS, COMMENT,
];
const MARK: &[Field] = &[
    field("from", &["5s", "50%"], "the start", "From when the mark is seen."),
    field("to", &["-5s", "end"], "the end", "Until when the mark is seen."),
    field("text", &["\"\""], "", "The text of a text mark."),
    field("svg", &["\"\""], "", "The drawing of an SVG mark."),
];
const OPTIONS: &[Field] = &[
    field("only_below_source_bitrate", &["true", "false"], "false", "Leaves out renditions whose bitrate is above the source's."),
    field("master_playlist", &["true", "false"], "false", "Whether the playlists get one above them."),
    field("idr_alignment", &["true", "false"], "false", "Whether keyframes of all renditions lie at the same times."),
    field("priority", &["0"], "0", "Which flow goes first where several wait."),
    field("notify", &["\"\""], "", "Where the end of the flow is told."),
    UPSCALE,
    field("speed", &["fast", "medium", "slow"], "medium", "How much CPU encodes may spend for their quality."),
    field("copy", &["never", "auto", "always"], "auto", "Whether streams of the source that fit are copied."),
];
