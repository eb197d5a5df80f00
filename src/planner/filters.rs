//! Filter graphs of encode jobs: operations between decoders and encoders as ffmpeg's filters.

use super::motion;
use super::reading::Place;
use super::relay::{self, Relay};
use crate::catalog::template::Fill;
use crate::physical::{Filter, FilterGraph, Pad, PreparedMark};
use crate::plan::op::{Op, Picked, Trim};
use crate::plan::stream::StreamType::{Stills, Video};
use crate::plan::stream::{Colour, ColourRange, HighRange, Matrix, PixelFormat, StreamType};
use crate::plan::{AnimationCoding, LogicalPlan, Palette, StreamSelector};
use crate::target::Scaler;
use crate::units::{Rational, Resolution, Timestamp};
use petgraph::stable_graph::NodeIndex;
use std::collections::{BTreeMap, BTreeSet};

/// A graph, where each encode reads from it, and the marks it needs.
pub struct Built {
    pub graph: FilterGraph,
    pub ends: Vec<Pad>,
    pub marks: Vec<PreparedMark>,
    /// Ends that must give a picture, one for each place.
    pub guards: Vec<Pad>,
}

/// What the graph of a job is built for.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    /// The operations that read its ends: encodes, and what puts pictures together in another process.
    pub readers: &'a [NodeIndex],
    /// Where the pictures come from; all from the start where there are none.
    pub places: &'a [Place],
    /// Of chosen pictures, those that are this job's part.
    pub windows: &'a Windows,
    /// What is read instead of the source.
    pub relay: Option<&'a Relay>,
    /// The number of the first mark.
    pub first_mark: usize,
}

/// Of a choice of pictures, the number of the first and how many follow each other.
pub(super) type Windows = BTreeMap<NodeIndex, (u32, u32)>;

/// Builds the graph of one job.
pub fn build(logical: &LogicalPlan, purpose: Purpose) -> Built {
    let Purpose { readers: ends, places, windows, relay, first_mark } = purpose;
    let mut needed: BTreeSet<NodeIndex> = BTreeSet::new();
    for end in ends {
        needed.extend(super::ancestors(logical, *end));
    }
    if let Some(relay) = relay {
        let handed = super::ancestors(logical, relay.reader);
        needed.retain(|index| !handed.contains(index));
    }
    let readers: BTreeSet<NodeIndex> = ends.iter().copied().chain(needed.iter().copied()).collect();
    let mut builder = Builder {
        logical,
        places,
        windows,
        filters: Vec::new(),
        marks: Vec::new(),
        guards: Vec::new(),
        first_mark,
        next: 0,
        pads: BTreeMap::new(),
    };
    if let Some(relay) = relay {
        builder.restore(relay);
    }
    for index in logical.ordered().into_iter().filter(|index| needed.contains(index)) {
        let users: Vec<_> = logical.users(index).into_iter().filter(|(user, _)| readers.contains(user)).collect();
        builder.node(index, &users);
    }
    let ends = ends.iter().map(|end| builder.end(*end)).collect();
    Built { graph: FilterGraph { filters: builder.filters }, ends, marks: builder.marks, guards: builder.guards }
}

struct Builder<'a> {
    logical: &'a LogicalPlan,
    places: &'a [Place],
    windows: &'a Windows,
    filters: Vec<Filter>,
    marks: Vec<PreparedMark>,
    guards: Vec<Pad>,
    first_mark: usize,
    next: u32,
    /// (user, port) → what it reads.
    pads: BTreeMap<(NodeIndex, u8), Pad>,
}

