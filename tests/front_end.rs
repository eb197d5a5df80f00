//! The front end as a whole: examples, the catalogue, and what every mistake is told.

use std::fmt::Write;
use vodflow::catalog::template::{Setting, Sides, Template, TemplateKind};
use vodflow::diag::Language;
use vodflow::driver::{Checked, Compiler, Entry};
use vodflow::explain::hir_text;
use vodflow::units::Bitrate;
use vodflow::world::{ImportError, ImportedText, NoFiles, World};

/// One line per diagnostic: place, code, message, help, fix; then the tasks.
fn report(checked: &Checked) -> String {
    let mut text = told(checked, Language::English);
    if let Some(procedure) = &checked.procedure {
        text.push_str(&hir_text(procedure));
    }
    text
}

/// One line per diagnostic: place, code, message, help, fix.
fn told(checked: &Checked, language: Language) -> String {
    let mut text = String::new();
    for problem in checked.diagnostics.iter() {
        let place = problem.primary.as_ref().and_then(|label| {
            let source = checked.sources.get(label.span.source)?;
            let start = source.position(label.span.start);
            Some(format!("{}:{} `{}` ", start.line, start.column, &source.text[label.span.range()]))
        });
        let _ = write!(text, "{}{} {}", place.unwrap_or_default(), problem.code.id, problem.message.text(language));
        if let Some(help) = &problem.help {
            let _ = write!(text, " ({})", help.text(language));
        }
        if let Some(fix) = &problem.fix {
            let edits: Vec<&str> = fix.edits.iter().map(|(_, text)| text.as_str()).collect();
            let _ = write!(text, " fix {edits:?}");
        }
        text.push('\n');
    }
    text
}

fn checked(text: &str) -> Checked {
    Compiler::new().check_file("t.vod", text, Entry::Main, &NoFiles)
}

fn check(text: &str) -> String {
    report(&checked(text))
}

/// Statements inside a procedure that runs; they start on line 2.
fn in_procedure(statements: &str) -> String {
    format!("procedure p {{\n{statements}\n}}\n")
}

/// Checks texts and keeps what is said about them in one snapshot.
fn snapshot(name: &str, texts: &[&str]) {
    let mut all = String::new();
    for text in texts {
        let _ = writeln!(all, "{}\n--\n{}==", text.trim(), check(text));
    }
    keep(name, &all);
}

/// As `snapshot`, and what is said in Chinese in a second one.
fn snapshot_in_both(name: &str, texts: &[&str]) {
    snapshot(name, texts);
    let chinese: String = texts.iter().map(|text| told(&checked(text), Language::Chinese)).collect();
    keep(&format!("{name}-zh"), &chinese);
}

fn keep(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_catalogue_is_sound_and_complete() {
    let compiler = Compiler::new();
    assert!(compiler.catalog_diagnostics().is_empty(), "{:?}", compiler.catalog_diagnostics());
    let ids = |kind| compiler.catalog().ids(kind).map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(ids(TemplateKind::Transcode).len(), 36 + 12 + 5 + 7 + 4);
    assert_eq!(ids(TemplateKind::Snapshot), [10]);
    assert_eq!(ids(TemplateKind::Sample), [10]);
    assert_eq!(ids(TemplateKind::Review), [10, 20]);
    let defaults = compiler.defaults();
    assert_eq!(defaults.transcode.iter().map(|template| template.head.label()).collect::<Vec<_>>(), ["10", "20", "30"]);
}

#[test]
fn catalogue_templates_hold_the_documented_figures() {
    let compiler = Compiler::new();
    let mut text = String::new();
    for template in compiler.catalog().templates() {
        let Template::Transcode(template) = template else { continue };
        let _ = write!(text, "{} {}", template.head.label(), template.container);
        if let Some(video) = &template.video {
            let sides = match video.sides {
                Sides::Source => "source".to_owned(),
                Sides::Oriented { short, long } => format!("long {long:?} short {short:?}"),
                Sides::Literal { .. } => "literal".to_owned(),
            };
            let bitrate = match video.bitrate {
                Setting::Exactly(rate) => rate.to_string(),
                _ => "auto".to_owned(),
            };
            let rate = match video.rate {
                Setting::Exactly(rate) => rate.to_string(),
                _ => "source".to_owned(),
            };
            let _ =
                write!(text, "; {} {sides} {bitrate} {rate}fps gop {:?} copy {}", video.codec, video.gop, video.copy());
        }
        if let Some(audio) = &template.audio {
            let bitrate = match audio.bitrate {
                Setting::Exactly(Bitrate(rate)) => Bitrate(rate).to_string(),
                _ => "auto".to_owned(),
            };
            let _ = write!(text, "; {} {bitrate} {:?} {:?}", audio.codec, audio.sample_rate, audio.channels);
        }
        text.push('\n');
    }
    keep("catalogue", &text);
}

#[test]
fn the_examples_mean_what_they_say() {
    let mut text = String::new();
    let entries = std::fs::read_dir("examples").expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "vod")) {
        let source = std::fs::read_to_string(path).expect("text");
        let checked = Compiler::new().check_file("example.vod", &source, Entry::Main, &NoFiles);
        assert!(checked.diagnostics.is_empty(), "{}: {}", path.display(), report(&checked));
        let _ = writeln!(text, "{}\n{}", path.display(), report(&checked));
    }
    assert!(text.contains("transcode 230 with logo(from 5s to -5s) encrypt vault"), "{text}");
    assert!(text.contains("transcode 100030 with 站标") || text.contains("transcode 100020 with 站标"), "{text}");
}

