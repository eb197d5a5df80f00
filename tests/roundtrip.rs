//! What is printed is read back as it was: plan text, facts, units, times in procedures, and escapes in filter graphs.

mod assumed;

use assumed::{FACTS, compile_assumed, diagnostic_line, meaning};
use proptest::prelude::*;
use std::fmt::Write;
use std::process::Command;
use vodflow::driver::{Compilation, Compiler, Entry, Form};
use vodflow::explain::hir_text;
use vodflow::ffmpeg::{escape_for_graph, escape_option};
use vodflow::media::{SourceFacts, facts_text};
use vodflow::optimizer::OptimizerOptions;
use vodflow::plan::{LogicalPlan, text};
use vodflow::target::Target;
use vodflow::units::{Duration, Percent, Rational, TimePoint};
use vodflow::world::NoFiles;

/// Templates of every kind that statements below may name.
const TEMPLATES: &str = r#"
template transcode boxed { container: mp4  video: { codec: h264, width: 640, height: 640, fill: white, upscale: clamp }  audio: { codec: mp3 } }
template transcode exact { container: hls  segment: { type: fmp4, time: 6s }  video: { codec: h265, mode: crf, crf: 30, fps: 30000/1001 } }
template transcode plain { container: flv  video: { codec: h264, mode: cbr, bitrate: 900kbps, level: 4.2, bframes: 2, speed: fast } }
template transcode rich { container: mp4  video: { codec: h265, pixel_format: yuv420p10, hdr: keep, tag: hev1, crf: 24, denoise: on } audio: { tracks: [1] } }
template transcode modern { container: mp4  video: { codec: av1, bitrate: 900kbps } }
template transcode twice { container: mp4  video: { codec: h265, bitrate: 900kbps, passes: 2, tag: hev1 } }
template transcode 无损 { container: flac  video: none }
template watermark "a \"b\" = #c" { image: "marks/a \"b\" = #c.png", origin: bottom_left, x: 3%, y: 7px, height: 12.5%, opacity: 33.3% }
template watermark logo { image: "标 志.png", origin: top_right }
template watermark moving { image: "moving.gif", x: 3px, y: 5px, repeat: once }
template watermark caption { text: { font: "a.ttf", size: 7% } }
template watermark badge { svg: {} }
template encryption vault { method: aes_128, key_url: "https://keys.example.com/%d?a=b#c" }
template adaptive packed { format: hls  segment: { type: mp4_mp4_segment, time: 5s }  rungs: [{ video: { short_side: 144 } }, { video: { short_side: 240 }  audio: none }, { video: none }] }
template adaptive secret { format: hls  encrypt: vault  rungs: [{ video: { short_side: 144, fps: 30000/1001 } }] }
template snapshot small { short_side: 180  format: png }
template snapshot web { width: 300  height: 300  format: webp }
template sample often { every: 700ms  long_side: 160 }
template snapshot soft { width: 300  height: 500  fill: blur }
template sprite sheets { every: 15%  rows: 2  columns: 3  width: 160  height: 128  fill: stretch  format: webp }
template animated film { fps: 30000/1001  width: 200 }
template animated web_film { extends: film  format: webp  quality: 40 }
template transcode soft_bars { container: mp4  video: { codec: h264, width: 640, height: 640, fill: blur } }
"#;

const STATEMENTS: &[&str] = &[
    "transcode 10",
    "transcode 220, 10047 with logo",
    "transcode 100040, 520 with logo(from: 1s), \"a \\\"b\\\" = #c\"(from: 10%, to: -1s)",
    "transcode 20 with moving(from: 1s), caption(text: \"“草 稿”\"), badge(svg: \"<svg/>\")",
    "transcode boxed with \"a \\\"b\\\" = #c\"",
    "transcode exact",
    "transcode 230 encrypt vault",
    "transcode plain",
    "transcode 1010, 无损",
    "transcode rich, modern, twice",
    "transcode twice { video: { bitrate: 400kbps } } with logo",
    "transcode 875",
    "transcode modern from 10% to -0.3s with logo(to: 50%)",
    "transcode 100800",
    "snapshot at 0s, 33%, -1s, end using small with logo",
    "snapshot at 1.04s, 1.05s, 1.06s using web",
    "sample using 10",
    "sample using often",
    "cover at 50% using 10",
    "sprite using 10",
    "sprite using sheets",
    "animate film from 1s to 50%",
    "animate web_film, 20000 to 1.5s",
    "snapshot at 1s, 1s using soft with logo",
    "transcode soft_bars with logo",
    "adaptive 10, 20 with logo",
    "adaptive packed, secret from 1s to 50%",
    "review using 20",
];

