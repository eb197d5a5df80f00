//! One rich flow in each form, held to `vod.md` by eye: the snapshots are read when they change.

use super::*;
use crate::catalog::template::Every;
use crate::exec::cause::CauseClass;
use crate::exec::outcome::{MediaRecord, OutputOutcome, OutputState, SourceRecord, SubStream, Totals};
use crate::plan::{Disposition, Moments, OutputKind, OutputPath};
use crate::store::PublishedFile;
use crate::text::{SourceMap, Span};
use crate::units::{Duration, Percent, Rational, TemplateId, Timestamp};

/// A film that a telephone turned.
const SOURCE: &str = "file mov 7500000
video 0 h264 1280x720 30000/1001 yuv420p 60s rot=90 bitrate=800000
audio 1 aac 44100 stereo 60s bitrate=100000
";

/// What was asked, the files with their sizes, and what was found in them.
struct Story {
    outputs: Vec<OutputSpec>,
    outcomes: Vec<OutputOutcome>,
}

impl Story {
    fn tell(&mut self, kind: OutputKind, label: &str, moments: Moments, paths: &[&str], media: MediaRecord) {
        let id = OutputId(self.outputs.len() as u32);
        let shown = paths.iter().filter(|path| !path.ends_with(".ts") && !path.ends_with(".mp4.part"));
        let output = OutputSpec {
            id,
            kind,
            label: label.into(),
            definition: label.parse().ok().map(TemplateId),
            summary: String::new(),
            paths: shown.filter_map(|path| OutputPath::new(path)).collect(),
            marks: Vec::new(),
            notes: Vec::new(),
            conformance: Vec::new(),
            moments,
            asked: Span::new(SourceMap::default().add("test", "").id, 0, 0),
            disposition: Disposition::Make,
        };
        let files = paths.iter().zip(1..).map(|(path, at)| PublishedFile { path: (*path).into(), size: 1000 * at });
        let outcome = OutputOutcome::new(&output, OutputState::Done);
        self.outcomes.push(OutputOutcome { files: files.collect(), media: Some(media), ..outcome });
        self.outputs.push(output);
    }

    fn fail(&mut self, state: OutputState, code: &str, class: CauseClass, reason: &str) {
        let last = self.outcomes.last_mut().expect("an output");
        let (code, reason) = (Some(code.to_owned()), Some(reason.to_owned()));
        *last =
            OutputOutcome { state, code, class: Some(class), reason, files: Vec::new(), media: None, ..last.clone() };
    }
}

fn rendition() -> MediaRecord {
    MediaRecord {
        width: Some(640),
        height: Some(360),
        duration: Some(60.04),
        bitrate: Some(470_000),
        video_codec: Some("h264".into()),
        audio_codec: Some("aac".into()),
        frames: Some(1501),
        video_bitrate: Some(420_000),
        audio_bitrate: Some(48_000),
        sample_rate: Some(44_100),
        ..MediaRecord::default()
    }
}

fn pictures(width: u32, height: u32, count: u32) -> MediaRecord {
    MediaRecord { width: Some(width), height: Some(height), pictures: Some(count), ..MediaRecord::default() }
}

fn seconds(numerator: i64, denominator: i64) -> Timestamp {
    Timestamp(Rational::of(numerator, denominator))
}

