//! The fixed words of the language, each with its form and one sentence for people.

/// A word of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// As it is written.
    pub word: &'static str,
    /// The form it is used in.
    pub form: &'static str,
    /// What it means, one sentence or two.
    pub says: &'static str,
}

const fn word(word: &'static str, form: &'static str, says: &'static str) -> Word {
    Word { word, form, says }
}

/// First words of items.
pub const ITEMS: &[Word] = &[
    word("template", "template KIND NAME { … }", "Declares a parameter template: how an output is made."),
    word("procedure", "procedure NAME(PARAMETERS) { … }", "Declares a procedure: what is made of a source."),
    word("import", "import \"FILE\"", "Takes in the templates and procedures of another file, relative to this one."),
];

/// First words of statements, with the template kind a request takes (empty for none).
pub const STATEMENTS: &[Word] = &[
    word(
        "transcode",
        "transcode TEMPLATES [{ OVERRIDES }] [from TIME] [to TIME] [with MARKS] [encrypt TEMPLATE]",
        "Makes one rendition for each transcode template.",
    ),
    word(
        "adaptive",
        "adaptive TEMPLATES [from TIME] [to TIME] [with MARKS]",
        "Makes an adaptive package: several rungs and one master playlist.",
    ),
    word("snapshot", "snapshot at TIMES using TEMPLATE [with MARKS]", "Takes one picture at each of the given times."),
    word("sample", "sample using TEMPLATE [with MARKS]", "Takes pictures at regular distances over the whole source."),
    word("sprite", "sprite using TEMPLATE", "Puts small pictures at regular distances onto sheets, with an index."),
    word("cover", "cover at TIME using TEMPLATE [with MARKS]", "Takes the one picture that stands for the video."),
    word(
        "animate",
        "animate TEMPLATES [from TIME] [to TIME]",
        "Makes a short animation of a part of the source; at least one end is needed.",
    ),
    word("review", "review using TEMPLATE", "Asks for a content review, which may stop the flow."),
    word("let", "let NAME = VALUE", "Names a value from here to the end of the block."),
    word("for", "for NAME in LIST { … }", "Repeats its statements for each element of a list."),
    word(
        "when",
        "when CONDITION { … } else when CONDITION { … } else { … }",
        "Does its statements only where the condition holds for the source.",
    ),
];

/// `options`, which stands first in a procedure.
pub const OPTIONS: Word = word("options", "options { … }", "Settings of the whole procedure; they stand first in it.");

/// `else`.
pub const ELSE: Word = word("else", "else { … }", "What is done when no condition before it held.");

/// Words inside statements.
pub const CLAUSES: &[Word] = &[
    word("at", "at TIMES", "When the picture is taken: `1.5s`, `-5s` from the end, `50%`, `end`."),
    word("using", "using TEMPLATE", "Which template the output is made with."),
    word("from", "from TIME", "Where the part of the source starts."),
    word("to", "to TIME", "Where the part of the source ends."),
    word("with", "with MARK(from: TIME, to: TIME), …", "Lays watermarks over the output, lowest first."),
    word("encrypt", "encrypt TEMPLATE", "Encrypts the outputs; only segmented containers (`hls`) can be encrypted."),
];

/// Words inside expressions and loops.
pub const OPERATORS: &[Word] = &[
    word("and", "CONDITION and CONDITION", "Holds when both conditions hold."),
    word("or", "CONDITION or CONDITION", "Holds when at least one of the conditions holds."),
    word("not", "not CONDITION", "Holds when the condition does not."),
    word("in", "for NAME in LIST { … }", "Stands between the name of a loop and its list."),
    word("at_most", "at_most X", "Never raises above the source: the source's own value where that is lower."),
];

/// Words that are values.
pub const VALUES: &[Word] = &[
    word("none", "none", "Nothing: what would use it is left out."),
    word("default", "default", "The configured set, out of the box the transcode templates 10, 20 and 30."),
    word("true", "true", "Yes."),
    word("false", "false", "No."),
    word("end", "end", "The end of the source, as a time."),
    word("auto", "auto", "Chosen by vodflow, or by the encoder."),
    word("source", "source.FACT", "What is known about the source; as a frame rate, the source's own."),
    word("nil", "nil", "In a preset call: nothing, like `0` and `none`."),
];

/// The kinds of template.
pub const KINDS: &[Word] = &[
    word("transcode", "template transcode NAME { container: … }", "How a rendition is made: container, video, audio."),
    word("watermark", "template watermark NAME { image: … }", "A picture, text or drawing laid over outputs."),
    word("snapshot", "template snapshot NAME { … }", "Size and format of single pictures and covers."),
    word("sample", "template sample NAME { every: … }", "Size, format and distance of pictures at regular distances."),
    word("sprite", "template sprite NAME { rows: … columns: … }", "Sheets of small pictures for the seek bar."),
    word("adaptive", "template adaptive NAME { rungs: [ … ] }", "The rungs and the packaging of an adaptive stream."),
    word("animated", "template animated NAME { format: … }", "Size, rate and format of animations."),
    word("encryption", "template encryption NAME { method: … key_url: … }", "How outputs are encrypted."),
    word("review", "template review NAME { when_flagged: … }", "What a content review decides."),
];

