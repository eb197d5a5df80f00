//! A source, a hand-made plan for it, and commands; every test has its own.

use crate::catalog::template::{AudioCodec, Container, EncryptionMethod, ImageFormat, SegmentKind, Speed, VideoCodec};
use crate::diag::Diagnostic;
use crate::exec::{Crew, OutputState, Reports, Request, Reuse, RunEvent, RunOutcome, run};
use crate::ffmpeg::{Argument, Command};
use crate::limits::Limits;
use crate::media::{ContentHash, SourceFacts};
use crate::physical::*;
use crate::plan::*;
use crate::probe::{MarkMaterial, SourceStamp, Tools, mark, source};
use crate::process::Cancellation;
use crate::store::{Busy, OutputFolder, Overwrite};
use crate::target::Implementation;
use crate::text::{SourceMap, Span};
use crate::units::{Duration, FrameRate, Frequency, Percent, Resolution, TemplateId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub struct Scene {
    folder: tempfile::TempDir,
    pub source: PathBuf,
    pub facts: SourceFacts,
    pub plan: PhysicalPlan,
    pub tools: Tools,
    pub marks: BTreeMap<ContentHash, MarkMaterial>,
    pub limits: Limits,
    pub reports: Reports<'static>,
    pub reuse: Reuse,
    /// The product whose encoder is asked for nonsense.
    pub break_product: Option<u32>,
    /// Whether the source is read no faster than it plays.
    pub slow: bool,
    stamp: SourceStamp,
}

/// The states of outputs in one line.
pub trait States {
    fn states(&self) -> String;
}

impl States for RunOutcome {
    fn states(&self) -> String {
        let one = |output: &crate::exec::OutputOutcome| {
            let state = match output.state {
                OutputState::Done => "done",
                OutputState::Failed => "failed",
                OutputState::Cancelled => return format!("{} cancelled", output.id.0),
                OutputState::Skipped => "skipped",
            };
            let code = output.code.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
            format!("{} {state}{code}", output.id.0)
        };
        self.outputs.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

impl Scene {
    /// Four seconds of picture and sound: an MP4, an encrypted HLS, three samples, a cover, one skipped, one failed.
    pub fn new() -> Scene {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("in")).expect("creates");
        let source_path = folder.path().join("in/-a:b'c,d[e];%d \u{4e2d}.mp4");
        let tools = Tools::find(None, std::env::var_os("PATH").as_deref()).expect("ffmpeg is installed");
        let status = std::process::Command::new(&tools.ffmpeg)
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=4", "-f", "lavfi", "-i"])
            .args(["sine=r=48000:d=4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"])
            .args(["-f", "mp4"])
            .arg(crate::probe::file_argument(&source_path))
            .status();
        assert!(status.expect("ffmpeg starts").success());
        let facts = source(&tools, &source_path).expect("facts");
        Scene {
            plan: plan(&facts),
            stamp: SourceStamp::of(&source_path).expect("a stamp"),
            source: source_path,
            facts,
            tools,
            marks: BTreeMap::new(),
            limits: Limits::default(),
            reports: Reports::default(),
            reuse: Reuse::Nothing,
            break_product: None,
            slow: false,
            folder,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn out(&self) -> PathBuf {
        self.path("out")
    }

    pub fn open(&self, overwrite: Overwrite) -> Result<OutputFolder, Diagnostic> {
        OutputFolder::open(&self.out(), &self.source, overwrite, Busy::Refuse)
    }

    pub fn request<'a>(&'a self, emit: &'a dyn Fn(&Job) -> Command) -> Request<'a> {
        Request {
            plan: &self.plan,
            facts: &self.facts,
            source: &self.source,
            stamp: self.stamp,
            tools: &self.tools,
            emit,
            marks: &self.marks,
            limits: &self.limits,
            reuse: self.reuse,
            crew: Crew::default(),
            tool: "5.1",
            reports: &self.reports,
            cache_limit: u64::MAX,
        }
    }

    pub fn run(&self) -> (RunOutcome, Vec<RunEvent>) {
        let events = RefCell::new(Vec::new());
        let mut store = self.open(Overwrite::Ours).expect("opens");
        let emit = |job: &Job| self.command(job);
        let listen = |event| events.borrow_mut().push(event);
        let outcome = run(&self.request(&emit), &mut store, &listen, &Cancellation::default()).expect("runs");
        (outcome, events.into_inner())
    }

    /// Visible files, sorted, those in folders with their path.
    pub fn visible(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.out()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("lists").flatten() {
                let path = entry.path();
                let name = path.strip_prefix(self.out()).expect("below").to_string_lossy().into_owned();
                match path.is_dir() {
                    true if name == ".vodflow" => {}
                    true => folders.push(path),
                    false => names.push(name),
                }
            }
        }
        names.sort();
        names
    }

    /// Replaces ffmpeg by a script, in which `$REAL` is the real one.
    pub fn misbehave(&mut self, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path("ffmpeg");
        let real = self.tools.ffmpeg.display();
        std::fs::write(&path, format!("#!/bin/sh\nREAL='{real}'\n{script}\n")).expect("writes");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("may be run");
        self.tools.ffmpeg = path;
    }

    /// A mark on the rendition.
    pub fn add_mark(&mut self) {
        let path = self.path("logo.png");
        image::RgbaImage::from_pixel(20, 20, image::Rgba([255, 0, 0, 255])).save(&path).expect("saves");
        let facts = mark(&path, 16_000_000).expect("a picture");
        let size = Resolution::new(10, 10);
        let name = "m0.png".to_owned();
        let prepared = PreparedMark {
            name: name.clone(),
            image_name: "logo.png".into(),
            image: facts.identity.clone(),
            size,
            opacity: Percent::from_integer(100),
            inset: (0, 0),
            repeat: None,
        };
        self.plan.marks.push(prepared);
        self.marks.insert(facts.identity, MarkMaterial::Picture(path));
        if let Work::Encode(encode) = &mut self.plan.jobs[0].work {
            let movie = Filter {
                name: "movie",
                options: vec![("filename", name)],
                inputs: vec![],
                outputs: vec![Pad::Link(0)],
            };
            encode.graph.filters.push(movie);
        }
    }

    /// Has one process write both containers.
    pub fn share_copies(&mut self) {
        let jobs = self.plan.jobs.drain(1..).collect::<Vec<Job>>();
        let containers = jobs.iter().flat_map(|job| match &job.work {
            Work::Package(package) => package.containers.clone(),
            Work::Encode(_) | Work::Adaptive(_) => unreachable!("the plan of this scene has one encode"),
        });
        let work = Work::Package(PackageWork::of(InputTimes::FromZero, containers.collect()));
        self.plan.jobs.push(Job { work, ..jobs[0].clone() });
    }

    /// Makes the plan believe that the source has so many pictures.
    pub fn expect_frames(&mut self, count: u64) {
        for artifact in &mut self.plan.artifacts {
            if let Expectation::Streams { video: Some(video), .. } | Expectation::Playlist { video: Some(video), .. } =
                &mut artifact.expect
            {
                video.frames = count;
            }
        }
    }

    pub fn command(&self, job: &Job) -> Command {
        let mut words: Vec<Argument> = Vec::new();
        let mut add = |text: &str| words.extend(text.split_whitespace().map(|word| Argument::Text(word.to_owned())));
        add("-hide_banner -nostdin -nostats -v level+warning -progress pipe:1 -stats_period 0.1 -y");
        match &job.work {
            Work::Encode(encode) => {
                add(if self.slow { "-re -protocol_whitelist file -i" } else { "-protocol_whitelist file -i" });
                words.push(Argument::Source("source.mp4".into()));
                let marked = encode.graph.filters.iter().any(|filter| filter.name == "movie");
                let scale = if marked {
                    "movie=m0.png:f=png_pipe[m];[0:v]scale=160:90[v];[v][m]overlay[out0]"
                } else {
                    "[0:v]scale=160:90[out0]"
                };
                for product in &encode.products {
                    let broken = self.break_product == Some(product.artifact.0);
                    let artifact = self.plan.artifact(product.artifact);
                    let graph = Argument::TextFile { name: "graph.txt".into(), content: scale.to_owned() };
                    let (before, file, after) = match &product.coding {
                        Coding::Video(_) => (
                            "-filter_complex_script",
                            Some(graph),
                            "-map [out0] -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -bf 0",
                        ),
                        Coding::Analysis(_) | Coding::Raw(_) => {
                            unreachable!("the plan of this scene has one pass only")
                        }
                        Coding::Copy(_) => ("", None, "-map 0:v -c copy"),
                        Coding::Audio(_) => ("", None, "-map 0:a -c:a aac"),
                        Coding::Pictures(_) => ("", None, "-map 0:v -vf fps=1 -frames:v 3 -q:v 3"),
                        Coding::Animation(_) => ("", None, "-map 0:v -vf fps=2 -loop 0"),
                    };
                    words.extend(before.split_whitespace().map(|word| Argument::Text(word.to_owned())));
                    words.extend(file);
                    let broken = if broken { " -c:v no_such_encoder " } else { " " };
                    let rest = format!("{after}{broken}{}", artifact.name);
                    words.extend(rest.split_whitespace().map(|word| Argument::Text(word.to_owned())));
                }
            }
            Work::Adaptive(_) => unreachable!("the plan of this scene has none"),
            Work::Package(package) => {
                for input in &package.inputs {
                    add(&format!("-i {}", self.plan.artifact(*input).name));
                }
                for one in &package.containers {
                    let broken = self.break_product == Some(one.artifact.0);
                    add(if broken { "-map 0 -map 1 -c:v no_such_encoder" } else { "-map 0 -map 1 -c copy" });
                    let name = &self.plan.artifact(one.artifact).name;
                    match one.container {
                        Container::Hls => add(&format!(
                            "-f hls -hls_time 2 -hls_playlist_type vod -hls_segment_filename {name}/%04d.ts {name}/v.m3u8"
                        )),
                        _ => add(name),
                    }
                }
            }
        }
        Command { arguments: words }
    }
}

/// How many processes have their working folder there.
pub fn processes_in(folder: &Path) -> usize {
    let processes = std::fs::read_dir("/proc").expect("lists").flatten();
    processes
        .filter(|entry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder)))
        .count()
}

fn plan(facts: &SourceFacts) -> PhysicalPlan {
    let duration = Duration::from_millis(4000);
    let rate = FrameRate::from_integer(25);
    let size = Resolution::new(160, 90);
    let video =
        ExpectedVideo { codec: VideoCodec::H264, size, rate: Some(rate), frames: 100, duration, says_its_end: false };
    let audio =
        ExpectedAudio { codec: AudioCodec::Aac, sample_rate: Frequency(48000), channels: 1, duration, tracks: 1 };
    let both = Expectation::Streams { video: Some(video.clone()), audio: Some(audio.clone()) };
    let playlist = Expectation::Playlist {
        file: "v.m3u8".into(),
        video: Some(video.clone()),
        audio: Some(audio.clone()),
        segment: Duration::from_millis(2000),
        encrypted: true,
    };
    let pictures = Expectation::Pictures { count: 3, size: Resolution::new(320, 180), format: ImageFormat::Jpg };
    let artifact = |id: u32, name: &str, expect| Artifact {
        id: ArtifactId(id),
        key: SpecKey(format!("key{id}")),
        name: name.into(),
        part: None,
        expect,
    };
    PhysicalPlan {
        masters: Vec::new(),
        source: SourceInput {
            name: facts.name.clone(),
            demuxer: "mov".into(),
            decoders: vec!["h264".into(), "aac".into()],
            bounds: ReadBounds::of(&Limits::default()),
            identity: facts.identity.clone(),
        },
        outputs: outputs(),
        artifacts: vec![
            artifact(0, "v0.mp4", Expectation::Streams { video: Some(video), audio: None }),
            artifact(1, "a1.mp4", Expectation::Streams { video: None, audio: Some(audio) }),
            artifact(2, "p2_%05d.jpg", pictures),
            artifact(3, "o3.mp4", both),
            artifact(4, "o4", playlist),
        ],
        jobs: jobs(duration),
        texts: vec![],
        marks: vec![],
        deliveries: deliveries(),
        decisions: vec![],
        parallel_encoders: false,
        recipes: BTreeMap::new(),
    }
}

fn path(text: &str) -> OutputPath {
    OutputPath::new(text).expect("a path")
}

fn outputs() -> Vec<OutputSpec> {
    let output = |id: u32, kind, label: &str, paths: &[&str], disposition| OutputSpec {
        id: OutputId(id),
        kind,
        label: label.into(),
        definition: label.parse().ok().map(TemplateId),
        summary: String::new(),
        paths: paths.iter().map(|text| path(text)).collect(),
        marks: vec![],
        notes: vec![],
        conformance: Vec::new(),
        moments: Moments::Unnamed,
        asked: Span::new(SourceMap::default().add("test", "").id, 0, 0),
        disposition,
    };
    use Disposition::{Fail, Make, Skip};
    vec![
        output(0, OutputKind::Transcode, "hd", &["v.mp4"], Make),
        output(1, OutputKind::Transcode, "220", &["v.hls/v.m3u8"], Make),
        output(2, OutputKind::SampleSnapshot, "10", &["s_0.jpg", "s_1.jpg", "s_2.jpg"], Make),
        output(3, OutputKind::CoverBySnapshot, "10", &["cover.jpg"], Make),
        output(4, OutputKind::Transcode, "100", &["x.mp4"], Skip("not asked".into())),
        output(5, OutputKind::Transcode, "101", &["y.mp4"], Fail("E0406".into(), "no such stream".into())),
    ]
}

fn deliveries() -> Vec<Delivery> {
    let delivery = |output, artifact, form| Delivery { output: OutputId(output), artifact: ArtifactId(artifact), form };
    let samples = (1..=3).map(|number| (number, path(&format!("s_{}.jpg", number - 1)))).collect();
    vec![
        delivery(0, 3, DeliveryForm::File(path("v.mp4"))),
        delivery(1, 4, DeliveryForm::Folder { folder: path("v.hls"), playlist: path("v.hls/v.m3u8") }),
        delivery(2, 2, DeliveryForm::Pictures(samples)),
        delivery(3, 2, DeliveryForm::Pictures(vec![(1, path("cover.jpg"))])),
    ]
}

fn jobs(span: Duration) -> Vec<Job> {
    let implementation = |name: &str| Implementation(name.into());
    let rate = FrameRate::from_integer(25);
    let video = VideoCoding {
        codec: VideoCodec::H264,
        implementation: implementation("libx264"),
        rate_control: RateControl::Quality { crf: 23, ceiling: None },
        profile: None,
        level: None,
        bframes: None,
        gop: 50,
        speed: Speed::Fast,
        threads: crate::plan::Threads::Frames(2),
        timing: FrameTiming::Constant(rate),
        tag: None,
        mastering: None,
        light: None,
        high_range: None,
    };
    let audio = AudioCoding {
        codec: AudioCodec::Aac,
        implementation: implementation("aac"),
        bitrate: None,
        sample_rate: Frequency(48000),
        channels: 1,
    };
    let pictures = PictureCoding { format: ImageFormat::Jpg, implementation: implementation("mjpeg"), count: 3 };
    let product = |link, artifact, coding| Product {
        openings: Vec::new(),
        pad: Pad::Link(link),
        artifact: ArtifactId(artifact),
        coding,
        colour: None,
        statistics: None,
    };
    let encode = EncodeWork {
        openings: vec![Opening::Start],
        decoded: Vec::new(),
        guards: vec![],
        plainer: None,
        graph: FilterGraph::default(),
        products: vec![
            product(0, 0, Coding::Video(video)),
            product(1, 1, Coding::Audio(audio)),
            product(2, 2, Coding::Pictures(pictures)),
        ],
    };
    let package = |id, container, segment, encryption, artifact| Job {
        id: JobId(id),
        needs: vec![JobId(0)],
        work: Work::Package(PackageWork::of(
            InputTimes::FromZero,
            vec![ContainerWork {
                streams: vec![ArtifactId(0), ArtifactId(1)],
                container,
                segment,
                encryption,
                tags: Vec::new(),
                last_picture: None,
                artifact: ArtifactId(artifact),
            }],
        )),
        span,
    };
    let vault = EncryptionSpec {
        label: "vault".into(),
        method: EncryptionMethod::Aes128,
        key_url: "https://keys.example.com/get".into(),
        key_source: None,
        file_id: None,
    };
    let segment = Some((SegmentKind::Ts, Duration::from_millis(2000)));
    vec![
        Job { id: JobId(0), needs: vec![], work: Work::Encode(encode), span },
        package(1, Container::Mp4, None, None, 3),
        package(2, Container::Hls, segment, Some(vault), 4),
    ]
}
