//! `vodflow probe`: what is known about a source.

use crate::cli::Global;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::session::{self, Form, Media};
use crate::diag::{Diagnostics, json_list};
use crate::explain::counted;
use crate::media::{AudioFacts, FrameTicks, SourceFacts, VideoFacts};
use crate::text::SourceMap;
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Arguments of `probe`.
#[derive(Args)]
pub struct Arguments {
    /// The media file, or its address
    #[arg(value_name = "MEDIA")]
    input: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let form = if arguments.json { Form::Json } else { Form::People };
    match session::media(global, &arguments.input, out, form) {
        Ok((_, Media { facts, .. })) => {
            let mut warnings: Diagnostics = session::sandbox_warning(global).into_iter().collect();
            warnings.extend(session::damage(&facts));
            let sources = SourceMap::default();
            match form {
                Form::Json | Form::JsonLines => {
                    let mut document = document(&facts);
                    document["diagnostics"] = json_list(&warnings, &sources, out.language()).into();
                    out.json(&document);
                }
                Form::People => {
                    out.diagnostics(&warnings, &sources);
                    out.result(&text(&facts));
                }
            }
            Exit::Done
        }
        Err(failure) => failure.report(out, form),
    }
}

fn text(facts: &SourceFacts) -> String {
    let bitrate = facts.bitrate().map(|rate| format!("  {} kbps", rate.0 / 1000)).unwrap_or_default();
    let mut text = format!("{}  {}  {}  {}{bitrate}\n", facts.name, facts.container, facts.duration(), facts.size);
    facts.video.iter().for_each(|video| text.push_str(&video_line(video)));
    facts.audio.iter().for_each(|audio| text.push_str(&audio_line(audio)));
    if facts.attached_pictures > 0 {
        text.push_str(&format!("  {}, not used\n", counted(facts.attached_pictures as usize, "attached picture")));
    }
    for video in facts.video.iter().filter(|video| video.orphans > 0) {
        let count = counted(video.orphans as usize, "picture");
        text.push_str(&format!(
            "  v:{} began between keyframes: {count} at its start cannot be decoded\n",
            video.index
        ));
    }
    facts.damage.iter().for_each(|damage| text.push_str(&format!("  damaged: {damage}\n")));
    text.push_str(&format!("  content {}\n", facts.identity));
    text
}

fn video_line(video: &VideoFacts) -> String {
    let shown = video.displayed_size();
    let shown = if shown == video.coded_size { String::new() } else { format!(" shown as {shown}") };
    let regular = if matches!(video.frames.ticks, FrameTicks::Regular { .. }) { "" } else { ", listed one by one" };
    let extras = [(video.interlaced, " interlaced"), (video.is_hdr(), " hdr")];
    let extras: String = extras.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
    format!(
        "  v:{} {} {}{shown} {} fps {}{extras}, {} pictures{regular}, from {} to {}\n",
        video.index,
        video.codec,
        video.coded_size,
        video.rate.per_second().to_decimal(3),
        video.pixel_format,
        video.frames.count(),
        video.start(),
        video.end(),
    )
}

fn audio_line(audio: &AudioFacts) -> String {
    format!(
        "  a:{} {} {} Hz {} ch, from {} to {}\n",
        audio.index, audio.codec, audio.sample_rate, audio.channels, audio.start, audio.end
    )
}

/// The facts, with the list of time stamps in short: a film has a quarter of a million.
fn document(facts: &SourceFacts) -> Value {
    let mut value = json!(facts);
    if let Some(streams) = value["video"].as_array_mut() {
        for (stream, video) in streams.iter_mut().zip(&facts.video) {
            stream["displayed_size"] = json!(video.displayed_size());
            stream["frames"] = json!({
                "count": video.frames.count(),
                "regular": matches!(video.frames.ticks, FrameTicks::Regular { .. }),
                "start": video.start(),
                "end": video.end(),
            });
        }
    }
    value["duration"] = json!(facts.duration());
    value["bitrate"] = json!(facts.bitrate());
    value["schema_version"] = json!(1);
    value["kind"] = json!("source");
    value
}