pub(super) type Options = Vec<(&'static str, String)>;

impl Builder<'_> {
    fn link(&mut self) -> Pad {
        self.next += 1;
        Pad::Link(self.next - 1)
    }

    fn push(&mut self, name: &'static str, options: Options, inputs: Vec<Pad>) -> Pad {
        let output = self.link();
        self.filters.push(Filter { name, options, inputs, outputs: vec![output] });
        output
    }

    /// Where an encode reads. An encoder reads the end of a filter, so a stream that needs none passes through one.
    fn end(&mut self, encode: NodeIndex) -> Pad {
        if let Op::Copy(copy) = &self.logical.node(encode).op {
            return Pad::Source(copy.stream);
        }
        let end = self.pads[&(encode, 0)];
        if let Op::EncodeAnimation(AnimationCoding { palette: Some(palette), .. }) = self.logical.node(encode).op {
            return self.few_colours(end, palette);
        }
        match end {
            Pad::Source(StreamSelector::Video { .. }) => self.push("null", Vec::new(), vec![end]),
            Pad::Source(StreamSelector::Audio { .. }) => self.push("anull", Vec::new(), vec![end]),
            link => link,
        }
    }

    /// The pictures of a stream: all, or those at the places that are read, in order of time and in the source's ticks.
    fn decoded(&mut self, stream: StreamSelector, tick: Rational) -> Pad {
        let places = self.places;
        let mut pieces = Vec::new();
        for (opening, place) in places.iter().enumerate() {
            let pad = if opening == 0 { Pad::Source(stream) } else { Pad::Again(opening as u32, stream) };
            let seconds = |time: Timestamp| time.0.to_decimal(6);
            let mut bounds: Options = Vec::new();
            bounds.extend(place.not_before.map(|time| ("start", seconds(time))));
            bounds.extend(place.before.map(|time| ("end", seconds(time))));
            let found = if bounds.is_empty() { pad } else { self.push("trim", bounds, vec![pad]) };
            let (piece, guard) = (self.link(), self.link());
            let (name, options, outputs) = ("split", Vec::new(), vec![piece, guard]);
            self.filters.push(Filter { name, options, inputs: vec![found], outputs });
            let first = place.first_before.map(|time| vec![("end", seconds(time))]).unwrap_or_default();
            let first = self.push("trim", first, vec![guard]);
            self.guards.push(first);
            pieces.push(piece);
        }
        match pieces.as_slice() {
            [] => Pad::Source(stream),
            [piece] => *piece,
            _ => {
                let count = pieces.len().to_string();
                let joined = self.push("interleave", vec![("nb_inputs", count)], pieces);
                self.push("settb", vec![("expr", tick.to_string())], vec![joined])
            }
        }
    }

    /// The pictures that other processes laid by, file after file, for the operation that reads them.
    fn restore(&mut self, relay: &Relay) {
        let stream = StreamSelector::Video { index: 0 };
        let mut files: Vec<Pad> = vec![Pad::Source(stream)];
        files.extend((1..relay.files).map(|opening| Pad::Again(opening, stream)));
        let mut end = match files.as_slice() {
            [file] => *file,
            _ => self.push("concat", vec![("n", relay.files.to_string())], files),
        };
        for (name, options) in relay::restored(relay) {
            end = self.push(name, options, vec![end]);
        }
        self.pads.insert((relay.reader, 0), end);
    }

    /// The pictures that a choice takes in this process.
    fn picked<'b>(&self, index: NodeIndex, pictures: &'b [Picked]) -> &'b [Picked] {
        let part = self.windows.get(&index).and_then(|(first, count)| {
            let first = *first as usize;
            pictures.get(first..first + *count as usize)
        });
        part.unwrap_or(pictures)
    }

    /// What ends a film after its last picture; other sets of pictures end when their encoder has had them all.
    fn film_end(&self, index: NodeIndex, op: &Op) -> Option<(&'static str, Options)> {
        let Op::Pick { pictures } = op else { return None };
        let is_film = |user: NodeIndex| matches!(self.logical.node(user).op, Op::Animate { .. });
        let has_film = super::descendants(self.logical, index).into_iter().any(is_film);
        let tick = match self.logical.input_types(index).first() {
            Some(StreamType::Video(video)) => video.time_base,
            _ => Rational::ZERO,
        };
        has_film.then(|| super::sequence::end_after(self.picked(index, pictures), tick)).flatten()
    }

    /// The picture over a blurred copy of itself that fills the canvas.
    fn blurred(&mut self, index: NodeIndex, inputs: &[Pad], canvas: Resolution) -> Pad {
        let given = self.logical.input_types(index);
        let (Some(Video(video) | Stills(video)), Some(picture)) = (given.first(), inputs.first()) else {
            return Pad::Link(0);
        };
        let (front, mut behind) = (self.link(), self.link());
        let outputs = vec![front, behind];
        self.filters.push(Filter { name: "split", options: Vec::new(), inputs: vec![*picture], outputs });
        for (name, options) in super::blur::background(video.size, canvas) {
            behind = self.push(name, options, vec![behind]);
        }
        let centred = super::blur::centred(video.size, canvas, &video.pixel_format);
        self.push("overlay", centred, vec![behind, front])
    }

    /// Colours reduced to a palette. Both branches read the same red, green and blue.
    fn few_colours(&mut self, picture: Pad, palette: Palette) -> Pad {
        let (made, used) = super::sequence::palette(palette);
        let (first, second) = (self.link(), self.link());
        self.filters.push(Filter {
            name: "split",
            options: Vec::new(),
            inputs: vec![picture],
            outputs: vec![first, second],
        });
        let colours = self.push("palettegen", made, vec![first]);
        self.push("paletteuse", used, vec![second, colours])
    }

    /// Adds the filters of one node and hands its stream to its users, split where there are several.
    fn node(&mut self, index: NodeIndex, users: &[(NodeIndex, u8)]) {
        let op = &self.logical.node(index).op;
        if matches!(op, Op::Demux { .. }) {
            return;
        }
        let inputs: Vec<Pad> = (0..self.logical.inputs(index).len() as u8)
            .filter_map(|port| self.pads.get(&(index, port)).copied())
            .collect();
        let sound = matches!(self.logical.output(index), Ok(StreamType::Audio(_)));
        let mut end = match op {
            Op::Decode { stream, output: StreamType::Video(video) } => self.decoded(*stream, video.time_base),
            Op::Decode { stream, .. } => Pad::Source(*stream),
            Op::Mark { .. } => self.mark(index, op),
            Op::Pad { size, fill: Fill::Blur } => self.blurred(index, &inputs, *size),
            _ => inputs.first().copied().unwrap_or(Pad::Link(0)),
        };
        if !matches!(op, Op::Decode { .. } | Op::Mark { .. } | Op::Pad { fill: Fill::Blur, .. }) {
            let given = self.logical.input_types(index);
            let mut reads = inputs;
            if let (Op::Overlay { .. }, Some(mark)) = (op, reads.get(1).copied()) {
                reads[1] = self.start_motion(index, op, mark);
            }
            let own = match op {
                Op::Pick { pictures } => vec![("select", vec![("expr", selection(self.picked(index, pictures)))])],
                _ => filters_of(op, &given),
            };
            let done = self.film_end(index, op).into_iter().chain(own).chain(self.cut_of(index));
            for (name, mut options) in done.collect::<Vec<_>>() {
                if name == "overlay" && self.has_motion(index) {
                    // Moving marks never end; still ones end at once and must not end the picture.
                    options.push(("shortest", "1".into()));
                }
                end = self.push(name, options, std::mem::take(&mut reads));
                reads = vec![end];
            }
        }
        self.hand_over(end, users, if sound { "asplit" } else { "split" });
    }

    fn hand_over(&mut self, end: Pad, users: &[(NodeIndex, u8)], splitter: &'static str) {
        if let [user] = users {
            self.pads.insert(*user, end);
            return;
        }
        let outputs: Vec<Pad> = users.iter().map(|_| self.link()).collect();
        for (user, pad) in users.iter().zip(&outputs) {
            self.pads.insert(*user, *pad);
        }
        self.filters.push(Filter { name: splitter, options: Vec::new(), inputs: vec![end], outputs });
    }

    /// A constant rate ends a part within a picture of its end; the plan says at which.
    fn cut_of(&self, index: NodeIndex) -> Option<(&'static str, Options)> {
        let part = |input: &NodeIndex| matches!(self.logical.node(*input).op, Op::Trim(_));
        let retimed = matches!(self.logical.node(index).op, Op::Retime { .. });
        match (retimed && self.logical.inputs(index).iter().any(part), self.logical.output(index)) {
            (true, Ok(StreamType::Video(video))) => Some(("trim", vec![("end_frame", video.frames.to_string())])),
            _ => None,
        }
    }

    /// Our own PNG, read by the graph itself: as a second input it would pile up frames (`planner.md` 4.1).
    fn mark(&mut self, index: NodeIndex, op: &Op) -> Pad {
        let Op::Mark { name, image, size, opacity, inset, play } = op else { return Pad::Link(0) };
        let file = format!("mark_{}.png", self.first_mark + self.marks.len());
        self.marks.push(PreparedMark {
            name: file.clone(),
            image_name: name.clone(),
            image: image.clone(),
            size: *size,
            opacity: *opacity,
            inset: *inset,
            repeat: play.as_ref().map(|play| play.repeat),
        });
        let under =
            self.logical.users(index).first().and_then(|(user, _)| self.logical.input_types(*user).into_iter().next());
        let matrix = match under {
            Some(StreamType::Video(video) | StreamType::Stills(video)) => video.colour.matrix,
            _ => Matrix::Bt709,
        };
        let png = self.push("movie", vec![("filename", file), ("format_name", "png_pipe".into())], Vec::new());
        let converted = vec![("out_color_matrix", swscale_matrix(matrix).to_owned()), ("out_range", "tv".into())];
        let converted = self.push("scale", converted, vec![png]);
        let mut end = self.push("format", vec![("pix_fmts", "yuva420p".into())], vec![converted]);
        for (name, options) in play.iter().flat_map(motion::filters) {
            end = self.push(name, options, vec![end]);
        }
        end
    }

    /// An animation starts when it is first seen.
    fn start_motion(&mut self, overlay: NodeIndex, op: &Op, mark: Pad) -> Pad {
        match op {
            Op::Overlay { from: Some(from), .. } if self.has_motion(overlay) => {
                self.push("setpts", motion::from(*from), vec![mark])
            }
            _ => mark,
        }
    }

    fn has_motion(&self, overlay: NodeIndex) -> bool {
        let mark = self.logical.inputs(overlay).get(1).map(|mark| &self.logical.node(*mark).op);
        matches!(mark, Some(Op::Mark { play: Some(_), .. }))
    }
}