const PICTURES: &[&str] = &[
    "",
    "video 0 h264 1920x1080 25/1 yuv420p 60s\n",
    "video 0 hevc 720x576 25/1 yuv420p10le 4s sar=64/45 rot=90 interlaced bt601\n",
    "video 3 h264 853x479 30000/1001 yuvj420p 2s start=1.4 bt709 full\n",
    "video 0 vp9 640x360 24/1 rgb24 3s vfr start=-0.04 bitrate=812345\n",
    "video 0 hevc 640x360 25/1 yuv420p10le 3s hdr mastering=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50) light=1000,200\n",
    "video 0 hevc 640x360 25/1 yuv420p10le 3s hlg profile=Main level=93 keys=25\n",
];

const SOUNDS: &[&str] =
    &["", "audio 7 aac 44100 stereo 5s\n", "audio 7 opus 48000 5.1 3.33s start=0.0065 language=deu\n"];

/// No file remembers failures: what fails is mended and kept as a case.
fn cases(number: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(number) }
}

fn procedure() -> impl Strategy<Value = String> {
    let statement = proptest::sample::select(STATEMENTS);
    let options = proptest::sample::select(&["", "options { master_playlist: true }\n"][..]);
    (options, proptest::collection::vec(statement, 1..6)).prop_map(|(options, statements)| {
        format!("{TEMPLATES}\nprocedure p {{\n{options}{}\n}}\n", statements.join("\n"))
    })
}

fn source() -> impl Strategy<Value = SourceFacts> {
    let streams =
        (proptest::sample::select(PICTURES), proptest::sample::select(SOUNDS), any::<String>(), any::<String>());
    streams.prop_map(|(picture, sound, name, title)| {
        let mut facts: SourceFacts = format!("{picture}{sound}").parse().expect("facts of this test");
        for track in &mut facts.audio {
            track.title = Some(title.clone()).filter(|title| !title.is_empty());
        }
        SourceFacts { name, ..facts }
    })
}

fn compiled(compiler: &Compiler, text: &str, facts: &SourceFacts) -> Compilation {
    let checked = compiler.check_file("t.vod", text, Entry::Main, &NoFiles);
    let said = |found: &vodflow::diag::Diagnostics| -> String {
        found.iter().map(|problem| diagnostic_line(problem, &checked.sources, &["t.vod"])).collect()
    };
    let procedure = checked.procedure.as_ref().unwrap_or_else(|| panic!("{}", said(&checked.diagnostics)));
    let options = OptimizerOptions::default();
    let (compilation, found) =
        compile_assumed(compiler, procedure, facts, &Target::assumed(), &options).expect("plans are sound");
    compilation.unwrap_or_else(|| panic!("{}", said(&found)))
}

/// Printed and read, a plan is the same text and delivers the same under the same keys.
fn assert_survives(plan: &LogicalPlan) {
    let printed = text::print(plan);
    let read = text::parse(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
    assert_eq!(text::print(&read), printed);
    assert_eq!(read.verify(), Ok(()));
    assert_eq!(read.delivered(), plan.delivered());
}

#[test]
fn plans_of_the_examples_survive_their_text() {
    let compiler = Compiler::new();
    let facts: SourceFacts = FACTS.parse().expect("the assumed source");
    for entry in std::fs::read_dir("examples").expect("the folder is there").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "vod") {
            let example = std::fs::read_to_string(entry.path()).expect("an example");
            let compilation = compiled(&compiler, &example, &facts);
            assert_survives(&compilation.logical);
            assert_survives(&compilation.optimised);
        }
    }
}

