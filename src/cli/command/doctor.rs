//! `vodflow doctor`: what this machine can do, and what is missing for what.

use crate::calibration::Memory;
use crate::catalog::template::{AudioCodec, ImageFormat, RateMode, VideoCodec};
use crate::cli::Global;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::session::{self, Failure, Form};
use crate::probe::{Fonts, Tools};
use crate::process::Layers;
use crate::target::{Scaler, Target};
use clap::Args;
use serde_json::json;

/// Arguments of `doctor`.
#[derive(Args)]
pub struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One thing that was looked for.
struct Finding {
    what: String,
    found: Option<String>,
    needed_for: &'static str,
    weight: Weight,
}

/// How much is lost without it.
#[derive(PartialEq)]
enum Weight {
    /// The ordinary outputs cannot be made.
    Needed,
    /// Some templates are refused.
    Wanted,
}

pub(in crate::cli) fn run(arguments: &Arguments, global: &Global, out: &Out) -> Exit {
    let form = if arguments.json { Form::Json } else { Form::People };
    let (tools, target) = match look(global) {
        Ok(found) => found,
        Err(failure) => return failure.report(out, form),
    };
    let mut findings = findings(&target);
    findings.extend(font_findings(&Fonts::installed()));
    findings.extend(sandbox_findings(Layers::of_kernel()));
    findings.push(price_finding(&session::memory(&target)));
    let broken = findings.iter().any(|finding| finding.found.is_none() && finding.weight == Weight::Needed);
    match form {
        Form::Json | Form::JsonLines => {
            let list: Vec<_> = findings
                .iter()
                .map(
                    |finding| json!({ "what": finding.what, "found": finding.found, "needed_for": finding.needed_for }),
                )
                .collect();
            out.json(&json!({
                "schema_version": 1,
                "kind": "doctor",
                "ffmpeg": tools.ffmpeg,
                "ffprobe": tools.ffprobe,
                "version": target.version,
                "usable": !broken,
                "findings": list,
            }));
        }
        Form::People => out.result(&text(&tools, &target, &findings, broken)),
    }
    if broken { Exit::Machine } else { Exit::Done }
}

fn look(global: &Global) -> Result<(Tools, Target), Failure> {
    let tools = session::tools(global)?;
    let target = session::target(&tools)?;
    Ok((tools, target))
}

fn findings(target: &Target) -> Vec<Finding> {
    use Weight::{Needed, Wanted};
    let video = [(VideoCodec::H264, Needed), (VideoCodec::H265, Wanted)];
    let audio =
        [(AudioCodec::Aac, Needed), (AudioCodec::Mp3, Wanted), (AudioCodec::Flac, Wanted), (AudioCodec::Opus, Wanted)];
    let images = [(ImageFormat::Jpg, Needed), (ImageFormat::Png, Wanted), (ImageFormat::Webp, Wanted)];
    let mut findings = Vec::new();
    for (codec, weight) in video {
        let found = target.video_encoder(codec, RateMode::Vbr).map(|found| found.to_string());
        findings.push(Finding { what: format!("{codec} encoder"), found, needed_for: "renditions", weight });
    }
    for (codec, weight) in audio {
        let found = target.audio_encoder(codec).map(|found| found.to_string());
        findings.push(Finding { what: format!("{codec} encoder"), found, needed_for: "sound", weight });
    }
    for (format, weight) in images {
        let found = target.image_encoder(format).map(|found| found.to_string());
        findings.push(Finding { what: format!("{format} encoder"), found, needed_for: "pictures", weight });
    }
    for (muxer, needed_for) in
        [("mp4", "MP4 and elementary streams"), ("hls", "HLS"), ("flv", "FLV"), ("image2", "pictures")]
    {
        let found = target.muxers.contains(muxer).then(|| muxer.to_owned());
        findings.push(Finding { what: format!("{muxer} muxer"), found, needed_for, weight: Needed });
    }
    let scaler = (target.scaler() == Scaler::Zimg).then(|| "zscale".to_owned());
    findings.push(Finding {
        what: "zimg scaler".into(),
        found: scaler,
        needed_for: "fast scaling (swscale stands in)",
        weight: Wanted,
    });
    findings
}

fn font_findings(fonts: &Fonts) -> [Finding; 2] {
    let finding =
        |what: &str, found, needed_for| Finding { what: what.into(), found, needed_for, weight: Weight::Wanted };
    [
        finding("font", fonts.latin(), "marks of text"),
        finding("Chinese font", fonts.chinese(), "marks of Chinese text (fonts-noto-cjk, fonts-wqy-zenhei)"),
    ]
}

/// The sandbox, layer by layer.
fn sandbox_findings(layers: Layers) -> [Finding; 6] {
    let finding = |what: &str, found: Option<String>, needed_for| Finding {
        what: what.into(),
        found,
        needed_for,
        weight: Weight::Wanted,
    };
    let landlock =
        |least: i32| layers.landlock.filter(|known| *known >= least).map(|known| format!("Landlock {known}"));
    let always = || Some("yes".to_owned());
    [
        finding("rules for files", landlock(1), "sandbox: a process reads its source and writes its folder"),
        finding("rules for TCP", landlock(4), "sandbox: a process connects to nobody"),
        finding("rules for signals", landlock(6), "sandbox: a process stops no other"),
        finding("call filter", layers.filter.then(|| "seccomp".into()), "sandbox: a process opens no socket"),
        // These are older than any kernel that runs the others.
        finding("resource limits", always(), "a process has bounds of memory, time, bytes and files"),
        finding("death signal", always(), "no process outlives vodflow"),
    ]
}

/// Whether estimates rest on prices of this machine.
fn price_finding(memory: &Memory) -> Finding {
    let machine = memory.recall(1).machine;
    let found = match (machine.calibrated, machine.corrections.len()) {
        (true, 0) => Some("calibrated".to_owned()),
        (true, _) => Some("calibrated, runs".to_owned()),
        (false, 0) => None,
        (false, _) => Some("runs".to_owned()),
    };
    let needed_for = "estimates that hold on this machine (`vodflow calibrate`)";
    Finding { what: "prices".into(), found, needed_for, weight: Weight::Wanted }
}

fn text(tools: &Tools, target: &Target, findings: &[Finding], broken: bool) -> String {
    let mut text = format!(
        "ffmpeg   {}  version {}\nffprobe  {}\n\n",
        tools.ffmpeg.display(),
        target.version,
        tools.ffprobe.display()
    );
    let width = findings.iter().map(|finding| finding.what.len()).max().unwrap_or(0);
    for Finding { what, found, needed_for, .. } in findings {
        let (sign, found) = found.as_ref().map_or(("!", "missing"), |found| ("+", found.as_str()));
        text.push_str(&format!("  {sign} {what:width$}  {found:16}  {needed_for}\n"));
    }
    text.push_str(if broken {
        "\nThis machine lacks what ordinary outputs need: install a full ffmpeg.\n"
    } else {
        "\nThis machine is ready.\n"
    });
    text
}