/// The filters that do an operation, given the types of what it reads.
fn filters_of(op: &Op, given: &[StreamType]) -> Vec<(&'static str, Options)> {
    match (op, given.first()) {
        (Op::Shift { zero }, Some(StreamType::Audio(sound))) => {
            vec![("asetpts", shifted(*zero, Rational::of(1, i64::from(sound.sample_rate.0))))]
        }
        (Op::Shift { zero }, Some(StreamType::Video(video))) => vec![("setpts", shifted(*zero, video.time_base))],
        (Op::Deinterlace, _) => vec![("yadif", vec![("mode", "send_frame".into()), ("deint", "all".into())])],
        (Op::Trim(trim), Some(StreamType::Audio(sound))) => part_of_sound(trim, sound.sample_rate.0),
        (Op::Trim(trim), _) => part_of_pictures(trim),
        (Op::Retime { rate }, given) => {
            let mut options: Options =
                vec![("fps", rate.to_string()), ("start_time", "0".into()), ("round", "near".into())];
            // What ends before the middle of the first slot would be no picture at all.
            if given.is_some_and(|given| ends_before(given, rate.frame_duration() * Rational::of(1, 2))) {
                options.push(("eof_action", "pass".into()));
            }
            vec![("fps", options)]
        }
        (Op::Tile { columns, rows, cells }, _) => super::sequence::tiled(*columns, *rows, cells),
        (Op::Animate { rate, pictures }, _) => super::sequence::film(*rate, pictures),
        (Op::Scale { size, scaler }, _) => vec![scale(*size, *scaler), ("setsar", vec![("sar", "1".into())])],
        (Op::Pad { size, fill }, Some(StreamType::Video(video) | StreamType::Stills(video))) => {
            vec![("pad", padded(video.size, *size, fill.word()))]
        }
        (Op::Convert { pixel_format, colour, scaler }, Some(StreamType::Video(video) | StreamType::Stills(video))) => {
            let format = ("format", vec![("pix_fmts", pixel_format.0.clone())]);
            if video.colour == *colour {
                return vec![format];
            }
            recoloured(video.colour, *colour, *scaler, format)
        }
        (Op::ToneMap { curve }, Some(StreamType::Video(video) | StreamType::Stills(video))) => {
            tone_mapped(video.colour, *curve)
        }
        // Half as strong again as the filter's own: the other three follow (4.5 of chroma, 9 and 6.75 over time). White
        // noise of a deviation of 6.3 comes out as 4.0.
        (Op::Denoise, _) => vec![("hqdn3d", vec![("luma_spatial", "6".into())])],
        (Op::Overlay { x, y, from, to }, given) => {
            let ten_bits =
                matches!(given, Some(StreamType::Video(video)) if video.pixel_format == PixelFormat::yuv420p10());
            let (format, pixels) = if ten_bits { ("yuv420p10", "yuv420p10le") } else { ("yuv420", "yuv420p") };
            let mut options: Options = vec![
                ("x", x.to_string()),
                ("y", y.to_string()),
                ("eof_action", "repeat".into()),
                ("format", format.into()),
            ];
            options.extend(enabled(*from, *to).map(|expression| ("enable", expression)));
            vec![("overlay", options), ("format", vec![("pix_fmts", pixels.into())])]
        }
        (Op::Resample { sample_rate, channels }, _) => vec![
            ("aresample", vec![("osr", sample_rate.to_string()), ("async", "1".into()), ("first_pts", "0".into())]),
            ("aformat", vec![("sample_rates", sample_rate.to_string()), ("channel_layouts", layout(*channels).into())]),
        ],
        _ => Vec::new(),
    }
}