/// Types of parameters, with values as examples in `form`.
pub const TYPES: &[Word] = &[
    word("time", "1.5s, -5s, 50%, end", "A moment of the source, from its start, its end or as a share."),
    word("duration", "2s, 1m30s, 500ms", "A length of time."),
    word("template", "template<transcode>", "A parameter template of a kind: a name or an id."),
    word("list", "list<time>", "Several values: `[a, b]`; a single value stands for a list of one."),
    word("percent", "12.5%", "A share."),
    word("bitrate", "1800kbps, 1.8Mbps", "Bits per second, with their unit."),
    word("frequency", "44.1kHz", "A sampling rate, with its unit."),
    word("length", "24px, 10%", "A length on a picture."),
    word("rate", "25, 30000/1001, source", "Pictures per second."),
    word("gop", "2s, 48frames, auto", "The distance of keyframes."),
    word("int", "12", "A whole number."),
    word("number", "0.5", "A number."),
    word("bool", "true, false", "Yes or no."),
    word("text", "\"…\"", "A text in quotes."),
    word("color", "0xRRGGBB", "A colour."),
];

/// What `source.` knows; `form` is the type.
pub const FACTS: &[Word] = &[
    word("width", "int", "Width of the picture as it is displayed, in pixels."),
    word("height", "int", "Height of the picture as it is displayed, in pixels."),
    word("short_side", "int", "The shorter of width and height, in pixels."),
    word("long_side", "int", "The longer of width and height, in pixels."),
    word("duration", "duration", "Length of the source."),
    word("bitrate", "bitrate", "Bits per second of the whole file."),
    word("fps", "number", "Pictures per second."),
    word("size", "number", "Length of the file in bytes."),
    word("container", "text", "The file format."),
    word("rotation", "int", "By how many degrees a player turns the picture."),
    word("has_video", "bool", "Whether there is a picture."),
    word("has_audio", "bool", "Whether there is sound."),
    word("interlaced", "bool", "Whether pictures are interlaced."),
    word("hdr", "bool", "Whether the picture has a high dynamic range."),
    word("video_codec", "text", "The codec of the picture."),
    word("audio_codec", "text", "The codec of the sound."),
    word("channels", "int", "Channels of the sound."),
    word("kind", "upload, pull, record", "How the source came in."),
];

/// Units, by what they measure.
pub const UNITS: &[Word] = &[
    word("ms", "500ms", "Milliseconds."),
    word("s", "1.5s", "Seconds; negative ones count from the end of the source."),
    word("m", "1m30s", "Minutes."),
    word("h", "1h30m", "Hours."),
    word("%", "50%", "A share: of the source's length, or of the picture's side."),
    word("kbps", "1800kbps", "Thousands of bits per second."),
    word("Mbps", "1.8Mbps", "Millions of bits per second."),
    word("bps", "64000bps", "Bits per second."),
    word("Hz", "44100Hz", "Samples per second."),
    word("kHz", "44.1kHz", "Thousands of samples per second."),
    word("px", "24px", "Pixels."),
    word("frames", "48frames", "Pictures."),
];

/// The entry of a word in a list.
pub fn entry(list: &'static [Word], wanted: &str) -> Option<&'static Word> {
    list.iter().find(|entry| entry.word == wanted)
}

/// The keyword of that spelling, wherever it may stand.
pub fn keyword(wanted: &str) -> Option<&'static Word> {
    const ALONE: &[Word] = &[OPTIONS, ELSE];
    [ITEMS, STATEMENTS, CLAUSES, OPERATORS, ALONE].into_iter().find_map(|list| entry(list, wanted))
}

/// Whether a word is the first of a request.
pub fn is_verb(wanted: &str) -> bool {
    VERBS.contains(&wanted)
}

const VERBS: &[&str] = &["transcode", "adaptive", "snapshot", "sample", "sprite", "cover", "animate", "review"];

/// The clauses a verb takes, the needed ones first; `{` stands for overrides.
pub fn clauses(verb: &str) -> &'static [&'static str] {
    match verb {
        "transcode" => &["{", "with", "encrypt", "from", "to"],
        "adaptive" => &["with", "from", "to"],
        "snapshot" | "cover" => &["at", "using", "with"],
        "sample" => &["using", "with"],
        "sprite" | "review" => &["using"],
        "animate" => &["from", "to"],
        _ => &[],
    }
}

/// The kind of template that a verb makes its outputs with.
pub fn kind_of_verb(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "transcode" => "transcode",
        "adaptive" => "adaptive",
        "snapshot" | "cover" => "snapshot",
        "sample" => "sample",
        "sprite" => "sprite",
        "animate" => "animated",
        "review" => "review",
        _ => return None,
    })
}

/// Whether a verb's templates stand right behind it, and not behind `using`.
pub fn names_templates_first(verb: &str) -> bool {
    matches!(verb, "transcode" | "adaptive" | "animate")
}

/// Whether a word must be quoted to be a name.
pub fn is_reserved(name: &str) -> bool {
    keyword(name).is_some() || entry(VALUES, name).is_some_and(|value| value.word != "auto")
}

/// A name as it is written where a name may stand.
pub fn spelt(name: &str) -> String {
    let mut signs = name.chars();
    let plain =
        signs.next().is_some_and(char::is_alphabetic) && signs.all(|sign| sign.is_alphanumeric() || sign == '_');
    if plain && !is_reserved(name) {
        return name.to_owned();
    }
    let escaped: String = name
        .chars()
        .flat_map(|sign| match sign {
            '"' | '\\' => vec!['\\', sign],
            _ => vec![sign],
        })
        .collect();
    format!("\"{escaped}\"")
}