#[test]
fn words_that_are_wrong() {
    snapshot_in_both(
        "wrong-words",
        &[
            &in_procedure(
                "transcoed 10\ntranscode 10 whit logo\nfrobnicate 10 { transcode 10 }\ntranscode 20\nreview using 10 with a",
            ),
            "tempalte transcode x { container: mp4 }\nprocedure p { transcode 10 }",
            "transcode 10\nprocedure p { transcode 10 }",
            "template transcoded x { container: mp4 }\ntemplate sprite y { rows: 3 }\nprocedure p { transcode x }",
            &in_procedure("transcode10\ntranscode高清 10\npublsh(1)\nQCVB_SimpleProcesFile(1)"),
            "template transcode sample { container: mp4 }",
            "procedure p\u{430}y { transcode 10 }",
        ],
    );
}

#[test]
fn punctuation_that_is_wrong() {
    snapshot_in_both(
        "wrong-punctuation",
        &[
            &in_procedure(
                "transcode 10，20\nsnapshot at [0s 5s] using 10\nsnapshot at 0s, using 10\nsample 10\ntranscode 10,",
            ),
            "template watermark a { image: “a.png”, x： 2% }\nprocedure p { transcode 10 with a }",
            "procedure p {\n transcode 10\nprocedure q { transcode 20 }",
            "procedure p(a: time = , b) { transcode 10 }",
            "template watermark a { image: \"a.png\n x: 2% }\nprocedure p { transcode 10 }",
            "procedure p { trans\u{200b}code 10 }",
            "procedure p { transcode 10 } // \u{202e}",
            &in_procedure("transcode 10 20\n{ sample using 10 }\n)\npublish(1, 2\nsample using 10"),
            "procedure p { transcode 10 } /* open",
            "template transcode a { container: mp4 video { fps: 25 } audio: }\nprocedure p { transcode a }",
        ],
    );
}

#[test]
fn statements_of_every_kind() {
    snapshot_in_both(
        "every-kind",
        &[
            &in_procedure(
                "sprite using 10\nadaptive 10 with a\nanimate 20000 from 0s to 5s\nlet a = 5s\n\
                 for t in [1s] { snapshot at t using 10 }\nwhen source.height > 720 { transcode 30 } else { transcode 20 }\n\
                 options { priority: 5 }\ntranscode 10 { video: { fps: 25 } }\ntranscode 10 from 5s to 10s\n\
                 cover at 5s + 2s using 10\ncover at (5s) using 10\ncover at source.duration using 10\n\
                 cover at not 5s using 10",
            ),
            "template watermark t { text: { font: \"a\" } }\ntemplate transcode x { container: mp4 video: { passes: 2 } }\n\
             procedure p { transcode x with t(text: \"hi\") }",
            "template watermark t { image: \"a.png\", width: 10w% }\nprocedure p { transcode 10 with t }",
        ],
    );
}