fn ends_before(stream: &StreamType, time: Rational) -> bool {
    matches!(stream, StreamType::Video(video) if video.start.0 + video.duration.seconds() < time)
}

fn shifted(zero: Timestamp, time_base: Rational) -> Options {
    let ticks = zero.0.checked_div(time_base).map_or(0, Rational::round);
    let sign = if ticks < 0 { '+' } else { '-' };
    vec![("expr", format!("PTS{sign}{}", ticks.unsigned_abs()))]
}

/// The picture that is shown at the start may have begun before; it moves to zero. A deinterlacer halves the time base,
/// so ticks are reckoned by the filter, rounded down: later pictures stay later.
fn part_of_pictures(trim: &Trim) -> Vec<(&'static str, Options)> {
    let seconds = |time: Timestamp| time.0.to_decimal(6);
    let kept = trim.pictures;
    let mut bounds: Options = Vec::new();
    bounds.extend(kept.and_then(|kept| kept.not_before).map(|time| ("start", seconds(time))));
    bounds.extend(kept.and_then(|kept| kept.before).map(|time| ("end", seconds(time))));
    let shift = ("setpts", vec![("expr", format!("max(PTS-floor({}/TB+0.01),0)", trim.from.0))]);
    if bounds.is_empty() { vec![shift] } else { vec![("trim", bounds), shift] }
}

