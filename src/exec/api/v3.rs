//! The form of 2018: the event `ProcedureStateChanged` and a `MediaInfo`, both of `vod.md` E.5.

use super::Flow;
use super::parts::{SubTask, Tracks, iso_time, known, milliseconds, plain};
use crate::plan::OutputKind;
use serde_json::{Map, Value, json};

pub(super) fn event(flow: &Flow<'_>) -> Value {
    let results: Vec<Value> = flow.sub_tasks().map(|task| result(&task)).collect();
    let task = json!({
        "TaskId": flow.outcome.task_id,
        "Status": "FINISH",
        "ErrCode": 0,
        "Message": "",
        "FileId": flow.file_id,
        "FileName": stem(flow),
        "FileUrl": flow.outcome.source.name,
        "MetaData": meta_data(flow),
        "MediaProcessResultSet": results,
        "TasksPriority": 0,
        "TasksNotifyMode": "Finish",
        "SessionContext": "",
        "SessionId": "",
    });
    json!({ "EventType": "ProcedureStateChanged", "ProcedureStateChangeEvent": task })
}

pub(super) fn media_info(flow: &Flow<'_>) -> Value {
    let list = |kind, item: fn(&SubTask<'_>) -> Map<String, Value>| -> Vec<Value> {
        flow.done(kind).map(|task| item(&task).into()).collect()
    };
    let set = |name: &str, list: Vec<Value>| if list.is_empty() { Value::Null } else { json!({ name: list }) };
    let mut renditions = vec![source_rendition(flow)];
    renditions.extend(list(OutputKind::Transcode, rendition));
    let packages = list(OutputKind::AdaptiveDynamicStreaming, package);
    let body = known([
        ("FileId", json!(flow.file_id)),
        ("BasicInfo", basic_info(flow)),
        ("MetaData", meta_data(flow).into()),
        ("TranscodeInfo", set("TranscodeSet", renditions)),
        ("AnimatedGraphicsInfo", set("AnimatedGraphicsSet", list(OutputKind::AnimatedGraphics, animation))),
        ("SampleSnapshotInfo", set("SampleSnapshotSet", list(OutputKind::SampleSnapshot, samples))),
        ("ImageSpriteInfo", set("ImageSpriteSet", list(OutputKind::ImageSprites, sprite))),
        ("SnapshotByTimeOffsetInfo", set("SnapshotByTimeOffsetSet", snapshot_sets(flow))),
        ("AdaptiveDynamicStreamingInfo", set("AdaptiveDynamicStreamingSet", packages)),
    ]);
    body.into()
}

fn basic_info(flow: &Flow<'_>) -> Value {
    let name = &flow.outcome.source.name;
    let cover = flow.done(OutputKind::CoverBySnapshot).last().map(|task| task.url());
    json!({
        "Name": stem(flow),
        "Description": "",
        "CreateTime": iso_time(flow.span.0),
        "UpdateTime": iso_time(flow.span.1),
        // It never expires (`vod.md` E.4).
        "ExpireTime": "9999-12-31T23:59:59Z",
        "ClassId": 0,
        "ClassName": "",
        "ClassPath": "",
        "CoverUrl": cover.unwrap_or_default(),
        "Type": name.rsplit_once('.').map_or("", |(_, ending)| ending),
        "MediaUrl": name,
        "SourceInfo": { "SourceType": "Upload", "SourceContext": "" },
        "TagSet": [],
        "Category": if flow.facts.has_video() { "Video" } else { "Audio" },
        "Status": "Normal",
    })
}

fn stem<'a>(flow: &Flow<'a>) -> &'a str {
    let name = flow.outcome.source.name.as_str();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn meta_data(flow: &Flow<'_>) -> Map<String, Value> {
    let source = &flow.outcome.source;
    let ((width, height), tracks) = (flow.sides(), flow.source_tracks());
    let lasts = |start: Option<f64>| start.map_or(json!(0), plain);
    let video = flow.facts.video.first().map(|video| (video.end().0 - video.start().0).to_f64());
    let audio = flow.facts.audio.first().map(|audio| (audio.end.0 - audio.start.0).to_f64());
    known([
        ("Size", json!(source.size)),
        ("Container", json!(source.container)),
        ("Bitrate", json!(flow.bitrate())),
        ("Height", json!(height)),
        ("Width", json!(width)),
        ("Duration", plain(source.duration)),
        ("Rotate", json!(flow.rotation())),
        ("VideoStreamSet", video_streams(&tracks)),
        ("AudioStreamSet", audio_streams(&tracks)),
        ("VideoDuration", lasts(video)),
        ("AudioDuration", lasts(audio)),
        ("Md5", json!(flow.digests.source)),
    ])
}

