//! `File.mediaInfo`: the facts of a source as a task flow in Lua reads them.

use crate::expression::{Constant, SourceFact};
use crate::media::{AudioFacts, ContentHash, SourceFacts, VideoFacts};
use crate::units::{Bitrate, Bytes};
use crate::world::ScriptValue;

/// `File.mediaInfo` of a source (`vod.md` B.2). The streams that are meant where none is named come first.
pub fn media_info(facts: &SourceFacts) -> ScriptValue {
    let (picture, sound) = (facts.picture(), facts.sound());
    let mut video: Vec<&VideoFacts> = facts.video.iter().collect();
    video.sort_by_key(|stream| Some(stream.index) != picture.map(|picture| picture.index));
    let mut audio: Vec<&AudioFacts> = facts.audio.iter().collect();
    audio.sort_by_key(|stream| Some(stream.index) != sound.map(|sound| sound.index));
    let metadata = table(vec![
        ("size", fact(facts, SourceFact::Size)),
        ("container", fact(facts, SourceFact::Container)),
        ("duration", fact(facts, SourceFact::Duration)),
        ("bitrate", fact(facts, SourceFact::Bitrate)),
        ("height", fact(facts, SourceFact::Height)),
        ("width", fact(facts, SourceFact::Width)),
        ("videoStreamList", list(video.into_iter().map(video_stream))),
        ("audioStreamList", list(audio.into_iter().map(audio_stream))),
    ]);
    let kind = match SourceFact::Kind.of(facts) {
        Constant::Text(kind) => ScriptValue::Text(kind.to_uppercase()),
        _ => ScriptValue::Nil,
    };
    table(vec![("metaData", metadata), ("sourceType", kind), ("sourceContext", ScriptValue::Text(String::new()))])
}

fn video_stream(stream: &VideoFacts) -> ScriptValue {
    let size = stream.displayed_size();
    let alone = SourceFacts { video: vec![stream.clone()], ..empty() };
    table(vec![
        ("bitrate", kilobits(stream.bitrate)),
        ("height", ScriptValue::Number(f64::from(size.height))),
        ("width", ScriptValue::Number(f64::from(size.width))),
        ("codec", fact(&alone, SourceFact::VideoCodec)),
        ("fps", fact(&alone, SourceFact::Fps)),
    ])
}

fn audio_stream(stream: &AudioFacts) -> ScriptValue {
    let alone = SourceFacts { audio: vec![stream.clone()], ..empty() };
    table(vec![
        ("codec", fact(&alone, SourceFact::AudioCodec)),
        ("samplingRate", ScriptValue::Number(f64::from(stream.sample_rate.0))),
        ("bitrate", kilobits(stream.bitrate)),
    ])
}

/// A source of nothing, to put one stream into.
fn empty() -> SourceFacts {
    SourceFacts {
        name: String::new(),
        identity: ContentHash(String::new()),
        container: String::new(),
        size: Bytes(0),
        video: Vec::new(),
        audio: Vec::new(),
        attached_pictures: 0,
        damage: Vec::new(),
    }
}

fn kilobits(bitrate: Option<Bitrate>) -> ScriptValue {
    ScriptValue::Number(bitrate.map_or(0.0, |bitrate| bitrate.0 as f64 / 1000.0))
}

/// A fact in the units of `mediaInfo`: seconds, kilobits a second, plain numbers.
fn fact(facts: &SourceFacts, fact: SourceFact) -> ScriptValue {
    match fact.of(facts) {
        Constant::Number(number) => ScriptValue::Number(number.to_f64()),
        Constant::Duration(duration) => ScriptValue::Number(duration.seconds().to_f64()),
        Constant::Bitrate(bitrate) => kilobits(Some(bitrate)),
        Constant::Text(text) => ScriptValue::Text(text),
        _ => ScriptValue::Nil,
    }
}

fn table(members: Vec<(&str, ScriptValue)>) -> ScriptValue {
    ScriptValue::Table(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn list(elements: impl Iterator<Item = ScriptValue>) -> ScriptValue {
    ScriptValue::List(elements.map(|element| (element, None)).collect())
}