/// Cut at the first sample at or after each moment. Stamps of sound count samples.
fn part_of_sound(trim: &Trim, sample_rate: u32) -> Vec<(&'static str, Options)> {
    let sample = |time: Timestamp| (time.0 * Rational::from(sample_rate)).ceil();
    let (from, to) = (sample(trim.from), sample(trim.to));
    let bounds = vec![("start_pts", from.to_string()), ("end_pts", to.to_string())];
    vec![("atrim", bounds), ("asetpts", vec![("expr", format!("PTS-{from}"))])]
}

fn scale(size: Resolution, scaler: Scaler) -> (&'static str, Options) {
    let sides = |width, height| vec![(width, size.width.to_string()), (height, size.height.to_string())];
    match scaler {
        Scaler::Zimg => ("zscale", [sides("w", "h"), vec![("filter", "bicubic".into())]].concat()),
        Scaler::Swscale => ("scale", [sides("w", "h"), vec![("flags", "bicubic+accurate_rnd".into())]].concat()),
    }
}

fn padded(picture: Resolution, canvas: Resolution, fill: &str) -> Options {
    let middle = |outer, inner| super::blur::middle(outer, inner).to_string();
    vec![
        ("w", canvas.width.to_string()),
        ("h", canvas.height.to_string()),
        ("x", middle(canvas.width, picture.width)),
        ("y", middle(canvas.height, picture.height)),
        ("color", if fill == "white" { "white".into() } else { "black".into() }),
    ]
}