/// One element of `MediaProcessResultSet`: its type, and the member that belongs to it.
fn result(task: &SubTask<'_>) -> Value {
    let member = match task.asked.kind {
        OutputKind::Transcode => "TranscodeTask",
        OutputKind::AnimatedGraphics => "AnimatedGraphicTask",
        OutputKind::SnapshotByTimeOffset => "SnapshotByTimeOffsetTask",
        OutputKind::SampleSnapshot => "SampleSnapshotTask",
        OutputKind::ImageSprites => "ImageSpriteTask",
        OutputKind::CoverBySnapshot => "CoverBySnapshotTask",
        OutputKind::AdaptiveDynamicStreaming => "AdaptiveDynamicStreamingTask",
        OutputKind::AiReview => "ReviewTask",
    };
    let code = task.made.code.as_deref().filter(|_| !task.is_done()).unwrap_or_default();
    let output = if task.is_done() { output(task).into() } else { Value::Null };
    let body = json!({
        "Status": task.status(),
        "ErrCodeExt": code,
        "ErrCode": task.error_codes().1,
        "Message": task.message(),
        "Progress": if task.is_done() { 100 } else { 0 },
        "BeginProcessTime": iso_time(task.flow.span.0),
        "FinishTime": iso_time(task.flow.span.1),
        "Input": input(task),
        "Output": output,
    });
    json!({ "Type": task.asked.kind, member: body })
}

fn input(task: &SubTask<'_>) -> Map<String, Value> {
    let mut input = known([("Definition", json!(task.definition())), ("Template", json!(task.name()))]);
    let mut add = |name: &str, value: Value| drop(input.insert(name.to_owned(), value));
    let marks: Vec<Value> = task.marks().into_iter().map(|id| json!({ "Definition": id })).collect();
    if !marks.is_empty() {
        add("WatermarkSet", marks.into());
    }
    match task.asked.kind {
        OutputKind::SnapshotByTimeOffset => {
            let written: Vec<String> = task.times().iter().map(|time| format!("{}s", plain(time.0.to_f64()))).collect();
            let times: Vec<u64> = task.times().iter().map(|time| milliseconds(*time)).collect();
            add("ExtTimeOffsetSet", json!(written));
            add("TimeOffsetSet", json!(times));
        }
        OutputKind::CoverBySnapshot => {
            add("PositionType", json!("Time"));
            add("PositionValue", task.times().first().map_or(json!(0), |time| plain(time.0.to_f64())));
        }
        _ => {}
    }
    if let Some((from, to)) = task.part() {
        add("StartTimeOffset", plain(from.0.to_f64()));
        add("EndTimeOffset", plain(to.0.to_f64()));
    }
    input
}

fn output(task: &SubTask<'_>) -> Map<String, Value> {
    match task.asked.kind {
        OutputKind::Transcode => rendition(task),
        OutputKind::AnimatedGraphics => animation(task),
        OutputKind::SnapshotByTimeOffset => snapshots(task),
        OutputKind::SampleSnapshot => samples(task),
        OutputKind::ImageSprites => sprite(task),
        OutputKind::CoverBySnapshot => known([("CoverUrl", json!(task.url()))]),
        OutputKind::AdaptiveDynamicStreaming => package(task),
        OutputKind::AiReview => Map::new(),
    }
}

fn rendition(task: &SubTask<'_>) -> Map<String, Value> {
    let tracks = task.tracks();
    known([
        ("Url", json!(task.url())),
        ("Definition", json!(task.definition())),
        ("Template", json!(task.name())),
        ("Bitrate", json!(task.bitrate())),
        ("Height", json!(task.height())),
        ("Width", json!(task.width())),
        ("Size", json!(task.size())),
        ("Duration", plain(task.duration())),
        ("Md5", json!(task.digest())),
        ("Container", json!(task.container())),
        ("VideoStreamSet", video_streams(&tracks)),
        ("AudioStreamSet", audio_streams(&tracks)),
        ("DigitalWatermarkType", json!("None")),
    ])
}