#[test]
fn names_and_ids_that_are_wrong() {
    snapshot_in_both(
        "wrong-names",
        &[
            &in_procedure(
                "transcode hd\ntranscode 41, 1\nsnapshot at 0s using 210\ntranscode 10 with 1\n\
                 cover at 0s using \"transcode-10\"\nsample using none\ntranscode default\ntranscode p",
            ),
            "template transcode hd { id: 10 container: mp4 }\ntemplate transcode hd { container: hls }\n\
             template transcode a { id: 7000 container: mp4 }\ntemplate transcode b { id: 7000 container: mp4 }\n\
             template transcode \"transcode-10\" { container: mp4 }\nprocedure p { transcode hd2 }",
            "template transcode a { extends: b }\ntemplate transcode b { extends: a }\n\
             template transcode c { extends: hdd }\nprocedure p { q() }\nprocedure q { p() }\nprocedure r { r() }",
            "procedure p(t: time, u: tiem = 5s) { cover at t using 10 }\np(u: 5s, v: 3s)\np(1s, 2s, 3s)\np(t: 1, t: 2s)",
            "procedure p(t: list<time> = [0s], n: int = 2, n: bool = true) {\n cover at t using 10\n cover at n using 10\n cover at x using 10\n}",
        ],
    );
}

#[test]
fn fields_that_are_wrong() {
    snapshot_in_both(
        "wrong-fields",
        &[r#"template transcode a {
    contaner: mp4
    video: { bitrate: 1800, fps: 200, gop: 48, short_side: 100, width: 640, crf: 60, codec: h256, fps: 25 }
    audio: { bitrate: 500kbps, sample_rate: 44100, channels: 3 }
}
template transcode b { video: { fill: blue } }
template transcode b2 { video: { fill: black } }
template transcode c { container: flv  segment: { type: ts, time: 20s }  audio: { codec: opus } }
template watermark d { x: 2, width: 3px, opacity: 120% }
template sample e { every: 0%, format: jpeg }
template encryption f { method: aes_256, key_url: "keys" }
template review g { when_flagged: halt }
template snapshot h { short_side: 720 tolerance: 5 }
template transcode i { container: mp3 video: { codec: h265 profile: high } audio: none }
template transcode j { container: mp4 video: { crf: 20 mode: cbr } }
template transcode k { container: mp4 video: { crf: 20 bitrate: 500kbps } segment: { type: ts } }
template snapshot l { short_side: 720 long_side: 640 }
template transcode m { container: mp4 video: none audio: none }
procedure p { transcode 10 }
"#],
    );
}

