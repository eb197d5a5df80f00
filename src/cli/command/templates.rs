//! `vodflow templates`: the system's parameter templates.

use crate::catalog::template::{
    AudioSettings, Gop, PictureSettings, Setting, Sides, Template, TemplateKind, TranscodeTemplate, VideoSettings,
};
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::diag::{Diagnostic, codes, nearest};
use crate::driver::Compiler;
use crate::text::SourceMap;
use clap::Args;
use serde_json::json;
use std::fmt::Display;
use unicode_width::UnicodeWidthStr;

/// Arguments of `templates`.
#[derive(Args)]
#[command(after_help = "Examples:\n  vodflow templates\n  vodflow templates hls\n  vodflow templates 220")]
pub struct Arguments {
    /// An id, a name, or a word that the line of a template must contain
    #[arg(value_name = "WHICH")]
    which: Option<String>,
    /// Only this kind: transcode, watermark, snapshot, sample, encryption, review
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments, out: &Out) -> Exit {
    let compiler = Compiler::new();
    let kind = match arguments.kind.as_deref().map(|word| TemplateKind::from_word(word).ok_or(word)).transpose() {
        Ok(kind) => kind,
        Err(word) => {
            return refuse(
                out,
                format!("`{word}` is no kind of template"),
                format!("the kinds are {}", TemplateKind::WORDS.join(", ")),
            );
        }
    };
    let of_kind = compiler.catalog().templates().filter(|template| kind.is_none_or(|kind| template.kind() == kind));
    let found: Vec<&Template> =
        of_kind.filter(|template| arguments.which.as_deref().is_none_or(|which| fits(template, which))).collect();
    if found.is_empty() {
        let which = arguments.which.clone().unwrap_or_default();
        let ids: Vec<String> = compiler.catalog().templates().map(|template| template.head().label()).collect();
        let near = nearest(&which, ids.iter().map(String::as_str))
            .map_or("`vodflow templates` lists all".into(), |near| format!("`{near}` is near"));
        return refuse(out, format!("no template fits `{which}`"), near);
    }
    if arguments.json {
        let list: Vec<_> = found.iter().map(|template| document(template)).collect();
        out.json(&json!({ "schema_version": 1, "kind": "templates", "templates": list }));
    } else {
        out.result(&table(&found));
    }
    Exit::Done
}

fn refuse(out: &Out, note: String, help: String) -> Exit {
    let diagnostic = Diagnostic::new(&codes::INVALID_OPTION, note).with_help(help);
    out.diagnostics(&diagnostic.into(), &SourceMap::default());
    Exit::Usage
}

/// An id or name exactly, else a word of its line.
fn fits(template: &Template, which: &str) -> bool {
    let head = template.head();
    if which.bytes().all(|byte| byte.is_ascii_digit()) {
        return head.id.is_some_and(|id| id.to_string() == which);
    }
    let line = format!(
        "{} {} {} {}",
        template.kind(),
        head.name,
        head.comment.as_deref().unwrap_or_default(),
        describe(template)
    );
    line.to_lowercase().contains(&which.to_lowercase())
}

fn table(found: &[&Template]) -> String {
    let row = |template: &&Template| {
        let head = template.head();
        [template.kind().to_string(), head.label(), describe(template), head.comment.clone().unwrap_or_default()]
    };
    let rows: Vec<[String; 4]> = found.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for row in &rows {
        let cell = |column: usize| format!("{}{}", row[column], " ".repeat(widths[column] - row[column].width()));
        let line = format!("{}  {}  {}  {}", cell(0), cell(1), cell(2), row[3]);
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    text
}

fn document(template: &Template) -> serde_json::Value {
    let head = template.head();
    json!({ "kind": template.kind(), "id": head.id, "name": head.name, "comment": head.comment, "settings": describe(template) })
}

/// The settings in one line, defaults left out.
fn describe(template: &Template) -> String {
    match template {
        Template::Transcode(transcode) => rendition(transcode),
        Template::Snapshot(snapshot) => picture(&snapshot.picture),
        Template::Sample(sample) => {
            use crate::catalog::template::Every;
            let every = match sample.every {
                Every::Percent(percent) => percent.to_string(),
                Every::Duration(duration) => duration.to_string(),
            };
            format!("{} every {every}", picture(&sample.picture))
        }
        Template::Watermark(mark) => {
            let image = mark.image().map_or("", |file| file.path.as_str());
            format!("{image} at {} {} {}", mark.corner, mark.x, mark.y)
        }
        Template::Encryption(encryption) => {
            format!("{} {}", encryption.method, encryption.key_url.as_deref().unwrap_or_default())
        }
        Template::Sprite(sprite) => format!("{} cells of {}", sprite.rows * sprite.columns, picture(&sprite.cell)),
        Template::Adaptive(adaptive) => format!("{} {} rungs", adaptive.format, adaptive.rungs.len()),
        Template::Animated(animated) => {
            format!("{} {} {} fps", animated.format, sides(animated.sides), animated.rate)
        }
        Template::Review(review) => format!("when flagged: {}", review.when_flagged),
    }
}

fn rendition(template: &TranscodeTemplate) -> String {
    let mut words = vec![template.container.to_string()];
    words.extend(template.video.as_ref().map(video));
    words.extend(template.audio.as_ref().map(audio));
    words.join("  ")
}

fn video(settings: &VideoSettings) -> String {
    use crate::catalog::template::Copy;
    if settings.copy() == Copy::Always {
        return "copy".into();
    }
    let gop = match settings.gop {
        Gop::Auto => String::new(),
        Gop::Duration(duration) => format!(" gop {duration}"),
        Gop::Frames(frames) => format!(" gop {frames}"),
    };
    let rate = setting(&settings.rate, "source");
    let bits = match (settings.crf, &settings.bitrate) {
        (Some(crf), _) => format!("crf {crf}"),
        (None, bitrate) => setting(bitrate, "auto"),
    };
    format!("{} {} {rate} fps {bits}{gop}", settings.codec, sides(settings.sides))
}

fn audio(settings: &AudioSettings) -> String {
    let channels = settings.channels.map(|channels| format!(" {channels} ch")).unwrap_or_default();
    format!(
        "{} {} {} Hz{channels}",
        settings.codec,
        setting(&settings.bitrate, "auto"),
        setting(&settings.sample_rate, "source")
    )
}

fn setting<T: Display>(setting: &Setting<T>, automatic: &str) -> String {
    match setting {
        Setting::Auto => automatic.to_owned(),
        Setting::Exactly(value) => value.to_string(),
        Setting::AtMost(value) => format!("at most {value}"),
    }
}

fn picture(settings: &PictureSettings) -> String {
    format!("{} {}", settings.format, sides(settings.sides))
}

fn sides(sides: Sides) -> String {
    let side = |side: Option<u32>| side.map_or("auto".to_owned(), |side| side.to_string());
    match sides {
        Sides::Source => "source size".into(),
        Sides::Oriented { short: Some(short), long: None } => format!("short side {short}"),
        Sides::Oriented { short: None, long } => format!("long side {}", side(long)),
        Sides::Oriented { short, long } => format!("{}x{} by orientation", side(long), side(short)),
        Sides::Literal { width, height } => format!("{}x{}", side(width), side(height)),
    }
}
