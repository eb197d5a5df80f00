//! Plans shown: as a list and tree, a picture or a page for people, as JSON and graphs for programs; two plans compared.
//! Nothing is decided here.

mod analysis;
mod conformance;
mod cost;
mod count;
mod detail;
mod diff;
mod digest;
mod dot;
mod graph;
mod hir;
mod html;
mod json;
mod layout;
mod limits;
mod mermaid;
mod setting_text;
mod svg;
mod template;
mod trace;
mod tree;

pub use analysis::{Took, analysis, analysis_json};
pub use cost::estimate;
pub use count::{WorkCount, counted};
pub use detail::Detail;
pub use diff::{Change, Changed, PlanDiff};
pub use digest::{OutputDigest, PlanDigest};
pub use dot::dot;
pub use hir::hir_text;
pub use html::html;
pub use json::plan_json;
pub use limits::limits;
pub use mermaid::mermaid;
pub use svg::svg;
pub use template::{FieldOrigin, ShownField, template_fields, template_summary};
pub use trace::trace;
pub use tree::{plan_text, plan_tree};

use crate::driver::Compilation;
use crate::media::SourceFacts;
use crate::physical::Opening;
use crate::plan::{OutputKind, OutputPath, OutputSpec, Standing};

/// What is shown: one compilation with the names people know it by.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The procedure as called: `publish(cover_at: 1.5s)`.
    pub procedure: &'a str,
    /// The source.
    pub source: &'a SourceFacts,
    /// All stages.
    pub compilation: &'a Compilation,
    /// How the outputs stand against an output folder, if one was looked at.
    pub standing: Option<&'a Standing>,
}

/// The commands of all jobs, as a person would type them, one a line.
pub fn commands(compilation: &Compilation) -> String {
    let physical = &compilation.physical;
    physical.jobs.iter().map(|job| format!("{}\n", crate::ffmpeg::emit(physical, job))).collect()
}

/// The processes: what each reads and makes, one a line.
pub fn physical(compilation: &Compilation) -> String {
    use crate::physical::Work;
    let plan = &compilation.physical;
    let name = |id| plan.artifact(id).name.clone();
    let read = |job: &crate::physical::Job| job.reads().into_iter().map(name).collect::<Vec<_>>().join(" ");
    let mut text = String::new();
    for job in &plan.jobs {
        let made: Vec<String> = job.makes().into_iter().map(name).collect();
        let line = match &job.work {
            Work::Encode(encode) => {
                let from = opened(&plan.source.name, &encode.openings);
                let read = [from, read(job)].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                format!("encode {read} -> {}", made.join(" "))
            }
            Work::Package(package) => {
                let formats: Vec<String> = package.containers.iter().map(|one| one.container.to_string()).collect();
                format!("package {} {} -> {}", formats.join(" "), read(job), made.join(" "))
            }
            Work::Adaptive(package) => {
                format!("adaptive {} {} {} -> {}", package.format, package.segments, read(job), made.join(" "))
            }
        };
        let seal =
            |(id, with): (_, &crate::plan::EncryptionSpec)| format!(", then encrypt {} with {}", name(id), with.label);
        let sealed: String = job.encryptions().into_iter().map(seal).collect();
        text.push_str(&format!("{}: {line}{sealed}\n", job.id));
    }
    for master in &plan.masters {
        let members: Vec<&str> = master.members.iter().map(|member| plan.output(*member).label.as_str()).collect();
        text.push_str(&format!("master playlist over {} -> {}\n", members.join(", "), name(master.artifact)));
    }
    for written in &plan.texts {
        text.push_str(&format!("index of sheets -> {}\n", name(written.artifact)));
    }
    for delivery in &plan.deliveries {
        let files: Vec<&str> = delivery.form.shown().map(OutputPath::as_str).collect();
        text.push_str(&format!("deliver {} -> {}\n", name(delivery.artifact), files.join(" ")));
    }
    text
}

/// `$IN/a.mp4 from 0s, 12.5s, 40s`: where a process reads the source, on its own time line, unless it is once from the
/// start. Nothing for one that does not read it.
fn opened(source: &str, openings: &[Opening]) -> String {
    let place = |opening: &Opening| match opening {
        Opening::Start => Some("the start".to_owned()),
        Opening::Keyframe(time) => Some(time.to_string()),
        Opening::Raw(_) => None,
    };
    let places: Vec<String> = openings.iter().filter_map(place).collect();
    match openings {
        [Opening::Start] => format!("$IN/{source}"),
        _ if places.is_empty() => String::new(),
        _ => format!("$IN/{source} from {}", places.join(", ")),
    }
}

/// What was chosen and weighed about each output, one line each: of clauses those that do not hold.
pub fn notes(compilation: &Compilation) -> String {
    let outputs = compilation.outputs.iter();
    let lines = |output: &OutputSpec| -> Vec<String> {
        let encoded = output.conformance.iter().filter(|proof| !proof.holds()).map(|proof| {
            let failing: Vec<String> = proof.failing().map(ToString::to_string).collect();
            format!("{} encoded: {}", proof.noun(), failing.join("; "))
        });
        output.notes.iter().cloned().chain(encoded).map(|note| format!("{}: {note}\n", output.label)).collect()
    };
    outputs.flat_map(lines).collect()
}

/// An output's kind and how people call its template: `sprite 10`; a rendition goes by its template alone.
pub fn output_label(output: &OutputSpec) -> String {
    match output.kind {
        OutputKind::Transcode => output.label.clone(),
        kind => format!("{} {}", kind.noun(), output.label),
    }
}

/// The source in one line: name, size, rate, codecs, length.
pub fn source_line(source: &SourceFacts) -> String {
    let mut parts = vec![source.name.clone()];
    if let Some(video) = source.picture() {
        parts.push(format!("{} {} fps {}", video.displayed_size(), video.rate.per_second().to_decimal(3), video.codec));
    }
    if let Some(audio) = source.sound() {
        parts.push(format!("{} {} ch", audio.codec, audio.channels));
    }
    parts.push(source.duration().to_string());
    parts.join("  ")
}