fn story() -> Story {
    let mut story = Story { outputs: Vec::new(), outcomes: Vec::new() };
    let whole = Moments::Unnamed;
    story.tell(OutputKind::Transcode, "100010", whole.clone(), &["v.f100010.mp4"], rendition());
    story.outputs[0].marks = vec!["10001".into(), "corner".into()];
    let part = Moments::Between(seconds(5, 1), seconds(111, 2));
    story.tell(
        OutputKind::Transcode,
        "高清",
        part.clone(),
        &["drm/v.高清/v.高清.m3u8", "drm/v.高清/0.ts"],
        rendition(),
    );
    story.tell(OutputKind::Transcode, "30", whole.clone(), &["v.f30.m4a"], rendition());
    story.fail(OutputState::Failed, "E0406", CauseClass::BadInput, "the source has no sound");
    story.tell(OutputKind::Transcode, "40", whole.clone(), &["v.f40.mp4"], rendition());
    story.fail(OutputState::Skipped, "", CauseClass::Internal, "not asked");
    story.tell(
        OutputKind::AnimatedGraphics,
        "20000",
        part,
        &["v.f20000.gif"],
        MediaRecord { sample_rate: None, audio_codec: None, ..rendition() },
    );
    let times = Moments::At(vec![seconds(0, 1), seconds(7, 2)]);
    story.tell(
        OutputKind::SnapshotByTimeOffset,
        "10",
        times,
        &["snapshotByTimeOffset/10_0.jpg", "snapshotByTimeOffset/10_1.jpg"],
        pictures(640, 360, 2),
    );
    let tenths = Moments::Every(Every::Percent(Percent::from_integer(10)));
    story.tell(OutputKind::SampleSnapshot, "10", tenths, &["sampleSnapshot/10_0.jpg"], pictures(640, 360, 1));
    let cover = Moments::At(vec![seconds(1, 1)]);
    story.tell(OutputKind::CoverBySnapshot, "10", cover, &["coverBySnapshot/10_0.jpg"], pictures(640, 360, 1));
    let every = Moments::Every(Every::Duration(Duration::from_millis(10_000)));
    story.tell(
        OutputKind::ImageSprites,
        "10",
        every,
        &["imageSprite/10_0.jpg", "imageSprite/10.vtt"],
        pictures(142, 80, 7),
    );
    let track = |kind: &str, width, size| SubStream {
        kind: kind.into(),
        file: "t.m3u8".into(),
        width,
        height: width.map(|width| width * 9 / 16),
        bitrate: Some(500_000),
        size,
    };
    let package =
        MediaRecord { sub_streams: vec![track("video", Some(640), 9000), track("audio", None, 700)], ..rendition() };
    story.tell(
        OutputKind::AdaptiveDynamicStreaming,
        "12",
        whole.clone(),
        &["drm/adp.12/adp.12.m3u8", "drm/adp.12/0.ts"],
        package,
    );
    story.tell(OutputKind::Transcode, "50", whole.clone(), &["v.f50.mp4"], rendition());
    story.fail(OutputState::Cancelled, "E0705", CauseClass::Cancelled, "the run was interrupted");
    story.tell(OutputKind::AiReview, "10", whole, &[], MediaRecord::default());
    story.fail(OutputState::Failed, "E0508", CauseClass::Internal, "reviews are unsupported");
    story
}

/// The bodies of the story in a form, one after the other.
fn bodies(form: ApiForm) -> String {
    let mut facts: SourceFacts = SOURCE.parse().expect("facts");
    facts.container = "mov,mp4,m4a,3gp,3g2,mj2".into();
    facts.name = "第一课.mp4".into();
    let story = story();
    let outcome = RunOutcome {
        task_id: "procedure-00112233445566778899aabbccddeeff".into(),
        source: SourceRecord::of(&facts),
        outputs: story.outcomes,
        warnings: Vec::new(),
        jobs: Vec::new(),
        totals: Totals { cpu_seconds: 0.0, wall_seconds: 0.0 },
        cancelled: false,
        unsaved: None,
    };
    let protection = Protection {
        label: "vault".into(),
        key_url: "https://keys.example.com/get".into(),
        key_source: Some("VodBuildInKMS".into()),
        key_id: "ed01".into(),
    };
    let digest = |path: &str| (path.to_owned(), "d41d8cd98f00b204e9800998ecf8427e".to_owned());
    let flow = Flow {
        file_id: "5285890784273533167",
        outcome: &outcome,
        facts: &facts,
        outputs: &story.outputs,
        protections: &BTreeMap::from([(OutputId(1), protection.clone()), (OutputId(9), protection)]),
        digests: &Digests {
            source: Some("9e107d9d372bb6826bd81d3542a419d6".into()),
            files: BTreeMap::from(["v.f100010.mp4", "v.f20000.gif", "drm/v.高清/v.高清.m3u8"].map(digest)),
        },
        base_url: "https://media.example.com/a1/",
        span: (1_790_000_000, 1_790_000_060),
    };
    format!("{:#}\n\n{:#}", event(form, &flow), media_info(form, &flow))
}

#[test]
fn a_flow_in_both_forms() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for form in [ApiForm::V2, ApiForm::V3] {
        settings.bind(|| insta::assert_snapshot!(format!("api-{}", form.word()), bodies(form)));
    }
}