/// A change of colour. zimg calls red, green and blue a matrix of its own, which only planar formats have.
fn recoloured(
    from: Colour,
    to: Colour,
    scaler: Scaler,
    format: (&'static str, Options),
) -> Vec<(&'static str, Options)> {
    let planar = || ("format", vec![("pix_fmts", "gbrp".to_owned())]);
    let mut filters = Vec::new();
    if scaler == Scaler::Zimg && from.matrix == Matrix::Rgb {
        filters.push(planar());
    }
    filters.push(recolour(from, to, scaler));
    if scaler == Scaler::Zimg && to.matrix == Matrix::Rgb {
        filters.push(planar());
    }
    filters.push(format);
    filters
}

fn recolour(from: Colour, to: Colour, scaler: Scaler) -> (&'static str, Options) {
    match scaler {
        Scaler::Zimg => (
            "zscale",
            vec![
                ("matrixin", zimg_matrix(from.matrix).into()),
                ("rangein", zimg_range(from.range).into()),
                ("matrix", zimg_matrix(to.matrix).into()),
                ("range", zimg_range(to.range).into()),
            ],
        ),
        Scaler::Swscale => (
            "scale",
            vec![
                ("in_color_matrix", swscale_matrix(from.matrix).into()),
                ("in_range", zimg_range(from.range).into()),
                ("out_color_matrix", swscale_matrix(to.matrix).into()),
                ("out_range", zimg_range(to.range).into()),
            ],
        ),
    }
}

/// Light is made linear with paper white at 100 cd/m², colours are brought to BT.709, highlights are compressed by
/// Hable's curve (it keeps clouds and contrast where others wash out), and all becomes 8-bit.
fn tone_mapped(from: Colour, curve: HighRange) -> Vec<(&'static str, Options)> {
    let source: Options = vec![
        ("transferin", curve.name().into()),
        ("primariesin", "2020".into()),
        ("matrixin", zimg_matrix(from.matrix).into()),
        ("rangein", zimg_range(from.range).into()),
        ("transfer", "linear".into()),
        ("npl", "100".into()),
    ];
    let standard: Options = vec![("transfer", "709".into()), ("matrix", "709".into()), ("range", "limited".into())];
    vec![
        ("zscale", source),
        ("format", vec![("pix_fmts", "gbrpf32le".into())]),
        ("zscale", vec![("primaries", "709".into())]),
        ("tonemap", vec![("tonemap", "hable".into()), ("desat", "0".into())]),
        ("zscale", standard),
        ("format", vec![("pix_fmts", "yuv420p".into())]),
    ]
}

fn zimg_matrix(matrix: Matrix) -> &'static str {
    match matrix {
        Matrix::Bt601 => "470bg",
        Matrix::Bt709 => "709",
        Matrix::Bt2020 => "2020_ncl",
        Matrix::Rgb => "gbr",
    }
}

fn zimg_range(range: ColourRange) -> &'static str {
    match range {
        ColourRange::Limited => "limited",
        ColourRange::Full => "full",
    }
}

fn swscale_matrix(matrix: Matrix) -> &'static str {
    match matrix {
        Matrix::Bt601 => "bt601",
        Matrix::Bt709 => "bt709",
        Matrix::Bt2020 => "bt2020",
        Matrix::Rgb => "auto",
    }
}

fn layout(channels: u8) -> &'static str {
    match channels {
        1 => "mono",
        2 => "stereo",
        3 => "2.1",
        4 => "4.0",
        5 => "5.0",
        6 => "5.1",
        7 => "6.1",
        _ => "7.1",
    }
}

fn enabled(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<String> {
    // Half a microsecond early: time stamps as floating-point numbers may lie a little below the exact time.
    let at = |time: Timestamp| (time.0 - Rational::of(1, 2_000_000)).to_decimal(7);
    match (from, to) {
        (None, None) => None,
        (Some(from), None) => Some(format!("gte(t,{})", at(from))),
        (None, Some(to)) => Some(format!("lt(t,{})", at(to))),
        (Some(from), Some(to)) => Some(format!("gte(t,{})*lt(t,{})", at(from), at(to))),
    }
}

/// How many comparisons are evaluated per picture at the most.
const TERMS_IN_A_ROW: usize = 64;

/// True for the first picture at or after each threshold. `prev_selected_t` is not a number before the first choice, and
/// comparisons with that are false.
fn selection(pictures: &[Picked]) -> String {
    let term = |picked: &Picked| match picked.not_before {
        None => "isnan(prev_selected_t)".to_owned(),
        Some(from) => {
            let from = from.0.to_decimal(6);
            format!("gte(t,{from})*not(gte(prev_selected_t,{from}))")
        }
    };
    let runs: Vec<String> =
        pictures.chunks(TERMS_IN_A_ROW).map(|run| run.iter().map(term).collect::<Vec<_>>().join("+")).collect();
    let starts = pictures.chunks(TERMS_IN_A_ROW).map(|run| run.first().and_then(|picked| picked.not_before));
    let mut runs = runs.into_iter().zip(starts).rev();
    let Some((last, mut from)) = runs.next() else { return "0".into() };
    let mut expression = last;
    for (run, start) in runs {
        let bound = from.map(|time| time.0.to_decimal(6)).unwrap_or_default();
        expression = format!("if(lt(t,{bound}),{run},{expression})");
        from = start;
    }
    expression
}