#[test]
fn plans_of_random_procedures_survive_their_text() {
    let compiler = Compiler::new();
    proptest!(cases(200), |(text in procedure(), facts in source())| {
        let compilation = compiled(&compiler, &text, &facts);
        assert_survives(&compilation.logical);
        assert_survives(&compilation.optimised);
    });
}

#[test]
fn every_statement_of_the_random_procedures_is_planned() {
    let compiler = Compiler::new();
    let facts: SourceFacts = format!("{}{}", PICTURES[1], SOUNDS[1]).parse().expect("facts");
    for statement in STATEMENTS.iter().filter(|statement| !statement.starts_with("review")) {
        let text = format!("{TEMPLATES}\nprocedure p {{ {statement} }}");
        assert!(!compiled(&compiler, &text, &facts).logical.is_empty(), "{statement}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn rationals_survive_their_text(numerator in any::<i64>(), denominator in 1i64..=i64::MAX) {
        let number = Rational::of(numerator, denominator);
        prop_assert_eq!(number.to_string().parse(), Ok(number));
    }

    #[test]
    fn facts_survive_their_text(mut facts in source()) {
        // Names of tracks are not printed.
        facts.audio.iter_mut().for_each(|track| track.title = None);
        let read: SourceFacts = facts_text(&facts).parse().expect("printed facts");
        prop_assert_eq!(facts_text(&read), facts_text(&facts));
        prop_assert_eq!(SourceFacts { name: facts.name.clone(), ..read }, facts);
    }
}

fn time_point() -> impl Strategy<Value = TimePoint> {
    let duration = prop_oneof![0u32..=200_000, any::<u32>()].prop_map(Duration::from_millis);
    prop_oneof![
        duration.clone().prop_map(TimePoint::FromStart),
        duration.prop_map(TimePoint::FromEnd),
        (0i64..=100_000_000).prop_map(|millionths| TimePoint::Percent(Percent(Rational::of(millionths, 1_000_000)))),
        Just(TimePoint::End),
    ]
}

#[test]
fn times_survive_their_text_in_a_procedure() {
    let compiler = Compiler::new();
    proptest!(cases(100), |(times in proptest::collection::vec(time_point(), 1..30))| {
        let words: Vec<String> = times.iter().map(TimePoint::to_string).collect();
        let statement = format!("snapshot at {} using 10\n", words.join(", "));
        let checked =
            compiler.check_file("t.vod", &format!("procedure p {{ {statement} }}"), Entry::Main, &NoFiles);
        let procedure = checked.procedure.expect(&statement);
        prop_assert_eq!(hir_text(&procedure), statement);
        let vodflow::hir::TaskKind::Snapshot { times: read, .. } = &procedure.tasks()[0].kind else {
            panic!("no snapshot");
        };
        let times: Vec<_> = times.into_iter().map(vodflow::hir::Time::Known).collect();
        prop_assert_eq!(read, &times);
    });
}

#[test]
fn durations_never_show_sixty_seconds() {
    for (numerator, denominator, shown) in [
        (599_999, 10_000, "1m"),
        (1_199_996, 10_000, "2m"),
        (35_999_999, 10_000, "1h"),
        (-1, 10_000, "0s"),
        (-599_999, 10_000, "-1m"),
        (59_999, 1000, "59.999s"),
    ] {
        let time = vodflow::units::Timestamp(Rational::of(numerator, denominator));
        assert_eq!(time.to_string(), shown);
    }
}

/// What steers option lists, filter graphs, shells and expansions, among letters of one to four bytes.
const SPECIALS: &str = r"[\\':\[\],;=%$#{}@()|\x22&*?!~ \t\nax中é🎬]{1,24}";

/// Values go through ffmpeg's own parser and come back from the picture's metadata (`reliability.md` R10).
#[test]
fn any_text_reaches_a_filter_exactly() {
    let strategy = proptest::collection::vec(SPECIALS, 80);
    proptest!(cases(8), |(values in strategy)| {
        let (mut graph, mut expected) = (String::new(), String::new());
        for (at, value) in values.iter().enumerate() {
            let escaped = escape_for_graph(&escape_option(value));
            let _ = write!(graph, "metadata=add:key=k{at}:value={escaped},");
            let _ = writeln!(expected, "k{at}={value}");
        }
        graph.push_str("metadata=print:file=-");
        prop_assert_eq!(metadata_of_one_picture(&graph), expected);
    });
}

/// What the graph's last filter prints, without the line about the picture.
fn metadata_of_one_picture(graph: &str) -> String {
    let output = Command::new("ffmpeg")
        .args("-hide_banner -nostdin -v error -f lavfi -i nullsrc=s=16x16:d=0.04 -filter_complex".split(' '))
        .args([graph, "-f", "null", "-"])
        .output()
        .expect("ffmpeg starts");
    let printed = String::from_utf8(output.stdout).expect("text in UTF-8");
    let (picture, metadata) = printed.split_once('\n').unwrap_or_else(|| {
        panic!("{}\n{graph}", String::from_utf8_lossy(&output.stderr));
    });
    assert!(picture.starts_with("frame:0"), "{picture}");
    metadata.to_owned()
}

/// Statements with the templates that they name, and what those extend.
fn small_procedure() -> impl Strategy<Value = String> {
    const OPTIONS: [&str; 3] =
        ["", "options { master_playlist: true, only_below_source_bitrate: true }\n", "options { notify: change }\n"];
    let statements = proptest::collection::vec(proptest::sample::select(STATEMENTS), 1..4);
    (proptest::sample::select(&OPTIONS[..]).prop_map(str::to_owned), statements).prop_map(|(options, statements)| {
        let statements = statements.join("\n");
        let mut used = String::new();
        for line in TEMPLATES.lines().rev() {
            let name = line.split_whitespace().nth(2).unwrap_or_default();
            let is_used = |text: &str| text.split([' ', ',', '(', '\n', '}']).any(|word| word == name);
            let named = name.starts_with('"') && statements.contains("= #c");
            if !name.is_empty() && (named || is_used(&statements) || is_used(&used)) {
                used = format!("{line}\n{used}");
            }
        }
        format!("{used}procedure p {{\n{options}{statements}\n}}\n")
    })
}

/// The meaning with its lines in an order of their own: JSON keeps its requests by kind.
fn unordered(meaning: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = meaning.lines().collect();
    lines.sort_unstable();
    lines
}

proptest! {
    #![proptest_config(cases(150))]

    /// What a form can say means there what it meant; what it cannot say is told, and the language can say everything.
    #[test]
    fn procedures_mean_the_same_in_every_form(text in small_procedure()) {
        let compiler = Compiler::new();
        let checked = compiler.check_file("t.vod", &text, Entry::Main, &NoFiles);
        let Some(procedure) = checked.procedure else {
            // Some statements exclude each other.
            prop_assert!(checked.diagnostics.has_errors());
            return Ok(());
        };
        let meant = meaning(&procedure);
        for form in Form::ALL {
            let made = compiler.convert_file("t.vod", &text, &Entry::Main, form, &NoFiles);
            let Some(written) = made.text else {
                let told: String = made.diagnostics.iter().map(|problem| diagnostic_line(problem, &made.sources, &["t.vod"])).collect();
                prop_assert!(form != Form::Vod && told.contains("E0222"), "{}:\n{text}\n{told}", form.word());
                continue;
            };
            let name = if form == Form::Vod { "again.vod" } else { "again.json" };
            let again = compiler.check_file(name, &written, Entry::Main, &NoFiles);
            let told: String = again.diagnostics.iter().map(|problem| diagnostic_line(problem, &again.sources, &[name])).collect();
            let meant_again = again.procedure.as_ref().map(meaning).unwrap_or_default();
            prop_assert_eq!(unordered(&meant), unordered(&meant_again), "{}:\n{}\n{}\n{}", form.word(), text, written, told);
        }
    }
}