/// The source stands among the renditions, with definition 0.
fn source_rendition(flow: &Flow<'_>) -> Value {
    let mut item = known([
        ("Url", json!(flow.outcome.source.name)),
        ("Definition", json!(0)),
        ("DigitalWatermarkType", json!("None")),
    ]);
    let shared = ["Rotate", "VideoDuration", "AudioDuration"];
    item.extend(meta_data(flow).into_iter().filter(|(name, _)| !shared.contains(&name.as_str())));
    item.into()
}

fn animation(task: &SubTask<'_>) -> Map<String, Value> {
    let (from, to) =
        task.part().map_or((Value::Null, Value::Null), |(from, to)| (plain(from.0.to_f64()), plain(to.0.to_f64())));
    known([
        ("Url", json!(task.url())),
        ("Definition", json!(task.definition())),
        ("Template", json!(task.name())),
        ("Container", json!(task.container())),
        ("Height", json!(task.height())),
        ("Width", json!(task.width())),
        ("Bitrate", json!(task.bitrate())),
        ("Size", json!(task.size())),
        ("Md5", json!(task.digest())),
        ("StartTimeOffset", from),
        ("EndTimeOffset", to),
    ])
}

fn snapshots(task: &SubTask<'_>) -> Map<String, Value> {
    let marks = task.marks();
    let pairs = task.times().iter().zip(task.urls());
    let pictures: Vec<Value> = pairs
        .map(|(time, url)| json!({ "TimeOffset": milliseconds(*time), "Url": url, "WaterMarkDefinition": marks }))
        .collect();
    known([("Definition", json!(task.definition())), ("Template", json!(task.name())), ("PicInfoSet", json!(pictures))])
}

/// One set for each definition; a later one takes the place of an earlier.
fn snapshot_sets(flow: &Flow<'_>) -> Vec<Value> {
    let mut sets: Vec<(&str, Value)> = Vec::new();
    for task in flow.done(OutputKind::SnapshotByTimeOffset) {
        sets.retain(|(label, _)| *label != task.asked.label);
        sets.push((&task.asked.label, snapshots(&task).into()));
    }
    sets.into_iter().map(|(_, set)| set).collect()
}

fn samples(task: &SubTask<'_>) -> Map<String, Value> {
    let (kind, interval) = task.sampling();
    known([
        ("Definition", json!(task.definition())),
        ("Template", json!(task.name())),
        ("SampleType", json!(kind)),
        ("Interval", plain(interval)),
        ("ImageUrlSet", json!(task.urls())),
        ("WaterMarkDefinition", json!(task.marks())),
    ])
}

fn sprite(task: &SubTask<'_>) -> Map<String, Value> {
    known([
        ("Definition", json!(task.definition())),
        ("Template", json!(task.name())),
        ("Height", json!(task.height())),
        ("Width", json!(task.width())),
        ("TotalCount", json!(task.cells())),
        ("ImageUrlSet", json!(task.urls())),
        ("WebVttUrl", json!(task.index_url())),
    ])
}

fn package(task: &SubTask<'_>) -> Map<String, Value> {
    let tracks = task.made.media.iter().flat_map(|media| &media.sub_streams);
    let tracks: Vec<Value> = tracks
        .map(|track| {
            let (width, height) = (track.width.unwrap_or(0), track.height.unwrap_or(0));
            json!({ "Type": track.kind, "Width": width, "Height": height, "Size": track.size })
        })
        .collect();
    known([
        ("Definition", json!(task.definition())),
        ("Template", json!(task.name())),
        ("Package", json!(task.package())),
        ("DrmType", json!(if task.protection().is_some() { "SimpleAES" } else { "" })),
        ("Url", json!(task.url())),
        ("Size", json!(task.size())),
        ("SubStreamSet", json!(tracks)),
        ("DigitalWatermarkType", json!("None")),
    ])
}

fn video_streams(tracks: &Tracks) -> Value {
    let one = |track: &super::parts::VideoTrack| {
        json!({
            "Bitrate": track.bitrate,
            "Height": track.height,
            "Width": track.width,
            "Codec": track.codec,
            "Fps": track.fps,
        })
    };
    tracks.video.iter().map(one).collect()
}

fn audio_streams(tracks: &Tracks) -> Value {
    let one = |track: &super::parts::AudioTrack| json!({ "Bitrate": track.bitrate, "SamplingRate": track.sample_rate, "Codec": track.codec });
    tracks.audio.iter().map(one).collect()
}