#[test]
fn requests_that_do_not_go_together() {
    snapshot_in_both(
        "wrong-requests",
        &[r#"template encryption vault { key_url: "https://k.example.com/" }
template watermark logo { image: "a.png" }
procedure p {
    transcode 10, 220, 220 encrypt vault
    transcode none with logo encrypt vault
    transcode 1100 with logo(from: 5s, until: 8s)
}
"#],
    );
}

const TWO: &str =
    "procedure a { transcode 10 }\nprocedure b { transcode 20 }\nprocedure c(t: time) { cover at t using 10 }\n";

#[test]
fn what_runs() {
    snapshot_in_both(
        "what-runs",
        &[
            TWO,
            &format!("{TWO}a\nb()\nc(5s)"),
            "",
            "procedure c(t: time) { cover at t using 10 }",
            "QCVB_SimpleProcessFile({210,220}, nil, 10)",
            "procedure p(t: list<template<transcode>>? = none, m: template<watermark>? = none) { transcode t with m }\np(t: default)",
        ],
    );
    let compiler = Compiler::new();
    let call = |text: &str| report(&compiler.check_file("t.vod", TWO, Entry::Call(text.into()), &NoFiles));
    assert_eq!(call("c(-5s)"), "cover at -5s using 10\n");
    assert_eq!(call("b"), "transcode 20\n");
    assert!(call("d(5s)").contains("E0205 the procedure `d` does not exist"));
    let only = compiler.check_file("t.vod", TWO, Entry::Nothing, &NoFiles);
    assert!(only.diagnostics.is_empty() && only.procedure.is_none());
}

#[test]
fn a_preset_call_finds_the_templates_of_a_file() {
    let compiler = Compiler::new();
    let text = "template watermark site { id: 150  image: \"site.png\" }\ntemplate transcode hd { id: 7000  extends: 100030 }\n";
    let call = |written: &str| report(&compiler.check_file("t.vod", text, Entry::Call(written.into()), &NoFiles));
    assert_eq!(
        call("QCVB_SimpleProcessFile({7000, 20}, 150, nil, 10)"),
        "transcode hd with site\ntranscode 20 with site\nsample using 10\n"
    );
    assert_eq!(call("QCVB_SimpleProcessFile(1, site)"), "transcode default with site\n");
    assert!(call("QCVB_SimpleProcessFile(1, 151)").contains("E0203"));
}

#[test]
fn tasks_know_what_asked_for_them() {
    let text = "procedure a(t: list<template<transcode>>) { transcode t }\nprocedure b { a([10, 20]) }\nb()";
    let checked = Compiler::new().check_file("t.vod", text, Entry::Main, &NoFiles);
    let procedure = checked.procedure.expect("it is sound");
    let place = |span: vodflow::text::Span| {
        let source = checked.sources.get(span.source).expect("the source is there");
        source.text[span.range()].to_owned()
    };
    let task = procedure.tasks()[1];
    let path: Vec<String> = task.called_from.iter().map(|span| place(*span)).collect();
    assert_eq!((place(task.asked).as_str(), path), ("transcode t", vec!["b()".into(), "a([10, 20])".into()]));
}

/// A few files in memory.
struct Files(&'static [(&'static str, &'static str)]);

impl World for Files {
    fn read_import(&self, _from: &str, path: &str) -> Result<ImportedText, ImportError> {
        let (name, text) = self.0.iter().find(|(name, _)| *name == path).ok_or(ImportError::NotFound)?;
        Ok(ImportedText { name: (*name).into(), text: (*text).into() })
    }
}

#[test]
fn imports_share_one_name_space() {
    let files = Files(&[
        ("marks.vod", "import \"more.vod\"\ntemplate watermark logo { image: \"l.png\" }\nQCVB_SimpleProcessFile(1)"),
        ("more.vod", "template transcode hd { extends: 30 }"),
        ("twice.vod", "template transcode hd { extends: 20 }"),
        ("circle.vod", "import \"circle.vod\""),
    ]);
    let compiler = Compiler::new();
    let check = |text| report(&compiler.check_file("main.vod", text, Entry::Main, &files));
    let good = check("import \"marks.vod\"\nimport \"more.vod\"\nprocedure p { transcode hd with logo }");
    assert_eq!(good, "transcode hd with logo\n");
    let bad = "import \"more.vod\"\nimport \"twice.vod\"\nimport \"none.vod\"\nimport \"circle.vod\"\nprocedure p { transcode hd }";
    keep("imports", &check(bad));
}

#[test]
fn doc_comments_belong_to_declarations() {
    let text =
        "/// One.\n/// Two.\nprocedure p {\n    /// stray\n    transcode 10 // fine\n    //// fine too\n}\n/// lost";
    snapshot("doc-comments", &[text]);
}

#[test]
fn typical_mistakes_as_people_see_them() {
    let compiler = Compiler::new();
    let text = "procedure 发布(t: time = 0s) {\n    transcode 10, hd_mp5 with logo\n    cover at 5 using 10\n    transcode 1\n}\n\
                template transcode hd_mp4 { container: mp4  video: { bitrate: 1800 } }\n";
    let checked = compiler.check_file("publish.vod", text, Entry::Main, &NoFiles);
    let call = compiler.check_call("QCVB_SimpleProcessFile({1,1,1,1})");
    for (name, language) in [("typical-mistakes", Language::English), ("typical-mistakes-zh", Language::Chinese)] {
        let options = vodflow::diag::RenderOptions { colour: false, width: 100, language };
        let drawn = vodflow::diag::render(&checked.diagnostics, &checked.sources, options);
        keep(name, &(drawn + &vodflow::diag::render(&call.diagnostics, &call.sources, options)));
    }
}

#[test]
fn limits_are_told_once() {
    let codes = |text: &str| {
        let checked = Compiler::new().check_file("t.vod", text, Entry::Main, &NoFiles);
        checked.diagnostics.iter().map(|problem| problem.code.id).collect::<Vec<_>>()
    };
    assert_eq!(codes(&" ".repeat((1 << 20) + 1)), ["E0002"]);
    assert_eq!(codes(&format!("procedure p {{ transcode {}10", "[".repeat(64))), ["E0104"]);
    let doubling: String = (1..30).map(|at| format!("procedure p{at} {{ p{0}()\np{0}() }}\n", at + 1)).collect();
    assert_eq!(codes(&format!("{doubling}procedure p30 {{ transcode 10 }}\np1()")), ["E0218"]);
    let deep: String = (1..200).map(|at| format!("procedure p{at} {{ p{}() }}\n", at + 1)).collect();
    assert_eq!(codes(&format!("{deep}procedure p200 {{ transcode 10 }}\np1()")), ["E0218"]);
    assert_eq!(codes(&format!("procedure p {{ snapshot at {} using 10 }}", vec!["1s"; 1001].join(", "))), ["E0303"]);
}
