//! The form of 2017: the event of `vod.md` E.2 and `GetVideoInfo` of E.3.

use super::Flow;
use super::parts::{SubTask, Tracks, known, milliseconds, plain};
use crate::plan::OutputKind;
use serde_json::{Map, Value, json};

pub(super) fn event(flow: &Flow<'_>) -> Value {
    let tasks: Vec<Value> = flow.sub_tasks().map(|task| sub_task(&task)).collect();
    let data = known([
        ("vodTaskId", json!(flow.outcome.task_id)),
        ("fileId", json!(flow.file_id)),
        ("status", json!("FINISH")),
        ("errCode", json!(0)),
        ("message", json!("")),
        ("metaData", meta_data(flow).into()),
        ("drm", drm(flow)),
        ("processTaskList", json!(tasks)),
    ]);
    json!({ "version": "4.0", "eventType": "ProcedureStateChanged", "data": data })
}

pub(super) fn video_info(flow: &Flow<'_>) -> Value {
    let mut meta_data = meta_data(flow);
    meta_data.insert("floatDuration".to_owned(), plain(flow.outcome.source.duration));
    meta_data.insert("totalSize".to_owned(), json!(flow.outcome.source.size));
    let mut renditions = vec![source_rendition(flow)];
    renditions.extend(flow.done(OutputKind::Transcode).map(|task| listed_rendition(&task)));
    let list =
        |kind, item: fn(&SubTask<'_>) -> Value| -> Vec<Value> { flow.done(kind).map(|task| item(&task)).collect() };
    let wrapped = |name: &str, list: Vec<Value>| if list.is_empty() { Value::Null } else { json!({ name: list }) };
    let body = known([
        ("code", json!(0)),
        ("message", json!("")),
        ("basicInfo", basic_info(flow)),
        ("metaData", meta_data.into()),
        ("drm", drm(flow)),
        ("transcodeInfo", json!({ "transcodeList": renditions })),
        ("animatedGraphicsInfo", wrapped("animatedGraphicsList", list(OutputKind::AnimatedGraphics, listed_animation))),
        // One set by its nature: there is no list in this form.
        ("sampleSnapshotInfo", list(OutputKind::SampleSnapshot, listed_samples).pop().unwrap_or_default()),
        ("imageSpriteInfo", wrapped("imageSpriteList", list(OutputKind::ImageSprites, listed_sprite))),
        ("snapshotByTimeOffsetInfo", wrapped("snapshotByTimeOffsetList", snapshots(flow))),
        (
            "adaptiveDynamicStreamingInfo",
            wrapped("adaptiveDynamicStreamingList", list(OutputKind::AdaptiveDynamicStreaming, listed_package)),
        ),
    ]);
    body.into()
}

fn basic_info(flow: &Flow<'_>) -> Value {
    let source = &flow.outcome.source;
    let cover = flow.done(OutputKind::CoverBySnapshot).last().map(|task| task.url());
    json!({
        "name": source.name.rsplit_once('.').map_or(source.name.as_str(), |(stem, _)| stem),
        "size": source.size,
        "duration": seconds(source.duration),
        "description": "",
        "status": "normal",
        "createTime": flow.span.0,
        "updateTime": flow.span.1,
        "classificationId": 0,
        "classificationName": "",
        "coverUrl": cover.unwrap_or_default(),
        "type": source.name.rsplit_once('.').map_or("", |(_, ending)| ending),
        "sourceVideoUrl": source.name,
    })
}

fn meta_data(flow: &Flow<'_>) -> Map<String, Value> {
    let source = &flow.outcome.source;
    let ((width, height), tracks) = (flow.sides(), flow.source_tracks());
    known([
        ("size", json!(source.size)),
        ("container", json!(source.container)),
        ("bitrate", json!(flow.bitrate())),
        ("height", json!(height)),
        ("width", json!(width)),
        ("md5", json!(flow.digests.source)),
        ("duration", json!(seconds(source.duration))),
        ("rotate", json!(flow.rotation())),
        ("videoStreamList", video_streams(&tracks)),
        ("audioStreamList", audio_streams(&tracks)),
    ])
}

/// Encrypted outputs of one flow have one key: it belongs to the media and the encryption template.
fn drm(flow: &Flow<'_>) -> Value {
    let Some(first) = flow.protections.values().next() else { return Value::Null };
    let mine = flow.protections.values().filter(|one| one.label == first.label);
    let mut keys: Vec<&str> = mine.map(|one| one.key_id.as_str()).collect();
    keys.dedup();
    let id = first.label.parse::<u64>().ok();
    let body = known([
        ("definition", json!(id.unwrap_or(0))),
        ("template", json!(id.is_none().then_some(&first.label))),
        ("encryptType", json!("SingleKey")),
        ("keySource", json!(first.key_source.as_deref().unwrap_or_default())),
        ("getKeyUrl", json!(first.key_url)),
        ("edkList", json!(keys)),
    ]);
    body.into()
}

fn sub_task(task: &SubTask<'_>) -> Value {
    let output = if task.is_done() { output(task) } else { Value::Null };
    let body = known([
        ("taskType", json!(task.asked.kind)),
        ("status", json!(task.status())),
        ("errCode", json!(task.error_codes().0)),
        ("message", json!(task.message())),
        ("input", input(task).into()),
        ("output", output),
    ]);
    body.into()
}

fn input(task: &SubTask<'_>) -> Map<String, Value> {
    let mut input = known([("definition", json!(task.definition())), ("template", json!(task.name()))]);
    let mut add = |name: &str, value: Value| drop(input.insert(name.to_owned(), value));
    match task.asked.kind {
        OutputKind::Transcode => add("watermark", json!(u8::from(!task.asked.marks.is_empty()))),
        OutputKind::SnapshotByTimeOffset => {
            let times: Vec<u64> = task.times().iter().map(|time| milliseconds(*time)).collect();
            add("timeOffset", json!(times));
        }
        OutputKind::CoverBySnapshot => {
            add("positionType", json!("Time"));
            add("position", task.times().first().map_or(json!(0), |time| plain(time.0.to_f64())));
        }
        _ => {}
    }
    if let Some((from, to)) = task.part() {
        add("startTime", plain(from.0.to_f64()));
        add("endTime", plain(to.0.to_f64()));
    }
    input
}

fn output(task: &SubTask<'_>) -> Value {
    match task.asked.kind {
        OutputKind::Transcode => rendition(task).into(),
        OutputKind::AnimatedGraphics => animation(task).into(),
        OutputKind::SampleSnapshot => json!({ "imageUrls": task.urls() }),
        OutputKind::SnapshotByTimeOffset => json!({ "imgInfo": pictures(task) }),
        OutputKind::CoverBySnapshot => json!({ "imageUrl": task.url() }),
        OutputKind::ImageSprites => {
            json!({ "totalCount": task.cells(), "urlList": task.urls(), "webVttUrl": task.index_url() })
        }
        OutputKind::AdaptiveDynamicStreaming => package(task).into(),
        OutputKind::AiReview => Value::Null,
    }
}

fn rendition(task: &SubTask<'_>) -> Map<String, Value> {
    let tracks = task.tracks();
    known([
        ("url", json!(task.url())),
        ("size", json!(task.shown_size())),
        ("container", json!(task.container())),
        ("bitrate", json!(task.bitrate())),
        ("height", json!(task.height())),
        ("width", json!(task.width())),
        ("md5", json!(task.digest())),
        ("duration", json!(seconds(task.duration()))),
        ("videoStreamList", video_streams(&tracks)),
        ("audioStreamList", audio_streams(&tracks)),
    ])
}

fn listed_rendition(task: &SubTask<'_>) -> Value {
    let mut item = rendition(task);
    item.insert("floatDuration".to_owned(), plain(task.duration()));
    item.insert("totalSize".to_owned(), json!(task.size()));
    with_definition(task, item)
}

/// The source stands among the renditions, with definition 0.
fn source_rendition(flow: &Flow<'_>) -> Value {
    let mut item = known([("url", json!(flow.outcome.source.name)), ("definition", json!(0))]);
    item.extend(meta_data(flow).into_iter().filter(|(name, _)| name != "rotate"));
    item.insert("floatDuration".to_owned(), plain(flow.outcome.source.duration));
    item.insert("totalSize".to_owned(), json!(flow.outcome.source.size));
    item.into()
}

fn animation(task: &SubTask<'_>) -> Map<String, Value> {
    known([
        ("url", json!(task.url())),
        ("size", json!(task.size())),
        ("container", json!(task.container())),
        ("height", json!(task.height())),
        ("width", json!(task.width())),
        ("md5", json!(task.digest())),
    ])
}

fn listed_animation(task: &SubTask<'_>) -> Value {
    let mut item = animation(task);
    item.insert("bitrate".to_owned(), json!(task.bitrate()));
    if let Some((from, to)) = task.part() {
        item.insert("startTime".to_owned(), plain(from.0.to_f64()));
        item.insert("endTime".to_owned(), plain(to.0.to_f64()));
    }
    with_definition(task, item)
}

fn listed_samples(task: &SubTask<'_>) -> Value {
    let (kind, interval) = task.sampling();
    // The capital is the API's own.
    let item = known([("sampleType", json!(kind)), ("Interval", plain(interval)), ("imageUrls", json!(task.urls()))]);
    with_definition(task, item)
}

fn listed_sprite(task: &SubTask<'_>) -> Value {
    let item = known([
        ("height", json!(task.height())),
        ("width", json!(task.width())),
        ("totalCount", json!(task.cells())),
        ("imageUrls", json!(task.urls())),
        ("webVttUrl", json!(task.index_url())),
    ]);
    with_definition(task, item)
}

/// One set for each definition; a later one takes the place of an earlier.
fn snapshots(flow: &Flow<'_>) -> Vec<Value> {
    let mut sets: Vec<(&str, Value)> = Vec::new();
    for task in flow.done(OutputKind::SnapshotByTimeOffset) {
        sets.retain(|(label, _)| *label != task.asked.label);
        let item = known([("picInfoList", json!(pictures(&task)))]);
        sets.push((&task.asked.label, with_definition(&task, item)));
    }
    sets.into_iter().map(|(_, set)| set).collect()
}

fn pictures(task: &SubTask<'_>) -> Vec<Value> {
    let pairs = task.times().iter().zip(task.urls());
    pairs.map(|(time, url)| json!({ "timeOffset": milliseconds(*time), "url": url })).collect()
}

/// This form never had packages; they are told like renditions.
fn package(task: &SubTask<'_>) -> Map<String, Value> {
    known([("url", json!(task.url())), ("size", json!(task.size())), ("package", json!(task.package()))])
}

fn listed_package(task: &SubTask<'_>) -> Value {
    with_definition(task, package(task))
}

fn with_definition(task: &SubTask<'_>, item: Map<String, Value>) -> Value {
    let mut whole = known([("definition", json!(task.definition())), ("template", json!(task.name()))]);
    whole.extend(item);
    whole.into()
}

fn video_streams(tracks: &Tracks) -> Value {
    let one = |track: &super::parts::VideoTrack| {
        json!({
            "bitrate": track.bitrate,
            "height": track.height,
            "width": track.width,
            "codec": track.codec,
            "fps": track.fps,
        })
    };
    tracks.video.iter().map(one).collect()
}

fn audio_streams(tracks: &Tracks) -> Value {
    let one = |track: &super::parts::AudioTrack| json!({ "bitrate": track.bitrate, "samplingRate": track.sample_rate, "codec": track.codec });
    tracks.audio.iter().map(one).collect()
}

/// Whole seconds.
fn seconds(duration: f64) -> u64 {
    duration.round() as u64
}
